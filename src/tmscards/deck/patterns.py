"""Texts of a recipe with names in braces, such as `Biology::{folder}`, and what stands in their place for each source.

`{folder}` is the path of the source's folder, `{title}` its title, `{heading}` the outermost heading above a statement
that is not the title, `{tag:topic}` what is behind `topic::` in one of its tags, and any other name a key of its front
matter. What a source does not have is left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from tmscards.anki import note_types
from tmscards.domain import Diagnostic, Location, Source
from tmscards.text import printable

_NAME = re.compile(r"\{([^{}]*)\}")
_OWN = ("folder", "title", "heading")
LONGEST = 100
"""Characters of a part of a deck's name that comes from a source."""
_BELOW = "deck"
"""A key of the front matter that names a deck below the recipe's, where the recipe has no names in braces."""


def names(pattern: str) -> list[str]:
    """The names in a pattern. Raises ValueError if a brace is left over, or one of the names is empty."""
    found = [name.strip() for name in _NAME.findall(pattern)]
    if "{" in _NAME.sub("", pattern) or "}" in _NAME.sub("", pattern) or not all(found):
        raise ValueError(
            "braces hold a name, such as {folder}, {title}, {heading}, {tag:topic} or a key of front matter"
        )
    return found


def warnings(of: Mapping[str, str], recipe: Path | None, sources: Collection[Source]) -> Iterator[Diagnostic]:
    """A warning for each name that stands for nothing in any source; `of` has the recipe's patterns by their keys."""
    for key, name in ((key, name) for key, pattern in of.items() for name in names(pattern) if sources):
        if name not in _OWN and not any(_values(name, source, ()) for source in sources):
            yield Diagnostic(
                "warning",
                f"{{{name}}} in `{key}` stands for nothing, as no note has it",
                location=Location(str(recipe)) if recipe else None,
                hint="names are folder, title, heading, tag:topic, and the keys in your notes' front matter",
            )


def deck(pattern: str, source: Source, headings: Sequence[str]) -> str:
    """The name of the deck of a statement: what comes from the source makes subdecks, and what is empty is left out."""
    if not _NAME.search(pattern):
        own = "::".join(_values(_BELOW, source, headings)).split("::")
        named = [clean for part in own if (clean := _part(part))]
        # A name in full, with the recipe's deck at its head, is taken as it is.
        head = pattern.split("::")
        return "::".join([*head, *(named[len(head) :] if named[: len(head)] == head else named)])
    found = list[str]()
    for part in pattern.split("::"):
        alone = _NAME.fullmatch(part.strip())
        if alone:
            found += [clean for each in _values(alone[1].strip(), source, headings) if (clean := _part(each))]
        elif clean := _part(_NAME.sub(lambda m: " ".join(_values(m[1].strip(), source, headings)), part)):
            found.append(clean)
    return "::".join(found)


def filled(pattern: str, source: Source, headings: Sequence[str]) -> str:
    """A text with what the source says in place of its names; empty if it has nothing for any of them."""
    said = {name: ", ".join(_values(name, source, headings)) for name in names(pattern)}
    if said and not any(said.values()):
        return ""
    return " ".join(_NAME.sub(lambda m: said[m[1].strip()], pattern).split())


def root(pattern: str) -> str:
    """The parts of a deck's name that are the same for all sources."""
    parts = pattern.split("::")
    return "::".join(parts[: next((i for i, part in enumerate(parts) if _NAME.search(part)), len(parts))])


def _values(name: str, source: Source, headings: Sequence[str]) -> list[str]:
    """What stands for a name: several parts for a path."""
    kind, _, below = name.partition(":")
    match kind:
        case "folder" if not below:
            return source.path.split("/")[:-1]
        case "title" if not below:
            return [source.title]
        case "heading" if not below:
            return [heading for heading in headings if heading != source.title][:1]
        case "tag" if below:
            tags = (tag.split("::") for tag in source.tags)
            return next((parts[1:] for parts in tags if parts[0] == below.strip() and parts[1:]), [])
    value = source.properties.get(name.lower(), ())
    return [part for each in value[:1] for part in each.split("::")]


def _part(text: str) -> str:
    """A text as a part of a deck's name: without Anki's own syntax, and not too long; empty if nothing is left."""
    words = " ".join(re.sub(r"[<>\"]|::+", " ", printable(text)).split())[:LONGEST].strip(": ")
    return words if note_types.is_plain(words) else " ".join(re.findall(r"\w+", words))
