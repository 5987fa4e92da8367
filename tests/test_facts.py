"""Two notes of one sentence: where a sentence states two facts, and what becomes of the note of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import candidates
from project import Project, Run
from tmscards.deck import facts
from tmscards.domain import Candidate, CharSpan, Gap, SentenceResult, Source, SourcePath
from tmscards.language import extraction
from tmscards.language import facts as parsed

BOTH = "The anode attracts negative ions, and the cathode attracts positive ions."
FIRST, SECOND = "The anode attracts negative ions.", "The cathode attracts positive ions."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOTH, "the cathode attracts positive ions."),
        ("Alpha waves appear at rest; beta waves appear during active thinking.", "beta waves appear during active"),
        ("Arteries carry blood from the heart, while veins carry blood to the heart.", "veins carry blood to"),
        ("The left DLPFC is stimulated at 10 Hz, but the right DLPFC is stimulated at 1 Hz.", "the right DLPFC is"),
        ("SAINT lasts five days, whereas conventional stimulation takes six weeks.", "conventional stimulation takes"),
    ],
)
def test_two_clauses_that_need_nothing_of_each_other(engine: Any, text: str, expected: str) -> None:
    place = parsed.second(engine.nlp(text)[:])
    assert place is not None
    assert text[place.start : place.end].startswith(expected)
    assert place.end == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "The vagus nerve slows the heart, and it lowers the blood pressure.",
        "The DLPFC controls working memory, and the region is often stimulated.",
        "In 1905 Hans founded a firm in London, and Alfred Davis paid for the watches.",
        "If the pulse is weak, the coil stays cold, and the cortex does not react.",
        "The coil heats the cortex, and the magnet heats faster.",
        "Studies show that coils calm the heart, and magnets calm the mind.",
        "One hemisphere speaks and reads, and the other hemisphere recognises faces.",
        "Iron is a metal, copper is a metal, and sulfur is a mineral.",
        "The coil heats the cortex and excites the axons of the nerve.",
        "Either the coil is too far away, or the current of the pulse is too weak.",
        "The salad has apples, pears, and plums.",
    ],
)
def test_a_clause_that_may_need_the_other_is_no_fact_of_its_own(engine: Any, text: str) -> None:
    assert parsed.second(engine.nlp(text)[:]) is None


def extracted(engine: Any, text: str) -> SentenceResult:
    source = Source(SourcePath("a.md"), "a.md", "Cells", text)
    [result] = extraction.extract(engine, source).results
    return result


def test_each_fact_asks_for_its_own_answers(engine: Any) -> None:
    result = extracted(engine, BOTH)
    first, second = facts.statements([result], None)
    assert (first.text, second.text) == (BOTH, SECOND)
    assert first.gaps[0].text == "negative ions"
    assert [first.text[cut.start : cut.end] for cut in first.gaps[0].cuts] == [
        ", and the cathode attracts positive ions"
    ]
    assert second.gaps[0].text == "positive ions"
    for each in (*first.gaps, *second.gaps):
        whole = first.text if each in first.gaps else second.text
        assert whole[each.start : each.end] == each.text


def test_its_author_may_want_one_note(engine: Any) -> None:
    for says in ("whole", "keep"):
        assert extracted(engine, f"{BOTH} %% tmscards: {says} %%").second is None
    whole, other = facts.statements([extracted(engine, BOTH)], "whole")
    assert {gap.text for gap in whole.gaps} >= {"negative ions", "positive ions"}
    assert any(finding.drops for finding in other.findings)


def test_an_answer_of_both_facts_keeps_them_together() -> None:
    place = CharSpan(BOTH.index("the cathode"), len(BOTH))
    twice = Gap(4, 9, "anode", 0.9, repeats=(CharSpan(40, 45),))
    assert parsed.crosses(twice, place)
    assert not parsed.crosses(replace(twice, score=0.1), place)
    assert not parsed.crosses(replace(twice, repeats=()), place)


def pair(text: str = BOTH, asked: tuple[str, str] = ("negative", "positive")) -> list[Candidate]:
    """The two candidates of a sentence of two facts."""
    whole = candidates.candidate(text, *asked, second=CharSpan(text.index("the cathode"), len(text)))
    return [
        replace(whole, result=result, gaps=result.gaps, reason=None)
        for result in facts.statements([whole.result], None)
    ]


def texts(files: candidates.Files) -> dict[str, str]:
    return {note.text: note.guid for note in candidates.notes(files) if note.status != "orphan"}


def test_two_notes_with_a_guid_each() -> None:
    found = texts(candidates.build(pair()))
    assert list(found) == ["The anode attracts {{c1::negative}} ions.", "The cathode attracts {{c1::positive}} ions."]
    assert len(set(found.values())) == 2


@pytest.mark.parametrize(
    "edited",
    [
        BOTH.replace("anode", "anodes").replace("attracts negative", "attract negative"),
        BOTH.replace("the cathode attracts", "the cathode atracts"),
        BOTH.replace("attracts", "draws"),
        BOTH.replace(", and", "; and"),
        BOTH.replace("ions.", "ions of the solution."),
        BOTH.replace("The anode", "The copper anode"),
    ],
)
def test_both_keep_their_history_through_an_edit(edited: str) -> None:
    before = candidates.build(pair())
    after = candidates.build(pair(edited), before)
    assert [note.guid for note in candidates.notes(after)] == [note.guid for note in candidates.notes(before)]
    assert not any(note.status == "orphan" for note in candidates.notes(after))


def test_one_of_them_stays_alone_or_comes_to_the_other() -> None:
    first, second = (note.guid for note in candidates.notes(candidates.build(pair())))
    both = candidates.build(pair())
    alone = texts(candidates.build([candidates.candidate(FIRST, "negative")], both))
    assert alone == {"The anode attracts {{c1::negative}} ions.": first}
    alone = texts(candidates.build([candidates.candidate(SECOND, "positive")], both))
    assert alone == {"The cathode attracts {{c1::positive}} ions.": second}
    grown = texts(candidates.build(pair(), candidates.build([candidates.candidate(FIRST, "negative")])))
    assert len(grown) == 2
    assert next(iter(grown)) == "The anode attracts {{c1::negative}} ions."


@pytest.mark.process
def test_a_note_of_an_earlier_version_shows_both_and_gets_no_other(tmp_path: Any, inside: Run) -> None:
    project = Project(tmp_path / "project", inside)
    project.source.write_text(f"# Cells\n\n{BOTH}\n")
    recipe = project.folder / "decks/nerves.yaml"
    recipe.write_text("deck: Nerves\ntext: whole\n")
    project.build()
    [(guid, (text, _, _))] = project.notes().items()
    assert "negative" in text
    assert "cathode" in text
    recipe.write_text("deck: Nerves\n")
    project.build()
    assert {guid: text} == {guid: text for guid, (text, _, _) in project.notes().items()}
    assert project.change("# Cells", "# Cells\n\nCations are ions with a positive charge.")
    assert project.notes()[guid][0] == text


@pytest.mark.process
def test_the_real_command_makes_two_and_takes_each_back(tmp_path: Any, inside: Run) -> None:
    project = Project(tmp_path / "project", inside)
    project.source.write_text(f"# Cells\n\n{BOTH}\n")
    project.build()
    before = {text: guid for guid, (text, _, _) in project.notes().items()}
    assert set(before) == {"The anode attracts {{c1::negative ions}}.", "The cathode attracts {{c1::positive ions}}."}
    assert "Nothing changes" in project.build()
    shown = project.tmscards("explain", "notes/nerves.md").stdout
    assert f"shown as: {FIRST}" in shown
    assert SECOND in shown
    said = project.change(", and the cathode attracts positive ions", "")
    assert "1 orphaned" in said
    assert "1 back again" in project.change("negative ions.", "negative ions, and the cathode attracts positive ions.")
    assert {text: guid for guid, (text, _, _) in project.notes().items()} == before
    # One key on record shows the whole sentence again; the other note stays.
    project.edit_record("  - 72\n", "  - 72\n  whole: true\n")
    project.build()
    assert set(project.notes()) == set(before.values())
    assert "The anode attracts {{c1::negative ions}}, and the cathode" in str(project.notes())
