"""A running `tmscards review`: the real command in a project's folder, and the address it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType


class Reviewed:
    """The command while it runs."""

    def __init__(self, folder: Path, *args: str, browser: bool = False) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "tmscards", "review", *([] if browser else ["--no-open"]), *args],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "TERMINAL_WIDTH": "200"},
        )
        assert self.process.stdout
        said = ""
        for line in self.process.stdout:
            said += line
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/([\w-]+)/", said):
                self.url, self.port, self.token = found[0], int(found[1]), found[2]
                return
        raise AssertionError(said)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Reviewed:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.kill()
