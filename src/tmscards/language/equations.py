"""Which part of a formula a card asks for: of an equation, what stands on its right side."""

from __future__ import annotations

import re

from tmscards.domain import CharSpan

_PART = re.compile(
    r"""(?P<relation>\\(?:equiv|approx|propto|simeq|coloneqq|triangleq)(?![A-Za-z])|:?=)
    |(?P<opens>[({\[])|(?P<closes>[)}\]])
    |\\[A-Za-z]+|\\?.""",
    re.S | re.X,
)
_BEGINS = re.compile(r"(?:\\\(|\\\[|\$\$?|\\begin\{[a-z]+\*?\}|\s|&)*")
_ENDS = re.compile(r"(?:\\\)|\\\]|\$|\\end\{[a-z]+\*?\}|[\s,.;&])*\Z")


_FOLLOWS = re.compile(r"\\(?:(?:Longr|R|Longleftr|Leftr)ightarrow|implies|iff|therefore)(?![A-Za-z])|[⇒⇔∴]")


def derives(formula: str) -> bool:
    """Whether a formula is a step of a derivation, in which one equation follows from another: nothing to recall."""
    return _FOLLOWS.search(formula) is not None


def right_side(formula: str) -> CharSpan | None:
    """Where the right side of an equation is in a formula with its delimiters; None if it is no single equation.

    Of a chain of equations, it is what stands behind the first sign.
    """
    begins = _BEGINS.match(formula)
    start = begins.end() if begins else 0
    tail = max(start, len(formula) - 60)
    ends = _ENDS.search(formula, tail)
    end, depth, signs = ends.start() if ends else len(formula), 0, list[tuple[int, int]]()
    for part in _PART.finditer(formula, start, end):
        if part["opens"]:
            depth += 1
        elif part["closes"]:
            depth -= 1
        elif part["relation"] and depth == 0:
            signs.append(part.span())
        elif part[0].startswith("\\\\"):
            return None
        elif part[0] in (r"\quad", r"\qquad") and signs:
            end = part.start()
            break
    if not signs or not formula[start : signs[0][0]].strip(" &"):
        return None
    until = signs[1][0] if len(signs) > 1 else end
    words = formula[signs[0][1] : until]
    first = signs[0][1] + len(words) - len(words.lstrip(" &\n"))
    last = until - (len(words) - len(words.rstrip(" &\n,.;")))
    return CharSpan(first, last) if first < last else None
