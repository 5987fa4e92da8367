"""Cloze numbers: each stays with its answer through every edit of a sentence, and none is given to another.

A number is a card in Anki, so moving one would move a learner's history to another question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tmscards.anki import clozes
from tmscards.domain import LAST_CLOZE_NUMBER, Candidate, CharSpan, Gap, Record
from tmscards.language import questions
from tmscards.text import occurrences

NEARLY = 0.8
"""How alike an answer and words of a sentence are (normalised Indel similarity of letters) to be the same, edited."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a note hides, with numbers."""

    gaps: tuple[Gap, ...]
    """In the order of the text."""
    dropped: Mapping[int, str]
    """Numbers given once that have no gap now, with their last answer."""


def number(candidate: Candidate, record: Record | None, most: int) -> Numbered:
    """Give the gaps of a note their numbers. `record` is the note as shipped before; it hides `most` gaps at most.

    What the author marked by hand is hidden just so. Of other notes, the answers on record stay as long as the sentence
    has them, and better ones come beside them, with new numbers.
    """
    if record is None:
        return Numbered(give(candidate.gaps, {}), {})
    result, asked = candidate.result, clozes.answers(record.text)
    before = {**record.dropped, **asked}
    gaps = candidate.gaps
    if not result.marked:
        kept = list(_located(asked, record.sentence, result.text, result.gaps))
        # A sentence that would not be chosen today keeps its cards, and gets no more.
        better = () if kept and candidate.reason is not None else candidate.gaps
        room = max(0, most - len(kept))
        gaps = (*kept, *[g for g in better if not any(map(partial(_clash, g), kept))][:room])
    numbered = give(gaps, before)
    used = {gap.number for gap in numbered}
    return Numbered(numbered, {n: answer for n, answer in sorted(before.items()) if n not in used})


def locate(answer: str, text: str) -> CharSpan | None:
    """Where an answer stands in a sentence: as it is, else with a few letters changed; None if it does not."""
    exact = next(occurrences(answer, text), None)
    return exact or _nearly(answer, text)


def give(gaps: Iterable[Gap], before: Mapping[int, str]) -> tuple[Gap, ...]:
    """Gaps in the order of the text, those without a number given the one their answer had, or else a new one.

    When all numbers are given, further gaps are left out.
    """
    ordered = sorted(gaps, key=lambda g: g.start)
    taken = {gap.number for gap in ordered if gap.number}
    had = {answer.lower(): number for number, answer in before.items() if number not in taken}
    free = iter(n for n in range(1, LAST_CLOZE_NUMBER + 1) if n not in taken and n not in before)
    numbered = ((gap, gap.number or had.pop(gap.text.lower(), None) or next(free, None)) for gap in ordered)
    return tuple(replace(gap, number=number) for gap, number in numbered if number)


def _located(asked: Mapping[int, str], sentence: str, text: str, today: Sequence[Gap]) -> Iterator[Gap]:
    """The answers on record, where the sentence has them today; long ones first, as they may hold others."""
    taken: list[CharSpan] = []
    for number, answer in sorted(asked.items(), key=lambda item: (-len(item[1]), item[0])):
        # The words may stand there several times, and today's gap is at the right one.
        known = next((g for g in today if g.text.lower() == answer.lower()), None)
        found = CharSpan(known.start, known.end) if known else locate(answer, text)
        place = found or _replaced(answer, sentence, text)
        if place is None or any(map(place.overlaps, taken)):
            continue
        same = next((g for g in today if place in g.places), None)
        if same is None and found is None:
            # Other words stand there now, and nobody would ask for them.
            continue
        if same is None:
            words = text[place.start : place.end]
            others = tuple(o for o in occurrences(words, text) if not o.overlaps(place))
            same = Gap(place.start, place.end, words, 0.0, others, questions.hint(words))
        taken += same.places
        yield replace(same, number=number)


def _nearly(answer: str, text: str) -> CharSpan | None:
    """The words of a sentence that are most like an answer, if they are nearly the same and as many."""
    from rapidfuzz.distance import Indel

    words, size = list(_WORD.finditer(text)), len(_WORD.findall(answer))
    windows = [
        CharSpan(words[i].start(), words[i + n - 1].end())
        for n in {size, max(1, size - 1), size + 1}
        for i in range(len(words) - n + 1)
    ]
    alike = {w: Indel.normalized_similarity(answer.lower(), text[w.start : w.end].lower()) for w in windows}
    best = max(windows, key=lambda w: (alike[w], -w.start), default=None)
    if best is None or alike[best] < NEARLY or _numbers(answer) != _numbers(text[best.start : best.end]):
        return None
    return best


def _replaced(answer: str, before: str, now: str) -> CharSpan | None:
    """The words that stand where an answer stood, between the same words as before: a correction of the answer."""
    from rapidfuzz.distance import Levenshtein

    old, new = list(_WORD.finditer(before)), list(_WORD.finditer(now))
    place = next(occurrences(answer, before), None)
    if place is None:
        return None
    for step in Levenshtein.opcodes([w[0].lower() for w in old], [w[0].lower() for w in new]):
        if step.tag == "replace" and old[step.src_start].start() <= place.start < old[step.src_end - 1].end():
            is_whole = place.start == old[step.src_start].start() or place.end == old[step.src_end - 1].end()
            return CharSpan(new[step.dest_start].start(), new[step.dest_end - 1].end()) if is_whole else None
    return None


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _clash(a: Gap, b: Gap) -> bool:
    return any(place.overlaps(other) for place in a.places for other in b.places)
