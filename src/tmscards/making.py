"""Owns what a build makes of the sources: their sentences drafted, matched, chosen, and reconciled with the records."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache as cached
from functools import partial

from tmscards import extracts, selection, settled, sources
from tmscards.cache import Cache
from tmscards.domain import Draft, Extract, Source, SourceRecords
from tmscards.extracts import Tick
from tmscards.matching import Matching, match
from tmscards.recipes import Recipe
from tmscards.reconciliation import reconcile, stays
from tmscards.settled import Settled

_LeftOut = tuple[str, str]
"""Of a sentence without a note: its text, and the kind of reason."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a build makes of the sources."""

    files: dict[str, SourceRecords]
    """The records of each source, by path."""
    matching: Matching
    left_out: Counter[str]
    """Sentences without a note, by reason."""
    stamps: Mapping[str, tuple[int, ...]]
    """All timestamps of each source."""
    settled: Mapping[str, bytes]
    """By the path of a source that need not be looked at again: what is to be kept, compressed."""


def make(
    recipe: Recipe,
    bare: Sequence[Source],
    known: Mapping[str, SourceRecords],
    awake: list[Source],
    asleep: Mapping[str, Settled],
    *,
    kept: Cache,
    chosen_anew: bool,
    now: int,
    tick: Tick,
    by: int | Executor | None,
) -> Made:
    """The records of all sources, those that are `asleep` as they were.

    `bare` are all sources without their texts, and `awake` those to be looked at; it is empty afterwards.
    """
    stamps = {path: one.stamps for path, one in asleep.items()}
    left_out = defaultdict[str, Counter[str]](Counter, {path: Counter(one.left_out) for path, one in asleep.items()})
    sentences: list[Draft] = []
    indices: dict[str, range] = {}
    dropped = defaultdict[str, list[_LeftOut]](list)
    for source, extract in extracts.of(kept, recipe.pipeline, recipe.density, awake, by=by, tick=tick):
        begun, stamps[source.path] = len(sentences), extract.stamps
        for draft in drafts(recipe, source, extract):
            # Where nothing is on record, a sentence that is left out is no note's, and no gap has a number to keep.
            if known:
                sentences.append(draft)
            elif draft.verdict.reason is None:
                sentences.append(replace(draft, verdict=replace(draft.verdict, gaps=draft.gaps)))
            else:
                dropped[source.path].append(_left_out(draft))
        indices[source.path] = range(begun, len(sentences))
    awake.clear()
    matching = match(sentences, {path: file for path, file in known.items() if path not in asleep})
    staying = {
        i
        for i, (_, record) in matching.known.items()
        # What somebody has rejected is not to come back from another source.
        if record.status == "rejected" or stays(sentences[i], record, chosen_anew=chosen_anew)
    }
    others = (
        draft for source in bare if source.path in asleep for draft in settled.drafts(asleep[source.path], source)
    )
    sentences = selection.once(sentences, staying, others)
    files = reconcile(
        recipe.deck, sentences, matching, known, most=recipe.limits.cards_per_note, chosen_anew=chosen_anew, now=now
    )
    found = {}
    for path, its in indices.items():
        file = files.get(path)
        with_note = {note.sentence for note in file.notes} if file else set()
        told = [*dropped[path], *(_left_out(sentences[i]) for i in its)]
        left_out[path] = Counter(reason for text, reason in told if text not in with_note)
        one = settled.of(sentences, matching, its, file, [text for text, _ in dropped[path]])
        if one:
            one = replace(one, left_out=left_out[path], stamps=stamps[path])
            found[path] = zlib.compress(settled.written(one), 1)
    files |= {path: known[path] for path in asleep if path in known}
    return Made(files, matching, sum(left_out.values(), Counter()), stamps, found)


def drafts(recipe: Recipe, source: Source, extract: Extract) -> Iterator[Draft]:
    """The sentences of a source, with what a new note of each would hide."""
    tags = cached(partial(_tags, recipe, source))
    for verdict in selection.limit(extract.verdicts, recipe.limits):
        hidden = selection.gaps(verdict, recipe.limits, recipe.density)
        yield Draft(source, verdict, hidden, tags(verdict.headings if "heading" in recipe.tags_from else ()))


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
