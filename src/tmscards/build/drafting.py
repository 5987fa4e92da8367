"""Owns what a build makes of the sources: their sentences drafted, matched, chosen, and reconciled with the records."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache as cached
from functools import partial

from tmscards.anki import package_contents
from tmscards.build import incremental
from tmscards.deck import selection
from tmscards.notes import sources
from tmscards.domain import Draft, Extract, Source, SourceRecords, Told
from tmscards.build.extraction_cache import Extracts, Tick
from tmscards.deck.matching import Matching, match
from tmscards.deck.recipes import Recipe
from tmscards.deck.reconciliation import reconcile, stays
from tmscards.build.incremental import Asleep

_LeftOut = tuple[str, str]
"""Of a sentence without a note: its text, and the kind of reason."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a build makes of the sources."""

    files: dict[str, SourceRecords]
    """The records of each source, by path."""
    matching: Matching
    told: Mapping[str, Told]
    """Of each source, by path."""
    settled: Mapping[str, bytes]
    """By the path of a source that need not be looked at again: what is to be kept, compressed."""


def make(
    recipe: Recipe,
    readable: list[Source],
    known: Mapping[str, SourceRecords],
    asleep: Asleep,
    extracts: Extracts,
    *,
    chosen_anew: bool,
    now: int,
    tick: Tick,
) -> Made:
    """The records of all sources, by those that are `known`.

    Those that are `asleep` are looked at only where what comes of the others touches them. If none is, the list of
    sources is empty afterwards.
    """
    while True:
        awake = [source for source in readable if source.path not in asleep.found]
        if not asleep.found:
            # Memory is for the notes, not for the texts that they were found in, which nobody asks for again.
            readable.clear()
        drafted = _drafted(recipe, extracts.of(awake, tick), is_first=not known)
        awake.clear()
        # An orphan of a settled source comes back as soon as another says the same.
        on_record = {path: _orphans(file) if path in asleep.found else file for path, file in known.items()}
        matching = match(drafted.drafts, on_record)
        touched = {path for path, _ in matching.known.values()} & asleep.found.keys()
        matching = replace(matching, gone=[(path, note) for path, note in matching.gone if path not in asleep.found])
        staying = {
            i
            for i, (_, record) in matching.known.items()
            # What somebody has rejected is not to come back from another source.
            if record.status == "rejected" or stays(drafted.drafts[i], record, chosen_anew=chosen_anew)
        }
        judged, beside = selection.once(drafted.drafts, staying, asleep.statements)
        in_deck = [draft for i, draft in enumerate(judged) if i in staying or draft.verdict.reason is None]
        touched |= asleep.could_take(matching) | selection.repeating(in_deck, asleep.repeats)
        if not touched:
            break
        asleep = asleep.without(touched)
    files = reconcile(
        recipe.deck, judged, matching, known, most=recipe.limits.cards_per_note, chosen_anew=chosen_anew, now=now
    )
    told = {path: one.told for path, one in asleep.found.items()}
    found = {}
    for path, indices in drafted.indices.items():
        file, dropped = files.get(path), drafted.dropped[path]
        with_note = {note.sentence for note in file.notes} if file else set()
        left_out = [*dropped, *(_left_out(judged[i]) for i in indices)]
        reasons = Counter(reason for text, reason in left_out if text not in with_note)
        told[path] = package_contents.told(file, reasons, drafted.stamps[path])
        texts = [text for text, _ in dropped]
        one = incremental.of(judged, matching, beside, indices, file=file, dropped=texts, told=told[path])
        if one:
            found[path] = zlib.compress(one, 1)
    files |= {path: known[path] for path in asleep.found if path in known}
    return Made(files, matching, told, found)


@dataclass(frozen=True, slots=True)
class _Drafted:
    """The sentences of sources, and by the path of each source what else there is to know."""

    drafts: list[Draft]
    indices: dict[str, range]
    dropped: defaultdict[str, list[_LeftOut]]
    """Sentences that nothing was drafted of."""
    stamps: dict[str, tuple[int, ...]]


def _drafted(recipe: Recipe, extracted: Iterable[tuple[Source, Extract]], *, is_first: bool) -> _Drafted:
    """The sentences of sources as drafts; if nothing is on record, only those that a note is made of."""
    made = _Drafted([], {}, defaultdict(list), {})
    for source, extract in extracted:
        begun, made.stamps[source.path] = len(made.drafts), extract.stamps
        for draft in drafts(recipe, source, extract):
            if not is_first:
                made.drafts.append(draft)
            elif draft.verdict.reason is None:
                # No gap has a number to keep.
                made.drafts.append(replace(draft, verdict=replace(draft.verdict, gaps=draft.gaps)))
            else:
                made.dropped[source.path].append(_left_out(draft))
        made.indices[source.path] = range(begun, len(made.drafts))
    return made


def drafts(recipe: Recipe, source: Source, extract: Extract) -> Iterator[Draft]:
    """The sentences of a source, with what a new note of each would hide."""
    tags = cached(partial(_tags, recipe, source))
    for verdict in selection.limit(extract.verdicts, recipe.limits):
        hidden = selection.gaps(verdict, recipe.limits, recipe.density)
        yield Draft(source, verdict, hidden, tags(verdict.headings if "heading" in recipe.tags_from else ()))


def _orphans(file: SourceRecords) -> SourceRecords:
    return replace(file, notes=tuple(note for note in file.notes if note.status == "orphan"))


def _left_out(draft: Draft) -> _LeftOut:
    return draft.verdict.text, _kind_of_reason(draft.verdict.reason or "")


def _kind_of_reason(reason: str) -> str:
    """A reason without what it was found in."""
    return "too unlikely to be worth keeping" if reason.startswith("its best card") else reason.partition(": ")[0]


def _tags(recipe: Recipe, source: Source, headings: tuple[str, ...]) -> tuple[str, ...]:
    tags = [*sources.as_tags(recipe.tags)]
    if "front matter" in recipe.tags_from:
        tags += source.tags
    if "folder" in recipe.tags_from:
        tags += _hierarchy(source.path.split("/")[:-1])
    tags += _hierarchy(headings)
    return tuple(dict.fromkeys(tags))


def _hierarchy(parts: Iterable[str]) -> list[str]:
    named = [tag for part in parts if (tag := sources.as_tag(part))]
    return ["::".join(named)] if named else []
