from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import DATA
from tmscards.domain import Passage, Source, SourcePath
from tmscards.notes.passages import read


def cases() -> list[tuple[str, str, str]]:
    """Title, Markdown and expected passages, each closed by a line with a full stop."""
    parts = re.split(r"^\.\n", (DATA / "passages.md").read_text(encoding="utf-8"), flags=re.M)
    return [
        (title.strip(), markdown, expected)
        for title, markdown, expected in zip(parts[::3], parts[1::3], parts[2::3], strict=False)
    ]


def show(passage: Passage) -> str:
    text = passage.text
    extras = {
        "under": " > ".join(passage.headings),
        "section": str(passage.section_seconds or ""),
        "stamps": " ".join(f"{s.seconds}@{s.offset}" for s in passage.timestamps),
        "links": ", ".join(text[link.start : link.end] for link in passage.links),
        "emphasis": ", ".join(text[s.start : s.end] for s in passage.emphasis),
        "highlights": ", ".join(text[s.start : s.end] for s in passage.highlights),
        "clozes": ", ".join(f"{c.number} {text[c.start : c.end]} ({c.hint})" for c in passage.clozes),
        "waivers": " ".join(f"{w.says}@{w.offset}" for w in passage.waivers),
        "math": ", ".join(text[s.start : s.end] for s in passage.math),
        "callout": passage.callout or "",
        "label": passage.label or "",
        "lines": " ".join(map(str, passage.line_starts)),
        "block id": passage.block_id or "",
        "form": passage.form if passage.form != "sentence" else "",
        "lead": " > ".join(passage.lead),
        "place": "{} of {}".format(*passage.place) if passage.place else "",
        "asks": ", ".join(text[s.start : s.end] for s in passage.asks),
        "pictures": " ".join(map(str, passage.pictures)),
        "parent": "yes" if passage.is_parent else "",
    }
    told = "".join(f" | {name} {value}" for name, value in extras.items() if value)
    return f"{passage.line} {passage.kind}: {text}{told}"


def test_the_fixtures_are_read() -> None:
    assert len(cases()) > 20


@pytest.mark.parametrize(("title", "markdown", "expected"), cases(), ids=[c[0] for c in cases()])
def test_passages(title: str, markdown: str, expected: str) -> None:
    got = [show(p) for p in read(Source(SourcePath("a.md"), "a.md", "T", markdown))]
    # A label, once cut off, no longer counts as emphasis.
    assert got == expected.strip().splitlines()


@given(st.text(alphabet="ab [](){}<>|*_=%$`~#-+.!:\n\t^\\&;/0123456789\"'", max_size=300))
def test_any_text_gives_passages_whose_places_are_in_them(markdown: str) -> None:
    for passage in read(Source(SourcePath("a.md"), "a.md", "T", markdown)):
        size = len(passage.text)
        places = [*passage.emphasis, *passage.highlights, *passage.clozes, *passage.links, *passage.math]
        assert all(0 <= p.start <= p.end <= size for p in places)
        assert all(0 <= s.offset <= size for s in passage.timestamps)
        assert 1 <= passage.line <= markdown.count("\n") + 1
