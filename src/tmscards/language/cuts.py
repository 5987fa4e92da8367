"""What a card may leave out of a sentence: whole constituents without which it is still a sentence, and still true.

Which of them it does leave out, the ranker says (`Rating.left_out`), as that depends on what is asked. Here are the
rules for where leaving out is safe: never what begins as a condition or a negation does, a member of a list, or what
tells a noun from others of its kind. Offsets of characters are within the sentence, half-open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tmscards.domain import CharSpan, Edit, Gap, TokenSpan
from tmscards.language.leads import has_subject
from tmscards.text import with_edits

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_CONDITIONS = frozenset(
    """not no never nor neither without unless except if whether until than only when whenever provided assuming given
    or rather""".split()
)
"""A constituent that begins with one of these may be what makes the rest of the sentence true."""
_BESIDES = frozenset("as because since so while whereas although though".split())
"""Behind a comma, what a clause begins with that leaves the one before it true."""
_EXAMPLES = ("including", "such as", "e.g.", "e.g")
_BOTH = frozenset("both either neither whether".split())
_JOINED = frozenset("and but".split())
_DASHES = frozenset("– — -".split())
_LIMITS = frozenset("in for with under at on from by during after before within above below over".split())
_SHORTEST = 3
"""Characters; a shorter word in brackets is a number or letter that tells one from another."""
_OPENING = (*_DASHES, ",", "(", ";")
_STOPS = (".", "!", "?")
_SIGNS = frozenset("=<>≤≥≈~+×*/&:|→-–—∈")
_CLOSING = (*_DASHES, *_STOPS, ",", ")", ";", ":")
_VERBS = frozenset("VERB AUX".split())
_GOES_ON = frozenset("VERB AUX ADV".split())
"""What the rest of a clause begins with behind a part between commas; a noun would be the next of a list."""


def parts(sent: Span) -> list[TokenSpan]:
    """The constituents of a sentence that a card may leave out, as tokens of the sentence; some hold others."""
    found = {*_brackets(sent), *_tails(sent)}
    for token in sent:
        found.update(_of(token, sent))
    safe = (part for part in found if part.end - part.start < len(sent) and _is_safe(sent[part.start : part.end]))
    return sorted(safe, key=lambda part: (part.start, -part.end))


def place(sent: Span, part: TokenSpan) -> CharSpan:
    """The characters that go with a part: with the space before it, and the commas around it."""
    base, text = sent.start_char, sent.text
    start, end = sent[part.start].idx - base, sent[part.end - 1].idx + len(sent[part.end - 1]) - base
    head = text[:start].rstrip()
    if head.endswith((",", ";", *_DASHES)):
        head = head[:-1].rstrip()
        # The comma that closes an aside goes with it; one that opens the next aside stays, or closes the one around it.
        opens = part.end + 1 < len(sent) and sent[part.end + 1].tag_ in ("VBG", "VBN")
        end += text[end : end + 1] == "," and not opens and not _is_inside(sent[part.start - 2])
    return CharSpan(len(head), end)


def _is_inside(token: Token) -> bool:
    """Whether a token belongs to another name between commas: "the captain, a ranger who …, left"."""
    return any(
        each.dep_ == "appos" and each.doc[each.left_edge.i - 1].text == "," for each in (token, *token.ancestors)
    )


def without_asides(sent: Span, text: str) -> str:
    """The text of a sentence, as people read it, without all that may be left out of it."""
    places = list[CharSpan]()
    for part in parts(sent):
        cut = place(sent, part)
        words = text[cut.start : cut.end]
        if not any(map(cut.overlaps, places)) and words.count("(") == words.count(")"):
            places.append(cut)
    return with_edits(text, edits(places))


def common(gaps: Sequence[Gap]) -> list[CharSpan]:
    """What a note may leave out that asks for all of these gaps: what the cards of each may go without."""
    return [cut for cut in (gaps[0].cuts if gaps else ()) if all(cut in gap.cuts for gap in gaps)]


def edits(places: Sequence[CharSpan]) -> list[Edit]:
    """The edits that leave places out of a text."""
    return [Edit(cut.start, cut.end, "") for cut in places]


def said(text: str, places: Sequence[CharSpan]) -> list[str]:
    """The words that are left out of a text."""
    return [text[cut.start : cut.end].strip() for cut in places]


def _brackets(sent: Span) -> Iterator[TokenSpan]:
    opened: list[int] = []
    for i, token in enumerate(sent):
        # Behind a sign, brackets hold what it is about: "G = (V, E)".
        if token.text == "(" and i and sent[i - 1].whitespace_ and sent[i - 1].text[-1] not in _SIGNS:
            opened.append(i)
        elif token.text == ")" and opened:
            inside = sent[opened.pop() + 1 : i]
            # The short form of a name is to be learnt with it; "point (3)" is no point without its number; and what
            # begins like "(in children over ten)" limits what is said.
            is_name = len(inside) == 1 and (inside.text.isupper() or len(inside.text) < _SHORTEST)
            if not is_name and not (len(inside) and inside[0].lower_ in _LIMITS):
                yield TokenSpan(inside.start - sent.start - 1, i + 1)


def _tails(sent: Span) -> Iterator[TokenSpan]:
    """What stands between two dashes, or behind a dash or semicolon, up to the end."""
    last = len(sent) - (sent[-1].text in _STOPS)
    marks = [i for i, token in enumerate(sent) if token.text in _DASHES and 0 < i < last and sent[i - 1].whitespace_]
    if len(marks) <= 2 and marks and has_subject(sent[: marks[0]]):
        yield TokenSpan(marks[0], marks[1] + 1 if len(marks) == 2 else last)
    for i, token in enumerate(sent):
        if token.text == ";" and 2 < i < last - 1:
            yield TokenSpan(i, last)


def _of(token: Token, sent: Span) -> Iterator[TokenSpan]:
    """The constituent that a token heads, if its kind is one that may go."""
    start, end = token.left_edge.i - sent.start, token.right_edge.i + 1 - sent.start
    while end > start and sent[end - 1].text in _STOPS:
        end -= 1
    if not 0 < start < end <= len(sent):
        return
    first, is_apart = sent[start].lower_, sent[start - 1].text in _OPENING and _is_closed(token, sent, end)
    match token.dep_:
        case "relcl" | "acl" if is_apart:
            yield TokenSpan(start, end)
        case "advcl" if is_apart and (first in _BESIDES or _is_participle(sent, start)):
            yield TokenSpan(start, end)
        case "appos" if is_apart and end - start > 1 and not _is_list(token, sent, end):
            yield TokenSpan(start, end)
        case "prep" if sent[start:end].text.lower().startswith(_EXAMPLES) and _is_closed(token, sent, end):
            yield TokenSpan(start, end)
        case "prep" if first == "like" and sent[start - 1].text == "," and _is_closed(token, sent, end):
            yield TokenSpan(start, end)
        case "conj" if token.pos_ in _VERBS and not any(child.dep_ == "conj" for child in token.children):
            yield from _second_clause(token, sent, end)


def _is_participle(sent: Span, start: int) -> bool:
    """Whether a constituent begins as ", leading to …" does; "increased error checking" is the next of a list."""
    tag = sent[start].tag_
    is_adjective = tag == "VBN" and start + 1 < len(sent) and sent[start + 1].pos_ in ("NOUN", "PROPN")
    return tag in ("VBG", "VBN", "RB") and not is_adjective


def _is_closed(token: Token, sent: Span, end: int) -> bool:
    """Whether a constituent ends where the parser says, as far as the punctuation behind it shows.

    What belongs to a verb ends its clause. A comma may also stand before the next of a list, of which the parser took
    the first for the whole.
    """
    if end == len(sent) or (sent[end].text in _CLOSING and sent[end].text != ","):
        # The full stop of an abbreviation ends nothing.
        return end >= len(sent) - 1 or sent[end].text not in _STOPS
    is_of_noun = token.head.pos_ not in _VERBS
    return sent[end].text == "," and is_of_noun and end + 1 < len(sent) and sent[end + 1].pos_ in _GOES_ON


def _second_clause(token: Token, sent: Span, end: int) -> Iterator[TokenSpan]:
    """The last of two clauses or predicates that "and" or "but" joins."""
    head = token.head
    joins = [child for child in head.children if child.dep_ == "cc" and head.i < child.i < token.i]
    # What comes behind the second clause may belong to both.
    is_last = not any(map(str.isalnum, sent[end:].text))
    is_two = (
        is_last
        and head.dep_ in ("ROOT", "ccomp")
        and not any(t.lower_ in _BOTH for t in sent[: head.i - sent.start + 1])
    )
    if is_two and joins and joins[-1].lower_ in _JOINED:
        yield TokenSpan(joins[-1].i - sent.start, end)


def _is_list(token: Token, sent: Span, end: int) -> bool:
    """Whether what the parser takes for another name is one of a list: "A, B and C"."""
    joined = any(t.dep_ in ("conj", "appos") and t is not token for t in (*token.children, *token.head.children))
    return joined or token.head.dep_ in ("conj", "appos") or (end < len(sent) and sent[end].dep_ == "cc")


def _is_safe(part: Span) -> bool:
    """Whether a part begins with nothing that makes the rest true, and its brackets are opened and closed in it."""
    words = [token.lower_ for token in part]
    letters = [word for word in words if any(map(str.isalnum, word))]
    if not letters or letters[0] == "to" or _CONDITIONS.intersection(letters[letters[0] in _JOINED : 2]):
        return False
    return words.count("(") == words.count(")") and sum(word in ('"', "“", "”") for word in words) % 2 == 0
