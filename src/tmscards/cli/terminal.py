"""Owns how things read on the terminal: messages, progress, summaries."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from tmscards.errors import UserError

if TYPE_CHECKING:
    from tmscards.build.summary import Summary
    from tmscards.deck.reconciliation import Change, ChangeKind
    from tmscards.domain import Verdict


@contextmanager
def messages() -> Iterator[None]:
    """Print what the user can put right, without a traceback, and stop with exit code 1."""
    try:
        yield
    except UserError as error:
        print_error(error)
        raise typer.Exit(1) from error
    except BrokenPipeError:
        # The reader has seen enough (`| head`); what is still to be flushed at exit must not meet the closed pipe
        # (docs.python.org, signal, "Note on SIGPIPE").
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None


def print_error(error: UserError) -> int:
    """Print what the user can put right, and count it."""
    typer.secho(str(error), err=True)
    return 1


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on a terminal; nothing in a pipe."""
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
        # Not before, as it draws in a thread, and processes cannot be forked beside one.
        bar.start()
        bar.update(task, completed=done, total=total, now=name)

    try:
        yield tick
    finally:
        bar.stop()


def print_summary(summary: Summary) -> None:
    """Print what a build made, what it left out, and what it changed for learners."""
    from tmscards.deck.reconciliation import ORPHAN_TAG

    for error in (*summary.refused, *summary.warnings):
        print_error(error)
    kinds = ", ".join(f"{n} from {plural(summary.notes[kind], kind)}" for kind, n in sorted(summary.cards.items()))
    total = sum(summary.cards.values())
    typer.echo(
        f"{summary.deck}: {plural(total, 'card')} from {plural(summary.sources, 'source')}"
        + (f" ({kinds})" if kinds else "")
    )
    if summary.refused:
        typer.echo(f"  {plural(len(summary.refused), 'file')} could not be read, named above; their notes stay")
    typer.echo(f"  {counted(summary)}")
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
        typer.echo(f"  {plural(left_out, 'sentence')} left out:")
        for reason, count in summary.left_out.most_common():
            typer.echo(f"  {count:6}  {reason}")
    typer.echo(f"  {summary.seconds:.1f} s, written to {summary.output}")


def counted(summary: Summary) -> str:
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


def print_change(change: Change) -> None:
    """Print what a build changes about a note."""
    typer.echo(f"{change.source}:{change.line}: {change.kind}")
    if change.before and change.before != change.after:
        typer.echo(f"    - {change.before}")
    typer.echo(f"    {'+' if change.before != change.after else ' '} {change.after}")
    for number, answer in change.emptied.items():
        typer.echo(f"    card {number} loses its answer {answer!r}")


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def as_json(source: str, verdict: Verdict) -> dict[str, object]:
    """A verdict as plain data."""
    from tmscards.language.context import lines

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


def print_verdict(source: str, verdict: Verdict) -> None:
    """Print what became of a sentence, and why."""
    from tmscards.language.context import shown
    from tmscards.notes.timestamps import show

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
