"""Reads what `template.yaml` says: the name of a template, its id, and what a recipe can set."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tmscards.anki.template_files import read_text
from tmscards.domain import Diagnostic, Location
from tmscards.errors import UserError
from tmscards.storage import yaml_files

FILE = "template.yaml"
"""The name of the file."""
_LONGEST = 50_000
_LAST_ID = 2**53 - 1
"""The largest id that everybody who reads JSON gets right (RFC 8259, 6)."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_REFUSE_UNKNOWN_KEYS = {"extra": "forbid"}
_WORDING = yaml_files.Wording("this file", 'name: "My cards"', "a value with : or # needs quotes")


@dataclass(frozen=True, slots=True)
class Option:
    """Something in a template that a recipe can set: `[[name]]` in its files is replaced by the value."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    says: str
    default: str
    choices: tuple[str, ...] = ()
    """The values that it may have; empty if it may be any text."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `template.yaml` says."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    name: str
    """The note type's name in Anki."""
    id: int
    """The note type's id in Anki."""
    description: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)


def read(path: Path, errors: list[Diagnostic]) -> Settings | None:
    """The settings in a file; None if it has faults, which are added to `errors`."""
    before = len(errors)
    text = read_text(path, errors)
    if len(text) > _LONGEST:
        says = f"this file cannot be read: it has more than {_LONGEST:,} characters"
        errors.append(Diagnostic("error", says, Location(str(path))))
    try:
        if len(errors) == before:
            return yaml_files.read(path, Settings, _WORDING, check=_odd, raw=text.encode())
    except UserError as error:
        errors += error.diagnostics
    return None


def _odd(settings: Settings) -> Iterator[tuple[list[str | int], str]]:
    """What Anki would not take, or would be shown as something else."""
    if not 0 < settings.id <= _LAST_ID:
        yield ["id"], f"id: it is not between 1 and {_LAST_ID}"
    if not settings.name.strip():
        yield ["name"], "name: it is empty"
    texts: list[tuple[list[str | int], str]] = [(["name"], settings.name), (["description"], settings.description)]
    for name, option in settings.options.items():
        texts += [(["options", name, key], text) for key, text in (("says", option.says), ("default", option.default))]
        texts += [(["options", name, "choices"], choice) for choice in option.choices]
    for where, text in texts:
        if _UNPRINTABLE.search(text):
            yield where, f"{'.'.join(map(str, where))}: it has control characters"


def values(template: str, settings: Settings, given: Mapping[str, str], errors: list[Diagnostic]) -> dict[str, str]:
    """The value of each option: the one given by a recipe, or else the default. Faults are added to `errors`."""
    values = {name: option.default for name, option in settings.options.items()}
    for name, value in given.items():
        option = settings.options.get(name)
        if option is None:
            near = difflib.get_close_matches(name, values, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"options: {', '.join(values) or 'none'}"
            errors.append(Diagnostic("error", f"the template {template} has no option {name!r}", hint=hint))
        elif option.choices and value not in option.choices:
            errors.append(Diagnostic("error", f"{name}: {value!r} is not one of {', '.join(option.choices)}"))
        elif re.search(r"[<>{};\n]", value) or _UNPRINTABLE.search(value):
            errors.append(
                Diagnostic("error", f"{name}: {value!r} contains characters of HTML or CSS", hint="give a plain value")
            )
    return values | {name: value for name, value in given.items() if name in values}


def in_pages(values: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The values of options as they stand in HTML: one that is `given` by a recipe cannot end an attribute."""
    quotes = str.maketrans({'"': "&quot;", "'": "&#39;"})
    return {name: value.translate(quotes) if name in given else value for name, value in values.items()}


def rewritten(text: str, settings: Settings) -> str:
    """The text of `template.yaml` with another name and id, which are those of `settings`.

    Comments stay if name and id have lines of their own; else all is written anew.
    """
    # JSON's strings are strings of YAML too.
    named = {"name": json.dumps(settings.name, ensure_ascii=False), "id": str(settings.id)}
    changed = re.sub(r"^(name|id):.*$", lambda line: f"{line[1]}: {named[line[1]]}", text, flags=re.M)
    try:
        said = yaml_files.read(Path(FILE), Settings, _WORDING, raw=changed.encode())
    except UserError:
        said = None
    return changed if said == settings else yaml_files.written(asdict(settings))
