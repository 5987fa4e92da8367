"""Where the files of a deck are: its recipe, sources, template, records and package."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from tmscards.anki import note_types, templates
from tmscards.anki.templates import Template
from tmscards.deck import recipes
from tmscards.deck.recipes import Recipe
from tmscards.domain import Location
from tmscards.errors import UserError, unwritable
from tmscards.notes import vault
from tmscards.storage import files

RECIPES = "decks/*.yaml"
"""The pattern that a project's recipes match, relative to its folder."""


@dataclass(frozen=True, slots=True)
class DeckPaths:
    """A deck's recipe, and where its files are."""

    recipe: Recipe
    project: Path
    notes: Path
    output: Path
    """The package."""
    home: Path
    """The folder that somebody has chosen to write to: the project, or the one of the output that was named."""
    template: str | None = None
    """The name of a template to use instead of the recipe's."""
    file: Path | None = None
    """The recipe's file; None for a deck without a recipe."""
    records: Path = field(init=False)
    """The folder of the deck's records: next to the package, and never one that holds the notes."""

    def __post_init__(self) -> None:
        folder = self.output.with_suffix("")
        is_taken = _real(self.notes).is_relative_to(_real(folder))
        object.__setattr__(self, "records", self.output.with_suffix(".records") if is_taken else folder)

    def check_folders(self) -> None:
        """Raise UserError if the package, or a folder that it or the records are in, is a link.

        A link in a project from elsewhere could lead to any folder of this computer.
        """
        for path in (self.output, self.page, self.records):
            try:
                files.check_real(path, self.home)
            except OSError as error:
                raise unwritable(
                    path, error, "this deck", "put a folder there, or name another place with --output"
                ) from error

    @property
    def elsewhere(self) -> Path | None:
        """The folder of the notes, if it is the recipe that names one outside the project."""
        notes = _real(self.notes)
        is_named = self.recipe.notes is not None and notes == _real(self.project / Path(self.recipe.notes).expanduser())
        return notes if is_named and not notes.is_relative_to(_real(self.project)) else None

    @property
    def template_name(self) -> str:
        """The name of the template that the deck is built with."""
        return self.template or self.recipe.template

    def find_sources(self) -> list[Path]:
        """The files of the deck's sources. Raises UserError if there are none."""
        paths = vault.find(self.notes, self.recipe.sources, follow_links=self.recipe.follow_links)
        if not paths:
            raise UserError(
                f"no source in {self.notes} matches {', '.join(self.recipe.sources)}",
                hint="put Markdown files there, or name another folder with --notes DIR or `notes:` in the recipe",
            )
        return paths

    @property
    def page(self) -> Path:
        """The preview's file."""
        return self.output.with_suffix(".html")

    def load_template(self) -> Template:
        """The deck's template, read with the recipe's options. Raises UserError if it has faults."""
        return templates.load(self.template_name, self.project, self.recipe.options)


def of_recipe(
    path: Path, notes: Path | None = None, output: Path | None = None, template: str | None = None
) -> DeckPaths:
    """Where the deck of a recipe reads and writes; `notes`, `output` and `template` replace what the recipe implies.

    A recipe in `decks/` belongs to the project folder above it. Raises UserError for a recipe with faults.
    """
    check_name(output or path)
    if vault.is_note(path):
        raise UserError(
            "this is a note, and not a recipe",
            location=Location(str(path)),
            hint="name a recipe such as decks/a.yaml; what becomes of a note, `tmscards explain` shows",
        )
    recipe = recipes.read(path)
    project = path.parent.parent if path.parent.name == "decks" else path.parent
    package = output or path.parent / f"{path.stem}.apkg"
    home = output.parent if output else project
    folder = notes or project / Path(recipe.notes or "notes").expanduser()
    return DeckPaths(recipe, project, folder, package, home, template, path)


def that_reads(file: Path, project: Path) -> DeckPaths | None:
    """The deck of the first recipe in a project that has a file among its sources; None if there is none."""
    for path in sorted(project.glob(RECIPES)):
        try:
            deck = of_recipe(path)
            if _real(file) in map(_real, deck.find_sources()):
                return deck
        except UserError:
            continue
    return None


def without_recipe(
    project: Path, notes: Path | None = None, output: Path | None = None, template: str | None = None
) -> DeckPaths:
    """Where a deck without a recipe reads and writes in a project.

    It is named after the folder of the notes, or the one above that if the notes are in a folder called `notes`.
    """
    folder = notes or project / "notes"
    named = _real(folder).parent if _real(folder).name == "notes" else _real(folder)
    recipe = Recipe(deck=named.name if named.name and note_types.is_plain(named.name) else "tmscards")
    package = output or project / "decks" / f"{slug(recipe.deck)}.apkg"
    return DeckPaths(recipe, project, folder, package, output.parent if output else project, template)


def _real(path: Path) -> Path:
    """A path without links, and a link that leads in a circle as it is; Path.resolve raises RuntimeError for one."""
    return Path(os.path.realpath(path))


def check_name(path: Path) -> None:
    """Raise UserError if the name of a file is not UTF-8, as then it can stand in no record and no message."""
    shown = os.fsencode(path).decode(errors="backslashreplace")
    if shown != str(path):
        raise UserError("this file's name is not UTF-8", location=Location(shown), hint="rename it")


def slug(name: str) -> str:
    """A name as that of a file: its letters and digits in small letters, with a `-` between words."""
    words = "-".join("".join(c if c.isalnum() else " " for c in name).split())
    return words.lower() or "deck"
