"""Which files of a notes folder are read: each once, in any case of letters, and through which links."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from project import Run
from tmscards.notes import languages, vault

Write = Callable[[str, str], Path]


def names(folder: Path, *, follow_links: bool = False) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in vault.find(folder, follow_links=follow_links)]


def test_the_ending_may_be_in_capital_letters(write: Write, tmp_path: Path) -> None:
    for name in ("notes/a.md", "notes/b.MD", "notes/c.Markdown", "notes/d.mdx", "notes/e.txt"):
        write(name, "x")
    assert names(tmp_path / "notes") == ["a.md", "b.MD", "c.Markdown", "d.mdx"]


def test_a_pattern_that_matches_folders_means_the_files_in_them(write: Write, tmp_path: Path) -> None:
    for name in ("notes/a.md", "notes/week.1/b.txt", "notes/odd.md/c.md"):
        write(name, "x")
    found = vault.find(tmp_path / "notes", ["**/*"])
    assert [path.relative_to(tmp_path / "notes").as_posix() for path in found] == [
        "a.md",
        "odd.md",
        "odd.md/c.md",
        "week.1/b.txt",
    ]


def test_what_links_lead_to_is_there_once(write: Write, tmp_path: Path) -> None:
    write("notes/a/n.md", "x")
    write("out/o.md", "x")
    notes = tmp_path / "notes"
    (notes / "b").symlink_to("a")
    (notes / "c.md").symlink_to("a/n.md")
    (notes / "loop").symlink_to(".")
    assert names(notes) == ["a/n.md"]
    (notes / "out").symlink_to("../out")
    assert names(notes) == ["a/n.md", "out"]
    assert names(notes, follow_links=True) == ["a/n.md", "out/o.md"]


@pytest.mark.process
@pytest.mark.parametrize(
    "copy",
    [
        "n (conflicted copy 2024-05-01).md",
        "n (Ada's conflicted copy 2024-05-01).md",
        "n.sync-conflict-20240501-120000-ABCDEFG.md",
        "n_conflict-20240501-120000.md",
    ],
)
def test_a_copy_of_a_sync_program_is_named_and_not_read(copy: str, write: Write, tmp_path: Path, inside: Run) -> None:
    write("decks/a.yaml", "deck: A\n")
    write(f"notes/{copy}", "The ==octopus== has two hearts.\n")
    assert "1 card" in inside("build", cwd=tmp_path).stdout
    write("notes/n.md", "The ==octopus== has three hearts.\n")
    done = inside("build", cwd=tmp_path, code=1)
    assert f"notes/{copy}: this is a copy that a sync program has made of n.md" in done.stderr
    assert vault.original(tmp_path / "notes" / "n.md") is None
    assert vault.original(tmp_path / "notes" / "My notes - conflict theory.md") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Die Membran hat zwei Schichten und ist nicht dick, wie es sich gehört.", "de"),
        ("La membrane est une couche qui ne peut pas être épaisse dans la cellule.", "fr"),
        ("La membrana es una capa que no puede ser gruesa en la célula.", "es"),
        ("De cel is een kamer die niet groot is, en het water gaat naar buiten.", "nl"),
        ("細胞の核は遺伝子を保存する。", "ja"),
        ("中国的首都是北京。", "zh"),
        ("대한민국의 수도는 서울이다.", "ko"),
        ("يخزن الحصين الذاكرة الجديدة.", "ar"),
        ("Клетка имеет две мембраны.", "ru"),
        ("The cell is a room, and water goes out of it.", "en"),
        ("Mitochondria – powerhouse\nGolgi – sorts proteins", "en"),
        ("$x_i = y_i$, $z_w = 1$ i w z", "en"),
        ("```\nder die das und ist nicht\n```\nCell room.", "en"),
        ("", "en"),
    ],
)
def test_a_language_is_told_by_its_letters_and_words(text: str, code: str) -> None:
    assert languages.of(text) == code


@pytest.mark.process
def test_a_note_in_another_language_makes_cards_of_what_needs_no_model(
    write: Write, tmp_path: Path, inside: Run
) -> None:
    write("decks/a.yaml", "deck: A\n")
    write(
        "notes/a.md",
        "Die ==Membran== hat zwei Schichten und ist nicht dick.\n\nDas Wasser ist in der Zelle und wird dort nicht alt.\n\n"
        "- Ribosom – der Ort, an dem die Zelle Eiweiß macht\n\n| Teil | Aufgabe |\n|---|---|\n| Kern | hält die Gene |\n\n"
        "F: Was?\n\nQ: Was ist der Kern?\nA: Ein Teil der Zelle.\n",
    )
    done = inside("build", cwd=tmp_path)
    assert "notes/a.md: this note is in German: cards are made only of what is marked" in done.stderr
    texts = (tmp_path / "decks/a/a.yaml").read_text()
    for text in ("{{c1::Membran}}", "{{c1::Ribosom}} –", "::hält die Gene}}", "{{c1::Ein Teil der Zelle}}"):
        assert text in texts
    assert "Wasser" not in texts
    assert "German" in inside("check", cwd=tmp_path, code=1).stderr


NOTE = "The ==octopus== has three hearts.\n"


@pytest.fixture
def own_vault(write: Write, tmp_path: Path) -> Path:
    """A vault of Obsidian with a note in a subfolder, and with all that is no note."""
    write("vault/.obsidian/templates.json", '{"folder": "Meta/Forms"}')
    write("vault/.obsidian/daily-notes.json", '{"template": "Meta/Day", "folder": "Journal"}')
    write("vault/.obsidian/app.json", "{}")
    write("vault/Biology/Week 1/octopus.md", NOTE)
    write("vault/Meta/Forms/lecture.md", "# {{title}}\n\nThe ==template== has no fact.\n")
    write("vault/Meta/Day.md", "# {{date}}\n\nThe ==day== has no fact.\n")
    write("vault/Biology/Templates/lab.md", "---\ntitle: {{title}}\n---\n\nThe ==lab== has no fact.\n")
    write("vault/.trash/old.md", "The ==trash== has no fact.\n")
    write("vault/Private/diary.md", "The ==diary== has no fact.\n")
    write("vault/sketch.excalidraw.md", "---\nexcalidraw-plugin: parsed\n---\n\nThe ==sketch== has no fact.\n")
    return tmp_path / "vault"


def test_what_a_vault_holds_besides_notes_is_not_read(own_vault: Path) -> None:
    assert names(own_vault) == ["Biology/Week 1/octopus.md", "Private/diary.md", "sketch.excalidraw.md"]
    aside = [path.relative_to(own_vault).as_posix() for path in vault.aside(own_vault)]
    assert aside == ["Biology/Templates", "Meta/Day.md", "Meta/Forms"]
    assert [path.name for path in vault.find(own_vault / "Biology")] == ["octopus.md"]


def test_a_pattern_that_names_it_reads_it_after_all(own_vault: Path) -> None:
    found = vault.find(own_vault, ["Meta/Forms/*.md", "Biology/**/*.md"])
    assert [path.name for path in found] == ["octopus.md", "lecture.md"]
    # Outside a vault, "templates" may be what the notes are about.
    (own_vault / ".obsidian").rename(own_vault / "obsidian")
    assert "Biology/Templates/lab.md" in names(own_vault)


@pytest.mark.parametrize(
    "settings", ["", "[]", '{"folder": 3}', '{"folder": "../.."}', '{"folder": "/"}', "{", "[" * 99_999]
)
def test_settings_that_say_nothing(settings: str, own_vault: Path) -> None:
    (own_vault / ".obsidian/templates.json").write_text(settings)
    assert "Biology/Week 1/octopus.md" in names(own_vault)
    assert "Meta/Forms/lecture.md" in names(own_vault)


def test_settings_that_are_a_pipe_are_not_waited_for(own_vault: Path) -> None:
    (own_vault / ".obsidian/templates.json").unlink()
    os.mkfifo(own_vault / ".obsidian/templates.json")
    assert "Meta/Forms/lecture.md" in names(own_vault)


def test_a_graph_of_logseq_keeps_old_versions(write: Write, tmp_path: Path) -> None:
    for name in ("logseq/config.edn", "logseq/bak/pages/octopus.md", "logseq/custom.md", "pages/octopus.md"):
        write(f"graph/{name}", NOTE)
    assert names(tmp_path / "graph") == ["pages/octopus.md"]
    (tmp_path / "graph/logseq/config.edn").unlink()
    assert len(names(tmp_path / "graph")) == 3


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        (["!Private"], ["a.md", "b/c.md"]),
        (["!Private/"], ["a.md", "b/c.md"]),
        (["**/*.md", "!**/c.md", "!Private/**"], ["a.md"]),
        (["!*.md"], ["Private/d.md", "b/c.md"]),
        (["b/*.md", "!b/x.md"], ["b/c.md"]),
    ],
)
def test_patterns_that_leave_out(globs: list[str], expected: list[str], write: Write, tmp_path: Path) -> None:
    for name in ("a.md", "b/c.md", "Private/d.md"):
        write(f"notes/{name}", NOTE)
    found = vault.find(tmp_path / "notes", globs)
    assert [path.relative_to(tmp_path / "notes").as_posix() for path in found] == expected


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.process
@pytest.mark.parametrize("where", ["project", "vault"])
def test_init_writes_a_recipe_for_a_vault(where: str, own_vault: Path, tmp_path: Path, inside: Run) -> None:
    before = content(own_vault)
    said = inside("init", where, "--vault", "vault", cwd=tmp_path).stdout
    assert f"wrote {where}/decks/vault.yaml" in said
    recipe = tmp_path / where / "decks/vault.yaml"
    recipe.write_text(recipe.read_text() + 'sources: ["!Private"]\n')
    built = inside("build", cwd=tmp_path / where)
    assert "1 card from 2 sources" in built.stdout
    assert "Not read, as it holds no notes: Biology/Templates, Meta/Day.md, Meta/Forms" in built.stdout
    assert built.stderr == ""
    assert (f"Read from {own_vault}, as the recipe says" in built.stdout) == (where == "project")
    assert "octopus" in (recipe.with_suffix("") / "Biology/Week 1/octopus.yaml").read_text()
    assert {
        path: text for path, text in content(own_vault).items() if not re.search(r"/decks/|/\.tmscards/", path)
    } == before
    assert "this file already exists" in inside("init", where, "--vault", "vault", cwd=tmp_path, code=1).stderr


@pytest.mark.process
def test_faults_of_a_vault_are_said_with_the_way_out(
    own_vault: Path, write: Write, tmp_path: Path, inside: Run
) -> None:
    assert "no/vault: this folder does not exist" in inside("init", "--vault", "no/vault", cwd=tmp_path, code=1).stderr
    recipe = write("decks/a.yaml", "deck: A\nnotes: ../nowhere\n")
    said = inside("build", cwd=tmp_path, code=1).stderr
    assert "nowhere: this folder does not exist" in said
    assert "notes:" in said
    recipe.write_text("deck: A\nnotes: ''\n")
    assert "decks/a.yaml:2" in inside("build", cwd=tmp_path, code=1).stderr
    recipe.write_text("deck: A\nnotes: vault\nsources: ['!../x']\n")
    assert "decks/a.yaml:3" in inside("build", cwd=tmp_path, code=1).stderr


@pytest.mark.process
def test_the_sample_reads_subfolders(tmp_path: Path, write: Write, inside: Run) -> None:
    inside("init", "project", cwd=tmp_path)
    write("project/notes/week/octopus.md", NOTE)
    inside("build", cwd=tmp_path / "project")
    assert (tmp_path / "project/decks/tms/week/octopus.yaml").exists()
