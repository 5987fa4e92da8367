"""Whether cards show what a reader of the note sees, and nothing that reading left behind.

    python benchmarks/scan_cards.py NOTES_DIR [NOTES_DIR …] [--show COUNT] [--density full]

Builds a deck of each folder with the real command, reads the package as Anki would, and looks on every card for marks
of the program's own, masks, markup, time stamps, page numbers, checkboxes, citation marks, halves of brackets and stray
blanks; and for words that are nowhere in the note. Code and formulas are looked at for marks and masks alone. Prints
what it finds, and ends with 1 if it finds anything.
"""

from __future__ import annotations

import argparse
import html
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

import accounting
from tmscards.anki import clozes, note_types
from tmscards.deck import records
from tmscards.domain import SourcePath
from tmscards.notes import sources

_RECIPE = "deck: Scan\ndensity: {density}\n"
_BESIDE = 6
"""Characters on either side of a find by which it is looked for in the note as a Markdown reader shows it."""
_VERBATIM = re.compile(
    r"<code\b.*?</code>|<pre\b.*?</pre>|\\\(.*?\\\)|\\\[.*?\\\]|<anki-mathjax.*?</anki-mathjax>", re.S
)
_TAG = re.compile(r"<[^>]*>")
_TIME = r"\d{1,2}:\d\d(?::\d\d)?"
SHOWN = ("Text", "Context", "Source", "SeeAlso")
"""The fields in which words of the note are shown."""
_SAID = re.compile(r"\ba\(n\)|(?<=\w)’s?(?=\])|\bstep (?=\d+ of \d+: )|(?<=step )\d+ of \d+(?=: )", re.I)
"""What cards say of their own: the article before a gap, and which step of how many."""
FOUND_ANYWHERE = {
    "mark": re.compile("[\ufdd0-\ufdef]|[\ue000-\uf8ff]|\u200b{2}"),
    "mask": re.compile(r"x{7,}"),
}
FOUND_IN_PROSE = {
    "markup": re.compile(
        r"""\*\*|(?<!\w)__(?=\w)|~~|<!--|</?[a-z]+(?:\s|>)|\]\(|!\[|`|^\s*(?:\#{1,6}|>|\||[-*+])\s(?=\w)|^\s*\|.*\||\[\^""",
        re.X,
    ),
    "dialect": re.compile(r"\[\[|\]\]|==(?=\S[^=]*==)|\^\^|%%|\{\{|\}\}|\{[%:.#]|\[!\w+\]|(?<!\S)(?:\w+::(?!\S)|::\w)"),
    "time stamp": re.compile(rf"[\[(]{_TIME}[\])]|data-t\b|yt-timestamp|^\W*{_TIME}(?!\d|\s?[ap]\.?m\b)|#t=|[?&]t=\d"),
    "page": re.compile(r"\b(?:pg|pp)\.? ?\d+|[\[(]p\. ?\d+[\])]|^\W*p(?:age|\.)\s?\d+\s*:|\(page \d+\)", re.I),
    "checkbox": re.compile(r"(?<!\S)\[[ xX!>?/-]\](?!\S)|[☐☑☒]"),
    "citation mark": re.compile(r"(?<![\w)\]])\[[1-9]\d{0,2}(?:\s?[,–-]\s?[1-9]\d{0,2})*\](?!\()|\[@\w+|\\cite"),
    "stray blank": re.compile(r"\S {2,}\S|\s[,;](?=\s|$)|\w \.(?=\s|$)|\(\s|\s\)|[\[(]\s*[\])]"),
}
NOT_AS_TEXT = ("dialect", "time stamp", "page", "checkbox", "citation mark")
"""What is the note's own only in code, as a reader of Markdown alone shows it as it is written."""


@dataclass(frozen=True, slots=True)
class Own:
    """What a note has itself."""

    text: str
    shown: str
    """What a reader of Markdown shows of it, white space as single blanks."""
    code: str
    """What of that is code."""
    has_times: bool
    words: frozenset[str]
    """Its words; where markup is in the middle of one, also the whole."""

    @classmethod
    def of(cls, text: str, *, has_times: bool = True) -> Own:
        """What a text has, and whether its times are places in a recording: else they are verses, scores and so on."""
        rendered = MarkdownIt("commonmark").enable("table").render(text)
        plain = html.unescape(_TAG.sub("", rendered))
        code = html.unescape(" ".join(re.findall(r"<code[^>]*>(.*?)</code>", rendered, re.S)))
        without = re.sub(r"<[^>]*>|\[\^[^\]]*\]|[*_`=~^\[\]{}\u00ad\u200b\u2060]", "", text)
        words = accounting.words(" ".join((text, plain, without)))
        return cls(text, _squeezed(plain), _squeezed(code), has_times, frozenset(words))

    def has(self, kind: str, line: str, start: int, end: int) -> bool:
        """Whether the note shows what is at this place of a line, with what is before or behind it, by itself."""
        if kind == "time stamp" and not self.has_times:
            return True
        if kind in NOT_AS_TEXT or line[start:end].strip() in self.code:
            return line[start:end].strip() in self.code
        before, behind = line[max(0, start - _BESIDE) : end], line[start : end + _BESIDE]
        return _squeezed(before) in self.shown or _squeezed(behind) in self.shown


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that no card should show."""

    kind: str
    piece: str
    shown: str
    path: str


def _squeezed(text: str) -> str:
    """A text in which blanks are as wide as they are read: none at its ends, and no more than one."""
    return " ".join(text.split())


def shown(field: str) -> str:
    """What a reader sees of a field with all answers shown; code and formulas are the sign ¤."""
    text = _VERBATIM.sub("¤", clozes.as_html(clozes.parse(field)))
    return html.unescape(_TAG.sub("", re.sub(r"<br>|</(?:div|p|li|td)>", "\n", text)))


def halves(text: str) -> str:
    """Brackets that nothing opens or closes: those of lists, as in `a)`, and of smiling faces aside."""
    text, opened = re.sub(r"(?<!\S)[:;]-?[()](?!\S)", "", text), list[str]()
    for sign in re.finditer(r"[()\[\]]", text):
        if sign[0] in "([":
            opened.append(sign[0])
        elif opened and opened[-1] + sign[0] in ("()", "[]"):
            opened.pop()
        elif not re.search(r"(?:^|\s)[\w.]{1,4}\Z", text[max(0, sign.start() - 5) : sign.start()]):
            return str(sign[0])
    return "".join(opened)


def scanned(field: str, own: Own) -> Iterator[tuple[str, str]]:
    """Each thing in a field that no card should show, with its kind, unless the note shows it at that place itself."""
    whole = html.unescape(_TAG.sub("", clozes.as_html(clozes.parse(field)).replace("<br>", "\n")))
    for kind, pattern in FOUND_ANYWHERE.items():
        yield from ((kind, found[0]) for found in pattern.finditer(whole) if found[0] not in own.text)
    for line in shown(field).split("\n"):
        for kind, pattern in FOUND_IN_PROSE.items():
            for found in pattern.finditer(line):
                if not own.has(kind, line, *found.span()):
                    yield kind, found[0]
    # A formula may be an interval with half a bracket, and an author may close a bracket inside a formula.
    if any(map(halves, whole.split("\n"))):
        yield from (("half a bracket", half) for line in shown(field).split("\n") if (half := halves(line)))


def made_up(field: str, own: Own) -> list[str]:
    """The words of a field that the note does not have."""
    return [word for word in accounting.words(_SAID.sub("", shown(field))) if word not in own.words]


def notes_of(package: Path) -> Iterator[dict[str, str]]:
    """The notes of a package, by the names of their fields."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(package) as archive:
            name = next(n for n in archive.namelist() if n.startswith("collection.anki2"))
            path = archive.extract(name, folder)
        with sqlite3.connect(path) as database:
            for (fields,) in database.execute("SELECT flds FROM notes"):
                yield dict(zip(note_types.FIELDS, fields.split("\x1f"), strict=True))


def built(folder: Path, project: Path, density: str) -> Path:
    """The package that the real command makes of a folder."""
    (project / "decks").mkdir(parents=True)
    (project / "decks" / "scan.yaml").write_text(_RECIPE.format(density=density), encoding="utf-8")
    command = [sys.executable, "-m", "tmscards", "build", "--notes", str(folder.resolve())]
    subprocess.run(command, cwd=project, check=False, stdout=subprocess.DEVNULL)
    return project / "decks" / "scan.apkg"


def scan(folder: Path, project: Path, density: str) -> tuple[int, list[Hit]]:
    """How many notes the deck of a folder has, and what no card of them should show."""
    package = built(folder, project, density)
    origin: dict[str, tuple[SourcePath, int]] = {}
    for path, file in records.read(project / "decks" / "scan").sources.items():
        origin.update((note.guid, (path, note.line)) for note in file.notes)
    known: dict[str, Own] = {}
    hits, count = list[Hit](), 0
    for note in notes_of(package):
        count += 1
        path, line = origin[html.unescape(note["Key"])]
        if path not in known:
            source = sources.read(folder / path, folder)
            whole = source.front_matter + "\n" + source.body + "\n" + source.title
            known[path] = Own.of(whole, has_times=bool(sources.stamps(source)))
        own, where = known[path], f"{path}:{line}"
        for name in SHOWN:
            found = scanned(note[name], own)
            hits += [Hit(kind, piece, f"{name}: {shown(note[name])}", where) for kind, piece in found]
        hits += [Hit("made up", word, shown(note["Text"]), where) for word in made_up(note["Text"], own)]
    return count, hits


def main() -> int:
    """Build, look and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=20, help="how many to print of each kind")
    parser.add_argument("--density", default="full")
    asked = parser.parse_args()
    total = 0
    for folder in asked.folders:
        with tempfile.TemporaryDirectory() as project:
            count, hits = scan(folder, Path(project), asked.density)
        total += len(hits)
        kinds = Counter(hit.kind for hit in hits)
        print(
            f"{folder}: {count} notes, " + (", ".join(f"{n} × {kind}" for kind, n in kinds.items()) or "nothing found")
        )
        for kind in kinds:
            for hit in [hit for hit in hits if hit.kind == kind][: asked.show]:
                print(f"  {kind}: {hit.piece!r} in {hit.path}: {hit.shown[:300]}")
    return int(total > 0)


if __name__ == "__main__":
    sys.exit(main())
