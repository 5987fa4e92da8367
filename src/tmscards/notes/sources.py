"""Finding and reading Markdown files: encoding, title, recording, tags and language."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tmscards.domain import Diagnostic, Location, Recording, Source, SourcePath
from tmscards.errors import UserError
from tmscards.notes import dialects, front_matter, languages, passages, recordings, timestamps
from tmscards.notes.front_matter import Value
from tmscards.tags import as_tag
from tmscards.text import printable

LARGEST = 5_000_000
"""Bytes: ten times the longest transcript that we have seen in one file."""
LONGEST_TITLE = 1_000
MOST_TAGS, LONGEST_TAG = 200, 200
"""Characters of a title, and how many tags there may be, of how many characters: each note of a source has them all."""

_RECORDING_KEYS = (
    "videoid",
    "video_id",
    "url",
    "media",
    "media_link",
    "source",
    "originalurl",
    "video",
    "audio",
    "link",
)
_SAYS_NOTHING = re.compile(
    r"(?:overview|introduction|intro|notes?|my notes|lecture notes|summary|index|readme|contents|table of contents"
    r"|untitled(?: \d+)?|new note|document|page|todo|tl;?dr|abstract|background|general|misc|metadata|highlights)[.:]?",
    re.I,
)
_MARKUP = re.compile(r"\*\*|__|==|~~|`|\[\[|\[\^|\]\(")
"""Signs that a title in front matter, which is plain text, has been written as Markdown."""
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+)$", re.M)
# YAML and Python take these for the end of a line, editors and Markdown do not.
_LINE_SEPARATORS = re.compile("[\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
"""What only says where a line may be broken. The joiners of other scripts and of emoji stay."""
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_URL = re.compile(r"https?://[^\s<>()\[\]\"'|]+")


def read(path: Path, folder: Path) -> Source:
    """Read one file of the notes folder. Raises UserError with the file and any line if it is not a Markdown note."""
    return parse(load(path), path, folder)


def parse(raw: bytes, path: Path, folder: Path) -> Source:
    """The source in a file's bytes. Raises UserError with the file and any line if they are not a Markdown note."""
    shown = str(path)
    front = front_matter.split(_text(raw, shown), shown)
    values, faults = front.values, front.faults
    return Source(
        path=name(path, folder),
        shown=shown,
        title=_title(values, front.body, path, faults),
        body=front.body,
        recording=_recording(values, front.body),
        tags=_tags(values, shown, faults),
        lang=_lang(values.get("lang"), front.body),
        front_matter=front.text,
        faults=tuple(faults),
        properties={key: (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()},
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
    yield from source.faults
    even = sum(s % 60 == 0 for s in stamps)
    if len(stamps) >= 10 and even > 0.8 * len(stamps):
        yield Diagnostic(
            "warning",
            f"{even} of {len(stamps)} timestamps are whole minutes, so [02:45:00] may mean 2 min 45 s",
            location=Location(source.shown),
            hint="compare one with the recording, and correct them if necessary",
        )


def in_other_language(source: Source) -> Iterator[Diagnostic]:
    """A warning about a source that the default pipeline cannot read, as it is not in English."""
    code = source.lang.partition("-")[0].lower()
    if code not in ("", languages.ENGLISH):
        name = languages.NAMES.get(code, f"the language {code}")
        yield Diagnostic(
            "warning",
            f"this note is in {name}: cards are made only of what is marked in it, of term lines, rows and questions",
            location=Location(source.shown),
            hint="name a spaCy pipeline as `pipeline:` in the recipe; write `lang: en` into the note if it is English",
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
    text = _INVISIBLE.sub("", text)
    if not text.strip():
        raise UserError("this file is empty", location=Location(shown), hint="write notes into it, or delete it")
    return text


def _title(values: Mapping[str, Value], body: str, path: Path, faults: list[Diagnostic]) -> str:
    """The first of these that says something: title in the front matter, or as a property, first heading, names."""
    given = values.get("title", "")
    title = " ".join(given.split()) if isinstance(given, str) else ""
    if len(title) > LONGEST_TITLE:
        message = f"this title has {len(title)} characters and is not read; it may have {LONGEST_TITLE}"
        faults.append(Diagnostic("warning", message, Location(str(path), 1), "shorten it, as every note shows it"))
        title = ""
    heading = _HEADING.search(re.sub(r"^(```|~~~).*?^\1", "", body, flags=re.S | re.M))
    text = heading[1].rstrip("#").rstrip(" \t")[:LONGEST_TITLE] if heading else ""
    stem, above = (" ".join(re.sub(r"_+", " ", printable(part)).split()) for part in (path.stem, path.parent.name))
    title = _shown(title) if _MARKUP.search(title) else title
    found = [each for each in (title, dialects.title(body), _shown(text), stem, above) if each]
    return next((each for each in found if not _SAYS_NOTHING.fullmatch(each)), found[0] if found else path.name)


def _shown(heading: str) -> str:
    """The words of a heading as a reader sees them."""
    read = passages.read(Source(SourcePath(""), "", "", f"# {heading}"))
    return " ".join(passage.text for passage in read if passage.kind == "heading") if heading else ""


def _recording(values: Mapping[str, Value], body: str) -> Recording | None:
    for key in _RECORDING_KEYS:
        value = values.get(key, "")
        for text in map(str.strip, [value] if isinstance(value, str) else value):
            recording = recordings.youtube(text) if "id" in key else None
            recording = recording or recordings.from_url(text)
            if recording:
                return recording
    for match in _URL.finditer(body):
        if recordings.is_recording_url(match[0]):
            return recordings.from_url(match[0])
    return None


def _tags(values: Mapping[str, Value], shown: str, faults: list[Diagnostic]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in (values.get("tags", ""), values.get("tag", "")):
        words = re.split(r"[,\s]+", value.strip("[]")) if isinstance(value, str) else _split(value)
        found |= dict.fromkeys(tag for word in words if (tag := as_tag(word)))
    tags = tuple(tag for tag in found if len(tag) <= LONGEST_TAG)[:MOST_TAGS]
    if len(tags) < len(found):
        left = f"{len(found) - len(tags)} of {len(found)} tags are left out"
        message = f"{left}; there may be {MOST_TAGS} of {LONGEST_TAG} characters"
        faults.append(Diagnostic("warning", message, Location(shown, 1), "shorten `tags`, as every note gets them all"))
    return tags


def _split(words: Iterable[str]) -> list[str]:
    return [part for each in words for part in each.split(",")]


def _lang(value: object, body: str) -> str:
    if isinstance(value, str) and len(value) <= 35 and _LANG.fullmatch(value):
        return value
    found = languages.of(body)
    return found if found != languages.ENGLISH else ""
