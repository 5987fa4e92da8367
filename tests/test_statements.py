"""Grammar is tested on parses made by hand, so that another pipeline version cannot break it."""

from __future__ import annotations

from spacy.lang.en import English
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from tmscards import context, gaps, statements
from tmscards.domain import Passage

VOCAB = English().vocab


def sentence(*tokens: str) -> SpacySpan:
    """A parsed sentence from `word/POS/TAG/dep/head` of each token, the head as its index."""
    rows = [token.rsplit("/", 4) for token in tokens]
    words, pos, tags, deps, heads = (list(column) for column in zip(*rows, strict=True))
    doc = Doc(
        VOCAB,
        words=words,
        pos=pos,
        tags=tags,
        deps=deps,
        heads=[int(h) for h in heads],
        lemmas=[w.lower() for w in words],
    )
    for token in doc:
        if token.pos_ in ("VERB", "AUX"):
            token.lemma_ = {"is": "be", "refers": "refer", "slows": "slow", "called": "call"}.get(
                token.lower_, token.lower_
            )
    return doc[:]


def passage(sent: SpacySpan, **more: object) -> Passage:
    return Passage(**{"path": "a.md", "kind": "paragraph", "text": sent.text, "line": 1, **more})


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


def test_copula_with_indefinite_attribute_is_a_definition() -> None:
    evidence = list(statements.find(COPULA, []))
    kind, score = statements.weigh(COPULA, evidence)
    assert kind == "definition"
    assert score > 0.4
    assert (0, 1) in [e.term for e in evidence]


def test_refers_to_is_a_definition_of_its_subject() -> None:
    [evidence] = [e for e in statements.find(REFERS, []) if e.kind == "definition"]
    assert evidence.term == (0, 1)
    assert statements.leave_out(passage(REFERS), REFERS) is None


def test_effect_is_a_fact() -> None:
    kind, _ = statements.weigh(LEANING, list(statements.find(LEANING, [])))
    assert kind == "fact"


def test_no_evidence_is_no_statement() -> None:
    assert statements.weigh(COPULA, []) == (None, 0.0)


def test_leave_out_says_why() -> None:
    assert statements.leave_out(passage(COPULA, kind="heading"), COPULA) == "a heading"
    assert statements.leave_out(passage(COPULA, kind="task"), COPULA) == "a to-do"
    assert "'tip'" in str(statements.leave_out(passage(COPULA, kind="callout", callout="tip"), COPULA))
    assert statements.leave_out(passage(COPULA, kind="callout", callout="definition"), COPULA) is None
    fragment = COPULA.doc[2:7]
    assert "finite verb" in str(statements.leave_out(passage(fragment), fragment))


def test_gaps_hide_the_term_and_never_half_the_sentence() -> None:
    found = gaps.find(passage(COPULA), COPULA, list(statements.find(COPULA, [])), [])
    assert found[0].text == "SAINT"
    assert COPULA.text[found[0].start : found[0].end] == "SAINT"
    half = sum(t.is_alpha for t in COPULA) / 2
    assert all(len(g.text.split()) <= half for g in found)
    assert all(g.text not in ("is", "a", "of") for g in found)


def test_leaning_on_what_was_said_before() -> None:
    assert context.leans(LEANING)
    assert not context.leans(COPULA)


def test_context_line_says_nothing_twice() -> None:
    under = passage(COPULA, headings=("The SAINT protocol", "Spacing"), label="Pauses")
    assert context.line("The SAINT protocol", under) == "The SAINT protocol › Spacing › Pauses"


def test_a_context_that_gives_the_answer_away_is_noticed() -> None:
    assert gaps.leaks("SAINT protocol", "The SAINT Protocol › Spacing")
    assert not gaps.leaks("five-day regimen", "The SAINT Protocol")
