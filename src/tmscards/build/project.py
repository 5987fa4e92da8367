"""Owns where the files of a deck are: its recipe, sources, records and package."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tmscards.deck import recipes
from tmscards.notes import sources
from tmscards.errors import UserError
from tmscards.deck.recipes import Recipe

RECIPES = "decks/*.yaml"
"""Where a project has its recipes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A deck to build: recipe, and where things are."""

    recipe: Recipe
    project: Path
    notes: Path
    output: Path
    template: str | None = None
    """In place of the recipe's."""
    records: Path = field(init=False)
    """The folder of the deck's records: beside the deck, and never the one that holds the notes."""

    def __post_init__(self) -> None:
        folder = self.output.with_suffix("")
        is_taken = self.notes.resolve().is_relative_to(folder.resolve())
        object.__setattr__(self, "records", self.output.with_suffix(".records") if is_taken else folder)


def plan(
    recipe_path: Path | None, project: Path, notes: Path | None, output: Path | None, template: str | None = None
) -> Plan:
    """Where a build reads and writes. Without a recipe, the deck is named after the folder that holds the notes.

    A recipe in `decks/` belongs to the project folder above it. Raises UserError for a recipe with faults.
    """
    if recipe_path is None:
        folder = notes or project / "notes"
        named = folder.resolve().parent if folder.resolve().name == "notes" else folder.resolve()
        recipe = Recipe(deck=named.name or "tmscards")
        return Plan(recipe, project, folder, output or project / "decks" / f"{_slug(recipe.deck)}.apkg", template)
    recipe = recipes.read(recipe_path)
    parent = recipe_path.parent
    base = parent.parent if parent.name == "decks" else parent
    return Plan(recipe, base, notes or base / "notes", output or parent / f"{recipe_path.stem}.apkg", template)


def find_sources(plan: Plan) -> list[Path]:
    """The files of a deck's sources. Raises UserError if there are none."""
    paths = sources.find(plan.notes, plan.recipe.sources)
    if not paths:
        raise UserError(
            f"no source in {plan.notes} matches {', '.join(plan.recipe.sources)}",
            hint="put Markdown files there, or name another folder with --notes DIR",
        )
    return paths


def _slug(name: str) -> str:
    words = "-".join("".join(c if c.isalnum() else " " for c in name).split())
    return words.lower() or "deck"
