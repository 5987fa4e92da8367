"""Owns the note type: its frozen fields, what stands in each, and reading and checking a template folder."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tmscards import clozes, recordings, timestamps
from tmscards.domain import Location, NoteType, Record
from tmscards.errors import UserError, UserErrors

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
"""Frozen: a field added, removed, renamed or moved makes Anki copy the note type and refuse all further updates."""
FIELD_IDS = {name: 6_029_310_000_000_000_000 + i for i, name in enumerate(FIELDS)}
"""Anki keeps these through a renaming."""
TEMPLATE_ID = 6_029_310_000_000_001_000
CARD_NAME = "Cloze"

_FILES = ("front.html", "back.html", "style.css")
_KEYS = {"name": str, "id": int, "description": str}
_SPECIAL = {"Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "FrontSide"}
_TAG = re.compile(r"\{\{([#^/]?)\s*([^{}]*?)\s*\}\}")


def packaged() -> Path:
    """The folder of the templates that come with tmscards."""
    installed = Path(__file__).parent / "templates"
    # In a checkout that is installed in place, the wheel's copy of the top folder does not exist.
    return installed if installed.is_dir() else Path(__file__).parents[2] / "templates"


def load(name: str, project: Path) -> NoteType:
    """Read and check the template `name` of a project's `templates/`, else the one that comes with tmscards.

    Raises UserErrors naming every fault with file and line.
    """
    own, shipped = project / "templates" / name, packaged() / name
    folder = own if own.is_dir() else shipped
    if not folder.is_dir():
        known = sorted(
            {
                p.name
                for base in (project / "templates", packaged())
                if base.is_dir()
                for p in base.iterdir()
                if p.is_dir()
            }
        )
        raise UserError(
            f"there is no template {name!r}", location=Location(str(own)), hint=f"there are: {', '.join(known)}"
        )
    return read(folder)


def read(folder: Path) -> NoteType:
    """Read and check a template folder: `template.yaml`, `front.html`, `back.html` and `style.css`."""
    errors: list[UserError] = []
    texts: dict[str, str] = {}
    for name in ("template.yaml", *_FILES):
        try:
            texts[name] = (folder / name).read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            errors.append(UserError(f"this cannot be read: {problem}", location=Location(str(folder / name))))
    if errors:
        raise UserErrors(errors)
    data = _settings(folder / "template.yaml", texts["template.yaml"], errors)
    for name in ("front.html", "back.html"):
        errors += _template_faults(str(folder / name), texts[name])
    if errors:
        raise UserErrors(errors)
    return NoteType(int(data["id"]), str(data["name"]), texts["front.html"], texts["back.html"], texts["style.css"])


def fields(note: Record, title: str) -> tuple[str, ...]:
    """The fields of a note on record, as HTML, in the order of `FIELDS`. `title` is that of its source."""
    recording = recordings.from_url(note.url) if note.url else None
    has_time = recording is not None and note.timestamp is not None
    values = {
        "Text": note.text,
        "Context": "<br>".join(map(clozes.escape, note.context)),
        "Extra": "This sentence is no longer in its source." if note.status == "orphan" else "",
        "Source": clozes.escape(title),
        "URL": html.escape(note.url),
        "Timestamp": ("≈ " if note.approximate else "") + timestamps.show(note.timestamp or 0) if has_time else "",
        "Seconds": str(note.timestamp) if has_time else "",
        "Video": html.escape(recording.url) if recording else "",
        "SeeAlso": " · ".join(map(clozes.escape, note.see_also)),
        "Key": note.guid,
    }
    return tuple(values.get(name, "") for name in FIELDS)


def _settings(path: Path, text: str, errors: list[UserError]) -> dict[str, Any]:
    shown = str(path)
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        errors.append(UserError("this is not valid YAML", location=Location(shown, mark.line + 1 if mark else None)))
        return {}
    except (ValueError, RecursionError) as error:
        errors.append(UserError(f"this is not valid YAML: {error}", location=Location(shown)))
        return {}
    if not isinstance(data, dict):
        errors.append(
            UserError(
                "this must be a list of keys and values", location=Location(shown, 1), hint="see templates/default"
            )
        )
        return {}
    for key in data:
        if key not in _KEYS:
            line = next((i for i, row in enumerate(text.splitlines(), 1) if row.startswith(f"{key}:")), None)
            near = difflib.get_close_matches(str(key), _KEYS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(_KEYS)}"
            errors.append(UserError(f"unknown key {key!r}", location=Location(shown, line), hint=hint))
    for key in ("name", "id"):
        if not isinstance(data.get(key), _KEYS[key]) or isinstance(data.get(key), bool) or not data[key]:
            errors.append(
                UserError(f"the key {key!r} is missing or not a {_KEYS[key].__name__}", location=Location(shown))
            )
    return data


def _template_faults(path: str, text: str) -> Iterator[UserError]:
    """What Anki would choke on, or make no cards of; genanki 0.13.1 accepts a misspelt field without a word."""
    open_sections: list[tuple[str, int]] = []
    has_cloze = False
    for tag in _TAG.finditer(re.sub(r"<!--.*?-->", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)):
        line = text.count("\n", 0, tag.start()) + 1
        where, (sign, inner) = Location(path, line), tag.groups()
        name = inner.split(":")[-1].strip()
        if sign == "/":
            if not open_sections or open_sections[-1][0] != name:
                expected = f"{{{{/{open_sections[-1][0]}}}}}" if open_sections else "no closing tag"
                yield UserError(
                    f"{tag[0]} closes a section that is not open here", location=where, hint=f"expected {expected}"
                )
            if open_sections:
                open_sections.pop()
            continue
        if name not in FIELDS and name not in _SPECIAL and not re.fullmatch(r"c\d+", name):
            near = difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else f"fields: {', '.join(FIELDS)}"
            yield UserError(f"unknown field {name!r}", location=where, hint=hint)
        if sign:
            open_sections.append((name, line))
        has_cloze = has_cloze or inner.replace(" ", "").endswith("cloze:Text")
    for name, line in open_sections:
        yield UserError(
            f"the section of {name} is not closed", location=Location(path, line), hint=f"add {{{{/{name}}}}}"
        )
    if not has_cloze:
        yield UserError("there is no {{cloze:Text}}, so no card would be made", location=Location(path), hint="add it")
