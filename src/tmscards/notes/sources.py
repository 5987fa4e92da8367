"""Finding and reading Markdown files: encoding, title, recording, tags and language."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tmscards.domain import Diagnostic, Location, Recording, Source, SourcePath
from tmscards.errors import UserError
from tmscards.notes import front_matter, recordings, timestamps
from tmscards.tags import as_tag
from tmscards.text import printable

DEFAULT_GLOBS = ("**/*.md", "**/*.markdown", "**/*.mdx")
LARGEST = 5_000_000
"""Bytes: ten times the longest transcript that we have seen in one file."""
LONGEST_TITLE = 1_000
MOST_TAGS, LONGEST_TAG = 200, 200
"""Characters of a title, and how many tags there may be, of how many characters: each note of a source has them all."""

_RECORDING_KEYS = (
    "videoId",
    "video_id",
    "url",
    "media",
    "media_link",
    "source",
    "originalUrl",
    "video",
    "audio",
    "link",
)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+)$", re.M)
# YAML and Python take these for the end of a line, editors and Markdown do not.
_LINE_SEPARATORS = re.compile("[\u2028\u2029]")
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_URL = re.compile(r"https?://[^\s<>()\[\]\"'|]+")


def find(folder: Path, globs: Iterable[str] = DEFAULT_GLOBS) -> list[Path]:
    """The files in a folder and its subfolders that match any glob, sorted by path; hidden files are left out.

    Raises UserError if the folder is missing or a glob is malformed.
    """
    if not folder.is_dir():
        raise UserError(
            "this folder does not exist", location=Location(str(folder)), hint="name yours with --notes DIR"
        )
    found: set[Path] = set()
    for glob in globs:
        try:
            found.update(folder.glob(glob))
        except (ValueError, NotImplementedError, IndexError) as error:
            raise UserError(
                f"{glob!r} is not a pattern for files", hint="patterns are relative, such as lectures/*.md"
            ) from error
    visible = (p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts))
    return sorted(visible, key=lambda p: p.relative_to(folder).as_posix())


def read(path: Path, folder: Path) -> Source:
    """Read one file of the notes folder. Raises UserError with the file and any line if it is not a Markdown note."""
    return parse(load(path), path, folder)


def parse(raw: bytes, path: Path, folder: Path) -> Source:
    """The source in a file's bytes. Raises UserError with the file and any line if they are not a Markdown note."""
    shown = str(path)
    text = _text(raw, shown)
    data, body = front_matter.split(text, shown)
    return Source(
        path=name(path, folder),
        shown=shown,
        title=_title(data, body, path, shown),
        body=body,
        recording=_recording(data, body),
        tags=_tags(data.get("tags"), shown),
        lang=_lang(data.get("lang")),
    )


def name(path: Path, folder: Path) -> SourcePath:
    """The path of a source relative to the notes folder, with `/`: the name that identities are made from.

    A file outside that folder goes by its file name alone.
    """
    return SourcePath((path.relative_to(folder) if path.is_relative_to(folder) else Path(path.name)).as_posix())


def stamps(source: Source) -> tuple[int, ...]:
    """All timestamps in a source, in seconds."""
    return tuple(s.seconds for found in timestamps.find(source.body) for s in found.stamps)


def warnings(source: Source, stamps: Sequence[int]) -> Iterator[Diagnostic]:
    """Warnings about a source that can be built but looks odd; `stamps` are its timestamps, in seconds."""
    even = sum(s % 60 == 0 for s in stamps)
    if len(stamps) >= 10 and even > 0.8 * len(stamps):
        yield Diagnostic(
            "warning",
            f"{even} of {len(stamps)} timestamps are whole minutes, so [02:45:00] may mean 2 min 45 s",
            location=Location(source.shown),
            hint="compare one with the recording, and correct them if necessary",
        )


def load(path: Path) -> bytes:
    """The bytes of a file. Raises UserError if it cannot be read, is too large, or is not a regular file."""
    where = Location(str(path))
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UserError(
                "this is a folder", location=where, hint="rename it, or leave it out of the recipe's sources"
            )
        if not stat.S_ISREG(status.st_mode):
            raise UserError("this is not a file but a device or pipe", location=where, hint="put a Markdown file there")
        if status.st_size > LARGEST:
            raise UserError(
                f"this file has {status.st_size / 1e6:.0f} MB; a source may have {LARGEST / 1e6:.0f}",
                location=where,
                hint="split it into one file per recording",
            )
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"this file cannot be read: {error.strerror}",
            location=where,
            hint="check that it exists and that you may read it",
        ) from error


def _text(raw: bytes, shown: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UserError(
            "this is not UTF-8 text", location=Location(shown, line), hint="save it as UTF-8 in your editor"
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UserError(
            "this file contains a NUL character, so it is not text",
            location=Location(shown, line),
            hint="save it as UTF-8 text",
        )
    text = _LINE_SEPARATORS.sub(" ", printable(text.replace("\r\n", "\n").replace("\r", "\n")))
    if not text.strip():
        raise UserError("this file is empty", location=Location(shown), hint="write notes into it, or delete it")
    return text


def _title(data: dict[str, Any], body: str, path: Path, shown: str) -> str:
    given = data.get("title")
    if isinstance(given, str | int | float) and str(given).strip():
        title = " ".join(str(given).split())
        if len(title) > LONGEST_TITLE:
            raise UserError(
                f"this title has {len(title)} characters; it may have {LONGEST_TITLE}",
                location=Location(shown, 1),
                hint="shorten it, as every note shows it",
            )
        return title
    heading = _HEADING.search(re.sub(r"^(```|~~~).*?^\1", "", body, flags=re.S | re.M))
    text = heading[1].rstrip("#").rstrip(" \t")[:LONGEST_TITLE] if heading else ""
    words = re.sub(r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]|\[([^\]]*)\]\([^)]*\)", r"\1\2", text)
    words = re.sub(r"<[^>]*>|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", words).strip()
    return words or re.sub(r"_+", " ", printable(path.stem)).strip() or printable(path.name)


def _recording(data: dict[str, Any], body: str) -> Recording | None:
    for key in _RECORDING_KEYS:
        value = data.get(key)
        if not isinstance(value, str | int):
            continue
        text = str(value).strip()
        recording = recordings.youtube(text) if "id" in key.lower() else None
        recording = recording or recordings.from_url(text)
        if recording:
            return recording
    for match in _URL.finditer(body):
        if recordings.is_recording_url(match[0]):
            return recordings.from_url(match[0])
    return None


def _tags(value: object, shown: str) -> tuple[str, ...]:
    words = re.split(r"[,\s]+", value) if isinstance(value, str) else value if isinstance(value, list) else []
    tags = tuple(tag for word in words if isinstance(word, str | int) and (tag := as_tag(str(word))))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise UserError(
            f"these are {len(tags)} tags of up to {max(map(len, tags))} characters;"
            f" {MOST_TAGS} of {LONGEST_TAG} are allowed",
            location=Location(shown, 1),
            hint="leave some of `tags` out, as every note gets them all",
        )
    return tags


def _lang(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 35 and _LANG.fullmatch(value) else ""
