"""Compare, search and edit texts, whatever they are about. Offsets are in characters, half-open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tmscards.domain import CharSpan, Edit

_SPACE_CONTROLS = re.compile(r"\r(?!\n)|[\x0b\x0c\x1c-\x1f\x85]")
_UNPRINTABLE = re.compile(
    "[\\x00-\\x08\\r\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\ud800-\\udfff\\ufdd0-\\ufdef"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
    + "]"
)


def printable(text: str) -> str:
    """A text without control characters other than tab and line feed, and without surrogates and noncharacters.

    Controls that count as white space, such as form feed, become a space, so that words stay apart.
    """
    return _UNPRINTABLE.sub("", _SPACE_CONTROLS.sub(" ", text))


@lru_cache(1 << 14)
def normalised(text: str) -> str:
    """The words of a text in lower case, with single spaces between them and without punctuation."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def singular(word: str) -> str:
    """A lower-case English word without the ending of a plural, as far as the ending alone can tell."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


_ENDINGS = re.compile(
    r"(?:i[sz]ations?|ations?|[ai]tive(?:ly)?|ions?|ments?|ness|it(?:y|ies)|ically|ical|ics?|all?y|als?|ive(?:s|ly)?|ors?"
    r"|ers?|ists?|isms?|[ae]nts?|[ae]nc(?:e|es|y)|[ai]ble|ates?|ated|ating|i[sz]e[sd]?|i[sz]ing|ing|ed|ies|ly|es|[sye])$"
)


@lru_cache(1 << 14)
def stem(word: str) -> str:
    """The stem of a lower-case English word, as far as its ending alone can tell: five letters of it stay at least."""
    ending = _ENDINGS.search(word, min(len(word), 5))
    return word[: ending.start()] if ending else singular(word)


def occurrences(words: str, text: str) -> Iterator[CharSpan]:
    """Where words occur in a text as whole words, in upper or lower case."""
    for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.I):
        yield CharSpan(*match.span())


def with_edits(text: str, edits: Sequence[Edit]) -> str:
    """A text with these edits made, of which none may overlap another."""
    parts, end = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join(parts) + text[end:]


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 card`, `2 cards`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
