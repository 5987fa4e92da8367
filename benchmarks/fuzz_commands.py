"""Runs the commands for the fuzzer: in this process, where models are loaded once, or as a user does."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from functools import cache, lru_cache, partial
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock


class TooLong(BaseException):
    """A trial has taken too long. No `except Exception` may hide that."""


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def run_here(
    program: Any, project: Path, command: tuple[str, ...], *, on_terminal: bool = False
) -> tuple[int, str, BaseException | None]:
    """Run a command of `program`, tmscards, in this process.

    Returns its exit code, all that it said, and the exception that it ended with, if any.
    """
    # A terminal refuses half characters in what is printed, and escapes them in what goes to standard error.
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    kind = _Terminal if on_terminal else io.TextIOWrapper
    err = kind(out.buffer, encoding="utf-8", errors="backslashreplace", write_through=True)
    code, error = 0, None
    with contextlib.chdir(project), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            program.main(args=list(command), prog_name="tmscards")
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except Exception as raised:
            code, error = 1, raised
    said = out.buffer.getvalue().decode("utf-8")
    err.detach()
    return code, said, error


def run_real(project: Path, command: tuple[str, ...]) -> tuple[int, str, BaseException | None]:
    """Run the real command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tmscards", *command], cwd=project, capture_output=True, timeout=60, check=False
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "surrogateescape"), None


def place(error: BaseException | None = None) -> str:
    """The last place of our own code in a traceback: file and function."""
    frames = traceback.extract_tb(error.__traceback__ if error else sys.exc_info()[2])
    own = [frame for frame in frames if "/tmscards/" in frame.filename]
    return f"{own[-1].filename.partition('/tmscards/')[2]}:{own[-1].name}" if own else "no code of ours"


def last_of(said: str) -> str:
    """The error of a traceback that was printed, and the last place of our own code in it."""
    own = re.findall(r'File "[^"\n]*/tmscards/([^"\n]*)", line \d+, in (\w+)', said)
    errors = re.findall(r"^(\w*(?:Error|Exception|Warning|Refused))\b", said, re.M)
    return f"{errors[-1] if errors else 'traceback'} in {':'.join(own[-1]) if own else 'no code of ours'}"


def bundled_template() -> Path:
    """The folder of the template `default`."""
    from tmscards.storage import bundled

    return bundled.folder("templates") / "default"


@contextlib.contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Raise TooLong after so many seconds of work, or three times as many of waiting, as others may be at work too."""

    def ring(_: int, __: FrameType | None) -> None:
        raise TooLong

    old = [signal.signal(each, ring) for each in (signal.SIGALRM, signal.SIGPROF)]
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(3 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for each, handler in zip((signal.SIGALRM, signal.SIGPROF), old, strict=True):
            signal.signal(each, handler)


@contextlib.contextmanager
def quick() -> Iterator[None]:
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
    read, ours = templates.read, bundled_template().parent
    known = lru_cache(64)(lambda folder, options: read(folder, dict(options)))

    def read_once(folder: Path, options: Any = None) -> Any:
        if folder.parent != ours:
            return read(folder, options)
        return known(folder, tuple((options or {}).items()))

    return read_once
