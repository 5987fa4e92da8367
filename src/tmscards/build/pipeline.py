"""Owns the order of the stages."""

from __future__ import annotations

import os
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from tmscards.anki import apkg, note_types, package_contents, templates
from tmscards.build import drafting, extraction_cache, incremental, project, states, summary
from tmscards.deck import compatibility, records, selection
from tmscards.language import lint
from tmscards.notes import sources
from tmscards.storage import cache, fingerprint
from tmscards.storage.cache import Cache
from tmscards.review.record_store import Desk
from tmscards.domain import Draft, Finding, Location, NoteType, Source
from tmscards.errors import UserError, UserErrors
from tmscards.build.extraction_cache import Extracts, Tick
from tmscards.build.project import Plan
from tmscards.deck.reconciliation import changes
from tmscards.deck.records import Records
from tmscards.build.incremental import Asleep
from tmscards.build.states import Left, Loaded
from tmscards.build.summary import Summary
from tmscards.anki.templates import Template
from tmscards.build.workers import Workers


@dataclass(frozen=True, slots=True)
class _Given:
    """What a build is made of besides what is on record."""

    template: Template
    readable: list[Source]
    refused: Mapping[Path, UserError]
    """Why the other sources cannot be read."""


@dataclass(frozen=True, slots=True)
class _Built:
    """What a build makes, before any of it is written."""

    summary: Summary
    records: Records
    note_type: NoteType
    settled: Mapping[str, tuple[str, bytes]]
    """By the path of a source that need not be looked at again: its digest, and what is to be kept, compressed."""


def build(plan: Plan, clock: Callable[[], float], tick: Tick, workers: Workers, *, dry: bool = False) -> Summary:
    """Build one deck and its records. `tick` is told how many sources are done, of how many, and which comes next.

    If `dry`, nothing is written but the cache, and the summary says what would change. A source that cannot be read is
    named in the summary, keeps its notes, and the others are built all the same. Raises UserError if the notes folder,
    the template, the records or the output cannot be used, or if learners would lose what they have.
    """
    began = time.monotonic()
    paths = project.find_sources(plan)
    workers.begin(plan.recipe.pipeline, _newer(paths, plan.output))
    loaded = {path: _load(path) for path in paths}
    base = states.base(plan, loaded)
    with _cache(plan) as kept:
        summary = _as_before(plan, base, kept) if kept.has(base) else None
        if summary is None:
            given = _given(plan, loaded)
            under_way = extraction_cache.begun(kept, workers, plan.recipe.pipeline, plan.recipe.density, given.readable)
            summary = _anew(plan, given, under_way, base, clock, tick=tick, dry=dry)
    summary.seconds = time.monotonic() - began
    return summary


def _newer(paths: Sequence[Path], package: Path) -> int:
    """How many sources seem to have changed since the package was written."""
    try:
        written = package.stat().st_mtime
        return sum(path.stat().st_mtime > written for path in paths)
    except OSError:
        return len(paths)


def _anew(
    plan: Plan, given: _Given, extracts: Extracts, base: str, clock: Callable[[], float], *, tick: Tick, dry: bool
) -> Summary:
    """Build, and keep what the next build need not find out again."""
    kept, is_first = extracts.kept, not plan.records.is_dir()
    if is_first and not dry:
        # Not even a folder for the records is to be made where the deck cannot be.
        apkg.prepare(plan.output)
    with nullcontext() if dry and is_first else records.locked(plan.records):
        records.recover(plan.records, plan.output)
        loaded = records.load(plan.records)
        before = states.left(plan, loaded)
        if not dry:
            apkg.prepare(plan.output, is_ours=kept.has(package_contents.key(before.package)))
        old = records.parsed(plan.records, loaded, kept)
        built = _built(plan, given, old, before, extracts, now=_time_after(old, clock), tick=tick)
        if not dry:
            left = _write(plan, old, built, before, kept)
            for source, (digest, one) in built.settled.items():
                record = left.records.get(records.path_of(plan.records, source), "")
                kept.put(incremental.key(states.rules(plan), digest, record), zlib.decompress(one))
            # Where a note could be either of two sentences, the next build may see it otherwise.
            if not built.summary.unsure:
                kept.put(base, b"")
                kept.put(states.stamp(base, left), summary.written(built.summary))
    return built.summary


def _cache(plan: Plan) -> AbstractContextManager[Cache]:
    """What the project keeps; nothing where nobody knows when its pipeline changes, as with one that is a folder."""
    is_known = fingerprint.of_pipeline(plan.recipe.pipeline) is not None
    return cache.of_project(plan.project) if is_known else nullcontext(Cache())


def _as_before(plan: Plan, base: str, kept: Cache) -> Summary | None:
    """What the last build said, if deck and records are as it left them, made of the same."""
    if not plan.records.is_dir():
        return None
    with records.locked(plan.records):
        records.recover(plan.records, plan.output)
        said = kept.get(states.stamp(base, states.left(plan, records.load(plan.records))))
    return summary.read(said, plan.output, plan.recipe.deck) if said else None


def _given(plan: Plan, loaded: Loaded) -> _Given:
    """Template and sources, read. What was loaded of the sources is gone afterwards, as there can be much of it."""
    template = templates.load(plan.template or plan.recipe.template, plan.project, plan.recipe.options)
    read = {path: _parsed(loaded.pop(path), path, plan) for path in list(loaded)}
    refused = {path: error for path, error in read.items() if isinstance(error, UserError)}
    return _Given(template, [source for source in read.values() if isinstance(source, Source)], refused)


def _built(
    plan: Plan, given: _Given, old: Records, before: Left, extracts: Extracts, *, now: int, tick: Tick
) -> _Built:
    """What a build at `now` makes of the sources and the records, and says of it."""
    recipe, readable, note_type = plan.recipe, given.readable, given.template.note_type
    summary = Summary(plan.output, recipe.deck)
    settings = f"{recipe.density}, {recipe.limits.notes_per_source or 'all'} notes a source"
    deck = compatibility.of_deck(recipe.deck, note_type, settings, old.deck, now)
    compatibility.check(old.deck, deck, plan.records / records.OF_DECK)
    summary.refused = list(given.refused.values())
    summary.sources = len(readable)
    summary.warnings = list(given.template.warnings)
    unread = {sources.name(path, plan.notes) for path in given.refused}
    known = {path: file for path, file in old.sources.items() if path not in unread}
    chosen_anew = old.deck is not None and old.deck.settings != settings
    digests = {source.path: incremental.of_source(source) for source in readable}
    bare = {source.path: replace(source, body="") for source in readable}
    # One that is under way has to be waited for anyway.
    to_know = {path: digest for path, digest in digests.items() if path not in extracts.new}
    asleep = Asleep({} if known.keys() - digests.keys() else _settled(plan, to_know, before, extracts.kept), bare)
    made = drafting.make(recipe, readable, known, asleep, extracts, chosen_anew=chosen_anew, now=now, tick=tick)
    files = made.files | {path: file for path, file in old.sources.items() if path in unread}
    files = {path: files[path] for path in sorted(files)}
    for path, source in bare.items():
        summary.warnings += sources.warnings(source, made.told[path].stamps)
    summary.changes = list(changes(old.sources, files))
    unsure = made.matching.unsure
    summary.unsure = [(Location(str(plan.notes / path), note.line), note.sentence) for path, note in unsure]
    summary.look_changed = old.deck is not None and old.deck.digest != deck.digest
    if summary.is_different and (old.deck or old.sources):
        deck = replace(deck, changed=now)
    unseen = (package_contents.told(file, {}) for path, file in files.items() if path not in made.told)
    for told in (*made.told.values(), *unseen):
        summary.notes.update(told.notes)
        summary.cards.update(told.cards)
        summary.left_out.update(told.left_out)
    note_type = replace(note_type, modified=deck.note_type_modified)
    kept_later = {path: (digests[path], one) for path, one in made.settled.items()}
    return _Built(summary, Records(deck, files), note_type, kept_later)


def _settled(plan: Plan, digests: Mapping[str, str], before: Left, kept: Cache) -> dict[str, bytes]:
    """What is kept of those of the sources with these digests that are settled."""
    rules, found = states.rules(plan), {}
    for source, digest in digests.items():
        record = before.records.get(records.path_of(plan.records, source), "")
        text = kept.get(incremental.key(rules, digest, record))
        if text:
            found[source] = text
    return found


def _write(plan: Plan, old: Records, built: _Built, before: Left, kept: Cache) -> Left:
    """Write records and package; what is left then, if nobody else writes meanwhile."""
    new, note_type = built.records, built.note_type
    assert new.deck is not None
    of_source = {source: records.path_of(plan.records, source) for source in new.sources}
    last = package_contents.read(kept.get(package_contents.key(before.package)), plan.recipe.deck, note_type)
    same = {
        source
        for source, (record, _) in last.items()
        if source in new.sources
        and new.sources[source] == old.sources.get(source)
        and record == before.records.get(of_source[source])
    }
    try:
        staged = records.stage(plan.records, old, new, kept)
        package = staged / plan.output.name
        parts = list(package_contents.parts(new.sources, new.deck.changed, last, same))
        apkg.write(package, plan.recipe.deck, note_type, parts, plan.output)
        on_record = dict(before.records)
        for path, raw in records.staged(plan.records, staged):
            if raw:
                on_record[path] = cache.digest(raw)
            else:
                on_record.pop(path, None)
        left = Left({path: on_record[path] for path in sorted(on_record)}, cache.digest_of_file(package))
        records.commit(plan.records, plan.output)
    except OSError as error:
        raise apkg.unwritable(plan.output, error) from error
    contents = {
        source: (on_record[of_source[source]], len(part)) for source, part in zip(new.sources, parts, strict=True)
    }
    kept.put(package_contents.key(left.package), package_contents.written(contents, plan.recipe.deck, note_type))
    return left


def _time_after(old: Records, clock: Callable[[], float]) -> int:
    """Now, seconds since 1970, later than everything on record, and never in the future.

    Raises UserError if the records are from the future, as Anki would not take over changes made before that.
    """
    latest = max(
        (note.modified for file in old.sources.values() for note in file.notes),
        default=0,
    )
    latest = max(latest, old.deck.changed, old.deck.note_type_modified) if old.deck else latest
    while (now := int(clock())) <= latest:
        if latest - now > 2:
            raise UserError(
                f"the records say that this deck changed at {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(latest))} "
                "UTC, which is in the future",
                hint="set this computer's clock, or the `modified` that is wrong in the records",
            )
        time.sleep(0.1)
    return now


def preview(plan: Plan) -> Path:
    """Write a page that shows the deck's cards, as they are on record, in the template of today; where it is.

    Raises UserError if the deck was never built, if template or records have faults, or if the page cannot be written.
    """
    from tmscards.anki import preview as pages

    on_record = records.read(plan.records)
    if not on_record.sources:
        raise UserError(
            "there is no deck to show yet", location=Location(str(plan.output)), hint="build it first: tmscards build"
        )
    template = templates.load(plan.template or plan.recipe.template, plan.project, plan.recipe.options)
    target = plan.output.with_suffix(".html")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            page = Path(folder, target.name)
            page.write_text(pages.page(plan.recipe.deck, template.note_type, on_record.sources), encoding="utf-8")
            os.replace(page, target)
    except OSError as error:
        raise UserError(f"this cannot be written: {error.strerror}", location=Location(str(target))) from error
    return target


def desk(plan: Plan) -> Desk:
    """The desk at which a deck is reviewed. Raises UserError if it was never built, or its records have faults."""
    if not plan.records.is_dir():
        raise UserError(
            "there is no deck to review yet", location=Location(str(plan.output)), hint="build it first: tmscards build"
        )
    with _cache(plan) as kept:
        return Desk(plan.records, plan.output, kept)


def check(plan: Plan) -> Iterator[UserError]:
    """All that is wrong with a plan's template, records and sources, and what is odd about them. Nothing is written."""
    template = None
    try:
        template = templates.load(plan.template or plan.recipe.template, plan.project, plan.recipe.options)
        yield from template.warnings
    except UserErrors as errors:
        yield from errors.errors
    except UserError as error:
        yield error
    try:
        on_record = records.read(plan.records).sources.values()
        shown = [note for file in on_record for note in package_contents.shipped(file, 0)]
        if template and shown:
            filled = (zip(note_types.FIELDS, note.fields, strict=True) for note in shown)
            yield from templates.empty(template, {name for note in filled for name, value in note if value})
    except UserErrors as errors:
        yield from errors.errors
    try:
        paths = project.find_sources(plan)
    except UserError as error:
        yield error
        return
    for path in paths:
        try:
            source = sources.read(path, plan.notes)
        except UserError as error:
            yield error
        else:
            yield from sources.warnings(source, sources.stamps(source))


def findings(plan: Plan) -> Iterator[tuple[Location, Finding]]:
    """What card lint finds in the notes that a build would make anew, and in those it leaves out as repeated.

    A sentence that its author keeps by hand has no findings. Sources that cannot be read are passed over.
    """
    judged, _ = selection.once(sentences(plan), set())
    for draft in judged:
        verdict = draft.verdict
        is_repeated = any(f.rule in lint.OF_A_DECK for f in verdict.findings)
        if not verdict.kept and (verdict.reason is None or is_repeated):
            yield from ((Location(draft.source.shown, verdict.line), finding) for finding in verdict.findings)


def sentences(plan: Plan) -> list[Draft]:
    """All sentences of a deck's sources, before they are compared with each other and with what is on record.

    Sources that cannot be read are passed over.
    """
    read = (_parsed(_load(path), path, plan) for path in project.find_sources(plan))
    readable = [source for source in read if isinstance(source, Source)]
    recipe = plan.recipe
    with _cache(plan) as kept, Workers() as workers:
        made = extraction_cache.begun(kept, workers, recipe.pipeline, recipe.density, readable)
        return [draft for source, extract in made.of(readable) for draft in drafting.drafts(recipe, source, extract)]


def _load(path: Path) -> bytes | UserError:
    try:
        return sources.load(path)
    except UserError as error:
        return error


def _parsed(raw: bytes | UserError, path: Path, plan: Plan) -> Source | UserError:
    try:
        return raw if isinstance(raw, UserError) else sources.parse(raw, path, plan.notes)
    except UserError as error:
        return error
