from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import DATA
from tmscards.domain import Source, SourcePath
from tmscards.notes import passages
from tmscards.notes.clock import parse_clock, parse_offset, show
from tmscards.notes.marks import MARK
from tmscards.notes.markup import mask
from tmscards.notes.notations import NOTATIONS
from tmscards.notes.timestamps import find


def rows(name: str) -> list[list[str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def seconds(text: str) -> str:
    return " ".join(str(stamp.seconds) for found in find(text.replace("\\n", "\n")) for stamp in found.stamps)


@pytest.mark.parametrize(("notation", "text", "expected"), rows("timestamps.tsv"))
def test_notation(notation: str, text: str, expected: str) -> None:
    assert seconds(text) == expected, notation


def test_every_notation_has_a_row() -> None:
    shown = {
        stamp.syntax
        for _, text, _ in rows("timestamps.tsv")
        for found in find(text.replace("\\n", "\n"))
        for stamp in found.stamps
    }
    assert {notation.name for notation in NOTATIONS} - {"no time"} <= shown


@pytest.mark.parametrize(("anchor", "expected"), rows("anchors.tsv"))
def test_broken_anchor_is_read_and_taken_out(anchor: str, expected: str) -> None:
    assert seconds(anchor) == expected
    left = MARK.sub("", mask(anchor.replace("\\n", "\n")).text)
    assert "data" not in left
    assert "class" not in left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0:05", 5),
        ("17:12", 1032),
        ("2:30:00", 9000),
        ("1:60", None),
        ("1:2:60", None),
        ("12", None),
        ("99:59", 5999),
        ("", None),
    ],
)
def test_parse_clock(text: str, expected: int | None) -> None:
    assert parse_clock(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("212", 212), ("217s", 217), ("12m28s", 748), ("1h2m3s", 3723), ("01:14:56", 4496), ("soon", None), ("", None)],
)
def test_parse_offset(text: str, expected: int | None) -> None:
    assert parse_offset(text) == expected


@given(st.integers(0, 24 * 3600 - 1))
def test_what_is_shown_is_read_back(second: int) -> None:
    assert parse_clock(show(second)) == second
    assert seconds(f"A fact [{show(second)}].") == str(second)


@given(st.text(alphabet='[]()<a class=yt"-data:0123456789,. /\n*', max_size=200))
def test_any_text_is_read_without_error(text: str) -> None:
    for found in find(text):
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("A fact [00:23:45 - 00:23:52].", [1432]),
        ("A fact [36:28–45].", [2205]),
        ("A fact [00:00 - 00:06, 47:12 - 47:19].", [6, 2839]),
        ("A fact [23:51].", [None]),
        ("A fact [23:51–20:00].", [None]),
        ("A fact [[a.mp4#t=10,20]].", [20]),
        ('<TimeStamp start="0:35" end="0:55">', [55]),
        ("🎧 12:05 - 12:50 [Play snip](https://s.example/a)", [770]),
    ],
)
def test_the_end_of_a_range_is_kept(text: str, ends: list[int | None]) -> None:
    assert [stamp.end for found in find(text) for stamp in found.stamps] == ends


@pytest.mark.parametrize(
    "head", ["```timestamp\n02:05\n```", '<TimeStamp start="2:05">', "🎧 2:05 - 3:00 [Play snip](https://s.example/a)"]
)
def test_a_time_above_a_text_covers_what_follows(head: str) -> None:
    note = f"# One\n\n{head}\n\nThe coil is cold.\n\nThe wire is thin [3:10].\n\n# Two\n\nThe nerve is long.\n"
    read = passages.read(Source(SourcePath("a.md"), "a.md", "T", note))
    seconds = {p.text: p.section_seconds for p in read if p.kind == "paragraph" and p.text}
    assert seconds == {"The coil is cold.": 125, "The wire is thin.": 125, "The nerve is long.": None}
