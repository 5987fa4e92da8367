"""The CommonMark parser, with tables, footnotes and definition lists, made safe for what anybody may write."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline, entity
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

from tmscards.domain import LeftOutKind
from tmscards.notes.marks import CLOSE, OPEN, STAMP_OPEN
from tmscards.text import printable

_MARKS = re.compile(f"([{OPEN}{STAMP_OPEN}][0-9]+{CLOSE})")

_FOOTNOTE = re.compile(r"\[\^[^\] \n]{1,200}\]")

# Rows that are shorter than the head of their table are filled up: by default, 3 kB of text could become 65,000 cells.
importlib.import_module("markdown_it.rules_block.table").MAX_AUTOCOMPLETED_CELLS = 2_000  # type: ignore[attr-defined]


Apart = tuple[LeftOutKind, int, str]
"""Something that no token has: what it is, its line, counted from 0, and its text."""


def parse(text: str) -> tuple[list[Token], list[Apart]]:
    """The tokens of a Markdown text, in which characters that are written as entities or percent codes are no marks.

    Also the targets of links that stand apart, such as `[a]: https://…`, and footnotes in the middle of a line.
    """
    parser = _Parser("commonmark", {"html": True, "store_labels": True}).enable(["table", "strikethrough"])
    # Footnotes stay where they are written, so that none is lost because nothing refers to it.
    parser.use(footnote_plugin, move_to_end=False).use(deflist_plugin)
    parser.inline.ruler.at("entity", _entity)
    parser.inline.ruler.at("footnote_ref", _footnote_ref)
    parser.block.ruler.at("footnote_def", _footnote_def, {"alt": ["paragraph", "reference"]})
    env: dict[str, Any] = {}
    tokens = parser.parse(text, env)
    found = [(label, each) for label, each in env.get("references", {}).items()]
    found += [(each["label"], each) for each in env.get("duplicate_refs", ())]
    targets = [(each["map"][0], f"{label} {each['href']} {each['title']}") for label, each in found]
    footnotes = (each for each in env.get("footnotes", {}).get("list", {}).values() if "content" in each)
    return tokens, [*_placed(text, footnotes), *(("link target", line, target) for line, target in targets)]


def _placed(text: str, footnotes: Iterable[dict[str, Any]]) -> Iterator[Apart]:
    """Footnotes in the middle of a line, which the parser gives in their order, but without their lines."""
    at = line = 0
    for footnote in footnotes:
        found = text.find(footnote["content"], at)
        if found >= 0:
            line += text.count("\n", at, found)
            at = found
        yield "footnote", line, footnote["content"]


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Whether an address may be that of a link: also a file's, as nothing but its place in a recording is used."""
        return super().validateLink(url) or url.lower().startswith("file:")

    def normalizeLinkText(self, link: str) -> str:
        """The address between `<` and `>` as people read it."""
        return "".join(map(self._readable, _MARKS.split(link)))

    def _readable(self, part: str) -> str:
        return part if _MARKS.fullmatch(part) else printable(super().normalizeLinkText(part))


def _entity(state: StateInline, silent: bool) -> bool:
    is_one = entity(state, silent)
    if is_one and not silent:
        state.tokens[-1].content = printable(state.tokens[-1].content)
    return is_one


# The plugin reads on to the end of the paragraph at each footnote that nothing closes.


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    return _FOOTNOTE.match(state.src, state.pos) is not None and footnote_ref(state, silent)


def _footnote_def(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    start = state.bMarks[first] + state.tShift[first]
    return _FOOTNOTE.match(state.src, start) is not None and footnote_def(state, first, last, silent)
