"""The rows of tables: one statement each, or one for each cell where cells hold prose of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from tmscards.domain import CharSpan, HandCloze, Passage
from tmscards.notes.marks import LeaveOut
from tmscards.notes.outline import LONGEST_TITLE
from tmscards.notes.trimming import cut

_MOST_SHARED = 100
"""How many timestamps of a table row each cell gets; of more, only the first and the last."""
_LONGEST_CELL, _MOST_SENTENCES = 400, 3
"""Characters and sentences; cells that have more are prose."""
_SENTENCE = 6
"""Words; so many with a full stop behind them are a sentence that stands alone."""
_SENTENCE_ENDS = re.compile(r"[.!?](?=\s+[^\W\d_])")
QUESTION = re.compile(r"(?:Q|Question|Frage)\s?\d*\s*[:.)]\s*(?=\S)", re.I)
ANSWER = re.compile(r"(?:A|Ans|Answer|Antwort)\s?\d*\s*[:.)]\s*(?=\S)", re.I)
"""What stands before a question and before its answer."""
_QUESTION = re.compile(r"q|questions?|front|prompt|frage", re.I)
_ANSWER = re.compile(r"a|answers?|back|response|antwort", re.I)


def read(row: Sequence[Sequence[Passage]], heads: Sequence[str], leave_out: LeaveOut) -> Iterator[Passage]:
    """The passages of a row, whose cells may have several lines; `heads` are the words above its columns, if any."""
    heads = [*heads, *[""] * (len(row) - len(heads))]
    filled = [
        (head, joined(pieces, [" "] * (len(pieces) - 1)))
        for head, cell in zip(heads, row, strict=False)
        if (pieces := [piece for piece in cell if piece.text or piece.timestamps])
    ]
    asked = _pair(filled, leave_out)
    if asked:
        yield asked
    elif len(filled) > 1 and not any(_is_prose(cell) for _, cell in filled):
        names = tuple(head for head, _ in filled if head)
        whole = _row([cell for _, cell in filled], _separators(filled))
        # Where columns have heads, a label is often one that the rows of other tables have too.
        asks = (*whole.asks[1:], *whole.asks[:1]) if names else whole.asks
        yield replace(whole, lead=names, asks=asks)
    else:
        yield from _cells([(piece, head) for cell, head in zip(row, heads, strict=False) for piece in cell])


def _pair(filled: Sequence[tuple[str, Passage]], leave_out: LeaveOut) -> Passage | None:
    """A row that is a question and its answer, as its columns or its cells say; None if it is none."""
    if len(filled) != 2:
        return None
    (first, question), (second, answer) = filled
    if _QUESTION.fullmatch(first) and _ANSWER.fullmatch(second):
        return pair(question, answer)
    asks, answers = QUESTION.match(question.text), ANSWER.match(answer.text)
    if not asks or not answers:
        return None
    leave_out("label", f"{asks[0]} {answers[0]}", question.line)
    return pair(cut(question, asks.end()), cut(answer, answers.end()))


def _is_prose(cell: Passage) -> bool:
    if cell.text.endswith(".") and len(cell.text.split()) >= _SENTENCE:
        return True
    ends = sum(1 for _ in _SENTENCE_ENDS.finditer(cell.text))
    return len(cell.text) > _LONGEST_CELL or ends >= _MOST_SENTENCES


def _separators(filled: Sequence[tuple[str, Passage]]) -> list[str]:
    """What stands before each cell but the first: the column's head or, of two columns without heads, a colon."""
    if len(filled) == 2 and not any(head for head, _ in filled):
        return [": "]
    return [f" · {head}: " if head else " · " for head, _ in filled[1:]]


def _row(cells: Sequence[Passage], separators: Sequence[str]) -> Passage:
    """The cells of a row as one passage, in which each cell can be asked."""
    asks = tuple(
        CharSpan(start, start + len(cell.text))
        for start, cell in zip(_starts(cells, separators), cells, strict=True)
        if cell.text
    )
    return replace(joined(cells, separators), form="row", asks=asks)


def pair(question: Passage, answer: Passage, *, both: bool = False) -> Passage:
    """A question and its answer as one passage in which the answer is asked, and the question too if `both` are."""
    whole = joined([question, answer], [" "])
    shift = len(question.text) + 1
    place = CharSpan(shift, len(whole.text.rstrip(".")))
    asked = (CharSpan(0, shift - 1), place) if both else (place,)
    by_hand = whole.clozes or whole.highlights
    return replace(whole, clozes=whole.clozes if by_hand else deletions_of(asked), form="pair", asks=asked)


def deletions_of(places: Sequence[CharSpan]) -> tuple[HandCloze, ...]:
    """Deletions of these places, which their author has asked for; one alone gets a free number."""
    return tuple(HandCloze(p.start, p.end, i if len(places) > 1 else None) for i, p in enumerate(places, 1))


def joined(passages: Sequence[Passage], separators: Sequence[str]) -> Passage:
    """Several passages as one; `separators` are what stands between them, one fewer than passages."""
    first, *others = passages
    if not others:
        return first
    starts = _starts(passages, separators)
    moved = [_moved(each, start) for each, start in zip(passages, starts, strict=True)]
    return replace(
        first,
        text="".join(gap + each.text for gap, each in zip(["", *separators], passages, strict=True)),
        line_starts=tuple(_line_starts(passages, starts)),
        timestamps=tuple(place for each in moved for place in each.timestamps),
        links=tuple(place for each in moved for place in each.links),
        emphasis=tuple(place for each in moved for place in each.emphasis),
        highlights=tuple(place for each in moved for place in each.highlights),
        clozes=tuple(place for each in moved for place in each.clozes),
        waivers=tuple(place for each in moved for place in each.waivers),
        math=tuple(place for each in moved for place in each.math),
        pictures=tuple(place for each in moved for place in each.pictures),
    )


def _starts(passages: Sequence[Passage], separators: Sequence[str]) -> list[int]:
    """Where each passage begins in the text of all."""
    ends = accumulate(len(gap) + len(each.text) for gap, each in zip(["", *separators], passages, strict=True))
    return [end - len(each.text) for end, each in zip(ends, passages, strict=True)]


def _moved(passage: Passage, by: int) -> Passage:
    return passage.remade(passage.text, lambda offset: offset + by)


def _line_starts(passages: Sequence[Passage], starts: Sequence[int]) -> Iterator[int]:
    line = passages[0].line
    for passage, start in zip(passages, starts, strict=True):
        yield from [start] * max(0, passage.line - line)
        yield from (offset + start for offset in passage.line_starts)
        line = max(line, passage.line) + len(passage.line_starts)


def _cells(row: Sequence[tuple[Passage, str]]) -> Iterator[Passage]:
    """The cells of a row with their heads: the first labels the others; those without a timestamp get the row's."""
    stamps = [stamp for cell, _ in row for stamp in cell.timestamps]
    shared = stamps if len(stamps) <= _MOST_SHARED else [stamps[0], stamps[-1]]
    first = row[0][0].text if row else ""
    label = first if len(first) <= LONGEST_TITLE else ""
    for i, (cell, head) in enumerate(row):
        own = cell.timestamps or tuple(replace(s, offset=len(cell.text)) for s in shared)
        lead = (head,) if head and i else ()
        yield replace(cell, label=label or None if i else None, timestamps=own, lead=lead)
