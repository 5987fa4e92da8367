"""Reads the files of template folders: only files, only in their folder, and only up to a size.

A project, with its templates, may come from somebody else. So a pipe or a device must not hold up a build, and a link
must not take a file of this computer into a deck.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
from dataclasses import replace
from pathlib import Path, PurePath

from tmscards.anki import template_fetches, template_lint
from tmscards.domain import Diagnostic, Location, Media
from tmscards.errors import UserError
from tmscards.storage import bundled, files

MOST_TEXT = 1_000_000
"""Bytes that a page, a style sheet or `template.yaml` may have."""
MOST_MEDIA = files.LARGEST
"""Bytes that all pictures, fonts and other files of a template may have together."""
MOST_FILES = 1_000
"""Files that may be in a folder that is copied."""
_REFERENCE = re.compile(r"""\bsrc\s*+=\s*+["']([^"'{}]+)["']|\burl\(\s*+["']?+([^"'(){}]++)["']?+\s*+\)""", re.I)
_ENDING = re.compile(r"\.\w{1,10}", re.A)


def check_inside(path: Path, folder: Path) -> None:
    """Raise files.Refused if a path leads out of a folder by a link.

    What comes with tmscards may be links, as some package managers install it so.
    """
    is_ours = path.is_relative_to(bundled.folder("templates"))
    # Unlike Path.resolve, this takes links that lead in a circle, which fail when they are opened.
    if not is_ours and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise files.Refused(path, f"it is a link to outside of {os.path.realpath(folder)}")


def read_text(path: Path, errors: list[Diagnostic]) -> str:
    """The text of a file in a template's folder; empty if it cannot be read, which is added to `errors`."""
    try:
        check_inside(path, path.parent)
        return files.read(path, MOST_TEXT).decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        errors.append(Diagnostic("error", f"this file cannot be read: {problem}", location=Location(str(path))))
    return ""


class Included:
    """The files that go into a deck with a template, such as pictures and fonts."""

    def __init__(self) -> None:
        self._found: dict[Path, Media] = {}
        self._room = MOST_MEDIA

    @property
    def media(self) -> tuple[Media, ...]:
        """Each of them once, in the order in which they were found."""
        return tuple({media.name: media for media in self._found.values()}.values())

    def named(self, file: Path, text: str, errors: list[Diagnostic]) -> str:
        """The text of `file` with the names that the files it needs have in Anki; these are included.

        What cannot be included is added to `errors`.
        """
        parts, end = [], 0
        for reference in _REFERENCE.finditer(text):
            group = 1 if reference[1] is not None else 2
            target = reference[group].strip()
            if not template_fetches.is_file(_meant(target, is_css=group == 2)):
                continue
            start = reference.start(group)
            try:
                name = self._include(file.parent, target).name
            except UserError as error:
                if len(errors) >= template_lint.MOST:
                    break
                where = template_lint.place(str(file), text, start)
                errors += (replace(said, location=where) for said in error.diagnostics)
                continue
            parts += [text[end:start], name]
            end = start + len(reference[group].rstrip() if group == 2 else reference[group])
        return "".join(parts) + text[end:]

    def _include(self, folder: Path, target: str) -> Media:
        """Include the file that a template's folder has by this name. Raises UserError if that is not possible."""
        try:
            path = Path(os.path.realpath(folder / target))
            if known := self._found.get(path):
                return known
            check_inside(folder / target, folder)
        except files.Refused as error:
            raise UserError(f"{target!r} is outside the template's folder", hint="copy it into that folder") from error
        except (OSError, ValueError) as error:
            raise UserError(
                f"{target!r} is not the name of a file", hint="give a name without odd characters"
            ) from error
        try:
            raw = files.read(path, MOST_MEDIA)
        except FileNotFoundError as error:
            raise UserError(f"there is no file {target!r}", hint="put it into the template's folder") from error
        except OSError as error:
            raise UserError(f"{target!r} cannot be read: {error.strerror}") from error
        self._room -= len(raw)
        if self._room < 0:
            raise UserError(f"with {target!r}, the template's files have more than {MOST_MEDIA / 1e6:.0f} MB")
        # The name is made from the content so that no two clash. Anki keeps files whose name begins with _ even if no
        # field names them.
        digest = hashlib.sha256(raw).hexdigest()[:16]
        ending = path.suffix.lower() if _ENDING.fullmatch(path.suffix) else ""
        self._found[path] = Media(f"_tmscards-{digest}{ending}", str(path))
        return self._found[path]


def _meant(target: str, *, is_css: bool) -> str:
    """An address as a browser understands it, which may be written with escapes or entities."""
    if not is_css:
        return html.unescape(target)
    if "\\" not in target:
        return target
    import tinycss2

    return "".join(
        token.value for token in tinycss2.parse_component_value_list(f'"{target}"') if token.type == "string"
    )


def listed(folder: Path) -> dict[PurePath, bytes]:
    """The content of all files in a folder and the folders in it, by path in the folder. Hidden ones are left out.

    Raises OSError if one of them cannot be read or is no file, and files.Refused if there are too many.
    """
    found: dict[PurePath, bytes] = {}
    room, waiting = MOST_MEDIA, [folder]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            if path.name.startswith("."):
                continue
            if path.is_dir() and not path.is_symlink():
                waiting.append(path)
                continue
            check_inside(path, folder)
            raw = files.read(path, MOST_MEDIA)
            room -= len(raw)
            if room < 0:
                raise files.Refused(folder, f"its files have more than {MOST_MEDIA / 1e6:.0f} MB")
            found[path.relative_to(folder)] = raw
            if len(found) > MOST_FILES:
                raise files.Refused(folder, f"there are more than {MOST_FILES} files in it")
    return found
