"""Grammar is tested on parses made by hand, so that another pipeline version cannot break it."""

from __future__ import annotations

from typing import Any

from spacy.lang.en import English
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from tmscards.domain import CharSpan, Passage, TokenSpan
from tmscards.language import cues, features, gaps, lint, references, statements

VOCAB = English().vocab


def sentence(*tokens: str) -> SpacySpan:
    """A parsed sentence from `word/POS/TAG/dep/head` of each token, the head as its index."""
    rows = [token.rsplit("/", 4) for token in tokens]
    words, pos, tags, deps, heads = (list(column) for column in zip(*rows, strict=True))
    return Doc(VOCAB, words=words, pos=pos, tags=tags, deps=deps, heads=[int(h) for h in heads])[:]


def passage(sent: SpacySpan, **more: object) -> Passage:
    given: dict[str, Any] = {"path": "a.md", "kind": "paragraph", "text": sent.text, "line": 1, **more}
    return Passage(**given)


COPULA = sentence(
    "SAINT/PROPN/NNP/nsubj/1",
    "is/AUX/VBZ/ROOT/1",
    "a/DET/DT/det/3",
    "form/NOUN/NN/attr/1",
    "of/ADP/IN/prep/3",
    "magnetic/ADJ/JJ/amod/6",
    "stimulation/NOUN/NN/pobj/4",
)
CHUNKS = list(COPULA.noun_chunks)
REFERS = sentence(
    "Entrainment/NOUN/NN/nsubj/1",
    "refers/VERB/VBZ/ROOT/1",
    "to/ADP/IN/prep/1",
    "a/DET/DT/det/4",
    "matching/NOUN/NN/pobj/2",
    "of/ADP/IN/prep/4",
    "rhythms/NOUN/NNS/pobj/5",
)
LEANING = sentence(
    "This/DET/DT/det/1",
    "activation/NOUN/NN/nsubj/2",
    "slows/VERB/VBZ/ROOT/2",
    "the/DET/DT/det/4",
    "heart/NOUN/NN/dobj/2",
    "rate/NOUN/NN/npadvmod/2",
)


def test_an_indefinite_attribute_with_more_said_of_it_makes_a_definition() -> None:
    assert statements.kind(COPULA, 0.0) == "definition"


def test_refers_to_makes_a_definition() -> None:
    assert statements.kind(REFERS, 0.0) == "definition"


def test_the_rankers_word_is_enough_for_a_definition() -> None:
    assert statements.kind(LEANING, 0.1) == "fact"
    assert statements.kind(LEANING, 0.9) == "definition"


def test_candidates_are_phrases_and_never_half_the_sentence() -> None:
    texts = [COPULA.doc[a:b].text for a, b in gaps.candidates(passage(COPULA), COPULA, CHUNKS, [])]
    assert {"SAINT", "form", "magnetic stimulation", "stimulation"} <= set(texts)
    half = len(COPULA) / 2
    assert all(len(text.split()) <= half for text in texts)
    assert not {"is", "a", "of", "a form"} & set(texts)


def test_what_an_author_points_at_is_a_candidate() -> None:
    start = COPULA.text.index("magnetic")
    marked = [CharSpan(start, start + len("magnetic"))]
    assert (5, 6) in gaps.candidates(passage(COPULA), COPULA, CHUNKS, marked)
    assert (5, 6) in gaps.candidates(passage(COPULA, emphasis=tuple(marked)), COPULA, CHUNKS, [])


def rules(sent: SpacySpan, **more: object) -> list[str]:
    sentence = lint.Sentence.of(passage(sent, **more), sent)
    broken = lint.structural(sentence)
    return [f.rule for f in ([broken] if broken else lint.check(sentence))]


def test_what_is_no_prose_is_told_first() -> None:
    assert rules(COPULA) == ["abbreviation"]
    assert list(lint.check(lint.Sentence.of(passage(COPULA), COPULA, explained={"SAINT"}))) == []
    assert rules(COPULA, kind="heading") == ["heading"]
    assert rules(COPULA, kind="task") == ["task"]
    assert rules(COPULA, kind="callout", callout="tip")[0] == "callout"
    assert rules(COPULA, kind="callout", callout="definition") == ["abbreviation"]
    fragment = COPULA.doc[2:7]
    assert rules(fragment) == ["no-verb"]


def test_a_long_text_is_remarked() -> None:
    assert [f.rule for f in lint.shown("a" * 201)] == ["long-text"]
    assert list(lint.shown("a" * 200)) == []


def test_every_rule_has_a_reason_of_its_own() -> None:
    of_texts = (lint.SKIP, lint.UNRESOLVED, lint.LONG_TEXT)
    rules = (*lint.OF_STRUCTURE, *lint.OF_SENTENCES, *lint.OF_DECKS, *of_texts)
    assert len({rule.says for rule in rules}) == len({rule.id for rule in rules}) == len(rules)
    assert lint.SAME.found("a.md:3").message.endswith(": a.md:3")


def test_a_word_more_in_a_rule_changes_nothing_that_the_ranker_reads() -> None:
    sent = COPULA
    before = features.of_sentence(passage(sent), sent, cues.find(passage(sent), sent), introduces=False, refers=False)
    rule = lint.Rule("hype", "praises", False, lint.cue("hype", r"\bSAINT\b"))
    assert rule.finds(lint.Sentence.of(passage(sent), sent))
    assert not lint.Rule("hype", "praises", False, lint.cue("hype")).finds(lint.Sentence.of(passage(sent), sent))
    after = features.of_sentence(passage(sent), sent, cues.find(passage(sent), sent), introduces=False, refers=False)
    assert before == after


def test_a_reference_without_antecedent_is_found() -> None:
    [reference] = references.find(LEANING)
    assert LEANING.doc[reference.start : reference.end].text == "This activation"
    assert references.find(COPULA) == []


def told(sent: SpacySpan, start: int, end: int, **more: object) -> set[str]:
    [answers] = features.of_spans(
        passage(sent, **more), sent, sent.noun_chunks, [TokenSpan(start, end)], titles="Magnetic stimulation", marked=[]
    )
    return {name for name, holds in zip(features.OF_SPAN, answers, strict=True) if holds}


def test_what_the_ranker_is_told_of_a_span() -> None:
    assert {"subject", "name", "one-word", "first-third", "whole-phrase", "before-verb"} == told(COPULA, 0, 1)
    whole, cut = told(COPULA, 5, 7), told(COPULA, 6, 7)
    assert {"of-phrase", "noun", "whole-phrase", "in-title"} <= whole
    assert "cut-left" in cut - whole
    assert "cut-right" in told(COPULA, 5, 6)
    assert "attribute" in told(COPULA, 3, 4)


def test_what_the_ranker_is_told_of_a_sentence() -> None:
    answers = features.of_sentence(passage(COPULA, kind="list item"), COPULA, ["hype"], introduces=False, refers=True)
    holds = {name for name, holds in zip(features.OF_SENTENCE, answers, strict=True) if holds}
    assert holds == {"hype", "list-item", "reference", "ends-open"}
