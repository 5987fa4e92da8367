"""What a build does with the result of an earlier one: the real command, again and again, in one folder."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

import kills
from conftest import ROOT
from project import NOTE, Project, Run


@pytest.fixture
def project(tmp_path: Path, inside: Run) -> Project:
    made = Project(tmp_path / "project", inside)
    made.build()
    return made


def guid_of(project: Project, words: str) -> str:
    [guid] = [guid for guid, (text, _, _) in project.notes().items() if words in text]
    return guid


def test_nothing_changed(project: Project) -> None:
    digest, records = project.digest, {p: p.read_text() for p in project.records.rglob("*.yaml")}
    assert "Nothing changes" in project.build()
    assert project.digest == digest
    assert {p: p.read_text() for p in project.records.rglob("*.yaml")} == records
    assert "Nothing changes" in project.tmscards("diff").stdout


def test_another_machine_and_lost_records_give_the_same_bytes(project: Project, tmp_path: Path, tmscards: Run) -> None:
    other = Project(tmp_path / "other", tmscards)
    other.build()
    assert other.digest == project.digest
    shutil.rmtree(project.records)
    project.build()
    assert other.digest == project.digest


def test_a_typo_changes_the_text_and_the_time_of_its_note_alone(project: Project) -> None:
    before = project.notes()
    began = int(time.time())
    said = project.change("a few seconds", "some seconds")
    assert "1 changed" in said
    after = project.notes()
    assert before.keys() == after.keys()
    changed = [guid for guid in before if before[guid] != after[guid]]
    assert changed == [guid_of(project, "vagus")]
    assert began <= after[changed[0]][2] <= time.time()
    assert after[changed[0]][0] == "The {{c1::vagus nerve}} slows the {{c2::heart}} within some seconds."


def test_a_lost_answer_is_named_and_its_number_is_not_given_away(project: Project) -> None:
    said = project.change("the ==heart==", "the heart")
    assert "card 2 of the note on nerves.md:8 has lost its answer 'heart'" in said
    assert project.record()[0]["dropped"] == {2: "heart"}
    project.change("a few seconds", "==a few seconds==")
    text = project.notes()[guid_of(project, "vagus")][0]
    assert text == "The {{c1::vagus nerve}} slows the heart within {{c3::a few seconds}}."


def test_a_deleted_sentence_is_an_orphan_once_and_comes_back(project: Project) -> None:
    guid = guid_of(project, "vagus")
    sentence = "The ==vagus nerve== slows the ==heart== within a few seconds [00:01:00]."
    said = project.change(sentence, "")
    assert "1 orphaned" in said
    assert "tag:tmscards::orphan" in said
    text, tags, orphaned = project.notes()[guid]
    assert "vagus nerve" in text
    assert "tmscards::orphan" in tags
    assert project.record()[-1]["status"] == "orphan"
    digest = project.digest
    project.build()
    assert project.digest == digest, "it goes along until something changes"
    project.change("of the other side", "on the other side")
    assert guid not in project.notes()
    assert "1 back again" in project.change("## Heart\n", f"## Heart\n\n{sentence}\n")
    text, tags, restored = project.notes()[guid]
    assert (text, tags) == ("The {{c1::vagus nerve}} slows the {{c2::heart}} within a few seconds.", "")
    assert restored > orphaned


def test_a_renamed_file_and_a_moved_sentence_are_the_same_notes(project: Project) -> None:
    before = project.notes()
    project.source.rename(project.source.with_name("moved.md"))
    assert "Nothing changes" in project.build()
    assert project.notes() == before
    assert not (project.records / "nerves.yaml").exists()
    assert len(project.record("moved")) == 2
    project.source = project.source.with_name("moved.md")
    project.change("## Brain\n", "")
    assert {guid: text for guid, (text, _, _) in project.notes().items()} == {g: t for g, (t, _, _) in before.items()}


def test_what_people_decide_in_a_record_holds(project: Project) -> None:
    cortex, vagus = guid_of(project, "cortex"), guid_of(project, "vagus")
    project.edit_record("{{c1::motor cortex}} moves", "{{c1::motor cortex::area}} moves")
    project.edit_record("status: auto", "status: rejected")
    assert "{{c1::motor cortex::area}}" in project.tmscards("diff", code=1).stdout
    project.build()
    assert project.notes().keys() == {cortex}
    assert project.notes()[cortex][0] == "The {{c1::motor cortex::area}} moves the hand of the other side."
    assert [note["status"] for note in project.record()] == ["rejected", "edited"]
    digest = project.digest
    # The sources go on changing: an edited text stays as it is, a rejected sentence stays out.
    project.change("of the other side", "on the other side")
    project.change("a few seconds", "some seconds")
    assert project.digest == digest
    assert vagus not in project.notes()
    # The way back.
    project.edit_record("status: edited", "status: auto")
    project.edit_record("status: rejected", "status: approved")
    project.build()
    assert project.notes()[cortex][0] == "The {{c1::motor cortex}} moves the hand on the other side."
    assert project.notes()[vagus][0] == "The {{c1::vagus nerve}} slows the {{c2::heart}} within some seconds."


def test_a_note_stays_when_its_sentence_would_not_be_chosen_today(project: Project) -> None:
    project.source.write_text(NOTE.replace("==", ""))
    project.build()
    before = project.notes()
    assert {guid: text for guid, (text, _, _) in before.items() if "vagus" in text}
    (project.folder / "decks/nerves.yaml").write_text("deck: Nerves\ntags: [new]\n")
    project.build()
    assert project.notes().keys() == before.keys()
    assert {tags for _, tags, _ in project.notes().values()} == {"new"}
    project.source.write_text(NOTE.replace("==", "").replace("1:00].", "1:00]. %% tmscards: skip %%"))
    assert "1 orphaned" in project.build()


def test_an_unreadable_source_keeps_its_notes(project: Project) -> None:
    before = project.notes()
    project.source.write_bytes(b"caf\xe9")
    (project.source.parent / "other.md").write_text(NOTE.replace("vagus", "optic").replace("hand", "foot"))
    project.tmscards("build", code=1)
    assert before.items() <= project.notes().items()
    assert len(project.notes()) == 4


def test_diff_says_what_a_build_would_change_and_writes_nothing(project: Project) -> None:
    digest = project.digest
    project.source.write_text(
        NOTE.replace("a few seconds", "some seconds").replace("## Brain", "The ==coil== is cold.")
    )
    for command in (("diff",), ("build", "--dry-run")):
        said = project.tmscards(*command, code=1).stdout
        assert "- The {{c1::vagus nerve}} slows the {{c2::heart}} within a few seconds." in said
        assert "+ The {{c1::vagus nerve}} slows the {{c2::heart}} within some seconds." in said
        assert "Nerves: Notes: 1 new, 1 changed" in said
    lines = [json.loads(line) for line in project.tmscards("diff", "--json", code=1).stdout.splitlines()]
    assert {(line["kind"], line["line"]) for line in lines} >= {("new", 10), ("text", 8)}
    assert project.digest == digest
    project.build()
    project.tmscards("diff")


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "decks/nerves.yaml",
            "deck: Nerves",
            "deck: Nerve",
            "the deck was shipped as 'Nerves' and is now called 'Nerve'",
        ),
        ("templates/default/template.yaml", "id: 1753029310001", "id: 1753029310002", "the note type 1753029310001"),
        ("decks/nerves/.deck.yaml", "- Extra\n", "", "the note type was shipped with the fields Text, Context, Source"),
        ("decks/nerves/.deck.yaml", "- Cloze", "- Card 1", "the note type was shipped with the cards Card 1"),
        ("decks/nerves/nerves.yaml", "kind: fact", "sort: fact", "unknown key 'notes.0.sort'"),
    ],
)
def test_what_would_break_a_learners_deck_is_refused(
    project: Project, file: str, old: str, new: str, expected: str
) -> None:
    shutil.copytree(ROOT / "templates/default", project.folder / "templates/default")
    path = project.folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    before = {p: p.read_bytes() for p in project.folder.rglob("*") if p.is_file()}
    done = project.tmscards("build", code=1)
    assert expected in done.stderr
    assert "(" in done.stderr.splitlines()[0], "and what to do"
    assert {p: p.read_bytes() for p in project.folder.rglob("*") if p.is_file()} == before


def test_a_record_from_the_future_is_refused(project: Project) -> None:
    project.edit_record("modified: 1577836800", f"modified: {int(time.time()) + 3600}")
    done = project.tmscards("build", code=1)
    assert "which is in the future (set this computer's clock" in done.stderr


@pytest.mark.process
def test_a_build_that_is_killed_leaves_the_old_deck_or_the_new_one(tmp_path: Path) -> None:
    report = kills.run(sources=12, count=6, folder=tmp_path, seed=1)
    assert report.broken == []


def test_the_records_of_our_own_notes_are_up_to_date(tmscards: Run, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    for part in ("notes", "decks", "templates"):
        shutil.copytree(ROOT / part, folder / part)
    tmscards("diff", cwd=folder)
    assert os.listdir(folder / "decks/tms")


def test_a_dry_run_of_a_new_project_writes_nothing(inside: Run, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", inside)
    before = sorted(project.folder.rglob("[!.]*"))
    assert "2 new" in project.tmscards("diff", code=1).stdout
    shutil.rmtree(project.folder / ".tmscards")
    assert sorted(project.folder.rglob("[!.]*")) == before


def test_records_never_go_among_the_notes(tmscards: Run, tmp_path: Path) -> None:
    notes = tmp_path / "nerves"
    notes.mkdir()
    (notes / "a.md").write_text(NOTE)
    tmscards("build", "--notes", notes, "--output", "nerves.apkg")
    assert [p.name for p in notes.iterdir()] == ["a.md"]
    assert (tmp_path / "nerves.records/a.yaml").exists()


def test_a_rejected_note_is_a_change_and_so_is_its_return(project: Project) -> None:
    project.edit_record("status: auto", "status: rejected")
    assert "1 left out, as it was rejected" in project.build()
    assert "Nothing changes" in project.build()
    project.edit_record("status: rejected", "status: auto")
    assert "1 back again" in project.build()


def test_check_names_the_faults_of_records(project: Project) -> None:
    project.edit_record("status: auto", "status: fine")
    assert "decks/nerves/nerves.yaml:7: notes.0.status" in project.tmscards("check", code=1).stderr


def test_a_sentence_that_the_recipe_leaves_out_is_not_called_gone(project: Project) -> None:
    project.source.write_text(
        project.source.read_text()
        + "\n## Stimulation\n\nTranscranial magnetic stimulation is a method that stimulates the cortex by magnetic pulses.\n"
        + "\nTheta burst stimulation is a form of rTMS that delivers pulses in bursts.\n"
    )
    recipe = project.folder / "decks/nerves.yaml"
    said = project.build()
    assert "2 new" in said
    recipe.write_text("deck: Nerves\nlimits: {notes_per_source: 1}\n")
    changes = [json.loads(line) for line in project.tmscards("diff", "--json", code=1).stdout.splitlines()]
    orphans = [change for change in changes if change["kind"] == "orphan"]
    assert orphans
    assert {change["cause"] for change in orphans} == {"recipe"}
    said = project.build()
    assert f"{len(orphans)} orphaned, as the recipe now leaves the sentence out" in said
    assert "is gone" not in said
    records = [note for note in project.record() if note["status"] == "orphan"]
    assert {note["orphaned_by"] for note in records} == {"recipe"}
    recipe.write_text("deck: Nerves\n")
    assert f"{len(orphans)} back again" in project.build()
    assert not any("orphaned_by" in note for note in project.record())


def test_a_sentence_that_its_author_takes_out_is_not_called_gone(project: Project) -> None:
    said = project.change("[00:01:00].", "[00:01:00]. %% tmscards: skip %%")
    assert "1 orphaned, as the source now leaves the sentence out" in said


def test_a_note_that_its_author_asked_for_stays_whatever_is_wrong_with_its_sentence(project: Project) -> None:
    project.source.write_text(
        project.source.read_text() + "\nThe address of the {{c1::site}} is https://example.com/a in all texts.\n"
    )
    assert "1 new" in project.build()
    project.source.write_text(project.source.read_text() + "\nSomething else.\n")
    assert "orphaned" not in project.build()
