"""Two notes of one sentence: a sentence that states two facts becomes two statements, each with a note of its own.

The first keeps the words of the whole sentence, by which its note is found again, and its card leaves the second fact
out. The second is what extraction says the second fact is (`SentenceResult.second`). Where the note of a sentence shows
all of it, as the recipe may ask, or as notes of earlier versions do, there is no second one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tmscards.deck.recipes import Shown
from tmscards.domain import Candidate, CharSpan, Gap, Record, SentenceResult, SourcePath
from tmscards.language import lint

_JOIN = re.compile(r"[,;]\s*(?:and|but|while|whereas)?\s*$")


def statements(results: Iterable[SentenceResult], shown: Shown | None) -> Iterator[SentenceResult]:
    """The sentence results of a source, with two in place of each sentence that states two facts.

    `shown` is what the recipe says about how much of its sentence a note shows.
    """
    for result in results:
        if result.second is None:
            yield result
            continue
        behind = _second(result, result.second)
        if shown == "whole":
            yield replace(result, second=None)
            yield _shown_by_other(behind)
        else:
            yield _first(result, result.second)
            yield behind


def apart(candidates: Sequence[Candidate], known: Mapping[int, tuple[SourcePath, Record]]) -> list[Candidate]:
    """The candidates, changed so that of two notes of one sentence neither asks for what the other one shows.

    `known` has the notes on record by the index of their candidate. Two candidates of one sentence follow each other.
    """
    found = list(candidates)
    for i, candidate in enumerate(candidates):
        if candidate.result.within is None or i - 1 not in known:
            continue
        if i in known:
            begins = candidate.result.within.start
            found[i - 1] = replace(found[i - 1], gaps=tuple(g for g in found[i - 1].gaps if g.end <= begins))
        elif not _leaves_out_end(known[i - 1][1]):
            finding = lint.SHOWN_BY_OTHER.found()
            result = replace(candidate.result, findings=(*candidate.result.findings, finding))
            found[i] = replace(candidate, result=result, reason=finding.message)
    return found


def _first(result: SentenceResult, second: CharSpan) -> SentenceResult:
    """The statement of the first fact: a sentence of whose gaps and cuts those in the second fact are left out."""
    join = _JOIN.search(result.text[: second.start])
    begins = join.start() if join else second.start
    behind = CharSpan(begins, len(result.text.rstrip(".!")))
    gaps = tuple(
        replace(gap, cuts=(*(cut for cut in gap.cuts if cut.end <= begins), behind))
        for gap in result.gaps
        if all(each.end <= begins for each in gap.places)
    )
    return replace(result, gaps=gaps, score=_best(gaps), second=None)


def _second(result: SentenceResult, place: CharSpan) -> SentenceResult:
    """The statement of the second fact, as if it stood in the source by itself."""
    text = result.text[place.start : place.end]
    first = text.partition(" ")[0]
    if first.islower():
        text = text[0].upper() + text[1:]
    findings = tuple(finding for finding in result.findings if finding.rule != lint.UNRESOLVED.id)
    gaps = tuple(_moved(gap, text, place) for gap in result.gaps if all(map(place.holds, gap.places)))
    return replace(
        result,
        text=text,
        gaps=gaps,
        score=_best(gaps),
        edits=(),
        findings=findings,
        before="",
        block=None,
        second=None,
        within=place,
    )


def _moved(gap: Gap, text: str, place: CharSpan) -> Gap:
    """A gap of a sentence as one of a stretch of it."""

    def moved(spans: Iterable[CharSpan]) -> tuple[CharSpan, ...]:
        return tuple(CharSpan(s.start - place.start, s.end - place.start) for s in spans if place.holds(s))

    start, end = gap.start - place.start, gap.end - place.start
    return replace(gap, start=start, end=end, text=text[start:end], repeats=moved(gap.repeats), cuts=moved(gap.cuts))


def _shown_by_other(result: SentenceResult) -> SentenceResult:
    return replace(result, findings=(*result.findings, lint.SHOWN_BY_OTHER.found()))


def _leaves_out_end(record: Record) -> bool:
    """Whether a note leaves out the end of its sentence."""
    return bool(record.left_out) and record.left_out[-1] >= len(record.sentence.rstrip(".!"))


def _best(gaps: Iterable[Gap]) -> float:
    return max((gap.score for gap in gaps), default=0.0)
