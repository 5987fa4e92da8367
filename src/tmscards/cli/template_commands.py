"""The commands about templates: `tmscards template new`, `export`, `add`, `list` and `check`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from tmscards.cli import terminal
from tmscards.errors import UserError
from tmscards.text import plural

template_app = typer.Typer(no_args_is_help=True, help="See, make and check how cards look.")


@template_app.command("new")
def template_new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the new folder in templates/.")],
    origin: Annotated[str, typer.Option("--from", metavar="NAME", help="The template to copy.")] = "default",
) -> None:
    """Make a template of your own: a copy of another, with its own name and id, for you to edit."""
    with terminal.messages():
        from tmscards.anki import templates

        terminal.say(f"wrote {templates.create(name, origin, Path(), time.time())}")
        terminal.say(f"Now: edit it, and write `template: {name}` in a recipe.")


@template_app.command("export")
def template_export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a template.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write this file instead of NAME.tmscards-template.zip."),
    ] = None,
) -> None:
    """Write a template as one file, for somebody else to add to a project with `tmscards template add`."""
    with terminal.messages():
        from tmscards.anki import template_sharing

        terminal.say(f"wrote {template_sharing.exported(name, Path(), output)}")


@template_app.command("add")
def template_add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A template that somebody has exported.")],
) -> None:
    """Add a template that somebody handed on: it is checked, and goes to templates/ with its name and id."""
    with terminal.messages():
        from tmscards.anki import template_sharing

        folder = template_sharing.add(file, Path())
        terminal.say(f"wrote {folder}")
        terminal.say(f"Now: write `template: {folder.name}` in a recipe.")


@template_app.command("list")
def template_list() -> None:
    """Show all templates, with the options that a recipe can set."""
    with terminal.messages():
        from tmscards.anki import templates

        for name, template, is_own in templates.listed(Path()):
            if isinstance(template, UserError):
                terminal.say(f"{name}: has problems; see tmscards template check {name}")
                continue
            terminal.say(f"{name}{' (yours)' if is_own else ''}: {template.settings.description}")
            for key, option in template.settings.options.items():
                choices = f" ({', '.join(option.choices)})" if option.choices else ""
                terminal.say(f"    {key}: {option.says}{choices}; default: {option.default}")


@template_app.command("check")
def template_check(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Check only this template.")] = None,
) -> None:
    """Find all problems of templates, each with file, line and column."""
    with terminal.messages():
        from tmscards.anki import templates

        names = [name] if name else list(templates.folders(Path()))
        found = 0
        for each in names:
            try:
                terminal.print_diagnostics(templates.load(each, Path()).warnings)
            except UserError as error:
                found += terminal.print_diagnostics(error.diagnostics)
        if found:
            raise typer.Exit(1)
        terminal.say(f"No problems found in {plural(len(names), 'template')}.")
