"""What only leads to other texts: the bibliography at the end of a note, and notes and sections that list links."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tmscards.domain import LeftOutKind, Passage
from tmscards.notes.marks import LeaveOut

_FEW = 5
"""Passages; a note with fewer is no list."""
_BIBLIOGRAPHY = re.compile(
    r"""references?|bibliograph(?:y|ie)|works\ cited|literature(?:\ cited)?|citations|literatur(?:verzeichnis)?
    |quellen(?:verzeichnis)?|r[ée]f[ée]rences|referencias|bibliograf[íi]a|参考文献""",
    re.I | re.X,
)
_LINKS = re.compile(
    r"""(?:(?:external|related|useful)\ )?(?:links|resources)|related(?:\ notes)?|(?:further|recommended)\ reading
    |see\ also|sources|backlinks|linked\ references""",
    re.I | re.X,
)
_ADDRESS = re.compile(r"https?://\S|\bdoi:|\bwww\.\w", re.I)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d[a-z]?\b|\bn\.d\.")


def left_out(passages: Sequence[Passage], leave_out: LeaveOut) -> tuple[Passage, ...]:
    """The passages without those that only lead to other texts, which are left out under a name.

    What the author marked to be learnt, or put a timestamp to, stays.
    """
    listed = _are_mostly_links(passages)
    kept = []
    for passage in passages:
        kind = "links" if listed and passage.kind != "heading" else _kind(passage)
        if kind:
            leave_out(kind, passage.text, passage.line)
        else:
            kept.append(passage)
    return tuple(kept)


def _are_mostly_links(passages: Sequence[Passage]) -> bool:
    """Whether a note does little but lead to others."""
    texts = [passage for passage in passages if passage.kind != "heading"]
    if len(texts) < _FEW or any(map(_is_marked, texts)):
        return False
    return sum(map(_linked, texts)) >= 0.8 * sum(len(passage.text) for passage in texts)


def _kind(passage: Passage) -> LeftOutKind | None:
    """Under which name a passage is left out: below a title that says so, it is a work, an address or a link."""
    if passage.kind == "heading" or passage.timestamps or _is_marked(passage):
        return None
    is_link = _linked(passage) > len(passage.text) / 2 or _ADDRESS.match(passage.text) is not None
    for above in reversed((*passage.headings, *passage.lead)):
        title = above.strip(" :*_")
        if _LINKS.fullmatch(title):
            return "links" if is_link else None
        if _BIBLIOGRAPHY.fullmatch(title):
            is_work = is_link or _ADDRESS.search(passage.text) or _YEAR.search(passage.text)
            return "bibliography" if is_work else None
    return None


def _is_marked(passage: Passage) -> bool:
    return bool(passage.clozes or passage.highlights)


def _linked(passage: Passage) -> int:
    """How many characters of a passage are the words of links."""
    return sum(link.end - link.start for link in passage.links)
