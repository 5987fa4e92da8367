"""One review: what the page shows, and what happens when somebody decides there; plain data in, plain data out."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tmscards.anki import cloze_pieces, clozes, note_types, preview
from tmscards.build import pipeline, summary
from tmscards.build.pipeline import BuildContext
from tmscards.build.project import DeckPaths
from tmscards.build.workers import Workers
from tmscards.deck import decisions, identity, reconciliation, selection
from tmscards.domain import Candidate, CharSpan, Gap, Guid, Record, SentenceResult, SourcePath, SourceRecords
from tmscards.errors import UserError, fault
from tmscards.language import cuts, hints, lint
from tmscards.notes import recordings
from tmscards.review import edits, record_store
from tmscards.review.record_store import Step
from tmscards.storage import web_files
from tmscards.text import normalised

Data = dict[str, Any]
"""What is sent to the page as JSON."""


class Review:
    """One deck under review."""

    def __init__(self, deck: DeckPaths) -> None:
        """Raises UserError if the deck was never built, or if its template or records have faults."""
        self.paths = deck
        self.store = record_store.opened(deck)
        self.note_type = preview.with_media_inside(deck.load_template().note_type)
        self._found: list[Candidate] | None = None
        self._fault = ""

    def read_sources(self) -> None:
        """Find out in the background what the sources say about each note, and which sentences were left out."""
        threading.Thread(target=self._read_sources, daemon=True).start()

    def _read_sources(self) -> None:
        try:
            found, faults = pipeline.all_candidates(self.paths)
            self._fault = "\n".join(map(str, faults))
            self._found = found
        except UserError as error:
            self._fault = str(error)
        except Exception as error:  # nobody sees what ends a thread, and the page would wait for ever
            self._fault = str(fault(error))

    def deck(self) -> Data:
        """All notes by source, in their order and without orphans, and what can be undone or made again."""
        sources = self.store.sources
        return {
            "deck": self.paths.recipe.root,
            "sources": [
                {
                    "path": file.source,
                    "shown": str(self.paths.notes / file.source),
                    "title": file.title,
                    "lang": file.lang,
                    "notes": [row(note) for note in file.notes if note.status != "orphan"],
                }
                for file in sources
            ],
            **self._turns(),
        }

    def details(self) -> Data:
        """The score, findings and neighbours of each note, and the sentences left out, as soon as they are `ready`."""
        candidates = self._found
        if candidates is None:
            return {"ready": False, "fault": self._fault}
        on_record = defaultdict[tuple[SourcePath, str], list[Record]](list)
        for file in self.store.sources:
            for note in file.notes:
                if note.status != "orphan":
                    on_record[file.source, normalised(note.sentence)].append(note)
        keys = [(candidate.source.path, normalised(candidate.result.text)) for candidate in candidates]
        judged, _ = selection.drop_duplicates(candidates, {i for i, key in enumerate(keys) if key in on_record})
        notes: Data = {}
        left: list[Data] = []
        for index, (candidate, key) in enumerate(zip(judged, keys, strict=True)):
            result = candidate.result
            if on_record[key]:
                notes[on_record[key].pop(0).guid] = {
                    "score": round(result.score, 2),
                    "findings": _findings(result),
                    "section": " › ".join(result.headings),
                    "before": _neighbour(judged, index, -1),
                    "after": _neighbour(judged, index, 1),
                }
            elif not lint.is_final(result.findings):
                left.append(_left_out(index, candidate))
        return {"ready": True, "fault": self._fault, "notes": notes, "left": left}

    def note(self, guid: Guid) -> Data | None:
        """Everything that is shown of one note besides its cards; None if there is no such note."""
        found = self.store.note(guid)
        if found is None:
            return None
        file, note = found
        flat = cloze_pieces.flatten(note.text)
        return {
            **row(note),
            "shown": flat.shown,
            "gaps": [
                {"start": span.start, "end": span.end, "number": d.number, "hint": clozes.plain(d.hint or "")}
                for d in flat.deletions
                if (span := flat.span(d))
            ],
            "numbers": [number for number, _, _ in self._sides(file, note)],
        }

    def frame(self, guid: Guid, number: int, side: str, *, is_dark: bool) -> str | None:
        """One side of a card as a page of its own; None if there is no such card."""
        found = self.store.note(guid)
        for n, front, back in self._sides(*found) if found else ():
            if n == number and side in ("question", "answer"):
                return web_files.filled(
                    web_files.card_frame(),
                    theme="dark" if is_dark else "light",
                    classes="nightMode night_mode" if is_dark else "",
                    side=side,
                    css=self.note_type.css,
                    number=number,
                    html=back if side == "answer" else front,
                )
        return None

    def _sides(self, file: SourceRecords, note: Record) -> list[tuple[int, str, str]]:
        return list(preview.sides(self.paths.recipe.root, self.note_type, file, note))

    def decide(self, asked: Mapping[str, Any]) -> Data:
        """Make a decision, and return the notes that it changed.

        `asked` has the `action`, the `notes` that it is about with the versions that were seen, and what else it needs.
        Raises KeyError, TypeError or ValueError if that makes no sense, and what `RecordStore` raises.
        """
        edit = self._whole if asked["action"] == "whole" else edits.asked_for(asked)
        return self._changed(self.store.decide({Guid(str(k)): str(v) for k, v in dict(asked["notes"]).items()}, edit))

    def _whole(self, note: Record) -> Record:
        """The record with what its text leaves out put back, as an edit of its text."""
        if identity.is_edited(note) or not note.left_out:
            raise UserError("this text is somebody's own, or leaves nothing out", hint="edit the text instead")
        same = normalised(note.sentence)
        candidate = next((c for c in self._found or () if normalised(c.result.text) == same), None)
        most = self.paths.recipe.limits.cards_per_note
        made = reconciliation.record(candidate, note.guid, replace(note, whole=True), most) if candidate else None
        if made is None:
            raise UserError("its source has not been read yet", hint="try again in a moment")
        return replace(decisions.with_text(note, made.text), left_out=(), whole=True)

    def make(self, asked: Mapping[str, Any]) -> Data:
        """Make a note of a sentence that was left out, and return it.

        `asked` has the number of the `sentence` and its `text`. It may have the answer too, from `start` to `end`:
        offsets in characters, half-open. Raises UserError if no note can be made, KeyError, TypeError or ValueError if
        what is asked makes no sense, and what `RecordStore` raises.
        """
        candidates, index = self._found or [], int(asked["sentence"])
        candidate = candidates[index] if 0 <= index < len(candidates) else None
        if candidate is None or candidate.result.text != asked["text"]:
            raise UserError("this sentence no longer exists", hint="reload the page")
        if lint.is_final(candidate.result.findings):
            raise UserError("its author left this sentence out", hint="remove the comment behind it from the source")
        if "start" in asked:
            text = candidate.result.text
            start, end = max(0, int(asked["start"])), min(len(text), int(asked["end"]))
            if not text[start:end].strip():
                raise UserError("no words are selected", hint="select the words that the card should ask for")
            candidate = replace(
                candidate, gaps=(Gap(start, end, text[start:end], 1.0, hint=hints.of(text, CharSpan(start, end))),)
            )
        if not candidate.gaps:
            raise UserError(
                "tmscards found nothing to ask in this sentence", hint="select the words that the card should ask for"
            )
        taken = {note.guid for file in self.store.sources for note in file.notes}
        guid = identity.mint(self.paths.recipe.root, candidate, taken)
        recipe = self.paths.recipe
        made = reconciliation.record(candidate, guid, None, recipe.limits.cards_per_note, recipe.text)
        if made is None:
            raise UserError("nothing would be asked", hint="select the words that the card should ask for")
        source = candidate.source
        head = SourceRecords(source.path, source.title, (), source.lang)
        return self._changed(self.store.add(head, identity.unshipped(replace(made, status="approved"))))

    def undo(self) -> Data:
        """Take the last decision back, and return the notes that this changed."""
        return self._changed(self.store.undo())

    def redo(self) -> Data:
        """Repeat the decision that was taken back last, and return the notes that this changed."""
        return self._changed(self.store.redo())

    def since(self, mark: int) -> Data:
        """The whole deck if anything has changed since that mark, here or elsewhere; empty if not."""
        self.store.refresh()
        return {} if self.store.mark == mark else self.deck()

    def build(self) -> Data:
        """Build the deck with what was decided, and return what the build reports and all notes."""
        with Workers() as workers:
            built = pipeline.build(BuildContext(self.paths, workers))
        said = "\n".join((*map(str, (*built.refused, *built.warnings)), *summary.lines(built)))
        self.store.refresh()
        return {"said": said, "file": self.paths.output.name, **self.deck()}

    def _changed(self, steps: list[Step]) -> Data:
        # If many notes have changed, the page asks for the rest of each when it comes to show it.
        tell = self.note if len(steps) <= 3 else lambda _: {}
        return {
            "notes": [
                {**row(step.after), **(tell(step.guid) or {}), "source": step.source} for step in steps if step.after
            ],
            "gone": [step.guid for step in steps if step.after is None],
            **self._turns(),
        }

    def _turns(self) -> Data:
        return {"undo": self.store.can_undo, "redo": self.store.can_redo, "mark": self.store.mark}


def row(note: Record) -> Data:
    """What the page's list shows of one note."""
    recording = recordings.from_url(note.url) if note.url else None
    return {
        "guid": note.guid,
        "version": record_store.version(note),
        "state": _state(note),
        "kind": note.kind,
        "text": note.text,
        "plain": clozes.plain(note.text),
        "sentence": note.sentence,
        "leftOut": cuts.said(note.sentence, note.cuts),
        "line": note.line,
        "cards": len(clozes.answers(note.text)),
        "seconds": note.timestamp if recording else None,
        "end": note_types.end(note),
        "time": note_types.time(note),
        "url": note.url if recording else "",
        "recording": recording.url if recording else "",
        "tags": list(note.tags),
    }


def _state(note: Record) -> str:
    if note.status == "auto":
        return "edited" if identity.is_edited(note) else "new"
    return note.status


def _neighbour(candidates: list[Candidate], index: int, by: int) -> str:
    """The text of the sentence `by` places further on; empty if that is in another source or section."""
    if not 0 <= index + by < len(candidates):
        return ""
    here, there = candidates[index], candidates[index + by]
    same = here.source.path == there.source.path and here.result.headings == there.result.headings
    return there.result.text if same else ""


def _left_out(index: int, candidate: Candidate) -> Data:
    result = candidate.result
    recording = (recordings.from_url(result.url) if result.url else None) or candidate.source.recording
    return {
        "sentence": index,
        "text": result.text,
        "line": result.line,
        "source": candidate.source.path,
        "section": " › ".join(result.headings),
        "reason": candidate.reason or "no build has seen it yet",
        "score": round(result.score, 2),
        "findings": _findings(result),
        "answer": ", ".join(gap.text for gap in candidate.gaps),
        "seconds": result.seconds,
        "end": result.end,
        "url": recordings.backlink(recording, result.seconds) if recording else "",
        "recording": recording.url if recording else "",
    }


def _findings(result: SentenceResult) -> list[Data]:
    return [{"rule": finding.rule, "message": finding.message} for finding in result.findings]
