"""Options that several commands share, and the decks that they name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tmscards.errors import UserError

if TYPE_CHECKING:
    from tmscards.build.project import DeckPaths

Recipes = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[RECIPE]...",
        help="Recipes such as decks/biology.yaml. Default: all in decks/, or else the notes in notes/ as they are.",
    ),
]
NotesFolder = Annotated[
    Path | None, typer.Option("--notes", metavar="DIR", help="Read notes from this folder instead of notes/.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write the deck here instead of to decks/NAME.apkg."),
]
TemplateName = Annotated[
    str | None, typer.Option("--template", metavar="NAME", help="Use this template instead of the recipe's.")
]
WorkerCount = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", min=1, help="Number of worker processes (default: one per core)."),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster", metavar="ADDRESS", help="Use the Dask cluster with this scheduler, such as tcp://10.0.0.5:8786."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per line, for programs.")]

URL = "http://127.0.0.1:8765"
Url = Annotated[str, typer.Option("--url", metavar="ADDRESS", help="Where AnkiConnect listens.")]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", envvar="TMSCARDS_ANKI_KEY", help="The key that AnkiConnect asks for."),
]
Profile = Annotated[str | None, typer.Option("--profile", metavar="NAME", help="Only if this profile is open in Anki.")]


def recipe_paths(given: list[Path] | None) -> list[Path | None]:
    """The paths of the given recipes, or else of all in `decks/`; None stands for the notes without a recipe."""
    from tmscards.build.project import RECIPES

    paths: list[Path] = list(given) if given else sorted(Path().glob(RECIPES))
    return [*paths] or [None]


def deck_paths(recipe: Path | None, notes: Path | None, output: Path | None, template: str | None) -> DeckPaths:
    """Where the deck of a recipe, or of the notes without one, reads and writes. Raises UserError for faults in it."""
    from tmscards.build import project

    if recipe is None:
        return project.without_recipe(Path(), notes, output, template)
    return project.of_recipe(recipe, notes, output, template)


def check_one(output: Path | None, decks: Sequence[object]) -> None:
    """Raise UserError if one output is given for several decks."""
    if output and len(decks) > 1:
        raise UserError("--output names one file, but there are several recipes", hint="name one recipe")


def all_deck_paths(
    recipes: list[Path] | None, notes: Path | None, output: Path | None, template: str | None
) -> list[DeckPaths | UserError]:
    """Where each of the decks that are named reads and writes, or what is wrong with its recipe.

    Raises UserError if one output is given for several decks.
    """
    paths = recipe_paths(recipes)
    check_one(output, paths)
    decks: list[DeckPaths | UserError] = []
    for path in paths:
        try:
            decks.append(deck_paths(path, notes, output, template))
        except UserError as error:
            decks.append(error)
    return decks
