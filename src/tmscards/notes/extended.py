"""What other kinds of Markdown add to CommonMark, written as CommonMark: MkDocs, Pandoc, PHP Markdown Extra, HTML."""

from __future__ import annotations

import re

from tmscards.notes.marks import Lines, Mark, Masked

_ADMONITION = re.compile(
    r"""^(?P<lead>[ \t]*+)(?P<opening>(?:!!!|\?\?\?\+?)[ \t]+[\w-][^\n"]*+(?:"[^"\n]*+")?[ \t]*+)\n
    (?P<body>(?:(?:[ \t]*+\n)*+(?P=lead)(?:[ ]{4}|\t)[^\n]*+(?:\n|\Z))*+)""",
    re.M | re.X,
)
_INDENT = re.compile(r"^([ \t]*?)(?: {4}|\t)", re.M)
_ABBREVIATION = re.compile(r"^\*\[([^\[\]\n]{1,80})\]:[ \t]*(?=\S)", re.M)
_SPAN = re.compile(r"(?<!!)\[([^\[\]\n]{1,300})\](\{[.#][^{}\n]{0,200}\})")
_LINK_ATTRIBUTES = re.compile(r"(?<=\))\{(?:[.#]\w|\w+=)[^{}\n]{0,200}\}")
_RAISED = re.compile(r"<sup>([+−–-]?\d{1,4}[+-]?|[+-])</sup>|(?<=[\w)])\^([+−–-]?\d{1,4})\^(?![\w^])", re.I)
_CITES = re.compile(r"(?:[^\W\d_]{4}|[.,;])\Z")
"""What stands before a small number that leads to a source, and is no power."""
_HIGH = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")


def mask(masked: Masked) -> str:
    """The text in CommonMark; what is left out of it is in `masked`."""
    text = masked.text
    if "!!!" in text or "???" in text:
        text = _without_admonitions(masked)
    if "*[" in text:
        text = _ABBREVIATION.sub(r"\1: ", text)
    if "]{" in text or "){" in text:
        text = _without_attributes(masked, text)
    if "^" in text or "<sup>" in text.lower():
        text = _with_powers(masked, text)
    return text


def _without_admonitions(masked: Masked) -> str:
    """MkDocs: what is indented below `!!! note "Title"` belongs to it, and is no code."""
    lines = Lines(masked)

    def opened(found: re.Match[str]) -> str:
        masked.leave_out("callout", found["opening"], lines.at(found.start()))
        return "\n" + _INDENT.sub(r"\1", found["body"])

    return _ADMONITION.sub(opened, masked.text)


def _without_attributes(masked: Masked, text: str) -> str:
    """Pandoc: `[words]{.class}` shows the words, and `[link](address){.class}` the link."""
    line = Lines(Masked(text, masked.marks, has_breaks=masked.has_breaks))

    def span(found: re.Match[str]) -> str:
        masked.leave_out("attribute", found[2], line.at(found.start()))
        return found[1]

    text = _SPAN.sub(span, text)
    line = Lines(Masked(text, masked.marks, has_breaks=masked.has_breaks))

    def attributes(found: re.Match[str]) -> str:
        masked.leave_out("attribute", found[0], line.at(found.start()))
        return ""

    return _LINK_ATTRIBUTES.sub(attributes, text)


def _with_powers(masked: Masked, text: str) -> str:
    """`10<sup>-3</sup>` and `10^-3^` are 10⁻³; a small number behind a word leads to a source."""
    lines = Lines(Masked(text, masked.marks, has_breaks=masked.has_breaks))

    def raised(found: re.Match[str]) -> str:
        number = found[1] or found[2]
        is_power = _CITES.search(text, max(0, found.start() - 4), found.start()) is None
        tag = found[0].replace(number, " ", 1) if is_power else found[0]
        if found[1]:
            masked.leave_out("HTML" if is_power else "reference", tag, lines.at(found.start()))
        return number.translate(_HIGH) if is_power else masked.put(Mark("dropped"))

    return _RAISED.sub(raised, text)
