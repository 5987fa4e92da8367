"""Finds template folders, reads them with their options filled in, and makes new ones."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from tmscards.anki import template_fetches, template_files, template_lint, template_settings
from tmscards.anki.note_types import FIELDS
from tmscards.anki.template_files import Included, read_text
from tmscards.anki.template_settings import Settings
from tmscards.domain import Diagnostic, Location, Media, NoteType
from tmscards.errors import UserError, unwritable
from tmscards.storage import bundled, files

_PAGES = ("front.html", "back.html")
_STYLE = "style.css"
_BUILDS_ON = re.compile(r'@import "\.\./([^"/\n]+)/style\.css";$', re.M)
_STRAY_IMPORT = re.compile(r"""^[^\S\n]*@import\s+["']\.\./""", re.M)
_SLOT = re.compile(r"\[\[([\w-]+)\]\]")
_PLAIN_NAME = re.compile(r"(?![. -])[^/\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+(?<![. ])")
_LONGEST_NAME = 200
"""Bytes that the name of a template's folder may have; file systems allow 255, and some less."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template folder that a deck can be built with."""

    folder: Path
    settings: Settings
    note_type: NoteType
    warnings: tuple[Diagnostic, ...] = ()
    """What is odd about it, though it can be used."""


def folders(project: Path) -> dict[str, Path]:
    """The folders of all templates by name: those that come with tmscards, and a project's own in place of them.

    Raises UserError if the project's folder `templates` cannot be read.
    """
    found: dict[str, Path] = {}
    for base in (bundled.folder("templates"), project / "templates"):
        try:
            # Settings that cannot be read count too, so that people are told about them.
            found |= {
                path.name: path for path in sorted(base.iterdir()) if os.path.lexists(path / template_settings.FILE)
            }
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            where = Location(str(base))
            raise UserError(f"this folder cannot be read: {error.strerror}", location=where) from error
    return dict(sorted(found.items()))


def load(name: str, project: Path, options: Mapping[str, str] | None = None) -> Template:
    """Read and check a template. `options` are the values that a recipe gives.

    Raises UserError naming every fault with file, line and column; for an unknown template, those that there are.
    """
    known = folders(project)
    if name not in known:
        raise UserError.of([_unknown(name, known, Location(str(project / "templates" / name)))])
    return read(known[name], options)


def made_of(name: str, project: Path) -> list[Path]:
    """The folders that a template is made of: its own, after that of the template that its style sheet builds on.

    Nothing is checked: what cannot be read or is not there is left out.
    """
    folder = folders(project).get(name)
    return [path.parent for path in _sheets(folder, [])] if folder else []


def content(name: str, project: Path, options: Mapping[str, str]) -> Iterator[str]:
    """All that a deck takes from a template and that of its style sheet: it changes when one of its files does.

    Nothing is checked: what cannot be read is left out, with the reason in its place. Raises UserError if the folder
    `templates` cannot be read.
    """
    if folder := folders(project).get(name):
        errors: list[Diagnostic] = []
        parts = _parts(folder, options, errors)
        yield from (str(folder), repr(parts), *map(str, errors))


def read(folder: Path, options: Mapping[str, str] | None = None) -> Template:
    """Read and check a template folder. Raises UserError naming every fault with file, line and column."""
    errors: list[Diagnostic] = []
    parts = _parts(folder, options or {}, errors)
    if parts.settings is None or (errors and not parts.filled):
        raise UserError.of(errors)
    for path, text in parts.filled.items():
        errors += (template_lint.html if path in parts.pages else template_lint.css)(str(path), text)
    if errors:
        raise UserError.of(errors)
    warnings = [warning for path in parts.filled for warning in _fetches(path, parts)]
    warnings += [warning for media in parts.media for warning in _fetches(Path(media.path), parts)]
    styles = {str(path): parts.filled[path] for path in parts.sheets}
    warnings += template_lint.contrast(styles)
    front, back = (parts.filled[path] for path in parts.pages)
    settings = parts.settings
    note_type = NoteType(settings.id, settings.name, front, back, _joined(styles.values()), media=parts.media)
    return Template(folder, settings, note_type, tuple(warnings))


def _fetches(path: Path, parts: _Parts) -> Iterator[Diagnostic]:
    """What one of the files of a template would fetch from elsewhere."""
    look = template_fetches.BY_ENDING.get(path.suffix.lower())
    if look is not None:
        unread: list[Diagnostic] = []
        text = parts.filled[path] if path in parts.filled else read_text(path, unread)
        yield from (replace(fault, severity="warning") for fault in unread)
        yield from look(str(path), text)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the files of a template have, before anybody looks whether it makes sense."""

    settings: Settings | None
    pages: Mapping[Path, str]
    sheets: Mapping[Path, str]
    filled: Mapping[Path, str]
    """The pages and sheets with the values of options and the names of other files in place; empty after an error."""
    media: tuple[Media, ...]


def _parts(folder: Path, options: Mapping[str, str], errors: list[Diagnostic]) -> _Parts:
    if fault := _leads_out(folder):
        errors.append(fault)
        return _Parts(None, {}, {}, {}, ())
    pages = {folder / name: read_text(folder / name, errors) for name in _PAGES}
    sheets = _sheets(folder, errors)
    settings = template_settings.read(folder / template_settings.FILE, errors)
    if settings is None or errors:
        return _Parts(settings, pages, sheets, {}, ())
    values = template_settings.values(folder.name, settings, options, errors)
    filled, included = {}, Included()
    in_pages = template_settings.in_pages(values, options)
    for path, text in (pages | sheets).items():
        filled[path] = _filled(path, text, in_pages if path in pages else values, folder, errors)
        errors += template_lint.numbers(str(path), filled[path])
    if errors:
        return _Parts(settings, pages, sheets, {}, ())
    for path, text in filled.items():
        filled[path] = included.named(path, text, errors)
    return _Parts(settings, pages, sheets, filled, included.media)


def empty(template: Template, filled: Set[str]) -> Iterator[Diagnostic]:
    """A warning for each place where a template shows a field that no note fills, outside of a section of that field.

    `filled` are the fields that at least one note of the deck fills. There are no warnings about Extra, which learners
    fill.
    """
    never = set(FIELDS) - filled - {"Extra"}
    for name in _PAGES:
        path = template.folder / name
        yield from template_lint.empty(str(path), read_text(path, []), never)


def create(name: str, origin: str, project: Path, now: float) -> Path:
    """Copy the template `origin` to a project's templates as `name`, and return the new folder.

    The copy gets its own name and id; the id is `now`, in seconds since 1970, as milliseconds. Raises UserError if
    there is such a folder already, the name cannot be that of a folder, or there is no template `origin`.
    The copy stands alone: it has the rules and files of the style sheet that `origin` builds on, if any.
    """
    target = project / "templates" / name
    check_new(target, name)
    template = load(origin, project)
    settings = replace(template.settings, name=f"tmscards {name}", id=int(now * 1000))
    copied = standing_alone(template)
    copied[PurePath(template_settings.FILE)] = template_settings.rewritten(
        copied[PurePath(template_settings.FILE)].decode("utf-8-sig"), settings
    ).encode()
    try:
        for inside, raw in copied.items():
            files.replace(target / inside, raw, project)
    except OSError as error:
        raise unwritable(target, error, "this template") from error
    return target


def check_new(target: Path, name: str | None = None) -> None:
    """Raise UserError if the folder of a new template cannot have that name, or is there already."""
    name = target.name if name is None else name
    if name != Path(name).name or not _PLAIN_NAME.fullmatch(name) or len(os.fsencode(name)) > _LONGEST_NAME:
        raise UserError(f"{name!r} is not a name for a folder", hint="use letters, digits and hyphens")
    if os.path.lexists(target):
        raise UserError("this folder already exists", location=Location(str(target)), hint="choose another name")


def standing_alone(template: Template) -> dict[PurePath, bytes]:
    """The files of a template by their path in its folder, with those of the style sheet that it builds on, if any.

    Raises UserError if one of them cannot be read.
    """
    sheets = _sheets(template.folder, [])
    copied: dict[PurePath, bytes] = {}
    try:
        for path in sheets:
            copied |= template_files.listed(path.parent)
    except OSError as error:
        where = Location(str(error.filename or template.folder))
        raise UserError(f"this cannot be copied: {error.strerror}", location=where) from error
    copied[PurePath(_STYLE)] = _joined(sheets.values()).encode()
    return copied


def _unknown(name: str, known: Iterable[str], where: Location) -> Diagnostic:
    return Diagnostic("error", f"there is no template {name!r}", where, f"there are: {', '.join(known)}")


def _leads_out(folder: Path) -> Diagnostic | None:
    """The fault of a template's folder that is a link to outside of its project."""
    try:
        template_files.check_inside(folder, folder.parent.parent)
    except files.Refused as error:
        where = Location(str(folder))
        return Diagnostic("error", f"this template is not used: {error.strerror}", where, "copy the folder")
    return None


def _sheets(folder: Path, errors: list[Diagnostic]) -> dict[Path, str]:
    """A template's style sheet by its path, after the one that it builds on, if any; its line about that is empty."""
    path, sheets = folder / _STYLE, {}
    text = read_text(path, errors)
    if line := _BUILDS_ON.match(text):
        # What comes along builds on what comes along, whatever a project calls its own templates.
        known = folders(folder.parent.parent)
        if line[1] in known:
            base = known[line[1]] / _STYLE
            fault = _leads_out(base.parent)
            errors += [fault] if fault else []
            sheets[base] = "" if fault else read_text(base, errors)
            says = f"{folder.name} builds on this style sheet, which may not build on another one itself"
            errors += _stray_import(base, sheets[base], says, "copy the rules of that one to here")
        else:
            errors.append(_unknown(line[1], known, Location(str(path), 1)))
        text = text[line.end() :]
    hint = 'let the first line be `@import "../NAME/style.css";`, and nothing else'
    errors += _stray_import(path, text, "a style sheet builds on another one in its first line only", hint)
    return sheets | {path: text}


def _stray_import(path: Path, text: str, says: str, hint: str) -> Iterator[Diagnostic]:
    if stray := _STRAY_IMPORT.search(text):
        yield Diagnostic("error", says, template_lint.place(str(path), text, stray.start()), hint)


def _joined(sheets: Iterable[str]) -> str:
    """The text of style sheets one after the other; each but the first begins with the end of its emptied line."""
    *before, last = sheets
    return "".join(text.removesuffix("\n") for text in before) + last


def _filled(path: Path, text: str, values: Mapping[str, str], folder: Path, errors: list[Diagnostic]) -> str:
    """A file's text with the values of options in place, which are those of the template in a folder."""
    unknown = {slot[1]: slot for slot in reversed(list(_SLOT.finditer(text))) if slot[1] not in values}
    for slot in reversed(unknown.values()):
        if len(errors) < template_lint.MOST:
            near = difflib.get_close_matches(slot[1], values, n=1, cutoff=0.5)
            hint = (
                f"did you mean [[{near[0]}]]?"
                if near
                else f"add it to the options in {folder / template_settings.FILE}"
            )
            where = template_lint.place(str(path), text, slot.start())
            errors.append(Diagnostic("error", f"there is no option {slot[1]!r}", location=where, hint=hint))
    return _SLOT.sub(lambda slot: values.get(slot[1], ""), text)


def listed(project: Path) -> Iterator[tuple[str, Template | UserError, bool]]:
    """Each template: its name, the template or what is wrong with it, and whether it is the project's own."""
    for name, folder in folders(project).items():
        try:
            yield name, read(folder), folder.parent == project / "templates"
        except UserError as error:
            yield name, error, folder.parent == project / "templates"
