"""The documentation names what there is, and nothing that is not."""

from __future__ import annotations

import re

import pytest

from conftest import ROOT
from tmscards.deck.recipes import Limits, Recipe
from tmscards.language.lint import RULES

README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


def commands() -> dict[str, list[str]]:
    """Every command and its options, as the program itself has them."""
    import typer.main

    from tmscards.cli.commands import app

    found = {}
    waiting = list(typer.main.get_command(app).commands.items())
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


def test_every_module_is_in_the_architecture_and_says_what_it_owns() -> None:
    for path in (ROOT / "src/tmscards").glob("*.py"):
        if not path.name.startswith("__"):
            assert f"| `{path.stem}` |" in ARCHITECTURE, path.name
            assert path.read_text().startswith('"""Owns '), path.name
    named = set(re.findall(r"^\| `(\w+)` \|", ARCHITECTURE, re.M))
    assert named == {p.stem for p in (ROOT / "src/tmscards").glob("*.py") if not p.name.startswith("__")}


def test_files_named_in_the_readme_exist() -> None:
    for name in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / name).exists(), name


def test_every_rule_of_card_lint_is_documented() -> None:
    quality = (ROOT / "docs/quality.md").read_text()
    for name, rule in RULES.items():
        assert f"| `{name}` | {rule.says} | {'yes' if rule.drops else ''} |" in quality
