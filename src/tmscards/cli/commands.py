"""The commands: their options, help and exit codes."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tmscards import __version__
from tmscards.cli import anki_commands, note_commands, options, page_commands, terminal
from tmscards.cli.template_commands import template_app
from tmscards.errors import UserError, fault

if TYPE_CHECKING:
    from tmscards.build.project import DeckPaths
    from tmscards.build.summary import Summary

app = typer.Typer(
    cls=terminal.Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.add_typer(template_app, name="template")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tmscards {__version__}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where in tmscards something failed, for a bug report.")
    ] = False,
) -> None:
    """Turn your Markdown notes about videos, podcasts and lectures into Anki decks."""
    terminal.Traces.shown = traceback


@app.command()
def build(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    output: options.Output = None,
    *,
    template: options.TemplateName = None,
    workers: options.WorkerCount = None,
    cluster: options.Cluster = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; show what would change, like `tmscards diff`.")
    ] = False,
    open_it: Annotated[
        bool, typer.Option("--open", help="Open the decks with the program that your system has for them: Anki.")
    ] = False,
) -> None:
    """Build decks: read the notes, make cards, and write an .apkg file that Anki imports.

    Building again is safe: every card keeps its history, and unchanged cards also keep your edits. What was shipped is
    recorded beside the deck, where you can approve, reject and edit it.
    """
    if dry_run:
        diff(recipes, notes, output, template=template, workers=workers)
        return
    with terminal.messages():
        failed = False
        for built in _built(options.all_deck_paths(recipes, notes, output, template), workers, cluster=cluster):
            if isinstance(built, UserError):
                terminal.print_diagnostics(built.diagnostics)
            else:
                terminal.print_summary(built)
                if open_it:
                    typer.launch(str(built.output))
            failed = failed or isinstance(built, UserError) or bool(built.refused)
        if failed:
            raise typer.Exit(1)


@app.command()
def push(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    output: options.Output = None,
    *,
    template: options.TemplateName = None,
    url: options.Url = options.URL,
    key: options.Key = None,
    profile: options.Profile = None,
    delete_orphans: Annotated[
        bool, typer.Option("--delete-orphans", help="Delete the notes in Anki that the deck no longer has.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete them without asking.")] = False,
) -> None:
    """Build decks, and import them into the Anki that is running, through its add-on AnkiConnect.

    As with any import, cards keep their history, and notes that have not changed keep your edits. Notes that the deck
    no longer has are named, and deleted only if you ask for it.
    """
    build(recipes, notes, output, template=template)
    with terminal.messages():
        decks = options.all_deck_paths(recipes, notes, output, template)
        built = [deck for deck in decks if not isinstance(deck, UserError)]
        anki = anki_commands.connected(url, key, profile)
        anki_commands.push(built, anki, deletes=delete_orphans, is_sure=yes)


@app.command()
def watch(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    output: options.Output = None,
    *,
    template: options.TemplateName = None,
) -> None:
    """Build decks, and build them again whenever a note, a template, a recipe or a record is saved.

    If something is wrong with a file, it says so and waits for the next save. Press Ctrl+C to stop.
    """
    with terminal.messages():
        from tmscards.build import watching, workers

        found = options.all_deck_paths(recipes, notes, output, template)
        _build_and_tell(found)
        decks = [deck for deck in found if not isinstance(deck, UserError)]
        if not decks:
            raise typer.Exit(1)
        for deck in decks:
            # The models are loaded now, so that the first save need not wait for them.
            workers.engine(deck.recipe.pipeline)
        # Keeps Python's search for garbage from going through the models again and again.
        gc.freeze()
        for _ in watching.saves(decks, lambda: terminal.say("Waiting for the next save; press Ctrl+C to stop.")):
            with suppress(typer.Exit), terminal.messages():
                _build_and_tell(options.all_deck_paths(recipes, notes, output, template))


def _build_and_tell(decks: Sequence[DeckPaths | UserError]) -> None:
    for built in _built(decks, None):
        if isinstance(built, UserError):
            terminal.print_diagnostics(built.diagnostics)
        elif built.is_new:
            terminal.print_summary(built)


@app.command()
def diff(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    output: options.Output = None,
    *,
    template: options.TemplateName = None,
    workers: options.WorkerCount = None,
    as_json: options.AsJson = False,
) -> None:
    """Show what the next build would change, note by note, with the old text and the new. Writes no deck or record.

    The exit code is 1 if anything would change, and 0 if not.
    """
    with terminal.messages():
        from tmscards.build import summary as summaries

        different = False
        for summary in _built(options.all_deck_paths(recipes, notes, output, template), workers, dry=True):
            if isinstance(summary, UserError):
                terminal.print_diagnostics(summary.diagnostics)
                different = True
                continue
            for change in summary.changes:
                if as_json:
                    terminal.print_json({"deck": summary.deck, **asdict(change)})
                else:
                    terminal.print_change(change)
            if not as_json:
                terminal.print_diagnostics(summary.refused)
                terminal.say(f"{summary.deck}: {summaries.counted(summary)}")
            different = different or summary.is_different
        if different:
            raise typer.Exit(1)


app.command()(anki_commands.pull)
app.command()(anki_commands.stats)
app.command()(page_commands.preview)
app.command()(page_commands.export)
app.command()(page_commands.review)


app.command()(note_commands.explain)
app.command()(note_commands.check)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to create (default: this one).")] = Path(),
    vault: Annotated[
        Path | None,
        typer.Option(
            "--vault",
            metavar="DIR",
            help="Write only a recipe, for the notes in this folder: a vault of Obsidian or Logseq, or any other.",
        ),
    ] = None,
) -> None:
    """Start a small project: a folder with a few notes and a recipe, ready for `tmscards build`.

    If you have notes already, name their folder with --vault. Nothing in it is changed, and decks and records are
    written to decks/ in the project, which may be beside the vault or in it.
    """
    with terminal.messages():
        from tmscards.cli import sample

        for path in [sample.create_for_vault(folder, vault)] if vault else sample.create(folder):
            terminal.say(f"wrote {path}")
        terminal.say(f"Now: cd {folder} && tmscards build" if folder != Path() else "Now: tmscards build")


@app.command("help")
def show_help(
    context: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="[COMMAND]...", help="A command, such as build.")
    ] = None,
) -> None:
    """Show what tmscards can do, or how a command is used."""
    app(args=[*(command or ()), "--help"], prog_name=context.find_root().info_name, standalone_mode=False)


def run() -> None:
    """Run the `tmscards` command."""
    # A build makes millions of objects that live to its end; looking for garbage among them took a quarter of its time.
    gc.set_threshold(100_000, 50, 1000)
    app()


def _built(
    decks: Sequence[DeckPaths | UserError], workers: int | None, *, cluster: str | None = None, dry: bool = False
) -> Iterator[Summary | UserError]:
    """Build each deck in turn and yield its summary, or why it cannot be built; if `dry`, only find out what would
    change. Whatever is wrong with one deck, the others are built.
    """
    from tmscards.build import pipeline
    from tmscards.build.pipeline import BuildContext
    from tmscards.build.workers import Workers
    from tmscards.build.workers import cluster as connected

    with connected(cluster) if cluster else nullcontext(workers) as by, Workers(by) as those:
        for deck in decks:
            built: Summary | UserError
            try:
                if isinstance(deck, UserError):
                    raise deck
                with terminal.progress(f"Building {deck.recipe.root}") as tick:
                    built = pipeline.build(BuildContext(deck, those, tick=tick, dry=dry))
            except UserError as error:
                built = error
            except Exception as error:
                built = fault(error)
            yield built
