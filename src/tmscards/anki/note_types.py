"""The fields of the note type: which there are, and what each contains."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from tmscards.anki import clozes, formulas
from tmscards.domain import OrphanCause, Record
from tmscards.notes import addresses, clock, recordings
from tmscards.text import printable

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
"""Frozen: if a field is added, removed, renamed or moved, Anki copies the note type and refuses all later updates.

Reserve1 has the second at which the timestamp ends, if it is a range.
"""
FIELD_IDS = {name: 6_029_310_000_000_000_000 + i for i, name in enumerate(FIELDS)}
"""Anki keeps the id of a field that is renamed."""
TEMPLATE_ID = 6_029_310_000_000_001_000
CARD_NAME = "Cloze"
_TAGS = frozenset(
    "a b big blockquote br code dd del div dl dt em font h1 h2 h3 h4 hr i img ins kbd li mark ol p pre q rb rp rt ruby "
    "s samp small span strong sub sup table tbody td th thead tr u ul var".split()
)
_ATTRIBUTES = {"*": {"class", "dir", "lang", "title"}, "a": {"href"}, "img": {"src", "alt"}, "font": {"color"}}
_MARKS = {sign: chr(0xFDD0 + number) for number, sign in enumerate("{}:[")}
"""Noncharacters that stand for entities during cleaning: those by which a text hides syntax from Anki."""
_ENTITY = re.compile(r"&(?:#0*[0-9]{2,3}|#[xX]0*[0-9a-fA-F]{2}|[a-zA-Z]{2,12});?")
_MATHJAX_CLASS = re.compile(r"\b(?:mathjax|mjx|tex2jax|ctxtmenu)", re.I)
"""Classes that MathJax's own style sheet lays over a card, or by which it leaves something out."""
_NOT_IN_URLS = re.compile(
    r"[\x00-\x20\x7f-\xa0\u2028\u2029\"'<>\\^`{|}]|\[(?=/?latex|/?\$|anki:|sound:|\[?type:)", re.I
)
_LANG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_LONGEST = 10_000_000
"""Seconds; a timestamp beyond is none."""
_ORPHANED: Mapping[OrphanCause, str] = {
    "source": "This sentence is no longer in its source.",
    "author": "Its source now leaves this sentence out.",
    "recipe": "The deck's recipe now leaves this sentence out.",
}
"""What the card of an orphan says to the learner."""
_FROM_THE_RIGHT = frozenset("ar arc ckb dv fa he iw ks nqo ps sd syr ug ur yi".split())
"""Codes of languages written from right to left (Unicode CLDR, script metadata)."""


def fields(note: Record, title: str, lang: str = "") -> tuple[str, ...]:
    """The fields of a note on record, as HTML, in the order of `FIELDS`. `title` and `lang` are those of its source.

    Whatever the record holds, no field has anything that runs, that fetches something from elsewhere, or that Anki
    refuses.
    """
    values = _written(note, title)
    if formulas.may_have_some("\n".join(values.values())):
        values = {name: formulas.read(text, alone=alone).text for name, text, alone in _with_company(values)}
    values["Text"] = _in_language(values["Text"], lang)
    return tuple(values.get(name, "") for name in FIELDS)


def refused(note: Record, title: str) -> Iterator[formulas.Refused]:
    """The formulas of a note that its cards show as text."""
    for _, text, alone in _with_company(_written(note, title)):
        yield from formulas.read(text, alone=alone).refused


def _written(note: Record, title: str) -> dict[str, str]:
    """The fields of a note, as HTML, in which Anki may still find formulas and tags of its own."""
    recording = recordings.from_url(note.url) if note.url else None
    values = {
        "Text": harmless(note.text),
        "Context": "<br>".join(map(clozes.escape, note.context)),
        "Extra": _ORPHANED[note.orphaned_by] if note.status == "orphan" else clozes.escape(note.extra),
        "Source": _source(note, title),
        "URL": _address(note.url) if recording else "",
        "Timestamp": time(note),
        "Seconds": str(note.timestamp) if time(note) else "",
        "Video": _address(recording.url) if recording else "",
        "SeeAlso": " · ".join(map(clozes.escape, note.see_also)),
        "Key": html.escape(note.guid),
        "Reserve1": str(end(note) or ""),
    }
    together = "".join(values.values())
    return values if printable(together) == together else {n: printable(value) for n, value in values.items()}


def _source(note: Record, title: str) -> str:
    """The title of a note's source, which opens the source if there is an address that does."""
    shown = clozes.escape(title)
    is_known = note.link.startswith(addresses.SCHEMES)
    return f'<a href="{_address(note.link)}">{shown}</a>' if is_known else shown


def _with_company(values: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Each field with its name, and whether no other field could end a formula that begins in it, to harm."""
    having = [name for name, value in values.items() if formulas.has_backslash(value)]
    is_harmless = len(having) < 2 or not any(formulas.has_faults(values[name]) for name in having)
    for name, value in values.items():
        yield name, value, is_harmless or having == [name]


def tags(note: Record) -> tuple[str, ...]:
    """The tags of a note, each as one word in which neither Anki nor a template that shows tags finds any syntax."""
    words = (re.sub(r"[\"'*,;<>]", "", re.sub(r"\s+", "_", printable(tag).strip())) for tag in note.tags)
    return tuple(dict.fromkeys(formulas.read(word, alone=False).text for word in words if word))


def is_plain(name: str) -> bool:
    """Whether the name of a deck or note type has no syntax: Anki writes it as HTML where a template shows it."""
    is_text = printable(name) == name == html.unescape(name) and not re.search(r"[<>\n\t]", name)
    return is_text and formulas.read(name, alone=False).text == name


def time(note: Record) -> str:
    """The time of a note in its recording, as people read it (`≈ 17:12`); empty if it is not known."""
    if note.timestamp is None or not 0 <= note.timestamp <= _LONGEST:
        return ""
    if not note.url or not recordings.from_url(note.url):
        return ""
    return ("≈ " if note.approximate else "") + clock.show(note.timestamp)


def end(note: Record) -> int | None:
    """The second at which the timestamp of a note ends, if it is a range that a player can play."""
    if note.timestamp is None or note.end is None or not time(note):
        return None
    return note.end if note.timestamp < note.end <= _LONGEST else None


def harmless(text: str) -> str:
    """An HTML text without what could run or fetch anything from elsewhere: records are edited by hand, and shared.

    A text without markup stays as it is, to the byte.
    """
    if "<" not in text:
        return text
    import nh3

    text = _ENTITY.sub(lambda m: _MARKS.get(html.unescape(m[0]), m[0]), printable(text))
    text = nh3.clean(text, tags=set(_TAGS), attributes=_ATTRIBUTES, attribute_filter=_plain, link_rel=None)
    for sign, mark in _MARKS.items():
        text = text.replace(mark, f"&#{ord(sign)};")
    return text


def faults(text: str) -> Iterator[str]:
    """Messages about why Anki would make no card, or an empty one, of an HTML text as it is or is made `harmless`."""
    found = list(clozes.faults(text))
    yield from found
    if "<" in text and not found:
        yield from (f"without what a card may not have, {fault}" for fault in clozes.faults(harmless(text)))


def _plain(_: str, name: str, value: str) -> str | None:
    """The value of an attribute; None if it could be more than that, once Anki has put a card together."""
    allowed = {"href": r"https?://.*", "src": r"[\w .-]+", "lang": _LANG.pattern}.get(name, ".*")
    if name == "class" and _MATHJAX_CLASS.search(value):
        return None
    # A deletion within an attribute would end it, and formulas and tags of Anki's are looked for in the whole text.
    return (
        value if re.fullmatch(allowed, value) and not re.search(r"[<>{}\[\]\\\x00-\x1f\ufdd0-\ufdef]", value) else None
    )


def _address(url: str) -> str:
    """The address of a web page as HTML, fit for an attribute or a script: what could end it there is encoded."""
    return html.escape(_NOT_IN_URLS.sub(lambda m: quote(m[0], safe=""), url.strip()))


def _in_language(text: str, lang: str) -> str:
    """An HTML text marked with its language, for screen readers, and if necessary as written from right to left."""
    if not _LANG.fullmatch(lang):
        return text
    # Templates go by the first letter that has a direction (HTML, dir=auto), which in Arabic may be a Latin one.
    mark = "&rlm;" if lang.partition("-")[0].lower() in _FROM_THE_RIGHT else ""
    return f'<span lang="{lang}">{mark}{text}</span>'
