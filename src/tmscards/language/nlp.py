"""Loading a spaCy pipeline and parsing passages; sentences are split beforehand, so the parser need not guess them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from tmscards.domain import Passage
from tmscards.errors import UserError
from tmscards.language import pipelines, portions, sentences
from tmscards.language.portions import Portion
from tmscards.language.see_also import without_see_also

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MOST_TEXT = 200_000
"""Characters that are parsed together, at most about; ordinary passages have a tenth of that in a batch of spaCy's."""
_LOOKUP = "tmscards_parts_of_speech"


def load(name: str | None = None) -> Language:
    """Load the spaCy pipeline of that name, or the default one.

    Raises UserError if it is not installed, cannot be loaded or has no parser.
    """
    import spacy

    for candidate in pipelines.candidates(name):
        try:
            # Nothing uses named entities or lemmas, and finding them is half of the work.
            nlp = spacy.load(candidate, exclude=["ner", "lemmatizer", "senter"])
        except OSError:
            continue
        except Exception as error:  # A pipeline is foreign code and may raise anything.
            raise UserError(
                f"the spaCy pipeline {candidate} cannot be loaded: {str(error).strip().partition(chr(10))[0]}",
                hint="try spacy.load with it in Python, or name another as `pipeline:` in the recipe",
            ) from error
        if "parser" not in nlp.pipe_names:
            raise UserError(
                f"the spaCy pipeline {candidate} has no dependency parser",
                hint="name one that has a parser, such as en_core_web_sm",
            )
        if "attribute_ruler" in nlp.pipe_names:
            _shorten(nlp)
        _hasten(nlp)
        return nlp
    raise UserError(
        f"the spaCy pipeline {pipelines.candidates(name)[0]} is not installed",
        hint="pip install it, or name one that is installed as `pipeline:` in the recipe",
    )


def _hasten(nlp: Language) -> None:
    """Let numpy multiply the models' matrices: its library suits the processor and is three times as fast as BLIS."""
    from thinc.api import Model, NumpyOps

    ops = NumpyOps(use_blis=False)
    for _, pipe in nlp.pipeline:
        model = getattr(pipe, "model", None)
        for node in model.walk() if isinstance(model, Model) else ():
            # Where thinc has something faster, as on a Mac, the class is a different one, which stays.
            if type(node.ops) is NumpyOps:
                node.ops = ops


def _shorten(nlp: Language) -> None:
    """Look up parts of speech that follow from a tag alone, which leaves the attribute ruler a third of its patterns.

    The ruler is slow because it tries each pattern at each token. Patterns that set no tag, part of speech or
    dependency are removed, because nothing uses morphology or lemmas.
    """
    import numpy as np
    from spacy.language import Language

    ruler: Any = nlp.get_pipe("attribute_ruler")
    patterns = [p for p in ruler.patterns if {"POS", "TAG", "DEP"} & p["attrs"].keys()]
    known: dict[int, int] = {}
    while patterns and (tags := _tags(patterns[0])):
        pos = nlp.vocab.strings.add(patterns.pop(0)["attrs"]["POS"])
        known |= dict.fromkeys(map(nlp.vocab.strings.add, tags), pos)
    ruler.clear()
    ruler.add_patterns([{**p, "attrs": {k: v for k, v in p["attrs"].items() if k != "MORPH"}} for p in patterns])

    @Language.component(_LOOKUP)
    def look_up(doc: Doc) -> Doc:
        told = doc.to_array(["TAG", "POS"]).tolist()
        # Where a tag does not say, another component may have said already, as a morphologizer does.
        found: Any = np.array([known.get(tag, pos) for tag, pos in told], np.uint64)
        doc.from_array(["POS"], found)
        return doc

    nlp.add_pipe(_LOOKUP, before="attribute_ruler")


def _tags(pattern: Mapping[str, Any]) -> list[str]:
    """The tags for which a pattern of the ruler sets the part of speech; none if it tests or sets more than that."""
    if not {"POS"} <= pattern["attrs"].keys() <= {"POS", "MORPH", "LEMMA"}:
        return []
    asked = [tokens[0].get("TAG") if len(tokens) == 1 == len(tokens[0]) else None for tokens in pattern["patterns"]]
    tags = [tag for tag in asked if isinstance(tag, str)]
    return tags if len(tags) == len(asked) else []


def annotate(nlp: Language, passages: Iterable[Passage]) -> Iterator[tuple[Passage, Doc | None]]:
    """Parse passages. Yields each without see-also links in its text, with its Doc; characters are the same in both.

    Passages that are too long are cut into several. One that is a single sentence, and too long to be parsed, comes
    without a Doc.
    """
    found = list(portions.cut(passages))
    # All of them at once, because it changes the pipeline until it is done.
    without = iter([*without_see_also(nlp, [portion.passage for portion in found if not portion.is_endless])])
    ready = [portion if portion.is_endless else Portion(next(without)) for portion in found]
    docs = (doc for texts in _batches(nlp, ready) for doc in nlp.pipe(texts, batch_size=nlp.batch_size))
    yield from ((portion.passage, None if portion.is_endless else next(docs)) for portion in ready)


def _batches(nlp: Language, ready: Iterable[Portion]) -> Iterator[list[Doc]]:
    """The Docs to be parsed together: as many as spaCy would take, but less text than would fill the memory."""
    batch: list[Doc] = []
    size = 0
    for portion in ready:
        if portion.is_endless:
            continue
        batch.append(_make_doc(nlp, portion.passage))
        size += len(portion.passage.text)
        if len(batch) == nlp.batch_size or size > MOST_TEXT:
            yield batch
            batch, size = [], 0
    yield batch


def _starts(passage: Passage, text: str) -> set[int]:
    """Where the sentences of a passage begin; none begins within what its author has marked to be learnt."""
    starts = sentences.starts(text)
    if passage.form == "term" and passage.asks:
        # In `1990. The first …`, the term is no sentence.
        starts = [start for start in starts if not 0 < start <= passage.asks[0].end + 2]
    marked = sorted((*passage.clozes, *passage.highlights), key=lambda place: place.start)
    ends = [0, *accumulate((place.end for place in marked), max)]
    begins = [place.start for place in marked]
    return {start for start in starts if ends[bisect_left(begins, start)] <= start}


def _make_doc(nlp: Language, passage: Passage) -> Doc:
    import numpy as np

    text = portions.as_parsed(passage)
    # A row or a question with its answer is one statement, whatever stands in it.
    whole = passage.form in ("row", "pair") and bool(passage.asks)
    doc, starts = nlp.make_doc(text), {0} if whole else _starts(passage, text)
    # To set it token by token takes the square of the time, as spaCy looks at all tokens each time.
    doc.user_data[sentences.AS_WRITTEN] = passage.text
    begins: Any = np.array([1 if token.idx in starts else -1 for token in doc], np.int64)
    doc.from_array(["SENT_START"], begins.astype(np.uint64))
    return doc
