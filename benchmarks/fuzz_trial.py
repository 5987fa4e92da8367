"""One trial of the fuzzer: makes a hostile project, runs commands in it, and finds what must never be.

Nothing may be written outside the project, no command may end but with a message, the good note's card has to be made
unless the deck's own files are the hostile ones, and the real Anki has to take every package.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz_anki import Anki, Failure, faults_of_fields
from fuzz_commands import TooLong, alarm, bundled_template, last_of, place, quick, run_here, run_real
from fuzz_disk import GOOD, SAYS, SECRET, is_input, is_record, make, packages, snapshot, write
from fuzz_plants import Plan

LONGEST = 60
"""Seconds of work that a trial may take: several commands may each read a note of 200 kB."""


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
        self._program = get_command(app)
        self._anki = Anki(scratch)
        self._numbers = itertools.count()
        with quick():
            workers.engine(None)
            self.built = self._first_build()
        self.template = {
            path.name: path.read_bytes() for path in sorted(bundled_template().iterdir()) if path.is_file()
        }

    def close(self) -> None:
        """Close Anki's collection."""
        self._anki.close()

    def _first_build(self) -> dict[str, bytes]:
        project = self.scratch / "first"
        write(project / "notes/good.md", GOOD.encode())
        write(project / "decks/d.yaml", b"deck: Deck\n")
        code, said, error = run_here(self._program, project, ("build",))
        assert code == 0, (said, error)
        files = (path for path in project.rglob("*") if path.is_file())
        return {path.relative_to(project).as_posix(): path.read_bytes() for path in files}

    def trial(self, plan: Plan, *, real: bool = False, keep: Path | None = None, most: int = LONGEST) -> Outcome:
        """Make the project of a plan, run its commands, and look; `real` runs the real command in a process.

        A trial that takes more than `most` seconds is a failure.
        """
        folder = keep or self.scratch / f"trial{next(self._numbers)}"
        began, outcome = time.monotonic(), Outcome()
        try:
            with alarm(most), quick():
                make(plan, folder, self.built, self.template)
                before = snapshot(folder, outside=True)
                for command in plan.commands:
                    self._try(plan, folder / "project", command, outcome, real)
                _compare(before, snapshot(folder, outside=True), "changed outside of the project", outcome)
        except TooLong:
            outcome.failures.append(Failure(f"takes over {LONGEST} s in {place()}", traceback.format_exc(limit=-12)))
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
        code, said, error = (
            run_real(project, ("--traceback", *command))
            if real
            else run_here(self._program, project, ("--traceback", *command), on_terminal=plan.on_terminal)
        )
        found = outcome.failures
        if error is not None:
            kind = f"{type(error).__name__} in {place(error)} by {command[0]}"
            found.append(Failure(kind, "".join(traceback.format_exception(error))))
        elif code not in (0, 1) or (code == 1 and not said.strip()):
            found.append(Failure(f"exit code {code} of {command[0]} without a message", said))
        if not plan.on_terminal and (odd := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", said)):
            found.append(Failure(f"control characters in what {command[0]} prints", f"{odd[0]!r} in {said!r:.2000}"))
        if "Traceback (most recent" in said:
            found.append(Failure(f"{last_of(said)} by {command[0]}", said))
        outcome.messages += _messages(said) if code else ()
        _compare(sources, snapshot(project, is_input), f"a source was changed by {command[0]}", outcome)
        new = {path for path, stamp in packages(project).items() if stamps.get(path) != stamp}
        if not new or command[0] != "build":
            _compare(
                kept, snapshot(project, is_record), f"records changed by {command[0]}, which made no deck", outcome
            )
        if command == ("build",) and error is None:
            self._look(plan, project, new, said if code else "", outcome)

    def _look(self, plan: Plan, project: Path, new: set[Path], said: str, outcome: Outcome) -> None:
        """Look at the decks after a build: `new` are the packages that it has written, `said` is why it failed."""
        for package in sorted(new):
            outcome.failures += self._anki.faults(package, _on_record(package, outcome))
            outcome.packages += 1
        outcome.was_refused = outcome.was_refused or not packages(project)
        notes = self._anki.notes_of(project / "decks/d.apkg")
        if any(SECRET in "".join(fields) for fields, _ in notes):
            outcome.failures.append(Failure("a file outside of the project was read into a deck", repr(notes)[:2000]))
        outcome.failures += _finished(plan, project)
        if "deck" in plan.sides:
            names = {"notes", *(part for plant in plan.plants for part in plant.path.split("/"))}
            if not new and said.strip() and not any(name in said for name in names) and not re.search(r"\w/\S", said):
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
        # The records of a deck whose folder would hold the notes are in another one.
        folder = package.with_suffix("")
        on_record = records.read(package.with_suffix(".records") if folder.is_symlink() else folder)
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


def _compare(before: dict[str, Any], after: dict[str, Any], kind: str, outcome: Outcome) -> None:
    changed = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    if changed:
        outcome.failures.append(
            Failure(kind, ", ".join(f"{n!r}: {before.get(n)} -> {after.get(n)}" for n in changed[:9]))
        )
