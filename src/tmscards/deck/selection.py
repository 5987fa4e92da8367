"""Owns which statements become notes: how dense a deck is, duplicates, limits, and the gaps each note hides."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

from tmscards.deck.recipes import Density, Limits
from tmscards.domain import Draft, Finding, Gap, Verdict
from tmscards.language import lint

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

_Asked = tuple[str, str]
"""What a card asks, and the answer."""
_Place = tuple[str, int]
"""Of a statement: the path of its source, and its line."""


def judge(verdict: Verdict, density: Density) -> Verdict:
    """Leave out a sentence that is unlikely to make a card worth keeping; findings that drop come first."""
    if verdict.kept:
        return replace(verdict, reason=None if verdict.gaps else "no span that could be asked")
    dropping = next((f for f in verdict.findings if f.drops), None)
    if dropping is not None:
        return replace(verdict, reason=dropping.message)
    if not verdict.gaps:
        return replace(verdict, reason="no span that could be asked")
    best, lowest = worth(verdict, verdict.gaps[0]), LOWEST[density]
    if best < lowest:
        return replace(verdict, reason=f"its best card is worth {best:.2f}, below {lowest:.2f}")
    return verdict


def is_passable(verdict: Verdict) -> bool:
    """Whether a sentence that has a note already may go on as one with other answers than before."""
    is_dropped = any(f.drops for f in verdict.findings)
    return bool(verdict.gaps) and not is_dropped and worth(verdict, verdict.gaps[0]) >= PASSABLE


def worth(verdict: Verdict, gap: Gap) -> float:
    """How likely a card that hides this gap is one that an expert would keep, and more if it is of a definition."""
    return verdict.score * gap.score + (DEFINES if verdict.kind == "definition" else 0.0)


def limit(verdicts: Iterable[Verdict], limits: Limits) -> list[Verdict]:
    """Keep the best statements of one source, judged already, up to the recipe's limit, in their order."""
    judged = list(verdicts)
    if limits.notes_per_source is None:
        return judged
    kept = [i for i, v in enumerate(judged) if v.reason is None]
    best = sorted(kept, key=lambda i: (-worth(judged[i], judged[i].gaps[0]), i))[: limits.notes_per_source]
    over = set(kept) - set(best)
    reason = f"over the limit of {limits.notes_per_source} notes a source"
    return [replace(v, reason=reason) if i in over else v for i, v in enumerate(judged)]


def gaps(verdict: Verdict, limits: Limits, density: Density) -> tuple[Gap, ...]:
    """The gaps of a note, in the order of the text: the best, and those nearly as good, up to the recipe's limit.

    All that the author marked are asked.
    """
    if not verdict.gaps or verdict.marked:
        return verdict.gaps
    lowest = LOWEST[density] + FURTHER
    further = [g for g in verdict.gaps[1:] if worth(verdict, g) >= lowest]
    chosen = [verdict.gaps[0], *further][: limits.cards_per_note]
    return tuple(sorted(chosen, key=lambda g: g.start))


@dataclass(frozen=True, slots=True)
class Others:
    """Statements that a deck has besides those that are looked at."""

    common: Mapping[str, int] = field(default_factory=dict)
    """How many sources have a word."""
    having: Callable[[Set[str]], Iterable[Draft]] = lambda _: ()
    """Those that have one of these words, or more of them."""


def once(
    drafts: Sequence[Draft], staying: Collection[int], others: Others = Others()
) -> tuple[list[Draft], dict[int, str]]:
    """Leave out what repeats or contradicts another statement of the deck; of each its index, and the other's source.

    Those that are `staying`, and `others` that the deck has, come first.
    """
    new = [i for i, draft in enumerate(drafts) if i not in staying and draft.verdict.reason is None]
    judged, beside = list(drafts), dict[int, str]()
    deck = _Deck([drafts[i] for i in new], others.common)
    if new and (staying or others.common):
        telling = deck.telling(drafts[i] for i in new)
        for draft in chain((drafts[i] for i in sorted(staying)), others.having(telling)):
            # Most are like none of the new ones.
            if not telling.isdisjoint(words(draft)):
                deck.add(draft)
    for index in new:
        draft = drafts[index]
        repeated = deck.repeats(draft)
        if repeated is None:
            deck.add(draft)
        elif not draft.verdict.kept:
            finding, beside[index] = repeated
            found = (*draft.verdict.findings, finding)
            judged[index] = replace(draft, verdict=replace(draft.verdict, reason=finding.message, findings=found))
    return judged, beside


def repeating(drafts: Sequence[Draft], others: Others) -> set[str]:
    """The sources of the others that repeat or contradict one of these statements."""
    deck = _Deck(drafts, others.common)
    for draft in drafts:
        deck.add(draft)
    return {draft.source.path for draft in others.having(deck.telling(drafts)) if deck.repeats(draft)}


class _Deck:
    """The statements that a deck already has, so that each is kept once and no card contradicts another."""

    def __init__(self, new: Sequence[Draft], common: Mapping[str, int]) -> None:
        """`new` are all that will be asked about, or all that the deck has; `common` tells how common a word is."""
        self._count = Counter(common)
        self._count.update(word for draft in new for word in set(normalised(draft.verdict.text).split()))
        self._same: dict[str, _Place] = {}
        self._near_ones: list[tuple[frozenset[str], _Place]] = []
        self._having: defaultdict[str, list[int]] = defaultdict(list)
        self._prompts: dict[str, tuple[tuple[str, _Place], ...]] = {}

    def telling(self, new: Iterable[Draft]) -> set[str]:
        """Words of which a statement has one if any of the new ones is like it."""
        found: set[str] = set()
        for draft in new:
            key = normalised(draft.verdict.text)
            found.update(self._rarest(_words(key)) or key.split())
            for question, _ in _asked(draft):
                found.update(self._rarest(question.split())[:1])
        return found

    def add(self, draft: Draft) -> None:
        """From now on a statement that is like this one is superfluous."""
        key, place = normalised(draft.verdict.text), (draft.source.path, draft.verdict.line)
        self._same.setdefault(key, place)
        for question, answer in _asked(draft):
            self._prompts[question] = (*self._prompts.get(question, ()), (answer, place))
        words = _words(key)
        for word in self._rarest(words):
            self._having[word].append(len(self._near_ones))
        self._near_ones.append((words, place))

    def repeats(self, draft: Draft) -> tuple[Finding, str] | None:
        """What makes a statement superfluous beside those of the deck, and the source of the one that does."""
        key = normalised(draft.verdict.text)
        if key in self._same:
            return _finding("same", self._same[key])
        near = self._near(_words(key))
        if near is not None:
            return _finding("near-duplicate", near)
        for question, answer in _asked(draft):
            for other, place in self._prompts.get(question, ()):
                if other != answer:
                    return _finding("same-prompt", place)
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


def _finding(rule: str, place: _Place) -> tuple[Finding, str]:
    path, line = place
    return lint.finding(rule, f"{path}:{line}"), path


def words(draft: Draft) -> set[str]:
    """All words of a statement and of what its cards ask."""
    return {word for text in (normalised(draft.verdict.text), *(q for q, _ in _asked(draft))) for word in text.split()}


def _words(key: str) -> frozenset[str]:
    return frozenset(key.split()) - _STOP


def _asked(draft: Draft) -> list[_Asked]:
    """What the cards of a note ask, and the answers."""
    text = draft.verdict.text
    return [(normalised(prompt(text, gap)), normalised(gap.text)) for gap in draft.gaps]


def prompt(text: str, gap: Gap) -> str:
    """What a card asks: its text without the answer."""
    return text[: gap.start] + " … " + text[gap.end :]


@lru_cache(1 << 14)
def normalised(text: str) -> str:
    """A text's words without case, punctuation and white space."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def _tells_apart(word: str) -> bool:
    return any(c.isdigit() for c in word) or word in ("not", "no", "never", "without", "left", "right")
