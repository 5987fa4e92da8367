"""What the real Anki says of the fuzzer's packages, and what must not be in any field of a note."""

from __future__ import annotations

import html
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from anki.collection import Collection, ImportAnkiPackageRequest

_EVERY = 300
"""How many packages a collection takes before a new one is begun."""
_MARKUP = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|svg|style|link|meta|form|base|input|video|audio|math|template)\b"
    r"|<[a-z][^>]*[\s/\"']on\w+\s*=|<[a-z][^>]*[\s/\"']style\s*="
    r"|<[a-z][^>]*(?:href|src|srcset|action|data)\s*=\s*[\"']?\s*(?:javascript|data|vbscript|file|//)",
    re.I,
)
_PIECE = re.compile(r"\\.|[{}]", re.S)
_OPENING = re.compile(r"(?<!\\)\\[(\[]")
_ENDS = {"\\(": "\\)", "\\[": "\\]"}
_COMMAND = re.compile(
    r"""(?<!\\)(?:\\\\)*\\  # two backslashes begin a line, and no command
    (?:style|href|url|require|class|cssId|data|html\w*|def|gdef|edef|let|futurelet|newcommand|renewcommand|unicode
    |includegraphics|bbox|input|csname|mmlToken|newenvironment)(?![a-zA-Z])""",
    re.X,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that must not be: its kind, by which failures are counted, and what was seen of it."""

    kind: str
    detail: str


class Anki:
    """A collection of the real Anki, into which one package after the other is imported."""

    def __init__(self, scratch: Path) -> None:
        self._scratch, self._taken = scratch, 0
        self._collection = self._new()

    def _new(self) -> Collection:
        return Collection(str(Path(tempfile.mkdtemp(dir=self._scratch), "collection.anki2")))

    def close(self) -> None:
        """Close the collection."""
        self._collection.close()

    def faults(self, package: Path, expected: int | None) -> Iterator[Failure]:
        """Import a package, and yield what is wrong with it; `expected` is how many notes it should have."""
        self._taken += 1
        if self._taken % _EVERY == 0:
            self._collection.close()
            self._collection = self._new()
        collection = self._collection
        try:
            log = collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(package))).log
        except Exception as error:
            yield Failure(f"Anki refuses the deck: {error}"[:120], f"{package}: {error!r}")
            return
        taken = len(log.new)
        if expected is not None and (taken != expected or log.found_notes != expected):
            yield Failure(
                "Anki takes another number of notes than are on record", f"{taken} of {log.found_notes}, {expected}"
            )
        assert collection.db is not None
        rows = collection.db.all("select flds, tags from notes")
        yield from faults_of_fields((fields.split("\x1f"), tags) for fields, tags in rows)
        notes = collection.find_notes("")
        cards = collection.db.scalar("select count(distinct nid) from cards")
        if cards != len(notes):
            yield Failure("notes without cards in Anki", f"{cards} of {len(notes)} have some")
        collection.remove_notes(notes)

    @staticmethod
    def notes_of(package: Path) -> list[tuple[list[str], str]]:
        """The fields and tags of each note of a package; none if it cannot be read."""
        if package.is_symlink() or not package.is_file():
            return []
        try:
            with zipfile.ZipFile(package) as archive, closing(sqlite3.connect(":memory:")) as database:
                database.deserialize(archive.read("collection.anki2"))
                rows = database.execute("select flds, tags from notes").fetchall()
        except (OSError, KeyError, sqlite3.Error, zipfile.BadZipFile):
            return []
        return [(fields.split("\x1f"), tags) for fields, tags in rows]


def faults_of_fields(notes: Iterable[tuple[Sequence[str], str]]) -> Iterator[Failure]:
    """What must not be in fields or tags of notes: control characters, marks of our own, and what runs or fetches."""
    for fields, tags in notes:
        for where, text in (*enumerate(fields), ("tags", tags)):
            if found := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
                yield Failure(f"a control character in field {where}", f"{found[0]!r} in {text!r:.600}")
            # A tag may be one that somebody has written into the recipe or a record, with whatever characters.
            if where != "tags" and (found := re.search("[\ufdd0-\ufdd2]", text)):
                yield Failure(f"a mark of our own in field {where}", f"{found[0]!r} in {text!r:.600}")
            if re.search("[\ud800-\udfff]", text):
                yield Failure(f"half a character in field {where}", f"{text!r:.600}")
            if found := _MARKUP.search(text):
                yield Failure(f"live markup in field {where}", f"{found[0]!r} in {text!r:.600}")
            if command := _command(text):
                yield Failure(f"a command that MathJax must not have in field {where}", f"{command} in {text!r:.600}")
        if re.match(r"\s*(?!https?://)[a-z]+:", html.unescape(fields[4]), re.I):
            yield Failure("an address that is not of the web in field 4", f"{fields[4]!r:.600}")


def _command(field: str) -> str:
    """A command in a formula, as MathJax finds it in what is shown of a field, that could fetch or run something."""
    shown = html.unescape(re.sub(r"<[^>]*>", "\n", re.sub(r"<!--.*?-->|<wbr>", "", field, flags=re.S)))
    for formula in _formulas(shown):
        if found := _COMMAND.search(formula):
            return found[0]
    return ""


def _formulas(shown: str) -> Iterator[str]:
    """What MathJax takes for formulas: a formula ends where as many braces are closed in it as were opened."""
    at = 0
    while opening := _OPENING.search(shown, at):
        at, depth = opening.end(), 0
        for piece in _PIECE.finditer(shown, at):
            depth += {"{": 1, "}": -1}.get(piece[0], 0)
            if depth <= 0 and piece[0] == _ENDS[opening[0]]:
                yield shown[at : piece.start()]
                at = piece.end()
                break
