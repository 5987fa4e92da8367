"""Makes the preview: one page that shows every card of a deck as Anki does, and needs nothing but a browser."""

from __future__ import annotations

import base64
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tmscards.anki import clozes, note_types, rendering
from tmscards.domain import NoteType, Record, SourcePath, SourceRecords
from tmscards.notes import recordings
from tmscards.storage import web_files

_STYLES = ("web/base.css", "web/preview.css")
MODULES = ("web/dom.js", "web/clock.js", "web/timeline.js", "web/card_heights.js", "web/preview.js")
"""The modules of the page's script, each after those that it imports."""
_SOUND = re.compile(r"\[anki:play:[qa]:\d+\]")


def page(deck: str, note_type: NoteType, sources: Mapping[SourcePath, SourceRecords]) -> str:
    """The page of a deck as HTML, with all cards of its notes on record, in the template of `note_type`.

    Raises UserError if the template has something that a page cannot show, such as speech, or OSError if its media
    files cannot be read.
    """
    note_type = with_media_inside(note_type)
    data = {
        "deck": deck,
        "css": note_type.css,
        "frame": web_files.card_frame(),
        "sources": [
            {"title": file.title, "path": file.source, "cards": list(_cards(deck, note_type, file))}
            for file in sources.values()
        ],
    }
    # A text must not end the script element that it is in; JSON reads the escape as the same character.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return web_files.filled(
        web_files.read("web/preview.html"),
        style="".join(web_files.read(name) for name in _STYLES),
        data=text,
        script=web_files.joined_modules(*MODULES),
    )


def _cards(deck: str, note_type: NoteType, file: SourceRecords) -> Iterator[dict[str, object]]:
    """What the page knows about each card of a source, in the order of the source."""
    for note in file.notes:
        if note.status in ("orphan", "rejected"):
            continue
        recording = recordings.from_url(note.url) if note.url else None
        answers = clozes.answers(note.text)
        text = note_types.fields(note, file.title)[note_types.FIELDS.index("Text")]
        for number, front, back in sides(deck, note_type, file, note):
            yield {
                "number": number,
                "front": front,
                "back": back,
                "asks": _asked(text, number),
                "answer": answers.get(number, ""),
                "line": note.line,
                "url": note.url,
                "recording": recording.url if recording else "",
                "seconds": note.timestamp if note_types.time(note) else None,
                "time": note_types.time(note),
            }


def sides(deck: str, note_type: NoteType, file: SourceRecords, note: Record) -> Iterator[tuple[int, str, str]]:
    """Each card of a note of that source: its cloze number, and its sides as HTML, as Anki's reviewer shows them."""
    fields = dict(zip(note_types.FIELDS, note_types.fields(note, file.title, file.lang), strict=True))
    for number in rendering.ordinals(note_type.front, fields):
        front, back = rendering.reviewed(
            *rendering.card(
                note_type.front,
                note_type.back,
                fields,
                number,
                rendering.About(" ".join(note_types.tags(note)), note_type.name, deck, note_types.CARD_NAME),
            ),
            fields,
            number,
        )
        yield number, _SOUND.sub("▶", front), _SOUND.sub("▶", back)


def _asked(text: str, number: int) -> str:
    """The question of a card with this Text field, as plain text."""
    shown, _ = rendering.card("{{text:cloze:Text}}", "", {"Text": text}, number)
    return shown


def with_media_inside(note_type: NoteType) -> NoteType:
    """The note type with its media files in its HTML and CSS, as data URLs. Raises OSError if one cannot be read."""
    for media in note_type.media:
        kind = mimetypes.guess_type(media.name)[0] or "application/octet-stream"
        inside = f"data:{kind};base64,{base64.b64encode(Path(media.path).read_bytes()).decode()}"
        front, back, css = (
            text.replace(media.name, inside) for text in (note_type.front, note_type.back, note_type.css)
        )
        note_type = replace(note_type, front=front, back=back, css=css)
    return note_type
