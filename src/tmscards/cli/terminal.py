"""Print to the terminal: messages, progress and summaries."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from tmscards.errors import UserError, fault

if TYPE_CHECKING:
    from tmscards.build.summary import Summary
    from tmscards.deck.reconciliation import Change
    from tmscards.domain import Candidate, Diagnostic


class Traces:
    """Whether faults of tmscards itself are shown with Python's tracebacks, for a bug report."""

    shown = False


@contextmanager
def messages() -> Iterator[None]:
    """Print whatever goes wrong as messages, without a traceback unless asked for, and stop with exit code 1."""
    try:
        yield
    except UserError as error:
        print_diagnostics(error.diagnostics)
        raise typer.Exit(1) from error
    except BrokenPipeError:
        # The reader has closed the pipe (`| head`); what is flushed at exit must go elsewhere, or it fails again
        # (docs.python.org, signal, "Note on SIGPIPE").
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except Exception as error:
        if isinstance(error, (typer.Exit, typer.Abort)):
            raise
        print_diagnostics(fault(error).diagnostics)
        raise typer.Exit(1) from error


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> int:
    """Print diagnostics to standard error, and return how many there were."""
    count = 0
    for diagnostic in diagnostics:
        typer.secho(str(diagnostic), err=True)
        if diagnostic.trace and Traces.shown:
            typer.echo(diagnostic.trace, err=True)
        count += 1
    return count


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar on a terminal and nothing in a pipe; gives the function that moves it."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[now]}"),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=None, now="")

    def tick(done: int, total: int, name: str) -> None:
        # The bar starts this late because it draws in a thread, and processes cannot be forked once there is one.
        bar.start()
        bar.update(task, completed=done, total=total, now=name)

    try:
        yield tick
    finally:
        bar.stop()


def print_summary(summary: Summary) -> None:
    """Print what a build made, what it left out, and what it changed for learners."""
    from tmscards.build import summary as summaries

    print_diagnostics((*summary.refused, *summary.warnings))
    for line in summaries.lines(summary):
        typer.echo(line)


def print_change(change: Change) -> None:
    """Print what a build changes about a note."""
    typer.echo(f"{change.source}:{change.line}: {change.kind}")
    if change.before and change.before != change.after:
        typer.echo(f"    - {change.before}")
    typer.echo(f"    {'+' if change.before != change.after else ' '} {change.after}")
    for number, answer in change.emptied.items():
        typer.echo(f"    card {number} loses its answer {answer!r}")


def as_json(file: str, candidate: Candidate) -> dict[str, object]:
    """What became of a sentence of a file, as plain data for JSON."""
    from tmscards.language.questions import context_lines

    result = candidate.result
    return {
        "source": file,
        "line": result.line,
        "sentence": result.text,
        "kind": result.kind,
        "score": result.score,
        "gaps": [{"text": g.text, "start": g.start, "end": g.end, "score": g.score} for g in result.gaps],
        "timestamp": result.seconds,
        "context": list(context_lines(result, result.gaps[:1])),
        "findings": [{"rule": f.rule, "message": f.message, "drops": f.drops} for f in result.findings],
        "abbreviations": [{"short": a.short, "long": a.long} for a in result.abbreviations],
        "reason": candidate.reason,
    }


def print_candidate(candidate: Candidate) -> None:
    """Print what became of a sentence, and why."""
    from tmscards.notes.clock import show
    from tmscards.text import with_edits

    result = candidate.result
    at = f" [{'≈ ' if result.approximate else ''}{show(result.seconds)}]" if result.seconds is not None else ""
    typer.echo(f"{candidate.source.shown}:{result.line}: {result.text}{at}")
    if candidate.reason:
        typer.echo(f"    left out: {candidate.reason}")
    else:
        typer.echo(f"    {result.kind}, score {result.score:.2f}")
    if result.edits:
        typer.echo(f"    shown as: {with_edits(result.text, result.edits)}")
    if result.before:
        typer.echo(f"    needs: {result.before}")
    for finding in result.findings:
        if not finding.drops:
            typer.echo(f"    could be better: {finding.message} [{finding.rule}]")
    if result.gaps:
        typer.echo("    gaps: " + " | ".join(f"{g.text} {g.score:.2f}" for g in result.gaps))
    for short in result.abbreviations:
        typer.echo(f"    {short.short} = {short.long}")
