"""Deletions that people write by hand: Anki's, such as `{{c1::answer::hint}}`, and Logseq's, such as `{{cloze x}}`."""

from __future__ import annotations

import re
from typing import NamedTuple

from tmscards.notes.marks import Lines, Mark, Masked

OPENING = re.compile(r"\{\{c(?P<number>\d{1,3})(?:::|[ \t]+(?=[^{}\s]))|\{\{cloze(?P<macro>\d{0,3})[ \t]+")
_TOKEN = re.compile(rf"{OPENING.pattern}|(?P<braces>\{{\{{)|(?P<end>\}}\}})|(?P<hint>::)|(?P<blank>\n[ \t>]*+\n)")
_TEX = re.compile(r"\\.|[{}]|::", re.S)
_DEEPEST = 10
"""How many deletions may be open at once, in Anki too."""


class Written(NamedTuple):
    """A deletion as it is written; all offsets are half-open."""

    start: int
    answer: int
    """Where its answer begins."""
    hint: int
    """Where its answer ends: before a hint, or before its end."""
    close: int
    """Where its closing braces begin."""
    end: int
    number: str
    """Empty if it has none."""


def find(text: str) -> list[Written]:
    """The deletions in a text, in the order in which they begin; one that holds nothing, or is not closed, is none."""
    found: list[Written] = []
    opened: list[tuple[re.Match[str], int | None]] = []
    for token in _TOKEN.finditer(text):
        if token["blank"]:
            opened.clear()
        elif token["end"]:
            if not opened:
                continue
            opening, hint = opened.pop()
            answer, end = opening.end(), token.start() if hint is None else hint
            if not opening["braces"] and answer < end:
                number = opening["number"] or opening["macro"] or ""
                while hint and found and found[-1].start > hint:
                    found.pop()  # it is a part of the hint
                found.append(Written(opening.start(), answer, end, token.start(), token.end(), number))
        elif token["hint"]:
            if opened and opened[-1][1] is None and not opened[-1][0]["braces"]:
                opened[-1] = (opened[-1][0], token.start())
        elif len(opened) < _DEEPEST:
            opened.append((token, None))
    return sorted(found)


def find_in_tex(text: str) -> list[Written]:
    """The deletions in a formula, none inside another: they end where their braces do, not at the first `}}`."""
    found: list[Written] = []
    for opening in OPENING.finditer(text):
        if found and opening.start() < found[-1].end:
            continue
        depth, hint = 0, None
        for token in _TEX.finditer(text, opening.end()):
            if token[0] == "{":
                depth += 1
            elif token[0] == "::" and depth == 0:
                hint = token.start() if hint is None else hint
            elif token[0] == "}" and depth:
                depth -= 1
            elif token[0] == "}":
                close = token.start()
                if text.startswith("}}", close):
                    end = close if hint is None else hint
                    number = opening["number"] or opening["macro"] or ""
                    found.append(Written(opening.start(), opening.end(), end, close, close + 2, number))
                break
    return found


def mask(masked: Masked) -> str:
    """The text with marks around the answers of deletions, and without the braces of whatever else is in braces."""
    text, lines = masked.text, Lines(masked)
    edits: list[tuple[int, int, str]] = []
    for each in find(text):
        line = lines.at(each.start)
        masked.leave_out("deletion", text[each.start : each.answer], line)
        masked.leave_out("hint", text[each.hint + 2 : each.close], line)
        hint = " ".join(text[each.hint + 2 : each.close].split())
        edits.append((each.start, each.answer, masked.put(Mark("cloze", each.number, target=hint))))
        edits.append((each.hint, each.end, masked.put(Mark("cloze end"))))
    parts, at = [], 0
    for start, end, mark in sorted(edits):
        parts += [text[at:start], mark]
        at = end
    parts.append(text[at:])
    return _UNKNOWN.sub(lambda found: found[1] or found[2], "".join(parts))


_UNKNOWN = re.compile(r"\{\{[ \t]*\[\[([^\[\]{}\n]*)\]\][ \t]*\}\}|\{\{([^{}\n]+)\}\}")
