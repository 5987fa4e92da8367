"""Grammar is tested on parses made by hand, so that another pipeline version cannot break it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from spacy.lang.en import English
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from tmscards.domain import CharSpan, Form, Passage, TokenSpan
from tmscards.language import cues, features, gaps, lint, references, statements

VOCAB = English().vocab


def sentence(*tokens: str, spaces: Collection[int] | None = None) -> SpacySpan:
    """A parsed sentence from `word/POS/TAG/dep/head` of each token, the head as its index.

    `spaces` are the indices of the tokens that a space follows, if not all.
    """
    rows = [token.rsplit("/", 4) for token in tokens]
    spaced = [spaces is None or i in spaces for i in range(len(rows))]
    words, pos, tags, deps, heads = (list(column) for column in zip(*rows, strict=True))
    return Doc(VOCAB, words=words, spaces=spaced, pos=pos, tags=tags, deps=deps, heads=[int(h) for h in heads])[:]


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


def test_a_definition_begins_with_what_it_defines() -> None:
    assert statements.term(COPULA) == TokenSpan(0, 1)
    assert statements.term(sentence("Coils/NOUN/NNS/nsubj/1", "hum/VERB/VBP/ROOT/1")) is None


def test_the_rankers_word_is_enough_for_a_definition() -> None:
    assert statements.kind(LEANING, 0.1) == "fact"
    assert statements.kind(LEANING, 0.9) == "definition"


def test_candidates_are_phrases_and_never_half_the_sentence() -> None:
    texts = asked(COPULA)
    assert {"SAINT", "form", "magnetic stimulation", "stimulation"} <= set(texts)
    half = len(COPULA) / 2
    assert all(len(text.split()) <= half for text in texts)
    assert not {"is", "a", "of", "a form"} & set(texts)


def test_candidates_go_across_nothing_that_parts_two_things() -> None:
    sent = sentence(
        "Output/NOUN/NN/ROOT/0",
        "-/PUNCT/HYPH/punct/0",
        "heart/NOUN/NN/compound/5",
        "-/PUNCT/HYPH/punct/5",
        "rate/NOUN/NN/compound/5",
        "variability/NOUN/NN/appos/0",
        "(/PUNCT/-LRB-/punct/5",
        "HRV/PROPN/NNP/appos/5",
        ")/PUNCT/-RRB-/punct/5",
        "“/PUNCT/``/punct/10",
        "high/ADJ/JJ/amod/5",
        "”/PUNCT/''/punct/10",
        spaces=(0, 1, 4, 5, 8),
    )
    texts = asked(sent, "item", lead=("Exercise",))
    assert {"heart-rate variability", "heart-rate variability (HRV)", "high", "Output"} <= set(texts)
    assert not any(text.startswith("rate") or text.endswith("heart") or "“" in text for text in texts)


def test_no_candidate_stops_before_its_noun_or_is_a_part_of_a_term() -> None:
    phrase = sentence(
        "Rest/NOUN/NN/nsubj/1",
        "engages/VERB/VBZ/ROOT/1",
        "the/DET/DT/det/5",
        "slow/ADJ/JJ/amod/5",
        "vagal/ADJ/JJ/amod/5",
        "nerve/NOUN/NN/dobj/1",
        "at/ADP/IN/prep/1",
        "once/ADV/RB/pcomp/6",
    )
    assert {"slow", "vagal nerve", "slow vagal nerve"} <= set(asked(phrase))
    assert "slow vagal" not in asked(phrase)
    term = asked(phrase, "term", asks=(CharSpan(17, 33),))
    assert phrase.text[17:33] == "slow vagal nerve"
    assert "slow vagal nerve" in term
    assert "vagal nerve" not in term


def test_what_a_form_asks_is_a_candidate_and_all_of_a_fragment() -> None:
    place = CharSpan(0, len(COPULA.text) - len(" stimulation"))
    assert COPULA.text[: place.end] not in asked(COPULA)
    assert COPULA.text[: place.end] in asked(COPULA, "term", asks=(place,))
    fragment = COPULA.doc[4:7]
    assert "magnetic stimulation" not in asked(fragment)
    assert "magnetic stimulation" in asked(fragment, "item", headings=("SAINT",))


def asked(sent: SpacySpan, form: Form = "sentence", **more: object) -> list[str]:
    return [sent.doc[a:b].text for a, b in gaps.candidates(passage(sent, **more), sent, form)]


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
    found = cues.find(passage(sent), sent)
    before = features.of_sentence(passage(sent), sent, "sentence", found, introduces=False, refers=False)
    rule = lint.Rule("hype", "praises", False, lint.cue("hype", r"\bSAINT\b"))
    assert rule.finds(lint.Sentence.of(passage(sent), sent))
    assert not lint.Rule("hype", "praises", False, lint.cue("hype")).finds(lint.Sentence.of(passage(sent), sent))
    found = cues.find(passage(sent), sent)
    after = features.of_sentence(passage(sent), sent, "sentence", found, introduces=False, refers=False)
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
    listed = passage(COPULA, kind="list item", form="step", place=(1, 3))
    answers = features.of_sentence(listed, COPULA, "step", ["hype"], introduces=False, refers=True)
    holds = {name for name, holds in zip(features.OF_SENTENCE, answers, strict=True) if holds}
    assert holds == {"hype", "list-item", "reference", "ends-open", "step", "numbered"}
