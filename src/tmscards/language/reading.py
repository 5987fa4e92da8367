"""From passages to sentences, with what the rules find out about each before the ranker rates them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tmscards.domain import Abbreviation, CharSpan, Finding, Form, Passage, Source, TokenSpan
from tmscards.language import abbreviations, cuts, equations, features, gaps, leads, lint, references
from tmscards.language.nlp import annotate
from tmscards.language.rating import Item
from tmscards.language.references import Reference
from tmscards.language.sentences import STAND_IN, noun_chunks
from tmscards.language.wordpieces import LEAD
from tmscards.notes import passages

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Span


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
    form: Form = "sentence"
    lead: tuple[str, ...] = ()

    @property
    def chars(self) -> CharSpan:
        """Where it is in the text of its passage."""
        return CharSpan(self.sent.start_char, self.sent.start_char + len(self.text))

    def said(self, words: TokenSpan) -> str:
        """The text of a span of the sentence's tokens."""
        place = self.place(words)
        return self.text[place.start : place.end]

    def place(self, words: TokenSpan) -> CharSpan:
        """Convert a span of the sentence's tokens, counted from its first, to characters of its text.

        Of a formula that is an equation, it is the right side.
        """
        span, base = self.sent[words.start : words.end], self.sent.start_char
        place = CharSpan(span.start_char, span.end_char)
        if any(place == formula for formula in self.passage.math):
            side = equations.right_side(self.passage.text[place.start : place.end])
            place = CharSpan(place.start + side.start, place.start + side.end) if side else place
        return CharSpan(place.start - base, place.end - base)


def sentences(nlp: Language, source: Source) -> tuple[list[Passage], list[Sentence]]:
    """The passages of a source, and their sentences with what was found in each before the ranker rates them."""
    annotated = list(annotate(nlp, passages.read(source)))
    explained = {short.short for passage, _ in annotated for short, _, _ in abbreviations.find(passage.text)}
    explained.update(source.title.split())
    found: list[Sentence] = []
    told = _Told()
    for index, (passage, doc) in enumerate(annotated):
        if doc is None:
            found.append(_unparsed(nlp, index, passage))
            told.add(passage, found[-1].sent)
            continue
        for sent in doc.sents:
            text = passage.text[sent.start_char : sent.end_char].rstrip()
            if not text:
                continue
            before = told.before(passage)
            introduced = tuple(LongForm(a, CharSpan(start, end)) for a, start, end in abbreviations.find(text))
            form = leads.form(passage, sent)
            looked_at = lint.Sentence.of(passage, sent, form, explained)
            broken = lint.structural(looked_at)
            refers = tuple(references.find(sent))
            findings = (broken,) if broken else tuple(lint.check(looked_at))
            sentence = Sentence(index, passage, sent, text, before, introduced, findings, refers, Item((), ()))
            sentence = replace(sentence, form=form, lead=leads.lead(passage, sent))
            if not broken:
                sentence = replace(sentence, item=_item(source, sentence, looked_at))
            found.append(sentence)
            if broken and broken.rule in lint.UNREADABLE:
                told.forget()
            else:
                told.add(passage, sent, form)
    return [passage for passage, _ in annotated], found


_LISTED = ("list item", "task")


class _Told:
    """The sentences just read in one section of a source: what a card may show above another sentence of it."""

    def __init__(self) -> None:
        self._section: tuple[str, ...] = ()
        self._in_list = False
        self._sentences: tuple[Span, ...] = ()

    def before(self, passage: Passage) -> tuple[Span, ...]:
        """The sentences before those of a passage, the nearest first; a fragment, a row and so on stand alone."""
        is_fragment = passage.form in ("item", "term", "step") and leads.ends_openly(passage)
        is_behind_list = self._in_list and passage.kind not in _LISTED
        stands_alone = passage.kind == "heading" or passage.form in ("row", "pair") or is_fragment or is_behind_list
        return () if stands_alone or passage.headings != self._section else self._sentences

    def forget(self) -> None:
        """Take note that what came next is nothing to show."""
        self._sentences = ()

    def add(self, passage: Passage, sent: Span, form: Form = "sentence") -> None:
        """Add the next sentence; what is none comes between the others."""
        is_term = form == "term" and not leads.ends_openly(passage)
        is_text = passage.kind != "heading" and (form == "sentence" or is_term)
        self._sentences = (sent, *self.before(passage))[:2] if is_text else ()
        self._section, self._in_list = passage.headings, passage.kind in _LISTED


def _unparsed(nlp: Language, index: int, passage: Passage) -> Sentence:
    """A passage that is one sentence, too long to be parsed. To those after it, it is three dots."""
    stand_in = nlp.make_doc(STAND_IN)[:]
    return Sentence(index, passage, stand_in, passage.text.rstrip(), (), (), (lint.ENDLESS.found(),), (), Item((), ()))


def _item(source: Source, s: Sentence, looked_at: lint.Sentence) -> Item:
    titles, marked = _nearest_titles(source, s), _marked(s)
    lead = leads.term(s.passage, s.form)
    if lead:
        titles = tuple(dict.fromkeys((lead, *titles)))
    chunks = noun_chunks(s.sent)
    spans = [*gaps.candidates(s.passage, s.sent, s.form), *([TokenSpan(*LEAD)] if lead else [])]
    return Item(
        words=tuple(token.text for token in s.sent),
        spans=tuple(
            span if span == LEAD else TokenSpan(span.start - s.sent.start, span.end - s.sent.start) for span in spans
        ),
        context=titles,
        features=features.of_sentence(s.passage, s.sent, s.form, looked_at.cues, bool(s.introduced), bool(s.refers)),
        span_features=features.of_spans(s.passage, s.sent, chunks, spans, titles=" ".join(titles), marked=marked),
        parts=tuple(cuts.parts(s.sent)) if s.form not in ("row", "pair") else (),
    )


def _marked(s: Sentence) -> list[CharSpan]:
    """Where the abbreviations are that a sentence introduces: first their long forms, then their short ones."""
    places = [long_form.place for long_form in s.introduced]
    for long_form in s.introduced:
        short = long_form.abbreviation.short
        at = s.text.find(short)
        places.append(CharSpan(at, at + len(short)))
    return places


def _nearest_titles(source: Source, s: Sentence) -> tuple[str, ...]:
    """What the ranker reads together with a sentence: its nearest leads, the label, the heading and the title."""
    parts = (*reversed(s.lead[-2:]), s.passage.label, *s.passage.headings[-1:], source.title)
    return tuple(dict.fromkeys(part for part in parts if part))
