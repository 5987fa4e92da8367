"""Decides what a build does with the notes on record: which stay, change, return or become orphans, which are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tmscards.anki import clozes, note_types
from tmscards.deck import identity, numbering
from tmscards.deck.matching import Matching
from tmscards.deck.recipes import Shown
from tmscards.domain import (
    Candidate,
    CharSpan,
    Gap,
    Guid,
    OrphanCause,
    Record,
    SentenceResult,
    SourcePath,
    SourceRecords,
    Status,
)
from tmscards.language import cuts, lint, questions
from tmscards.notes import recordings
from tmscards.tags import as_tags

ORPHAN_TAG = "tmscards::orphan"

ChangeKind = Literal["new", "text", "details", "orphan", "rejected", "restored"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a build changes about one note."""

    kind: ChangeKind
    guid: Guid
    source: SourcePath
    line: int
    before: str
    """Anki's Text field as it was on record; empty for a new note."""
    after: str
    emptied: Mapping[int, str]
    """Cloze numbers that the note loses, with their answers: their cards stay in Anki, without a question."""
    cause: OrphanCause | None = None
    """Why it becomes an orphan, if it does."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides which notes a deck has, besides its sentences and records."""

    deck: str
    """Its name; guids are made from it."""
    most: int
    """How many answers a note asks for at most."""
    chosen_anew: bool
    """Whether the recipe now asks for other sentences than before."""
    now: int
    """The time of the build, in seconds since 1970."""
    shown: Shown | None = None
    """What the recipe says about how much of its sentence a note shows."""


def stays(candidate: Candidate, record: Record, *, chosen_anew: bool) -> bool:
    """Whether a sentence keeps the note that it has on record.

    It does even if no new note would be made of it today: a learner's history is worth more than a doubt about the
    sentence. It does not if the note was rejected or the author took the sentence out; nor if it would get no new note,
    the recipe now asks for other sentences (`chosen_anew`), and nobody has decided about the note.
    """
    status = _status(record)
    is_taken_out = lint.is_final(candidate.result.findings) and not candidate.result.kept
    if status == "rejected" or is_taken_out:
        return False
    return candidate.reason is None or not chosen_anew or status != "auto"


def reconcile(
    candidates: Sequence[Candidate],
    matching: Matching,
    on_record: Mapping[SourcePath, SourceRecords],
    rules: Rules,
) -> dict[SourcePath, SourceRecords]:
    """The records of all sources after a build, by the source's path.

    `candidates` are all of today's sentences. Those that `matching` does not know become new notes, unless there is a
    reason to leave them out.
    """
    taken = {note.guid for file in on_record.values() for note in file.notes}
    tried: dict[str, int] = {}
    heads = {path: (file.title, file.lang) for path, file in on_record.items()}
    heads |= {c.source.path: (c.source.title, c.source.lang) for c in candidates}
    files: defaultdict[SourcePath, list[Record]] = defaultdict(list)
    orphaned: list[tuple[SourcePath, Record, OrphanCause]] = []

    def put(path: SourcePath, after: Record, before: Record | None) -> None:
        fields = note_types.fields(after, *heads[path])
        files[path].append(identity.stamp(after, fields, before, rules.now))

    for index, candidate in enumerate(candidates):
        path = candidate.source.path
        old_path, before = matching.known.get(index, (path, None))
        if before is None:
            made = _new(candidate, taken, tried, rules)
            if made is not None:
                taken.add(made.guid)
                put(path, made, None)
        elif before.status == "rejected":
            put(path, replace(before, sentence=candidate.result.text, line=candidate.result.line), before)
        elif not stays(candidate, before, chosen_anew=rules.chosen_anew):
            is_authors = lint.is_final(candidate.result.findings)
            orphaned.append((old_path, before, "author" if is_authors else "recipe"))
        elif (after := record(candidate, before.guid, before, rules.most, rules.shown)) is not None:
            put(path, after, before)
        else:
            orphaned.append((old_path, before, "source"))
    for path, before, cause in (*((path, note, "source") for path, note in matching.gone), *orphaned):
        put(path, before if before.status == "rejected" else _orphan(before, cause), before)
    return {path: SourceRecords(path, heads[path][0], tuple(files[path]), heads[path][1]) for path in sorted(files)}


def _new(candidate: Candidate, taken: Collection[Guid], tried: dict[str, int], rules: Rules) -> Record | None:
    """The record of a new note for a sentence that has none; None if no note is made of it."""
    if candidate.reason is not None:
        return None
    return record(candidate, identity.mint(rules.deck, candidate, taken, tried), None, rules.most, rules.shown)


def changes(old: Mapping[SourcePath, SourceRecords], new: Mapping[SourcePath, SourceRecords]) -> Iterator[Change]:
    """What changes for a learner from the `old` records, before a build, to the `new` ones, note by note."""
    before = {note.guid: (path, note) for path in old if old[path] != new.get(path) for note in old[path].notes}
    for path, file in new.items():
        for note in file.notes if file != old.get(path) else ():
            was = before.get(note.guid, (path, None))[1]
            kind = _kind_of_change(was, note)
            if kind:
                asked, asks = clozes.answers(was.text if was else ""), clozes.answers(note.text)
                emptied = {n: answer for n, answer in asked.items() if n not in asks}
                cause = note.orphaned_by if kind == "orphan" else None
                yield Change(kind, note.guid, path, note.line, was.text if was else "", note.text, emptied, cause)


def _kind_of_change(before: Record | None, after: Record) -> ChangeKind | None:
    if before is None or identity.is_unshipped(before):
        return "new"
    if before.digest == after.digest:
        return None
    if after.status in ("orphan", "rejected"):
        return after.status
    if before.status == "orphan" or identity.was_out(before):
        return "restored"
    return "text" if before.text != after.text or identity.is_edited(before) else "details"


def record(
    candidate: Candidate, guid: Guid, before: Record | None, most: int, shown: Shown | None = None
) -> Record | None:
    """The record of a sentence's note; None if the sentence has nothing left that could be asked.

    `before` is the note's last record, if it has one, `most` the number of answers that it may ask for, and `shown` how
    much of its sentence it shows. The digest and the modified time are still missing: `identity.stamp` gives them.
    """
    result, status = candidate.result, _status(before)
    numbered = numbering.number(candidate, before, most)
    hidden, dropped = numbered.gaps, numbered.dropped
    if not hidden:
        return None
    left_out = _left_out(result, hidden, before, shown)
    text = _text(result, hidden, left_out)
    offsets = tuple(offset for cut in left_out for offset in (cut.start, cut.end))
    if before is not None and status == "edited":
        text, dropped, offsets = before.text, before.dropped, before.left_out
    own_tags = as_tags(before.own_tags) if before and before.own_tags is not None else None
    recording = (recordings.from_url(result.url) if result.url else None) or candidate.source.recording
    return Record(
        guid=guid,
        kind=result.kind or "fact",
        status=status,
        text=text,
        sentence=result.text,
        line=result.line,
        modified=0,
        digest="",
        timestamp=result.seconds,
        end=result.end,
        approximate=result.approximate,
        url=recordings.backlink(recording, result.seconds) if recording else "",
        context=questions.context_lines(result, hidden),
        see_also=result.see_also,
        tags=candidate.tags if own_tags is None else own_tags,
        own_tags=own_tags,
        deck=candidate.deck,
        link=candidate.link,
        extra=candidate.extra,
        block=result.block,
        dropped=dropped,
        left_out=offsets,
        whole=before is not None and before.whole,
    )


def _text(result: SentenceResult, hidden: Sequence[Gap], left_out: Sequence[CharSpan]) -> str:
    """The text of a note that hides these gaps of a sentence, and leaves these places of it out."""
    gone = [*(place for gap in hidden for place in gap.places), *left_out]
    edits = [edit for edit in result.edits if not any(map(edit.overlaps, gone))]
    if not any(gap.number for gap in result.gaps):
        # Where the author wrote cloze deletions, the articles before them stay as they are.
        edits = questions.with_articles(result.text, hidden, edits)
    return clozes.write(result.text, hidden, [*questions.with_lead(hidden, edits), *cuts.edits(left_out)])


def _left_out(
    result: SentenceResult, hidden: Sequence[Gap], before: Record | None, shown: Shown | None
) -> list[CharSpan]:
    """What a note leaves out of its sentence: what all of its cards may go without.

    As long as the sentence stays the same, so does what its note on record leaves out. If that is nothing, as in notes
    of earlier versions, it stays whole too, unless the recipe says otherwise.
    """
    if shown == "whole" or (before is not None and before.whole):
        return []
    if before is not None and before.sentence == result.text and (before.left_out or shown is None):
        found = before.cuts
    else:
        found = cuts.common(hidden)
    taken = [place for gap in hidden for place in gap.places]
    edited = [edit for edit in result.edits if not any(cut.holds(edit) for cut in found)]
    return [cut for cut in found if not any(map(cut.overlaps, (*taken, *edited)))]


def _status(before: Record | None) -> Status:
    if before is None:
        return "auto"
    if identity.is_edited(before):
        return "edited"
    return (before.was or "auto") if before.status == "orphan" else before.status


def _orphan(record: Record, cause: OrphanCause) -> Record:
    if record.status == "orphan":
        return record
    was: Status | None = _status(record)
    return replace(
        record,
        status="orphan",
        was=None if was == "auto" else was,
        tags=(*record.tags, ORPHAN_TAG),
        orphaned_by=cause,
    )
