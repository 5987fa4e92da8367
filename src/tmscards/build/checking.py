"""Check a deck: find errors in its template, records and sources, and what could make its cards better."""

from __future__ import annotations

from collections.abc import Iterator

from tmscards.anki import note_types, package_contents, templates
from tmscards.anki.templates import Template
from tmscards.build import pipeline, reading
from tmscards.build.project import DeckPaths
from tmscards.deck import records, selection
from tmscards.domain import Diagnostic, Finding, Location
from tmscards.errors import UserError
from tmscards.language import lint
from tmscards.notes import sources


def check(deck: DeckPaths) -> Iterator[Diagnostic]:
    """All errors in a deck's template, records and sources, and warnings about what looks odd in them."""
    template = None
    try:
        template = deck.load_template()
        yield from template.warnings
    except UserError as error:
        yield from error.diagnostics
    yield from _records(deck, template)
    try:
        paths = deck.find_sources()
    except UserError as error:
        yield from error.diagnostics
        return
    for path in paths:
        readable, refused = reading.parse(deck, reading.load(deck, [path], {}))
        for refusal in refused.values():
            yield from refusal.diagnostics
        for source in readable:
            yield from sources.warnings(source, sources.stamps(source))


def _records(deck: DeckPaths, template: Template | None) -> Iterator[Diagnostic]:
    """The errors in the records, and the fields that the template shows but no note fills."""
    try:
        on_record = records.read(deck.records).sources.values()
    except UserError as error:
        yield from error.diagnostics
        return
    shown = [note for file in on_record for note in package_contents.shipped(file, 0)]
    if template and shown:
        filled = (zip(note_types.FIELDS, note.fields, strict=True) for note in shown)
        yield from templates.empty(template, {name for note in filled for name, value in note if value})


def findings(deck: DeckPaths) -> Iterator[tuple[Location, Finding]]:
    """What card lint finds in the sentences that would get a new note, or are left out because they repeat others.

    Yields each finding with the place of its sentence, as if nothing were on record. Sentences that their author keeps
    by hand are skipped, and so are sources that cannot be read. Raises UserError if there are no sources, and after the
    last finding if sources could not be extracted.
    """
    candidates, faults = pipeline.all_candidates(deck)
    judged, _ = selection.drop_duplicates(candidates, set())
    for candidate in judged:
        result = candidate.result
        if not result.kept and (candidate.reason is None or lint.repeats(result.findings)):
            where = Location(candidate.source.shown, result.line)
            yield from ((where, finding) for finding in result.findings)
    if faults:
        raise UserError.of(faults)
