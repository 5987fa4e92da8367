"""The way back to the note: addresses that open it in Obsidian, in Logseq or as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from project import Project, Run
from tmscards.domain import SourcePath
from tmscards.notes import addresses

Write = Callable[[str, str], Path]
PATH = SourcePath("Week 1/The cell & co.md")


def test_obsidian_opens_the_place_in_the_vault(write: Write, tmp_path: Path) -> None:
    write("My vault/.obsidian/app.json", "{}")
    write("My vault/Biology/Week 1/x.md", "x")
    address = addresses.opener(tmp_path / "My vault/Biology")(PATH)
    assert address == "obsidian://open?vault=My%20vault&file=Biology%2FWeek%201%2FThe%20cell%20%26%20co"
    assert addresses.within(address, None, ("Cell", "What: it #does")) == f"{address}%23What%20it%20does"
    assert addresses.within(address, "a1b2", ("Cell",)) == f"{address}%23%5Ea1b2"
    assert addresses.within(address, None, ()) == address


def test_logseq_opens_the_page_or_the_block(write: Write, tmp_path: Path) -> None:
    write("graph/logseq/config.edn", "{}")
    write("graph/pages/a.md", "x")
    address = addresses.opener(tmp_path / "graph/pages")(SourcePath("biology___cell.md"))
    assert address == "logseq://graph/graph?page=biology%2Fcell"
    block = "64f0c1de-1111-2222-3333-0123456789ab"
    assert addresses.within(address, block, ("x",)) == f"logseq://graph/graph?block-id={block}"
    assert addresses.within(address, "short", ("x",)) == address


def test_a_folder_that_is_no_vault_has_no_address_unless_the_recipe_names_the_app(tmp_path: Path) -> None:
    assert addresses.opener(tmp_path)(PATH) == ""
    assert addresses.opener(tmp_path, "none")(PATH) == ""
    assert (
        addresses.opener(tmp_path, "file")(PATH) == f"{tmp_path.resolve().as_uri()}/Week%201/The%20cell%20%26%20co.md"
    )
    assert addresses.opener(tmp_path, "obsidian")(PATH).startswith(f"obsidian://open?vault={tmp_path.name}&file=Week")


@pytest.mark.process
def test_a_card_leads_to_its_note_and_to_the_recording(tmp_path: Path, inside: Run) -> None:
    project = Project(tmp_path / "project", inside)
    project.build()
    assert "link" not in project.record()[0]
    (project.folder / "notes/.obsidian").mkdir()
    said = project.build()
    assert "2 changed around the text" in said
    [link, _] = [note["link"] for note in project.record()]
    assert link == "obsidian://open?vault=notes&file=nerves%23Heart"
    source = project.fields()[0][3]
    assert source == '<a href="obsidian://open?vault=notes&amp;file=nerves%23Heart">Nerves</a>'
    assert "youtube" in project.fields()[0][4]
    project.edit_record("link: obsidian", "link: javascript")
    assert "this is not the address of a note" in project.tmscards("build", code=1).stderr
    project.edit_record("link: javascript", "link: obsidian")
    (project.folder / "decks/nerves.yaml").write_text("deck: Nerves\nlink: none\n")
    project.build()
    assert project.fields()[0][3] == "Nerves"
    (project.folder / "decks/nerves.yaml").write_text("deck: Nerves\nlink: moon\n")
    assert "decks/nerves.yaml:2" in project.tmscards("build", code=1).stderr
