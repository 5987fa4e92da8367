from __future__ import annotations

from itertools import pairwise

import pytest

from tmscards.language.sentences import starts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One is so. Two is so.", ["One is so.", "Two is so."]),
        ("Dr. Williams is at Stanford. He works.", ["Dr. Williams is at Stanford.", "He works."]),
        ("Bands, e.g. Alpha, vary. J. R. Doe said so.", ["Bands, e.g. Alpha, vary.", "J. R. Doe said so."]),
        ('He said "no." Then he left!', ['He said "no."', "Then he left!"]),
        ("It rose by 3.5 percent. In 1999 it fell.", ["It rose by 3.5 percent.", "In 1999 it fell."]),
        ("Is it so? Yes.", ["Is it so?", "Yes."]),
        ("The U.S. Army used it. Not now.", ["The U.S. Army used it.", "Not now."]),
        ("one. two", ["one. two"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    bounds = [*starts(text), len(text)]
    assert [text[a:b].strip() for a, b in pairwise(bounds)] == expected
