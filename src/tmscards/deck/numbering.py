"""Gives cloze numbers: each stays with its answer through every edit of a sentence, and no other answer gets it.

A number is a card in Anki, so moving one would move a learner's history to another question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tmscards.anki import clozes
from tmscards.domain import LAST_CLOZE_NUMBER, Candidate, CharSpan, Gap, Record
from tmscards.language import hints
from tmscards.text import occurrences

NEARLY = 0.8
"""The least similarity (normalised Indel, of letters) at which words of a sentence may be an edited answer."""
LONGEST_ANSWER = 1_000
"""Characters; a longer answer is looked for only as it is, letter by letter."""
LONGEST_SENTENCE = 20_000
"""Characters; in a longer sentence, edited answers are not looked for."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Numbered:
    """The gaps that a note hides, with their cloze numbers."""

    gaps: tuple[Gap, ...]
    """In the order of the text."""
    dropped: Mapping[int, str]
    """Cloze numbers that were given before and have no gap now, with their last answer."""


def number(candidate: Candidate, record: Record | None, most: int) -> Numbered:
    """The gaps that a note hides today, with their numbers. `record` is the note as shipped before, if it was.

    What the author marked by hand is hidden exactly as marked. In other notes, the answers on record stay as long as
    the sentence has them; today's gaps are added as long as there are fewer than `most`.
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
    """Where a sentence has an answer: as it is, or else with a few letters changed; None if it does not have it."""
    exact = next(_exactly(answer, text), None)
    return exact or _nearly(answer, text)


def give(gaps: Iterable[Gap], before: Mapping[int, str]) -> tuple[Gap, ...]:
    """The gaps in the order of the text, all with a number: their own, the one that their answer had, or a new one.

    `before` are the numbers given so far, with their answers. Gaps for which no number is left are left out.
    """
    ordered = sorted(gaps, key=lambda g: (g.start, -g.end))
    taken = {gap.number for gap in ordered if gap.number}
    had = {answer.lower(): number for number, answer in before.items() if number not in taken}
    free = iter(n for n in range(1, LAST_CLOZE_NUMBER + 1) if n not in taken and n not in before)
    numbered = ((gap, gap.number or had.pop(gap.text.lower(), None) or next(free, None)) for gap in ordered)
    return tuple(replace(gap, number=number) for gap, number in numbered if number)


def _located(asked: Mapping[int, str], sentence: str, text: str, today: Sequence[Gap]) -> Iterator[Gap]:
    """The gaps of the answers on record that the sentence has today; long ones first, as they may contain others."""
    taken: list[CharSpan] = []
    for number, answer in sorted(asked.items(), key=lambda item: (-len(item[1]), item[0])):
        # The sentence may have these words several times, and today's gap marks the right ones.
        known = next((g for g in today if g.text.lower() == answer.lower()), None)
        found = CharSpan(known.start, known.end) if known else locate(answer, text)
        place = found or _replaced(answer, sentence, text)
        if place is None or any(map(place.overlaps, taken)):
            continue
        same = next((g for g in today if place in g.places), None)
        if same is None and found is None:
            # Other words have replaced the answer, and no card would ask for them.
            continue
        if same is None:
            words = text[place.start : place.end]
            others = tuple(o for o in _exactly(words, text) if not o.overlaps(place))
            same = Gap(place.start, place.end, words, 0.0, others, hints.of(text, place))
        taken += same.places
        yield replace(same, number=number)


def _exactly(words: str, text: str) -> Iterator[CharSpan]:
    """Where a text has these words as they are or, unless there are too many, in upper or lower case."""
    if len(words) <= LONGEST_ANSWER:
        yield from occurrences(words, text)
    elif (start := text.find(words)) >= 0:
        yield CharSpan(start, start + len(words))


def _nearly(answer: str, text: str) -> CharSpan | None:
    """The words of a sentence most similar to an answer, one more or fewer at most; None if not similar enough."""
    from rapidfuzz.distance import Indel

    if len(answer) > LONGEST_ANSWER or len(text) > LONGEST_SENTENCE:
        return None
    words, size = list(_WORD.finditer(text)), len(_WORD.findall(answer))
    windows = [
        CharSpan(words[i].start(), words[i + n - 1].end())
        for n in {size, max(1, size - 1), size + 1}
        for i in range(len(words) - n + 1)
    ]
    asked = answer.lower()
    alike = {w: Indel.normalized_similarity(asked, text[w.start : w.end].lower(), score_cutoff=NEARLY) for w in windows}
    best = max(windows, key=lambda w: (alike[w], -w.start), default=None)
    if best is None or alike[best] < NEARLY or _numbers(answer) != _numbers(text[best.start : best.end]):
        return None
    return best


def _replaced(answer: str, before: str, now: str) -> CharSpan | None:
    """The words that have replaced an answer between the same words as before: the author has corrected it."""
    from rapidfuzz.distance import Levenshtein

    if max(len(before), len(now)) > LONGEST_SENTENCE:
        return None
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
