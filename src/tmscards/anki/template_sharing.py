"""Hands a template on as one file: a zip file with its folder, made by `pack` and unpacked by `add`.

What is unpacked may come from a stranger: only regular files of a limited size, in one folder, and only if the template
has no faults.
"""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path, PurePath, PurePosixPath
from tempfile import TemporaryDirectory

from tmscards.anki import template_files, templates
from tmscards.domain import Location
from tmscards.errors import UserError, unwritable
from tmscards.storage import files

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can name; all files have it."""


def pack(name: str, project: Path) -> bytes:
    """A template as a zip file, with the rules and files of the style sheet that it builds on. Raises UserError."""
    copied = templates.standing_alone(templates.load(name, project))
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, content in sorted(copied.items()):
            entry = zipfile.ZipInfo((PurePosixPath(name) / inside.as_posix()).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return raw.getvalue()


def add(file: Path, project: Path) -> Path:
    """Unpack a template into a project's templates, and return its new folder.

    Raises UserError if the file is no packed template, if the template has faults, or if there is one of that name.
    """
    name, found = _unpacked(file)
    target = project / "templates" / name
    templates.check_new(target)
    with TemporaryDirectory() as scratch:
        for inside, raw in found.items():
            (Path(scratch, name) / inside).parent.mkdir(parents=True, exist_ok=True)
            (Path(scratch, name) / inside).write_bytes(raw)
        try:
            templates.read(Path(scratch, name))
        except UserError as error:
            raise UserError(
                f"this template has faults: {error.diagnostics[0].message}",
                location=Location(str(file)),
                hint="ask whoever made it for one without",
            ) from error
    try:
        for inside, raw in found.items():
            files.replace(target / inside, raw, project)
    except OSError as error:
        raise unwritable(target, error, "this template") from error
    return target


def _unpacked(file: Path) -> tuple[str, dict[PurePath, bytes]]:
    """The name of a packed template, and its files."""
    found: dict[PurePath, bytes] = {}
    names, room = set[str](), template_files.MOST_MEDIA
    try:
        with zipfile.ZipFile(io.BytesIO(files.read(file, template_files.MOST_MEDIA))) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            for entry in entries[: template_files.MOST_FILES + 1]:
                path = PurePosixPath(entry.filename)
                is_odd = path.is_absolute() or any(part.startswith(".") or "\\" in part for part in path.parts)
                if is_odd or len(path.parts) < 2 or len(found) == template_files.MOST_FILES:
                    raise _no_template(file)
                with archive.open(entry) as packed:
                    raw = packed.read(room + 1)
                room -= len(raw)
                if room < 0:
                    raise _no_template(file)
                names.add(path.parts[0])
                found[PurePath(*path.parts[1:])] = raw
    except OSError as error:
        raise UserError(f"this file cannot be read: {error.strerror}", location=Location(str(file))) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise _no_template(file) from error
    if len(names) != 1:
        raise _no_template(file)
    return names.pop(), found


def _no_template(file: Path) -> UserError:
    return UserError(
        "this is no template as `tmscards template export` writes it",
        location=Location(str(file)),
        hint="ask for that file; a folder with a template goes into templates/ as it is",
    )


def exported(name: str, project: Path, output: Path | None) -> Path:
    """Write a template as one file, `NAME.tmscards-template.zip` unless told; returns its path. Raises UserError."""
    path = output or Path(f"{name}.tmscards-template.zip")
    raw = pack(name, project)
    if os.path.lexists(path) and not (path.is_file() and zipfile.is_zipfile(path)):
        raise UserError("this file already exists", location=Location(str(path)), hint="name another with --output")
    try:
        files.replace(path, raw, path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    return path
