"""Owns the words on the terminal: commands, progress, messages and exit codes."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tmscards import __version__
from tmscards.errors import UserError

if TYPE_CHECKING:
    from tmscards.domain import Verdict
    from tmscards.pipeline import Plan, Summary
    from tmscards.reconciliation import Change, ChangeKind

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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; show what would change, as `tmscards diff` does.")
    ] = False,
) -> None:
    """Build decks: read the notes, make cards, and write an .apkg file that Anki imports.

    Building again is safe: cards keep their review history, and those that did not change the edits you made in Anki.
    What was shipped is put on record beside the deck, where you can approve, reject and edit it.
    """
    if dry_run:
        diff(recipes, notes, output, template=template, workers=workers)
        return
    with _messages():
        refused = False
        for summary in _summaries(_plans(recipes, notes, output, template), workers, dry=False):
            _print_summary(summary)
            refused = refused or bool(summary.refused)
        if refused:
            raise typer.Exit(1)


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
    """Show what the next build would change, note by note, the old text beside the new. Nothing is written.

    The exit code is 1 if anything would change, and 0 if not.
    """
    with _messages():
        different = False
        for summary in _summaries(_plans(recipes, notes, output, template), workers, dry=True):
            for change in summary.changes:
                if as_json:
                    typer.echo(json.dumps({"deck": summary.deck, **asdict(change)}, ensure_ascii=False))
                else:
                    _print_change(change)
            if not as_json:
                for error in summary.refused:
                    _print_error(error)
                typer.echo(f"{summary.deck}: {_counted(summary)}")
            different = different or summary.is_different
        if different:
            raise typer.Exit(1)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Markdown file.")],
    as_json: AsJson = False,
) -> None:
    """Show what became of each sentence of a file, and why: its cards' gaps, or the reason it was left out."""
    with _messages():
        from tmscards import extraction, sources

        source = sources.read(file, file.parent)
        for verdict in extraction.explain(extraction.load(), source, thorough=True):
            if as_json:
                typer.echo(json.dumps(_as_json(str(file), verdict), ensure_ascii=False))
            else:
                _print_verdict(source.shown, verdict)


@app.command()
def check(recipes: Recipes = None, notes: NotesFolder = None) -> None:
    """Find all problems of recipes, templates and notes at once, and what could make cards better.

    Nothing is written. A sentence that ends in %% tmscards: keep %% is no longer found fault with.
    """
    with _messages():
        from tmscards import extraction, pipeline

        found = advice = 0
        project = Path()
        for path in _recipe_paths(recipes, project):
            try:
                plan = pipeline.plan(path, project, notes, None)
            except UserError as error:
                found += _print_error(error)
                continue
            faults = sum(_print_error(fault) for fault in pipeline.check(plan))
            found += faults
            if not faults:
                for where, finding in pipeline.findings(plan, extraction.load(plan.recipe.pipeline)):
                    advice += 1
                    typer.echo(f"{where}: {finding.message} [{finding.rule}]")
        if found:
            raise typer.Exit(1)
        typer.echo(f"No problems found; {_plural(advice, 'remark')} on cards." if advice else "No problems found.")


@template_app.command("new")
def template_new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The folder to make in templates/.")],
    origin: Annotated[str, typer.Option("--from", metavar="NAME", help="The template to begin with.")] = "default",
) -> None:
    """Make a template of your own to edit: a copy of another, with a name and id of its own."""
    with _messages():
        from tmscards import templates

        typer.echo(f"wrote {templates.create(name, origin, Path(), time.time())}")
        typer.echo(f"Now: edit it, and write `template: {name}` in a recipe.")


@template_app.command("list")
def template_list() -> None:
    """Show the templates that there are, with the options that a recipe can set."""
    with _messages():
        from tmscards import templates

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
    with _messages():
        from tmscards import templates

        names = [name] if name else list(templates.folders(Path()))
        found = 0
        for each in names:
            try:
                for warning in templates.load(each, Path()).warnings:
                    _print_error(warning)
            except UserError as error:
                found += _print_error(error)
        if found:
            raise typer.Exit(1)
        typer.echo(f"No problems found in {_plural(len(names), 'template')}.")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make; this one if left out.")] = Path(),
) -> None:
    """Start a small project: a folder with a few notes and a recipe, ready for `tmscards build`."""
    with _messages():
        from tmscards import project

        for path in project.create(folder):
            typer.echo(f"wrote {path}")
        typer.echo(f"Now: cd {folder} && tmscards build" if folder != Path() else "Now: tmscards build")


def run() -> None:
    """The `tmscards` command."""
    app()


@contextmanager
def _messages() -> Iterator[None]:
    """Print what the user can put right, without a traceback, and stop with exit code 1."""
    try:
        yield
    except UserError as error:
        _print_error(error)
        raise typer.Exit(1) from error
    except BrokenPipeError:
        # The reader has seen enough (`| head`); what is still to be flushed at exit must not meet the closed pipe
        # (docs.python.org, signal, "Note on SIGPIPE").
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None


def _print_error(error: UserError) -> int:
    typer.secho(str(error), err=True)
    return 1


def _recipe_paths(given: list[Path] | None, project: Path) -> list[Path | None]:
    from tmscards.pipeline import RECIPES

    paths: list[Path] = list(given) if given else sorted(project.glob(RECIPES))
    return [*paths] or [None]


def _plans(recipes: list[Path] | None, notes: Path | None, output: Path | None, template: str | None) -> list[Plan]:
    from tmscards import pipeline

    paths = _recipe_paths(recipes, Path())
    if output and len(paths) > 1:
        raise UserError("--output names one file, but there are several recipes", hint="name one recipe")
    return [pipeline.plan(path, Path(), notes, output, template) for path in paths]


def _summaries(plans: list[Plan], workers: int | None, *, dry: bool) -> Iterator[Summary]:
    """Build each deck in turn, or only see what building it would do."""
    from tmscards import extraction, pipeline

    engines = {}
    for plan in plans:
        name = plan.recipe.pipeline
        if name not in engines:
            engines[name] = extraction.load(name)
        with _progress(f"Building {plan.recipe.deck}") as tick:
            summary = pipeline.build(plan, engines[name], time.time, tick, workers, dry=dry)
        yield summary


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on a terminal; nothing in a pipe."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[now]}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None, now="")

        def tick(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, now=name)

        yield tick


def _print_summary(summary: Summary) -> None:
    from tmscards.reconciliation import ORPHAN_TAG

    for error in (*summary.refused, *summary.warnings):
        _print_error(error)
    kinds = ", ".join(f"{n} from {_plural(summary.notes[kind], kind)}" for kind, n in sorted(summary.cards.items()))
    total = sum(summary.cards.values())
    typer.echo(
        f"{summary.deck}: {_plural(total, 'card')} from {_plural(summary.sources, 'source')}"
        + (f" ({kinds})" if kinds else "")
    )
    if summary.refused:
        typer.echo(f"  {_plural(len(summary.refused), 'file')} could not be read, named above; their notes stay")
    typer.echo(f"  {_counted(summary)}")
    for change in summary.changes:
        for number, answer in change.emptied.items():
            typer.echo(
                f"  card {number} of the note on {change.source}:{change.line} has lost its answer {answer!r}; "
                "in Anki, Tools > Empty Cards takes it away"
            )
    for where, sentence in summary.unsure:
        typer.echo(f"  {where}: two sentences could be this one now, so its note became an orphan: {sentence}")
    if any(change.kind == "orphan" for change in summary.changes):
        typer.echo(f"  To see the orphans in Anki, once the deck is imported, search for tag:{ORPHAN_TAG}")
    left_out = sum(summary.left_out.values())
    if left_out:
        typer.echo(f"  {_plural(left_out, 'sentence')} left out:")
        for reason, count in summary.left_out.most_common():
            typer.echo(f"  {count:6}  {reason}")
    typer.echo(f"  {summary.seconds:.1f} s, written to {summary.output}")


def _counted(summary: Summary) -> str:
    """How many notes a build changes, in words."""
    says: dict[ChangeKind, str] = {
        "new": "new",
        "text": "changed",
        "details": "changed in what stands around the text",
        "orphan": "orphaned, as the sentence is gone",
        "rejected": "left out, as it was rejected",
        "restored": "back again",
    }
    counts = Counter(change.kind for change in summary.changes)
    told = [f"{counts[kind]} {words}" for kind, words in says.items() if counts[kind]]
    if summary.look_changed:
        told.append("the look of the cards changes")
    return f"Notes: {', '.join(told)}" if told else "Nothing changes"


def _print_change(change: Change) -> None:
    typer.echo(f"{change.source}:{change.line}: {change.kind}")
    if change.before and change.before != change.after:
        typer.echo(f"    - {change.before}")
    typer.echo(f"    {'+' if change.before != change.after else ' '} {change.after}")
    for number, answer in change.emptied.items():
        typer.echo(f"    card {number} loses its answer {answer!r}")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _as_json(source: str, verdict: Verdict) -> dict[str, object]:
    from tmscards.context import lines

    return {
        "source": source,
        "line": verdict.line,
        "sentence": verdict.text,
        "kind": verdict.kind,
        "score": verdict.score,
        "gaps": [{"text": g.text, "start": g.start, "end": g.end, "score": g.score} for g in verdict.gaps],
        "timestamp": verdict.seconds,
        "context": list(lines(verdict, verdict.gaps[:1])),
        "findings": [{"rule": f.rule, "message": f.message, "drops": f.drops} for f in verdict.findings],
        "abbreviations": [{"short": a.short, "long": a.long} for a in verdict.abbreviations],
        "reason": verdict.reason,
    }


def _print_verdict(source: str, verdict: Verdict) -> None:
    from tmscards.context import shown
    from tmscards.timestamps import show

    at = f" [{'≈ ' if verdict.approximate else ''}{show(verdict.seconds)}]" if verdict.seconds is not None else ""
    typer.echo(f"{source}:{verdict.line}: {verdict.text}{at}")
    if verdict.reason:
        typer.echo(f"    left out: {verdict.reason}")
    else:
        typer.echo(f"    {verdict.kind}, score {verdict.score:.2f}")
    if verdict.edits:
        typer.echo(f"    shown as: {shown(verdict.text, verdict.edits)}")
    if verdict.before:
        typer.echo(f"    needs: {verdict.before}")
    for finding in verdict.findings:
        if not finding.drops:
            typer.echo(f"    could be better: {finding.message} [{finding.rule}]")
    if verdict.gaps:
        typer.echo("    gaps: " + " | ".join(f"{g.text} {g.score:.2f}" for g in verdict.gaps))
    for short in verdict.abbreviations:
        typer.echo(f"    {short.short} = {short.long}")
