"""Renders cards as Anki does: a note's fields in a template, front and back."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.entities import name2codepoint

from tmscards.anki.clozes import Deletion, Part, as_html, deletions, parse
from tmscards.domain import LAST_CLOZE_NUMBER
from tmscards.errors import UserError

_OTHER_DELIMITERS = "{{=<% %>=}}"
_TAG = re.compile(r"<!--.*?-->|\{\{\{*(.*?)\}\}", re.S)
_OTHER_TAG = re.compile(r"<!--.*?-->|<%\{*(.*?)%>", re.S)
_CARD_SECTION = re.compile(r"c[0-9]+")
_EMPTY = re.compile(r"(?:[ \t\n\r\f\v]|</?(?:br|div) ?/?>)*", re.I)
_MATHJAX = re.compile(r"(\\[(\[])(.*?)(\\[)\]])", re.S)
_MARKUP = re.compile(r"<!--.*?-->|<style.*?>.*?</style>|<script.*?>.*?</script>|<.*?>", re.S | re.I)
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z0-9]+));")
_FURIGANA = re.compile(r" ?([^ >]+?)\[(.+?)\]")
_READINGS = {"furigana": r"<ruby><rb>\1</rb><rt>\2</rt></ruby>", "kana": r"\2", "kanji": r"\1"}
_SOUND = re.compile(r"\[sound:[^\]]+\]")
_DIRECTIVE = re.compile(r"\[anki:([^\s\]]+)[^\]]*\].*?\[/anki:\1\]", re.S)
_LATEX = re.compile(r"\[latex\].+?\[/latex\]|\[\$\].+?\[/\$\]|\[\$\$\].+?\[/\$\$\]", re.S | re.I)
_BREAK = re.compile(r"<br ?/?>|</?div>", re.I)
_TYPED = re.compile(r"\[\[type:(?:(cloze|nc):)?(.+?)\]\]")
_HINT = """
<a class=hint href="#"
onclick="this.style.display='none';
document.getElementById('{id}').style.display='block';
return false;" draggable=false>
{name}</a>
<div id="{id}" class=hint style="display: none">{text}</div>
"""
_MISSING = (
    "<div>No cloze \N{FIRST STRONG ISOLATE}{ordinal}\N{POP DIRECTIONAL ISOLATE} found on card.\n"
    "Please either add a cloze deletion, or use the Empty Cards tool.<br>"
    "<a href='https://docs.ankiweb.net/templates/errors.html#no-cloze-filter-on-cloze-note-type'>"
    "More information</a></div>"
)


@dataclass(frozen=True, slots=True)
class About:
    """What a template can show about a card besides the fields of its note."""

    tags: str = ""
    note_type: str = ""
    deck: str = ""
    card_name: str = "Cloze"

    @property
    def fields(self) -> dict[str, str]:
        """All of it by the names that templates use (docs.ankiweb.net/templates/fields.html#special-fields)."""
        return {
            "Tags": self.tags,
            "Type": self.note_type,
            "Deck": self.deck,
            "Subdeck": self.deck.rpartition("::")[2],
            "Card": self.card_name,
        }


@dataclass(frozen=True)
class _Side:
    """One side of a card: its cloze number, whether it is the answer, and what {{FrontSide}} stands for."""

    ordinal: int
    answer: bool
    front: str


def card(
    front: str,
    back: str,
    fields: Mapping[str, str],
    ordinal: int,
    about: About | None = None,
) -> tuple[str, str]:
    """The question and answer of one card of a cloze note as HTML, as Anki's own renderer gives them.

    `front` and `back` are the two templates, `fields` the note's fields by name, `ordinal` the card's cloze number, and
    `about` what Tags, Type, Deck and Card show. The result is what Anki's `render_output()` has as `question_text` and
    `answer_text`: without the CSS, with a sound as `[anki:play:q:0]`, and a field to type in as `[[type:cloze:Text]]`.
    If the number is nowhere in the note, Anki's message says so in English. A hint's id differs from Anki's, but
    likewise depends only on the field and its text.

    Raises UserError for a template that Anki refuses, and for what needs more than text: speech, LaTeX images and image
    occlusion.
    """
    values = {**fields, **(about or About()).fields, "CardFlag": "flag0", f"c{ordinal}": "1"}
    question = _with_sounds(_fill(front, values, _Side(ordinal, False, "")), "q")
    if ordinal not in _numbers(values.values()):
        missing = _MISSING.format(ordinal=ordinal)
        return question + missing, missing
    return question, _with_sounds(_fill(back, values, _Side(ordinal, True, question)), "a")


def reviewed(question: str, answer: str, fields: Mapping[str, str], ordinal: int) -> tuple[str, str]:
    """The question and answer of `card` with what Anki's reviewer shows in place of a field to type in.

    On the question that is a line to type in; on the answer it is what should have been typed, shown as if the learner
    had typed nothing.
    """

    def expected(asked: re.Match[str]) -> str:
        text = fields.get(asked[2], "")
        if asked[1] == "cloze":
            texts = [as_html(deletion.parts) for deletion in _asked(parse(text), _Side(ordinal, True, ""))]
            text = texts[0] if len(set(texts)) == 1 else ", ".join(texts)
        text = _decoded(_MARKUP.sub("", _BREAK.sub(" ", text))).strip()
        return f"<div><code id=typeans>{html.escape(text)}</code></div>"

    field_to_type_in = '<center><input type=text id=typeans aria-label="Your answer"></center>'
    return _TYPED.sub(field_to_type_in, question), _TYPED.sub(expected, answer)


def ordinals(front: str, fields: Mapping[str, str]) -> list[int]:
    """The cloze numbers for which Anki makes cards of a note.

    `front` is the front template, and `fields` are the note's fields by name; the numbers come in order. Anki looks at
    all fields, whether the front shows them or not. Numbers above 500 become card 500, and a note without numbers gets
    card 1. There are none for a front without a `cloze:` filter, as Anki does not accept such a note type.
    """
    if not any(sign == "" and "cloze" in inner.split(":")[:-1] for _, sign, inner in _pieces(front)):
        return []
    return sorted({min(number, LAST_CLOZE_NUMBER + 1) for number in _numbers(fields.values()) if number}) or [1]


def _pieces(template: str) -> Iterator[tuple[str, str, str]]:
    """The pieces of a template in order, as text, sign and name: ("x", "text", "") or ("{{#A}}", "#", "A")."""
    tag, start = _TAG, 0
    if template.lstrip().startswith(_OTHER_DELIMITERS):
        template, tag = template.lstrip().removeprefix(_OTHER_DELIMITERS), _OTHER_TAG
    for found in tag.finditer(template):
        yield template[start : found.start()], "text", ""
        start = found.end()
        if found[1] is None:
            # Tags in a comment are left as they are.
            yield found[0], "text", ""
            continue
        inner = found[1].strip()
        sign = inner[0] if inner[:1] in ("#", "^", "/") else ""
        yield found[0], sign, inner.removeprefix(sign).strip()
    yield template[start:], "text", ""


def _fill(template: str, values: Mapping[str, str], side: _Side) -> str:
    """A template with its fields filled in, and without the sections that this card does not show."""
    parts: list[str] = []
    sections: list[tuple[str, bool]] = []
    for text, sign, inner in _pieces(template):
        shown = all(is_shown for _, is_shown in sections)
        if sign == "text":
            parts.append(text if shown else "")
        elif sign == "":
            *filters, name = inner.split(":")
            # Anki allows filters without a field, and shows nothing for them.
            if name not in values and name != "FrontSide" and not (filters and not name):
                raise UserError(f"{text} does not name a field: there is no {name!r}")
            parts.append(_replacement(filters, name, values, side) if shown else "")
        elif sign == "/":
            if not sections or sections.pop()[0] != inner:
                raise UserError(f"{text} closes a section that is not open here")
        else:
            if inner not in values and not _CARD_SECTION.fullmatch(inner):
                raise UserError(f"{text} does not name a field: there is no {inner!r}")
            is_empty = _EMPTY.fullmatch(values.get(inner, "")) is not None
            sections.append((inner, is_empty == (sign == "^")))
    if sections:
        raise UserError(f"the section of {sections[-1][0]} is not closed", hint=f"add {{{{/{sections[-1][0]}}}}}")
    return "".join(parts)


def _replacement(filters: list[str], name: str, values: Mapping[str, str], side: _Side) -> str:
    """What a tag such as {{text:cloze:Text}} stands for. Anki applies no filters to {{FrontSide}}."""
    if name in ("FrontSide", ""):
        return side.front if name else ""
    if filters[:1] == ["type"]:
        return f"[[type:{filters[1]}:{name}]]" if filters[1:] in (["cloze"], ["nc"]) else f"[[type:{name}]]"
    text = values[name]
    for word in filter(None, reversed(filters)):
        filtered = _filtered(text, word, name, side)
        if filtered is None:
            # Anki leaves this filter and the rest to add-ons, and here there are none.
            break
        text = filtered
    return text


def _filtered(text: str, word: str, name: str, side: _Side) -> str | None:
    """A field's text after one filter; None if Anki has no such filter."""
    if word.startswith("tts "):
        raise UserError(f"{{{{{word}:{name}}}}} cannot be shown: it is speech")
    if word == "cloze":
        return _cloze(text, side)
    if word == "cloze-only":
        return ", ".join(as_html(d.parts) if side.answer else _hint(d) for d in _asked(parse(text), side))
    if word == "text":
        return _decoded(_MARKUP.sub("", text))
    if word == "hint":
        mark = "hint" + hashlib.blake2b((text + name).encode(), digest_size=8).hexdigest()
        return _HINT.format(id=mark, name=name, text=text) if text.strip() else text
    if word in ("type", "type-cloze", "type-nc"):
        return f"[[{word.replace('-', ':')}:{name}]]"
    if word in _READINGS:
        return _FURIGANA.sub(
            lambda m: m[0] if m[2].startswith("sound:") else m.expand(_READINGS[word]), text.replace("&nbsp;", " ")
        )
    return None


def _cloze(text: str, side: _Side) -> str:
    """A text with its deletions shown or hidden; nothing if the card's number is not among them."""
    parts = parse(text)
    if not _asked(parts, side):
        return ""
    shown = "".join(_shown(part, side) for part in parts)
    # MathJax would show tags as they are written, so Anki removes them.
    return _MATHJAX.sub(lambda m: m[1] + _MARKUP.sub("", m[2]) + m[3], shown)


def _asked(parts: Sequence[Part], side: _Side) -> list[Deletion]:
    """The deletions that the card asks for."""
    asked = [d for d in deletions(parts) if side.ordinal in d.numbers]
    if asked and any(d.is_occlusion for d in deletions(parts)):
        raise UserError("image-occlusion: cannot be shown without its image")
    return asked


def _numbers(texts: Iterable[str]) -> set[int]:
    return {number for text in texts for deletion in deletions(parse(text)) for number in deletion.numbers}


def _shown(part: Part, side: _Side) -> str:
    if isinstance(part, str):
        return part
    inner = "".join(_shown(p, side) for p in part.parts)
    numbers = ",".join(map(str, part.numbers))
    if side.ordinal not in part.numbers:
        return f'<span class="cloze-inactive" data-ordinal="{numbers}">{inner}</span>'
    if side.answer:
        return f'<span class="cloze" data-ordinal="{numbers}">{inner}</span>'
    return f'<span class="cloze" data-cloze="{_attribute(inner)}" data-ordinal="{numbers}">[{_hint(part)}]</span>'


def _hint(deletion: Deletion) -> str:
    """What a question shows in brackets in place of a deletion."""
    return "..." if deletion.hint is None else deletion.hint


def _attribute(text: str) -> str:
    """A text as Anki writes it into an attribute: Latin-1 as entities, except digits and letters without accents."""
    named = {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}
    return re.sub(r"[\x00-/:-@\[-`{-\xff]", lambda m: named.get(m[0], f"&#x{ord(m[0]):02X};"), text)


def _decoded(text: str) -> str:
    """A text with its entities decoded and hard spaces made soft; unchanged if HTML 4 does not know one of them."""
    if "&" not in text or "&" in _ENTITY.sub("", text):
        return text
    try:
        return _ENTITY.sub(_character, text).replace("\xa0", " ")
    except (KeyError, ValueError, OverflowError):
        return text


def _character(entity: re.Match[str]) -> str:
    code = int(entity[1], 16) if entity[1] else int(entity[2]) if entity[2] else name2codepoint[entity[3]]
    # Half of a surrogate pair cannot be encoded, and Anki does not take it as a character either.
    return chr(code).encode().decode()


def _with_sounds(text: str, side: str) -> str:
    """A side of a card with its sounds as the marks that Anki turns into play buttons; `side` is q or a."""
    for pattern, what in ((_DIRECTIVE, "speech or an add-on's"), (_LATEX, "an image that LaTeX makes")):
        if found := pattern.search(text):
            raise UserError(f"{found[0]} cannot be shown: it is {what}")
    count = iter(range(len(text)))
    return _SOUND.sub(lambda _: f"[anki:play:{side}:{next(count)}]", text)
