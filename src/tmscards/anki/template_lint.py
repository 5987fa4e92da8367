"""Finds what is wrong with the HTML and CSS of a template, with line and column."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from tmscards.anki.note_types import FIELDS
from tmscards.domain import Diagnostic, Location

_SPECIAL = ("Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "FrontSide")
_FILTERS = ("cloze", "cloze-only", "type", "hint", "text", "furigana", "kanji", "kana")
_TAG = re.compile(r"\{\{([#^/]?)([^{}]*+)\}\}")
_UNCLOSED = re.compile(r"\{\{(?![^{}]*+\}\})")
MOST = 100
"""The faults of one file that are told; the rest seldom say more."""
_ENDLESS = re.compile(r"[0-9]{1000}")
READABLE = 4.5
"""The least contrast between text and what is behind it (WCAG 2.2, 1.4.3)."""


def place(path: str, text: str, offset: int) -> Location:
    """The line and column of an offset in a text, both counted from 1; `path` is the file that the text is from."""
    return Location(path, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def numbers(path: str, text: str) -> Iterator[Diagnostic]:
    """Numbers of a thousand digits, which no browser needs and Python refuses to read."""
    if found := _ENDLESS.search(text):
        yield Diagnostic("error", "this number has a thousand digits or more", place(path, text, found.start()))


def html(path: str, text: str) -> Iterator[Diagnostic]:
    """What Anki would refuse or make no cards of; genanki 0.13.1 accepts a misspelt field without saying so."""
    # Anki looks for fields in comments too, but nobody means them to be shown.
    text = _without_comments(text)
    found = list(islice(_faults(path, text), MOST))
    yield from found
    depth, inside = 0, None
    for tag in _TAG.finditer(text):
        depth += {"#": 1, "^": 1, "/": -1}.get(tag[1], 0)
        if _shows_cloze(tag):
            inside = tag
            if depth == 0:
                return
    if inside is not None and not found:
        yield Diagnostic(
            "error",
            "{{cloze:Text}} stands in a section, so a card without that field would ask nothing",
            location=place(path, text, inside.start()),
            hint="move it out of the section",
        )
    elif not found:
        yield Diagnostic(
            "error", "there is no {{cloze:Text}}, so no card would be made", location=Location(path), hint="add it"
        )


def empty(path: str, text: str, fields: Container[str]) -> Iterator[Diagnostic]:
    """A warning for each tag that shows one of `fields`, which no note fills, outside of a section of that field."""
    sections: list[str] = []
    text = _without_comments(text)
    for tag in _TAG.finditer(text):
        name = tag[2].rpartition(":")[2].strip()
        if tag[1] == "/":
            sections.pop()
        elif tag[1]:
            sections.append(name)
        elif name in fields and name not in sections:
            yield Diagnostic(
                "warning",
                f"{name} is empty in all notes of this deck",
                location=place(path, text, tag.start()),
                hint=f"put it between {{{{#{name}}}}} and {{{{/{name}}}}}, so that the text around it disappears too",
            )


def _without_comments(text: str) -> str:
    """A page with spaces in place of its comments."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts += [text[at:start], re.sub(r"[^\n]", " ", text[start : end + 3])]
        at = end + 3
    return "".join(parts) + text[at:]


def _shows_cloze(tag: re.Match[str]) -> bool:
    """Whether a tag shows the text with its gap; a field to type in or a hint to open asks nothing by itself."""
    words = tag[2].strip().split(":")
    return not tag[1] and words[-2:] == ["cloze", "Text"] and not {"type", "hint"}.intersection(words)


def _faults(path: str, text: str) -> Iterator[Diagnostic]:
    open_sections: list[tuple[str, Location]] = []
    for tag in _TAG.finditer(text):
        where, sign, inner = place(path, text, tag.start()), tag[1], tag[2].strip()
        # Anki ignores white space at both ends of a tag, but between them it belongs to the name of a filter or field.
        *filters, name = [inner] if sign else inner.split(":")
        if sign == "/":
            yield from _closed(tag[0], name, where, open_sections)
            continue
        if not (sign and re.fullmatch(r"c\d+", name)):
            yield from _unknown_field(name, where)
        if sign:
            open_sections.append((name, where))
            continue
        yield from _wrong_filters(filters, name, where)
    for name, where in open_sections:
        yield Diagnostic("error", f"the section of {name} is not closed", location=where, hint=f"add {{{{/{name}}}}}")
    for stray in _UNCLOSED.finditer(text):
        yield Diagnostic("error", "{{ is not closed by }}", location=place(path, text, stray.start()), hint="close it")


def css(path: str, text: str) -> Iterator[Diagnostic]:
    """What is not valid CSS; a browser would skip it without saying so."""
    yield from islice(_invalid(path, text), MOST)


def _invalid(path: str, text: str) -> Iterator[Diagnostic]:
    for rule in _rules(text):
        if rule.type == "error":
            yield Diagnostic(
                "error", f"invalid CSS: {rule.message}", location=Location(path, rule.source_line, rule.source_column)
            )
            continue
        for declaration in _declarations(rule):
            if declaration.type == "error":
                where = Location(path, declaration.source_line, declaration.source_column)
                yield Diagnostic("error", "invalid CSS: expected `property: value;`", location=where)


def contrast(sheets: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Text that is hard to read in light or dark mode: a rule's colour on the background of the rule or the card.

    `sheets` are the texts of the style sheets that are used together, by path: one may set the colour, and another the
    background.
    """
    text = "\n".join(sheets.values())
    # For tinycss2 a form feed ends a line, too.
    lines = [(path, n) for path, sheet in sheets.items() for n, _ in enumerate(re.split("[\n\f]", sheet), 1)]
    for mode in ("light", "dark"):
        colours = _Colours(text, mode)
        for rule, declaration in colours.texts():
            ink, paper = colours.of(declaration), colours.behind(rule)
            ratio = _contrast(ink, paper) if ink and paper else None
            if ratio is not None and ratio < READABLE:
                path, line = lines[declaration.source_line - 1]
                yield Diagnostic(
                    "warning",
                    f"text of this colour has a contrast of {ratio:.1f}:1 in {mode} mode",
                    location=Location(path, line, declaration.source_column),
                    hint=f"readable text has at least {READABLE}:1",
                )


def _closed(tag: str, name: str, where: Location, open_sections: list[tuple[str, Location]]) -> Iterator[Diagnostic]:
    if not open_sections or open_sections[-1][0] != name:
        expected = f"{{{{/{open_sections[-1][0]}}}}}" if open_sections else "no closing tag"
        yield Diagnostic(
            "error", f"{tag} closes a section that is not open here", location=where, hint=f"expected {expected}"
        )
    if open_sections:
        open_sections.pop()


def _unknown_field(name: str, where: Location) -> Iterator[Diagnostic]:
    if name not in FIELDS and name not in _SPECIAL:
        near = difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"fields: {', '.join(FIELDS)}"
        yield Diagnostic("error", f"unknown field {name!r}", location=where, hint=hint)


def _wrong_filters(filters: Sequence[str], name: str, where: Location) -> Iterator[Diagnostic]:
    if name == "Text" and not any(word in _FILTERS and word.startswith("cloze") for word in filters[-1:]):
        near = difflib.get_close_matches(filters[-1], ("cloze",), n=1, cutoff=0.5) if filters else []
        if not near:
            yield Diagnostic(
                "error",
                "Text shows its cloze deletions as they are written, answers too",
                location=where,
                hint="write {{cloze:Text}}",
            )
            return
    for word in filters:
        if word not in _FILTERS and not word.startswith("tts"):
            near = difflib.get_close_matches(word, _FILTERS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"filters: {', '.join(_FILTERS)}"
            yield Diagnostic("error", f"unknown filter {word!r}", location=where, hint=hint)
        elif word.startswith("cloze") and name in FIELDS[1:]:
            yield Diagnostic(
                "error", f"{name} has no cloze deletions", location=where, hint="only Text has: {{cloze:Text}}"
            )


def _rules(text: str) -> list[Any]:
    """The rules of a style sheet, including those inside @media and @supports."""
    import tinycss2

    found: list[Any] = []
    waiting = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    for rule in waiting:
        if rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword in ("media", "supports"):
            found += tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        else:
            found.append(rule)
    return found


def _declarations(rule: Any) -> list[Any]:
    import tinycss2

    if rule.type == "qualified-rule" or (rule.type == "at-rule" and rule.lower_at_keyword == "font-face"):
        return list(tinycss2.parse_declaration_list(rule.content, skip_comments=True, skip_whitespace=True))
    return []


class _Colours:
    """The colours of a style sheet in light or dark mode, as far as they can be known without a page."""

    def __init__(self, text: str, mode: str) -> None:
        import tinycss2

        self._night = mode == "dark"
        self._rules = []
        for rule in _rules(text):
            if rule.type == "qualified-rule":
                selectors = tinycss2.serialize(rule.prelude)
                if self._night or not re.search("night_?mode", selectors, re.I):
                    self._rules.append((selectors, [d for d in _declarations(rule) if d.type == "declaration"]))
        # Rules for dark mode come last, as their selectors have a higher specificity.
        self._rules.sort(key=lambda rule: re.search("night_?mode", rule[0], re.I) is not None)
        self._variables = {d.name: d.value for _, declared in self._rules for d in declared if d.name.startswith("--")}

    def texts(self) -> Iterator[tuple[str, Any]]:
        """The declarations of text colours, each with the selector it is for; what dark mode overrides is left out."""
        last = {self._base(selectors): d for selectors, declared in self._rules for d in declared if d.name == "color"}
        yield from last.items()

    def of(self, declaration: Any) -> Any:
        """The colour of a declaration; None if it cannot be known."""
        return self._colour(declaration.value, 0)

    def behind(self, base: str) -> Any:
        """The colour behind a rule's text: its own background, else the card's, else white."""
        import tinycss2

        found = None
        for wanted in (".card", base):
            below = found
            for selectors, declared in self._rules:
                if self._base(selectors) == wanted:
                    for d in declared:
                        if d.name in ("background", "background-color"):
                            is_clear = tinycss2.serialize(d.value).strip() in ("none", "transparent")
                            found = below if is_clear else self._colour(d.value, 0) or found
        return found or self._colour_of_name("black" if self._night and not found else "white")

    def _base(self, selectors: str) -> str:
        """The first selector of a rule, without the class for dark mode."""
        first = re.sub(r"\s+", " ", selectors.partition(",")[0]).strip()
        return re.sub(r"\.night_?mode\s?", "", first, flags=re.I).strip() or ".card"

    def _colour(self, tokens: Sequence[Any], depth: int) -> Any:
        from tinycss2.color3 import parse_color

        for token in tokens:
            if token.type == "function" and token.lower_name == "var" and depth < 8:
                names = [t.value for t in token.arguments if t.type == "ident"]
                found = self._colour(self._variables.get(names[0], ()), depth + 1) if names else None
            else:
                found = parse_color(token) if token.type in ("ident", "hash", "function") else None
            if found is not None and found != "currentColor" and found.alpha == 1:
                return found
        return None

    def _colour_of_name(self, name: str) -> Any:
        from tinycss2.color3 import parse_color

        return parse_color(name)


def _contrast(one: Any, other: Any) -> float:
    """The contrast ratio of two colours (WCAG 2.2, "contrast ratio")."""

    def luminance(colour: Any) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
        return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
