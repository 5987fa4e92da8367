"""Owns the commands: their options, help and exit codes."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tmscards import __version__
from tmscards.cli import terminal
from tmscards.errors import UserError

if TYPE_CHECKING:
    from tmscards.build.project import Plan
    from tmscards.build.summary import Summary

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

template_app = typer.Typer(no_args_is_help=True, help="See, make and check how cards look.")
app.add_typer(template_app, name="template")

Recipes = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[RECIPE]...",
        help="Recipes such as decks/biology.yaml. Without any: all in decks/, or else notes/ as it is.",
    ),
]
NotesFolder = Annotated[
    Path | None, typer.Option("--notes", metavar="DIR", help="Read notes from this folder instead of notes/.")
]

Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="The deck is this file instead of decks/NAME.apkg.")
]
TemplateName = Annotated[
    str | None, typer.Option("--template", metavar="NAME", help="Use this template instead of the recipe's.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, help="Work in so many processes; otherwise one a core.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for programs.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tmscards {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Turn your Markdown notes about videos, podcasts and lectures into Anki decks."""


@app.command()
def build(
    recipes: Recipes = None,
    notes: NotesFolder = None,
    output: Output = None,
    *,
    template: TemplateName = None,
    workers: Workers = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="ADDRESS",
            help="Work on the Dask cluster with this scheduler, such as tcp://10.0.0.5:8786.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Write no deck and no record; show what would change, like `tmscards diff`."),
    ] = False,
) -> None:
    """Build decks: read the notes, make cards, and write an .apkg file that Anki imports.

    Building again is safe: cards keep their review history, and those that did not change the edits you made in Anki.
    What was shipped is put on record beside the deck, where you can approve, reject and edit it.
    """
    if dry_run:
        diff(recipes, notes, output, template=template, workers=workers)
        return
    with terminal.messages():
        refused = False
        for summary in _summaries(_plans(recipes, notes, output, template), workers, cluster=cluster):
            terminal.print_summary(summary)
            refused = refused or bool(summary.refused)
        if refused:
            raise typer.Exit(1)


@app.command()
def watch(
    recipes: Recipes = None,
    notes: NotesFolder = None,
    output: Output = None,
    *,
    template: TemplateName = None,
) -> None:
    """Build decks, and build them again whenever a note, a template, a recipe or a record is saved.

    What can be put right is named, and the next save is waited for. Ctrl+C ends it.
    """
    with terminal.messages():
        from tmscards.build import watching, workers

        plans = _plans(recipes, notes, output, template)
        _build_and_tell(plans)
        for plan in plans:
            # So that the first save need not wait for it.
            workers.engine(plan.recipe.pipeline)
        # Python's search for garbage need not go through the models again and again.
        gc.freeze()
        for _ in watching.saves(plans, lambda: typer.echo("Waiting for the next save; Ctrl+C ends this.")):
            try:
                _build_and_tell(_plans(recipes, notes, output, template))
            except UserError as error:
                terminal.print_error(error)


def _build_and_tell(plans: list[Plan]) -> None:
    for summary in _summaries(plans, None):
        if summary.is_new:
            terminal.print_summary(summary)


@app.command()
def diff(
    recipes: Recipes = None,
    notes: NotesFolder = None,
    output: Output = None,
    *,
    template: TemplateName = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Show what the next build would change, note by note, the old text beside the new. No deck or record is written.

    The exit code is 1 if anything would change, and 0 if not.
    """
    with terminal.messages():
        different = False
        for summary in _summaries(_plans(recipes, notes, output, template), workers, dry=True):
            for change in summary.changes:
                if as_json:
                    typer.echo(json.dumps({"deck": summary.deck, **asdict(change)}, ensure_ascii=False))
                else:
                    terminal.print_change(change)
            if not as_json:
                for error in summary.refused:
                    terminal.print_error(error)
                typer.echo(f"{summary.deck}: {terminal.counted(summary)}")
            different = different or summary.is_different
        if different:
            raise typer.Exit(1)


@app.command()
def preview(
    recipes: Recipes = None,
    notes: NotesFolder = None,
    output: Output = None,
    *,
    template: TemplateName = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Make a page that shows a deck's cards as Anki will: question and answer, light and dark, on phone and desktop.

    The cards are those of the last build, in the template as it is now. Printed, the page is a sheet of questions and
    answers. It is one file that needs no network, so you can send it to somebody.
    """
    with terminal.messages():
        from tmscards.build import pipeline

        for plan in _plans(recipes, notes, output, template):
            page = pipeline.preview(plan)
            typer.echo(f"wrote {page}")
            if open_it:
                typer.launch(str(page))


@app.command()
def review(
    recipe: Annotated[
        Path | None,
        typer.Argument(metavar="[RECIPE]", help="A recipe such as decks/biology.yaml, if decks/ has several."),
    ] = None,
    notes: NotesFolder = None,
    output: Output = None,
    *,
    template: TemplateName = None,
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", min=1, max=65535, help="Use this port; otherwise a free one.")
    ] = None,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Do not open the browser; only print the address.")
    ] = False,
) -> None:
    """Go through a deck's cards in the browser: approve, reject and edit them before they reach Anki.

    Every decision is in the deck's records at once, and the next build keeps to it. Only this computer can open the
    page, by the address that is printed. Ctrl+C ends it, and nothing is lost.
    """
    with terminal.messages():
        from tmscards.review import server
        from tmscards.review.session import Review

        plans = _plans([recipe] if recipe else None, notes, output, template)
        if len(plans) > 1:
            names = ", ".join(str(plan.output.with_suffix(".yaml")) for plan in plans)
            raise UserError("there are several decks", hint=f"name one of {names}")
        reviewed, token = Review(plans[0]), server.new_token()
        listening = server.listen(port)
        where = server.address(listening.getsockname()[1], token)
        reviewed.read_sources()
        typer.echo(f"{plans[0].recipe.deck}: review it at {where}\nCtrl+C ends this.")
        if not no_open:
            typer.launch(where)
        server.serve(reviewed, listening, token)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Markdown file.")],
    as_json: AsJson = False,
) -> None:
    """Show what became of each sentence of a file, and why: its cards' gaps, or the reason it was left out."""
    with terminal.messages():
        from tmscards.language import extraction
        from tmscards.notes import sources

        source = sources.read(file, file.parent)
        for verdict in extraction.explain(extraction.load(), source, thorough=True):
            if as_json:
                typer.echo(json.dumps(terminal.as_json(str(file), verdict), ensure_ascii=False))
            else:
                terminal.print_verdict(source.shown, verdict)


@app.command()
def check(recipes: Recipes = None, notes: NotesFolder = None) -> None:
    """Find all problems of recipes, templates and notes at once, and what could make cards better.

    No deck or record is written. A sentence that ends in %% tmscards: keep %% is no longer found fault with.
    """
    with terminal.messages():
        from tmscards.build import pipeline, project

        found = advice = 0
        for path in _recipe_paths(recipes):
            try:
                plan = project.plan(path, Path(), notes, None)
            except UserError as error:
                found += terminal.print_error(error)
                continue
            faults = sum(terminal.print_error(fault) for fault in pipeline.check(plan))
            found += faults
            if not faults:
                for where, finding in pipeline.findings(plan):
                    advice += 1
                    typer.echo(f"{where}: {finding.message} [{finding.rule}]")
        if found:
            raise typer.Exit(1)
        remarks = f"; {terminal.plural(advice, 'remark')} on cards" if advice else ""
        typer.echo(f"No problems found{remarks}.")


@template_app.command("new")
def template_new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The folder to make in templates/.")],
    origin: Annotated[str, typer.Option("--from", metavar="NAME", help="The template to begin with.")] = "default",
) -> None:
    """Make a template of your own to edit: a copy of another, with a name and id of its own."""
    with terminal.messages():
        from tmscards.anki import templates

        typer.echo(f"wrote {templates.create(name, origin, Path(), time.time())}")
        typer.echo(f"Now: edit it, and write `template: {name}` in a recipe.")


@template_app.command("list")
def template_list() -> None:
    """Show the templates that there are, with the options that a recipe can set."""
    with terminal.messages():
        from tmscards.anki import templates

        for name, template, is_own in templates.listed(Path()):
            if isinstance(template, UserError):
                typer.echo(f"{name}: has faults; see tmscards template check {name}")
                continue
            typer.echo(f"{name}{' (yours)' if is_own else ''}: {template.settings.description}")
            for key, option in template.settings.options.items():
                choices = f" ({', '.join(option.choices)})" if option.choices else ""
                typer.echo(f"    {key}: {option.says}{choices}; {option.default} if not set")


@template_app.command("check")
def template_check(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this template.")] = None,
) -> None:
    """Find all problems of templates at once, each with file, line and column."""
    with terminal.messages():
        from tmscards.anki import templates

        names = [name] if name else list(templates.folders(Path()))
        found = 0
        for each in names:
            try:
                for warning in templates.load(each, Path()).warnings:
                    terminal.print_error(warning)
            except UserError as error:
                found += terminal.print_error(error)
        if found:
            raise typer.Exit(1)
        typer.echo(f"No problems found in {terminal.plural(len(names), 'template')}.")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make; this one if left out.")] = Path(),
) -> None:
    """Start a small project: a folder with a few notes and a recipe, ready for `tmscards build`."""
    with terminal.messages():
        from tmscards.cli import sample

        for path in sample.create(folder):
            typer.echo(f"wrote {path}")
        typer.echo(f"Now: cd {folder} && tmscards build" if folder != Path() else "Now: tmscards build")


def run() -> None:
    """The `tmscards` command."""
    # A build makes millions of objects that stay until its end; looking for garbage among them took a quarter of it.
    gc.set_threshold(100_000, 50, 1000)
    app()


def _recipe_paths(given: list[Path] | None) -> list[Path | None]:
    from tmscards.build.project import RECIPES

    paths: list[Path] = list(given) if given else sorted(Path().glob(RECIPES))
    return [*paths] or [None]


def _plans(recipes: list[Path] | None, notes: Path | None, output: Path | None, template: str | None) -> list[Plan]:
    from tmscards.build import project

    paths = _recipe_paths(recipes)
    if output and len(paths) > 1:
        raise UserError("--output names one file, but there are several recipes", hint="name one recipe")
    return [project.plan(path, Path(), notes, output, template) for path in paths]


def _summaries(
    plans: list[Plan], workers: int | None, *, cluster: str | None = None, dry: bool = False
) -> Iterator[Summary]:
    """Build each deck in turn, or only see what building it would do."""
    from tmscards.build import pipeline
    from tmscards.build.workers import Workers
    from tmscards.build.workers import cluster as connected

    with connected(cluster) if cluster else nullcontext(workers) as by, Workers(by) as those:
        for plan in plans:
            with terminal.progress(f"Building {plan.recipe.deck}") as tick:
                summary = pipeline.build(plan, time.time, tick, those, dry=dry)
            yield summary
