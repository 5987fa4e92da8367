from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tmscards.domain import Diagnostic, Source
from tmscards.errors import UserError
from tmscards.notes import sources
from tmscards.tags import as_tag

Write = Callable[[str, str], Path]


def read(path: Path) -> Source:
    return sources.read(path, path.parent)


def warnings(path: Path) -> Iterator[Diagnostic]:
    source = read(path)
    return sources.warnings(source, sources.stamps(source))


def test_yaml_front_matter(write: Write) -> None:
    source = read(
        write(
            "a.md", '---\ntitle: "A: b"\nvideoId: X4QE6t-MkYE\ntags: [brain, "two words"]\nlang: en\n---\n# H\ntext\n'
        )
    )
    assert source.title == "A: b"
    assert source.recording is not None
    assert source.recording.url == "https://www.youtube.com/watch?v=X4QE6t-MkYE"
    assert source.tags == ("brain", "two_words")
    assert source.lang == "en"
    assert source.body.splitlines()[6] == "# H"


@pytest.mark.parametrize("value", ["no", "[ar]", "'a b'", "'\"><script>'"])
def test_what_is_no_language_is_none(write: Write, value: str) -> None:
    assert read(write("a.md", f"---\nlang: {value}\n---\ntext\n")).lang == ""


def test_json_front_matter(write: Write) -> None:
    source = read(write("a.md", '{\n\t"title": "Pixel art",\n\t"media": "https://vimeo.com/76979871"\n}\n\ntext\n'))
    assert source.title == "Pixel art"
    assert source.recording is not None
    assert source.recording.kind == "vimeo"
    assert source.body.splitlines()[5] == "text"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The **first** [[x|heading]] #\ntext", "The first heading"),
        ("```\n# comment\n```\n\n## Real\n", "Real"),
        ("only text", "my note"),
        ("---\ntitle:\n---\ntext", "my note"),
        ("---\n\nprose between two rules\n\n---\ntext", "my note"),
    ],
)
def test_title(write: Write, text: str, title: str) -> None:
    assert read(write("my_note.md", text)).title == title


@pytest.mark.parametrize("key", ["url", "media", "source", "media_link", "originalUrl"])
def test_recording_from_a_key(write: Write, key: str) -> None:
    recording = read(write("a.md", f"---\n{key}: https://youtu.be/X4QE6t-MkYE\n---\nx")).recording
    assert recording is not None
    assert recording.url.endswith("X4QE6t-MkYE")


def test_recording_from_a_link_in_the_text(write: Write) -> None:
    recording = read(
        write("a.md", "See [the site](https://a.example/) and [the talk](https://youtu.be/X4QE6t-MkYE?t=5).")
    ).recording
    assert recording is not None
    assert recording.url.endswith("X4QE6t-MkYE")


def test_no_recording(write: Write) -> None:
    assert read(write("a.md", "---\nsource: my own head\n---\nSee [the site](https://a.example/).")).recording is None


def test_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\nText.\r\n")
    assert read(path).title == "T"
    assert read(path).body == "\n\n\nText.\n"


def bad_yaml(path: Path) -> None:
    path.write_text("---\ntitle: a\nurl: b: c\n---\ntext")


def bad_json(path: Path) -> None:
    path.write_text('{\n"title": "a",,\n}\ntext')


def bad_date(path: Path) -> None:
    path.write_text("---\ndate: 2025-13-45\n---\ntext")


def a_nest(path: Path) -> None:
    path.write_text(f"---\na: {'[' * 300_000}\n---\ntext")


def a_list(path: Path) -> None:
    path.write_text("---\n- a\n---\ntext")


def not_utf8(path: Path) -> None:
    path.write_bytes(b"one\ntwo \xff\xfe\n")


def nul(path: Path) -> None:
    path.write_bytes(b"one\n\0two\n")


def empty(path: Path) -> None:
    path.write_text(" \n\n")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50_000_000)


def dangling_link(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize(
    ("make", "where", "what"),
    [
        (bad_yaml, "bad.md:3", "not valid YAML"),
        (bad_json, "bad.md:2", "not valid JSON"),
        (bad_date, "bad.md:2", "month must be in 1..12"),
        (a_nest, "bad.md:1", "nested too deeply"),
        (a_list, "bad.md:1", "not a list of keys"),
        (not_utf8, "bad.md:2", "not UTF-8"),
        (nul, "bad.md:2", "NUL"),
        (empty, "bad.md", "empty"),
        (Path.mkdir, "bad.md", "folder"),
        (pipe, "bad.md", "device or pipe"),
        (huge, "bad.md", "50 MB"),
        (dangling_link, "bad.md", "cannot be read"),
    ],
)
def test_unreadable_file_says_where_and_what(
    tmp_path: Path, make: Callable[[Path], object], where: str, what: str
) -> None:
    path = tmp_path / "bad.md"
    make(path)
    with pytest.raises(UserError) as error:
        read(path)
    assert str(error.value).startswith(f"{tmp_path}/{where}: ")
    assert what in str(error.value)
    assert str(error.value).endswith(")"), "a hint says what to do"


def test_find_sorts_and_leaves_hidden_files_out(write: Write, tmp_path: Path) -> None:
    for name in ("b.md", "a/z.md", "a/.obsidian/x.md", ".hidden.md", "c.txt"):
        write(name, "x")
    assert [p.relative_to(tmp_path).as_posix() for p in sources.find(tmp_path)] == ["a/z.md", "b.md"]


def test_times_that_are_all_whole_minutes_are_doubted(write: Write) -> None:
    stamps = " ".join(f"A [00:{m:02}:00]." for m in range(12))
    assert "may mean" in str(next(warnings(write("a.md", stamps))))
    assert not list(warnings(write("b.md", stamps.replace(":00]", ":07]"))))


@pytest.mark.parametrize(
    ("words", "tag"), [("two words", "two_words"), ("#brain/motor", "brain::motor"), ('"x",', "x"), ("  ", "")]
)
def test_tag(words: str, tag: str) -> None:
    assert as_tag(words) == tag
