"""Extraction: the stages, in their order, that turn the passages of one source into sentence results."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

from tmscards.domain import (
    CharSpan,
    Extract,
    Gap,
    SentenceResult,
    Source,
    TokenSpan,
)
from tmscards.language import (
    answers,
    context,
    cuts,
    facts,
    hints,
    leads,
    lint,
    questions,
    statements,
)
from tmscards.language.ranker import Ranker
from tmscards.language.rating import Rating
from tmscards.language.reading import Sentence, sentences
from tmscards.language.wordpieces import LEAD
from tmscards.notes import positions, sources
from tmscards.text import occurrences, with_edits

if TYPE_CHECKING:
    from spacy.language import Language

DEFINES, TERM = 0.5, 0.5
"""A statement that so likely is a definition asks first what it defines, if an expert so likely keeps that card."""
LEFT_OUT = 0.4
"""A part of a sentence that an expert so likely leaves out is left out."""
LEAST_SHOWN = 4
"""Words; fewer beside an answer hardly ask for it, and then nothing is left out."""
EMPHASIS = 1.2
"""How much likelier what its author emphasised is to be asked."""


_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Engine:
    """The models that extraction needs."""

    nlp: Language
    ranker: Ranker
    pipeline: str | None = None
    """The name that the spaCy pipeline was loaded by; None for the default one."""


def load(pipeline: str | None = None) -> Engine:
    """Load the ranker and the spaCy pipeline of that name, or the default one. Raises UserError if the latter fails."""
    from tmscards.language import nlp, ranker

    return Engine(nlp.load(pipeline), ranker.load(), pipeline)


def extract(engine: Engine, source: Source, *, thorough: bool = False) -> Extract:
    """The sentence results and the timestamps of a source, which are the same for every deck.

    Sentences that card lint drops are rated, and hopeless ones read by all layers of the ranker, only if `thorough` is
    true; that makes no difference to any note.
    """
    ready, found = sentences(engine.nlp, source)
    # The ranker and the rules know the language of the pipeline alone.
    is_known = engine.pipeline is not None or source.lang.partition("-")[0].lower() in ("", engine.nlp.lang)
    rated = [s for s in found if is_known and s.item.spans]
    asked = [s for s in rated if thorough or _is_kept(s) or not any(f.drops for f in s.findings)]
    items = [replace(s.item, wanted=thorough or bool(_is_kept(s))) for s in asked]
    ratings = dict(zip(map(id, asked), engine.ranker.rate(items), strict=True))
    places = positions.Positions(ready)
    results = tuple(_result(source, places, s, ratings.get(id(s))) for s in found)
    return Extract(results, sources.stamps(source))


def _result(source: Source, places: positions.Positions, s: Sentence, rating: Rating | None) -> SentenceResult:
    passage, chars = s.passage, s.chars
    at = places.of(s.index, chars.start)
    result = SentenceResult(
        line=passage.line_at(chars.start),
        text=s.text,
        kind=None,
        score=0.0,
        findings=s.findings,
        seconds=at.seconds,
        end=at.end,
        approximate=at.approximate,
        url=at.url,
        above=context.titles(source.title, passage, leads.above(passage, s.form, s.lead, s.text)),
        abbreviations=tuple(long_form.abbreviation for long_form in s.introduced),
        see_also=tuple(link.words for link in passage.see_also_in(chars.start, chars.end)),
        headings=passage.headings,
        block=passage.block_id,
        form=s.form,
        lead=s.lead,
    )
    if _is_kept(s) is False:
        return replace(result, findings=(lint.SKIP.found(), *s.findings))
    marked = _by_hand(s)
    if marked:
        # Nobody knows what a deletion in or beside a picture asks, if the card has no picture.
        is_clear = not any(finding.rule == lint.PICTURE for finding in s.findings)
        lead = leads.edit(passage, s.form, s.lead, s.text)
        edits = (lead,) if lead else ()
        return replace(result, kind="fact", score=1.0, gaps=marked, kept=is_clear, marked=True, edits=edits)
    return _rated_result(result, s, rating)


def _rated_result(result: SentenceResult, s: Sentence, rating: Rating | None) -> SentenceResult:
    """The result of a sentence that its author has not marked, with what its form and the ranker say of it."""
    passage, drops = s.passage, any(finding.drops for finding in s.findings)
    by_form = () if rating or drops else tuple(leads.gaps(passage, s.chars))
    if not s.item.spans and not by_form:
        return replace(result, kind=statements.kind(s.sent, 0.0))
    # A sentence that is not rated may still have a note from an earlier build, which has to stand alone too.
    standing = context.stand_alone(passage, s.sent, s.refers, s.before)
    if lead := leads.edit(passage, s.form, s.lead, s.text):
        standing = replace(standing, edits=(lead, *standing.edits), before="", refers_to=None)
    result = replace(result, edits=standing.edits, before=standing.before, kept=bool(_is_kept(s)))
    if rating is None:
        score = max((gap.score for gap in by_form), default=0.0)
        return replace(result, kind=statements.kind(s.sent, 0.0), score=score, gaps=by_form)
    unresolved = [lint.UNRESOLVED.found(standing.refers_to)] if standing.refers_to else []
    if leads.is_cut_off(passage, s.form, s.lead, s.text):
        unresolved.append(lint.LONG_LEAD.found())
    gaps = tuple(_gaps(s, rating, standing))
    second = None if _is_kept(s) or "whole" in _says(s) or s.form != "sentence" or lead else facts.second(s.sent)
    if second and any(facts.crosses(gap, second) for gap in gaps):
        second = None
    return replace(
        result,
        second=second,
        kind=statements.kind(s.sent, rating.definition),
        score=max((gap.score for gap in gaps), default=0.0),
        gaps=gaps,
        findings=(*s.findings, *unresolved, *lint.shown(with_edits(s.text, standing.edits))),
    )


def _is_kept(s: Sentence) -> bool | None:
    """Whether a comment in or right after a sentence says keep (True) or skip (False); None if there is none.

    Whoever highlights a whole sentence wants a card of it, and not one that hides all of it.
    """
    said = [says == "keep" for says in _says(s) if says != "whole"]
    return said[-1] if said else any(_is_whole(s, h) for h in s.passage.highlights) or None


def _is_whole(s: Sentence, place: CharSpan) -> bool:
    """Whether a place in the passage of a sentence has all words of it."""
    start, end = place.start - s.chars.start, place.end - s.chars.start
    return not _WORD.search(s.text[: max(0, start)] + " " + s.text[max(0, end) :])


def _says(s: Sentence) -> list[str]:
    """What the comments in or right after a sentence say."""
    start = s.chars.start
    return [w.says for w in s.passage.waivers if start < w.offset <= s.chars.end or w.offset == start == 0]


def _by_hand(s: Sentence) -> tuple[Gap, ...]:
    """The gaps that the author chose: the cloze deletions as written, and the highlights beside them."""
    base = s.chars.start

    def gap(place: CharSpan, hint: str, number: int | None = None) -> Gap:
        words = s.passage.text[place.start : place.end]
        return Gap(place.start - base, place.end - base, words, 1.0, hint=hint, number=number)

    # They come in the order in which they end; one that holds another is written around it.
    clozes = [c for c in reversed(s.passage.clozes) if s.chars.holds(c)]
    clozes.sort(key=lambda c: (c.start, -c.end))
    begins = sorted(c.start for c in clozes)
    ends = sorted(c.end for c in clozes)
    # A highlight overlaps a deletion if fewer of them have ended before it than have begun before its end.
    beside = [
        h
        for h in s.passage.highlights
        if s.chars.holds(h) and bisect_right(ends, h.start) == bisect_left(begins, h.end) and not _is_whole(s, h)
    ]
    found = [gap(c, c.hint, c.number) for c in clozes] + [gap(h, hints.of(s.passage.text, h)) for h in beside]
    # A deletion may hold white space alone, which no card can ask for.
    return tuple(each for each in found if each.text.strip())


def _gaps(s: Sentence, rating: Rating, standing: context.Standing) -> Iterator[Gap]:
    """The gaps of a sentence that a card may ask for, the best first; none of them overlap."""
    shown = " ".join((standing.before, *(edit.text for edit in standing.edits)))
    taken = _Taken(len(s.text), standing.edits)
    words = answers.SentenceWords(s.sent)
    introduced = {form.place: form.abbreviation.short for form in s.introduced}
    is_short = bool(rating.left_out) and "whole" not in _says(s)
    left_out = dict(zip(s.item.spans, rating.left_out, strict=True)) if is_short else {}
    rated = _rated(s, rating)
    term = _term(s, rating, rated)
    rated.sort(key=lambda each: each[2] != term)
    for likely, at, span in rated:
        if span == LEAD:
            if not questions.leaks(s.item.context[0], s.text):
                yield Gap(0, 0, s.item.context[0], round(likely, 3))
            continue
        if taken.overlaps(at):
            continue
        # If only a part of a long form is hidden, the rest of it and the short form give the answer away.
        if any(form.place.holds(at) and form.place != at for form in s.introduced):
            continue
        answer, short = words.look(span), introduced.get(at)
        place = answers.whole(s.text, at, introduced)
        text = s.text[place.start : place.end]
        if answer.fault or questions.leaks(text, shown):
            continue
        again = (*answer.repeats, *(occurrences(short, s.text) if short else ()))
        repeats = tuple(repeat for repeat in again if not repeat.overlaps(place))
        if any(map(taken.overlaps, (place, *repeats))):
            continue
        taken.add(place, *repeats)
        hint = hints.of(s.text, place)
        gap = Gap(place.start, place.end, text, round(likely, 3), repeats, hint, term=span == term)
        yield replace(gap, cuts=_cuts(s, gap, left_out[span])) if span in left_out else gap


def _cuts(s: Sentence, gap: Gap, likely: Sequence[float]) -> tuple[CharSpan, ...]:
    """What a card that asks for a gap leaves out, by how likely an expert leaves out each part of its sentence."""
    chosen, shown = list[CharSpan](), s.text[: gap.start] + s.text[gap.end :]
    for part, each in zip(s.item.parts, likely, strict=True):
        place = cuts.place(s.sent, part)
        words = s.text[place.start : place.end]
        is_free = not any(map(place.overlaps, (*gap.places, *chosen)))
        # Behind a term, a clause says what it is; only what stands in brackets may go.
        is_cue = gap.term and not words.lstrip().startswith("(")
        if each >= LEFT_OUT and is_free and not is_cue and words.count("(") == words.count(")"):
            chosen.append(place)
            shown = shown.replace(words, "", 1)
    return tuple(chosen) if len(_WORD.findall(shown)) >= LEAST_SHOWN else ()


def _term(s: Sentence, rating: Rating, rated: Sequence[tuple[float, CharSpan, TokenSpan]]) -> TokenSpan | None:
    """The best span of what a definition defines; None if it is no definition, or nobody would keep such a card."""
    named = statements.term(s.sent) if rating.definition >= DEFINES else None
    spans = [(likely, span) for likely, _, span in rated if named and span != LEAD and span.end <= named.end]
    likely, span = max(spans, key=lambda each: each[0], default=(0.0, None))
    return span if likely >= TERM else None


class _Taken:
    """Which characters of a sentence are taken."""

    def __init__(self, size: int, places: Iterable[CharSpan]) -> None:
        self._taken = bytearray(size)
        self.add(*places)

    def add(self, *places: CharSpan) -> None:
        """Take these places."""
        for place in places:
            self._taken[place.start : place.end] = b"\1" * (place.end - place.start)

    def overlaps(self, place: CharSpan) -> bool:
        """Whether a character of this place is taken."""
        return any(self._taken[place.start : place.end])


def _rated(s: Sentence, rating: Rating) -> list[tuple[float, CharSpan, TokenSpan]]:
    """The spans of a sentence as likelihood, characters and tokens, what an expert would ask first.

    What the author emphasised comes before what did as well without that.
    """
    strong = {CharSpan(e.start - s.chars.start, e.end - s.chars.start) for e in s.passage.emphasis}
    rated = []
    for span, kept, asked in zip(s.item.spans, rating.gaps, rating.asked, strict=True):
        place = CharSpan(0, 0) if span == LEAD else s.place(span)
        rated.append((sqrt(kept * asked) * (EMPHASIS if place in strong else 1), kept, place, span))
    rated.sort(key=lambda r: (-r[0], r[2].start, r[2].end))
    return [(kept, place, span) for _, kept, place, span in rated]
