"""See-also links: finding the links that are not part of a sentence, and removing them from the passage.

Note apps and writers attach them to the end of a clause: "…treats depression [[moods | understanding moods]] [00:35]."
Whether the clause is complete without the link is judged by the word before it and its part of speech in spaCy.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from tmscards.domain import CharSpan, Link, Passage, SeeAlso
from tmscards.language import sentences
from tmscards.language.words import NAMING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

Tag = Callable[[str], "Doc"]
"""Tags the words of a text with their parts of speech."""
MOST_DOUBTS = 50
"""So many links of a passage are judged by parts of speech; the rest belong to their sentences."""
Reading = Literal["own", "beside", "doubtful"]
"""A link's words are part of its sentence, are only put beside it, or leave it doubtful where the sentence ends."""

_CLAUSE_END = re.compile(r"\s*(?:[.,;:!?)\]]|[—–]|$)")
_INVITATION = re.compile(
    r"\(?(?:learn|read) (?:more|about)|see also|find out|more (?:on|about)\b|explore |exploring ", re.I
)
# What joins a see-also link to its sentence, and is removed with it.
_LEAD_IN = re.compile(
    r"[,—–]\s*(?:(?:echoing|mirroring|reflecting|paralleling|akin to|similar to|much like|related to|connecting to"
    r"|drawing parallels (?:with|to)|as (?:seen|discussed|explored|outlined|explained|described|detailed) in"
    r"|which (?:relates|ties|connects) (?:in)?to|which (?:highlights?|underscores?|reflects?|mirrors?|echoe?s?)"
    r"|[a-z]* ?that (?:aligns?|resonates?|connects?|relates?) (?:with|to)"
    r"|(?:further )?(?:discussed|explored|explained) in|see)(?: the)?)$",
    re.I,
)
_LONGEST_LEAD_IN = 1_200
"""Characters, with a word that is as long as a word may be."""
_TITLE = re.compile(
    r"\band (?:its|their)\b|\b(?:impacts?|effects?) (?:of|on)\b|\b(?:role|influence|importance) of\b|^compared", re.I
)
# "in a controlled environment building willpower": no compound noun ends like this, but a clause may go on like this.
_ODD_COMPOUND = re.compile(r"^\w+ing \w|^\w+ (?:for|of|in|on|with|and) \w")
_INCOMPLETE_TAGS = frozenset("IN TO DT PDT PRP$ CC MD WDT WP WP$ WRB POS CD VB VBD VBG VBP VBZ EX HYPH".split())
_FINITE_TAGS = frozenset("VBD VBP VBZ MD".split())
_INTENSIFIERS = frozenset(
    """more most less least very so too highly not also even both only just particularly especially notably truly
    remarkably""".split()
)
_BE = frozenset("be am is are was were been being become becomes remain remains seem seems".split())


def without_see_also(nlp: Language, passages: Iterable[Passage]) -> Iterator[Passage]:
    """Yield each passage with its see-also links moved from its text to `see_also`."""
    needed = ("tok2vec", "transformer", "tagger")
    ready = [(p, [link for link in p.links if _may_be_glued(p, link)]) for p in passages]
    if not any(links for _, links in ready):
        yield from (passage for passage, _ in ready)
        return
    with nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in needed]):
        # Tagging the texts that the first links need all at once takes a quarter of the time.
        asked = (text for passage, links in ready if links for text in _asked(passage, links[0]))
        texts = list(dict.fromkeys(asked))
        tagged = dict(zip(texts, nlp.pipe(texts), strict=True))
        for passage, links in ready:
            readings = _readings(lambda text: tagged.get(text) or nlp(text), passage, links)
            yield _cut(passage, readings) if readings else passage


def _may_be_glued(passage: Passage, link: Link) -> bool:
    """Whether a link leads to another note and has text before it."""
    is_note = not re.match(r"\w+:|#", link.target)
    return is_note and bool(passage.text[: link.start].strip())


def _asked(passage: Passage, link: Link) -> list[str]:
    """The texts to be tagged to judge a passage's first link; none if its words are enough."""
    clause = _Clauses(passage).before(link)
    words = passage.text[link.start : link.end]
    return [] if _read_plainly(passage, link, clause) else [clause, f"{clause} {words}"]


def _readings(tag: Tag, passage: Passage, links: list[Link]) -> list[tuple[Link, Reading]]:
    """The links that are not simply part of their sentence, with what they are instead."""
    found: list[tuple[Link, Reading]] = []
    clauses, doubts = _Clauses(passage), 0
    for link in links:
        clause = clauses.before(link)
        reading = _read_plainly(passage, link, clause)
        if reading is None:
            # Tagging takes time, and among so many links nobody could tell what belongs to the sentence.
            doubts += 1
            reading = _read(tag, passage, link, clause) if doubts <= MOST_DOUBTS else "own"
        if reading != "own":
            found.append((link, reading))
            clauses.leave_out(link)
    return found


class _Clauses:
    """The part of each link's sentence that comes before it, asked for link by link, in the order of the text."""

    def __init__(self, passage: Passage) -> None:
        self._text = passage.text
        self._read, self._end = "", 0
        """The text from the last beginning of a sentence that is certain, without links left out, up to `_end`."""

    def before(self, link: Link) -> str:
        """The clause before a link."""
        self._read += self._text[self._end : link.start]
        self._end = max(self._end, link.start)
        # A capital letter put after it shows whether the text before the link ends a sentence.
        begins = sentences.starts(f"{self._read.rstrip()} X")
        certain = [start for start in begins if start < len(self._read.rstrip())]
        clause = self._read[begins[-1] :].rstrip() if begins[-1] < len(self._read) else ""
        self._read = self._read[certain[-1] if certain else 0 :]
        return clause

    def leave_out(self, link: Link) -> None:
        """Leave a link out of the clauses of those after it."""
        self._end = max(self._end, link.end)


def _read_plainly(passage: Passage, link: Link, clause: str) -> Reading | None:
    """How a link reads, judged by its words and the text around them; None if that is not enough to tell."""
    words, after = passage.text[link.start : link.end], passage.text[link.end :].lstrip()
    if " " in words and words.lower() in clause.lower():
        return "doubtful"
    if re.search(r"[(\[]$", clause):
        return "beside" if after[:1] in (")", "]") and (link.bare or " " in words) else "own"
    if re.search(r"[\"“‘]$", clause):
        return "own"
    if not clause:
        return "beside" if not after or after[0] in ".!?" else "own"
    if _INVITATION.match(words) or words.startswith("(") or _repeats(clause, words):
        return "beside"
    ends_clause = _CLAUSE_END.match(after) is not None
    if ends_clause and _LEAD_IN.search(clause):
        return "beside"
    if clause.endswith((",", ":", ";", "—", "–", "-")):
        return "beside" if link.bare and not after.strip(" .") else "own"
    if not ends_clause and not link.bare and len(words.split()) < 3:
        return "own"
    return None


def _read(tag: Tag, passage: Passage, link: Link, clause: str) -> Reading:
    """How a link reads, judged by the parts of speech before it."""
    words, after = passage.text[link.start : link.end], passage.text[link.end :].lstrip()
    ends_clause = _CLAUSE_END.match(after) is not None
    doc = tag(clause)
    is_compound = not link.bare and _may_be_compound(doc[-1], words)
    is_odd = ends_clause and not link.bare and _can_end(doc[-1]) and _ODD_COMPOUND.search(words) is not None
    if is_compound and (is_odd or (ends_clause and " " in words and _is_predicate(doc[-1]))):
        return "doubtful"
    if not (link.bare or _is_title(link, words) or any(token.tag_ in _FINITE_TAGS for token in doc)):
        return "doubtful" if is_odd else "own"
    if ends_clause and doc[-1].tag_.startswith("VB") and _is_title(link, words):
        return "doubtful"
    if not _can_end(doc[-1]) or is_compound:
        return "own"
    # The tagger takes an adjective with nothing after it for a noun, so it also gets the clause with the link's words.
    return "beside" if link.bare or _can_end(tag(f"{clause} {words}")[len(doc) - 1]) else "own"


def _repeats(clause: str, words: str) -> bool:
    """Whether the link repeats the word before it: "in regulation [[government regulation]]"."""
    last = re.search(r"(?<![\w'’-])[\w'’-]{4,}$", clause.lower())
    return last is not None and last[0] in re.findall(r"[\w'’-]+", words.lower())


def _is_title(link: Link, words: str) -> bool:
    """Whether the words are another note's title, too long to be a verb's object."""
    same = re.sub(r"[\W_]+", "", words.lower()) == re.sub(r"[\W_]+", "", link.target.lower())
    return len(words.split()) > 3 and (same or _TITLE.search(words) is not None)


def _can_end(last: Token) -> bool:
    """Whether a clause can end with this token, so that what follows need not belong to it."""
    before = last.nbor(-1) if last.i else None
    if last.lower_ in NAMING or last.lower_ == "as" or last.tag_ in _INCOMPLETE_TAGS:
        return False
    if last.tag_ == "VBN":
        return before is not None and (before.lower_ in _BE or before.tag_ in ("NN", "NNS", "RB"))
    if last.tag_ in ("JJ", "JJR", "JJS"):
        return _is_predicate(last) or (before is not None and before.tag_ == "RB")
    if last.tag_ in ("RB", "RBR", "RBS"):
        return last.lower_ not in _INTENSIFIERS and (before is None or before.tag_ not in ("MD", "DT"))
    return True


def _is_predicate(last: Token) -> bool:
    """Whether a token is an adjective that ends a clause, as in "water is healthy"."""
    return last.tag_ in ("JJ", "JJR", "JJS") and last.i > 0 and last.nbor(-1).lower_ in _BE


def _may_be_compound(last: Token, words: str) -> bool:
    """Whether the link's words may be the head of a compound, as in "AI [[agents]]"."""
    return last.tag_ in ("NN", "NNP", "JJ") and len(words.split()) <= 2


def _cut(passage: Passage, readings: list[tuple[Link, Reading]]) -> Passage:
    """The passage with these links moved to `see_also`; empty brackets, lead-ins and spaces go with them."""
    links = [link for link, _ in readings]
    spans = []
    for link in links:
        start, end = link.start, link.end
        if passage.text[:start].endswith("(") and passage.text[end : end + 1] == ")":
            start, end = start - 1, end + 1
        above = max(0, start - _LONGEST_LEAD_IN)
        lead_in = _LEAD_IN.search(passage.text[above:start].rstrip())
        if lead_in:
            start = above + lead_in.start()
        while start and passage.text[start - 1] == " ":
            start -= 1
        if passage.text[end : end + 1].isalnum():
            start += 1
        if passage.text[:start].endswith((".", "!", "?")) and passage.text[end : end + 1] == ".":
            end += 1
        spans.append(CharSpan(start, end))

    starts, ends = sorted(s.start for s in spans), sorted(s.end for s in spans)
    started, ended = [0, *accumulate(starts)], [0, *accumulate(ends)]

    def at(offset: int) -> int:
        """The offset less what the spans have before it: each up to its end or, if it goes on, up to the offset."""
        begun, done = bisect_left(starts, offset), bisect_right(ends, offset)
        return offset - (ended[done] + (begun - done) * offset - started[begun])

    text = passage.text
    for span in reversed(spans):
        text = text[: span.start] + text[span.end :]
    return replace(
        passage.remade(text, at),
        see_also=tuple(
            SeeAlso(at(link.start), passage.text[link.start : link.end].strip("() "), reading == "doubtful")
            for link, reading in readings
        ),
    )
