"""Notes whose words take long for a program that compares each with each: one pattern, as long as asked for.

These are about what happens after reading: words, sentences, links and marks. `patterns.py` has those about markup.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable

Pattern = Callable[[int], str]
"""Makes a note of about as many characters as it is given."""

_GOOD = "The amygdala is a region of the brain that processes fear. "
_CHINESE = [chr(code) for code in range(0x4E00, 0x9000)]


def _repeated(unit: str, before: str = "") -> Pattern:
    return lambda size: before + unit * max(1, (size - len(before)) // len(unit))


def _different(unit: Callable[[str], str]) -> Pattern:
    """Units with another word of letters in each."""

    def pattern(size: int) -> str:
        count = max(1, size // len(unit("abcd")))
        return "".join(unit(_word(i)) for i in range(count))

    return pattern


def _drawn(signs: str | list[str]) -> Pattern:
    def pattern(size: int) -> str:
        drawing = random.Random(size)
        return "".join(drawing.choice(signs) for _ in range(size))

    return pattern


def _sentences(unit: str, words: int = 900) -> Pattern:
    """Sentences of so many words, which is just what is still parsed."""
    return _repeated(unit * (words // len(unit.split())) + ". X ")


def _word(number: int) -> str:
    return "".join(string.ascii_lowercase[number // 26**place % 26] for place in range(4))


PATTERNS: dict[str, Pattern] = {
    "one word of letters": _repeated("a"),
    "one word of base64": _drawn(string.ascii_letters + string.digits + "+/"),
    "one word of letters, digits, marks": _drawn("abAB12.,;:-/()'\"!?%&"),
    "one word, an address": _repeated("a/", before="See https://a.b/"),
    "one word of Chinese": _drawn(_CHINESE),
    "one word of Chinese with commas": _drawn([*_CHINESE[:20], "，", "。"]),
    "one word of pictures": _repeated("😀"),
    "one word of accents": _repeated("\u0301", before="a"),
    "words of accents": _repeated("a\u0301\u0301\u0301 "),
    "words of 900 letters": _different(lambda word: word * 225 + " "),
    "words of 190 marks in sentences": _different(lambda word: f"{word}{'!' * 190} X "),
    "a and many !": _repeated("!", before="a"),
    "initials": _repeated(" A."),
    "stops": _repeated(". "),
    "questions": _repeated("Is it? "),
    "abbreviations": _repeated("(A) "),
    "abbreviations in one sentence": _repeated("alpha cell (AC) "),
    "abbreviations in sentences": _repeated("Alpha cell (AC) is good in mice and rats. "),
    "quotation marks": _repeated('"a" '),
    "brackets": _repeated("a ( b ) "),
    "dashes": _repeated("a – b "),
    "colons": _repeated("a: "),
    "commas": _repeated("a, "),
    "and": _repeated("cats and "),
    "capitals": _different(lambda word: f"{word.capitalize()} "),
    "numbers": _repeated("1 "),
    "a sentence of words": _repeated("word "),
    "sentences of many commas": _sentences("a, ", 450),
    "sentences of many and": _sentences("cats and dogs and "),
    "sentences of many numbers": _sentences("1 "),
    "sentences of many brackets": _sentences(") ( "),
    "sentences of many pronouns": _sentences("it is and he "),
    "sentences of many quotation marks": _sentences('" a '),
    "sentences of a word again and again": _repeated(f"The cell has {'cell, ' * 400}. X "),
    "sentences of numbers and signs": _repeated(f"The brain has {'1 - 2 % ' * 200}. X "),
    "a paragraph of one sentence, repeated": _repeated(_GOOD),
    "a paragraph of sentences": _different(lambda word: f"The area {word} of the brain controls movement in adults. "),
    "lines of one sentence, repeated": _repeated(f"- {_GOOD}\n"),
    "lines of sentences": _different(lambda word: f"- The area {word} of the brain controls movement in adults.\n"),
    "references": _repeated("It controls movement in adults. "),
    "headings": _repeated("# The brain\n\n"),
    "one long heading": lambda size: f"# {'a b' * (size // 6)}\n\n{_GOOD * (size // 2 // len(_GOOD))}",
    "links in one sentence": _repeated("[[a|b]] "),
    "links in sentences": _repeated("The brain controls [[fear]] in humans. "),
    "see-also links": _repeated("The brain controls fear in humans [[moods | the moods of people]]. "),
    "see-also links in one sentence": _repeated("it controls fear [[moods]], "),
    "emphasis in one sentence": _repeated("the *fear* and "),
    "highlights": _repeated("The brain controls ==fear== in humans. "),
    "highlights in one sentence": _repeated("the ==fear== and "),
    "cloze deletions in one sentence": _repeated("{{c1::a}} "),
    "formulas in one sentence": _repeated("$x$ is "),
    "waivers": _repeated("The brain controls fear in humans. %% tmscards: keep %% "),
    "endless sentences and short ones": _repeated(f"a {'!' * 201} It is a good cell of the brain. "),
}
"""By name."""
