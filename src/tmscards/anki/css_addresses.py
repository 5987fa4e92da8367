"""Finds the addresses in CSS, which may be written with escapes, without quotes, and in other functions than url()."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_FUNCTIONS = frozenset("-webkit-cross-fade -webkit-image-set cross-fade image image-set src url".split())


def of(text: str) -> Iterator[tuple[int, str]]:
    """Each address that a browser may fetch, with the place in the text where the function or string with it begins."""
    import tinycss2

    # For tinycss2 a form feed ends a line, too.
    lines = [0, *(match.end() for match in re.finditer(r"\r\n|[\n\r\f]", text))]
    for token in _tokens(tinycss2.parse_component_value_list(text)):
        yield lines[min(token.source_line, len(lines)) - 1] + token.source_column - 1, token.value


def _tokens(tokens: Iterable[Any]) -> Iterator[Any]:
    """The tokens of a style sheet whose values are addresses: those of functions, imports and variables."""
    # Not called for each level, as nesting may be as deep as the text is long.
    waiting = [(iter(tokens), False)]
    while waiting:
        level, are_addresses = waiting.pop()
        # The at-rule and the custom property that a token is in.
        rule, variable, is_value = "", "", are_addresses
        for token in level:
            is_end = token.type == "{} block" or (token.type == "literal" and token.value == ";")
            is_address = is_value or rule == "import"
            if (token.type == "url" and rule != "namespace") or (token.type == "string" and is_address):
                yield token
            inner = getattr(token, "arguments", None) or getattr(token, "content", None)
            if inner and token.type != "[] block":
                is_named = token.type == "function" and token.lower_name in _FUNCTIONS and rule != "namespace"
                waiting.append((iter(inner), is_named or is_value))
            if is_end:
                rule, variable, is_value = "", "", are_addresses
            elif token.type == "at-keyword":
                rule = token.lower_value
            elif token.type == "ident":
                variable = token.value if token.value.startswith("--") else ""
            elif token.type == "literal" and token.value == ":" and variable:
                is_value = True
