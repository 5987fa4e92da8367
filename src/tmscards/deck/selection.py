"""Which statements become notes: how dense a deck is, duplicates, limits, and the gaps each note hides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain

from tmscards.deck.recipes import Density, Limits
from tmscards.domain import Candidate, Finding, Gap, SentenceResult, SourcePath
from tmscards.language import lint
from tmscards.text import normalised

LOWEST: dict[Density, float] = {"sparse": 0.985, "normal": 0.96, "full": 0.80}
"""How likely the first card of a note must be one that an expert would keep (score of sentence times score of gap)."""
FURTHER = 0.04
"""A note's further cards must be more likely by this much, as they ask about the same sentence again."""
DEFINES = 0.1
"""A card of a definition may be less likely by this much: a term is what everything else is said with."""
PASSABLE = 0.5
"""How likely a card of a sentence that has a note already must be a good one, if all its answers are gone."""
NEARLY = 0.8
"""Words that two sentences share, of all their words, from which on they say nearly the same (Jaccard)."""

_STOP = frozenset(
    "a an the of in on at to for and or is are was were be by with as that this these it its from".split()
)

_UNLIKELY = "its best card is worth"

_Asked = tuple[str, str]
"""What a card asks, and the answer."""
_Place = tuple[SourcePath, int]
"""Of a statement: the path of its source, and its line."""


def judge(result: SentenceResult, density: Density) -> str | None:
    """Why no note is made of a sentence: a finding that drops it, or too little likelihood; None if one is made."""
    dropping = next((f for f in result.findings if f.drops), None)
    if dropping is not None and not result.kept:
        return dropping.message
    if not result.gaps:
        return "no span that could be asked"
    best, lowest = worth(result, result.gaps[0]), LOWEST[density]
    if best < lowest and not result.kept:
        return f"{_UNLIKELY} {best:.2f}, below {lowest:.2f}"
    return None


def kind_of_reason(reason: str) -> str:
    """A reason without what it was found in, such as words or a likelihood."""
    return "too unlikely to be worth keeping" if reason.startswith(_UNLIKELY) else reason.partition(": ")[0]


def is_passable(result: SentenceResult) -> bool:
    """Whether a sentence that has a note already may go on as one with other answers than before."""
    is_dropped = any(f.drops for f in result.findings)
    return bool(result.gaps) and not is_dropped and worth(result, result.gaps[0]) >= PASSABLE


def worth(result: SentenceResult, gap: Gap) -> float:
    """How likely a card that hides this gap is one that an expert would keep, and more if it is of a definition."""
    return result.score * gap.score + (DEFINES if result.kind == "definition" else 0.0)


def reasons(results: Sequence[SentenceResult], density: Density, limits: Limits) -> list[str | None]:
    """Why no note is made of each sentence of one source: what `judge` says, and the recipe's limit on its notes."""
    judged = [judge(result, density) for result in results]
    if limits.notes_per_source is None:
        return judged
    kept = [i for i, reason in enumerate(judged) if reason is None]
    best = sorted(kept, key=lambda i: (-worth(results[i], results[i].gaps[0]), i))[: limits.notes_per_source]
    over = set(kept) - set(best)
    too_many = f"over the limit of {limits.notes_per_source} notes per source"
    return [too_many if i in over else reason for i, reason in enumerate(judged)]


def gaps(result: SentenceResult, limits: Limits, density: Density) -> tuple[Gap, ...]:
    """The gaps of a note, in the order of the text: the best, and those nearly as good, up to the recipe's limit.

    All that the author marked are asked.
    """
    if not result.gaps or result.marked:
        return result.gaps
    lowest = LOWEST[density] + FURTHER
    further = [g for g in result.gaps[1:] if worth(result, g) >= lowest]
    chosen = [result.gaps[0], *further][: limits.cards_per_note]
    return tuple(sorted(chosen, key=lambda g: g.start))


@dataclass(frozen=True, slots=True)
class Others:
    """Statements that a deck has besides those that are looked at."""

    common: Mapping[str, int] = field(default_factory=dict)
    """How many sources have a word."""
    having: Callable[[Set[str]], Iterable[Candidate]] = lambda _: ()
    """Those that have one of these words, or more of them."""


def drop_duplicates(
    candidates: Sequence[Candidate], staying: Collection[int], others: Others = Others()
) -> tuple[list[Candidate], dict[int, SourcePath]]:
    """Leave out what repeats or contradicts another statement of the deck; of each its index, and the other's source.

    Those that are `staying`, and `others` that the deck has, come first.
    """
    new = [i for i, candidate in enumerate(candidates) if i not in staying and candidate.reason is None]
    judged, beside = list(candidates), dict[int, SourcePath]()
    deck = _Deck([candidates[i] for i in new], others.common)
    if new and (staying or others.common):
        telling = deck.telling(candidates[i] for i in new)
        for candidate in chain((candidates[i] for i in sorted(staying)), others.having(telling)):
            # Most are like none of the new ones.
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
    """The sources of the others that repeat or contradict one of these statements."""
    deck = _Deck(candidates, others.common)
    for candidate in candidates:
        deck.add(candidate)
    return {candidate.source.path for candidate in others.having(deck.telling(candidates)) if deck.repeats(candidate)}


class _Deck:
    """The statements that a deck already has, so that each is kept once and no card contradicts another."""

    def __init__(self, new: Sequence[Candidate], common: Mapping[str, int]) -> None:
        """`new` are all that will be asked about, or all that the deck has; `common` tells how common a word is."""
        self._count = Counter(common)
        self._count.update(word for candidate in new for word in set(normalised(candidate.result.text).split()))
        self._same: dict[str, _Place] = {}
        self._near_ones: list[tuple[frozenset[str], _Place]] = []
        self._having: defaultdict[str, list[int]] = defaultdict(list)
        self._prompts: dict[str, tuple[tuple[str, _Place], ...]] = {}

    def telling(self, new: Iterable[Candidate]) -> set[str]:
        """Words of which a statement has one if any of the new ones is like it."""
        found: set[str] = set()
        for candidate in new:
            key = normalised(candidate.result.text)
            found.update(self._rarest(_words(key)) or key.split())
            for question, _ in _asked(candidate):
                found.update(self._rarest(question.split())[:1])
        return found

    def add(self, candidate: Candidate) -> None:
        """From now on a statement that is like this one is superfluous."""
        key, place = normalised(candidate.result.text), (candidate.source.path, candidate.result.line)
        self._same.setdefault(key, place)
        for question, answer in _asked(candidate):
            self._prompts[question] = (*self._prompts.get(question, ()), (answer, place))
        words = _words(key)
        for word in self._rarest(words):
            self._having[word].append(len(self._near_ones))
        self._near_ones.append((words, place))

    def repeats(self, candidate: Candidate) -> tuple[Finding, SourcePath] | None:
        """What makes a statement superfluous beside those of the deck, and the source of the one that does."""
        key = normalised(candidate.result.text)
        if key in self._same:
            return _found(lint.SAME, self._same[key])
        near = self._near(_words(key))
        if near is not None:
            return _found(lint.NEAR_DUPLICATE, near)
        for question, answer in _asked(candidate):
            for other, place in self._prompts.get(question, ()):
                if other != answer:
                    return _found(lint.SAME_PROMPT, place)
        return None

    def _near(self, words: frozenset[str]) -> _Place | None:
        """An earlier statement that shares `NEARLY` of its words, numbers and negations being the same."""
        for i in sorted({i for word in self._rarest(words) for i in self._having[word]}):
            other, place = self._near_ones[i]
            if len(words & other) >= NEARLY * len(words | other) and not any(map(_tells_apart, words ^ other)):
                return place
        return None

    def _rarest(self, words: Collection[str]) -> list[str]:
        """So many of its words, the rarest of the deck, that two sets which are nearly the same have one in common.

        The prefix filter of Chaudhuri, Ganti and Kaushik (2006), A primitive operator for similarity joins.
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
    return [(normalised(prompt(text, gap)), normalised(gap.text)) for gap in candidate.gaps]


def prompt(text: str, gap: Gap) -> str:
    """What a card asks: its text without the answer."""
    return text[: gap.start] + " … " + text[gap.end :]


def _tells_apart(word: str) -> bool:
    return any(c.isdigit() for c in word) or word in ("not", "no", "never", "without", "left", "right")
