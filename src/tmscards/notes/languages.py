"""Which language a note is in, by its letters and its commonest words.

`stop_words/` has the commonest words of each language that is told apart by them, in a file named after its code
(ISO 639-1). To tell another language, add a file.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

ENGLISH = "en"
_FOLDER = Path(__file__).with_name("stop_words")
_SAMPLE = 700
"""Characters of the beginning and of the middle of a note."""
_LEAST = 0.12
"""The share of a text that the commonest words of its language have at least: in prose, they have a third."""
_WORDS = 3
"""How many of the commonest words of a language a note in it has, at least."""
_NO_PROSE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\[\[|\]\]|<[^<>\n]*>|\$[^$\n]*\$", re.S)
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {
    "ja": "\u3040-\u30ff",
    "ko": "\uac00-\ud7af",
    "zh": "\u4e00-\u9fff",
    "ar": "\u0600-\u06ff",
    "he": "\u0590-\u05ff",
    "ru": "\u0400-\u04ff",
    "el": "\u0370-\u03ff",
    "hi": "\u0900-\u097f",
    "th": "\u0e00-\u0e7f",
}
"""Letters by which a language is told, those that one shares with another after those that it does not share."""
_OF_SCRIPT = {code: re.compile(f"[{letters}]") for code, letters in _SCRIPTS.items()}
NAMES = {
    "ar": "Arabic",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "es": "Spanish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "zh": "Chinese",
}


def of(body: str) -> str:
    """The code of the language that a note's text is in (ISO 639-1), such as `de`; English if nobody can tell."""
    body = body.lstrip()
    middle = len(body) // 2
    sample = body[:_SAMPLE] + body[max(_SAMPLE, middle) : middle + _SAMPLE]
    text = _NO_PROSE.sub(" ", sample).lower()
    letters = sum(map(len, _WORD.findall(text)))
    for code, letter in _OF_SCRIPT.items():
        found = len(letter.findall(text)) if not text.isascii() else 0
        # Japanese mixes its own letters with those that it shares with Chinese.
        if found > letters * (0.15 if code == "ja" else 0.5):
            return code
    return _by_words(_WORD.findall(text))


def _by_words(words: list[str]) -> str:
    counts = Counter(words)
    if sum(counts[word] for word in _common()[ENGLISH]) >= 2 * _LEAST * len(words):
        return ENGLISH
    shares = {code: sum(counts[word] for word in common) / max(1, len(words)) for code, common in _common().items()}
    best = max(shares, key=lambda code: (shares[code], code == ENGLISH))
    # Formulas and names have one of these words or another.
    is_clear = shares[best] >= _LEAST and sum(1 for word in _common()[best] if counts[word]) >= _WORDS
    return best if is_clear else ENGLISH


@cache
def _common() -> dict[str, tuple[str, ...]]:
    """The commonest words of each language."""
    found = {path.stem: path.read_text(encoding="utf-8").split() for path in sorted(_FOLDER.glob("*.txt"))}
    return {code: tuple(word for word in words if len(word) > 1) for code, words in found.items()}
