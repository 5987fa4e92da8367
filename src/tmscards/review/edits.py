"""What the page asks to change about a note, as an edit of its record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tmscards.deck import decisions
from tmscards.domain import Record

_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
"""Controls, and halves of surrogate pairs."""
_SPACES = re.compile(r"[\x0b\x0c\x1c-\x1f\x85]")
"""Controls that stand between words."""


def asked_for(asked: Mapping[str, Any]) -> Callable[[Record], Record]:
    """The edit of a record that the page asks for.

    Raises KeyError, TypeError, ValueError or OverflowError if what is asked makes no sense. The edit raises UserError
    if it cannot be made.
    """
    match asked["action"]:
        case "approve":
            return decisions.approve
        case "reject":
            return decisions.reject
        case "text":
            return partial(decisions.with_text, text=_typed(asked["text"]))
        case "gap":
            number = asked.get("number")
            start, end = int(asked["start"]), int(asked["end"])
            return partial(decisions.with_gap, start=start, end=end, number=None if number is None else int(number))
        case "no gap":
            return partial(decisions.without_gap, number=int(asked["number"]))
        case "hint":
            return partial(decisions.with_hint, number=int(asked["number"]), hint=_typed(asked["hint"]))
        case "tags":
            return partial(decisions.with_tags, tags=[_typed(tag) for tag in asked["tags"]])
        case action:
            raise ValueError(f"there is no action {action!r}")


def _typed(text: object) -> str:
    """A text from the page without characters that nobody sees, some of which make Anki refuse a whole deck.

    A copy from a PDF often has some. Raises TypeError if it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is not a text")
    return _SPACES.sub(" ", _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
