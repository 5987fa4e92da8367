"""The commands that show a deck in the browser: `tmscards preview` and `tmscards review`."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated, Literal

import typer

from tmscards.cli import options, terminal
from tmscards.errors import UserError

Kind = Literal["csv", "tsv", "json", "markdown"]


def preview(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write this page (.html), or the one beside this deck (.apkg)."),
    ] = None,
    *,
    template: options.TemplateName = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
) -> None:
    """Make a page that shows a deck's cards as Anki will: question and answer, light and dark, phone and desktop.

    It shows the cards of the last build, in the template as it is now. Printed, it is a sheet of questions and
    answers. The page is a single file that works offline, so you can send it to somebody.
    """
    with terminal.messages():
        from tmscards.build import previewing

        failed = False
        target = output if output and output.suffix.lower() in (".html", ".htm") else None
        decks = options.all_deck_paths(recipes, notes, None if target else output, template)
        options.check_one(output, decks)
        for deck in decks:
            try:
                if isinstance(deck, UserError):
                    raise deck
                page = previewing.write(deck, target)
            except UserError as error:
                terminal.print_diagnostics(error.diagnostics)
                failed = True
                continue
            terminal.say(f"wrote {page}")
            if open_it:
                typer.launch(str(page))
        if failed:
            raise typer.Exit(1)


def export(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write this file instead of one beside the deck.")
    ] = None,
    *,
    to: Annotated[
        Kind,
        typer.Option(
            "--to",
            help="csv and tsv are tables that Anki imports as text, with a column for the guid; json and markdown are "
            "for other programs.",
        ),
    ] = "csv",
    by_card: Annotated[
        bool, typer.Option("--cards", help="Write questions and answers, one a card, instead of cloze deletions.")
    ] = False,
) -> None:
    """Write the notes of a deck, as they were last built, for other programs: csv, tsv, json or markdown."""
    with terminal.messages():
        from tmscards.build import previewing

        decks = options.all_deck_paths(recipes, notes, None, None)
        options.check_one(output, decks)
        failed = False
        for deck in decks:
            try:
                if isinstance(deck, UserError):
                    raise deck
                terminal.say(f"wrote {previewing.export(deck, to, output, by_card=by_card)}")
            except UserError as error:
                terminal.print_diagnostics(error.diagnostics)
                failed = True
        if failed:
            raise typer.Exit(1)


def review(
    recipe: Annotated[
        Path | None,
        typer.Argument(metavar="[RECIPE]", help="A recipe such as decks/biology.yaml, if decks/ has several."),
    ] = None,
    notes: options.NotesFolder = None,
    output: options.Output = None,
    *,
    template: options.TemplateName = None,
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", min=1, max=65535, help="Use this port (default: a free one).")
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address without opening a browser.")] = False,
) -> None:
    """Go through a deck's cards in the browser: approve, reject and edit them before they reach Anki.

    Every decision is saved in the deck's records at once, and the next build keeps it. Only this computer can open the
    page, at the address that is printed. Press Ctrl+C to stop; nothing is lost.
    """
    with terminal.messages():
        from tmscards.review import server
        from tmscards.review.session import Review

        paths = options.recipe_paths([recipe] if recipe else None)
        if len(paths) > 1:
            raise UserError("there are several decks", hint=f"name one of {', '.join(map(str, paths))}")
        deck = options.deck_paths(paths[0], notes, output, template)
        session, token = Review(deck), server.new_token()
        listening = server.listen(port)
        where = server.address(listening.getsockname()[1], token)
        session.read_sources()
        terminal.say(f"{deck.recipe.root}: review it at {where}")
        terminal.say("Press Ctrl+C to stop.")
        server.serve(session, listening, token, None if no_open else _show)


def _show(page: str) -> None:
    """Open a file in the browser."""
    if typer.launch(page):
        webbrowser.open(Path(page).as_uri())
