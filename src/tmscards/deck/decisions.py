"""What people may decide about a note on record: each function takes its record and returns the changed one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tmscards.anki import cloze_pieces, clozes, note_types
from tmscards.anki.cloze_pieces import FlatDeletion
from tmscards.deck import numbering
from tmscards.domain import CharSpan, Gap, Record
from tmscards.errors import UserError
from tmscards.tags import as_tags
from tmscards.text import occurrences


def approve(record: Record) -> Record:
    """The record of a note that somebody finds good.

    Its status is `approved`, and its text still follows its source; but `edited` if somebody has changed its text.
    """
    is_edited = "edited" in (record.status, record.was)
    return replace(record, status="edited" if is_edited else "approved", was=None)


def reject(record: Record) -> Record:
    """The record of a note that is not to be shipped; `was` remembers whether it was edited."""
    return replace(record, status="rejected", was="edited" if record.status == "edited" else record.was)


def with_text(record: Record, text: str) -> Record:
    """The record with another `text`, as in Anki's Text field: HTML with cloze deletions.

    Cloze numbers that the note loses keep their answers in `dropped`. A rejected note whose text changes becomes
    approved. Raises UserError if Anki would make no card of the text, or an empty one.
    """
    text = text.strip()
    asked = clozes.answers(text)
    if not asked:
        raise UserError(
            "nothing would be asked", hint="leave one gap such as {{c1::answer}}, or reject the card instead"
        )
    for fault in note_types.faults(text):
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
    """The record with the words from `start` to `end` hidden, here and wherever else its text has them.

    Offsets are characters of the text as it is shown, half-open. A `number` moves that gap to these words. Without one,
    they become a new gap, or the gap that they overlap becomes longer or shorter. Raises UserError if there are no
    words at these offsets, no such gap, or no cloze number left.
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
    """The record without the gap of that number. Raises UserError if it is the only one."""
    flat = cloze_pieces.flatten(record.text)
    return with_text(record, cloze_pieces.render(flat.pieces, [d for d in flat.deletions if d.number != number]))


def with_hint(record: Record, number: int, hint: str) -> Record:
    """The record with a hint, given as plain text, in place of the dots of that gap; an empty one removes the hint."""
    flat = cloze_pieces.flatten(record.text)
    written = clozes.escape_hint(hint) or None
    changed = [replace(d, hint=written) if d.number == number else d for d in flat.deletions]
    return with_text(record, cloze_pieces.render(flat.pieces, changed))


def with_tags(record: Record, tags: Iterable[str]) -> Record:
    """The record with these tags, which no build will replace."""
    own = as_tags(tags)
    return replace(record, tags=own, own_tags=own)
