"""Extraction: the stages, in their order, that turn the passages of one source into sentence results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tmscards.domain import (
    Abbreviation,
    CharSpan,
    Extract,
    Finding,
    Gap,
    HandCloze,
    Passage,
    SentenceResult,
    Source,
    TokenSpan,
)
from tmscards.language import abbreviations, answers, context, features, gaps, lint, questions, references, statements
from tmscards.language.nlp import annotate
from tmscards.language.ranker import Item, Ranker, Rating
from tmscards.language.references import Reference
from tmscards.language.sentences import noun_chunks
from tmscards.notes import passages, positions, sources
from tmscards.text import with_edits

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Span

STRONG, POSSIBLE = 1.0, 0.4
"""A gap that the author emphasised is rated `STRONG` if the ranker rates it `POSSIBLE` or higher."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The models that extraction needs."""

    nlp: Language
    ranker: Ranker
    pipeline: str | None = None
    """The name that the spaCy pipeline was loaded by; None for the default one."""


@dataclass(frozen=True, slots=True)
class LongForm:
    """An abbreviation that a sentence introduces."""

    abbreviation: Abbreviation
    place: CharSpan
    """Where the long form is in the sentence."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence on its way through the stages, with what was found in it so far."""

    index: int
    """Which passage of the source it is in, counted from 0."""
    passage: Passage
    sent: Span
    text: str
    """As people read it; what spaCy parsed has a placeholder for math."""
    before: tuple[Span, ...]
    """The sentences before it in its section, the nearest first."""
    introduced: tuple[LongForm, ...]
    findings: tuple[Finding, ...]
    refers: tuple[Reference, ...]
    item: Item
    """What the ranker reads; it has no spans if this is not a sentence of prose."""

    @property
    def chars(self) -> CharSpan:
        """Where it is in the text of its passage."""
        return CharSpan(self.sent.start_char, self.sent.start_char + len(self.text))

    def place(self, words: TokenSpan) -> CharSpan:
        """Convert a span of the sentence's tokens, counted from its first, to characters of its text."""
        span, base = self.sent[words.start : words.end], self.sent.start_char
        return CharSpan(span.start_char - base, span.end_char - base)


def load(pipeline: str | None = None) -> Engine:
    """Load the ranker and the spaCy pipeline of that name, or the default one. Raises UserError if the latter fails."""
    from tmscards.language import nlp, ranker

    return Engine(nlp.load(pipeline), ranker.load(), pipeline)


def extract(engine: Engine, source: Source, *, thorough: bool = False) -> Extract:
    """The sentence results and the timestamps of a source, which are the same for every deck.

    Sentences that card lint drops are rated only if `thorough` is true; that makes no difference to any note.
    """
    ready, found = sentences(engine.nlp, source)
    asked = [s for s in found if s.item.spans and (thorough or _is_kept(s) or not any(f.drops for f in s.findings))]
    ratings = dict(zip(map(id, asked), engine.ranker.rate([s.item for s in asked]), strict=True))
    places = positions.Positions(ready)
    results = tuple(_result(source, places, s, ratings.get(id(s))) for s in found)
    return Extract(results, sources.stamps(source))


def sentences(nlp: Language, source: Source) -> tuple[list[Passage], list[Sentence]]:
    """The passages of a source, and their sentences with what was found in each before the ranker rates them."""
    annotated = list(annotate(nlp, passages.read(source)))
    explained = {short.short for passage, _ in annotated for short, _, _ in abbreviations.find(passage.text)}
    explained.update(source.title.split())
    found: list[Sentence] = []
    section: tuple[tuple[str, ...], tuple[Span, ...]] = ((), ())
    for index, (passage, doc) in enumerate(annotated):
        if doc is None:
            before = section[1] if section[0] == passage.headings and passage.kind != "heading" else ()
            found.append(_unparsed(nlp, index, passage))
            section = (passage.headings, (found[-1].sent, *before)[:2])
            continue
        for sent in doc.sents:
            text = passage.text[sent.start_char : sent.end_char].rstrip()
            if not text:
                continue
            before = section[1] if section[0] == passage.headings and passage.kind != "heading" else ()
            introduced = tuple(LongForm(a, CharSpan(start, end)) for a, start, end in abbreviations.find(text))
            looked_at = lint.Sentence.of(passage, sent, explained)
            broken = lint.structural(looked_at)
            refers = tuple(references.find(sent))
            findings = (broken,) if broken else tuple(lint.check(looked_at))
            sentence = Sentence(index, passage, sent, text, before, introduced, findings, refers, Item((), ()))
            if not broken:
                sentence = replace(sentence, item=_item(source, sentence, looked_at))
            found.append(sentence)
            section = (passage.headings, (sent, *before)[:2])
    return [passage for passage, _ in annotated], found


def _unparsed(nlp: Language, index: int, passage: Passage) -> Sentence:
    """A passage that is one sentence, too long to be parsed. To those after it, it is three dots."""
    stand_in = nlp.make_doc("…")[:]
    return Sentence(index, passage, stand_in, passage.text.rstrip(), (), (), (lint.ENDLESS.found(),), (), Item((), ()))


def _item(source: Source, s: Sentence, looked_at: lint.Sentence) -> Item:
    titles, marked = _nearest_titles(source, s.passage), _marked(s)
    chunks = noun_chunks(s.sent)
    spans = gaps.candidates(s.passage, s.sent, chunks, marked)
    return Item(
        words=tuple(token.text for token in s.sent),
        spans=tuple(TokenSpan(span.start - s.sent.start, span.end - s.sent.start) for span in spans),
        context=titles,
        features=features.of_sentence(s.passage, s.sent, looked_at.cues, bool(s.introduced), bool(s.refers)),
        span_features=features.of_spans(s.passage, s.sent, chunks, spans, titles=" ".join(titles), marked=marked),
    )


def _marked(s: Sentence) -> list[CharSpan]:
    """Where the abbreviations are that a sentence introduces: first their long forms, then their short ones."""
    places = [long_form.place for long_form in s.introduced]
    for long_form in s.introduced:
        short = long_form.abbreviation.short
        at = s.text.find(short)
        places.append(CharSpan(at, at + len(short)))
    return places


def _nearest_titles(source: Source, passage: Passage) -> tuple[str, ...]:
    """The titles that the ranker reads together with a sentence."""
    return tuple(part for part in (source.title, *passage.headings[-1:], passage.label) if part)


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
        approximate=at.approximate,
        url=at.url,
        above=context.titles(source.title, passage),
        abbreviations=tuple(long_form.abbreviation for long_form in s.introduced),
        see_also=tuple(link.words for link in passage.see_also_in(chars.start, chars.end)),
        headings=passage.headings,
        block=passage.block_id,
    )
    marked, kept = _by_hand(s), _is_kept(s)
    if kept is False:
        return replace(result, findings=(lint.SKIP.found(), *s.findings))
    if marked:
        return replace(result, kind="fact", score=1.0, gaps=marked, kept=True, marked=True)
    if not s.item.spans:
        return replace(result, kind=statements.kind(s.sent, 0.0))
    # A sentence that is not rated may still have a note from an earlier build, which has to stand alone too.
    standing = context.stand_alone(passage, s.sent, s.refers, s.before, rating.leans if rating else 0.0)
    if rating is None:
        return replace(result, kind=statements.kind(s.sent, 0.0), edits=standing.edits, before=standing.before)
    found = list(_gaps(s, rating, standing))
    unresolved = (lint.UNRESOLVED.found(standing.refers_to),) if standing.refers_to else ()
    return replace(
        result,
        kind=statements.kind(s.sent, rating.definition),
        score=round(rating.worthy, 3),
        gaps=tuple(found),
        edits=standing.edits,
        findings=(*s.findings, *unresolved, *lint.shown(with_edits(s.text, standing.edits))),
        kept=bool(kept),
        before=standing.before,
    )


def _is_kept(s: Sentence) -> bool | None:
    """Whether a comment in or right after a sentence says keep (True) or skip (False); None if there is none."""
    start = s.chars.start
    said = [w.keep for w in s.passage.waivers if start < w.offset <= s.chars.end or w.offset == start == 0]
    return said[-1] if said else None


def _by_hand(s: Sentence) -> tuple[Gap, ...]:
    """The gaps that the author chose: the cloze deletions as written or, if there are none, the highlights."""
    base = s.chars.start

    def text(place: CharSpan) -> str:
        return s.passage.text[place.start : place.end]

    def is_inside(place: CharSpan) -> bool:
        # A deletion may hold white space alone, which no card can ask for.
        return s.chars.holds(place) and bool(text(place).strip())

    clozes: list[HandCloze] = [c for c in s.passage.clozes if is_inside(c)]
    if clozes:
        return tuple(
            Gap(c.start - base, c.end - base, text(c), 1.0, hint=c.hint, number=c.number) for c in _outermost(clozes)
        )
    highlights = [h for h in s.passage.highlights if is_inside(h)]
    return tuple(Gap(h.start - base, h.end - base, text(h), 1.0, hint=questions.hint(text(h))) for h in highlights)


def _outermost(clozes: Sequence[HandCloze]) -> list[HandCloze]:
    """Those of these cloze deletions that no other one holds, in the same order."""
    held: set[int] = set()
    end, last = -1, -1
    for i in sorted(range(len(clozes)), key=lambda i: (clozes[i].start, -clozes[i].end)):
        if clozes[i].end <= end:
            held.add(i)
            if (clozes[i].start, clozes[i].end) == (clozes[last].start, end):
                held.add(last)
        else:
            end, last = clozes[i].end, i
    return [cloze for i, cloze in enumerate(clozes) if i not in held]


def _gaps(s: Sentence, rating: Rating, standing: context.Standing) -> Iterator[Gap]:
    """The gaps of a sentence that a card may ask for, the best first; none of them overlap."""
    shown = " ".join((standing.before, *(edit.text for edit in standing.edits)))
    taken = _Taken(len(s.text), standing.edits)
    words = answers.SentenceWords(s.sent)
    for likely, place, span in _rated(s, rating):
        if taken.overlaps(place):
            continue
        # If only a part of a long form is hidden, the rest of it and the short form give the answer away.
        if any(form.place.holds(place) and form.place != place for form in s.introduced):
            continue
        text = s.text[place.start : place.end]
        answer = words.look(span)
        if answer.fault or questions.leaks(text, shown):
            continue
        if any(map(taken.overlaps, answer.repeats)):
            continue
        taken.add(place, *answer.repeats)
        yield Gap(place.start, place.end, text, round(likely, 3), answer.repeats, questions.hint(text))


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
    """The spans of a sentence as likelihood, characters and tokens, the best first; emphasis can make one `STRONG`."""
    strong = {CharSpan(e.start - s.chars.start, e.end - s.chars.start) for e in s.passage.emphasis}
    rated = []
    for span, likely in zip(s.item.spans, rating.gaps, strict=True):
        place = s.place(span)
        rated.append((STRONG if likely >= POSSIBLE and place in strong else likely, place, span))
    return sorted(rated, key=lambda r: (-r[0], r[1].start, r[1].end))
