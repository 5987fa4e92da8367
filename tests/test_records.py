from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from candidates import build, candidate, notes
from tmscards.deck import commits, record_files, records
from tmscards.deck.records import Records
from tmscards.domain import DeckRecord, SourcePath, SourceRecords
from tmscards.errors import UserError

DECK = DeckRecord("Deck", 5, "type", ("Text",), ("Cloze",), "abc", 100, 200, "normal")
ODD = (
    'A "quoted" text: with # signs, {{braces}}, \\(x_{1}\\), 日本語 and \U0001f9e0, and a long tail '
    + "word " * 60
    + "end."
)


def put(folder: Path, old: Records, new: Records, package: str = "x") -> None:
    staged = commits.stage(folder, old.files, records.written(folder, old, new))
    (staged / "deck.apkg").write_text(package)
    commits.commit(folder, folder.with_suffix(".apkg"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deck"


def some(*texts: str) -> Records:
    files = build([candidate(text, text.split()[1], path=f"{i}/a.md", see_also=("x",)) for i, text in enumerate(texts)])
    return Records(DECK, files)


def test_what_is_written_is_read_back(folder: Path) -> None:
    odd = some(ODD, "The coil heats the cortex.")
    path = SourcePath("0/a.md")
    odd = replace(odd, sources={**odd.sources, path: replace(odd.sources[path], title="A: b # c")})
    put(folder, Records(), odd)
    assert records.read(folder) == odd
    text = (folder / "0/a.yaml").read_text()
    assert "dropped" not in text, "what is as usual is not written"
    assert all(len(line) < 20 or ":" in line or line.startswith(("#", "  - ")) for line in text.splitlines())
    assert folder.with_suffix(".apkg").read_text() == "x"


def test_only_what_changed_is_written(folder: Path) -> None:
    first = some("The coil heats the cortex.", "The nerve slows the heart.")
    put(folder, Records(), first)
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*.yaml")}
    time.sleep(0.02)
    put(folder, records.read(folder), some("The coil heats the cortex.", "The nerve calms the heart."))
    changed = {path.relative_to(folder).as_posix() for path, at in times.items() if path.stat().st_mtime_ns != at}
    assert changed == {"1/a.yaml"}
    put(folder, records.read(folder), Records(DECK, {SourcePath("0/a.md"): first.sources[SourcePath("0/a.md")]}))
    assert not (folder / "1/a.yaml").exists()


def test_sources_of_every_ending_have_records_of_their_own(folder: Path) -> None:
    paths = ["a.md", "a.markdown", "a.mdx", "a.markdown.md", "b.notes.md"]
    put(folder, Records(), Records(DECK, build([candidate("The coil is cold.", "coil", path=p) for p in paths])))
    assert sorted(p.name for p in folder.glob("*.yaml") if p.name != ".deck.yaml") == [
        "a.markdown.md.yaml",
        "a.markdown.yaml",
        "a.mdx.yaml",
        "a.yaml",
        "b.notes.yaml",
    ]
    assert set(records.read(folder).sources) == set(paths)


NOTE = """\
source: a.md
title: A
notes:
- guid: g1
  kind: fact
  status: auto
  text: '{{c1::x}}'
  sentence: x
  line: 1
  modified: 1
  digest: a-b
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NOTE.replace("status", "staus"), "a.yaml:6: unknown key 'notes.0.staus' (did you mean status?)"),
        (NOTE.replace("auto", "good"), "a.yaml:6: notes.0.status: Input should be 'auto', 'approved', 'edited'"),
        (NOTE.replace("  line: 1\n", ""), "a.yaml:4: the key 'notes.0.line' is missing (add `line: …`)"),
        (NOTE.replace("'{{c1::x}}'", "{{c1::x}}"), "a.yaml:7: this is not valid YAML"),
        (NOTE.replace("'{{c1::x}}'", "no gap"), "a.yaml:7: this text has no cloze deletion"),
        (NOTE + NOTE[NOTE.index("- guid") :], "a.yaml:12: the guid 'g1' stands in"),
        (
            NOTE.replace("a.md", "b.md"),
            "a.yaml: the source 'b.md' has its record in another file (name this file b.yaml",
        ),
        ("", "a.yaml:1: this record is not a list of keys and values"),
        (NOTE + "  tags: [a b]\n", "a.yaml:12: a tag has no spaces and no quotes"),
        (NOTE + "  own_tags: ['a\"b']\n", "a.yaml:12: a tag has no spaces and no quotes"),
        (NOTE + "  timestamp: -1\n", "a.yaml:12: timestamp is a number from 0 to 100000000"),
        (NOTE + "  dropped: {0: x}\n", "a.yaml:12: cloze numbers go from 1 to 499"),
        (NOTE.replace("modified: 1", "modified: 99999999999999999999"), "a.yaml:10: modified is a number from 0 to"),
        (NOTE.replace("modified: 1", f"modified: {'9' * 5000}"), "a.yaml"),
        (NOTE.replace("line: 1", "line: -5"), "a.yaml:9: line is a number from 0 to"),
        (NOTE.replace("guid: g1", "guid: ''"), "a.yaml:4: a guid has 1 to 64 characters"),
        (NOTE.replace("guid: g1", "guid: '<img src=x>'"), "a.yaml:4: a guid has 1 to 64 characters"),
        (NOTE.replace("guid: g1", 'guid: "a\\x1fb"'), "a.yaml:4: guid has a character that no field in Anki can have"),
        (NOTE.replace("'{{c1::x}}'", '"{{c1::x\\x1f}}"'), "a.yaml:7: text has a character that no field"),
        (NOTE.replace("title: A", 'title: "A\\x1fB"'), "a.yaml:2: title has a character that no field"),
        (NOTE.replace("title: A", 'title: "A\\ud800B"'), "a.yaml"),
        (NOTE.replace("title: A", "lang: 'x\"><script>1</script>'\ntitle: A"), "a.yaml:2: this is not the code of a"),
        (NOTE.replace("source: a.md", "source: ../a.md"), "a.yaml:1: this is not the path of a file in the notes"),
        (NOTE.replace("{{c1::x}}", f"{{{{c{'1' * 5000}::x}}}}"), "a.yaml:7: this text has no cloze deletion"),
        (NOTE.replace("{{c1::x}}", "{{c0::x}}"), "a.yaml:7: {{c0::…}} makes no card"),
        (NOTE.replace("{{c1::x}}", "{{c1::<a==}} x"), "a.yaml:7: without what a card may not have, a cloze deletion"),
    ],
)
def test_faults_are_named_with_their_line(folder: Path, text: str, expected: str) -> None:
    folder.mkdir()
    (folder / "a.yaml").write_text(text)
    with pytest.raises(UserError) as error:
        records.read(folder)
    assert f"{folder}/{expected}" in str(error.value)


def test_faults_of_all_files_are_named_at_once(folder: Path) -> None:
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.yaml").write_text(NOTE.replace("a.md", f"{name}.md").replace("auto", "good"))
    with pytest.raises(UserError) as error:
        records.read(folder)
    assert str(error.value).count("notes.0.status") == 2


def test_a_second_build_of_the_same_deck_waits_its_turn(folder: Path) -> None:
    with (
        record_files.locked(folder),
        pytest.raises(UserError, match="another tmscards process is building"),
        record_files.locked(folder),
    ):
        pass
    with record_files.locked(folder):
        pass


def test_brackets_in_a_text_are_no_nesting(folder: Path) -> None:
    odd = some(f"The coil {'[' * 3_000} heats {'{' * 3_000} the cortex.")
    put(folder, Records(), odd)
    assert records.read(folder) == odd


@pytest.mark.parametrize("stop", range(20))
def test_a_stop_at_any_moment_leaves_the_old_or_the_new(
    folder: Path, stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step that touches the disk in turn is the last one."""
    old = some("The coil heats the cortex.", "The nerve slows the heart.")
    new = Records(replace(DECK, changed=300), {**some("The coil warms the cortex.").sources})
    put(folder, Records(), old, "old")
    steps = 0

    class Stopped(BaseException):
        pass

    def counting(function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **more: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps > stop:
                raise Stopped
            return function(*args, **more)

        return counted

    with monkeypatch.context() as patch:
        for owner, name in (
            (os, "rename"),
            (os, "replace"),
            (Path, "write_text"),
            (Path, "write_bytes"),
            (Path, "unlink"),
            (Path, "mkdir"),
            (shutil, "rmtree"),
        ):
            patch.setattr(owner, name, counting(getattr(owner, name)))
        with contextlib.suppress(Stopped):
            put(folder, records.read(folder), new, "new")
    package = folder.with_suffix(".apkg")
    commits.recover(folder, package)
    assert (package.read_text(), records.read(folder)) in (("old", old), ("new", new))
    assert not [p for p in folder.rglob("*") if p.name in (".staged", ".committed")]


@pytest.mark.process
def test_a_killed_writer_leaves_no_lock(folder: Path) -> None:
    code = f"from tmscards.deck import record_files; from pathlib import Path; import time\nwith record_files.locked(Path({str(folder)!r})):\n print('in', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    with pytest.raises(UserError), record_files.locked(folder):
        pass
    other.send_signal(signal.SIGKILL)
    other.wait()
    with record_files.locked(folder):
        pass


def test_records_of_a_source_keep_their_order(folder: Path) -> None:
    files = build([candidate("The coil is cold.", "coil"), candidate("The nerve slows the heart.", "heart")])
    assert [note.sentence[:8] for note in notes(files)] == ["The coil", "The nerv"]
    assert isinstance(files[SourcePath("a.md")], SourceRecords)
