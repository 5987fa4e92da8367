"""Every word of a note is in a passage, or is left out under a name; and nothing is in a passage that is not in the note."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import accounting
from conftest import ROOT
from project import Run
from tmscards.domain import LeftOut
from tmscards.notes import passages, sources, vault

NOTE = """---
title: Sea life
tags: [sea]
---

# Animals %% a comment %%

The octopus has ==three hearts== [0:12] and ![[octopus.png|300]] blood^[an aside] [[blue blood|blue]] #sea/animal ^abc

- [ ] Buy a [book](https://a.example/b "its title") <b>now</b> {{renderer :x}}
  collapsed:: true
  :LOGBOOK:
  CLOCK: [2024-05-01]
  :END:
- ```python
  code = 1
  ```

> [!note] Its title
> The {{c1::squid::an animal}} is large. ((6543210a-0000-0000-0000-000000000000))

| Part | Task |
| --- | --- |
| Heart | pumps | beyond |

Q: What is blue?
A: The blood.

[ref]: https://a.example/ref "words"

[^1]: A footnote that nothing refers to.

<script>var hidden = 1;</script>

#+BEGIN_SRC python
x = 2
#+END_SRC

1) The first [source:: Smith 2020] thing {#anchor}
"""
KINDS = set(
    "front matter;comment;timestamp;embed;link target;tag;block id;checkbox;HTML;macro;property;log;code;callout;deletion;hint;"
    "reference;column head;cell;label;footnote;list number;attribute".split(";")
)


def left_out(text: str) -> list[LeftOut]:
    return list(passages.contents(sources.parse(text.encode(), Path("n.md"), Path())).left_out)


def missing(path: Path, folder: Path) -> list[str]:
    source = sources.read(path, folder)
    return accounting.unaccounted(source, passages.contents(source))


def test_every_kind_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "n.md"
    path.write_text(NOTE)
    assert missing(path, tmp_path) == []
    found = left_out(NOTE)
    assert {piece.kind for piece in found} == KINDS
    lines = NOTE.split("\n")
    for piece in found:
        if piece.kind in ("comment", "timestamp", "macro", "cell", "column head", "label", "deletion", "attribute"):
            assert piece.text.split()[0].strip("{}") in lines[piece.line - 1]


def test_a_word_that_vanishes_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "n.md"
    path.write_text("The octopus has three hearts.\n\nThe squid has H<sub>2</sub>O.\n")
    source = sources.read(path, tmp_path)
    whole = passages.contents(source)
    assert accounting.unaccounted(source, whole) == []
    first = passages.Contents(whole.passages[:1], whole.left_out)
    assert sorted(accounting.unaccounted(source, first)) == ["2", "h", "has", "o", "squid", "the"]


@pytest.mark.parametrize("folder", [ROOT / "notes", ROOT / "docs", ROOT / "tests/data"])
def test_every_word_of_our_own_texts_is_accounted_for(folder: Path) -> None:
    paths = vault.find(folder)
    assert paths
    assert {path.name: found for path in paths if (found := missing(path, folder))} == {}


@pytest.mark.process
def test_a_file_says_what_is_left_out_of_it(tmp_path: Path, inside: Run) -> None:
    (tmp_path / "n.md").write_text(NOTE)
    said = inside("explain", "--left-out", "n.md", cwd=tmp_path).stdout
    assert "n.md:6: comment: %% a comment %%\n" in said
    assert "n.md:15: code: - ```python code = 1 ```\n" in said
    rows = [
        json.loads(line) for line in inside("explain", "--left-out", "--json", "n.md", cwd=tmp_path).stdout.splitlines()
    ]
    assert {"file": "n.md", "line": 6, "left_out": "comment", "text": "%% a comment %%"} in rows


@pytest.mark.process
def test_check_counts_what_is_left_out(tmp_path: Path, inside: Run, write: Callable[[str, str], Path]) -> None:
    write("decks/a.yaml", "deck: A\n")
    write("notes/a.md", "The octopus has three hearts. %% one %%\n\n```\ncode\n```\n\nIt is blue. %% two %%\n")
    write("notes/b.excalidraw.md", "==Switch to EXCALIDRAW VIEW==\n")
    said = inside("check", cwd=tmp_path).stdout
    assert "notes/b.excalidraw.md: a drawing, so it makes no cards" in said
    assert "Not read as prose: comment 2, code 1, drawing 1 (" in said


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        ("---\nexcalidraw-plugin: parsed\n---\nThe pump moves ions.\n", "drawing"),
        ("<%* tp.file.title %>\nThe pump moves ions.\n", "template"),
        ("# {{title}}\n{{date}} {{time}}\nThe pump moves ions.\n", "template"),
        ("".join(f"- [[The note {i}]]\n" for i in range(9)), "links"),
    ],
)
def test_a_file_that_is_no_note_is_left_out_whole(note: str, kind: str) -> None:
    source = sources.parse(note.encode(), Path("n.md"), Path())
    found = passages.contents(source)
    assert not [passage for passage in found.passages if passage.kind != "heading"]
    assert {piece.kind for piece in found.left_out} - {"front matter"} == {kind}


BIBLIOGRAPHY = """# Squids

- The squid has three hearts.

## References

- Sanger, M. 1997. *A made-up book of squids*. Sandbank.
- [A page on ink](https://example.org/ink)
- A reference is what ==a careful author== adds in 2019.
- A squid holds its reference in mind.

**Further reading**

- [Squids, the whole story](https://example.org/squids)
- The squid is older than [bony fish](https://example.org/fish) by far.
- [A film on squids](https://youtu.be/X4QE6t-MkYE?t=20)
"""


def test_a_bibliography_is_left_out_but_for_what_its_author_says_in_it() -> None:
    source = sources.parse(BIBLIOGRAPHY.encode(), Path("n.md"), Path())
    found = passages.contents(source)
    read = [passage.text for passage in found.passages if passage.kind != "heading"]
    assert read == [
        "The squid has three hearts.",
        "A reference is what a careful author adds in 2019.",
        "A squid holds its reference in mind.",
        "The squid is older than bony fish by far.",
        "A film on squids",
    ]
    assert [(piece.kind, piece.line) for piece in found.left_out if piece.kind in ("bibliography", "links")] == [
        ("bibliography", 7),
        ("bibliography", 8),
        ("links", 14),
    ]


def test_an_answer_that_goes_on_and_on_is_text() -> None:
    lines = "".join(f"line {number}\n" for number in range(40))
    source = sources.parse(f"What is it?\n?\n{lines}".encode(), Path("n.md"), Path())
    answer, *others = passages.read(source)
    assert answer.form == "pair"
    assert [passage.text for passage in others][-1] == "line 39"
    assert accounting.unaccounted(source, passages.contents(source)) == []
