"""Owns the recipe: what a deck is made of, read from `decks/<deck>.yaml`, faults refused with file and line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tmscards.domain import Location
from tmscards.errors import UserError, UserErrors
from tmscards.sources import DEFAULT_GLOBS

Density = Literal["sparse", "normal", "full"]


class Limits(BaseModel):
    """How much of a source becomes notes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notes_per_source: int | None = Field(default=None, ge=1)
    """The best so many; None for all."""
    cards_per_note: int = Field(default=2, ge=1, le=3)
    """Cloze deletions in one note."""


class Recipe(BaseModel):
    """What a deck is made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deck: str = Field(min_length=1)
    """The deck's name in Anki; `::` makes subdecks."""
    sources: tuple[str, ...] = DEFAULT_GLOBS
    """Patterns for files, relative to the notes folder."""
    template: str = "default"
    """A folder of `templates/`."""
    tags: tuple[str, ...] = ()
    """Tags that every note gets."""
    tags_from: tuple[Literal["front matter", "folder", "heading"], ...] = ("front matter", "folder")
    """Where further tags come from."""
    density: Density = "normal"
    """Fewer and surer cards, or more of them."""
    limits: Limits = Limits()
    pipeline: str | None = None
    """The spaCy pipeline; None for the English one that came along."""

    @field_validator("deck")
    @classmethod
    def _deck_has_names(cls, value: str) -> str:
        if not all(part.strip() for part in value.split("::")):
            raise ValueError("each part of a deck's name needs letters, as in Science::Brain")
        return value

    @field_validator("template")
    @classmethod
    def _template_is_a_name(cls, value: str) -> str:
        if not value or value != Path(value).name or value.startswith("."):
            raise ValueError("this is the name of a folder in templates/, without a path")
        return value

    @field_validator("sources")
    @classmethod
    def _sources_are_relative(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or any(not p or p.startswith(("/", "~")) or ".." in Path(p).parts for p in value):
            raise ValueError("patterns are relative to the notes folder, such as lectures/*.md")
        return value


def read(path: Path) -> Recipe:
    """Read a recipe. Raises UserErrors naming every fault with its line, and the known key nearest to an unknown."""
    shown = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UserError(f"this recipe cannot be read: {problem}", location=Location(shown)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError(
            f"this is not valid YAML: {getattr(error, 'problem', None) or error}",
            location=Location(shown, mark.line + 1 if mark else None),
            hint="a name with :: or # needs quotes",
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"this is not valid YAML: {error}", location=Location(shown), hint="put dates and times in quotes"
        ) from error
    if node is None or not isinstance(data, dict):
        raise UserError(
            "a recipe is a list of keys and values", location=Location(shown, 1), hint='write `deck: "My deck"`'
        )
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        raise UserErrors(list(_faults(error, shown, node))) from error


def _faults(error: ValidationError, shown: str, node: yaml.Node) -> Iterator[UserError]:
    for fault in error.errors():
        path = [part for part in fault["loc"] if isinstance(part, str | int)]
        where = Location(shown, _line(node, path))
        name = ".".join(map(str, path))
        if fault["type"] == "extra_forbidden":
            known = Limits.model_fields if len(path) > 1 else Recipe.model_fields
            near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
            yield UserError(f"unknown key {name!r}", location=where, hint=hint)
        elif fault["type"] == "missing":
            yield UserError(f"the key {name!r} is missing", location=where, hint=f"add `{name}: …`")
        else:
            yield UserError(f"{name}: {fault['msg'].removeprefix('Value error, ')}", location=where)


def _line(node: yaml.Node, path: list[str | int]) -> int:
    """The line of a key, or of what holds it if it is missing."""
    line: int = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == part), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
