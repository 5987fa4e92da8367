"""Owns what the review page is told, and what comes of what is decided there: plain data in, plain data out."""

from __future__ import annotations

import io
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from typing import Any

from tmscards import (
    answers,
    clozes,
    decisions,
    desk,
    identity,
    lint,
    note_types,
    pipeline,
    preview,
    reconciliation,
    recordings,
    selection,
    templates,
    web_files,
)
from tmscards.desk import Step
from tmscards.domain import Draft, Gap, Record, SourceRecords, Verdict
from tmscards.errors import UserError
from tmscards.plans import Plan
from tmscards.selection import normalised
from tmscards.workers import Workers

Data = dict[str, Any]
"""What becomes JSON."""


class Review:
    """One deck under review."""

    def __init__(self, plan: Plan) -> None:
        """Raises UserError if the deck was never built, or its template or records have faults."""
        self.plan = plan
        self.desk = pipeline.desk(plan)
        template = templates.load(plan.template or plan.recipe.template, plan.project, plan.recipe.options)
        self.note_type = preview.with_media_inside(template.note_type)
        self._found: list[Draft] | None = None
        self._fault = ""

    def read_sources(self) -> None:
        """Find out in the background what the sources say of each note, and what was left out of them."""
        threading.Thread(target=self._read_sources, daemon=True).start()

    def _read_sources(self) -> None:
        try:
            self._found = pipeline.sentences(self.plan)
        except UserError as error:
            self._fault = str(error)

    def deck(self) -> Data:
        """All notes, by source and in their order."""
        sources = self.desk.sources
        return {
            "deck": self.plan.recipe.deck,
            "sources": [
                {
                    "path": file.source,
                    "shown": str(self.plan.notes / file.source),
                    "title": file.title,
                    "lang": file.lang,
                    "notes": [row(note) for note in file.notes if note.status != "orphan"],
                }
                for file in sources
            ],
            **self._turns(),
        }

    def details(self) -> Data:
        """What the sources say: of each note its score, findings and neighbours, and what was left out."""
        drafts = self._found
        if drafts is None:
            return {"ready": False, "fault": self._fault}
        on_record = defaultdict[tuple[str, str], list[Record]](list)
        for file in self.desk.sources:
            for note in file.notes:
                if note.status != "orphan":
                    on_record[file.source, normalised(note.sentence)].append(note)
        keys = [(draft.source.path, normalised(draft.verdict.text)) for draft in drafts]
        judged, _ = selection.once(drafts, {i for i, key in enumerate(keys) if key in on_record})
        notes: Data = {}
        left: list[Data] = []
        for index, (draft, key) in enumerate(zip(judged, keys, strict=True)):
            verdict = draft.verdict
            if on_record[key]:
                notes[on_record[key].pop(0).guid] = {
                    "score": round(verdict.score, 2),
                    "findings": _findings(verdict),
                    "section": " › ".join(verdict.headings),
                    "before": _neighbour(judged, index, -1),
                    "after": _neighbour(judged, index, 1),
                }
            elif not any(finding.rule in lint.OUT for finding in verdict.findings):
                left.append(_left_out(index, draft))
        return {"ready": True, "notes": notes, "left": left}

    def note(self, guid: str) -> Data | None:
        """All that is shown of one note beside its cards."""
        found = self.desk.note(guid)
        if found is None:
            return None
        file, note = found
        unfolded = clozes.unfold(note.text)
        return {
            **row(note),
            "shown": unfolded.shown,
            "gaps": [
                {"start": span.start, "end": span.end, "number": deletion.number, "hint": clozes.plain(deletion.hint)}
                for deletion in unfolded.deletions
                if (span := unfolded.span(deletion))
            ],
            "numbers": [number for number, _, _ in self._sides(file, note)],
        }

    def frame(self, guid: str, number: int, side: str, *, is_dark: bool) -> str | None:
        """One side of a card as a page of its own; None if there is no such card."""
        found = self.desk.note(guid)
        for n, front, back in self._sides(*found) if found else ():
            if n == number:
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
        return list(preview.sides(self.plan.recipe.deck, self.note_type, file, note))

    def decide(self, asked: Mapping[str, Any]) -> Data:
        """Do what the page asks for: `action`, the `notes` that it is about with the versions that were seen, and more.

        Raises KeyError, TypeError or ValueError if that makes no sense, and what `Desk` raises.
        """
        edit = _edit(asked)
        return self._changed(self.desk.decide({str(k): str(v) for k, v in dict(asked["notes"]).items()}, edit))

    def make(self, asked: Mapping[str, Any]) -> Data:
        """Make a card of a sentence that was left out, by its number and text; its `start` and `end` may be chosen."""
        drafts, index = self._found or [], int(asked["sentence"])
        draft = drafts[index] if 0 <= index < len(drafts) else None
        if draft is None or draft.verdict.text != asked["text"]:
            raise UserError("this sentence is not there any more", hint="load the page again")
        if any(finding.rule in lint.OUT for finding in draft.verdict.findings):
            raise UserError("its author left this sentence out", hint="take the comment behind it out of the source")
        if "start" in asked:
            text = draft.verdict.text
            start, end = max(0, int(asked["start"])), min(len(text), int(asked["end"]))
            if not text[start:end].strip():
                raise UserError("no words are selected", hint="select those that the card is to ask for")
            draft = replace(draft, gaps=(Gap(start, end, text[start:end], 1.0, hint=answers.hint(text[start:end])),))
        if not draft.gaps:
            raise UserError(
                "tmscards sees nothing to ask in this sentence", hint="select the words that the card is to ask for"
            )
        taken = {note.guid for file in self.desk.sources for note in file.notes}
        guid = identity.mint(self.plan.recipe.deck, draft, taken)
        made = reconciliation.record(draft, guid, None, self.plan.recipe.limits.cards_per_note)
        if made is None:
            raise UserError("nothing would be asked", hint="select the words that the card is to ask for")
        source = draft.source
        head = SourceRecords(source.path, source.title, (), source.lang)
        return self._changed(self.desk.add(head, identity.unshipped(replace(made, status="approved"))))

    def undo(self) -> Data:
        """Take the last decision back."""
        return self._changed(self.desk.undo())

    def redo(self) -> Data:
        """Decide again what was taken back."""
        return self._changed(self.desk.redo())

    def since(self, mark: int) -> Data:
        """The deck anew if anything has changed since that mark, here or elsewhere; nothing if not."""
        self.desk.refresh()
        return {} if self.desk.mark == mark else self.deck()

    def build(self) -> Data:
        """Build the deck of what was decided; what the build says of it."""
        from tmscards import terminal

        with Workers() as workers:
            summary = pipeline.build(self.plan, time.time, lambda *_: None, workers)
        said = io.StringIO()
        with redirect_stdout(said):
            terminal.print_summary(summary)
        self.desk.refresh()
        return {"said": said.getvalue().strip(), "file": self.plan.output.name, **self.deck()}

    def _changed(self, steps: list[Step]) -> Data:
        # Of many the page asks when it comes to show them.
        tell = self.note if len(steps) <= 3 else lambda _: {}
        return {
            "notes": [
                {**row(step.after), **(tell(step.guid) or {}), "source": step.source} for step in steps if step.after
            ],
            "gone": [step.guid for step in steps if step.after is None],
            **self._turns(),
        }

    def _turns(self) -> Data:
        return {"undo": self.desk.can_undo, "redo": self.desk.can_redo, "mark": self.desk.mark}


def row(note: Record) -> Data:
    """What the list of notes shows of one."""
    recording = recordings.from_url(note.url) if note.url else None
    return {
        "guid": note.guid,
        "version": desk.version(note),
        "state": _state(note),
        "kind": note.kind,
        "text": note.text,
        "plain": clozes.plain(note.text),
        "sentence": note.sentence,
        "line": note.line,
        "cards": len(clozes.answers(note.text)),
        "seconds": note.timestamp if recording else None,
        "time": note_types.time(note),
        "url": note.url if recording else "",
        "recording": recording.url if recording else "",
        "tags": list(note.tags),
    }


def _state(note: Record) -> str:
    if note.status == "auto":
        return "edited" if identity.is_edited(note) else "new"
    return note.status


def _edit(asked: Mapping[str, Any]) -> Callable[[Record], Record]:
    """The edit that the page asks for."""
    match asked["action"]:
        case "approve":
            return decisions.approve
        case "reject":
            return decisions.reject
        case "text":
            return partial(decisions.with_text, text=str(asked["text"]))
        case "gap":
            number = asked.get("number")
            start, end = int(asked["start"]), int(asked["end"])
            return partial(decisions.with_gap, start=start, end=end, number=None if number is None else int(number))
        case "no gap":
            return partial(decisions.without_gap, number=int(asked["number"]))
        case "hint":
            return partial(decisions.with_hint, number=int(asked["number"]), hint=str(asked["hint"]))
        case "tags":
            return partial(decisions.with_tags, tags=[str(tag) for tag in asked["tags"]])
        case action:
            raise ValueError(f"there is no action {action!r}")


def _neighbour(drafts: list[Draft], index: int, by: int) -> str:
    """The text of the next sentence of the same source and section."""
    if not 0 <= index + by < len(drafts):
        return ""
    here, there = drafts[index], drafts[index + by]
    same = here.source.path == there.source.path and here.verdict.headings == there.verdict.headings
    return there.verdict.text if same else ""


def _left_out(index: int, draft: Draft) -> Data:
    verdict = draft.verdict
    recording = (recordings.from_url(verdict.url) if verdict.url else None) or draft.source.recording
    return {
        "sentence": index,
        "text": verdict.text,
        "line": verdict.line,
        "source": draft.source.path,
        "section": " › ".join(verdict.headings),
        "reason": verdict.reason or "no build has seen it yet",
        "score": round(verdict.score, 2),
        "findings": _findings(verdict),
        "answer": ", ".join(gap.text for gap in draft.gaps),
        "seconds": verdict.seconds,
        "url": recordings.backlink(recording, verdict.seconds) if recording else "",
        "recording": recording.url if recording else "",
    }


def _findings(verdict: Verdict) -> list[Data]:
    return [{"rule": finding.rule, "message": finding.message} for finding in verdict.findings]
