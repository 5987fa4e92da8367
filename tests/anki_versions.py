"""The versions of Anki that tests can use, and a learner in each: learner.py gets steps and returns their results."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("learner.py")


def _versions() -> list[tuple[str, Path]]:
    """The environments that the Makefile made inside the running one, oldest first, and the newest, which runs this."""
    made = [ready.parent for ready in Path(sys.prefix).glob("anki-*/ready")]
    older = [(folder.name.removeprefix("anki-"), folder / "bin/python") for folder in made]
    older.sort(key=lambda pair: [int(part) for part in pair[0].split(".")])
    return [*older, (version("anki"), Path(sys.executable))]


VERSIONS = _versions()


class Learner:
    """Someone who has one collection, in one version of Anki."""

    def __init__(self, python: Path, collection: Path) -> None:
        self.python = python
        self.collection = collection

    def do(self, *steps: dict[str, Any]) -> list[Any]:
        """Carry out steps, and give back the result of each; the collection is closed afterwards."""
        command = [str(self.python), str(SCRIPT), str(self.collection)]
        done = subprocess.run(
            command, input=json.dumps(steps), capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        results: list[Any] = json.loads(done.stdout)
        return results
