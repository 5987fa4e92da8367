"""Print to the terminal: messages, progress and summaries."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from tmscards.errors import UserError, fault

if TYPE_CHECKING:
    from tmscards.build.summary import Summary
    from tmscards.deck.reconciliation import Change
    from tmscards.domain import Candidate, Diagnostic, Finding, LeftOut, Location, Source

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff]")
"""What a terminal obeys or text is reordered by, and halves of characters that cannot be written.

Marks of direction (U+200E, U+200F) and joiners stay: Arabic, Hebrew, Persian and emoji need them.
"""


_SHOWN = 70
"""Characters of a piece of a note that is left out."""


class Commands(TyperGroup):
    """The commands; what typer itself says of wrong arguments is shown as `shown` has it."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command that the arguments name."""
        for stream in (sys.stdout, sys.stderr):
            # What the terminal's encoding does not have is shown by its number, where Python would fail.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command, and see to its errors."""
        with _shown_errors():
            return super().invoke(ctx)

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Read the arguments, and see to their errors."""
        with _shown_errors():
            return super().make_context(*args, **options)


@contextmanager
def _shown_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # typer's errors have no public type in common.
        if isinstance(message := getattr(error, "message", None), str):
            error.message = shown(message)  # type: ignore[attr-defined]
        raise


def shown(text: str) -> str:
    r"""A text on one line with its control characters as they are written in Python, such as `\x1b`.

    Notes and file names come from strangers: nothing in them may move the cursor, set a title or turn words around. A
    byte of a file name that is not UTF-8 is shown as that byte.
    """

    def escaped(found: re.Match[str]) -> str:
        code = ord(found[0])
        # Python reads such bytes as these halves of surrogate pairs (PEP 383).
        code = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

    return _UNSAFE.sub(escaped, text)


def say(text: str, *, is_error: bool = False) -> None:
    """Print one line for people, to standard output or standard error. All that people read is printed by this."""
    typer.echo(shown(text), err=is_error)


def print_json(data: object) -> None:
    """Print data as one line of JSON, in which control characters are escaped, and what the encoding does not have."""
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8", "surrogatepass")
    except (UnicodeEncodeError, LookupError):
        text = json.dumps(data)
    typer.echo(_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


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
        say(str(diagnostic), is_error=True)
        if diagnostic.trace and Traces.shown:
            for line in diagnostic.trace.splitlines():
                say(line, is_error=True)
        count += 1
    return count


def print_faults(diagnostics: Iterable[Diagnostic], *, as_json: bool) -> int:
    """Print diagnostics to standard error or, for programs, as JSON to standard output; return how many there were."""
    if not as_json:
        return print_diagnostics(diagnostics)
    found = list(diagnostics)
    for each in found:
        place = each.location
        print_json(
            {
                "severity": each.severity,
                "file": place.path if place else None,
                "line": place.line if place else None,
                "message": each.message,
                "hint": each.hint,
            }
        )
    return len(found)


def print_finding(where: Location, finding: Finding, *, as_json: bool) -> None:
    """Print what card lint finds in a sentence."""
    if as_json:
        print_json(
            {
                "severity": "remark",
                "file": where.path,
                "line": where.line,
                "message": finding.message,
                "rule": finding.rule,
            }
        )
    else:
        say(f"{where}: {finding.message} [{finding.rule}]")


def print_left_out(file: str, piece: LeftOut) -> None:
    """Print where a piece of a note is that is not read as prose, what it is, and how it begins."""
    words = " ".join(piece.text.split())
    say(f"{file}:{piece.line}: {piece.kind}: {words if len(words) <= _SHOWN else words[:_SHOWN] + '…'}")


def print_counts_of_left_out(pieces: Iterable[tuple[Source, LeftOut]]) -> None:
    """Print how many pieces of notes are not read as prose, if any, which command shows them, and what is no note."""
    counts = Counter[str]()
    for source, piece in pieces:
        counts[piece.kind] += 1
        if piece.kind in ("drawing", "template"):
            say(f"{source.shown}: a {piece.kind}, so it makes no cards")
    if counts:
        kinds = ", ".join(f"{kind} {counts[kind]}" for kind in sorted(counts, key=lambda kind: (-counts[kind], kind)))
        say(f"Not read as prose: {kinds} (tmscards explain --left-out FILE shows each)")


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar on a terminal and nothing in a pipe; gives the function that moves it."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[now]}", markup=False),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(shown(title), total=None, now="")

    def tick(done: int, total: int, name: str) -> None:
        # The bar starts this late because it draws in a thread, and processes cannot be forked once there is one.
        bar.start()
        bar.update(task, completed=done, total=total, now=shown(name))

    try:
        yield tick
    finally:
        bar.stop()


def print_summary(summary: Summary) -> None:
    """Print what a build made, what it left out, and what it changed for learners."""
    from tmscards.build import summary as summaries

    print_diagnostics((*summary.refused, *summary.warnings))
    for line in summaries.lines(summary):
        say(line)


def print_change(change: Change) -> None:
    """Print what a build changes about a note."""
    say(f"{change.source}:{change.line}: {change.kind}")
    if change.before and change.before != change.after:
        say(f"    - {change.before}")
    say(f"    {'+' if change.before != change.after else ' '} {change.after}")
    for number, answer in change.emptied.items():
        say(f"    card {number} loses its answer {answer!r}")


def as_json(file: str, candidate: Candidate) -> dict[str, object]:
    """What became of a sentence of a file, as plain data for JSON."""
    from tmscards.language import cuts
    from tmscards.language.questions import context_lines

    result = candidate.result
    return {
        "source": file,
        "line": result.line,
        "sentence": result.text,
        "kind": result.kind,
        "score": result.score,
        "gaps": [{"text": g.text, "start": g.start, "end": g.end, "score": g.score} for g in result.gaps],
        "left_out": cuts.said(result.text, cuts.common(candidate.gaps)),
        "timestamp": result.seconds,
        "end": result.end,
        "context": list(context_lines(result, result.gaps[:1])),
        "findings": [{"rule": f.rule, "message": f.message, "drops": f.drops} for f in result.findings],
        "abbreviations": [{"short": a.short, "long": a.long} for a in result.abbreviations],
        "reason": candidate.reason,
    }


def print_candidate(candidate: Candidate) -> None:
    """Print what became of a sentence, and why."""
    from tmscards.language import cuts
    from tmscards.notes.clock import show
    from tmscards.text import with_edits

    result = candidate.result
    at = f" [{'≈ ' if result.approximate else ''}{show(result.seconds)}]" if result.seconds is not None else ""
    say(f"{candidate.source.shown}:{result.line}: {result.text}{at}")
    if candidate.reason:
        say(f"    left out: {candidate.reason}")
    else:
        say(f"    {result.kind}, score {result.score:.2f}")
    left_out = cuts.common(candidate.gaps)
    edits = [edit for edit in result.edits if not any(map(edit.overlaps, left_out))]
    if edits or left_out:
        say(f"    shown as: {with_edits(result.text, [*edits, *cuts.edits(left_out)])}")
    if result.before:
        say(f"    needs: {result.before}")
    for finding in result.findings:
        if not finding.drops:
            say(f"    could be better: {finding.message} [{finding.rule}]")
    if result.gaps:
        say("    gaps: " + " | ".join(f"{g.text} {g.score:.2f}" for g in result.gaps))
    for short in result.abbreviations:
        say(f"    {short.short} = {short.long}")
