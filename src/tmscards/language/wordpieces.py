"""Turning words into the encoder's input: BERT's lower-case word pieces, with the pieces that each word consists of.

They are cut as in BERT's own tokenizer (Devlin et al. 2019): text is decomposed, accents are dropped, punctuation is
split off, and each word is cut greedily into the longest pieces of the vocabulary. There are four differences: an
underscore stays in its word, a run of Chinese characters is one word, invisible characters become unknown pieces
instead of being dropped, and a word of over 100 letters is cut like any other. The weights were fit on these pieces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

LONGEST_TEXT = 110
"""The encoder reads at most this many pieces of a sentence."""
LONGEST_CONTEXT = 32
"""The encoder reads at most this many pieces of the sentence's title and headings."""

LEAD = (-1, 0)
"""The place, in words, of the lead that stands before a fragment."""
_PARTS = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A sentence and its context as the encoder reads them: [CLS] sentence [SEP] context [SEP]."""

    ids: list[int]
    text_end: int
    """Where the sentence's pieces end in `ids`; they begin at 1."""
    words: list[tuple[int, int]]
    """Where the pieces of each word of the sentence are in `ids`, half-open; empty beyond `LONGEST_TEXT`."""
    lead: tuple[int, int]
    """Where the pieces of the first title are."""

    def place(self, words: tuple[int, int]) -> tuple[int, int]:
        """Where the pieces of some words are, half-open and never empty; words from -1 to 0 are the first title."""
        if words == LEAD:
            return self.lead
        first = min(self.words[words[0]][0], self.text_end - 1)
        return first, max(self.words[words[1] - 1][1], first + 1)


class WordPieces:
    """Cuts words into the pieces of a vocabulary, which is given in the order of the pieces' numbers."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._longest = max(map(len, vocabulary))
        self._unknown, self._cls, self._sep = (self._numbers[p] for p in ("[UNK]", "[CLS]", "[SEP]"))
        self._cut = lru_cache(maxsize=1 << 16)(self._cut_word)

    def encode(self, words: Sequence[str], context: Sequence[str]) -> Pieces:
        """The pieces of a sentence, given as words, and of the titles above it (`context`)."""
        ids, places = [self._cls], []
        for word in words:
            start = len(ids)
            if start <= LONGEST_TEXT:
                ids += self._cut(word)
                del ids[LONGEST_TEXT + 1 :]
            places.append((start, len(ids)))
        text_end = len(ids)
        ids.append(self._sep)
        ids += [*islice(chain.from_iterable(map(self._cut, context)), LONGEST_CONTEXT), self._sep]
        lead = len(self._cut(context[0])) if context else 0
        return Pieces(ids, text_end, places, (text_end + 1, text_end + 1 + max(1, min(lead, LONGEST_CONTEXT))))

    def _cut_word(self, text: str) -> tuple[int, ...]:
        plain = unicodedata.normalize("NFD", text.lower())
        plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
        return tuple(number for part in _PARTS.findall(plain) for number in self._longest_pieces(part))

    def _longest_pieces(self, word: str) -> list[int]:
        found, start = [], 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                number = self._numbers.get(mark + word[start:end])
                if number is not None:
                    found.append(number)
                    start = end
                    break
            else:
                return [self._unknown]
        return found
