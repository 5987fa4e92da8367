"""Owns what may be decided about a note on record: a record goes in, and comes out as somebody wants it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tmscards.anki import clozes
from tmscards.anki.clozes import Deletion
from tmscards.deck import identity, numbering
from tmscards.domain import Gap, Record
from tmscards.errors import UserError
from tmscards.notes.sources import as_tags


def approve(record: Record) -> Record:
    """It is a good note. Its text still follows its source, unless somebody has edited it."""
    is_edited = "edited" in (record.status, record.was)
    return replace(record, status="edited" if is_edited else "approved", was=None)


def reject(record: Record) -> Record:
    """It is not to be shipped. That it was edited is not forgotten."""
    return replace(record, status="rejected", was="edited" if record.status == "edited" else record.was)


def with_text(record: Record, text: str) -> Record:
    """It has another text, Anki's, with its cloze deletions. Numbers that it loses keep their answers.

    Raises UserError if nothing would be asked.
    """
    text = text.strip()
    asked = clozes.answers(text)
    if not asked:
        raise UserError(
            "nothing would be asked", hint="leave one gap such as {{c1::answer}}, or reject the card in place of it"
        )
    if text == record.text:
        return record
    before = {**record.dropped, **clozes.answers(record.text)}
    return replace(
        record,
        text=text,
        dropped={n: answer for n, answer in sorted(before.items()) if n not in asked},
        status="approved" if record.status == "rejected" else record.status,
    )


def with_gap(record: Record, start: int, end: int, number: int | None = None) -> Record:
    """The characters of its shown text from `start` to `end` are hidden, wherever they stand.

    A `number` moves that gap there; without one it is a new gap, or that which it overlaps, made longer or shorter.
    Raises UserError if there are no such characters or no such gap.
    """
    unfolded = clozes.unfold(record.text)
    shown = unfolded.shown
    start, end = max(0, start), min(len(shown), end)
    words = shown[start:end].strip()
    if not words:
        raise UserError("no words are selected", hint="select those that the card is to ask for")
    start = shown.index(words, start)
    spans = {d: unfolded.span(d) for d in unfolded.deletions}
    hit = [d for d, span in spans.items() if span.start < start + len(words) and start < span.end]
    if number is None and hit:
        number = hit[0].number
    elif number is not None and number not in {d.number for d in spans}:
        raise UserError(f"there is no gap {number}", hint="select words, and make a new one")
    if number is None:
        before = {**record.dropped, **clozes.answers(record.text)}
        number = numbering.give([Gap(0, 0, words, 1.0)], before)[0].number or 1
    hint = next((d.hint for d in spans if d.number == number), "")
    kept = [d for d in spans if d not in hit and d.number != number]
    taken = [spans[d] for d in kept]
    places = unfolded.places
    made = [
        Deletion(places[first], places[last - 1] + 1, number, hint)
        for first, last in _occurrences(words, shown, start)
        if not any(span.start < last and first < span.end for span in taken)
    ]
    return with_text(record, clozes.fold(unfolded.pieces, [*kept, *made]))


def without_gap(record: Record, number: int) -> Record:
    """It no longer asks for that gap. Raises UserError if it is the only one."""
    unfolded = clozes.unfold(record.text)
    return with_text(record, clozes.fold(unfolded.pieces, [d for d in unfolded.deletions if d.number != number]))


def with_hint(record: Record, number: int, hint: str) -> Record:
    """That gap shows a hint in place of dots; an empty one takes it away."""
    unfolded = clozes.unfold(record.text)
    # A hint ends at the braces, and Anki shows the rest of it as an answer from a further "::" on.
    written = clozes.escape(" ".join(hint.split())).replace("::", "&#58;&#58;").replace("}", "&#125;")
    changed = [replace(d, hint=written) if d.number == number else d for d in unfolded.deletions]
    return with_text(record, clozes.fold(unfolded.pieces, changed))


def with_tags(record: Record, tags: Iterable[str]) -> Record:
    """It has these tags, and no build gives it others."""
    own = as_tags(tags)
    return replace(record, tags=own, own_tags=own)


def is_reviewed(record: Record) -> bool:
    """Whether somebody has decided about it."""
    return record.status in ("approved", "edited", "rejected") or identity.is_edited(record)


def _occurrences(words: str, shown: str, start: int) -> Iterator[tuple[int, int]]:
    """Where words stand: at `start`, and wherever else they would give the answer away."""
    yield start, start + len(words)
    for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", shown, re.I):
        if not (match.start() < start + len(words) and start < match.end()):
            yield match.span()
