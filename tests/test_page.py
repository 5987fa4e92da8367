"""Rules for the scripts of the pages, checked in the text of the scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import ROOT
from tmscards.anki import preview
from tmscards.storage import web_files

PACKAGE = ROOT / "src" / "tmscards"
SCRIPTS = sorted(PACKAGE.rglob("*.js"))
CLOZE = re.compile(r"(?:\\*\{){2}c|\bc(?:\\d|\[0-9\]|\d+|\$\{\w+\})[+*]?::")
"""What a script writes that reads or makes Anki's cloze syntax, as text or in a regular expression."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_knows_the_cloze_syntax(script: Path) -> None:
    assert not CLOZE.findall(script.read_text())


@pytest.mark.parametrize("text", ["'{{c1::'", r"/\{\{c\d+::/", "`{{c${number}::`", r"/c\d+::/", r"/c[0-9]+::/"])
def test_the_cloze_syntax_is_seen(text: str) -> None:
    assert CLOZE.findall(text)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_modules_and_functions_are_short(script: Path) -> None:
    lines = script.read_text().splitlines()
    assert len(lines) <= 300
    # A function at the top level ends at the first line that is a brace and nothing else.
    starts = [i for i, line in enumerate(lines) if re.match(r"(?:export )?(?:async )?function ", line)]
    assert all(lines.index("}", start) - start < 50 for start in starts)


def imports(script: Path) -> set[Path]:
    """The modules that a module imports."""
    return {(script.parent / name).resolve() for name in re.findall(r'^import .*"(\..*)";$', script.read_text(), re.M)}


def test_no_modules_import_each_other() -> None:
    left = {script: imports(script) for script in SCRIPTS}
    assert sum(map(len, left.values())) > 20
    while left:
        free = {script for script, needed in left.items() if not needed & left.keys()}
        assert free, f"these import each other: {sorted(path.name for path in left)}"
        left = {script: needed for script, needed in left.items() if script not in free}


def test_the_one_script_of_the_preview_has_all_that_it_imports() -> None:
    before: set[Path] = set()
    for name in preview.MODULES:
        assert imports(PACKAGE / name) <= before, name
        before.add(PACKAGE / name)
    script = web_files.joined_modules(*preview.MODULES)
    assert not re.search(r"^(?:import|export)\b", script, re.M)
    # Either would end the element that the script stands in.
    assert "</script" not in script
    assert "<!--" not in script
