"""What in a Markdown text is not prose, so that nothing else is looked for inside it: code, mathematics, comments."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from typing import Literal, NamedTuple

from tmscards.notes.scanning import NOWHERE, Next

OPENING = re.compile(
    r"""
    ^(?P<fence>(?P<lead>[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*+)(?P<ticks>`{3,}+(?=[^`\n]*+$)|~{3,}+))
    | (?=[%<{`$\\])(?:
      (?P<comment>%%|<!--|\{/\*)
      | (?P<code>(?<![\\`])`++)
      | (?P<display>(?<!\\)\$\$)
      | (?P<inline>(?<![\\$])\$(?=[^\s$])(?:\\.|[^$\n\\])*+(?<=[^\s$])\$(?![\d$]))
      | (?P<paren>\\\()
      | (?P<environment>\\begin\{(?P<name>(?:equation|align|alignat|gather|multline|eqnarray|displaymath|math)\*?)\})
      | (?P<bracket>\\\[(?!\d|[a-z ]++[\d:.]++\\\]))
    )
    """,
    re.S | re.M | re.X,
)
_FENCE = re.compile(r"^[ \t>]*+(`{3,}+|~{3,}+)[`~]*+[ \t]*+$", re.M)
_ENCLOSED: dict[str, tuple[str, Literal["comment", "math", "display math"]]] = {
    "%%": ("%%", "comment"),
    "<!--": ("-->", "comment"),
    "{/*": ("*/}", "comment"),
    r"\(": (r"\)", "math"),
    "$$": ("$$", "display math"),
    r"\[": (r"\]", "display math"),
}
"""What closes an opening, and what it encloses: comments are of any length, formulas end with a line or a paragraph."""
_END_OF_ENVIRONMENT = re.compile(r"\\end\{(?P<name>\w+\*?)\}")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")
_LINE_BREAK = re.compile("\n")


class Opaque(NamedTuple):
    """Something that is not prose: it ends at the offset `end`, and `inside` is what its markup encloses."""

    end: int
    kind: Literal["fence", "comment", "code", "math", "display math"]
    inside: str


class Constructs:
    """What begins at the matches of `OPENING` in one text; to be asked in their order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._environments = Next(_END_OF_ENVIRONMENT, text)
        self._blank_line = Next(_BLANK_LINE, text)
        self._stops = {"math": Next(_LINE_BREAK, text), "display math": self._blank_line}
        self._closings = {
            opening: Next(re.compile(re.escape(closing)), text) for opening, (closing, _) in _ENCLOSED.items()
        }

    def at(self, opening: re.Match[str]) -> Opaque | None:
        """What the opening opens; None if nothing closes it, so that it is part of the prose."""
        if opening["ticks"]:
            return Opaque(self._end_of_fence(opening), "fence", "")
        if opening["code"]:
            return self._code(len(opening[0]), opening.end())
        if opening["inline"]:
            return Opaque(opening.end(), "math", opening[0][1:-1])
        if opening["environment"]:
            return self._environment(opening)
        closing, kind = _ENCLOSED[opening[0]]
        start = opening.end()
        end = self._closings[opening[0]].after(start + (kind != "comment"))
        if end == NOWHERE or (kind in self._stops and self._stops[kind].after(start) < end):
            return None
        return Opaque(end + len(closing), kind, self._text[start:end])

    def _end_of_fence(self, opening: re.Match[str]) -> int:
        ticks, start = opening["ticks"], opening.end()
        if opening["lead"].strip():
            return self._end_in_block(opening)
        for line in _FENCE.finditer(self._text, start):
            if line[1].startswith(ticks):
                return line.end()
        return len(self._text)

    def _end_in_block(self, opening: re.Match[str]) -> int:
        """The end of a fenced block in a list item or quotation, which ends with it if nothing else ends it."""
        lead = opening["lead"].expandtabs(4)
        is_quoted, column = ">" in lead, len(lead) if re.search(r"[^\s>]", lead) else 0
        end = self._end_of_line(opening.end())
        while end < len(self._text):
            start, last = end + 1, self._end_of_line(end + 1)
            line = self._text[start:last].expandtabs(4)
            closing = _FENCE.match(self._text, start, last)
            if closing and closing[1].startswith(opening["ticks"]):
                return last
            inside = line.lstrip(" >")
            if (inside and len(line) - len(inside) < column) or (is_quoted and not line.lstrip().startswith(">")):
                return end
            end = last
        return end

    def _end_of_line(self, start: int) -> int:
        found = self._text.find("\n", start)
        return len(self._text) if found < 0 else found

    def _environment(self, opening: re.Match[str]) -> Opaque | None:
        end = self._environments.after(opening.end())
        closing = _END_OF_ENVIRONMENT.match(self._text, end) if end != NOWHERE else None
        if not closing or closing["name"] != opening["name"] or self._blank_line.after(opening.end()) < end:
            return None
        return Opaque(closing.end(), "display math", self._text[opening.start() : closing.end()])

    def _code(self, ticks: int, start: int) -> Opaque | None:
        runs = self._runs[ticks]
        i = bisect_left(runs, start)
        if i == len(runs) or self._blank_line.after(start) < runs[i]:
            return None
        return Opaque(runs[i] + ticks, "code", self._text[start : runs[i]])

    @cached_property
    def _runs(self) -> dict[int, list[int]]:
        """Where the runs of backticks begin, by their length."""
        runs = defaultdict(list)
        for run in re.finditer("`+", self._text):
            runs[len(run[0])].append(run.start())
        return runs
