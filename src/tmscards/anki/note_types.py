"""The fields of the note type: which there are, and what each contains."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from tmscards.anki import clozes
from tmscards.domain import OrphanCause, Record
from tmscards.notes import clock, recordings

FIELDS = (
    "Text",
    "Context",
    "Extra",
    "Source",
    "URL",
    "Timestamp",
    "Seconds",
    "Video",
    "SeeAlso",
    "Key",
    "Reserve1",
    "Reserve2",
    "Reserve3",
)
"""Frozen: if a field is added, removed, renamed or moved, Anki copies the note type and refuses all later updates."""
FIELD_IDS = {name: 6_029_310_000_000_000_000 + i for i, name in enumerate(FIELDS)}
"""Anki keeps the id of a field that is renamed."""
TEMPLATE_ID = 6_029_310_000_000_001_000
CARD_NAME = "Cloze"
_TAGS = frozenset(
    "a b big blockquote br code dd del div dl dt em font h1 h2 h3 h4 hr i img ins kbd li mark ol p pre q rb rp rt ruby "
    "s samp small span strong sub sup table tbody td th thead tr u ul var".split()
)
_ATTRIBUTES = {"*": {"class", "dir", "lang", "title"}, "a": {"href"}, "img": {"src", "alt"}, "font": {"color"}}
_ENTITIES = {f"&#{ord(c)};": chr(0xFDD0 + i) for i, c in enumerate("{}:[")}
"""The entities by which `clozes` hides syntax from Anki, and noncharacters that stand for them during cleaning."""
_ORPHANED: Mapping[OrphanCause, str] = {
    "source": "This sentence is no longer in its source.",
    "author": "Its source now leaves this sentence out.",
    "recipe": "The deck's recipe now leaves this sentence out.",
}
"""What the card of an orphan says to the learner."""
_FROM_THE_RIGHT = frozenset("ar arc ckb dv fa he iw ks nqo ps sd syr ug ur yi".split())
"""Codes of languages written from right to left (Unicode CLDR, script metadata)."""


def fields(note: Record, title: str, lang: str = "") -> tuple[str, ...]:
    """The fields of a note on record, as HTML, in the order of `FIELDS`. `title` and `lang` are those of its source."""
    recording = recordings.from_url(note.url) if note.url else None
    values = {
        "Text": _in_language(harmless(note.text), lang),
        "Context": "<br>".join(map(clozes.escape, note.context)),
        "Extra": _ORPHANED[note.orphaned_by] if note.status == "orphan" else "",
        "Source": clozes.escape(title),
        "URL": html.escape(note.url) if recording else "",
        "Timestamp": time(note),
        "Seconds": str(note.timestamp) if time(note) else "",
        "Video": html.escape(recording.url) if recording else "",
        "SeeAlso": " · ".join(map(clozes.escape, note.see_also)),
        "Key": note.guid,
    }
    return tuple(values.get(name, "") for name in FIELDS)


def time(note: Record) -> str:
    """The time of a note in its recording, as people read it (`≈ 17:12`); empty if it is not known."""
    if note.timestamp is None or not note.url or not recordings.from_url(note.url):
        return ""
    return ("≈ " if note.approximate else "") + clock.show(note.timestamp)


def harmless(text: str) -> str:
    """An HTML text without what could run or fetch anything from elsewhere: records are edited by hand, and shared.

    A text without markup stays as it is, to the byte.
    """
    if "<" not in text:
        return text
    import nh3

    for entity, mark in _ENTITIES.items():
        text = text.replace(mark, "").replace(entity, mark)
    text = nh3.clean(text, tags=set(_TAGS), attributes=_ATTRIBUTES, attribute_filter=_local, link_rel=None)
    for entity, mark in _ENTITIES.items():
        text = text.replace(mark, entity)
    return text


def _local(_: str, name: str, value: str) -> str | None:
    """The value of an attribute; None if it is an address of anything but a web page or a media file."""
    allowed = {"href": r"https?://", "src": r"[\w .-]+$"}.get(name, "")
    return value if re.match(allowed, value) else None


def _in_language(text: str, lang: str) -> str:
    """An HTML text marked with its language, for screen readers, and if necessary as written from right to left."""
    if not lang:
        return text
    # Templates go by the first letter that has a direction (HTML, dir=auto), which in Arabic may be a Latin one.
    mark = "&rlm;" if lang.partition("-")[0].lower() in _FROM_THE_RIGHT else ""
    return f'<span lang="{lang}">{mark}{text}</span>'
