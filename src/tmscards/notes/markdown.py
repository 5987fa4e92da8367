"""The CommonMark parser, with tables, footnotes and definition lists, made safe for what anybody may write."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, entity
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from tmscards.notes.marks import CLOSE, OPEN, STAMP_OPEN, visible

_MARKS = re.compile(f"([{OPEN}{STAMP_OPEN}][0-9]+{CLOSE})")


def parse(text: str) -> list[Token]:
    """The tokens of a Markdown text, in which characters that are written as entities or percent codes are no marks."""
    parser = _Parser("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin)
    parser.inline.ruler.at("entity", _entity)
    return parser.parse(text)


class _Parser(MarkdownIt):
    def normalizeLinkText(self, link: str) -> str:
        """The address between `<` and `>` as people read it."""
        return "".join(map(self._readable, _MARKS.split(link)))

    def _readable(self, part: str) -> str:
        return part if _MARKS.fullmatch(part) else visible(super().normalizeLinkText(part))


def _entity(state: StateInline, silent: bool) -> bool:
    is_one = entity(state, silent)
    if is_one and not silent:
        state.tokens[-1].content = visible(state.tokens[-1].content)
    return is_one
