"""How the code is laid out: modules and functions are short, and a breach of an import contract is found."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

LONGEST_MODULE, LONGEST_FUNCTION = 300, 50
SOURCES = sorted((ROOT / "src/tmscards").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "src/tmscards").as_posix())
def test_modules_and_functions_are_short(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


BREACHES = {
    "an import upwards": ("notes/clock.py", "from tmscards.deck import records"),
    "a circle": ("text.py", "import tmscards.tags", "tags.py", "import tmscards.text"),
    "spaCy outside of language": ("deck/matching.py", "def f() -> None:\n    import spacy"),
    "a parse outside of language": ("deck/matching.py", "from tmscards.language import gaps"),
    "a rating that hangs on a rule": ("language/features.py", "from tmscards.language import lint"),
    "genanki elsewhere": ("anki/preview.py", "import genanki"),
    "a web server elsewhere": ("cli/commands.py", "import starlette"),
}


@pytest.mark.process
@pytest.mark.parametrize("breach", BREACHES.values(), ids=BREACHES.keys())
def test_a_breach_of_a_contract_is_found(breach: tuple[str, ...], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src/tmscards", tmp_path / "src/tmscards", ignore=shutil.ignore_patterns("*.npz"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for name, line in zip(breach[::2], breach[1::2], strict=True):
        path = tmp_path / "src/tmscards" / name
        path.write_text(path.read_text() + f"\n{line}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(
        [*command, "--config", "../pyproject.toml"],
        cwd=tmp_path / "src",
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": "."},
    )
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout
