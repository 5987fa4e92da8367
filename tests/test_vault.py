"""Which files of a notes folder are read: each once, in any case of letters, and through which links."""

from __future__ import annotations

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
