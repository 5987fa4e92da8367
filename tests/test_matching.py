from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidates import Files, build, candidate, notes
from tmscards.deck.matching import match, similarity
from tmscards.language import lint

SAINT = "The SAINT protocol condenses months of sessions into a five-day regimen."
NERVE = "The vagus nerve slows the heart within a few seconds."
[QUESTION] = [rule for rule in lint.OF_STRUCTURE if rule.id == "question"]
COIL = "A coil above the scalp makes a magnetic field of two tesla."


def same(before: str, after: str, *, answer: str, others: tuple[str, ...] = (), **more: Any) -> bool:
    """Whether a note of one sentence is taken to be another sentence, other sentences standing by."""
    files = build([candidate(before, answer)])
    today = [candidate(after, *([answer] if answer in after else [after.split()[1]]), **more)]
    today += [candidate(text, text.split()[1]) for text in others]
    return match(today, files).known.get(0) is not None


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        (SAINT, SAINT.upper().replace("THE SAINT", "the saint"), "SAINT"),
        (SAINT, SAINT.replace("protocol", "protocl"), "five-day"),
        (SAINT, SAINT.replace("five-day", "five-dya"), "five-day"),
        (SAINT, SAINT.replace("condenses", "compresses"), "five-day"),
        (SAINT, SAINT[:-1] + " that is delivered in a hospital by a team.", "five-day"),
        (SAINT, "SAINT condenses months into a five-day regimen.", "five-day"),
        (SAINT, f"{NERVE[:-1]}, and {SAINT}", "five-day"),
        (SAINT, SAINT.replace("five-day", "six-day"), "five-day"),
    ],
)
def test_an_edited_sentence_is_the_same_note(before: str, after: str, answer: str) -> None:
    assert same(before, after, answer=answer, others=(COIL,))


@pytest.mark.parametrize(
    ("after", "answer"),
    [
        (NERVE, "five-day"),
        ("The SAINT protocol was tested in patients with severe depression.", "five-day"),
        ("The TBS protocol takes three minutes.", "five-day"),
        ("A five-day regimen of antibiotics is enough for most patients with pneumonia.", "five-day"),
    ],
)
def test_a_sentence_that_says_something_else_is_not(after: str, answer: str) -> None:
    assert not same(SAINT, after, answer=answer)


def test_a_sentence_that_no_card_can_be_made_of_is_the_same_only_if_it_has_an_answer() -> None:
    close = SAINT.replace("five-day regimen", "shorter regimen")
    assert same(SAINT, close, answer="five-day")
    assert same(SAINT, close, answer="five-day", reason="its best card is worth 0.90")
    assert not same(SAINT, close, answer="five-day", findings=(QUESTION.found(),), reason="a question")
    assert same(SAINT, SAINT.replace("months", "weeks"), answer="five-day", reason="a question")


def test_what_could_be_either_is_neither_and_said() -> None:
    files = build([candidate("The drug lowers the pressure in the left lung.", "pressure")])
    today = [
        candidate("The drug lowers the pressure in the right lung.", "pressure"),
        candidate("The drug lowers the pressure in the upper lung.", "pressure"),
    ]
    matching = match(today, files)
    assert not matching.known
    assert [note.guid for _, note in matching.unsure] == [note.guid for note in notes(files)]


def test_the_same_words_come_before_words_that_are_alike() -> None:
    files = build([candidate(SAINT, "five-day"), candidate(SAINT.replace("months", "weeks"), "five-day")])
    today = [
        candidate(SAINT.replace("months", "weeks"), "five-day"),
        candidate(SAINT.replace("months", "days"), "five-day"),
    ]
    known = match(today, files).known
    first, second = notes(files)
    assert known[0][1].guid == second.guid
    assert known[1][1].guid == first.guid


def test_a_sentence_said_twice_has_two_notes() -> None:
    files = build([candidate(SAINT, "five-day"), candidate(SAINT, "five-day")])
    assert len({note.guid for note in notes(files)}) == 2
    again = build([candidate(SAINT, "five-day"), candidate(SAINT, "five-day")], files)
    assert notes(again) == notes(files)


def test_a_block_id_holds_a_sentence_that_was_rewritten() -> None:
    files = build([candidate(SAINT, "SAINT", block="x1")])
    rewritten = "Patients get ten sessions a day of SAINT for five days."
    assert not match([candidate(rewritten, "SAINT")], files).known
    assert match([candidate(rewritten, "SAINT", block="x1")], files).known


def test_a_sentence_is_found_in_another_source_and_in_a_renamed_one() -> None:
    files = build([candidate(SAINT, "five-day"), candidate(NERVE, "heart"), candidate(COIL, "two tesla", path="b.md")])
    guids = {note.sentence: note.guid for note in notes(files)}
    moved = [candidate(NERVE, "heart", path="b.md"), candidate(COIL, "two tesla", path="b.md")]
    assert {note.sentence: note.guid for note in notes(build([*moved, candidate(SAINT, "five-day")], files))} == guids
    edited = NERVE.replace("slows", "calms")
    renamed = [candidate(SAINT, "five-day", path="c.md"), candidate(edited, "heart", path="c.md"), moved[1]]
    now = {note.sentence: note.guid for note in notes(build(renamed, files))}
    assert now == {SAINT: guids[SAINT], edited: guids[NERVE], COIL: guids[COIL]}


def test_similarity_is_of_words_in_their_order() -> None:
    assert similarity("The coil is cold.", "the coil — is COLD") == 1.0
    assert similarity("The coil heats the cortex.", "Sleep makes memories last.") < 0.2
    assert similarity(SAINT, SAINT.replace("protocol", "protocl")) > 0.9


SENTENCES = [
    SAINT,
    NERVE,
    COIL,
    SAINT.replace("months", "weeks"),
    NERVE.replace("few", "dozen"),
    COIL[:-1] + " or three.",
]


@given(st.lists(st.lists(st.tuples(st.sampled_from(SENTENCES), st.sampled_from("ab")), max_size=6), max_size=5))
def test_any_history_of_a_deck_has_unique_guids_and_settles(history: list[list[tuple[str, str]]]) -> None:
    files: Files = {}
    known: set[str] = set()
    for step, sentences in enumerate(history):
        candidates = [candidate(text, text.split()[1], path=f"{name}.md") for text, name in sentences]
        files = build(candidates, files, now=2_000_000_000 + step)
        guids = [note.guid for note in notes(files)]
        assert len(guids) == len(set(guids))
        assert known <= set(guids), "no note is ever forgotten"
        known |= set(guids)
        assert sum(note.status != "orphan" for note in notes(files)) == len(candidates)
        assert build(candidates, files, now=2_100_000_000) == files, "a build of the same changes nothing"
