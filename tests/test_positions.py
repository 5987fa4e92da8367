from __future__ import annotations

from itertools import pairwise

import pytest

from tmscards.domain import Source, SourcePath
from tmscards.language import sentences
from tmscards.notes import passages
from tmscards.notes.positions import Position, Positions


def positions(markdown: str) -> dict[str, Position]:
    """The position of every sentence of a source, by its first word."""
    read = passages.read(Source(SourcePath("a.md"), "a.md", "T", markdown))
    found, places = {}, Positions(read)
    for i, passage in enumerate(read):
        starts = [*sentences.starts(passage.text), len(passage.text)]
        for start, end in pairwise(starts):
            text = passage.text[start:end].rstrip()
            if text:
                found[text.split()[0].strip(".")] = places.of(i, start)
    return found


@pytest.mark.parametrize(
    ("markdown", "word", "expected"),
    [
        ("One is so [00:10]. Two is so [00:20].", "Two", Position(20)),
        ("One is so. [00:10] Two is so. [00:20]", "One", Position(10)),
        ("One is so. Two is so [00:20].", "One", Position(20)),
        ("[00:10] One is so. [00:20] Two is so.", "One", Position(10)),
        ("[00:10] One is so. [00:20] Two is so.", "Two", Position(20)),
        ("One [00:10] is so [00:20].", "One", Position(10)),
        ("One is so [00:10 - 00:30].", "One", Position(10, end=30)),
        ("One is so [00:10]. Two is so.", "Two", Position(10, approximate=True)),
        ("## H\nOne is so.\n\nTwo is so [00:20].", "One", Position(20, approximate=True)),
        ("## H\nOne is so [00:10].\n\nTwo is so.\n\nThree is so [00:30].", "Two", Position(10, approximate=True)),
        ("## G\nOne is so [00:10].\n## H\nTwo is so.", "Two", Position(None)),
        ("## H [00:05]\nOne is so.\n\nTwo is so [00:20].", "One", Position(5)),
        ("## H [00:05]\n### I\nOne is so.", "One", Position(5)),
        ("One is so.", "One", Position(None)),
        (
            "One is so [3:32](https://youtu.be/X4QE6t-MkYE?t=212).",
            "One",
            Position(212, url="https://youtu.be/X4QE6t-MkYE?t=212"),
        ),
    ],
)
def test_position(markdown: str, word: str, expected: Position) -> None:
    assert positions(markdown)[word] == expected
