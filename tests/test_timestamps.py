from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import DATA
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
