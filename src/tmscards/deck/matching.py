"""Which sentence of today is which note on record, so that a note keeps its guid through every edit.

In this order: the same words; the same block id; words that are alike, one to one; the same words in another source;
and words that are alike in the source that a vanished one became. What could as well be another is not matched.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tmscards.anki import clozes
from tmscards.deck import numbering
from tmscards.deck.selection import is_passable
from tmscards.domain import Candidate, Record, SourcePath, SourceRecords
from tmscards.text import normalised

ALIKE = 0.6
"""How alike two sentences are from which on one may be the other, edited."""
ALIKE_WITH_ANSWERS = 0.45
"""The same, where the sentence of today has every answer that the note asks for."""
ALIKE_UNCHOSEN = 0.7
"""The same, where no new note would be made of that sentence: one that stood there all along is no edited one."""
SURE = 0.9
"""How alike a sentence is to one that it holds word for word, and from which on other notes may be as like it: of two
sentences that were joined, one goes on as both."""
TOO_CLOSE = 0.05
"""A note that is nearly as like another sentence, by this much, could be either."""

_Key = tuple[SourcePath, int]
"""A note on record: the path of its source, and its place there."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Which candidates are which notes on record."""

    known: Mapping[int, tuple[SourcePath, Record]]
    """By the index of the candidate, with the path of the source that the note was on record for."""
    gone: Sequence[tuple[SourcePath, Record]]
    """The other notes on record, with the path of their source."""
    unsure: Sequence[tuple[SourcePath, Record]]
    """Those of them that could be either of two sentences, so that they were taken for neither."""


def match(candidates: Sequence[Candidate], on_record: Mapping[SourcePath, SourceRecords]) -> Matching:
    """Find for each note on record the candidate that is its sentence today. Each goes to one at most."""
    matcher = _Matcher(candidates, on_record)
    matcher.same_words(across=False)
    matcher.same_block()
    for path in on_record:
        matcher.alike(path, path)
    moves = matcher.same_words(across=True)
    for path in sorted(on_record.keys() - {candidate.source.path for candidate in candidates}):
        heirs = Counter({new: count for (old, new), count in moves.items() if old == path})
        for heir, _ in heirs.most_common(1):
            matcher.alike(path, heir)
    gone = [(key, note) for key, note in matcher.records.items()]
    return Matching(
        matcher.known,
        [(path, note) for (path, _), note in gone],
        [(key[0], note) for key, note in gone if key in matcher.unsure],
    )


def similarity(a: str, b: str) -> float:
    """How alike two sentences are, from 0 to 1, by the words that they have in the same order.

    It is the normalised Indel similarity of their words; or of their letters where that tells more, as it does of a
    sentence with a misspelt word. Unrelated sentences share half of their letters.
    """
    from rapidfuzz.distance import Indel

    first, second = normalised(a), normalised(b)
    words: float = Indel.normalized_similarity(first.split(), second.split())
    letters: float = Indel.normalized_similarity(first, second)
    return max(words, 2 * letters - 1, SURE if _goes_on(first, second) else 0.0)


def _goes_on(before: str, now: str) -> bool:
    """Whether a sentence goes on word for word: with more to it, or as at least half of itself."""
    if before.count(" ") >= 3 and f" {before} " in f" {now} ":
        return True
    return f" {now} " in f" {before} " and now.count(" ") >= max(3, before.count(" ") / 2)


class _Matcher:
    """The notes and candidates that are still to be matched."""

    def __init__(self, candidates: Sequence[Candidate], on_record: Mapping[SourcePath, SourceRecords]) -> None:
        self.candidates = candidates
        self._of_source = defaultdict(list)
        for index, candidate in enumerate(candidates):
            self._of_source[candidate.source.path].append(index)
        self.records = {(path, i): note for path, file in on_record.items() for i, note in enumerate(file.notes)}
        self.known: dict[int, tuple[SourcePath, Record]] = {}
        self.unsure: set[_Key] = set()

    def same_words(self, *, across: bool) -> Counter[tuple[SourcePath, SourcePath]]:
        """Match sentences that say the same, in their order; counts how many went from which source to which.

        Where more sentences say the same than there are notes of it, those come first that a note would be made of: it
        was made of one of them.
        """
        free = defaultdict(list)
        for key, note in self.records.items():
            free["" if across else key[0], normalised(note.sentence)].append(key)
        saying = defaultdict(list)
        for index, candidate in self._free_drafts() if free else ():
            words = ("" if across else candidate.source.path, normalised(candidate.result.text))
            if words in free:
                saying[words].append(index)
        moves: Counter[tuple[SourcePath, SourcePath]] = Counter()
        for words, indices in saying.items():
            keys = free[words]
            first = sorted(indices, key=lambda index: self.candidates[index].reason is not None)[: len(keys)]
            for index, key in zip(sorted(first), keys, strict=False):
                moves[key[0], self.candidates[index].source.path] += 1
                self._pair(index, key)
        return moves

    def same_block(self) -> None:
        """Match what is left of a block whose author gave it an id, where one sentence and one note are left of it."""
        notes, found = defaultdict(list), defaultdict(list)
        for key, note in self.records.items():
            notes[key[0], note.block].append(key)
        for index, candidate in self._free_drafts():
            found[candidate.source.path, candidate.result.block].append(index)
        for block, keys in notes.items():
            indices = found[block]
            if block[1] and len(keys) == len(indices) == 1 and self._has_answers(keys[0], indices[0]):
                self._pair(indices[0], keys[0])

    def alike(self, old: SourcePath, new: SourcePath) -> None:
        """Match the notes on record of one source with the sentences of another, or the same, that they are like."""
        keys = [key for key in self.records if key[0] == old]
        indices = [index for index in self._of_source[new] if index not in self.known] if keys else []
        scores = {(k, i): score for k in keys for i in indices if (score := self._likeness(k, i))}
        for (key, index), score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
            if key not in self.records or index in self.known or key in self.unsure:
                continue
            rivals = [(k, i) for k, i in scores if k in self.records and i not in self.known]
            rivals = [
                (k, i) for k, i in rivals if (k == key and i != index) or (i == index and k != key and score < SURE)
            ]
            if any(scores[pair] > score - TOO_CLOSE for pair in rivals):
                self.unsure.add(key)
            else:
                self._pair(index, key)

    def _likeness(self, key: _Key, index: int) -> float:
        """How alike a note and a candidate are; 0 if not alike enough to be the same."""
        result, is_chosen = self.candidates[index].result, self.candidates[index].reason is None
        alike = similarity(self.records[key].sentence, result.text)
        if alike < ALIKE_WITH_ANSWERS:
            return 0.0
        if self._has_answers(key, index):
            return alike + TOO_CLOSE if is_chosen or alike >= ALIKE_UNCHOSEN else 0.0
        least = ALIKE if is_chosen else ALIKE_UNCHOSEN
        return alike if alike >= least and (is_passable(result) or self._has_answers(key, index, any)) else 0.0

    def _has_answers(self, key: _Key, index: int, how_many: Callable[[Iterable[object]], bool] = all) -> bool:
        """Whether a sentence has all the answers that a note asks for, or any."""
        text = self.candidates[index].result.text
        return how_many(numbering.locate(answer, text) for answer in clozes.answers(self.records[key].text).values())

    def _free_drafts(self) -> Iterator[tuple[int, Candidate]]:
        return ((index, candidate) for index, candidate in enumerate(self.candidates) if index not in self.known)

    def _pair(self, index: int, key: _Key) -> None:
        self.known[index] = (key[0], self.records.pop(key))
