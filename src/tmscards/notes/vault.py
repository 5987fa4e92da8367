"""The files of a notes folder: which there are, through which links, and which are no notes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tmscards.domain import LeftOutKind, Location, Source
from tmscards.errors import UserError

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


def find(folder: Path, globs: Iterable[str] = DEFAULT_GLOBS, *, follow_links: bool = False) -> list[Path]:
    """The files in a folder and its subfolders that match any glob, sorted by path; hidden files are left out.

    The ending of a glob matches in small and in capital letters. A file that links lead to from several places is
    there once. Folders that a link leads to outside are searched only if `follow_links`; otherwise the link itself is
    among the files, so that it can be named. Raises UserError if the folder is missing or a glob is malformed.
    """
    if not folder.is_dir():
        raise UserError(
            "this folder does not exist", location=Location(str(folder)), hint="name yours with --notes DIR"
        )
    found: set[Path] = set()
    outside = list(_links_out(folder))
    for glob in globs:
        try:
            found.update(folder.glob(_in_any_case(glob)))
            for link in outside if follow_links else ():
                found.update(link.glob(_in_any_case(glob)))
        except (ValueError, NotImplementedError, IndexError) as error:
            raise UserError(
                f"{glob!r} is not a pattern for files", hint="patterns are relative, such as lectures/*.md"
            ) from error
    if not follow_links and any(glob.startswith("**/") for glob in globs):
        found.update(outside)
    visible = (p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts))
    files = (p for p in visible if p.suffix.lower() in _ENDINGS or p.is_symlink() or not p.is_dir())
    return sorted(_once(files, folder, follow_links), key=lambda p: p.relative_to(folder).as_posix())


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
