"""The files of a notes folder: which there are, through which links, and which are no notes.

The folder may be a vault of Obsidian or a graph of Logseq, which hold more than notes: templates, and old versions.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tmscards.domain import LeftOutKind, Location, Source
from tmscards.errors import UserError
from tmscards.storage import files

DEFAULT_GLOBS = ("**/*.md", "**/*.markdown", "**/*.mdx")
_ENDINGS = tuple(glob.removeprefix("**/*") for glob in DEFAULT_GLOBS)
"""A folder with one of these endings is named, as it may have been meant for a note; others go without a word."""
_COPY = re.compile(
    r"(?P<stem>.+?)(?: \((?:[^()]* )?conflicted copy[^()]*\)|[ _-]conflict-\d{6,8}[\w-]*|\.sync-conflict-[\w-]+)",
    re.I,
)
"""What sync programs make of a file's name, without its ending, if it was changed in two places."""
_TEMPLATER = re.compile(r"<%[*+_-]?\s*(?:tp\.|const |let |await |if|for)")
_PLACEHOLDER = re.compile(r"\{\{(?:title|date|time)(?::[^{}\n]*)?\}\}", re.I)
_MOST_PLACEHOLDERS = 2


_TEMPLATES = frozenset("template templates _template _templates".split())
"""What people call a folder of templates, in small letters."""
_SAYING_WHERE = (
    ("templates.json", "folder"),
    ("daily-notes.json", "template"),
    ("plugins/templater-obsidian/data.json", "templates_folder"),
)
"""Files in Obsidian's folder that say where templates are, relative to the vault, and under which key."""
_LARGEST_SETTINGS = 1_000_000
"""Bytes."""


def find(folder: Path, globs: Iterable[str] = DEFAULT_GLOBS, *, follow_links: bool = False) -> list[Path]:
    """The files in a folder and its subfolders that match any glob, sorted by path; hidden files are left out.

    A glob that begins with `!` leaves files out, or a folder with all that is in it; if there are only such, they leave
    out of `DEFAULT_GLOBS`. What `aside` finds is left out too. The ending of a glob matches in small and in capital
    letters. A file that links lead to from several places is there once. Folders that a link leads to outside are
    searched only if `follow_links`; otherwise the link itself is among the files, so that it can be named. Raises
    UserError if the folder is missing or a glob is malformed.
    """
    if not folder.is_dir():
        raise UserError(
            "this folder does not exist",
            location=Location(str(folder)),
            hint="name yours with --notes DIR, or as `notes:` in the recipe",
        )
    wanted, unwanted = _parted(globs)
    outside = list(_links_out(folder))
    places = [folder, *(outside if follow_links else ())]
    found = {path for place in places for glob in wanted for path in _matching(place, glob)}
    if not follow_links and any(glob.startswith("**/") for glob in wanted):
        found.update(outside)
    gone = {path for place in places for glob in unwanted for path in _matching(place, glob)}
    gone.update(aside(folder, wanted))
    visible = (p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts))
    kept = (p for p in visible if p not in gone and gone.isdisjoint(p.parents)) if gone else visible
    those = (p for p in kept if p.suffix.lower() in _ENDINGS or p.is_symlink() or not p.is_dir())
    return sorted(_once(those, folder, follow_links), key=lambda p: p.relative_to(folder).as_posix())


def aside(folder: Path, globs: Iterable[str] = DEFAULT_GLOBS) -> list[Path]:
    """What a folder in a vault holds besides notes: folders of templates, a daily note's template, Logseq's own folder.

    Nothing if neither it nor a folder above it is a vault or graph; and nothing that one of the globs names.
    """
    vaults = [above for above in (folder, *folder.absolute().parents) if (above / ".obsidian").is_dir()]
    is_graph = (folder / "logseq/config.edn").is_file()
    found = {folder / "logseq"} if is_graph else set[Path]()
    for here, folders, _ in os.walk(folder) if vaults or is_graph else ():
        folders[:] = [name for name in folders if not name.startswith(".")]
        found.update(Path(here, name) for name in folders if name.lower() in _TEMPLATES)
    for at in vaults[:1]:
        for name, key in _SAYING_WHERE:
            said = _setting(at / ".obsidian" / name, key)
            paths = (at / said, at / f"{said}.md") if said and ".." not in Path(said).parts else ()
            real = Path(os.path.realpath(folder))
            for path in (Path(os.path.realpath(each)) for each in paths):
                if path.exists() and path != real and path.is_relative_to(real):
                    found.add(folder / path.relative_to(real))
    highest = (path for path in found if found.isdisjoint(path.parents))
    return sorted(path for path in highest if not _is_named(path.relative_to(folder).as_posix(), globs))


def _setting(file: Path, key: str) -> str:
    """A text in a JSON file of settings; empty if there is none."""
    try:
        values = json.loads(files.read(file, _LARGEST_SETTINGS))
    except (OSError, ValueError, RecursionError):
        return ""
    said = values.get(key) if isinstance(values, dict) else ""
    return said.strip("/ ") if isinstance(said, str) and "\0" not in said else ""


def _parted(globs: Iterable[str]) -> tuple[list[str], list[str]]:
    """The globs of the files that are wanted, and of those that are not, without their `!`."""
    given = list(globs)
    unwanted = [glob[1:].strip().rstrip("/") for glob in given if glob.startswith("!")]
    return [glob for glob in given if not glob.startswith("!")] or list(DEFAULT_GLOBS), unwanted


def _is_named(path: str, globs: Iterable[str]) -> bool:
    """Whether a glob names this path, and not only by a pattern."""
    return any(glob == path or glob.startswith(f"{path}/") for glob in globs)


def _matching(folder: Path, glob: str) -> Iterable[Path]:
    """The paths in a folder that a glob matches. Raises UserError if it is malformed."""
    try:
        return list(folder.glob(_in_any_case(glob)))
    except (ValueError, NotImplementedError, IndexError) as error:
        raise UserError(
            f"{glob!r} is not a pattern for files", hint="patterns are relative, such as lectures/*.md"
        ) from error


def _in_any_case(glob: str) -> str:
    """A glob whose ending is found in small and in capital letters."""
    head, dot, ending = glob.rpartition(".")
    if not dot or not ending.isalpha():
        return glob
    return f"{head}.{''.join(f'[{c.lower()}{c.upper()}]' for c in ending)}"


def _links_out(folder: Path) -> Iterator[Path]:
    """The links to folders outside a folder, not those below other links."""
    real = Path(os.path.realpath(folder))
    for here, folders, _ in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            path = Path(here, name)
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(real):
                yield path


def _once(paths: Iterable[Path], folder: Path, follow_links: bool) -> Iterator[Path]:
    """Each file once, and not the links to one that is there itself; all links that are not to be followed."""
    files, links = list[Path](), list[Path]()
    for path in sorted(paths):
        (links if path.is_symlink() else files).append(path)
    yield from files
    known = {os.path.realpath(path) for path in files} if links else set[str]()
    inside = os.path.realpath(folder)
    for link in links:
        real = os.path.realpath(link)
        if real not in known or not (follow_links or Path(real).is_relative_to(inside)):
            known.add(real)
            yield link


def is_note(path: Path) -> bool:
    """Whether a path is that of a Markdown file, by its ending."""
    return path.suffix.lower() in _ENDINGS


def original(path: Path) -> Path | None:
    """The file that a sync program has made this copy of; None if it is no copy, or that file is not there."""
    copy = _COPY.fullmatch(path.stem)
    found = path.with_name(f"{copy['stem']}{path.suffix}") if copy else None
    return found if found is not None and found.is_file() else None


def no_note(source: Source) -> LeftOutKind | None:
    """What a file is that is no note, although it is Markdown: a drawing of Excalidraw, or a template for notes."""
    if "excalidraw-plugin:" in source.front_matter or source.path.lower().endswith(".excalidraw.md"):
        return "drawing"
    places = len(_PLACEHOLDER.findall(source.front_matter)) + len(_PLACEHOLDER.findall(source.body))
    is_template = places > _MOST_PLACEHOLDERS or _TEMPLATER.search(source.front_matter + source.body[:2_000])
    return "template" if is_template else None
