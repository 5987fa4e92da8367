"""Owns what becomes of the sentences of one source: the order of the stages from its passages to verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tmscards.deck import selection
from tmscards.deck.recipes import Density
from tmscards.domain import Abbreviation, Finding, Gap, HandCloze, Passage, Source, Verdict
from tmscards.domain import Span as Place
from tmscards.language import abbreviations, answers, context, features, gaps, lint, references, statements
from tmscards.language.nlp import annotate
from tmscards.language.ranker import Item, Ranker, Rating
from tmscards.language.references import Reference
from tmscards.notes import passages, positions

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Span

STRONG, POSSIBLE = 1.0, 0.4
"""What a gap that the author emphasised is worth, once the ranker thinks it possible."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The models that extraction needs."""

    nlp: Language
    ranker: Ranker
    pipeline: str | None = None
    """The name that it was loaded by."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence on its way, with what was found in it so far."""

    index: int
    """Of its passage."""
    passage: Passage
    sent: Span
    text: str
    """As people read it; spaCy parsed a stand-in for math."""
    before: tuple[Span, ...]
    """The sentences before it in its section, the nearest first."""
    introduced: tuple[tuple[Abbreviation, int, int], ...]
    findings: tuple[Finding, ...]
    refers: tuple[Reference, ...]
    item: Item
    """What the ranker reads; without spans if it is no sentence of prose."""

    def place(self, start: int, end: int) -> Place:
        """Words of the sentence as characters of its text."""
        span, base = self.sent[start:end], self.sent.start_char
        return Place(span.start_char - base, span.end_char - base)


def load(pipeline: str | None = None) -> Engine:
    """Load the spaCy pipeline of that name, or the default one, and the ranker. Raises UserError."""
    from tmscards.language import nlp, ranker

    return Engine(nlp.load(pipeline), ranker.load(), pipeline)


def explain(engine: Engine, source: Source, density: Density = "normal", *, thorough: bool = False) -> list[Verdict]:
    """What becomes of each sentence of a source before the deck as a whole is looked at.

    Sentences that card lint drops are rated only if it is to be `thorough`; it makes no difference to any note.
    """
    ready, found = sentences(engine.nlp, source)
    asked = [s for s in found if s.item.spans and (thorough or _is_kept(s) or not any(f.drops for f in s.findings))]
    ratings = dict(zip(map(id, asked), engine.ranker.rate([s.item for s in asked]), strict=True))
    return [selection.judge(_verdict(source, ready, s, ratings.get(id(s))), density) for s in found]


def sentences(nlp: Language, source: Source) -> tuple[list[Passage], list[Sentence]]:
    """The passages of a source, and their sentences with what was found in each, before any is rated."""
    annotated = list(annotate(nlp, passages.read(source)))
    explained = {short.short for passage, _ in annotated for short, _, _ in abbreviations.find(passage.text)}
    explained.update(source.title.split())
    found: list[Sentence] = []
    section: tuple[tuple[str, ...], tuple[Span, ...]] = ((), ())
    for index, (passage, doc) in enumerate(annotated):
        for sent in doc.sents:
            text = passage.text[sent.start_char : sent.end_char].rstrip()
            if not text:
                continue
            before = section[1] if section[0] == passage.headings and passage.kind != "heading" else ()
            introduced = tuple(abbreviations.find(text))
            findings, refers = tuple(lint.sentence(passage, sent, explained)), tuple(references.find(sent))
            sentence = Sentence(index, passage, sent, text, before, introduced, findings, refers, Item((), ()))
            is_prose = lint.structural(passage, sent) is None
            found.append(replace(sentence, item=_item(source, sentence)) if is_prose else sentence)
            section = (passage.headings, (sent, *before)[:2])
    return [passage for passage, _ in annotated], found


def _item(source: Source, s: Sentence) -> Item:
    titles, marked = _nearest_titles(source, s.passage), _marked(s.text, s.introduced)
    chunks = list(s.sent.noun_chunks)
    spans = gaps.candidates(s.passage, s.sent, chunks, marked)
    rules = [finding.rule for finding in s.findings]
    return Item(
        words=tuple(token.text for token in s.sent),
        spans=tuple((first - s.sent.start, end - s.sent.start) for first, end in spans),
        context=titles,
        features=features.of_sentence(s.passage, s.sent, rules, bool(s.introduced), bool(s.refers)),
        span_features=features.of_spans(s.passage, s.sent, chunks, spans, titles=" ".join(titles), marked=marked),
    )


def _marked(text: str, introduced: tuple[tuple[Abbreviation, int, int], ...]) -> list[tuple[int, int]]:
    places = [(start, end) for _, start, end in introduced]
    for abbreviation, _, _ in introduced:
        at = text.find(abbreviation.short)
        places.append((at, at + len(abbreviation.short)))
    return places


def _nearest_titles(source: Source, passage: Passage) -> tuple[str, ...]:
    """What the ranker reads along with a sentence."""
    return tuple(part for part in (source.title, *passage.headings[-1:], passage.label) if part)


def _verdict(source: Source, ready: list[Passage], s: Sentence, rating: Rating | None) -> Verdict:
    passage, start = s.passage, s.sent.start_char
    at = positions.position(ready, s.index, start, start + len(s.text))
    verdict = Verdict(
        line=passage.line_at(start),
        text=s.text,
        kind=None,
        score=0.0,
        findings=s.findings,
        seconds=at.seconds,
        approximate=at.approximate,
        url=at.url,
        above=context.titles(source.title, passage),
        abbreviations=tuple(a for a, _, _ in s.introduced),
        see_also=tuple(link.words for link in passage.see_also_in(start, start + len(s.text))),
        headings=passage.headings,
        block=passage.block_id,
    )
    marked, kept = _by_hand(s), _is_kept(s)
    if kept is False:
        return replace(verdict, findings=(lint.finding("skip"), *s.findings))
    if marked:
        return replace(verdict, kind="fact", score=1.0, gaps=marked, kept=True, marked=True)
    if not s.item.spans:
        return replace(verdict, kind=statements.kind(s.sent, 0.0))
    # What is not rated may have a note all the same, from an earlier build; it has to stand alone too.
    standing = context.stand_alone(passage, s.sent, s.refers, s.before, rating.leans if rating else 0.0)
    if rating is None:
        return replace(verdict, kind=statements.kind(s.sent, 0.0), edits=standing.edits, before=standing.before)
    found = list(_gaps(s, rating, standing))
    unresolved = (lint.finding("unresolved", standing.refers_to),) if standing.refers_to else ()
    return replace(
        verdict,
        kind=statements.kind(s.sent, rating.definition),
        score=round(rating.worthy, 3),
        gaps=tuple(found),
        edits=standing.edits,
        findings=(*s.findings, *unresolved, *lint.shown(context.shown(s.text, standing.edits))),
        kept=bool(kept),
        before=standing.before,
    )


def _is_kept(s: Sentence) -> bool | None:
    """What the author says of a sentence in a comment in it or right behind it; None if nothing."""
    start, end = s.sent.start_char, s.sent.start_char + len(s.text)
    said = [w.keep for w in s.passage.waivers if start < w.offset <= end or w.offset == start == 0]
    return said[-1] if said else None


def _by_hand(s: Sentence) -> tuple[Gap, ...]:
    """The gaps that the author chose: cloze deletions as they stand, else what is highlighted."""
    base, end = s.sent.start_char, s.sent.start_char + len(s.text)

    def is_inside(place: Place | HandCloze) -> bool:
        return base <= place.start < place.end <= end

    def text(place: Place | HandCloze) -> str:
        return s.passage.text[place.start : place.end]

    clozes = [c for c in s.passage.clozes if is_inside(c)]
    if clozes:
        return tuple(
            Gap(c.start - base, c.end - base, text(c), 1.0, hint=c.hint, number=c.number)
            for c in clozes
            if not any(o is not c and o.start <= c.start and c.end <= o.end for o in clozes)
        )
    highlights = [h for h in s.passage.highlights if is_inside(h)]
    return tuple(Gap(h.start - base, h.end - base, text(h), 1.0, hint=answers.hint(text(h))) for h in highlights)


def _gaps(s: Sentence, rating: Rating, standing: context.Standing) -> Iterator[Gap]:
    """The gaps of a sentence that a card may ask for, the best first, none overlapping another."""
    shown = " ".join((standing.before, *(edit.text for edit in standing.edits)))
    taken = [(edit.start, edit.end) for edit in standing.edits]
    strong = {(e.start - s.sent.start_char, e.end - s.sent.start_char) for e in s.passage.emphasis}
    rated = []
    for span, likely in zip(s.item.spans, rating.gaps, strict=True):
        place = s.place(*span)
        is_strong = likely >= POSSIBLE and (place.start, place.end) in strong
        rated.append((STRONG if is_strong else likely, place, span))
    words = answers.Words(s.sent)
    long_forms = [(start, end) for _, start, end in s.introduced]
    for likely, place, span in sorted(rated, key=lambda r: (-r[0], r[1].start, r[1].end)):
        if any(place.start < end and start < place.end for start, end in taken):
            continue
        text = s.text[place.start : place.end]
        # A part of a long form would leave the rest of it, and its short form, to tell.
        if any(a <= place.start and place.end <= b and place.end - place.start < b - a for a, b in long_forms):
            continue
        answer = words.look(*span)
        if answer.fault or answers.leaks(text, shown):
            continue
        if any(p.start < end and start < p.end for p in answer.repeats for start, end in taken):
            continue
        taken += [(p.start, p.end) for p in (place, *answer.repeats)]
        yield Gap(place.start, place.end, text, round(likely, 3), answer.repeats, answers.hint(text))
