"""Owns the order of the stages, and the summary of what a build made."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tmscards import (
    abbreviations,
    apkg,
    context,
    gaps,
    identity,
    note_types,
    passages,
    positions,
    selection,
    sources,
    statements,
)
from tmscards.domain import Draft, Note, Passage, Source, Verdict
from tmscards.errors import UserError, UserErrors
from tmscards.nlp import annotate
from tmscards.recipes import Recipe
from tmscards.recipes import read as read_recipe

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Span as SpacySpan

RECIPES = "decks/*.yaml"


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


def explain(nlp: Language, source: Source) -> list[Verdict]:
    """What becomes of each sentence of a source before the deck as a whole is looked at."""
    read = passages.read(source)
    annotated = list(annotate(nlp, read))
    ready = [passage for passage, _ in annotated]
    return [
        selection.judge(_verdict(source, ready, index, sent))
        for index, (_, doc) in enumerate(annotated)
        for sent in doc.sents
        if sent.text.strip()
    ]


def build(plan: Plan, nlp: Language, now: int, tick: Callable[[int, int, str], None]) -> Summary:
    """Build one deck. `tick` is told how many sources are done, of how many, and which comes next.

    A source that cannot be read is named in the summary, and the others are built all the same. Raises UserError if the
    notes folder, the template or the output cannot be used.
    """
    began = time.monotonic()
    summary = Summary(plan.output, plan.recipe.deck)
    paths = _find_sources(plan)
    note_type = note_types.load(plan.recipe.template, plan.project)
    apkg.prepare(plan.output)
    shipped = apkg.read(plan.output)
    drafts = list(_drafts(plan, nlp, paths, summary, tick))
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


def _find_sources(plan: Plan) -> list[Path]:
    paths = sources.find(plan.notes, plan.recipe.sources)
    if not paths:
        raise UserError(
            f"no source in {plan.notes} matches {', '.join(plan.recipe.sources)}",
            hint="put Markdown files there, or name another folder with --notes DIR",
        )
    return paths


def _drafts(
    plan: Plan, nlp: Language, paths: list[Path], summary: Summary, tick: Callable[[int, int, str], None]
) -> Iterator[Draft]:
    seen = selection.Seen()
    for done, path in enumerate(paths):
        tick(done, len(paths), path.name)
        try:
            source = sources.read(path, plan.notes)
        except UserError as error:
            summary.refused.append(error)
            continue
        summary.sources += 1
        summary.warnings += sources.warnings(source)
        limited = selection.limit(explain(nlp, source), plan.recipe.limits)
        for verdict in seen.drop_repeated(limited, source.path):
            if verdict.reason is not None or verdict.kind is None:
                summary.left_out[_kind_of_reason(verdict)] += 1
                continue
            hidden = selection.gaps(verdict, plan.recipe.limits)
            summary.notes[verdict.kind] += 1
            summary.cards[verdict.kind] += len(hidden)
            yield Draft(source, verdict, hidden, _tags(plan.recipe, source, verdict))
    tick(len(paths), len(paths), "")


def _notes(deck: str, drafts: list[Draft]) -> Iterator[Note]:
    for draft, guid in zip(drafts, identity.guids(deck, drafts), strict=True):
        yield Note(guid, note_types.fields(draft, guid), draft.tags)


def _verdict(source: Source, ready: list[Passage], index: int, sent: SpacySpan) -> Verdict:
    passage = ready[index]
    start, text = sent.start_char, sent.text.rstrip()
    # spaCy parsed a stand-in for math; the text people read is the passage's.
    shown = passage.text[start : start + len(text)]
    at = positions.position(ready, index, start, start + len(text))
    introduced = list(abbreviations.find(shown))
    verdict = Verdict(
        line=passage.line_at(start),
        text=shown,
        kind=None,
        score=0.0,
        reason=statements.leave_out(passage, sent),
        seconds=at.seconds,
        approximate=at.approximate,
        url=at.url,
        abbreviations=tuple(a for a, _, _ in introduced),
        see_also=tuple(link.words for link in passage.see_also_in(start, start + len(text))),
        headings=passage.headings,
    )
    evidence = list(statements.find(sent, introduced))
    kind, score = statements.weigh(sent, evidence)
    line = context.line(source.title, passage) if context.leans(sent) else ""
    found = [
        replace(gap, text=shown[gap.start : gap.end])
        for gap in gaps.find(passage, sent, evidence, introduced)
        if not gaps.leaks(gap.text, line)
    ]
    return replace(verdict, kind=kind, score=score, gaps=tuple(found), context=line)


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


def _kind_of_reason(verdict: Verdict) -> str:
    reason = verdict.reason or ""
    for start, kind in (
        ("says the same as", "says the same as another"),
        ("scores", "too weak a statement"),
        ("in a callout", "in a callout"),
    ):
        if reason.startswith(start):
            return kind
    return reason


def _slug(name: str) -> str:
    words = "-".join("".join(c if c.isalnum() else " " for c in name).split())
    return words.lower() or "deck"
