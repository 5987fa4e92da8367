"""Taking the prose out of HTML blocks in Markdown, cut into pieces at block elements."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from tmscards.notes.scanning import NOWHERE, Next
from tmscards.text import printable

_BLOCK_TAGS = frozenset(
    """address article br dd div dl dt figcaption h1 h2 h3 h4 h5 h6 hr li ol p section summary td th tr ul""".split()
)
_SILENT_TAGS = frozenset("script style iframe svg pre code table button form nav object video audio head".split())

_MARKUP = re.compile(
    r"<!--|<!\[CDATA\[|<[!?]|<(?P<slash>/)(?P<closed>[a-z][^\s/>]*+)?|<(?P<opened>[a-z][^\s/>]*+)", re.I
)
_REST_OF_TAG = re.compile(r"""(?:[^>=]|=\s*+(?:"[^"]*+"|'[^']*+'|))*+>""")
_RAW_TEXT = {name: re.compile(rf"</\s*+{name}\s*+>", re.I) for name in ("script", "style")}
_REFERENCE = re.compile(r"&(?:#[0-9]++;?|#x[0-9a-f]++;?|[a-z][a-z0-9]{0,31};?)", re.I)


class Piece(NamedTuple):
    """A piece of an HTML block."""

    line: int
    """The line that it begins on; the first line of the block is 1."""
    name: str
    """The block element that it is in, such as `p`; empty for what is no prose."""
    text: str
    """With `<mark>` and `</mark>` around highlights, and no other markup, if it is prose."""


def pieces(block: str) -> Iterator[Piece]:
    """The pieces of an HTML block in order, prose and what is none: tags, and what is in scripts, tables and so on."""
    texts: list[str] = []
    begun, element = 1, "p"
    line, silent = 1, 0
    for name, source in _tokens(block):
        if name.strip("/") in _BLOCK_TAGS:
            if texts:
                yield Piece(begun, element, "".join(texts))
            texts, element = [], "p" if name.startswith("/") else name.strip("/")
        if name in _SILENT_TAGS:
            silent += 1
        elif silent and name.startswith("/") and name[1:] in _SILENT_TAGS:
            silent -= 1
        if name in ("mark", "/mark") and not silent:
            texts.append(f"<{name}>")
        elif name or silent:
            yield Piece(line, "", source)
        else:
            text = _REFERENCE.sub(_character, source)
            shown = text if texts else text.lstrip()
            if shown and not texts:
                begun = line + text.count("\n", 0, len(text) - len(shown))
            if shown:
                texts.append(shown)
        line += source.count("\n")
    if texts:
        yield Piece(begun, element, "".join(texts))


def _tokens(block: str) -> Iterator[tuple[str, str]]:
    """The pieces of a block in order, as written: texts with the name "", tags as `p`, `/p` or `br/`, others as `!`."""
    tags = _Tags(block)
    at = 0
    while opening := _MARKUP.search(block, at):
        name, end = tags.at(opening)
        if end == NOWHERE:
            # Nothing closes it, so it is part of the text.
            name, end = "", opening.start() + 1
        yield "", block[at : opening.start()]
        yield name, block[opening.start() : end]
        at = end
        if name in _RAW_TEXT:
            closing = _RAW_TEXT[name].search(block, at)
            at = closing.start() if closing else len(block)
            yield "", block[end:at]
    yield "", block[at:]


class _Tags:
    """Where tags, comments and so on end in one block; to be asked in the order of the block."""

    def __init__(self, block: str) -> None:
        self._block = block
        self._is_well_formed = True
        self._ends = {end: Next(re.compile(end), block) for end in (">", "-->", "]]>")}

    def at(self, opening: re.Match[str]) -> tuple[str, int]:
        """The name of what begins there, and where it ends: NOWHERE if nothing closes it."""
        if not opening["opened"]:
            closing = {"<!--": "-->", "<![CDATA[": "]]>"}.get(opening[0].upper(), ">")
            name = f"/{(opening['closed'] or '').lower()}" if opening["slash"] else "!"
            return name, self._after(closing, opening.end())
        end = NOWHERE
        if self._is_well_formed:
            rest = _REST_OF_TAG.match(self._block, opening.end())
            # An attribute may contain `>`. To look for its end again and again, where nothing ends it, would take long.
            end, self._is_well_formed = (rest.end(), True) if rest else (NOWHERE, False)
        if not self._is_well_formed:
            end = self._after(">", opening.end())
        is_empty = end != NOWHERE and self._block.endswith("/>", opening.end(), end)
        return opening["opened"].lower() + "/" * is_empty, end

    def _after(self, closing: str, start: int) -> int:
        found = self._ends[closing].after(start)
        return found if found == NOWHERE else found + len(closing)


def _character(reference: re.Match[str]) -> str:
    # Python refuses to convert numbers of thousands of digits, and no character has one of more than seven.
    return printable(html.unescape(reference[0])) if len(reference[0]) < 40 else ""
