"""Turn words into tags that Anki accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tmscards.text import printable


def as_tag(words: str) -> str:
    """Words as one tag: no spaces, quotes or markup, and `::` for the `/` of nested tags; empty if nothing is left."""
    tag = re.sub(r"\s+", "_", printable(words).strip().lstrip("#")).replace("/", "::")
    return re.sub(r"[\"'*,;<>]", "", tag).strip(":")


def as_tags(words: Iterable[str]) -> tuple[str, ...]:
    """Words as tags, each once."""
    return tuple(dict.fromkeys(tag for each in words if (tag := as_tag(each))))
