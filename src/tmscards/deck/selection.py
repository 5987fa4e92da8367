"""Chooses which statements become notes, by density, duplicates and limits, and which gaps each note hides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain

from tmscards.deck.recipes import Density, Limits
from tmscards.domain import Candidate, Finding, Gap, SentenceResult, SourcePath
from tmscards.language import lint
from tmscards.text import normalised

LOWEST: dict[Density, float] = {"sparse": 0.82, "normal": 0.75, "full": 0.5}
"""By density, how likely an expert must be to keep each card, so that 90, 85 and 70 % of all are worth keeping."""
PASSABLE = 0.5
"""How likely it must be for a sentence to keep a note all of whose answers have gone from it."""
NEARLY = 0.8
"""The share of all their words, at least, that two sentences have in common if they say nearly the same (Jaccard)."""
MOST_ALIKE = 300
"""So many statements are looked up by a word; further ones that have it are found by their other words only."""
MOST_ASKED, LONGEST_ASKED = 50, 5_000
"""So many cards of a note, whose text has so many characters at most, are compared with those of other notes."""

_STOP = frozenset(
    "a an the of in on at to for and or is are was were be by with as that this these it its from".split()
)
_TELLING_APART = frozenset("not no never without left right".split())
_TWO = 2

_UNLIKELY = "its best card is worth"

_Asked = tuple[str, str]
"""What a card asks, and the answer."""
_Place = tuple[SourcePath, int]
"""Where a statement is: the path of its source, and its line."""


def judge(result: SentenceResult, density: Density) -> str | None:
    """Why no note is made of a sentence: a finding, no gap, or too unlikely a card; None if one is made."""
    dropping = next((f for f in result.findings if f.drops), None)
    if dropping is not None and not result.kept:
        return dropping.message
    if not result.gaps:
        return "no span that could be asked"
    best, lowest = _best(result), LOWEST[density]
    if best < lowest and not result.kept:
        return f"{_UNLIKELY} {best:.2f}, below {lowest:.2f}"
    return None


def kind_of_reason(reason: str) -> str:
    """A reason from `reasons` without its details, such as words or a likelihood, so that reasons can be counted."""
    return "too unlikely to be worth keeping" if reason.startswith(_UNLIKELY) else reason.partition(": ")[0]


def is_passable(result: SentenceResult) -> bool:
    """Whether a sentence may keep the note that it has, although the note would ask for other answers than before."""
    is_dropped = any(f.drops for f in result.findings)
    return bool(result.gaps) and not is_dropped and _best(result) >= PASSABLE


def reasons(results: Sequence[SentenceResult], density: Density, limits: Limits) -> list[str | None]:
    """For each sentence of one source, why no note is made of it: what `judge` says, or the recipe's limit; or None."""
    judged = [judge(result, density) for result in results]
    if limits.notes_per_source is None:
        return judged
    kept = [i for i, reason in enumerate(judged) if reason is None]
    best = sorted(kept, key=lambda i: (-_best(results[i]), i))[: limits.notes_per_source]
    over = set(kept) - set(best)
    too_many = f"over the limit of {limits.notes_per_source} notes per source"
    return [too_many if i in over else reason for i, reason in enumerate(judged)]


def gaps(result: SentenceResult, limits: Limits, density: Density) -> tuple[Gap, ...]:
    """The gaps of a new note, in the order of the text: those that are good enough, and what a definition defines.

    The recipe limits how many there are; but all the gaps that the author marked are asked for.
    """
    if not result.gaps or result.marked:
        return result.gaps
    lowest = LOWEST[density]
    good = [g for g in result.gaps if g.score >= lowest or g.term] or result.gaps[:1]
    # What the first card leaves out, no other card of the note asks for.
    shown = [g for g in good if not any(map(g.overlaps, good[0].cuts))]
    return tuple(sorted(shown[: limits.cards_per_note], key=lambda g: g.start))


def _best(result: SentenceResult) -> float:
    """How likely an expert would keep the best card of a sentence that has gaps."""
    return max(gap.score for gap in result.gaps)


@dataclass(frozen=True, slots=True)
class Others:
    """Statements that a deck has besides the candidates at hand."""

    common: Mapping[str, int] = field(default_factory=dict)
    """By word: how many sources have it."""
    having: Callable[[Set[str]], Iterable[Candidate]] = lambda _: ()
    """Takes words, and returns all statements that have one of them; it may return others too."""


def drop_duplicates(
    candidates: Sequence[Candidate], staying: Collection[int], others: Others = Others()
) -> tuple[list[Candidate], dict[int, SourcePath]]:
    """Leave out new statements that repeat or contradict another statement of the deck.

    Candidates whose index is in `staying`, and the `others`, come first and are never left out; neither are those that
    their author wants to keep. Returns all candidates, with a reason where one is now left out; and, by the index of
    each of these, the source of the statement that it repeats.
    """
    new = [i for i, candidate in enumerate(candidates) if i not in staying and candidate.reason is None]
    judged, beside = list(candidates), dict[int, SourcePath]()
    deck = _Deck([candidates[i] for i in new], others.common)
    if new and (staying or others.common):
        telling = deck.telling(candidates[i] for i in new)
        for candidate in chain((candidates[i] for i in sorted(staying)), others.having(telling)):
            # Most are like none of the new ones, and need not be compared with them.
            if not telling.isdisjoint(words(candidate)):
                deck.add(candidate)
    for index in new:
        candidate = candidates[index]
        repeated = deck.repeats(candidate)
        if repeated is None:
            deck.add(candidate)
        elif not candidate.result.kept:
            finding, beside[index] = repeated
            result = replace(candidate.result, findings=(*candidate.result.findings, finding))
            judged[index] = replace(candidate, result=result, reason=finding.message)
    return judged, beside


def repeating(candidates: Sequence[Candidate], others: Others) -> set[SourcePath]:
    """The sources of those among `others` that repeat or contradict one of these candidates."""
    deck = _Deck(candidates, others.common)
    for candidate in candidates:
        deck.add(candidate)
    return {candidate.source.path for candidate in others.having(deck.telling(candidates)) if deck.repeats(candidate)}


class _Deck:
    """The statements that a deck already has, so that each is kept once and no card contradicts another."""

    def __init__(self, new: Sequence[Candidate], common: Mapping[str, int]) -> None:
        """`new` are all that `repeats` will be asked about, or all that `add` will get; `common` is as in `Others`."""
        self._count = Counter(common)
        self._count.update(word for candidate in new for word in set(normalised(candidate.result.text).split()))
        self._same: dict[str, _Place] = {}
        self._near_ones: list[tuple[frozenset[str], _Place]] = []
        self._having: defaultdict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
        self._prompts: defaultdict[str, dict[str, _Place]] = defaultdict(dict)

    def telling(self, new: Iterable[Candidate]) -> set[str]:
        """Words such that every statement which is like one of the new ones has at least one of them."""
        found: set[str] = set()
        for candidate in new:
            key = normalised(candidate.result.text)
            found.update(self._rarest(_words(key)) or key.split())
            for question, _ in _asked(candidate):
                found.update(self._rarest(question.split())[:1])
        return found

    def add(self, candidate: Candidate) -> None:
        """Add a statement to the deck: from now on, others like it are superfluous."""
        key, place = normalised(candidate.result.text), (candidate.source.path, candidate.result.line)
        self._same.setdefault(key, place)
        for question, answer in _asked(candidate):
            # Two answers are enough: any third differs from one of them at least.
            if len(answers := self._prompts[question]) < _TWO:
                answers.setdefault(answer, place)
        words = _words(key)
        for word in self._rarest(words):
            alike = self._having[word, _telling_apart(words)]
            if len(alike) < MOST_ALIKE:
                alike.append(len(self._near_ones))
        self._near_ones.append((words, place))

    def repeats(self, candidate: Candidate) -> tuple[Finding, SourcePath] | None:
        """Why a statement is superfluous in this deck, and the source that makes it so; None if it is not."""
        key = normalised(candidate.result.text)
        if key in self._same:
            return _found(lint.SAME, self._same[key])
        near = self._near(_words(key))
        if near is not None:
            return _found(lint.NEAR_DUPLICATE, near)
        for question, answer in _asked(candidate):
            for other, place in self._prompts.get(question, {}).items():
                if other != answer:
                    return _found(lint.SAME_PROMPT, place)
        return None

    def _near(self, words: frozenset[str]) -> _Place | None:
        """An earlier statement that shares `NEARLY` of these words, and has the same numbers and negations."""
        apart = _telling_apart(words)
        for i in sorted({i for word in self._rarest(words) for i in self._having.get((word, apart), ())}):
            other, place = self._near_ones[i]
            if len(words & other) >= NEARLY * len(words | other):
                return place
        return None

    def _rarest(self, words: Collection[str]) -> list[str]:
        """The rarest of these words: just enough that two sets which are nearly the same have one of them in common.

        This is the prefix filter of Chaudhuri, Ganti and Kaushik (2006), A primitive operator for similarity joins.
        """
        ordered = sorted(words, key=lambda word: (self._count[word], word))
        return ordered[: int((1 - NEARLY) * len(ordered) + 1e-9) + 1]


def _found(rule: lint.Rule, place: _Place) -> tuple[Finding, SourcePath]:
    path, line = place
    return rule.found(f"{path}:{line}"), path


def words(candidate: Candidate) -> set[str]:
    """All words of a statement and of what its cards ask."""
    return {
        word
        for text in (normalised(candidate.result.text), *(q for q, _ in _asked(candidate)))
        for word in text.split()
    }


def _words(key: str) -> frozenset[str]:
    return frozenset(key.split()) - _STOP


def _asked(candidate: Candidate) -> list[_Asked]:
    """What the cards of a note ask, and the answers."""
    text = candidate.result.text
    asked = candidate.gaps[:MOST_ASKED] if len(text) <= LONGEST_ASKED else ()
    return [(normalised(prompt(text, gap)), normalised(gap.text)) for gap in asked]


def prompt(text: str, gap: Gap) -> str:
    """What a card asks: its text with `…` in place of the answer."""
    return text[: gap.start] + " … " + text[gap.end :]


def _telling_apart(words: Collection[str]) -> frozenset[str]:
    """The words of a statement that two statements must share to say nearly the same: numbers, negations, sides."""
    return frozenset(word for word in words if any(c.isdigit() for c in word) or word in _TELLING_APART)
