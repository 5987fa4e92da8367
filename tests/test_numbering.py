from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidates import Files, build, candidate, notes
from tmscards.anki import clozes
from tmscards.deck import numbering
from tmscards.domain import CharSpan, Gap

WORDS = "alpha gamma delta epsilon zeta theta iota kappa lambda sigma omega".split()


def rebuilt(before: str, answers: list[str], after: str, today: list[str], **more: Any) -> str:
    """The text of a note after its sentence was edited."""
    files = build([candidate(before, *answers)])
    [note] = [n for n in notes(build([candidate(after, *today, **more)], files)) if n.status != "orphan"]
    return note.text


@pytest.mark.parametrize(
    ("text", "gap", "repeats"),
    [
        ("Unit square: a loop holds a unit square.", 28, [0]),
        ("With a 16:1 ratio, each dollar makes $16.", 38, []),
        ("The origin of one is the origin of the other.", 25, [4]),
    ],
)
def test_an_answer_that_stands_twice_is_hidden_as_before(text: str, gap: int, repeats: list[int]) -> None:
    length = 2 if "16" in text else len("unit square") if "Unit" in text else len("origin")
    first = candidate(text)
    hidden = Gap(gap, gap + length, text[gap : gap + length], 1.0, tuple(CharSpan(at, at + length) for at in repeats))
    first = replace(first, gaps=(hidden,), result=replace(first.result, gaps=(hidden,)))
    files = build([first])
    assert notes(files)[0].text.count("{{c1::") == 1 + len(repeats)
    assert notes(build([first], files)) == notes(files)


BEFORE = "The vagus nerve slows the heart within a few seconds of stimulation."


@pytest.mark.parametrize(
    ("after", "today", "expected"),
    [
        # The same answers in another order keep their numbers.
        (
            "Within a few seconds of stimulation the heart is slowed by the vagus nerve.",
            ["vagus nerve", "heart"],
            "Within a few seconds of stimulation the {{c2::heart}} is slowed by the {{c1::vagus nerve}}.",
        ),
        # A misspelt answer is the same one.
        (
            "The vagus nerv slows the heart within a few seconds of stimulation.",
            ["heart"],
            "The {{c1::vagus nerv}} slows the {{c2::heart}} within a few seconds of stimulation.",
        ),
        # What would not be chosen today stays all the same; what is new gets a new number.
        (
            "The vagus nerve slows the heart within a few seconds of stimulation, by acetylcholine.",
            ["acetylcholine"],
            "The {{c1::vagus nerve}} slows the {{c2::heart}} within a few seconds of stimulation, by "
            "{{c3::acetylcholine}}.",
        ),
        # An answer that was corrected, where it would be asked today.
        (
            "The vagus nerve slows the lungs within a few seconds of stimulation.",
            ["vagus nerve", "lungs"],
            "The {{c1::vagus nerve}} slows the {{c2::lungs}} within a few seconds of stimulation.",
        ),
        # One that is gone leaves its number unused.
        (
            "The vagus nerve slows it within a few seconds of stimulation of the neck.",
            ["vagus nerve", "neck"],
            "The {{c1::vagus nerve}} slows it within a few seconds of stimulation of the {{c3::neck}}.",
        ),
    ],
)
def test_numbers_stay_with_their_answers(after: str, today: list[str], expected: str) -> None:
    assert rebuilt(BEFORE, ["vagus nerve", "heart"], after, today) == expected


def test_what_the_author_marks_is_hidden_just_so() -> None:
    assert rebuilt(BEFORE, ["vagus nerve", "heart"], BEFORE, ["heart"], marked=True) == BEFORE.replace(
        "heart", "{{c2::heart}}"
    )
    more = rebuilt(BEFORE, ["heart"], BEFORE, ["vagus nerve", "heart"], marked=True)
    assert more == BEFORE.replace("heart", "{{c1::heart}}").replace("vagus nerve", "{{c2::vagus nerve}}")


def test_a_number_is_never_given_to_another_answer_and_comes_back_with_its_own() -> None:
    first = build([candidate(BEFORE, "vagus nerve", "heart", marked=True)])
    second = build([candidate(BEFORE, "vagus nerve", marked=True)], first)
    assert notes(second)[0].dropped == {2: "heart"}
    third = build([candidate(BEFORE, "vagus nerve", "seconds", marked=True)], second)
    assert clozes.answers(notes(third)[0].text) == {1: "vagus nerve", 3: "seconds"}
    fourth = build([candidate(BEFORE, "vagus nerve", "heart", marked=True)], third)
    assert clozes.answers(notes(fourth)[0].text) == {1: "vagus nerve", 2: "heart"}
    assert notes(fourth)[0].dropped == {3: "seconds"}


def test_repeats_of_an_answer_are_hidden_with_it() -> None:
    after = "A coil is cold; no coil is warm for long when the current is off."
    assert rebuilt("A coil is cold when the current is off.", ["coil"], after, ["current"]).count("{{c1::coil}}") == 2


def test_where_an_answer_stands() -> None:
    text = "The DLPFC and the dorsolateral prefrontal cortex are one."
    assert numbering.locate("dlpfc", text) == CharSpan(4, 9)
    near = numbering.locate("dorsolateral prefrontal cortx", text)
    assert near is not None
    assert text[near.start : near.end] == "dorsolateral prefrontal cortex"
    assert numbering.locate("cortical column", text) is None
    assert numbering.locate("10 Hz", "It pulses at 20 Hz.") is None, "another number is another answer"


@given(
    st.lists(st.sampled_from(WORDS), min_size=4, max_size=11, unique=True),
    st.data(),
)
def test_any_history_of_a_sentence_keeps_the_promises(words: list[str], data: st.DataObject) -> None:
    history: dict[int, str] = {}
    files: Files = {}
    for step in range(4):
        text = " ".join(["Stays", *data.draw(st.permutations(words)), "and stands here as before it did."])
        asked = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True))
        marked = data.draw(st.booleans())
        files = build([candidate(text, *asked, block="b", marked=marked)], files, now=2_000_000_000 + step)
        alive = [note for note in notes(files) if note.status != "orphan"]
        assert len(alive) == 1
        answers = clozes.answers(alive[0].text)
        assert len(answers) <= 3
        for number, answer in answers.items():
            assert history.setdefault(number, answer) == answer, "a number never changes its answer"
        if marked:
            assert sorted(answers.values()) == sorted(asked)
        assert build([candidate(text, *asked, block="b", marked=marked)], files, now=2_100_000_000) == files


def test_a_sentence_with_more_gaps_than_anki_has_numbers_hides_as_many_as_there_are() -> None:
    words = [f"w{i}" for i in range(520)]
    gaps = [Gap(6 * i, 6 * i + len(word), word, 1.0) for i, word in enumerate(words)]
    given = numbering.give(gaps, {3: "of old"})
    assert [gap.number for gap in given] == [number for number in range(1, 500) if number != 3]
