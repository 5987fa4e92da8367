"""What a build keeps so that the next one need not work it out again: this saves time and changes no byte of a deck.

All of it is in the project's cache (`storage.cache`), in four layers. Each entry is kept under a key: a digest of
everything that it was made from, always including our own code and weights and the versions of the libraries. When
something that an entry depends on changes, its key changes too, so an outdated entry is never found. Keys are made from
contents and never from file times.

1. *The whole build.* Kept is its summary. The key is made from the inputs (recipe, template, sources, spaCy pipeline)
   and the outputs (record files, package). If all of them are as the last build left them, nothing has to be built: its
   summary is reported again. All files are read for this, but none is parsed except the recipe.
2. *Extracts.* Kept is the extract of one source. The key is made from the source's text, title and recording and from
   the spaCy pipeline. Recipe and records are not part of it, so a changed density costs no extraction.
3. *Unchanged sources.* Kept are the words of a source's statements, to compare new statements with, and what is
   reported of it (`unchanged`). The key is made from the source, its record file, the recipe and the spaCy pipeline. If
   these are as the last build left them, the source's notes stay as they are, and its extract is not even read, unless
   a change in another source may affect it.
4. *Rows of the package.* Kept is which notes of a package belong to which source, and the digest of each source's
   record file. The key is made from the package. Notes of sources whose records are still the same are copied out of
   the last package by SQLite, which gives the same bytes as writing them again (`anki.package_contents`, `anki.apkg`).

The first layer lets a build that changes nothing take a third of a second. The second and third let a build of 2,000
sources, one of them changed, take seconds instead of minutes, and the fourth saves 0.8 of 2.2 seconds. Two other
things save time: `deck.records` keeps each record file in a form that is quicker to parse than YAML; and as soon as a
source is newer than the package, `workers` loads the models in a separate process, which saves 0.2 of 1.6 seconds on
Linux. That one does go by file times, but a wrong guess only wastes the work of that process.

A test edits a project at random and builds it with and without all this: the bytes are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from tmscards.anki import package_contents, templates
from tmscards.anki.package_contents import Contents
from tmscards.build import summary as summaries
from tmscards.build.project import DeckPaths
from tmscards.build.summary import Summary
from tmscards.deck import commits, record_files
from tmscards.deck.record_files import Signature
from tmscards.deck.records import Records
from tmscards.domain import Digest, Extract, NoteType, Source, SourcePath
from tmscards.errors import UserError
from tmscards.language import pipelines
from tmscards.notes import addresses
from tmscards.storage import cache, fingerprint
from tmscards.storage.cache import Cache, digest

Loaded = dict[Path, bytes | UserError]
"""The bytes of each source file, or the error that says why it cannot be read."""

_EXTRACT = TypeAdapter(Extract)


@dataclass(frozen=True, slots=True)
class Outputs:
    """The digests of what a build leaves on the disk."""

    records: Mapping[Path, Digest]
    """By the path of each record file, sorted."""
    package: Digest | None
    """None if there is no package."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is on the disk of a deck before a build."""

    records: Records
    outputs: Outputs
    """The digests of the record files and of the package."""
    signatures: Mapping[Path, Signature]
    """The signatures that the record files had before they were read."""

    def record_digest(self, source: SourcePath) -> Digest | None:
        """A digest of the record file of a source; None if it has none."""
        path = self.records.paths.get(source)
        return self.outputs.records.get(path) if path else None


def outputs(deck: DeckPaths, files: Mapping[Path, bytes]) -> Outputs:
    """The digests of what is on the disk before a build; `files` are the record files with their bytes."""
    package = cache.digest_of_file(deck.output) if deck.output.is_file() else None
    return Outputs({path: digest(raw) for path, raw in files.items()}, package)


def outputs_after(before: Outputs, changed: Mapping[Path, bytes | None], package: Path) -> Outputs:
    """The digests of what is on the disk once the `changed` record files and the `package` are moved into place.

    `before` are the digests of what is there now. None stands for a file that is to be removed.
    """
    files = dict(before.records)
    for path, raw in changed.items():
        if raw is None:
            files.pop(path, None)
        else:
            files[path] = digest(raw)
    return Outputs({path: files[path] for path in sorted(files)}, cache.digest_of_file(package))


@contextmanager
def kept_of(deck: DeckPaths) -> Iterator[Kept]:
    """Open what earlier builds of a deck have kept, and save what is added.

    Nothing is kept if the spaCy pipeline is not an installed package but, for instance, a folder: nobody could tell
    when it changes.
    """
    models = fingerprint.of_package(pipelines.candidates(deck.recipe.pipeline))
    if models is None:
        yield Kept(deck, Cache(), "")
        return
    with cache.of_project(deck.project) as kept:
        yield Kept(deck, kept, models)


class Kept:
    """What earlier builds of a deck have kept, in four layers, and where this build adds to it."""

    def __init__(self, deck: DeckPaths, kept: Cache, models: str) -> None:
        """`kept` is the cache of the project; `models` names the spaCy pipeline and its version."""
        self.cache, self._deck, self._models = kept, deck, models
        self._rules: Digest | None = None

    # 1. The whole build.

    def inputs_digest(self, loaded: Loaded) -> Digest:
        """A digest of everything that a deck is made from except its records; `loaded` are the files of its sources."""
        parts: list[str | bytes] = [fingerprint.of_tmscards(), repr((self._deck, self._models))]
        parts += templates.content(self._deck.template_name, self._deck.project, self._deck.recipe.options)
        parts.append(addresses.opener(self._deck.notes, self._deck.recipe.link)(SourcePath("x.md")))
        for path, raw in loaded.items():
            parts += [str(path), raw if isinstance(raw, bytes) else str(raw)]
        return digest(*parts)

    def last_summary(self, inputs: Digest) -> Summary | None:
        """The summary of the last build if it had these inputs and its outputs are as it left them, else None."""
        deck = self._deck
        if not self.cache.has(inputs) or not deck.records.is_dir():
            return None
        if commits.is_pending(deck.records):
            return None
        said = self.cache.get(_build_key(inputs, outputs(deck, record_files.load(deck.records))))
        return summaries.load(said, deck.output)

    def keep_summary(self, inputs: Digest, left: Outputs, summary: Summary) -> None:
        """Keep the summary of a build that had these inputs and left these outputs."""
        self.cache.put(inputs, b"")
        self.cache.put(_build_key(inputs, left), summaries.dump(summary))

    # 2. Extracts.

    def extract_key(self, source: Source) -> Digest:
        """The key of the extract of a source: a digest of everything that it is made from."""
        read = repr((source.title, source.recording))
        return digest("extract", fingerprint.of_tmscards(), self._models, read, source.body)

    def extract(self, key: Digest) -> Extract | None:
        """The extract with this key; None if there is none, or it is damaged."""
        return cache.parsed(_EXTRACT, self.cache.get(key))

    def keep_extract(self, key: Digest, extract: Extract) -> None:
        """Keep the extract of a source under its key."""
        self.cache.put(key, _EXTRACT.dump_json(extract))

    # 3. Unchanged sources.

    def unchanged(self, sources: Mapping[SourcePath, Digest], before: Stored) -> dict[SourcePath, bytes]:
        """What is kept of each of these sources that is unchanged, as are its records, by its path.

        `sources` gives the digest of each source.
        """
        found = {
            source: self.cache.get(self._source_key(of, before.record_digest(source))) for source, of in sources.items()
        }
        return {source: text for source, text in found.items() if text}

    def keep_unchanged(self, of: Digest, record: Digest | None, text: bytes) -> None:
        """Keep `text`: what the next build needs of a source if the source and its records stay as they are.

        `of` is the digest of the source, and `record` that of its record file, if it has one.
        """
        self.cache.put(self._source_key(of, record), text)

    def _source_key(self, of: Digest, record: Digest | None) -> Digest:
        if self._rules is None:
            recipe = self._deck.recipe.model_copy(update={"template": "", "options": {}})
            self._rules = digest(fingerprint.of_tmscards(), self._models, repr(recipe))
        return digest("unchanged", self._rules, of, record or "")

    # 4. Rows of the package.

    def contents(self, package: Digest | None, note_type: NoteType) -> Contents:
        """Which notes of the package with this digest belong to which source; empty if that is not known."""
        text = self.cache.get(_package_key(package)) if package else None
        return package_contents.load(text, self._deck.recipe.root, note_type)

    def has_contents(self, package: Digest | None) -> bool:
        """Whether the package with this digest is known to be one that a build has written."""
        return package is not None and self.cache.has(_package_key(package))

    def keep_contents(self, package: Digest | None, note_type: NoteType, contents: Contents) -> None:
        """Keep which notes of the package with this digest belong to which source."""
        if package is not None:
            self.cache.put(_package_key(package), package_contents.dump(contents, self._deck.recipe.root, note_type))


def source_digest(source: Source) -> Digest:
    """A digest of a source, by which it can be recognised without its text."""
    read = repr(
        (source.path, source.title, source.recording, source.tags, source.lang, source.properties, source.address)
    )
    return digest(read, source.body)


def _build_key(inputs: Digest, left: Outputs) -> Digest:
    """The key of the summary of a build: a digest of its inputs and outputs."""
    files = (f"{path}: {of}" for path, of in left.records.items())
    return digest("build", inputs, left.package or "", *files)


def _package_key(package: Digest) -> Digest:
    return digest("package", fingerprint.of_tmscards(), package)
