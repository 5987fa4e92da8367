"""What a card leaves out of its sentence: where that is safe, what becomes of it on record, and who may undo it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import candidates
from tmscards.domain import CharSpan, Gap, Source, SourcePath
from tmscards.language import cuts, extraction
from tmscards.text import with_edits

ASIDES = (
    "The vagus nerve lowers the heart rate during slow breathing, making it easier to fall asleep after a long day."
)
SHORT = "The coil heats the cortex."
LONG = "The coil, which weighs two kilograms, heats the cortex."
ASIDE = CharSpan(LONG.index(", which"), LONG.index(" heats"))


def left_out(engine: Any, text: str) -> list[str]:
    """What could be left out of a sentence, each by itself, with the commas around it."""
    sent = engine.nlp(text)[:]
    places = [cuts.place(sent, part) for part in cuts.parts(sent)]
    return [text[place.start : place.end] for place in places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The nerve (a bundle of fibres) carries the signal.", [" (a bundle of fibres)"]),
        ("The coil, which weighs two kilograms, heats the cortex.", [", which weighs two kilograms,"]),
        ("The pulse excites the axons, leading to a twitch of the hand.", [", leading to a twitch of the hand"]),
        ("The coil, which must not touch the skin, heats the cortex.", [", which must not touch the skin,"]),
        ("The left side heats, while the right side stays cold.", [", while the right side stays cold"]),
        ("Some metals, such as iron and nickel, are magnetic.", [", such as iron and nickel,"]),
        ("The core (iron, etc.) gets warm.", [" (iron, etc.)"]),
        ("The cortex has six layers; the fourth receives input from the thalamus.", None),
        ("The coil heats the cortex and it excites the axons.", [" and it excites the axons"]),
        ("The device – a box of two kilograms – heats the cortex.", [" – a box of two kilograms –"]),
    ],
)
def test_asides_may_go(engine: Any, text: str, expected: list[str] | None) -> None:
    found = left_out(engine, text)
    assert (expected or [text[text.index(";") : -1]]) == found


@pytest.mark.parametrize(
    "text",
    [
        "The pulse excites the axons if the current is strong enough.",
        "The pulse is harmless (unless the patient has an implant).",
        "The treatment is safe (not for children).",
        "Transcranial magnetic stimulation (TMS) excites the cortex.",
        "The pulse works, only if the current is strong.",
        "Proteins that bind iron carry oxygen.",
        "Benefits such as weaker jaws, etc. that use less energy are known.",
        "The salad has apples, pears, and plums.",
        "Either the coil heats the cortex or the current stops.",
        "The study suggests that pulses calm the heart.",
        "The coil has the same (or twice the) weight.",
        "Framework – a set of tools",
        "The drug (in children over ten) shortens the illness.",
        "The militia became a force in 2013 and was placed under the army, though with leaders of its own.",
        "A fault of the clock caused a timer, which counted tenths of seconds, to overflow after a day.",
        "Point (3) can be fixed by another model of the data.",
        "A graph is defined as G = (V, E) where V is a set of nodes.",
    ],
)
def test_what_makes_the_rest_true_stays(engine: Any, text: str) -> None:
    assert left_out(engine, text) == []


def test_what_is_left_is_a_sentence_with_its_full_stop(engine: Any) -> None:
    for text, expected in {
        LONG: SHORT,
        "Some metals, such as iron and nickel, are magnetic.": "Some metals are magnetic.",
        "The nerve (a bundle of fibres) carries the signal.": "The nerve carries the signal.",
        "The coil heats the cortex and it excites the axons.": "The coil heats the cortex.",
        "The story of Barker, a doctor from Sheffield, who built a coil in his laboratory, shows how long it took.": (
            "The story of Barker, a doctor from Sheffield, shows how long it took."
        ),
    }.items():
        sent = engine.nlp(text)[:]
        places = [cuts.place(sent, part) for part in cuts.parts(sent)]
        assert with_edits(text, cuts.edits(places)) == expected


def test_the_ranker_says_what_an_expert_leaves_out(engine: Any) -> None:
    source = Source(SourcePath("a.md"), "a.md", "Heart", ASIDES)
    [result] = extraction.extract(engine, source).results
    assert [cuts.said(result.text, gap.cuts) for gap in result.gaps[:1]] == [
        [", making it easier to fall asleep after a long day"]
    ]
    [whole] = extraction.extract(engine, replace(source, body=f"{ASIDES} %% tmscards: whole %%")).results
    assert not any(gap.cuts for gap in whole.gaps)


def cut_candidate(text: str = LONG, **more: Any) -> Any:
    """A sentence of which a card that asks for "cortex" leaves out the aside."""
    made = candidates.candidate(text, "cortex", **more)
    gap = replace(made.gaps[0], cuts=(ASIDE,))
    return replace(made, gaps=(gap,), result=replace(made.result, gaps=(gap,)))


def test_a_new_note_leaves_out_and_says_so() -> None:
    [note] = candidates.notes(candidates.build([cut_candidate()]))
    assert note.text == "The coil heats the {{c1::cortex}}."
    assert (note.sentence, note.left_out) == (LONG, (ASIDE.start, ASIDE.end))


def test_a_note_of_two_gaps_leaves_out_what_both_can_do_without() -> None:
    one, other = (Gap(LONG.index(w), LONG.index(w) + len(w), w, 0.9) for w in ("coil", "cortex"))
    made = candidates.candidate(LONG, "coil", "cortex")
    both = (replace(one, cuts=(ASIDE,)), replace(other, cuts=(ASIDE,)))
    [note] = candidates.notes(candidates.build([replace(made, gaps=both)]))
    assert note.text == "The {{c1::coil}} heats the {{c2::cortex}}."
    [note] = candidates.notes(candidates.build([replace(made, gaps=(both[0], other))]))
    assert note.text == "The {{c1::coil}}, which weighs two kilograms, heats the {{c2::cortex}}."


def test_a_note_on_record_keeps_its_text_until_its_sentence_changes() -> None:
    whole = candidates.build([candidates.candidate(LONG, "cortex")])
    again = candidates.build([cut_candidate()], whole)
    assert [note.text for note in candidates.notes(again)] == [note.text for note in candidates.notes(whole)]
    # Whatever a later version would leave out, what was left out stays so.
    short = candidates.build([cut_candidate()])
    assert candidates.notes(candidates.build([candidates.candidate(LONG, "cortex")], short)) == candidates.notes(short)
    changed = LONG.replace("heats", "warms")
    [note] = candidates.notes(candidates.build([cut_candidate(changed)], whole))
    assert note.text == "The coil warms the {{c1::cortex}}."


def test_the_recipe_has_the_last_word_about_all_notes() -> None:
    whole = candidates.build([candidates.candidate(LONG, "cortex")])
    [note] = candidates.notes(candidates.build([cut_candidate()], whole, shown="short"))
    assert note.text == "The coil heats the {{c1::cortex}}."
    short = candidates.build([cut_candidate()])
    [note] = candidates.notes(candidates.build([cut_candidate()], short, shown="whole"))
    assert (note.text, note.left_out) == ("The coil, which weighs two kilograms, heats the {{c1::cortex}}.", ())


def test_a_record_that_wants_it_whole_stays_whole() -> None:
    short = candidates.build([cut_candidate()])
    wanted = {path: replace(f, notes=tuple(replace(n, whole=True) for n in f.notes)) for path, f in short.items()}
    [note] = candidates.notes(candidates.build([cut_candidate()], wanted, shown="short"))
    assert (note.text, note.whole) == ("The coil, which weighs two kilograms, heats the {{c1::cortex}}.", True)


def test_another_card_does_not_ask_for_what_the_first_leaves_out() -> None:
    from tmscards.deck import selection
    from tmscards.deck.recipes import Limits

    inside = Gap(LONG.index("two"), LONG.index("two") + 3, "two", 0.9)
    made = cut_candidate().result
    assert selection.gaps(replace(made, gaps=(*made.gaps, inside)), Limits(), "normal") == made.gaps


@pytest.mark.process
def test_a_real_build_and_the_words_of_explain(tmp_path: Any, inside: Any) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "decks").mkdir()
    (tmp_path / "notes/heart.md").write_text(f"# Heart\n\n{ASIDES}\n")
    recipe = tmp_path / "decks/heart.yaml"
    for text, is_short in (("", True), ("text: whole\n", False), ("text: short\n", True)):
        recipe.write_text(f"deck: Heart\n{text}")
        inside("build", cwd=tmp_path)
        record = (tmp_path / "decks/heart/heart.yaml").read_text()
        assert ("left_out" in record) == is_short
        assert "Nothing changes" in inside("build", cwd=tmp_path).stdout
    assert f"shown as: {ASIDES.partition(', making')[0]}." in inside("explain", "notes/heart.md", cwd=tmp_path).stdout
    path = tmp_path / "decks/heart/heart.yaml"
    path.write_text(path.read_text().replace("left_out:", "left_out:\n  - 900"))
    assert "delete them to have nothing left out" in inside("build", cwd=tmp_path, code=1).stderr
