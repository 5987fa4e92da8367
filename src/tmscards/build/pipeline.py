"""Build a deck: all stages in their order, from finding the sources to writing records and package."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from tmscards.anki import apkg
from tmscards.anki.templates import Template
from tmscards.build import drafting, incremental, looks, reading, summary, writing
from tmscards.build.drafting import Choice, Drafted
from tmscards.build.extraction_cache import Extraction, Progress, Unextractable
from tmscards.build.incremental import Kept, Loaded, Stored, kept_of
from tmscards.build.project import DeckPaths
from tmscards.build.summary import SourceSummary, Summary
from tmscards.build.unchanged import UnchangedSources
from tmscards.build.workers import Workers
from tmscards.deck import commits, compatibility, patterns, record_files, records
from tmscards.deck.commits import Changed
from tmscards.deck.matching import Matching, match
from tmscards.deck.reconciliation import Change, Rules, changes, reconcile
from tmscards.deck.records import Records
from tmscards.domain import Candidate, DeckRecord, Diagnostic, Location, SourcePath, SourceRecords
from tmscards.errors import UserError
from tmscards.notes import sources, vault

_ATTEMPTS = 5
"""How often a build begins anew if somebody writes into its records meanwhile."""


@dataclass(frozen=True, slots=True)
class BuildContext:
    """A deck to build, and what is needed for it."""

    deck: DeckPaths
    workers: Workers
    clock: Callable[[], float] = time.time
    """Returns the time, in seconds since 1970."""
    tick: Progress = lambda *_: None
    dry: bool = False
    """Only report what would change: write no records and no package, though extracts are kept for the next build."""


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What a build is made from besides what is on record."""

    template: Template
    extraction: Extraction
    """The sources that can be read, and their extracts."""
    refused: Mapping[Path, UserError]
    """Why the others cannot be read."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What is on record before a build, and what will be on record of the deck as a whole after it."""

    stored: Stored
    deck: DeckRecord
    now: int
    """Seconds since 1970."""
    known: Mapping[SourcePath, SourceRecords]
    """The records of all sources except those that cannot be read."""
    warnings: Sequence[Diagnostic]
    """What there is to say of an earlier build."""

    @property
    def chosen_anew(self) -> bool:
        """Whether the recipe asks for other sentences than in the last build."""
        return self.stored.records.deck is not None and self.stored.records.deck.settings != self.deck.settings


@dataclass(frozen=True, slots=True)
class _After:
    """The records after a build, and what it reports about them."""

    records: Records
    said: Mapping[SourcePath, SourceSummary]
    changes: tuple[Change, ...]
    look_changed: bool


def build(context: BuildContext) -> Summary:
    """Build one deck: write its records and its package, and return what there is to report.

    A source that cannot be read or extracted is named in the summary and keeps its notes; the other sources are built
    as usual. What somebody writes into the records meanwhile is read before anything is replaced. Raises UserError if
    the notes folder, the template, the records or the output cannot be used, or if learners would lose what they have.
    """
    began = time.monotonic()
    context.deck.check_folders()
    failed: dict[Path, UserError] = {}
    for _ in range(_ATTEMPTS):
        try:
            return replace(_build(context, failed), seconds=time.monotonic() - began)
        except Unextractable as error:
            failed |= {context.deck.notes / path: reason for path, reason in error.errors.items()}
        except Changed:
            continue
        except UserError as error:
            raise error.at(context.deck.file) from error
    raise UserError(
        "the records of this deck change all the time",
        location=Location(str(context.deck.records)),
        hint="wait until whatever writes them has finished, and build again",
    )


def _build(context: BuildContext, failed: Mapping[Path, UserError]) -> Summary:
    """Build without the sources that have `failed`; with what is kept, a second attempt takes little time.

    Raises Unextractable if more of them fail, and Changed if a record has changed since it was read, in both cases
    before anything is written.
    """
    files = _find(context, failed)
    with kept_of(context.deck) as kept:
        digest = kept.inputs_digest(files)
        built = kept.last_summary(digest)
        if built is not None:
            return built
        inputs = _read(context, files, kept)
        with _on_record(context, inputs, kept) as before:
            unchanged = _unchanged(inputs, before, kept)
            while True:
                drafted = _extract(context, inputs, before, unchanged)
                matching = _match(drafted, before, unchanged)
                choice = drafting.choose(drafted, matching, unchanged, chosen_anew=before.chosen_anew)
                if not choice.touched:
                    break
                unchanged = unchanged.without(choice.touched)
            after = _reconcile(context.deck, choice, drafted, before, unchanged)
            built = _summarise(context.deck, inputs, choice, after, before.warnings)
            if not context.dry:
                left = writing.write(context.deck, inputs.template.note_type, before.stored, after.records, kept)
                paths = record_files.paths_of(context.deck.records, after.records.sources)
                for source, text in _to_keep(choice, drafted, after):
                    record = left.records[paths[source]] if source in paths else None
                    kept.keep_unchanged(inputs.extraction.digests[source], record, text)
                # A note that could be either of two sentences may be matched differently by the next build.
                if not built.unsure:
                    kept.keep_summary(digest, left, replace(built, warnings=built.warnings[len(before.warnings) :]))
    return built


def _find(context: BuildContext, failed: Mapping[Path, UserError]) -> Loaded:
    """Load the files of the sources. If any of them seems new, workers start to load the models."""
    deck, paths = context.deck, context.deck.find_sources()
    context.workers.preload(deck.recipe.pipeline, reading.newer(paths, deck.output))
    return reading.load(deck, paths, failed)


def _read(context: BuildContext, files: Loaded, kept: Kept) -> _Inputs:
    """Read the template and the sources. From here on, workers extract the sources that are new."""
    deck = context.deck
    template = deck.load_template()
    readable, refused = reading.parse(deck, files)
    # Once the sources are parsed, the bytes of their files would only take memory that the notes need.
    files.clear()
    return _Inputs(template, Extraction(kept, context.workers, deck.recipe.pipeline, readable), refused)


@contextmanager
def _on_record(context: BuildContext, inputs: _Inputs, kept: Kept) -> Iterator[_Before]:
    """Read what is on record, and lock it so that nobody else changes it during the build."""
    deck = context.deck
    if not context.dry and not deck.records.is_dir():
        # Where the deck cannot be written, not even a folder for its records must be made.
        apkg.prepare(deck.output)
    is_free = context.dry and not commits.is_pending(deck.records)
    with nullcontext() if is_free else record_files.locked(deck.records):
        warnings = [] if is_free else commits.recover(deck.records, deck.output)
        seen = record_files.signatures(deck.records)
        loaded = record_files.load(deck.records)
        outputs = incremental.outputs(deck, loaded)
        if not context.dry:
            apkg.prepare(deck.output, is_ours=kept.has_contents(outputs.package))
        old = records.parsed(deck.records, loaded, kept.cache)
        now = writing.time_after(old, context.clock)
        # Builds compare this text with the one on record, so another wording would count as another choice.
        settings = f"{deck.recipe.density}, {deck.recipe.limits.notes_per_source or 'all'} notes a source"
        shipped = compatibility.of_deck(deck.recipe.root, inputs.template.note_type, settings, old.deck, now)
        compatibility.check(old.deck, shipped, deck.records / record_files.OF_DECK)
        warnings += looks.check(deck, inputs.template, is_shipped=old.deck is not None)
        unread = {sources.name(path, deck.notes) for path in inputs.refused}
        known = {path: file for path, file in old.sources.items() if path not in unread}
        yield _Before(Stored(old, outputs, seen), shipped, now, known, warnings)


def _unchanged(inputs: _Inputs, before: _Before, kept: Kept) -> UnchangedSources:
    """The unchanged sources, which need not be looked at.

    A source that is being extracted has to be waited for anyway. If a source on record has vanished, all others are
    looked at, as its notes may have moved to any of them.
    """
    extraction = inputs.extraction
    known = {path: of for path, of in extraction.digests.items() if path not in extraction.under_way}
    has_lost = not before.known.keys() <= extraction.digests.keys()
    return UnchangedSources({} if has_lost else kept.unchanged(known, before.stored), extraction.sources)


def _extract(context: BuildContext, inputs: _Inputs, before: _Before, unchanged: UnchangedSources) -> Drafted:
    """The sentences of all sources except the unchanged ones, as candidates."""
    paths = [path for path in inputs.extraction.sources if path not in unchanged.found]
    extracted = inputs.extraction.of(paths, context.tick, is_last=not unchanged.found)
    return drafting.draft(context.deck.recipe, extracted, is_first=not before.known)


def _match(drafted: Drafted, before: _Before, unchanged: UnchangedSources) -> Matching:
    """Match sentences to the notes on record; of unchanged sources, only orphans can find a sentence."""
    on_record = {
        path: drafting.orphans(file) if path in unchanged.found else file for path, file in before.known.items()
    }
    return match(drafted.candidates, on_record)


def _reconcile(
    deck: DeckPaths, choice: Choice, drafted: Drafted, before: _Before, unchanged: UnchangedSources
) -> _After:
    """The records after the build."""
    recipe = deck.recipe
    rules = Rules(recipe.root, recipe.limits.cards_per_note, before.chosen_anew, before.now, recipe.text)
    made = reconcile(choice.candidates, choice.matching, before.known, rules)
    said = {path: one.summary for path, one in unchanged.found.items()} | drafting.summarise(choice, drafted, made)
    stay = {path: before.known[path] for path in unchanged.found if path in before.known}
    unread = {path: file for path, file in before.stored.records.sources.items() if path not in before.known}
    files = dict(sorted((made | stay | unread).items()))
    said |= {path: summary.of_source(file, {}) for path, file in files.items() if path not in said}
    old = before.stored.records
    changed = tuple(changes(old.sources, files))
    look_changed = old.deck is not None and old.deck.digest != before.deck.digest
    is_update = (changed or look_changed) and (old.deck or old.sources)
    shipped = replace(before.deck, changed=before.now) if is_update else before.deck
    return _After(Records(shipped, files), said, changed, look_changed)


def _summarise(
    deck: DeckPaths, inputs: _Inputs, choice: Choice, after: _After, warnings: Sequence[Diagnostic]
) -> Summary:
    """What is reported of the build."""
    notes, cards, left_out = Counter[str](), Counter[str](), Counter[str]()
    all_said = after.said.values()
    for said in all_said:
        notes.update(said.notes)
        cards.update(said.cards)
        left_out.update(said.left_out)
    found = inputs.extraction.sources
    odd = [warning for path, source in found.items() for warning in sources.warnings(source, after.said[path].stamps)]
    if deck.recipe.pipeline is None:
        odd += [warning for source in found.values() for warning in sources.in_other_language(source)]
    odd += patterns.warnings(deck.recipe.patterns, deck.file, found.values())
    return Summary(
        deck.output,
        deck.recipe.root,
        sources=len(found),
        notes=notes,
        cards=cards,
        left_out=left_out,
        rated=sum(said.rated for said in all_said),
        expected=sum(said.expected for said in all_said),
        elsewhere=deck.elsewhere,
        aside=tuple(path.relative_to(deck.notes).as_posix() for path in vault.aside(deck.notes, deck.recipe.sources)),
        refused=tuple(fault for error in inputs.refused.values() for fault in error.diagnostics),
        warnings=(*warnings, *inputs.template.warnings, *odd),
        changes=after.changes,
        look_changed=after.look_changed,
        unsure=tuple(
            (Location(str(deck.notes / path), note.line), note.sentence) for path, note in choice.matching.unsure
        ),
    )


def _to_keep(choice: Choice, drafted: Drafted, after: _After) -> Iterator[tuple[SourcePath, bytes]]:
    """By its path, what to keep of each source that the next build need not look at if nothing changes."""
    for path in drafted.of_source:
        text = drafting.to_keep(choice, drafted, path, after.records.sources.get(path), after.said[path])
        if text is not None:
            yield path, text


def all_candidates(deck: DeckPaths) -> tuple[list[Candidate], list[Diagnostic]]:
    """All sentences of a deck's sources, before they are compared with each other and with what is on record.

    The second list says why sources that can be read cannot be extracted; those that cannot be read are skipped. Raises
    UserError if there are no sources, or the spaCy pipeline cannot be loaded.
    """
    readable, _ = reading.parse(deck, reading.load(deck, deck.find_sources(), {}))
    found: list[Candidate] = []
    try:
        with kept_of(deck) as kept, Workers() as workers:
            extraction = Extraction(kept, workers, deck.recipe.pipeline, readable)
            for source, extract in extraction.of(extraction.sources):
                found += drafting.candidates(deck.recipe, source, extract)
    except Unextractable as failed:
        return found, [fault for error in failed.errors.values() for fault in error.diagnostics]
    return found, []
