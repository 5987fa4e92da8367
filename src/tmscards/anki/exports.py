"""What is on record of a deck, for other programs: tables that Anki imports as text, JSON, and Markdown.

Anki's text import is described in its manual (Importing > Text Files): lines that begin with `#` say which column is
what, `guid column` lets it update notes that are there already, and the fields are HTML.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tmscards.anki import clozes, note_types, package_contents, rendering
from tmscards.domain import Note, NoteType, Record, SourcePath, SourceRecords

Kind = Literal["csv", "tsv", "json", "markdown"]
ENDINGS: Mapping[Kind, str] = {"csv": ".csv", "tsv": ".tsv", "json": ".json", "markdown": ".md"}
"""What the name of a file of each kind ends in."""
_QUESTION = "{{text:cloze:Text}}"
_BREAK = re.compile(r"<br ?/?>")


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck as it is on record."""

    name: str
    note_type: NoteType
    sources: Mapping[SourcePath, SourceRecords]
    """By the source's path."""

    def notes(self) -> Iterator[tuple[SourceRecords, Record, Note]]:
        """The notes that are in the deck, with the source of each and as they go to Anki; orphans are not."""
        for file in self.sources.values():
            kept = [note for note in file.notes if note.status not in ("orphan", "rejected")]
            yield from ((file, *each) for each in zip(kept, package_contents.shipped(file, -1), strict=True))

    def of(self, note: Record) -> str:
        """The name of the deck that a note's cards are in."""
        return note.deck or self.name


def written(deck: Deck, kind: Kind, *, by_card: bool = False) -> str:
    """A deck as text of that kind: its notes with cloze deletions or, if `by_card`, a question and an answer a card."""
    match kind:
        case "csv":
            return _table(deck, ",", by_card=by_card)
        case "tsv":
            return _table(deck, "\t", by_card=by_card)
        case "json":
            return _json(deck, by_card=by_card)
        case "markdown":
            return _markdown(deck, by_card=by_card)


def _table(deck: Deck, separator: Literal[",", "\t"], *, by_card: bool) -> str:
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    if by_card:
        columns = ("guid", "notetype", "deck", "tags", "Front", "Back")
        rows = [
            (f"{note.guid}-{number}", "Basic", deck.of(note), " ".join(packed.tags), question, answer)
            for _, note, packed in deck.notes()
            for number, question, answer in _cards(packed)
        ]
    else:
        columns = ("guid", "notetype", "deck", "tags", *note_types.FIELDS)
        rows = [
            (note.guid, deck.note_type.name, deck.of(note), " ".join(packed.tags), *packed.fields)
            for _, note, packed in deck.notes()
        ]
    text = io.StringIO()
    name = "comma" if separator == "," else "tab"
    text.write(f"#separator:{name}\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:4\n")
    table = csv.writer(text, delimiter=separator, lineterminator="\n")
    text.write("#columns:")
    table.writerow(columns)
    table.writerows(rows)
    return text.getvalue()


def _json(deck: Deck, *, by_card: bool) -> str:
    notes = [
        {
            "guid": note.guid,
            "deck": deck.of(note),
            "kind": note.kind,
            "status": note.status,
            "text": note.text,
            "sentence": note.sentence,
            "context": list(note.context),
            "source": file.source,
            "title": file.title,
            "line": note.line,
            "timestamp": note.timestamp,
            "url": note.url,
            "link": note.link,
            "tags": list(packed.tags),
            **({"cards": [_card(*each) for each in _cards(packed)]} if by_card else {}),
        }
        for file, note, packed in deck.notes()
    ]
    return json.dumps({"deck": deck.name, "notes": notes}, ensure_ascii=False, indent=2) + "\n"


def _card(number: int, question: str, answer: str) -> dict[str, object]:
    return {"number": number, "question": question, "answer": answer}


def _markdown(deck: Deck, *, by_card: bool) -> str:
    """A heading for each source; notes as list items with their answers highlighted, or questions with answers."""
    lines, last = [f"# {_on_one_line(deck.name)}"], None
    for file, note, packed in deck.notes():
        if file is not last:
            lines += ["", f"## {_on_one_line(file.title)}", ""]
            last = file
        where = f" ([{note_types.time(note) or 'recording'}]({note.url}))" if note.url else ""
        if by_card:
            for _, question, answer in _cards(packed):
                lines += [f"- Q: {_on_one_line(question)}", f"  A: {_on_one_line(answer)}{where}"]
        else:
            lines.append(f"- {_on_one_line(_highlighted(note.text))}{where}")
    return "\n".join(lines) + "\n"


def _highlighted(text: str) -> str:
    """An HTML text with cloze deletions as plain text with `==answers==`."""
    parts = (part if isinstance(part, str) else f"=={clozes.as_html(part.parts)}==" for part in clozes.parse(text))
    return clozes.plain("".join(parts))


def _cards(note: Note) -> list[tuple[int, str, str]]:
    """The cards of a note: cloze number, question and answer as plain text."""
    fields: dict[str, str] = dict(zip(note_types.FIELDS, note.fields, strict=True))
    found = []
    for number in rendering.ordinals(_QUESTION, fields):
        question, _ = rendering.card(_QUESTION, "", fields, number)
        answer = clozes.answers(fields["Text"]).get(number, "")
        found.append((number, _with_context(fields["Context"], question), answer))
    return found


def _with_context(context: str, question: str) -> str:
    above = [clozes.plain(line) for line in _BREAK.split(context) if line]
    return f"{' — '.join(above)}: {question}" if above else question


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
