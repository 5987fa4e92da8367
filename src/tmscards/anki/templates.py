"""Finds template folders, reads them with their options filled in, and makes new ones."""

from __future__ import annotations

import difflib
import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from tmscards.anki import template_lint
from tmscards.anki.note_types import FIELDS
from tmscards.domain import Diagnostic, Location, Media, NoteType
from tmscards.errors import UserError, unwritable
from tmscards.storage import bundled, yaml_files

_PAGES = ("front.html", "back.html")
_STYLE = "style.css"
_SETTINGS = "template.yaml"
_BUILDS_ON = re.compile(r'@import "\.\./([^"/\n]+)/style\.css";$', re.M)
_STRAY_IMPORT = re.compile(r"""^[^\S\n]*@import\s+["']\.\./""", re.M)
_SLOT = re.compile(r"\[\[([\w-]+)\]\]")
_REFERENCE = re.compile(r"""\bsrc\s*=\s*["']([^"'{}]+)["']|\burl\(\s*["']?([^"'(){}]+?)["']?\s*\)""", re.I)
_ELSEWHERE = re.compile(r"[a-z][\w+.-]*:|//|#", re.I)
_REFUSE_UNKNOWN_KEYS = {"extra": "forbid"}
_WORDING = yaml_files.Wording("this file", 'name: "My cards"', "a value with : or # needs quotes")


@dataclass(frozen=True, slots=True)
class Option:
    """Something in a template that a recipe can set: `[[name]]` in its files is replaced by the value."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    says: str
    default: str
    choices: tuple[str, ...] = ()
    """The values that it may have; empty if it may be any text."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `template.yaml` says."""

    __pydantic_config__ = _REFUSE_UNKNOWN_KEYS

    name: str
    """The note type's name in Anki."""
    id: int
    """The note type's id in Anki."""
    description: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """A template folder that a deck can be built with."""

    folder: Path
    settings: Settings
    note_type: NoteType
    warnings: tuple[Diagnostic, ...] = ()
    """What is odd about it, though it can be used."""


def folders(project: Path) -> dict[str, Path]:
    """The folders of all templates by name: those that come with tmscards, and a project's own in place of them."""
    found: dict[str, Path] = {}
    for base in (bundled.folder("templates"), project / "templates"):
        if base.is_dir():
            found |= {path.name: path for path in sorted(base.iterdir()) if (path / _SETTINGS).is_file()}
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


def read(folder: Path, options: Mapping[str, str] | None = None) -> Template:
    """Read and check a template folder. Raises UserError naming every fault with file, line and column."""
    errors: list[Diagnostic] = []
    pages = {folder / name: _text(folder / name, errors) for name in _PAGES}
    sheets = _sheets(folder, errors)
    settings = _settings(folder / _SETTINGS, errors)
    if settings is None or errors:
        raise UserError.of(errors)
    values = _values(folder, settings, options or {}, errors)
    filled = {path: _filled(path, text, values, folder, errors) for path, text in (pages | sheets).items()}
    media: dict[str, Media] = {}
    for path, text in filled.items():
        filled[path] = _with_media(path, text, media, errors)
    for path, text in filled.items():
        errors += (template_lint.html if path in pages else template_lint.css)(str(path), text)
    if errors:
        raise UserError.of(errors)
    warnings = [w for path, text in filled.items() for w in template_lint.remote(str(path), text)]
    styles = {str(path): filled[path] for path in sheets}
    warnings += template_lint.contrast(styles)
    front, back = (filled[path] for path in pages)
    css = _joined(styles.values())
    note_type = NoteType(settings.id, settings.name, front, back, css, media=tuple(media.values()))
    return Template(folder, settings, note_type, tuple(warnings))


def empty(template: Template, filled: Set[str]) -> Iterator[Diagnostic]:
    """A warning for each place where a template shows a field that no note fills, outside of a section of that field.

    `filled` are the fields that at least one note of the deck fills. There are no warnings about Extra, which learners
    fill.
    """
    never = set(FIELDS) - filled - {"Extra"}
    for name in _PAGES:
        path = template.folder / name
        yield from template_lint.empty(str(path), path.read_text(encoding="utf-8-sig"), never)


def create(name: str, origin: str, project: Path, now: float) -> Path:
    """Copy the template `origin` to a project's templates as `name`, and return the new folder.

    The copy gets its own name and id; the id is `now`, in seconds since 1970, as milliseconds. Raises UserError if
    there is such a folder already, the name cannot be that of a folder, or there is no template `origin`.
    The copy stands alone: it has the rules and files of the style sheet that `origin` builds on, if any.
    """
    if name != Path(name).name or name.startswith("."):
        raise UserError(f"{name!r} is not a name for a folder", hint="use letters, digits and hyphens")
    target = project / "templates" / name
    if target.exists():
        raise UserError("this folder already exists", location=Location(str(target)), hint="choose another name")
    template = load(origin, project)
    text = (template.folder / _SETTINGS).read_text(encoding="utf-8-sig")
    text = re.sub(r"^name:.*$", f'name: "tmscards {name}"', text, count=1, flags=re.M)
    text = re.sub(r"^id:.*$", f"id: {int(now * 1000)}", text, count=1, flags=re.M)
    try:
        sheets = _sheets(template.folder, [])
        for path in sheets:
            shutil.copytree(path.parent, target, dirs_exist_ok=True)
        (target / _STYLE).write_text(_joined(sheets.values()), encoding="utf-8")
        (target / _SETTINGS).write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(target, error, "this template") from error
    return target


def _unknown(name: str, known: Iterable[str], where: Location) -> Diagnostic:
    return Diagnostic("error", f"there is no template {name!r}", where, f"there are: {', '.join(known)}")


def _text(path: Path, errors: list[Diagnostic]) -> str:
    """A file's text; empty if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        errors.append(Diagnostic("error", f"this file cannot be read: {problem}", location=Location(str(path))))
    return ""


def _sheets(folder: Path, errors: list[Diagnostic]) -> dict[Path, str]:
    """A template's style sheet by its path, after the one that it builds on, if any; its line about that is empty."""
    path, sheets = folder / _STYLE, {}
    text = _text(path, errors)
    if line := _BUILDS_ON.match(text):
        # What comes along builds on what comes along, whatever a project calls its own templates.
        known = folders(folder.parent.parent)
        if line[1] in known:
            base = known[line[1]] / _STYLE
            sheets[base] = _text(base, errors)
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


def _settings(path: Path, errors: list[Diagnostic]) -> Settings | None:
    try:
        return yaml_files.read(path, Settings, _WORDING)
    except UserError as error:
        errors += error.diagnostics
    return None


def _values(folder: Path, settings: Settings, given: Mapping[str, str], errors: list[Diagnostic]) -> dict[str, str]:
    """The value of each option: the recipe's, or else the default."""
    values = {name: option.default for name, option in settings.options.items()}
    for name, value in given.items():
        option = settings.options.get(name)
        if option is None:
            near = difflib.get_close_matches(name, values, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"options: {', '.join(values) or 'none'}"
            errors.append(Diagnostic("error", f"the template {folder.name} has no option {name!r}", hint=hint))
        elif option.choices and value not in option.choices:
            errors.append(Diagnostic("error", f"{name}: {value!r} is not one of {', '.join(option.choices)}"))
        elif re.search(r"[<>{};\n]", value):
            errors.append(
                Diagnostic("error", f"{name}: {value!r} contains characters of HTML or CSS", hint="give a plain value")
            )
    return values | {name: value for name, value in given.items() if name in values}


def _filled(path: Path, text: str, values: Mapping[str, str], folder: Path, errors: list[Diagnostic]) -> str:
    """A file's text with the values of options in place, which are those of the template in a folder."""
    for slot in _SLOT.finditer(text):
        if slot[1] not in values:
            near = difflib.get_close_matches(slot[1], values, n=1, cutoff=0.5)
            hint = f"did you mean [[{near[0]}]]?" if near else f"add it to the options in {folder / _SETTINGS}"
            where = template_lint.place(str(path), text, slot.start())
            errors.append(Diagnostic("error", f"there is no option {slot[1]!r}", location=where, hint=hint))
    return _SLOT.sub(lambda slot: values.get(slot[1], ""), text)


def _with_media(file: Path, text: str, media: dict[str, Media], errors: list[Diagnostic]) -> str:
    """A file's text with the names that the files it needs have in Anki. The files are added to `media`."""
    parts, end, folder = [], 0, file.parent
    for reference in _REFERENCE.finditer(text):
        group = 1 if reference[1] is not None else 2
        target = reference[group].strip()
        if _ELSEWHERE.match(target):
            continue
        where = template_lint.place(str(file), text, reference.start(group))
        path = (folder / target).resolve()
        if not path.is_relative_to(folder.resolve()):
            errors.append(
                Diagnostic(
                    "error",
                    f"{target!r} is outside the template's folder",
                    location=where,
                    hint="copy it into that folder",
                )
            )
        elif not path.is_file():
            errors.append(
                Diagnostic(
                    "error", f"there is no file {target!r}", location=where, hint="put it into the template's folder"
                )
            )
        else:
            try:
                found = _media(path)
            except OSError as error:
                errors.append(Diagnostic("error", f"{target!r} cannot be read: {error.strerror}", location=where))
                continue
            media[found.name] = found
            parts += [text[end : reference.start(group)], found.name]
            end = reference.end(group)
    return "".join(parts) + text[end:]


def _media(path: Path) -> Media:
    """A file with its name in Anki, made from its content so that no two clash.

    Anki keeps files whose name begins with _ even if no field names them.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return Media(f"_tmscards-{digest}{path.suffix.lower()}", str(path))


def listed(project: Path) -> Iterator[tuple[str, Template | UserError, bool]]:
    """Each template: its name, the template or what is wrong with it, and whether it is the project's own."""
    for name, folder in folders(project).items():
        try:
            yield name, read(folder), folder.parent == project / "templates"
        except UserError as error:
            yield name, error, folder.parent == project / "templates"
