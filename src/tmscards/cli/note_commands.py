"""The commands that say what becomes of notes: `tmscards explain` and `tmscards check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tmscards.cli import options, terminal
from tmscards.errors import UserError
from tmscards.text import plural

if TYPE_CHECKING:
    from tmscards.domain import LeftOut, Source


def explain(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A Markdown file, or a recipe for all notes of its deck.")
    ],
    as_json: options.AsJson = False,
    left_out: Annotated[
        bool, typer.Option("--left-out", help="Show instead what is not read as prose, such as code and comments.")
    ] = False,
    recipe: Annotated[
        Path | None,
        typer.Option(
            "--recipe",
            metavar="FILE",
            help="Show what this recipe makes of it. Default: the first in decks/ that reads the file.",
        ),
    ] = None,
) -> None:
    """Show what became of each sentence of a file, and why: the gaps of its cards, or the reason it was left out."""
    with terminal.messages():
        if left_out:
            _show_left_out(file, as_json=as_json)
            return
        from tmscards.build import drafting, project
        from tmscards.deck.recipes import Recipe
        from tmscards.language import extraction
        from tmscards.notes import sources

        if file.suffix.lower() in (".yaml", ".yml"):
            _explain_deck(file, as_json=as_json)
            return
        deck = project.of_recipe(recipe) if recipe else project.that_reads(file, Path())
        rules = deck.recipe if deck else Recipe(deck="deck")
        source = sources.read(file, file.parent)
        if deck and not as_json:
            terminal.say(f"As {deck.file} has it, at the density {rules.density}:")
        extract = extraction.extract(extraction.load(rules.pipeline), source, thorough=True)
        for candidate in drafting.candidates(rules, source, extract):
            if as_json:
                terminal.print_json(terminal.as_json(str(file), candidate))
            else:
                terminal.print_candidate(candidate)


def _explain_deck(recipe: Path, *, as_json: bool) -> None:
    """Show what became of each sentence of all notes of a recipe."""
    from tmscards.build import pipeline, project

    found, faults = pipeline.all_candidates(project.of_recipe(recipe))
    for candidate in found:
        if as_json:
            terminal.print_json(terminal.as_json(candidate.source.shown, candidate))
        else:
            terminal.print_candidate(candidate)
    if faults:
        raise UserError.of(faults)


def _show_left_out(file: Path, *, as_json: bool) -> None:
    from tmscards.notes import passages, sources

    for piece in passages.contents(sources.read(file, file.parent)).left_out:
        if as_json:
            data = {"file": str(file), "line": piece.line, "left_out": piece.kind, "text": piece.text}
            terminal.print_json(data)
        else:
            terminal.print_left_out(str(file), piece)


def check(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Show only the remarks on cards of this note.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="ID", help="Show only remarks of this rule, such as list.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Find all problems of recipes, templates and notes, and what could make cards better.

    Writes no deck or record. To silence the remarks on a sentence, write %% tmscards: keep %% behind it.
    """
    with terminal.messages():
        from tmscards.build import checking

        found = advice = 0
        left_out: list[tuple[Source, LeftOut]] = []
        for path in options.recipe_paths(recipes):
            try:
                deck = options.deck_paths(path, notes, None, None)
                faults = terminal.print_faults(checking.check(deck), as_json=as_json)
                found += faults
                left_out += checking.left_out(deck)
                for where, finding in checking.findings(deck, file, rule) if not faults else ():
                    advice += 1
                    terminal.print_finding(where, finding, as_json=as_json)
            except UserError as error:
                found += terminal.print_faults(error.diagnostics, as_json=as_json)
        if as_json:
            raise typer.Exit(1 if found else 0)
        terminal.print_counts_of_left_out(left_out)
        if found:
            raise typer.Exit(1)
        remarks = f"; {plural(advice, 'remark')} on cards" if advice else ""
        terminal.say(f"No problems found{remarks}.")
