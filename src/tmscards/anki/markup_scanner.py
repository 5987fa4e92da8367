"""Finds the tags of an HTML text with their places, in time that grows with its length only.

Python's own parser takes minutes for some texts of a megabyte (3.11.7), and nh3 does not say where a tag is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPACE = "\t\n\f\r "
_OPENING = re.compile(rf"<(?:!--|/?([a-zA-Z][^{_SPACE}/>]*+)|[!?/])")
_ATTRIBUTE = re.compile(
    rf"""[{_SPACE}/]*+([^{_SPACE}/>][^{_SPACE}/>=]*+)"""
    rf"""(?:[{_SPACE}]*+=[{_SPACE}]*+(?:"([^"]*+)"?|'([^']*+)'?|([^{_SPACE}>]*+)))?"""
)
_END = re.compile(rf"[{_SPACE}/]*+>")
_COMMENT_END = re.compile(r"--!?>")
_RAW = frozenset("iframe noembed noframes script style textarea title xmp".split())
"""Elements in which tags are text."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a tag, as a browser understands it."""

    name: str
    value: str
    place: int
    """Where the value begins in the text, as it is written there; where the name does if it has none."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag: its name and attributes in lower case, and the text inside if that has no tags."""

    name: str
    attributes: tuple[Attribute, ...]
    inside: str
    place: int
    """Where that text begins."""

    def get(self, name: str) -> str:
        """The value of an attribute; empty if there is none."""
        return next((attribute.value for attribute in self.attributes if attribute.name == name), "")


def tags(text: str) -> Iterator[Tag]:
    """The start tags of a text in order, as HTML's tokenizer finds them (html.spec.whatwg.org, 13.2.5)."""
    at = 0
    while opening := _OPENING.search(text, at):
        at = opening.end()
        if opening[0] == "<!--":
            at = _after_comment(text, at)
        elif not opening[1]:
            at = text.find(">", at) + 1 or len(text)
        else:
            attributes, at = _attributes(text, at)
            name = opening[1].lower()
            if opening[0][1] == "/" or at > len(text):
                continue
            end = _end_of_raw(text, at, name) if name in _RAW else at
            yield Tag(name, attributes, text[at:end], at)
            at = end


def _after_comment(text: str, at: int) -> int:
    for empty in (">", "->"):
        if text.startswith(empty, at):
            return at + len(empty)
    end = _COMMENT_END.search(text, at)
    return end.end() if end else len(text)


def _attributes(text: str, at: int) -> tuple[tuple[Attribute, ...], int]:
    """The attributes of a tag from there on, and where it ends; that is beyond the text if it does not end."""
    found: list[Attribute] = []
    while True:
        if end := _END.match(text, at):
            return tuple(found), end.end()
        attribute = _ATTRIBUTE.match(text, at)
        if attribute is None:
            return tuple(found), len(text) + 1
        group = next((n for n in (2, 3, 4) if attribute[n] is not None), 1)
        value = html.unescape(attribute[group]) if group > 1 else ""
        found.append(Attribute(attribute[1].lower(), value, attribute.start(group)))
        at = attribute.end()


def _end_of_raw(text: str, at: int, name: str) -> int:
    end = re.compile(rf"</{name}(?=[{_SPACE}/>])", re.I).search(text, at)
    return end.start() if end else len(text)
