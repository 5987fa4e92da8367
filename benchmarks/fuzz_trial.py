"""One trial of the fuzzer: makes a hostile project, runs commands in it, and finds what must never be.

Nothing may be written outside the project, no command may end but with a message, the good note's card has to be made
unless the deck's own files are the hostile ones, and the real Anki has to take every package.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

from fuzz_anki import Anki, Failure, faults_of_fields
from fuzz_disk import GOOD, SAYS, SECRET, is_input, is_record, make, packages, snapshot, write
from fuzz_plants import Plan

LONGEST = 20
"""Seconds that a trial may take."""


class TooLong(BaseException):
    """A trial has taken too long. No `except Exception` may hide that."""


@dataclass(slots=True)
class Outcome:
    """What came of a trial."""

    failures: list[Failure] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    """What the user was told was wrong."""
    packages: int = 0
    """How many packages Anki has taken."""
    was_refused: bool = False
    """Whether a build ended with exit code 1 and wrote no package."""
    seconds: float = 0.0


class Bench:
    """What all trials of a process share: the models, a good deck, and a collection of the real Anki."""

    def __init__(self, scratch: Path) -> None:
        from typer.main import get_command

        from tmscards.build import workers
        from tmscards.cli.commands import app

        self.scratch = scratch
        self._command = get_command(app)
        self._anki = Anki(scratch)
        self._numbers = itertools.count()
        with _quick():
            workers.engine(None)
            self.built = self._first_build()
        self.template = {path.name: path.read_bytes() for path in sorted(_bundled().iterdir()) if path.is_file()}

    def close(self) -> None:
        """Close Anki's collection."""
        self._anki.close()

    def _first_build(self) -> dict[str, bytes]:
        project = self.scratch / "first"
        write(project / "notes/good.md", GOOD.encode())
        write(project / "decks/d.yaml", b"deck: Deck\n")
        code, said, error = self._run(project, ("build",))
        assert code == 0, (said, error)
        files = (path for path in project.rglob("*") if path.is_file())
        return {path.relative_to(project).as_posix(): path.read_bytes() for path in files}

    def _run(self, project: Path, command: tuple[str, ...]) -> tuple[int, str, BaseException | None]:
        """Run a command in this process: its exit code, all that it said, and the exception that it ended with."""
        # A terminal refuses half characters in what is printed, and escapes them in what goes to standard error.
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        err = io.TextIOWrapper(out.buffer, encoding="utf-8", errors="backslashreplace", write_through=True)
        code, error = 0, None
        with contextlib.chdir(project), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                self._command.main(args=list(command), prog_name="tmscards")
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            except Exception as raised:
                code, error = 1, raised
        said = out.buffer.getvalue().decode("utf-8")
        err.detach()
        return code, said, error

    def trial(self, plan: Plan, *, real: bool = False, keep: Path | None = None, most: int = LONGEST) -> Outcome:
        """Make the project of a plan, run its commands, and look; `real` runs the real command in a process.

        A trial that takes more than `most` seconds is a failure.
        """
        folder = keep or self.scratch / f"trial{next(self._numbers)}"
        began, outcome = time.monotonic(), Outcome()
        try:
            with _alarm(most), _quick():
                make(plan, folder, self.built, self.template)
                before = snapshot(folder, outside=True)
                for command in plan.commands:
                    self._try(plan, folder / "project", command, outcome, real)
                _compare(before, snapshot(folder, outside=True), "changed outside of the project", outcome)
        except TooLong:
            outcome.failures.append(Failure(f"takes over {LONGEST} s in {_place()}", traceback.format_exc(limit=-12)))
        except Exception as error:
            outcome.failures.append(Failure(f"the fuzzer cannot look at it: {error!r:.80}", traceback.format_exc()))
        finally:
            os.chdir(self.scratch)
            if keep is None:
                shutil.rmtree(folder, ignore_errors=True)
        outcome.seconds = time.monotonic() - began
        return outcome

    def _try(self, plan: Plan, project: Path, command: tuple[str, ...], outcome: Outcome, real: bool) -> None:
        """Run one command, and look at what it said and wrote."""
        sources, kept = snapshot(project, is_input), snapshot(project, is_record)
        stamps = packages(project)
        code, said, error = _real(project, command) if real else self._run(project, command)
        found = outcome.failures
        if error is not None:
            kind = f"{type(error).__name__} in {_place(error)} by {command[0]}"
            found.append(Failure(kind, "".join(traceback.format_exception(error))))
        elif code not in (0, 1) or (code == 1 and not said.strip()):
            found.append(Failure(f"exit code {code} of {command[0]} without a message", said))
        if odd := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", said):
            found.append(Failure(f"control characters in what {command[0]} prints", f"{odd[0]!r} in {said!r:.2000}"))
        if "Traceback (most recent" in said:
            found.append(Failure(f"traceback of {command[0]}", said))
        outcome.messages += _messages(said) if code else ()
        _compare(sources, snapshot(project, is_input), f"a source was changed by {command[0]}", outcome)
        new = {path for path, stamp in packages(project).items() if stamps.get(path) != stamp}
        if not new or command[0] != "build":
            _compare(
                kept, snapshot(project, is_record), f"records changed by {command[0]}, which made no deck", outcome
            )
        if command == ("build",) and error is None:
            self._look(plan, project, new, said, outcome)

    def _look(self, plan: Plan, project: Path, new: set[Path], said: str, outcome: Outcome) -> None:
        """Look at the decks after a build: `new` are the packages that it has written."""
        for package in sorted(new):
            outcome.failures += self._anki.faults(package, _on_record(package, outcome))
            outcome.packages += 1
        outcome.was_refused = outcome.was_refused or not packages(project)
        notes = self._anki.notes_of(project / "decks/d.apkg")
        if any(SECRET in "".join(fields) for fields, _ in notes):
            outcome.failures.append(Failure("a file outside of the project was read into a deck", repr(notes)[:2000]))
        outcome.failures += _finished(plan, project)
        if "deck" in plan.sides:
            names = {part for plant in plan.plants if plant.side == "deck" for part in plant.path.split("/")} | {
                "notes"
            }
            if not new and said.strip() and not any(name in said or repr(name)[1:-1] in said for name in names):
                outcome.failures.append(Failure("a refusal that names no file", said))
            return
        texts = [re.sub(r"\{\{c\d+::(.*?)\}\}|<[^>]*>", r"\1", fields[0]) for fields, _ in notes]
        if "cache" in plan.sides and ".tmscards" in said:
            return
        if SAYS not in texts:
            outcome.failures.append(Failure("the good note has no card", f"{said}\n{texts}"))


def _on_record(package: Path, outcome: Outcome) -> int | None:
    """How many notes of a deck its records say to ship; None if they cannot be read."""
    from tmscards.anki import package_contents
    from tmscards.deck import records
    from tmscards.errors import UserError

    try:
        on_record = records.read(package.with_suffix(""))
    except UserError as error:
        outcome.failures.append(Failure("records that cannot be read after a build", str(error)))
        return None
    if on_record.deck is None:
        outcome.failures.append(Failure("no record of the deck after a build", str(package)))
        return None
    notes = [
        note for file in on_record.sources.values() for note in package_contents.shipped(file, on_record.deck.changed)
    ]
    for fault in faults_of_fields((note.fields, " ".join(note.tags)) for note in notes):
        outcome.failures.append(fault)
    return len(notes)


def _finished(plan: Plan, project: Path) -> Iterator[Failure]:
    """A failure for each file of a commit that no build here began, if it was moved into place."""
    planted = {plant.path for plant in plan.plants}
    for path in sorted(planted):
        target = path.replace("/.committed/", "/").replace("/.staged/", "/")
        is_new = target not in planted and "decks/d/sub" not in planted
        if is_new and target.endswith(("/profile", "/evil.yaml")) and os.path.lexists(project / target):
            yield Failure("a stranger's commit was finished", target)


def _messages(said: str) -> Iterator[str]:
    """The kinds of the messages in what was said: without names, numbers and places."""
    for line in said.splitlines()[:20]:
        text = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\([^()]*\)$|\S*/\S*|\d+", "…", line)
        yield re.sub(r"^(?:…[: ]*)+", "", re.sub(r"[^\x20-\x7e…–]", "?", text)).strip()[:70]


def _place(error: BaseException | None = None) -> str:
    """The last place of our own code in a traceback: file and function."""
    frames = traceback.extract_tb(error.__traceback__ if error else sys.exc_info()[2])
    own = [frame for frame in frames if "/tmscards/" in frame.filename]
    return f"{own[-1].filename.partition('/tmscards/')[2]}:{own[-1].name}" if own else "no code of ours"


def _real(project: Path, command: tuple[str, ...]) -> tuple[int, str, BaseException | None]:
    """Run the real command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tmscards", *command], cwd=project, capture_output=True, timeout=LONGEST, check=False
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "surrogateescape"), None


def _bundled() -> Path:
    from tmscards.storage import bundled

    return bundled.folder("templates") / "default"


@contextlib.contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    """Raise TooLong after this time."""

    def ring(_: int, __: FrameType | None) -> None:
        raise TooLong

    old = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)


@contextlib.contextmanager
def _quick() -> Iterator[None]:
    """Let models and bundled templates be loaded once per process, and let a second build not wait for the clock."""
    from tmscards.anki import templates
    from tmscards.build import pipeline
    from tmscards.language import extraction

    clock = map(float, itertools.count(int(time.time())))
    with (
        mock.patch.object(templates, "read", _template_once(templates)),
        mock.patch.object(extraction, "load", _load_once(extraction)),
        mock.patch.object(pipeline, "BuildContext", partial(pipeline.BuildContext, clock=lambda: next(clock))),
    ):
        yield


@cache
def _load_once(extraction: Any) -> Any:
    return lru_cache(4)(extraction.load)


@cache
def _template_once(templates: Any) -> Any:
    read, ours = templates.read, _bundled().parent
    known = lru_cache(64)(lambda folder, options: read(folder, dict(options)))

    def read_once(folder: Path, options: Any = None) -> Any:
        if folder.parent != ours:
            return read(folder, options)
        return known(folder, tuple((options or {}).items()))

    return read_once


def _compare(before: dict[str, Any], after: dict[str, Any], kind: str, outcome: Outcome) -> None:
    changed = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    if changed:
        outcome.failures.append(
            Failure(kind, ", ".join(f"{n!r}: {before.get(n)} -> {after.get(n)}" for n in changed[:9]))
        )
