"""Owns see-also links: which links stand beside a sentence and not in it, and the passage without them.

Note apps and writers glue them to the end of a clause: "…treats depression [[moods | understanding moods]] [00:35]."
Whether the clause is complete without the link is judged by the word before it, on spaCy's part of speech.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tmscards.domain import Link, Passage, Span

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Token

_CLAUSE_END = re.compile(r"\s*(?:[.,;:!?)\]]|[—–]|$)")
_INVITATION = re.compile(
    r"\(?(?:learn|read) (?:more|about)|see also|find out|more (?:on|about)\b|explore |exploring ", re.I
)
_NAMING = frozenset("called named termed dubbed titled labeled labelled known as".split())
_INCOMPLETE_TAGS = frozenset("IN TO DT PDT PRP$ CC MD WDT WP WP$ WRB POS CD VB VBD VBG VBP VBZ EX HYPH".split())
_FINITE_TAGS = frozenset("VBD VBP VBZ MD".split())
_INTENSIFIERS = frozenset(
    "more most less least very so too highly not also even both only just particularly especially notably truly remarkably".split()
)
_BE = frozenset("be am is are was were been being become becomes remain remains seem seems".split())


def without_see_also(nlp: Language, passages: Iterable[Passage]) -> Iterator[Passage]:
    """Give back each passage, its see-also links moved from the text to `see_also`."""
    tagger = nlp.select_pipes(
        enable=[n for n in ("tok2vec", "transformer", "tagger", "attribute_ruler") if n in nlp.pipe_names]
    )
    with tagger:
        for passage in passages:
            glued = [link for link in passage.links if _may_be_glued(passage, link)]
            if glued:
                glued = _glued(nlp, passage, glued)
            yield _cut(passage, glued) if glued else passage


def _may_be_glued(passage: Passage, link: Link) -> bool:
    """Whether it is a link to another note with text before it."""
    is_note = not re.match(r"\w+:|#", link.target)
    return is_note and bool(passage.text[: link.start].strip())


def _glued(nlp: Language, passage: Passage, links: list[Link]) -> list[Link]:
    """Those of the links without which their clause is still whole."""
    glued: list[Link] = []
    for link in links:
        before = passage.text[: link.start]
        for earlier in reversed(glued):
            before = before[: earlier.start] + before[earlier.end :]
        clause = re.split(r"(?<=[.!?])\s+(?=[A-Z\"“])", before.rstrip())[-1]
        if _is_glued(nlp, passage, link, clause):
            glued.append(link)
    return glued


def _is_glued(nlp: Language, passage: Passage, link: Link, clause: str) -> bool:
    words, after = passage.text[link.start : link.end], passage.text[link.end :].lstrip()
    if re.search(r"[(\[]$", clause):
        return after[:1] in (")", "]") and (link.bare or len(words.split()) > 1)
    if re.search(r"[\"“‘]$", clause):
        return False
    if re.search(r"[.!?][\"”)]*$", clause):
        return not after or after[0] in ".!?"
    if _INVITATION.match(words):
        return True
    ends_clause = _CLAUSE_END.match(after) is not None
    if clause.endswith((",", ":", ";", "—", "–", "-")):
        return link.bare and not after.strip(" .")
    if not ends_clause and not link.bare and len(words.split()) < 3:
        return False
    doc = nlp(clause)
    if not link.bare and not any(token.tag_ in _FINITE_TAGS for token in doc):
        return False
    if not len(doc) or not _can_end(doc[-1]) or (not link.bare and _may_be_compound(doc[-1], words, clause)):
        return False
    # A tagger that sees nothing behind an adjective takes it for a noun, so it is asked with the words in place too.
    return link.bare or _can_end(nlp(f"{clause} {words}")[len(doc) - 1])


def _can_end(last: Token) -> bool:
    """Whether a clause can end with this token, so that what follows need not belong to it."""
    before = last.nbor(-1) if last.i else None
    if last.lower_ in _NAMING or last.tag_ in _INCOMPLETE_TAGS:
        return False
    if last.tag_ == "VBN":
        return before is not None and (before.lower_ in _BE or before.tag_ in ("NN", "NNS", "RB"))
    if last.tag_ in ("JJ", "JJR", "JJS"):
        return before is not None and (before.lower_ in _BE or before.tag_ == "RB")
    if last.tag_ in ("RB", "RBR", "RBS"):
        return last.lower_ not in _INTENSIFIERS and (before is None or before.tag_ not in ("MD", "DT"))
    return True


def _may_be_compound(last: Token, words: str, clause: str) -> bool:
    """Whether the link's words may be the head of a compound, as in "AI [[agents]]", and are not said already."""
    said = words.lower().strip("()")
    if clause.lower().endswith(said) or (" " in said and said in clause.lower()):
        return False
    return last.tag_ in ("NN", "NNP", "JJ") and len(words.split()) <= 2


def _cut(passage: Passage, links: list[Link]) -> Passage:
    """The passage without these links, brackets left empty by them, and the white space before them."""
    spans = []
    for link in links:
        start, end = link.start, link.end
        if passage.text[:start].endswith("(") and passage.text[end : end + 1] == ")":
            start, end = start - 1, end + 1
        while start and passage.text[start - 1] == " ":
            start -= 1
        if passage.text[end : end + 1].isalnum():
            start += 1
        spans.append(Span(start, end))

    def at(offset: int) -> int:
        return offset - sum(min(s.end, offset) - s.start for s in spans if s.start < offset)

    text = passage.text
    for span in reversed(spans):
        text = text[: span.start] + text[span.end :]
    return replace(
        passage,
        text=text,
        line_starts=tuple(map(at, passage.line_starts)),
        timestamps=tuple(replace(s, offset=at(s.offset)) for s in passage.timestamps),
        links=tuple(replace(o, start=at(o.start), end=at(o.end)) for o in passage.links if o not in links),
        emphasis=tuple(Span(at(s.start), at(s.end)) for s in passage.emphasis if at(s.start) < at(s.end)),
        math=tuple(Span(at(s.start), at(s.end)) for s in passage.math),
        see_also=(*passage.see_also, *(passage.text[o.start : o.end].strip("() ") for o in links)),
    )
