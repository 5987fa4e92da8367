"""The documentation names everything that exists, and nothing that does not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conftest import ROOT
from tmscards.deck.recipes import Limits, Recipe
from tmscards.language import lint

README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


def commands() -> dict[str, list[str]]:
    """Every command and its options, as the program itself has them."""
    import typer.main

    from tmscards.cli.commands import app

    found = {}
    top: Any = typer.main.get_command(app)
    waiting = list(top.commands.items())
    for name, command in waiting:
        inner = getattr(command, "commands", {})
        waiting += [(f"{name} {sub}", each) for sub, each in inner.items()]
        if not inner:
            found[name] = [o for parameter in command.params for o in parameter.opts if o.startswith("--")]
    return found


@pytest.mark.parametrize(("command", "options"), commands().items())
def test_every_command_and_option_is_in_the_readme(command: str, options: list[str]) -> None:
    assert f"tmscards {command}" in README or f"`{command}" in README
    for option in options:
        if option != "--help":
            assert option in README, f"{command} {option}"


@pytest.mark.parametrize("key", [*Recipe.model_fields, *Limits.model_fields])
def test_every_key_of_a_recipe_is_in_the_readme(key: str) -> None:
    assert f"`{key}`" in README


def modules() -> list[str]:
    package = ROOT / "src/tmscards"
    found = [path.relative_to(package).with_suffix("").as_posix() for path in package.rglob("*.py")]
    return sorted(name for name in found if not name.rpartition("/")[2].startswith("__"))


@pytest.mark.parametrize("module", modules())
def test_every_module_is_in_the_architecture(module: str) -> None:
    assert f"`{module.rpartition('/')[2]}`" in ARCHITECTURE


def test_files_named_in_the_readme_exist() -> None:
    for name in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / name).exists(), name


def test_every_rule_of_card_lint_is_documented() -> None:
    quality = (ROOT / "docs/quality.md").read_text()
    of_texts = (lint.SKIP, lint.UNRESOLVED, lint.LONG_LEAD, lint.LONG_TEXT)
    for rule in (*lint.OF_STRUCTURE, *lint.OF_SENTENCES, *lint.OF_DECKS, *of_texts):
        assert f"| `{rule.id}` | {rule.says} | {'yes' if rule.drops else ''} |" in quality


def test_every_test_that_the_promises_of_security_name_exists() -> None:
    named = re.findall(r"`(test_\w+|…)(?:::(test_\w+)(…)?)?`", (ROOT / "docs/security.md").read_text())
    assert len(named) > 50
    file = ""
    for module, test, is_begun in named:
        file = file if module == "…" else module
        tests = (ROOT / f"tests/{file}.py").read_text()
        assert not test or re.search(rf"^def {test}{'' if is_begun else chr(92) + 'b'}", tests, re.M), f"{file}::{test}"
