"""Check a deck: find errors in its template, records and sources, and what could make its cards better."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from tmscards.anki import clozes, formulas, note_types, package_contents, templates
from tmscards.anki.templates import Template
from tmscards.build import looks, pipeline, reading
from tmscards.build.project import DeckPaths
from tmscards.deck import records, selection
from tmscards.domain import Diagnostic, Finding, LeftOut, Location, Passage, Source, SourceRecords
from tmscards.errors import UserError
from tmscards.language import lint
from tmscards.notes import passages, sources


def check(deck: DeckPaths) -> Iterator[Diagnostic]:
    """All errors in a deck's template, records and sources, and warnings about what looks odd in them.

    A formula that cards show as text, because MathJax must not get it, is named once: where its source has it, or else
    where the record has it.
    """
    template, told = None, set[str]()
    try:
        template = deck.load_template()
        yield from template.warnings
        yield from looks.check(deck, template, is_shipped=deck.records.is_dir())
    except UserError as error:
        yield from error.diagnostics
    try:
        paths = deck.find_sources()
    except UserError as error:
        yield from _records(deck, template, told)
        yield from error.diagnostics
        return
    of_sources = list(_sources(deck, paths, told))
    yield from _records(deck, template, told)
    yield from of_sources


def _sources(deck: DeckPaths, paths: Iterable[Path], told: set[str]) -> Iterator[Diagnostic]:
    """The errors and warnings about sources. The formulas that they name are added to `told`."""
    for path in paths:
        readable, refused = reading.parse(deck, reading.load(deck, [path], {}))
        for refusal in refused.values():
            yield from refusal.diagnostics
        for source in readable:
            yield from sources.warnings(source, sources.stamps(source))
            if deck.recipe.pipeline is None:
                yield from sources.in_other_language(source)
            for formula, line in _formulas(source):
                told.add(formula.formula)
                yield _shown_as_text(formula, Location(source.shown, line))


def _formulas(source: Source) -> Iterator[tuple[formulas.Refused, int]]:
    """The formulas of a source that cards show as text, each with its line."""
    if not any(sign in source.body + source.title for sign in ("$", "\\", "&")):
        return
    yield from ((formula, 1) for formula in formulas.read(clozes.escape(source.title)).refused)
    for passage in passages.read(source):
        for formula in formulas.read(clozes.escape(passage.text)).refused:
            yield formula, _line(passage, formula.formula)


def _line(passage: Passage, words: str) -> int:
    """The line of a source on which these words of a passage begin."""
    offset = passage.text.find(words)
    return passage.line + sum(start <= offset for start in passage.line_starts)


def _shown_as_text(formula: formulas.Refused, where: Location) -> Diagnostic:
    words = formula.formula if len(formula.formula) <= 60 else f"{formula.formula[:60]}…"
    return Diagnostic(
        "warning",
        f"the formula {words} is shown as text, as {formula.reason}",
        where,
        "docs/security.md says which commands formulas may have",
    )


def _records(deck: DeckPaths, template: Template | None, told: Collection[str]) -> Iterator[Diagnostic]:
    """The errors in the records, formulas not yet `told`, and the fields that the template shows but no note fills."""
    try:
        read = records.read(deck.records)
    except UserError as error:
        yield from error.diagnostics
        return
    on_record = read.sources.values()
    for file in on_record:
        path = read.paths[file.source]
        yield from _formulas_on_record(file, path, read.files.get(path, b""), told)
    shown = [note for file in on_record for note in package_contents.shipped(file, 0)]
    if template and shown:
        filled = (zip(note_types.FIELDS, note.fields, strict=True) for note in shown)
        yield from templates.empty(template, {name for note in filled for name, value in note if value})


def _formulas_on_record(file: SourceRecords, path: Path, raw: bytes, told: Collection[str]) -> Iterator[Diagnostic]:
    """The formulas in the records of a source that cards show as text, except those already `told`."""
    lines: list[bytes] = []
    for note in file.notes:
        for formula in note_types.refused(note, file.title) if note.status not in ("orphan", "rejected") else ():
            if formula.formula not in told:
                lines = lines or raw.splitlines()
                line = next((n for n, text in enumerate(lines, start=1) if note.guid.encode() in text), None)
                yield _shown_as_text(formula, Location(str(path), line))


def left_out(deck: DeckPaths) -> Iterator[tuple[Source, LeftOut]]:
    """The pieces of a deck's sources that are not read as prose; timestamps are not among them."""
    readable, _ = reading.parse(deck, reading.load(deck, deck.find_sources(), {}))
    for source in readable:
        yield from ((source, piece) for piece in passages.contents(source).left_out if piece.kind != "timestamp")


def findings(deck: DeckPaths, file: Path | None = None, rule: str | None = None) -> Iterator[tuple[Location, Finding]]:
    """What card lint finds in the sentences that would get a new note, or are left out because they repeat others.

    Yields each finding with the place of its sentence, as if nothing were on record; only those in that file, and only
    those of that rule, if one is named. Sentences that their author keeps
    by hand are skipped, and so are sources that cannot be read. Raises UserError if there are no sources, and after the
    last finding if sources could not be extracted.
    """
    candidates, faults = pipeline.all_candidates(deck)
    judged, _ = selection.drop_duplicates(candidates, set())
    for candidate in judged:
        result = candidate.result
        if file and os.path.realpath(candidate.source.shown) != os.path.realpath(file):
            continue
        if not result.kept and (candidate.reason is None or lint.repeats(result.findings)):
            where = Location(candidate.source.shown, result.line)
            yield from ((where, finding) for finding in result.findings if rule in (None, finding.rule))
    if faults:
        raise UserError.of(faults)
