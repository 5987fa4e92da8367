"""What a build keeps so that the next one need not find it out again. It changes how long a build takes, and no byte.

Four layers, each under a digest of all that it was made of, checked by content and never by time:

1. *The whole build.* Made of the inputs (recipe, template, sources, models, our own code), the records and the package.
   Where all are as the last build left them, its summary is said again: nothing is parsed.
2. *Extracts.* What extraction makes of one source, made of its text, the models and our code. Recipe and records are no
   part of it, so a changed density costs no extraction.
3. *Unchanged sources.* Made of a source, its record file and the recipe: its notes stay as they are, and of its
   sentences only the words are read, to compare new statements with (`unchanged`).
4. *Rows of the package.* Which notes of the last package are which source's: those of sources with the same records are
   copied out of it by SQLite, to the same bytes as if they were written anew (`anki.package_contents`, `anki.apkg`).

The first makes a build that changes nothing take a third of a second, the second and third one that changes a note, at
2,000 sources, seconds instead of minutes; the fourth saves half a second of those. Beside them, `workers` loads the
models in a process of its own as soon as a source is newer than the package, which saves nearly a second on Linux. A
test edits a project at random and builds it with and without all this: the bytes are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from tmscards.anki import package_contents, templates
from tmscards.anki.package_contents import Contents
from tmscards.build import summary as summaries
from tmscards.build.project import DeckPaths
from tmscards.build.summary import Summary
from tmscards.deck import records
from tmscards.deck.records import Records
from tmscards.domain import Digest, Extract, NoteType, Source, SourcePath
from tmscards.errors import UserError
from tmscards.language import pipelines
from tmscards.storage import cache, fingerprint
from tmscards.storage.cache import Cache, digest

Loaded = dict[Path, bytes | UserError]
"""The bytes of each source file, or why they cannot be read."""

_EXTRACT = TypeAdapter(Extract)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a build leaves on the disk."""

    records: Mapping[Path, Digest]
    """Digests of the record files, in order."""
    package: Digest | None
    """Of the package; None if there is none."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is on the disk of a deck."""

    records: Records
    outputs: Outputs
    """Digests of the same, and of the package."""


def outputs(deck: DeckPaths, files: Mapping[Path, bytes]) -> Outputs:
    """What is on the disk before a build, these being the record files."""
    package = cache.digest_of_file(deck.output) if deck.output.is_file() else None
    return Outputs({path: digest(raw) for path, raw in files.items()}, package)


def outputs_after(before: Outputs, staged: Iterable[tuple[Path, bytes]], package: Path) -> Outputs:
    """What is on the disk once these records, of which those without bytes go, and the package are moved into place."""
    files = dict(before.records)
    for path, raw in staged:
        if raw:
            files[path] = digest(raw)
        else:
            files.pop(path, None)
    return Outputs({path: files[path] for path in sorted(files)}, cache.digest_of_file(package))


@contextmanager
def kept_of(deck: DeckPaths) -> Iterator[Kept]:
    """What earlier builds of a deck have kept.

    Nothing is kept where nobody knows when the pipeline changes, as with one that is a folder.
    """
    models = fingerprint.of_package(pipelines.candidates(deck.recipe.pipeline))
    if models is None:
        yield Kept(deck, Cache(), "")
        return
    with cache.of_project(deck.project) as kept:
        yield Kept(deck, kept, models)


class Kept:
    """What earlier builds of a deck have kept, layer by layer."""

    def __init__(self, deck: DeckPaths, kept: Cache, models: str) -> None:
        """`models` names the spaCy pipeline and its version."""
        self.cache, self._deck, self._models = kept, deck, models
        self._rules: Digest | None = None

    # 1. The whole build.

    def inputs_digest(self, loaded: Loaded) -> Digest:
        """A digest of all that a deck is made of but its records."""
        parts: list[str | bytes] = [fingerprint.of_tmscards(), repr((self._deck, self._models))]
        folder = templates.folders(self._deck.project).get(self._deck.template_name)
        for path in sorted(folder.rglob("*")) if folder else ():
            parts += [str(path), _content(path)]
        for path, raw in loaded.items():
            parts += [str(path), raw if isinstance(raw, bytes) else str(raw)]
        return digest(*parts)

    def last_summary(self, inputs: Digest) -> Summary | None:
        """What the last build said, if it was made of these inputs and its outputs are as it left them."""
        deck = self._deck
        if not self.cache.has(inputs) or not deck.records.is_dir():
            return None
        with records.locked(deck.records):
            records.recover(deck.records, deck.output)
            said = self.cache.get(_build_key(inputs, outputs(deck, records.load(deck.records))))
        return summaries.load(said, deck.output) if said else None

    def keep_summary(self, inputs: Digest, left: Outputs, summary: Summary) -> None:
        """Keep what a build said that was made of these inputs and left these outputs."""
        self.cache.put(inputs, b"")
        self.cache.put(_build_key(inputs, left), summaries.dump(summary))

    # 2. Extracts.

    def extract_key(self, source: Source) -> Digest:
        """A digest of all that the extract of a source is made of."""
        read = repr((source.title, source.recording))
        return digest("extract", fingerprint.of_tmscards(), self._models, read, source.body)

    def extract(self, key: Digest) -> Extract | None:
        """The extract with that key; None if there is none, or it is damaged."""
        text = self.cache.get(key)
        return None if text is None else _EXTRACT.validate_json(text)

    def keep_extract(self, key: Digest, extract: Extract) -> None:
        """Keep what extraction made of a source."""
        self.cache.put(key, _EXTRACT.dump_json(extract))

    # 3. Unchanged sources.

    def unchanged(self, sources: Mapping[SourcePath, Digest], before: Outputs) -> dict[SourcePath, bytes]:
        """What is kept of those of the sources with these digests that are unchanged, as are their records."""
        found = {source: self.cache.get(self._source_key(source, of, before)) for source, of in sources.items()}
        return {source: text for source, text in found.items() if text}

    def keep_unchanged(self, source: SourcePath, of: Digest, left: Outputs, text: bytes) -> None:
        """Keep what the next build needs of a source with this digest, if it and its records stay as they are."""
        self.cache.put(self._source_key(source, of, left), text)

    def _source_key(self, source: SourcePath, of: Digest, outputs: Outputs) -> Digest:
        if self._rules is None:
            recipe = self._deck.recipe.model_copy(update={"template": "", "options": {}})
            self._rules = digest(fingerprint.of_tmscards(), self._models, repr(recipe))
        record = outputs.records.get(records.path_of(self._deck.records, source), "")
        return digest("unchanged", self._rules, of, record)

    # 4. Rows of the package.

    def contents(self, package: Digest | None, note_type: NoteType) -> Contents:
        """Which notes of the package with this digest are which source's; nothing if that is not known."""
        text = self.cache.get(_package_key(package)) if package else None
        return package_contents.load(text, self._deck.recipe.deck, note_type)

    def has_contents(self, package: Digest | None) -> bool:
        """Whether the package with this digest is one that a build has written."""
        return package is not None and self.cache.has(_package_key(package))

    def keep_contents(self, package: Digest | None, note_type: NoteType, contents: Contents) -> None:
        """Keep which notes of the package with this digest are which source's."""
        if package is not None:
            self.cache.put(_package_key(package), package_contents.dump(contents, self._deck.recipe.deck, note_type))


def source_digest(source: Source) -> Digest:
    """A digest of a source, by which it is known again without its text."""
    read = repr((source.path, source.title, source.recording, source.tags, source.lang))
    return digest(read, source.body)


def _build_key(inputs: Digest, left: Outputs) -> Digest:
    """A digest of a build: of its inputs, and of its outputs."""
    files = (f"{path}: {of}" for path, of in left.records.items())
    return digest("build", inputs, left.package or "", *files)


def _package_key(package: Digest) -> Digest:
    return digest("package", fingerprint.of_tmscards(), package)


def _content(path: Path) -> bytes | str:
    """A file's bytes, or why there are none; the template's own check tells people."""
    try:
        return path.read_bytes()
    except OSError as error:
        return str(error)
