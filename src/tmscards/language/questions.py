"""Making a card's question fair, judging by its texts: leaks, telltale articles, and the lines above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tmscards.domain import Edit, Gap, SentenceResult
from tmscards.language.leads import MOST_ABOVE
from tmscards.text import stem

_WORD = re.compile(r"[^\W_]+")


def leaks(answer: str, context: str) -> bool:
    """Whether a context gives an answer away: it contains words of the same stems as all of the answer's."""
    words, shown = [stem(w) for w in _WORD.findall(answer.lower())], _lower(context)
    # Most words are nowhere in the context, and then it need not be split into words.
    return bool(words) and all(word in shown for word in words) and _words(shown).issuperset(words)


@lru_cache(1 << 6)
def _lower(context: str) -> str:
    return context.lower()


@lru_cache(1 << 6)
def _words(context: str) -> frozenset[str]:
    return frozenset(stem(word) for word in _WORD.findall(context))


def with_articles(sent_text: str, gaps: Iterable[Gap], edits: Iterable[Edit] = ()) -> list[Edit]:
    """Edits, with those that turn "a" or "an" before a gap into "a(n)", which does not reveal how the answer begins.

    Where a lead-in was cut before the article, that edit has given it a capital letter already.
    """
    made = list(edits)
    for gap in gaps:
        # An article, the space behind it, and the character before it, which shows whether it is a word.
        begins = max(0, gap.start - len("(an "))
        article = re.search(r"\b(an?) $", sent_text[begins : gap.start], re.I)
        if article:
            found = Edit(begins + article.start(1), begins + article.end(1), article[1][0] + "(n)")
            before = next((edit for edit in made if edit.overlaps(found)), None)
            if before:
                made.remove(before)
                found = Edit(before.start, found.end, found.text.capitalize())
            made.append(found)
    return made


def with_lead(gaps: Iterable[Gap], edits: Sequence[Edit]) -> list[Edit]:
    """The edits where one of the gaps hides the lead: what is put in before the text goes on behind the lead."""
    asked = next((gap for gap in gaps if gap.is_lead), None)
    if asked is None:
        return list(edits)
    shown = next((edit for edit in edits if edit.start == edit.end == 0), None)
    behind = shown.text.removeprefix(asked.text) if shown else ": "
    return [Edit(0, 0, behind), *(edit for edit in edits if edit is not shown)]


def context_lines(result: SentenceResult, hidden: Sequence[Gap]) -> tuple[str, ...]:
    """The lines that a note's cards show above their text: its titles and, if needed, the sentence before it.

    Titles that give away the answer of one of the `hidden` gaps are left out. Of the others there are as many as
    `MOST_ABOVE` words allow: first the lead of a list item, then the title of the source, then the nearest headings.
    """
    fair = [part for part in result.above if not any(leaks(gap.text, part) for gap in hidden)]
    is_led = bool(fair) and len(result.above) > 1 and any(fair[-1] == lead.rstrip(": ") for lead in result.lead)
    ranked = [*([len(fair) - 1] if is_led else []), *([0] if fair else []), *reversed(range(1, len(fair) - is_led))]
    shown, room = set[int](), MOST_ABOVE - len(result.before.split())
    for i in ranked:
        if (words := len(fair[i].split())) <= room:
            shown.add(i)
            room -= words
    return tuple(line for line in (" › ".join(fair[i] for i in sorted(shown)), result.before) if line)
