"""Whatever grows beside an ordinary sentence, the sentence gets its card, and time grows with length alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from candidates import build, candidate, notes
from patterns_language import PATTERNS
from tmscards.anki import cloze_pieces, clozes
from tmscards.deck import selection
from tmscards.deck.matching import match
from tmscards.domain import CharSpan, Link, Passage, SentenceResult, Source, SourcePath, Timestamp, Waiver
from tmscards.language import abbreviations, extraction, portions
from tmscards.notes import positions

GOOD = "The amygdala is a region of the brain that processes fear."
FACT = "The cerebellum controls the balance of the body in humans."


def results(engine: Any, markdown: str) -> list[SentenceResult]:
    return list(extraction.extract(engine, Source(SourcePath("a.md"), "a.md", "T", markdown)).results)


def passage(text: str, **more: Any) -> Passage:
    return Passage(SourcePath("a.md"), "paragraph", text, 1, **more)


def rules(result: SentenceResult) -> set[str]:
    return {finding.rule for finding in result.findings}


@pytest.mark.parametrize("name", PATTERNS)
def test_an_ordinary_sentence_gets_its_card_beside_anything(engine: Any, name: str) -> None:
    first, *others = results(engine, f"{GOOD}\n\n{PATTERNS[name](3_000)}\n\n{FACT}\n")
    last = others[-1]
    assert (first.text, first.kind) == (GOOD, "definition")
    assert (last.text, last.kind) == (FACT, "fact")
    assert first.gaps
    assert last.gaps


@pytest.mark.parametrize(
    "text", [f"A{'a' * 1_000}", f"So a{'!' * 201} is so", "The brain and " * 400, f"So {'1 ' * 1_000}", "国" * 1_001]
)
def test_what_is_too_long_to_be_a_sentence_is_left_out_with_a_reason(engine: Any, text: str) -> None:
    [before, endless, after] = results(engine, f"{GOOD} {text.strip()}. This lasts for 30 minutes after it.")
    assert before.gaps
    assert (rules(endless), endless.gaps) == ({"endless"}, ())
    assert (after.before, endless.text) == ("", f"{text.strip()}.")


def test_what_its_author_marks_in_an_endless_sentence_is_asked(engine: Any) -> None:
    [result] = results(engine, "words and " * 600 + "a ==highlight== in them.")
    assert rules(result) == {"endless"}
    assert ([gap.text for gap in result.gaps], result.kept) == (["highlight"], True)


@pytest.mark.parametrize("blank", [" ", "&nbsp;", "**&#160;**", "\u3000"])
def test_white_space_is_not_asked(engine: Any, blank: str) -> None:
    [result] = results(engine, f"The {{{{c1::{blank}::hint}}}} is {{{{c2::red}}}} and =={blank}== warm.")
    assert all(gap.text.strip() for gap in result.gaps)
    assert "red" in [gap.text for gap in result.gaps]


def test_five_thousand_cloze_deletions_in_a_sentence_are_asked(engine: Any) -> None:
    [result] = results(engine, "{{c1::a}} " * 5_000)
    assert len(result.gaps) == 5_000


def test_a_cloze_deletion_inside_another_is_asked_too(engine: Any) -> None:
    [result] = results(engine, "The {{c1::pump moves {{c2::three}} ions}} and ==water== in {{c1::{{c3::one}}}} cycle.")
    asked = [(gap.text, gap.number) for gap in result.gaps]
    assert asked == [("pump moves three ions", 1), ("three", 2), ("one", 1), ("one", 3), ("water", None)]


def test_a_long_paragraph_gives_what_its_sentences_give_in_a_short_one(engine: Any) -> None:
    text = f"{GOOD} {FACT} It has 3 [[layers]] of **cells** %% tmscards: keep %% [00:{{:02}}]. "
    [*short] = results(engine, text.format(1))
    [*long] = results(engine, "".join(text.format(i % 60) for i in range(300)))
    assert len(long) == 300 * len(short) == 900
    assert [r.seconds for r in long] == [i % 60 for i in range(300) for _ in range(3)]
    assert {(r.text, r.kept, tuple(gap.text for gap in r.gaps)) for r in long} == {
        (r.text, r.kept, tuple(gap.text for gap in r.gaps)) for r in short
    }


def test_portions_keep_what_is_in_them_and_the_lines() -> None:
    text = "".join(f"Sentence {i:04} is about a cell. " for i in range(1_000))
    size = len("Sentence 0000 is about a cell. ")
    starts = range(0, len(text), size)
    whole = passage(
        text,
        line_starts=tuple(starts[1:]),
        links=tuple(Link(at, at + 8, "a") for at in starts),
        math=tuple(CharSpan(at + 9, at + 13) for at in starts),
        waivers=tuple(Waiver(at + size - 1, "keep") for at in starts),
        timestamps=(Timestamp(1, "x", 50_000), Timestamp(2, "x", len(text))),
    )
    parts = [portion.passage for portion in portions.cut([whole])]
    assert "".join(part.text for part in parts) == text
    assert max(len(part.text) for part in parts) <= portions.LONGEST_PASSAGE < len(text)
    assert sum(len(part.links) for part in parts) == sum(len(part.waivers) for part in parts) == 1_000
    for part in parts:
        for link, formula in zip(part.links, part.math, strict=True):
            assert part.text[link.start : link.end] == "Sentence"
            assert part.line_at(link.start) == int(part.text[formula.start : formula.end]) + 1


@pytest.mark.parametrize("first", [0, 310])
def test_a_time_covers_the_same_sentences_in_portions(first: int) -> None:
    text = "Sentence A is about one cell. " * 2_000
    stamps = tuple(Timestamp(i, "x", at) for i, at in enumerate((first, 12_000, 12_020, 40_000)))
    whole = passage(text, timestamps=stamps)
    parts, begins = [portion.passage for portion in portions.cut([whole])], 0
    for i, part in enumerate(parts):
        for start in range(0, len(part.text), 30):
            [expected, found] = [
                positions.Positions(passages).of(index, at)
                for passages, index, at in (([whole], 0, begins + start), (parts, i, start))
            ]
            assert found == expected
        begins += len(part.text)


def test_titles_that_are_too_long_are_shortened() -> None:
    [portion] = portions.cut([passage("A cell.", headings=("a" * 9_999, "b"), label="c" * 9_999)])
    assert [len(title) for title in (*portion.passage.headings, portion.passage.label or "")] == [1_000, 1, 1_000]
    ordinary = passage("A cell.", headings=("a",), label="c")
    assert next(portions.cut([ordinary])).passage is ordinary


def test_an_abbreviation_is_found_behind_many_others() -> None:
    text = "(A) " * 5_000 + "A transcranial stimulation (TS) works. MRI (magnetic resonance imaging) too."
    found = [(short.short, text[start:end]) for short, start, end in abbreviations.find(text)]
    assert found == [("TS", "transcranial stimulation"), ("MRI", "magnetic resonance imaging")]


def test_thousands_of_sentences_that_are_nearly_the_same_are_matched() -> None:
    texts = [f"The area {i} of the brain controls movement in adult humans" for i in range(2_000)]
    files = build([candidate(text, "humans") for text in texts])
    matched = match([candidate(text.replace("controls", "steers"), "humans") for text in texts], files)
    assert len(matched.known) == 2_000
    assert all(f"area {i} " in record.sentence for i, (_, record) in matched.known.items())


def test_thousands_of_sentences_that_say_the_same_become_one_note_and_keep_their_guids() -> None:
    same = [candidate("The brain is big", "big") for _ in range(3_000)]
    judged, _ = selection.drop_duplicates(same, ())
    assert sum(c.reason is None for c in judged) == 1
    made = notes(build(same))
    assert len({note.guid for note in made}) == 3_000
    assert [note.guid for note in notes(build(same[:10]))] == [note.guid for note in made[:10]]


def test_cloze_text_of_a_megabyte_is_read() -> None:
    assert clozes.plain("<" * 500_000) == "<" * 500_000
    assert clozes.plain(f"<b>{'<' * 100_000}") == "<" * 100_000
    assert list(clozes.faults("{{c1::" * 100_000)) != []
    flat = cloze_pieces.flatten("{{c1::a}} <b>b</b> " * 10_000 + "<" * 500_000)
    spans = [flat.span(deletion) for deletion in flat.deletions]
    assert all(earlier.end <= later.start for earlier, later in pairwise(spans))
    assert len(flat.pieces) == 10_000 * 6 + 500_000
