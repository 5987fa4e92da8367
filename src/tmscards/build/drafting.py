"""Make candidates of extracts, choose which of them get a note, and say what to report and keep of each source."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache as cached
from functools import partial

from tmscards.build import summary, unchanged
from tmscards.build.summary import SourceSummary
from tmscards.build.unchanged import Details, UnchangedSource, UnchangedSources
from tmscards.deck import facts, patterns, selection
from tmscards.deck.matching import Matching
from tmscards.deck.recipes import PROPERTY, Recipe
from tmscards.deck.reconciliation import stays
from tmscards.domain import Candidate, Extract, SentenceResult, Source, SourcePath, SourceRecords
from tmscards.notes import addresses
from tmscards.tags import as_tag, as_tags
from tmscards.text import normalised

_LeftOut = tuple[str, str]
"""A sentence without a note: its text, and the kind of reason why it has none."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """The sentences of some sources as candidates, and by the path of each source what else there is to know."""

    candidates: Sequence[Candidate]
    of_source: Mapping[SourcePath, range]
    """The indices of its candidates."""
    dropped: Mapping[SourcePath, Sequence[_LeftOut]]
    """Sentences that get no note and are not candidates either, as there is no note on record that could be theirs."""
    stamps: Mapping[SourcePath, tuple[int, ...]]
    """All its timestamps, in seconds."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidates have a note or get one."""

    candidates: Sequence[Candidate]
    """All that were drafted; those that repeat others now have a reason to be left out."""
    matching: Matching
    """Which notes on record they are; `gone` holds no notes of unchanged sources, as those keep all of theirs."""
    repeated: Mapping[int, SourcePath]
    """By the index of each candidate that repeats another statement: the source of that statement."""
    touched: Set[SourcePath]
    """Unchanged sources that have to be looked at after all; as long as there are any, this choice does not count."""


def candidates(recipe: Recipe, source: Source, extract: Extract) -> Iterator[Candidate]:
    """A candidate for each statement of a source: the gaps and tags of a new note, and any reason against making it."""
    tags = cached(partial(_tags, recipe, source))
    results = list(facts.statements(extract.results, recipe.text))
    reasons = selection.reasons(results, recipe.density, recipe.limits)
    for result, reason in zip(results, reasons, strict=True):
        hidden = selection.gaps(result, recipe.limits, recipe.density)
        above = result.headings if "heading" in recipe.tags_from else ()
        deck = patterns.deck(recipe.deck, source, result.headings)
        link = addresses.within(source.address, result.block, result.headings)
        own = "" if deck == recipe.root else deck
        extra = patterns.filled(recipe.fields.Extra, source, result.headings)
        yield Candidate(source, result, hidden, tags(above), own, extra, link, reason)


def draft(recipe: Recipe, extracted: Iterable[tuple[Source, Extract]], *, is_first: bool) -> Drafted:
    """The sentences of sources as candidates; if nothing is on record (`is_first`), only those that get a note."""
    found: list[Candidate] = []
    of_source: dict[SourcePath, range] = {}
    dropped: defaultdict[SourcePath, list[_LeftOut]] = defaultdict(list)
    stamps: dict[SourcePath, tuple[int, ...]] = {}
    for source, extract in extracted:
        begun, stamps[source.path] = len(found), extract.stamps
        for candidate in candidates(recipe, source, extract):
            if not is_first:
                found.append(candidate)
            elif candidate.reason is None:
                # Without records no gap has a number to keep, so the gaps that were not chosen are not needed.
                found.append(replace(candidate, result=replace(candidate.result, gaps=candidate.gaps)))
            else:
                dropped[source.path].append(_left_out(candidate))
        of_source[source.path] = range(begun, len(found))
    return Drafted(found, of_source, dropped, stamps)


def choose(drafted: Drafted, matching: Matching, others: UnchangedSources, *, chosen_anew: bool) -> Choice:
    """Choose which candidates keep their note or get one. The notes of `others`, the unchanged sources, stay.

    `chosen_anew` says that the recipe now asks for other sentences than in the last build.
    """
    found = facts.apart(drafted.candidates, matching.known)
    touched = {path for path, _ in matching.known.values()} & others.found.keys()
    matching = replace(matching, gone=[(path, note) for path, note in matching.gone if path not in others.found])
    staying = {
        i
        for i, (_, record) in matching.known.items()
        # A statement that somebody has rejected must not come back from another source.
        if record.status == "rejected" or stays(found[i], record, chosen_anew=chosen_anew)
    }
    judged, repeated = selection.drop_duplicates(found, staying, others.statements)
    in_deck = [candidate for i, candidate in enumerate(judged) if i in staying or candidate.reason is None]
    touched |= others.could_take(matching) | selection.repeating(in_deck, others.repeats)
    return Choice(judged, matching, repeated, touched)


def orphans(file: SourceRecords) -> SourceRecords:
    """The records of a source with its orphans alone: each comes back as soon as another source says the same."""
    return replace(file, notes=tuple(note for note in file.notes if note.status == "orphan"))


def summarise(
    choice: Choice, drafted: Drafted, files: Mapping[SourcePath, SourceRecords]
) -> dict[SourcePath, SourceSummary]:
    """What to report of each source that was drafted, by its path; `files` are the records after the build."""
    found = {}
    for path, indices in drafted.of_source.items():
        file = files.get(path)
        with_note = {note.sentence for note in file.notes} if file else set()
        left_out = [*drafted.dropped.get(path, ()), *(_left_out(choice.candidates[i]) for i in indices)]
        reasons = Counter(reason for text, reason in left_out if text not in with_note)
        chosen = {note.sentence for note in file.notes if note.status in ("auto", "approved")} if file else set()
        rated = [c.gaps for i in indices if not (c := choice.candidates[i]).result.marked and c.result.text in chosen]
        found[path] = summary.of_source(
            file, reasons, drafted.stamps[path], [gap.score for gaps in rated for gap in gaps]
        )
    return found


def to_keep(
    choice: Choice, drafted: Drafted, path: SourcePath, file: SourceRecords | None, said: SourceSummary
) -> bytes | None:
    """What to keep of a source after a build, as bytes; None if the next build has to look at it again.

    `file` holds its records after this build, and `said` what is reported of it. The next build has to look at it again
    if the notes on record are not just those of its sentences, if a note has come from another source, or if one could
    belong to either of two sentences.
    """
    found, matching, indices = choice.candidates, choice.matching, drafted.of_source[path]
    with_note = [i for i in indices if i in matching.known or found[i].reason is None]
    if (
        len(with_note) != sum(note.status != "orphan" for note in (file.notes if file else ()))
        or any(i in matching.known and matching.known[i][0] != path for i in with_note)
        or any(source == path for source, _ in matching.unsure)
    ):
        return None
    others = sorted(set(indices) - set(with_note))
    repeats = [i for i in others if i in choice.repeated]
    words, repeated = (
        " ".join(sorted({word for i in those for word in selection.words(found[i])})) for those in (with_note, repeats)
    )
    free = (*(found[i].result.text for i in others), *(text for text, _ in drafted.dropped.get(path, ())))
    beside = {choice.repeated[i]: None for i in repeats if choice.repeated[i] != path}
    details = Details(
        tuple(_compared(found[i]) for i in with_note),
        tuple(_compared(found[i]) for i in repeats),
        tuple(map(normalised, free)),
    )
    return unchanged.dump(UnchangedSource(tuple(beside), words, repeated, said), details)


def _compared(candidate: Candidate) -> SentenceResult:
    """A sentence result reduced to what new statements are compared with."""
    gaps = tuple(replace(gap, repeats=(), hint="") for gap in candidate.gaps)
    return SentenceResult(candidate.result.line, candidate.result.text, None, 0.0, gaps)


def _left_out(candidate: Candidate) -> _LeftOut:
    return candidate.result.text, selection.kind_of_reason(candidate.reason or "")


def _tags(recipe: Recipe, source: Source, headings: tuple[str, ...]) -> tuple[str, ...]:
    tags = [*as_tags(recipe.tags)]
    if "front matter" in recipe.tags_from:
        tags += source.tags
    if "folder" in recipe.tags_from:
        tags += _hierarchy(source.path.split("/")[:-1])
    if "title" in recipe.tags_from:
        tags += as_tags([source.title])
    for key in (each.removeprefix(PROPERTY).strip() for each in recipe.tags_from if each.startswith(PROPERTY)):
        tags += as_tags(source.properties.get(key.lower(), ()))
    tags += _hierarchy(headings)
    return tuple(dict.fromkeys(tags))


def _hierarchy(parts: Iterable[str]) -> list[str]:
    named = [tag for part in parts if (tag := as_tag(part))]
    return ["::".join(named)] if named else []
