from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from project import Run
from tmscards.deck import records
from tmscards.deck.recipes import read
from tmscards.errors import UserError

Write = Callable[[str, str], Path]


def test_a_full_recipe(write: Write) -> None:
    recipe = read(
        write(
            "decks/x.yaml",
            'deck: "A::B"\nsources: ["x/*.md"]\ntemplate: default\ntags: [t]\ntags_from: [heading]\n'
            "limits: {notes_per_source: 5, cards_per_note: 1}\npipeline: en_core_web_sm\n",
        )
    )
    assert recipe.deck == "A::B"
    assert recipe.limits.notes_per_source == 5
    assert recipe.tags_from == ("heading",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deck: X\nsuorces: [a]\n", "x.yaml:2: unknown key 'suorces' (did you mean sources?)"),
        (
            "deck: X\nlimits:\n  card_per_note: 1\n",
            "x.yaml:3: unknown key 'limits.card_per_note' (did you mean cards_per_note?)",
        ),
        (
            "deck: X\nlimits:\n  cards_per_note: 9\n",
            "x.yaml:3: limits.cards_per_note: Input should be less than or equal to 3",
        ),
        ("sources: [a]\n", "x.yaml:1: the key 'deck' is missing (add `deck: …`)"),
        (f"deck: {'[' * 300_000}\n", "x.yaml: this is nested too deeply (close the brackets, or put them in quotes)"),
        (
            f"deck:\n  {'- ' * 300_000}\n",
            "x.yaml: this is nested too deeply (close the brackets, or put them in quotes)",
        ),
        (
            "deck: X\ntags_from:\n  - folder\n  - moon\n",
            "x.yaml:4: tags_from.1: tags come from front matter, folder, heading, title, or a key of "
            "front matter: `property: course`",
        ),
        (
            'deck: "<img src=x>"\n',
            "x.yaml:1: deck: a deck's name is plain text, without <, > and what Anki reads as its own syntax",
        ),
        (
            "deck: 'A \\(\\style{a}{b}\\)'\n",
            "x.yaml:1: deck: a deck's name is plain text, without <, > and what Anki reads as its own syntax",
        ),
        ('deck: "A::"\n', "x.yaml:1: deck: each part of a deck's name needs letters, as in Science::Brain"),
        (
            "deck: X\nsources: [../x/*.md]\n",
            "x.yaml:2: sources: patterns are relative to the notes folder, such as lectures/*.md or !drafts",
        ),
        ("deck: X\nnotes: ~other\n", "x.yaml:2: notes: this is the path of a folder, such as ../vault"),
        ("deck: X\ntemplate: a/b\n", "x.yaml:2: template: this is the name of a folder in templates/, without a path"),
        (
            "deck: A::B: C\n",
            "x.yaml:1: this is not valid YAML: mapping values are not allowed in this context (a name with :: or # needs quotes)",
        ),
        (
            "deck: 2025-13-45\n",
            "x.yaml:1: this is not valid YAML: month must be in 1..12 (put dates and times in quotes)",
        ),
        ("- a\n", 'x.yaml:1: this recipe is not a list of keys and values (write `deck: "My deck"`)'),
        ("", 'x.yaml:1: this recipe is not a list of keys and values (write `deck: "My deck"`)'),
    ],
)
def test_faults_are_named_with_their_line(write: Write, text: str, expected: str) -> None:
    path = write("x.yaml", text)
    with pytest.raises(UserError) as error:
        read(path)
    assert str(error.value) == f"{path.parent}/{expected}"


def test_all_faults_are_named_at_once(write: Write) -> None:
    with pytest.raises(UserError) as error:
        read(write("x.yaml", "dek: X\ntag: [a]\n"))
    assert len(str(error.value).splitlines()) == 3


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path / "none.yaml")


BOMB = "\n".join(["a0: &a0 {b: c}", *(f"a{i + 1}: &a{i + 1}\n  <<: [*a{i}, *a{i}]" for i in range(40))])


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (BOMB, 21, "repeat more than they may"),
        ("deck: X\nsources: &a [*a]\n", 2, "this contains itself"),
        (f"deck: X\nlimits: {{cards_per_note: 0x{'f' * 6000}}}\n", 2, "this number is too long"),
        ("deck: X\nlimits: {cards_per_note: 1.0e+999}\n", 2, "finite"),
        ('deck: X\nlimits: {cards_per_note: !!int ""}\n', 2, "this is no int"),
        ("deck: X\n? [a]\n: b\n", 2, "unhashable"),
        ("deck: X\n1: a\n", 2, "Keys should be strings"),
        ("deck: !!timestamp x\n", 1, "this is no timestamp"),
        ("deck: X\n" + "".join(f"k{i}: 1\n" for i in range(5000)), 2, "4900 more faults"),
        ("deck: X\n? " + "k" * 100_000 + "\n: 1\n", 2, "unknown key"),
    ],
)
def test_yaml_from_strangers_costs_a_message(write: Write, text: str, line: int, reason: str) -> None:
    kinds: dict[str, Callable[[Path], object]] = {
        "recipe": read,
        "records": lambda path: records.one(path, path.read_bytes()),
    }
    for name, kind in kinds.items():
        path = write("x.yaml", text)
        with pytest.raises(UserError) as error:
            kind(path)
        assert len(str(error.value)) < 40_000
        if name == "recipe":
            assert f"{path}:{line}: " in str(error.value)
            assert reason in str(error.value)


def test_only_files_of_a_limited_size_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "large.yaml").write_bytes(b"deck: X\n" + b"#" * 5_000_000)
    for name in ("pipe.yaml", "large.yaml"):
        with pytest.raises(UserError, match="cannot be read"):
            read(tmp_path / name)


@pytest.mark.process
def test_two_decks_do_not_overwrite_each_others_look(write: Write, tmp_path: Path, inside: Run) -> None:
    write("notes/a.md", "The ==octopus== has three hearts.\n")
    write("decks/a.yaml", "deck: A\n")
    second = write("decks/b.yaml", "deck: B\noptions: {accent: '#123456'}\n")
    said = inside("build", cwd=tmp_path, code=1)
    assert "A: 1 card" in said.stdout
    assert "decks/b.yaml: decks/a.yaml makes the same note type with other options" in said.stderr
    assert "(tmscards template new b --from default)" in said.stderr
    assert not (tmp_path / "decks/b.apkg").exists()
    assert "decks/b.yaml: decks/a.yaml makes" in inside("check", cwd=tmp_path, code=1).stderr
    # The way out, as the message says it.
    inside("template", "new", "b", "--from", "default", cwd=tmp_path)
    second.write_text("deck: B\ntemplate: b\noptions: {accent: '#123456'}\n")
    assert "B: 1 card" in inside("build", cwd=tmp_path).stdout
    # What learners have already is only warned of.
    (tmp_path / "decks/b").rename(tmp_path / "b")
    second.write_text("deck: B\n")
    inside("build", cwd=tmp_path)
    second.write_text("deck: B\noptions: {accent: '#123456'}\n")
    assert "makes the same note type" in inside("build", cwd=tmp_path).stderr
