"""What notes and file names of strangers do to a terminal: nothing."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tmscards.cli import terminal

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, str], Path]
HOSTILE = "\x1b[31m \x1b]0;title\x07 \x1b]8;;https://x.org\x1b\\ \x1b]52;c;YQ==\x07 \x9b2J \b\r \x7f \u202e\u2066\u2028"
SAFE = (
    r"\x1b[31m \x1b]0;title\x07 \x1b]8;;https://x.org\x1b\ \x1b]52;c;YQ==\x07 \x9b2J \x08\x0d \x7f \u202e\u2066\u2028"
)
CONTROLS = [
    *map(chr, range(32)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HOSTILE, SAFE),
        ("a\nb\tc", r"a\x0ab\x09c"),
        (os.fsdecode(b"a\xff\x80.md"), r"a\xff\x80.md"),
        ("a\ud800b\udfff", r"a\ud800b\udfff"),
        *(
            (text, text)
            for text in ("Übung 😀 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "שלום \u200f(a)\u200e", "می‌خواهم", r"C:\x", "[/red]", "½ \u00a0\u00ad")
        ),
    ],
)
def test_what_people_read_has_no_control_characters(text: str, expected: str) -> None:
    assert terminal.shown(text) == expected


def on_a_terminal(folder: Path, *args: str) -> tuple[int, str]:
    """The exit code and the output of the real command on a terminal."""
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "tmscards", *args]
    process = subprocess.Popen(
        command, cwd=folder, stdin=its, stdout=its, stderr=its, env=os.environ | {"COLUMNS": "200"}
    )
    os.close(its)
    said = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        said += part
    os.close(ours)
    return process.wait(timeout=60), said.decode()


@pytest.mark.process
def test_a_deck_and_a_source_may_be_called_as_markup(tmp_path: Path, write: Write) -> None:
    write("decks/a.yaml", 'deck: "[/red] [bold]"\n')
    write("notes/[/b].md", "The ==coil== makes a field of one tesla.\n")
    code, said = on_a_terminal(tmp_path, "build")
    assert code == 0, said
    assert "[/red] [bold]: 1 card from 1 source" in said
    assert "Building [/red] [bold]" in said


@pytest.mark.process
@pytest.mark.parametrize(
    "args",
    [
        ("build", "[/red]"),
        ("[/red]",),
        ("explain", "a", "\x1b]0;x\x07[/red]\u202e"),
        ("build", "--workers", "[/red]\x1b[31m"),
        ("build", "--\x1b[31m[/red]"),
        ("template", "new", "[/red]\x9b31m"),
        ("template", "check", "[/red]\x9b31m"),
    ],
)
def test_arguments_are_said_as_they_are(tmp_path: Path, args: tuple[str, ...]) -> None:
    code, said = on_a_terminal(tmp_path, *args)
    assert code in (1, 2)
    assert "Traceback" not in said
    assert not any(bad in said for bad in ("\x1b]", "\x07", "\x9b", "\u202e"))
    assert "[/red]" in said or "--workers" in said.replace("\x1b[0m\x1b[1;36m", "") or "workers" in said


@pytest.mark.parametrize("args", [("explain", "notes/a.md"), ("check",), ("build",), ("diff",), ("template", "list")])
def test_a_hostile_note_moves_nothing_on_a_terminal(
    tmp_path: Path, tmscards: Run, write: Write, args: tuple[str, ...]
) -> None:
    write("notes/a.md", f"# {HOSTILE}\n\nThe ==coil {HOSTILE}== makes a field {HOSTILE} of one tesla. (00:75)\n")
    write("notes/\x1b[31m\n.md", "The ==coil== makes a field of two tesla in the cortex. [[99:99:99]]\n")
    (tmp_path / "notes/b.md").write_bytes(b"\xff")
    write("templates/\x1b[32m/template.yaml", 'name: a\nid: 5\ndescription: "\\e[31m"\n')
    done = subprocess.run(
        [sys.executable, "-m", "tmscards", *args],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    said = (done.stdout + done.stderr).replace("\n", "")
    assert said
    assert "Traceback" not in said
    assert [c for c in CONTROLS if c in said] == []


def test_json_of_hostile_text_is_json_without_controls(tmp_path: Path, tmscards: Run, write: Write) -> None:
    write("notes/a.md", "The ==coil== makes a field \x9b2J \u202e \x1b[31m of one tesla.\n")
    said = tmscards("explain", "notes/a.md", "--json").stdout
    [row] = map(json.loads, said.splitlines())
    assert row["source"] == "notes/a.md"
    assert [c for c in CONTROLS if c in said.removesuffix("\n")] == []


@pytest.mark.process
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_any_encoding_of_the_output_will_do(tmp_path: Path, write: Write, encoding: str) -> None:
    write("notes/a.md", "The ==coil== of Zoë makes ≈ 1 tesla in the 脳. (≈ 0:05)\n")
    name = os.fsdecode(b"notes/\xff\xc3.md")
    os.rename(tmp_path / "notes/a.md", tmp_path / name)
    environment = os.environ | {"PYTHONIOENCODING": encoding, "NO_COLOR": "1"}
    for args in (("--help",), ("explain", name), ("explain", "--json", name), ("explain", name + "x")):
        command = [sys.executable, "-m", "tmscards", *args]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, env=environment, timeout=100, check=False)
        assert b"Traceback" not in done.stderr, done.stderr
        assert done.returncode == (1 if args[-1].endswith("x") else 0)
        # To an output that can do ASCII only, typer writes UTF-8.
        said = (done.stdout or done.stderr).decode("utf-8" if encoding == "ascii" else encoding)
        if "--json" in args:
            [row] = map(json.loads, said.splitlines())
            assert row["source"] == name
            assert "Zoë" in row["sentence"]
        elif "explain" in args:
            assert r"\xff\xc3.md" in said


def test_json_is_valid_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    data = {"a\ud800": ["\udcff", "\x00\x1f\x7f\x9b\u2028\u202e", "é😀"], "b": 1.5}
    terminal.print_json(data)
    said = capsys.readouterr().out
    assert json.loads(said) == data
    assert "é😀" in said
    assert [c for c in CONTROLS if c in said.removesuffix("\n")] == []


@pytest.mark.parametrize("name", ["notes", "decks", "decks/tms.yaml"])
def test_a_new_project_is_not_written_through_a_link(tmp_path: Path, tmscards: Run, name: str) -> None:
    elsewhere, project = tmp_path / "elsewhere", tmp_path / "project"
    elsewhere.mkdir()
    (project / name).parent.mkdir(parents=True)
    (project / name).symlink_to(elsewhere if "." not in name else elsewhere / "tms.yaml")
    said = tmscards("init", "project", code=1).stderr
    assert "is a link, and tmscards writes through none" in said or "this file already exists" in said
    assert list(elsewhere.iterdir()) == []


def test_help_is_there_however_it_is_asked_for(tmp_path: Path, inside: Run) -> None:
    shown = inside("build", "--help", cwd=tmp_path).stdout
    assert inside("build", "-h", cwd=tmp_path).stdout == shown
    assert "Build decks: read the notes" in inside("help", "build", cwd=tmp_path).stdout
    assert "Make a template of your own" in inside("help", "template", "new", cwd=tmp_path).stdout
    assert "No such command 'moon'" in inside("help", "moon", cwd=tmp_path, code=2).stderr


def test_a_note_is_told_from_a_recipe(tmp_path: Path, inside: Run) -> None:
    (tmp_path / "a.md").write_text("The ==octopus== has three hearts.\n")
    assert "a.md: this is a note, and not a recipe" in inside("build", "a.md", cwd=tmp_path, code=1).stderr


@pytest.mark.process
def test_check_for_programs_and_for_one_note_or_rule(tmp_path: Path, inside: Run) -> None:
    (tmp_path / "notes").mkdir()
    for name, year in (("a", "depression in 2008"), ("b", "migraine in 2013")):
        (tmp_path / f"notes/{name}.md").write_text(f"The FDA cleared TMS for {year}.\n")
    lines = inside("check", "--json", cwd=tmp_path).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert {each["file"] for each in found} == {"notes/a.md", "notes/b.md"}
    assert {each["severity"] for each in found} == {"remark"}
    assert "abbreviation" in {each["rule"] for each in found}
    said = inside("check", "--file", "notes/a.md", "--rule", "abbreviation", cwd=tmp_path).stdout
    assert "notes/a.md:1" in said
    assert "notes/b.md" not in said
    assert "1 remark on cards" in said
    assert "remark" not in inside("check", "--rule", "moon", cwd=tmp_path).stdout
    (tmp_path / "notes/c.md").write_bytes(b"\xff")
    [fault] = [json.loads(line) for line in inside("check", "--json", cwd=tmp_path, code=1).stdout.splitlines()]
    assert (fault["severity"], fault["file"], fault["line"]) == ("error", "notes/c.md", 1)
