"""What may be decided about a note on record: a record goes in, and comes out as somebody wants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tmscards.anki import cloze_pieces, clozes
from tmscards.anki.cloze_pieces import FlatDeletion
from tmscards.deck import numbering
from tmscards.domain import CharSpan, Gap, Record
from tmscards.errors import UserError
from tmscards.tags import as_tags
from tmscards.text import occurrences


def approve(record: Record) -> Record:
    """It is a good note. Its text still follows its source, unless somebody has edited it."""
    is_edited = "edited" in (record.status, record.was)
    return replace(record, status="edited" if is_edited else "approved", was=None)


def reject(record: Record) -> Record:
    """It is not to be shipped. That it was edited is not forgotten."""
    return replace(record, status="rejected", was="edited" if record.status == "edited" else record.was)


def with_text(record: Record, text: str) -> Record:
    """It has another text, Anki's, with its cloze deletions. Numbers that it loses keep their answers.

    Raises UserError if Anki would make no card of it, or an empty one.
    """
    text = text.strip()
    asked = clozes.answers(text)
    if not asked:
        raise UserError(
            "nothing would be asked", hint="leave one gap such as {{c1::answer}}, or reject the card instead"
        )
    for fault in clozes.faults(text):
        raise UserError(fault, hint="write gaps as {{c1::answer}}, and number them from 1")
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
    flat = cloze_pieces.flatten(record.text)
    shown = flat.shown
    start, end = max(0, start), min(len(shown), end)
    words = shown[start:end].strip()
    if not words:
        raise UserError("no words are selected", hint="select the words that the card should ask for")
    start = shown.index(words, start)
    here = CharSpan(start, start + len(words))
    spans = {d: flat.span(d) for d in flat.deletions}
    hit = [d for d, span in spans.items() if span.overlaps(here)]
    if number is None and hit:
        number = hit[0].number
    elif number is not None and number not in {d.number for d in spans}:
        raise UserError(f"there is no gap {number}", hint="select words, and make a new one")
    if number is None:
        before = {**record.dropped, **clozes.answers(record.text)}
        given = numbering.give([Gap(0, 0, words, 1.0)], before)
        if not given or given[0].number is None:
            raise UserError(
                "this note has used all cloze numbers that Anki allows", hint="move one of its gaps instead"
            )
        number = given[0].number
    hint = next((d.hint for d in spans if d.number == number), None)
    kept = [d for d in spans if d not in hit and d.number != number]
    taken = [spans[d] for d in kept]
    places = flat.places
    made = [
        FlatDeletion(places[span.start], places[span.end - 1] + 1, number, hint)
        for span in (here, *(other for other in occurrences(words, shown) if not other.overlaps(here)))
        if not any(map(span.overlaps, taken))
    ]
    return with_text(record, cloze_pieces.render(flat.pieces, [*kept, *made]))


def without_gap(record: Record, number: int) -> Record:
    """It no longer asks for that gap. Raises UserError if it is the only one."""
    flat = cloze_pieces.flatten(record.text)
    return with_text(record, cloze_pieces.render(flat.pieces, [d for d in flat.deletions if d.number != number]))


def with_hint(record: Record, number: int, hint: str) -> Record:
    """That gap shows a hint in place of dots; an empty one takes it away."""
    flat = cloze_pieces.flatten(record.text)
    written = clozes.escape_hint(hint) or None
    changed = [replace(d, hint=written) if d.number == number else d for d in flat.deletions]
    return with_text(record, cloze_pieces.render(flat.pieces, changed))


def with_tags(record: Record, tags: Iterable[str]) -> Record:
    """It has these tags, and no build gives it others."""
    own = as_tags(tags)
    return replace(record, tags=own, own_tags=own)
