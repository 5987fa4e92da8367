"""Whether two decks of a project would overwrite each other's look: Anki has one look for each note type."""

from __future__ import annotations

import os

from tmscards.anki import templates
from tmscards.anki.templates import Template
from tmscards.build.project import RECIPES, DeckPaths
from tmscards.deck import identity, recipes
from tmscards.domain import Diagnostic, Location
from tmscards.errors import UserError


def check(deck: DeckPaths, template: Template, *, is_shipped: bool) -> list[Diagnostic]:
    """A warning if the cards of an earlier recipe of the project have the same note type with another look.

    Raises UserError instead if the deck was never shipped (`is_shipped`), as then another note type costs nobody their
    cards.
    """
    for path in sorted(deck.project.glob(RECIPES)):
        if deck.file is None or os.path.realpath(path) == os.path.realpath(deck.file):
            break
        try:
            recipe = recipes.read(path)
            other = templates.load(recipe.template, deck.project, recipe.options)
        except UserError:
            continue
        is_same = identity.of_note_type(other.note_type) == identity.of_note_type(template.note_type)
        if other.note_type.id != template.note_type.id or is_same:
            continue
        own = deck.file.stem
        found = Diagnostic(
            "warning" if is_shipped else "error",
            f"{path} makes the same note type with other options or another template, and Anki shows the cards of both "
            "as the deck that is imported last has it",
            location=Location(str(deck.file)),
            hint="give both recipes the same template and options"
            if is_shipped
            else f"make a template of its own (tmscards template new {own} --from {deck.template_name}), and write "
            f"`template: {own}` in this recipe",
        )
        if not is_shipped:
            raise UserError.of([found])
        return [found]
    return []
