"""Matches today's sentences with the notes on record, so that a note keeps its guid through every edit.

It looks for these, in this order: the same words; the same block id; similar words, one to one; the same words in
another source; and, if a source has vanished, similar words in the source that most of its notes moved to. A note that
could just as well be another sentence is not matched.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tmscards.anki import clozes
from tmscards.deck import numbering
from tmscards.deck.selection import is_passable
from tmscards.domain import Candidate, Record, SourcePath, SourceRecords
from tmscards.language import cuts
from tmscards.text import normalised, with_edits

ALIKE = 0.6
"""The least similarity (0 to 1) at which one sentence may be an edited form of another."""
ALIKE_WITH_ANSWERS = 0.45
"""The same, where today's sentence has every answer that the note asks for."""
ALIKE_UNCHOSEN = 0.7
"""The same, where no new note would be made of today's sentence: it may have been there all along, unedited."""
SURE = 0.9
"""The least similarity of two sentences if one contains the other word for word.

From this similarity upwards, other notes that are as similar to the same sentence are not rivals: if two sentences were
joined, the note of one of them continues.
"""
TOO_CLOSE = 0.05
"""A note could be either of two sentences if their similarities to it differ by less than this."""
LONGEST = 5_000
"""Letters of a text that are compared; no sentence in real notes has more."""
MOST_PAIRS = 1_000_000
"""Notes times sentences of one source that are compared each with each; of more, those that share their rare words."""
MOST_SHARING = 100
"""So many sentences at most share a rare word with a note that is compared with them."""

_Key = tuple[SourcePath, int]
"""A note on record: the path of its source, and its index among the notes of that source."""
_Pair = tuple[_Key, int]
"""A note on record, and the index of a candidate that could be its sentence."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Which candidates are the sentences of which notes on record."""

    known: Mapping[int, tuple[SourcePath, Record]]
    """The notes by the index of their candidate, each with the path of the source that it was on record for."""
    gone: Sequence[tuple[SourcePath, Record]]
    """The notes on record without a candidate, each with the path of its source."""
    unsure: Sequence[tuple[SourcePath, Record]]
    """Those of `gone` that could be either of two sentences, and so were matched with neither."""


def match(candidates: Sequence[Candidate], on_record: Mapping[SourcePath, SourceRecords]) -> Matching:
    """Match each note on record with the candidate that is its sentence today. A candidate gets one note at most."""
    matcher = _Matcher(candidates, on_record)
    matcher.same_words(across=False)
    matcher.same_block()
    for path in on_record:
        matcher.alike(path, path)
    moves = matcher.same_words(across=True)
    for path in sorted(on_record.keys() - {candidate.source.path for candidate in candidates}):
        for heir, _ in moves[path].most_common(1):
            matcher.alike(path, heir)
    gone = [(key, note) for key, note in matcher.records.items()]
    return Matching(
        matcher.known,
        [(path, note) for (path, _), note in gone],
        [(key[0], note) for key, note in gone if key in matcher.unsure],
    )


def similarity(a: str, b: str, *, as_part: bool = True) -> float:
    """How similar two sentences are, from 0 to 1, by the words that they have in the same order.

    `as_part` says whether the second may be what is left of the first.

    This is the normalised Indel similarity of their words; or of their letters where that is higher, as it is for a
    sentence with a misspelt word. Letters count only above one half, as unrelated sentences share half of theirs. Of
    texts that are longer than sentences, the first `LONGEST` letters count.
    """
    from rapidfuzz.distance import Indel

    first, second = normalised(a)[:LONGEST], normalised(b)[:LONGEST]
    words: float = Indel.normalized_similarity(first.split(), second.split())
    letters: float = Indel.normalized_similarity(first, second)
    return max(words, 2 * letters - 1, SURE if _goes_on(first, second, as_part=as_part) else 0.0)


def _goes_on(before: str, now: str, *, as_part: bool) -> bool:
    """Whether a sentence is still there word for word: all of it with words added, or at least half of it."""
    if before.count(" ") >= 3 and f" {before} " in f" {now} ":
        return True
    return as_part and f" {now} " in f" {before} " and now.count(" ") >= max(3, before.count(" ") / 2)


class _Matcher:
    """The notes and candidates that are still to be matched."""

    def __init__(self, candidates: Sequence[Candidate], on_record: Mapping[SourcePath, SourceRecords]) -> None:
        self.candidates = candidates
        self._of_source = defaultdict(list)
        for index, candidate in enumerate(candidates):
            self._of_source[candidate.source.path].append(index)
        self._keys = {path: [(path, i) for i in range(len(file.notes))] for path, file in on_record.items()}
        self.records = {(path, i): on_record[path].notes[i] for keys in self._keys.values() for path, i in keys}
        self.known: dict[int, tuple[SourcePath, Record]] = {}
        self.unsure: set[_Key] = set()

    def same_words(self, *, across: bool) -> Mapping[SourcePath, Counter[SourcePath]]:
        """Match sentences that have the same words, in their order, within a source or (`across`) between sources.

        Returns, by the source that notes were in, how many went to which source. Where more sentences have the same
        words than notes, those that a note would be made of come first, as the notes were made of such sentences.
        """
        free = defaultdict(list)
        for key, note in self.records.items():
            free["" if across else key[0], normalised(note.sentence)].append(key)
        saying = defaultdict(list)
        for index, candidate in self._free_candidates() if free else ():
            words = ("" if across else candidate.source.path, normalised(candidate.result.text))
            if words in free:
                saying[words].append(index)
        moves: defaultdict[SourcePath, Counter[SourcePath]] = defaultdict(Counter)
        for words, indices in saying.items():
            keys = free[words]
            first = sorted(indices, key=lambda index: self.candidates[index].reason is not None)[: len(keys)]
            for index, key in zip(sorted(first), keys, strict=False):
                moves[key[0]][self.candidates[index].source.path] += 1
                self._pair(index, key)
        return moves

    def same_block(self) -> None:
        """Match the note and the sentence of a block with an id, if just one of each is still to be matched there."""
        notes, found = defaultdict(list), defaultdict(list)
        for key, note in self.records.items():
            notes[key[0], note.block].append(key)
        for index, candidate in self._free_candidates():
            found[candidate.source.path, candidate.result.block].append(index)
        for block, keys in notes.items():
            indices = found[block]
            if block[1] and len(keys) == len(indices) == 1 and self._has_answers(keys[0], indices[0]):
                self._pair(indices[0], keys[0])

    def alike(self, old: SourcePath, new: SourcePath) -> None:
        """Match notes on record of the source `old` with similar sentences of `new`, which may be the same source."""
        keys = [key for key in self._keys[old] if key in self.records]
        indices = [index for index in self._of_source[new] if index not in self.known] if keys else []
        scores = {(k, i): score for k, i in self._pairs(keys, indices) if (score := self._likeness(k, i))}
        best = sorted(scores, key=lambda pair: (-scores[pair], pair))
        of_note: defaultdict[_Key, list[_Pair]] = defaultdict(list)
        of_sentence: defaultdict[int, list[_Pair]] = defaultdict(list)
        for key, index in best:
            of_note[key].append((key, index))
            of_sentence[index].append((key, index))
        for key, index in best:
            if key not in self.records or index in self.known or key in self.unsure:
                continue
            rivals = [self._rival((key, index), of_note[key])]
            if scores[key, index] < SURE:
                rivals.append(self._rival((key, index), of_sentence[index]))
            if any(rival and scores[rival] > scores[key, index] - TOO_CLOSE for rival in rivals):
                self.unsure.add(key)
            else:
                self._pair(index, key)

    def _rival(self, pair: _Pair, ordered: list[_Pair]) -> _Pair | None:
        """The best of these other pairs, which are ordered by likeness, that could still be matched; None without."""
        ordered[:] = ordered if self._is_free(ordered[0]) else [other for other in ordered if self._is_free(other)]
        return next((other for other in ordered if other != pair and self._is_free(other)), None)

    def _is_free(self, pair: _Pair) -> bool:
        return pair[0] in self.records and pair[1] not in self.known

    def _pairs(self, keys: Sequence[_Key], indices: Sequence[int]) -> Iterator[_Pair]:
        """Which notes to compare with which sentences: all with all or, if those are too many, what shares rare words.

        A word is the rarer, the fewer of the sentences have it. Of those that have a common word, the sentences around
        the note's old place count.
        """
        if len(keys) * len(indices) <= MOST_PAIRS:
            yield from product(keys, indices)
            return
        having: defaultdict[str, list[int]] = defaultdict(list)
        near = [indices[i * len(indices) // len(keys)] for i in range(len(keys))]
        for index in indices:
            for word in set(normalised(self.candidates[index].result.text).split()):
                having[word].append(index)
        for key, place in zip(keys, near, strict=True):
            words = {word for word in normalised(self.records[key].sentence).split() if word in having}
            found: dict[int, None] = {}
            for word in sorted(words, key=lambda word: (len(having[word]), word)):
                if len(found) < MOST_SHARING:
                    first = max(0, bisect_left(having[word], place) - MOST_SHARING // 2)
                    found |= dict.fromkeys(having[word][first : first + MOST_SHARING])
            yield from ((key, index) for index in found)

    def _likeness(self, key: _Key, index: int) -> float:
        """How similar a note and a candidate are; 0 if not similar enough to be the same."""
        result, is_chosen = self.candidates[index].result, self.candidates[index].reason is None
        note = self.records[key]
        # The second fact of a sentence is beside the sentence, and not what is left of it.
        alike = similarity(note.sentence, result.text, as_part=result.within is None)
        if note.left_out and alike < 1:
            # Its author may have deleted just what the note leaves out.
            alike = max(alike, similarity(with_edits(note.sentence, cuts.edits(note.cuts)), result.text))
        if alike < ALIKE_WITH_ANSWERS:
            return 0.0
        if self._has_answers(key, index):
            return alike + TOO_CLOSE if is_chosen or alike >= ALIKE_UNCHOSEN else 0.0
        least = ALIKE if is_chosen else ALIKE_UNCHOSEN
        return alike if alike >= least and (is_passable(result) or self._has_answers(key, index, any)) else 0.0

    def _has_answers(self, key: _Key, index: int, how_many: Callable[[Iterable[object]], bool] = all) -> bool:
        """Whether a sentence has all the answers that a note asks for or, if `how_many` is `any`, one of them."""
        text = self.candidates[index].result.text
        return how_many(numbering.locate(answer, text) for answer in clozes.answers(self.records[key].text).values())

    def _free_candidates(self) -> Iterator[tuple[int, Candidate]]:
        return ((index, candidate) for index, candidate in enumerate(self.candidates) if index not in self.known)

    def _pair(self, index: int, key: _Key) -> None:
        self.known[index] = (key[0], self.records.pop(key))
