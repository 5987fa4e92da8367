"""What may be decided about a note on record."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmscards.anki import cloze_pieces, clozes
from tmscards.deck import decisions, identity
from tmscards.domain import Guid, Record
from tmscards.errors import UserError

TEXT = "The {{c1::vagus nerve}} slows the {{c2::heart}} within a few seconds."


def record(text: str = TEXT, **more: Any) -> Record:
    sentence = clozes.plain(text)
    made = Record(Guid("guid"), "fact", "auto", text, sentence, 1, 0, "")
    return replace(identity.stamp(made, (text,), None, 0), **more)


def gap(note: Record, words: str, number: int | None = None) -> Record:
    start = cloze_pieces.flatten(note.text).shown.index(words)
    return decisions.with_gap(note, start, start + len(words), number)


def test_a_new_gap_has_a_number_of_its_own_and_the_others_keep_theirs() -> None:
    changed = gap(record(), "few seconds")
    assert changed.text == "The {{c1::vagus nerve}} slows the {{c2::heart}} within a {{c3::few seconds}}."


def test_words_that_overlap_a_gap_make_it_longer_or_shorter() -> None:
    assert "{{c1::nerve}}" in gap(record(), "nerve").text
    assert "{{c2::the heart}}" in gap(record(), "the heart").text


def test_a_moved_gap_keeps_its_number_and_hint() -> None:
    hinted = decisions.with_hint(record(), 2, "an organ")
    assert "{{c2::heart::an organ}}" in hinted.text
    assert gap(hinted, "few seconds", 2).text.endswith("slows the heart within a {{c2::few seconds::an organ}}.")


def test_a_number_that_is_gone_is_given_to_its_own_answer_alone() -> None:
    without = decisions.without_gap(record(), 1)
    assert (without.text, without.dropped) == (TEXT.replace("{{c1::vagus nerve}}", "vagus nerve"), {1: "vagus nerve"})
    assert "{{c3::few seconds}}" in gap(without, "few seconds").text
    again = gap(without, "vagus nerve")
    assert (again.text, again.dropped) == (TEXT, {})


def test_words_that_would_give_the_answer_away_are_hidden_too() -> None:
    assert gap(record("A coil is a {{c1::wire}}; the coil is round."), "coil").text == (
        "A {{c2::coil}} is a {{c1::wire}}; the {{c2::coil}} is round."
    )


def test_the_only_gap_stays() -> None:
    with pytest.raises(UserError, match="nothing would be asked"):
        decisions.without_gap(record("A {{c1::coil}}."), 1)
    with pytest.raises(UserError, match="nothing would be asked"):
        decisions.with_text(record(), "No gap at all.")


@pytest.mark.parametrize("bad", [(5, 5), (9, 3), (900, 999), (3, 4)])
def test_a_selection_of_nothing_is_refused(bad: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="no words are selected"):
        decisions.with_gap(record(), *bad)
    with pytest.raises(UserError, match="there is no gap 7"):
        decisions.with_gap(record(), 0, 3, 7)


def test_an_edited_note_stays_edited_through_rejecting_and_approving() -> None:
    edited = record(status="edited")
    rejected = decisions.reject(edited)
    assert rejected.status == "rejected"
    assert decisions.approve(rejected).status == decisions.approve(edited).status == "edited"
    assert decisions.approve(decisions.reject(record())).status == "approved"


def test_editing_a_rejected_note_brings_it_back() -> None:
    assert gap(decisions.reject(record()), "few seconds").status == "approved"


def test_tags_are_as_anki_takes_them() -> None:
    changed = decisions.with_tags(record(), ["#deep", "two words", "", "deep", "<b>"])
    assert changed.tags == changed.own_tags == ("deep", "two_words", "b")


@pytest.mark.parametrize("hint", ["an organ", "a}}b", "a::b", "{{c9::x}}", "<script>alert(1)</script>", "}"])
def test_any_hint_leaves_the_answers_as_they_are(hint: str) -> None:
    changed = decisions.with_hint(record(), 1, hint)
    assert clozes.answers(changed.text) == clozes.answers(TEXT)
    assert "<script>" not in changed.text


WORDS = st.lists(
    st.sampled_from(["nerve", "heart", "&amp;", "<b>x</b>", "a:b", "{", "}}", "coil", "é"]), min_size=3, max_size=9
)


@given(WORDS, st.data())
def test_a_text_is_put_together_again_as_it_was(words: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words) - 1))
    hint = data.draw(st.sampled_from(["", "::hint"]))
    text = " ".join("{{c1::" + w.replace("}}", "") + "x" + hint + "}}" if i == at else w for i, w in enumerate(words))
    flat = cloze_pieces.flatten(text)
    assert cloze_pieces.render(flat.pieces, flat.deletions) == text
    assert len(flat.shown) == len(flat.places)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12), st.sampled_from([None, 1, 2, 3])), max_size=12))
def test_no_number_is_ever_given_to_another_answer(moves: list[tuple[int, int, int | None]]) -> None:
    note = record()
    shown = cloze_pieces.flatten(TEXT).shown
    for start, length, number in moves:
        before = {**note.dropped, **clozes.answers(note.text)}
        try:
            after = decisions.with_gap(note, start, start + length, number)
        except UserError:
            continue
        assert cloze_pieces.flatten(after.text).shown == shown
        asked = clozes.answers(after.text)
        for n, answer in asked.items():
            moved = clozes.answers(note.text).get(n)
            # A new number is a new answer's; an old one goes on, or was moved, or comes back to its answer.
            assert n not in before or moved is not None or before[n].lower() == answer.lower()
        assert set(before) <= set(asked) | set(after.dropped)
        note = after


def test_what_could_run_or_fetch_never_reaches_a_field() -> None:
    from tmscards.anki import note_types

    bad = (
        '{{c1::x}} <script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">j</a>'
        '<a href="java&#115;cript:alert(1)">k</a><a href="javascript&#58;alert(1)">l</a>'
        '<img src="https://example.org/a.png"><iframe src="https://example.org"></iframe><svg onload=alert(1)>'
        '<b style="background:url(https://example.org)" onclick=alert(1)>b</b><img src="brain.png"> &#123;&#123; &#58;&#58;'
    )
    text = dict(zip(note_types.FIELDS, note_types.fields(record(bad), "T"), strict=True))["Text"]
    assert not re.search(r"script|onerror|onload|onclick|style=|example\.org|iframe|svg", text)
    assert '<img src="brain.png">' in text
    assert text.endswith("&#123;&#123; &#58;&#58;")
    assert text.startswith("{{c1::x}}")
