"""Turning a source's Markdown into passages: prose without markup, each with its line, headings and links."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tmscards.domain import LeftOut, Passage, Source
from tmscards.notes import forms, listings, markdown, vault
from tmscards.notes.markup import mask
from tmscards.notes.walk import Walk


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that a source has in it."""

    passages: tuple[Passage, ...]
    left_out: tuple[LeftOut, ...]
    """What is not read as prose, in the order of the file."""


def read(source: Source) -> list[Passage]:
    """The passages of a source, in order."""
    return list(contents(source).passages)


def contents(source: Source) -> Contents:
    """The passages of a source, and what is left out of them: code, pictures, comments, embeds and so on."""
    kind = vault.no_note(source)
    front = [LeftOut("front matter", 1, source.front_matter)] if source.front_matter else []
    if kind:
        return Contents((), (*front, LeftOut(kind, 1, source.body.strip())))
    masked = mask(source.body)
    with _without_collection():
        tokens, apart = markdown.parse(masked.text)
        walk = Walk(source, masked)
        passages = tuple(
            forms.recognised((p for p in walk.through(tokens) if p.text or p.timestamps), masked.leave_out)
        )
    for what, line, text in apart:
        masked.leave_out(what, text, walk.line(line))
    passages = listings.left_out(passages, masked.leave_out)
    return Contents(passages, tuple(sorted([*front, *masked.left_out], key=lambda left: left.line)))


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep Python from looking for garbage among the tokens, of which there can be millions: there is none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
