from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tmscards.domain import Diagnostic, Source
from tmscards.errors import UserError
from tmscards.notes import sources, vault
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


@pytest.mark.parametrize("value", ["9", "[ar, de]", "'a b'", "'\"><script>'"])
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
        ("---\ntitle: No\n---\ntext", "No"),
        ("---\ntitle: 16:9\n---\ntext", "16:9"),
        ("---\ntitle: 2024-05-01\n---\ntext", "2024-05-01"),
        ("---\nTitle: Sea life: part one\n---\ntext", "Sea life: part one"),
        ("---\ntitle: Overview\n---\n# Sea life\ntext", "Sea life"),
        ("# Notes\ntext", "my note"),
        ("title:: Sea life\n\n- text", "Sea life"),
        ("# Introduction to otters\ntext", "Introduction to otters"),
        ("\n---\ntitle: T\n---\ntext", "T"),
        ('+++\ntitle = "T"\ndate = 2024-05-01\n+++\ntext', "T"),
        ('+++\ntitle = "T"\ndate = 2024-\n+++\ntext', "T"),
        ('{\n"title": "T",,\n}\ntext', "my note"),
    ],
)
def test_title(write: Write, text: str, title: str) -> None:
    assert read(write("my_note.md", text)).title == title


@pytest.mark.parametrize(
    ("name", "title"), [("week_1/notes.md", "week 1"), ("week_1/sea.md", "sea"), ("notes/README.md", "Overview")]
)
def test_a_file_whose_name_says_nothing_is_called_like_its_folder(write: Write, name: str, title: str) -> None:
    assert read(write(name, "## Overview\ntext")).title == title


@pytest.mark.parametrize(
    ("front", "tags"),
    [
        ("tag: sea", ("sea",)),
        ("Tags: sea life, deep/blue", ("sea", "life", "deep::blue")),
        ("tags: [#sea, #life]", ("sea", "life")),
        ("tags: [2024, 1.5, yes, null, [nested], 'a,b', 'two words', C++]", "2024 1.5 yes nested a b two_words C++"),
        ("tags:\ntag: [x]", ("x",)),
    ],
)
def test_tags_are_taken_as_written(write: Write, front: str, tags: tuple[str, ...] | str) -> None:
    expected = tuple(tags.split()) if isinstance(tags, str) else tags
    assert read(write("a.md", f"---\n{front}\n---\ntext")).tags == expected


def test_what_cannot_be_read_in_front_matter_is_named(write: Write) -> None:
    found = [str(each) for each in warnings(write("a.md", "---\ntitle: {{title}}\ntags:\n - [\n---\ntext"))]
    assert [message.split("a.md:")[1][:20] for message in found] == ["2: title is still a ", "4: this is not a key"]


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
    assert [p.relative_to(tmp_path).as_posix() for p in vault.find(tmp_path)] == ["a/z.md", "b.md"]


def test_times_that_are_all_whole_minutes_are_doubted(write: Write) -> None:
    stamps = " ".join(f"A [00:{m:02}:00]." for m in range(12))
    assert "may mean" in str(next(warnings(write("a.md", stamps))))
    assert not list(warnings(write("b.md", stamps.replace(":00]", ":07]"))))


@pytest.mark.parametrize(
    ("words", "tag"), [("two words", "two_words"), ("#brain/motor", "brain::motor"), ('"x",', "x"), ("  ", "")]
)
def test_tag(words: str, tag: str) -> None:
    assert as_tag(words) == tag
