"""Owns the order of the stages, and the summary of what a build made."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tmscards import answers, apkg, context, identity, lint, note_types, selection, sources, workers
from tmscards.domain import Draft, Finding, Gap, Location, Note, Source, Verdict
from tmscards.errors import UserError, UserErrors
from tmscards.recipes import Recipe
from tmscards.recipes import read as read_recipe

if TYPE_CHECKING:
    from tmscards.extraction import Engine

RECIPES = "decks/*.yaml"

_Judged = tuple[Source, Verdict, tuple[Gap, ...]]
Tick = Callable[[int, int, str], None]
"""Told how many sources are done, of how many, and which comes next."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A deck to build: recipe, and where things are."""

    recipe: Recipe
    project: Path
    notes: Path
    output: Path


@dataclass(slots=True)
class Summary:
    """What a build made of a deck."""

    output: Path
    deck: str
    sources: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    """By kind."""
    cards: Counter[str] = field(default_factory=Counter)
    """By kind."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Sentences, by reason."""
    refused: list[UserError] = field(default_factory=list)
    warnings: list[UserError] = field(default_factory=list)
    seconds: float = 0.0


def plan(recipe_path: Path | None, project: Path, notes: Path | None, output: Path | None) -> Plan:
    """Where a build reads and writes. Without a recipe, the deck is named after the folder that holds the notes.

    A recipe in `decks/` belongs to the project folder above it. Raises UserError for a recipe with faults.
    """
    if recipe_path is None:
        folder = notes or project / "notes"
        named = folder.resolve().parent if folder.resolve().name == "notes" else folder.resolve()
        recipe = Recipe(deck=named.name or "tmscards")
        return Plan(recipe, project, folder, output or project / "decks" / f"{_slug(recipe.deck)}.apkg")
    recipe = read_recipe(recipe_path)
    parent = recipe_path.parent
    base = parent.parent if parent.name == "decks" else parent
    return Plan(recipe, base, notes or base / "notes", output or parent / f"{recipe_path.stem}.apkg")


def build(plan: Plan, engine: Engine, now: int, tick: Tick, count: int | None = None) -> Summary:
    """Build one deck. `tick` is told how many sources are done, of how many, and which comes next.

    `count` is the number of worker processes; None for as many as the sources are worth. A source that cannot be read
    is named in the summary, and the others are built all the same. Raises UserError if the notes folder, the template
    or the output cannot be used.
    """
    began = time.monotonic()
    summary = Summary(plan.output, plan.recipe.deck)
    read = [_read(path, plan) for path in _find_sources(plan)]
    note_type = note_types.load(plan.recipe.template, plan.project)
    apkg.prepare(plan.output)
    shipped = apkg.read(plan.output)
    readable = [source for source in read if isinstance(source, Source)]
    summary.sources = len(readable)
    summary.refused = [error for error in read if isinstance(error, UserError)]
    summary.warnings = [warning for source in readable for warning in sources.warnings(source)]
    judged = _judged(plan, engine, readable, count or workers.how_many(len(readable)), tick)
    drafts = list(_drafts(plan.recipe, judged, summary))
    notes = list(_notes(plan.recipe.deck, drafts))
    apkg.write(
        plan.output,
        plan.recipe.deck,
        identity.stamp_note_type(note_type, shipped, now),
        identity.stamp(notes, shipped, now),
    )
    summary.seconds = time.monotonic() - began
    return summary


def check(plan: Plan) -> Iterator[UserError]:
    """All that is wrong with a plan's template and sources, and what is odd about them. Nothing is written."""
    try:
        note_types.load(plan.recipe.template, plan.project)
    except UserErrors as errors:
        yield from errors.errors
    except UserError as error:
        yield error
    try:
        paths = _find_sources(plan)
    except UserError as error:
        yield error
        return
    for path in paths:
        try:
            source = sources.read(path, plan.notes)
        except UserError as error:
            yield error
        else:
            yield from sources.warnings(source)


def findings(plan: Plan, engine: Engine) -> Iterator[tuple[Location, Finding]]:
    """What card lint finds in the notes that a build would make, and in those it leaves out as repeated.

    A sentence that its author keeps by hand has no findings. Sources that cannot be read are passed over.
    """
    readable = [r for path in _find_sources(plan) if isinstance(r := _read(path, plan), Source)]
    for source, verdict, _ in _judged(plan, engine, readable, workers.how_many(len(readable))):
        is_repeated = any(f.rule in lint.OF_A_DECK for f in verdict.findings)
        if not verdict.kept and (verdict.reason is None or is_repeated):
            yield from ((Location(source.shown, verdict.line), finding) for finding in verdict.findings)


def _find_sources(plan: Plan) -> list[Path]:
    paths = sources.find(plan.notes, plan.recipe.sources)
    if not paths:
        raise UserError(
            f"no source in {plan.notes} matches {', '.join(plan.recipe.sources)}",
            hint="put Markdown files there, or name another folder with --notes DIR",
        )
    return paths


def _read(path: Path, plan: Plan) -> Source | UserError:
    try:
        return sources.read(path, plan.notes)
    except UserError as error:
        return error


def _drafts(recipe: Recipe, judged: Iterable[_Judged], summary: Summary) -> Iterator[Draft]:
    for source, verdict, hidden in judged:
        if verdict.reason is not None or verdict.kind is None:
            summary.left_out[_kind_of_reason(verdict.reason or "")] += 1
            continue
        summary.notes[verdict.kind] += 1
        summary.cards[verdict.kind] += len({gap.number or gap for gap in hidden})
        edits = (*verdict.edits, *answers.articles(verdict.text, hidden))
        yield Draft(source, verdict, hidden, edits, context.lines(verdict, hidden), _tags(recipe, source, verdict))


def _judged(
    plan: Plan, engine: Engine, readable: list[Source], count: int, tick: Tick = lambda *_: None
) -> Iterator[_Judged]:
    """The verdicts on the sentences of sources, the deck as a whole being looked at, and the gaps of each note."""
    deck, recipe = selection.Deck(), plan.recipe
    explained = workers.explain(engine, readable, recipe.density, count)
    for done, source in enumerate(readable):
        tick(done, len(readable), source.shown)
        for verdict in selection.limit(next(explained), recipe.limits):
            hidden = selection.gaps(verdict, recipe.limits, recipe.density)
            repeated = None
            if verdict.reason is None:
                repeated = deck.repeats(verdict, hidden, f"{source.path}:{verdict.line}")
            if repeated is not None and not verdict.kept:
                found = (*verdict.findings, repeated)
                yield source, replace(verdict, reason=repeated.message, findings=found), hidden
            else:
                yield source, verdict, hidden
    tick(len(readable), len(readable), "")


def _notes(deck: str, drafts: list[Draft]) -> Iterator[Note]:
    for draft, guid in zip(drafts, identity.guids(deck, drafts), strict=True):
        yield Note(guid, note_types.fields(draft, guid), draft.tags)


def _tags(recipe: Recipe, source: Source, verdict: Verdict) -> tuple[str, ...]:
    tags = [tag for word in recipe.tags if (tag := sources.as_tag(word))]
    if "front matter" in recipe.tags_from:
        tags += source.tags
    if "folder" in recipe.tags_from:
        tags += _hierarchy(source.path.split("/")[:-1])
    if "heading" in recipe.tags_from:
        tags += _hierarchy(verdict.headings)
    return tuple(dict.fromkeys(tags))


def _hierarchy(parts: Iterable[str]) -> list[str]:
    named = [tag for part in parts if (tag := sources.as_tag(part))]
    return ["::".join(named)] if named else []


def _kind_of_reason(reason: str) -> str:
    """A reason without what it was found in."""
    return "too unlikely to be worth keeping" if reason.startswith("its best card") else reason.partition(": ")[0]


def _slug(name: str) -> str:
    words = "-".join("".join(c if c.isalnum() else " " for c in name).split())
    return words.lower() or "deck"
