"""What a card shows in place of a number."""

from __future__ import annotations

import pytest

from tmscards.domain import CharSpan
from tmscards.language import hints


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("SAINT is a [five-day] regimen.", "how long"),
        ("It takes [five days].", "how long"),
        ("It takes [10–15 minutes].", "how long"),
        ("It is given every [4 hours].", "how often"),
        ("It was built in [1985].", "year"),
        ("Columbus sailed in [1492] and returned.", "year"),
        ("The [1980s] saw it.", ""),
        ("About [2000] calories a day.", ""),
        ("It uses [15 kilowatt-hours] a day.", ""),
        ("Nearly [90%] of the cells die.", "how much"),
        ("It costs [$40] a day.", "how much"),
        ("The rings share [two] oxygen atoms.", "how many"),
        ("Up to [1,000] people came.", "how many"),
        ("This leaves [1] valence electron open.", ""),
        ("People with type [2] diabetes", ""),
        ("RFC [791] defines it.", ""),
        ("It needs Python [3.11] or newer.", ""),
        ("It moves the [motor cortex] first.", ""),
    ],
)
def test_a_hint_is_right_or_is_not_there(text: str, hint: str) -> None:
    answer = text[text.index("[") + 1 : text.index("]")]
    plain, start = text.replace("[", "").replace("]", ""), text.index("[")
    assert hints.of(plain, CharSpan(start, start + len(answer))) == hint
