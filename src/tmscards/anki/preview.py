"""Makes the preview: one page that shows every card of a deck as Anki does, and needs nothing but a browser."""

from __future__ import annotations

import base64
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tmscards.anki import card_policy, clozes, note_types, rendering
from tmscards.domain import NoteType, Record, SourcePath, SourceRecords
from tmscards.notes import recordings
from tmscards.storage import files, web_files

_STYLES = ("web/base.css", "web/preview.css")
MODULES = ("web/dom.js", "web/clock.js", "web/timeline.js", "web/card_heights.js", "web/preview.js")
"""The modules of the page's script, each after those that it imports."""
_SOUND = re.compile(r"\[anki:play:[qa]:\d+\]")


def page(deck: str, note_type: NoteType, sources: Mapping[SourcePath, SourceRecords]) -> str:
    """The page of a deck as HTML, with all cards of its notes on record, in the template of `note_type`.

    Raises UserError if the template has something that a page cannot show, such as speech, or OSError if its media
    files cannot be read.
    """
    inside = _media_inside(note_type)
    # A file is in the page once, and not in each card: those have a shorter name of it.
    named = {name: name.removeprefix("_tmscards-") for name in inside}
    cards_of = _renamed(note_type, named)
    note_type = _renamed(note_type, inside)
    style, script = "".join(web_files.read(name) for name in _STYLES), web_files.joined_modules(*MODULES)
    data = {
        "deck": deck,
        "css": note_type.css,
        "media": {named[name]: url for name, url in inside.items()},
        "frame": web_files.card_frame(card_policy.policy(note_type)),
        "sources": [
            {"title": file.title, "path": file.source, "cards": list(_cards(deck, cards_of, file))}
            for file in sources.values()
        ],
    }
    # A text must not end the script element that it is in; JSON reads the escape as the same character.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return web_files.filled(
        web_files.read("web/preview.html"),
        # A card's frame is bound by the policy of the page, too.
        policy=card_policy.policy(note_type, [script], [style]),
        style=style,
        data=text,
        script=script,
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
                rendering.About(
                    " ".join(note_types.tags(note)), note_type.name, note.deck or deck, note_types.CARD_NAME
                ),
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
    return _renamed(note_type, _media_inside(note_type))


def _media_inside(note_type: NoteType) -> dict[str, str]:
    """The data URL of each media file by its name in Anki."""
    inside = {}
    for media in note_type.media:
        kind = mimetypes.guess_type(media.name)[0] or "application/octet-stream"
        inside[media.name] = f"data:{kind};base64,{base64.b64encode(files.read(Path(media.path))).decode()}"
    return inside


def _renamed(note_type: NoteType, names: Mapping[str, str]) -> NoteType:
    """The note type with other names of its media files in its HTML and CSS."""
    for name, new in names.items():
        front, back, css = (text.replace(name, new) for text in (note_type.front, note_type.back, note_type.css))
        note_type = replace(note_type, front=front, back=back, css=css)
    return note_type
