"""Reads the recipe, `decks/<deck>.yaml`, which says what a deck is made of; faults are named with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from tmscards.anki import note_types
from tmscards.deck import patterns
from tmscards.notes.addresses import App
from tmscards.notes.vault import DEFAULT_GLOBS
from tmscards.storage import yaml_files

_WORDING = yaml_files.Wording("this recipe", 'deck: "My deck"', "a name with :: or # needs quotes")

Density = Literal["sparse", "normal", "full"]
TAGS_FROM = ("front matter", "folder", "heading", "title")
PROPERTY = "property:"
Shown = Literal["short", "whole"]
"""How much of its sentence a note shows."""


def _tags_from(value: object) -> object:
    if isinstance(value, dict) and [*value] == ["property"]:
        # In YAML, `- property: course` is a key with a value.
        value = f"{PROPERTY}{value['property']}"
    is_property = isinstance(value, str) and value.startswith(PROPERTY) and value != PROPERTY
    if value not in TAGS_FROM and not is_property:
        raise ValueError(f"tags come from {', '.join(TAGS_FROM)}, or a key of front matter: `property: course`")
    return value


_TagsFrom = Annotated[str, BeforeValidator(_tags_from)]


class Limits(BaseModel):
    """How much of a source becomes notes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notes_per_source: int | None = Field(default=None, ge=1)
    """How many notes a source gets at most, the best ones; None for all."""
    cards_per_note: int = Field(default=2, ge=1, le=3)
    """How many cloze deletions one note gets at most."""


class Fields(BaseModel):
    """What fields of every note have besides what a build puts there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    Extra: str = ""
    """The text on the back of a card, with names in braces for what a source says (`patterns`)."""

    @field_validator("Extra")
    @classmethod
    def _names_are_closed(cls, value: str) -> str:
        patterns.names(value)
        return value


class Recipe(BaseModel):
    """What a deck is made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deck: str = Field(min_length=1)
    """The deck's name in Anki; `::` makes subdecks, and names in braces those of each source (`patterns`)."""
    notes: str | None = None
    """The folder of the notes, such as a vault, relative to the project; None for `notes/`."""
    sources: tuple[str, ...] = DEFAULT_GLOBS
    """Patterns for files, relative to the notes folder; what matches one that begins with `!` is left out."""
    follow_links: bool = False
    """Whether to read sources that are links to files outside the notes folder."""
    template: str = "default"
    """A folder of `templates/`."""
    options: dict[str, str] = Field(default_factory=dict)
    """Values for options of the template, such as its accent colour."""
    fields: Fields = Fields()
    tags: tuple[str, ...] = ()
    """Tags that every note gets."""
    tags_from: tuple[_TagsFrom, ...] = ("front matter", "folder")
    """Where further tags come from: one of `TAGS_FROM`, or `property: KEY` for a key of the front matter."""
    density: Density = "normal"
    """Whether to make fewer but surer cards, or more of them."""
    text: Shown | None = None
    """Whether to leave out of a sentence what its card can do without; None for that, but only in new notes."""
    link: App | None = None
    """The app in which a card opens its note; None for the one whose vault or graph the notes are in."""
    limits: Limits = Limits()
    pipeline: str | None = None
    """The name of a spaCy pipeline; None for the English one that comes with tmscards."""

    @property
    def patterns(self) -> dict[str, str]:
        """Its texts that may have names in braces, by their keys."""
        return {"deck": self.deck, "fields": self.fields.Extra}

    @property
    def root(self) -> str:
        """The deck that all of its cards are in or below."""
        return patterns.root(self.deck)

    @field_validator("deck")
    @classmethod
    def _deck_has_names(cls, value: str) -> str:
        if not all(part.strip() for part in value.split("::")):
            raise ValueError("each part of a deck's name needs letters, as in Science::Brain")
        if not note_types.is_plain(value):
            raise ValueError("a deck's name is plain text, without <, > and what Anki reads as its own syntax")
        patterns.names(value)
        if not patterns.root(value):
            raise ValueError("a deck's name begins with a part of its own, as in Biology::{folder}")
        return value

    @field_validator("template")
    @classmethod
    def _template_is_a_name(cls, value: str) -> str:
        if not value.strip() or value != Path(value).name or value.startswith("."):
            raise ValueError("this is the name of a folder in templates/, without a path")
        return value

    @field_validator("sources")
    @classmethod
    def _sources_are_relative(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        given = [pattern.removeprefix("!").strip() for pattern in value]
        if not given or any(not p or p.startswith(("/", "~")) or ".." in Path(p).parts for p in given):
            raise ValueError("patterns are relative to the notes folder, such as lectures/*.md or !drafts")
        return value

    @field_validator("notes")
    @classmethod
    def _notes_is_a_path(cls, value: str | None) -> str | None:
        is_other_home = value is not None and value.startswith("~") and value != "~" and not value.startswith("~/")
        if value is not None and (not value.strip() or "\0" in value or is_other_home):
            raise ValueError("this is the path of a folder, such as ../vault")
        return value


def read(path: Path) -> Recipe:
    """Read a recipe.

    Raises UserError naming every fault with its line and, for an unknown key, the closest known one.
    """
    return yaml_files.read(path, Recipe, _WORDING)
