"""Owns what a build makes of the notes on record: which stay, change, return or become orphans, and which are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tmscards.anki import clozes, note_types
from tmscards.deck import identity, numbering
from tmscards.deck.matching import Matching
from tmscards.domain import Draft, Record, SourceRecords, Status
from tmscards.language import answers, context, lint
from tmscards.notes import recordings
from tmscards.notes.sources import as_tags

ORPHAN_TAG = "tmscards::orphan"

ChangeKind = Literal["new", "text", "details", "orphan", "rejected", "restored"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a build changes about one note."""

    kind: ChangeKind
    guid: str
    source: str
    line: int
    before: str
    """Anki's Text field as it was on record; empty for a new note."""
    after: str
    emptied: Mapping[int, str]
    """Cloze numbers that it loses, with their answers: their cards stay in Anki, without a question."""


def stays(draft: Draft, record: Record, *, chosen_anew: bool) -> bool:
    """Whether a sentence that has a note on record keeps it.

    It does even if no new note would be made of it today: a learner's history is worth more than a doubt. It does not
    where its author took it out, or where the recipe now asks for other sentences (`chosen_anew`).
    """
    verdict, status = draft.verdict, _status(record)
    if status == "rejected" or any(finding.rule in lint.OUT for finding in verdict.findings):
        return False
    return verdict.reason is None or not chosen_anew or status != "auto"


def reconcile(
    deck: str,
    drafts: Sequence[Draft],
    matching: Matching,
    on_record: Mapping[str, SourceRecords],
    *,
    most: int,
    chosen_anew: bool,
    now: int,
) -> dict[str, SourceRecords]:
    """The records of all sources after a build at `now`, seconds since 1970, by the source's path.

    `drafts` are today's sentences, all of them; of those that `matching` does not know, the ones without a reason to be
    left out become new notes. A note asks for `most` answers at most.
    """
    taken = {note.guid for file in on_record.values() for note in file.notes}
    heads = {path: (file.title, file.lang) for path, file in on_record.items()}
    heads |= {draft.source.path: (draft.source.title, draft.source.lang) for draft in drafts}
    files: defaultdict[str, list[Record]] = defaultdict(list)
    gone = list(matching.gone)

    def put(path: str, after: Record, before: Record | None) -> None:
        files[path].append(identity.stamp(after, note_types.fields(after, *heads[path]), before, now))

    for index, draft in enumerate(drafts):
        path = draft.source.path
        old_path, before = matching.known.get(index, (path, None))
        if before is None:
            if draft.verdict.reason is not None:
                continue
            guid = identity.mint(deck, draft, taken)
            after = record(draft, guid, None, most)
            if after is not None:
                taken.add(guid)
                put(path, after, None)
        elif before.status == "rejected":
            put(path, replace(before, sentence=draft.verdict.text, line=draft.verdict.line), before)
        else:
            after = record(draft, before.guid, before, most) if stays(draft, before, chosen_anew=chosen_anew) else None
            if after is not None:
                put(path, after, before)
            else:
                gone.append((old_path, before))
    for path, before in gone:
        put(path, before if before.status == "rejected" else _orphan(before), before)
    return {path: SourceRecords(path, heads[path][0], tuple(files[path]), heads[path][1]) for path in sorted(files)}


def changes(old: Mapping[str, SourceRecords], new: Mapping[str, SourceRecords]) -> Iterator[Change]:
    """What is different for a learner between the records before and after a build, note by note."""
    before = {note.guid: (path, note) for path in old if old[path] != new.get(path) for note in old[path].notes}
    for path, file in new.items():
        for note in file.notes if file != old.get(path) else ():
            was = before.get(note.guid, (path, None))[1]
            kind = _kind_of_change(was, note)
            if kind:
                asked, asks = clozes.answers(was.text if was else ""), clozes.answers(note.text)
                emptied = {n: answer for n, answer in asked.items() if n not in asks}
                yield Change(kind, note.guid, path, note.line, was.text if was else "", note.text, emptied)


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


def record(draft: Draft, guid: str, before: Record | None, most: int) -> Record | None:
    """The note of a sentence; None if nothing is left in it that could be asked."""
    verdict, status = draft.verdict, _status(before)
    numbered = numbering.number(draft, before, most)
    hidden, dropped = numbered.gaps, numbered.dropped
    if not hidden:
        return None
    taken = [place for gap in hidden for place in gap.places]
    edits = [e for e in verdict.edits if not any(p.start < e.end and e.start < p.end for p in taken)]
    if not any(gap.number for gap in verdict.gaps):
        # Cloze deletions that the author wrote are taken as they stand.
        edits += answers.articles(verdict.text, hidden)
    text = clozes.write(verdict.text, hidden, edits)
    if before is not None and status == "edited":
        text, dropped = before.text, before.dropped
    own_tags = before.own_tags if before else None
    if own_tags is not None:
        own_tags = as_tags(own_tags)
    recording = (recordings.from_url(verdict.url) if verdict.url else None) or draft.source.recording
    return Record(
        guid=guid,
        kind=verdict.kind or "fact",
        status=status,
        text=text,
        sentence=verdict.text,
        line=verdict.line,
        modified=0,
        digest="",
        timestamp=verdict.seconds,
        approximate=verdict.approximate,
        url=recordings.backlink(recording, verdict.seconds) if recording else "",
        context=context.lines(verdict, hidden),
        see_also=verdict.see_also,
        tags=draft.tags if own_tags is None else own_tags,
        own_tags=own_tags,
        block=verdict.block,
        dropped=dropped,
    )


def _status(before: Record | None) -> Status:
    if before is None:
        return "auto"
    if identity.is_edited(before):
        return "edited"
    return (before.was or "auto") if before.status == "orphan" else before.status


def _orphan(record: Record) -> Record:
    if record.status == "orphan":
        return record
    was: Status | None = _status(record)
    return replace(
        record,
        status="orphan",
        was=None if was == "auto" else was,
        tags=(*record.tags, ORPHAN_TAG),
    )
