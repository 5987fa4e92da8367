"""Owns what a build is made of and what it leaves, as digests: by them the next one sees what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tmscards.anki import templates
from tmscards.storage import cache, fingerprint
from tmscards.errors import UserError
from tmscards.build.project import Plan

Loaded = dict[Path, bytes | UserError]
"""The bytes of each source, or why they cannot be read."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a build has left on the disk."""

    records: Mapping[Path, str]
    """Digests of the record files, in order."""
    package: str
    """The digest of the package; empty if there is none."""


def left(plan: Plan, files: Mapping[Path, bytes]) -> Left:
    """What is on the disk before a build, these being the record files."""
    package = cache.digest_of_file(plan.output) if plan.output.is_file() else ""
    return Left({path: cache.digest(raw) for path, raw in files.items()}, package)


def base(plan: Plan, loaded: Loaded) -> str:
    """A digest of all that a deck is made of but its records."""
    models = fingerprint.of_pipeline(plan.recipe.pipeline)
    parts: list[str | bytes] = [fingerprint.of_tmscards(), repr((plan, models))]
    folder = templates.folders(plan.project).get(plan.template or plan.recipe.template)
    for path in sorted(folder.rglob("*")) if folder else ():
        parts += [str(path), _content(path)]
    for path, raw in loaded.items():
        parts += [str(path), raw if isinstance(raw, bytes) else str(raw)]
    return cache.digest(*parts)


def _content(path: Path) -> bytes | str:
    """A file's bytes, or why there are none; the template's own check tells people."""
    try:
        return path.read_bytes()
    except OSError as error:
        return str(error)


def stamp(base: str, left: Left) -> str:
    """A digest of a build: what it is made of, and digests of what it leaves."""
    return cache.digest("build", base, left.package, *(f"{path}: {digest}" for path, digest in left.records.items()))


def rules(plan: Plan) -> str:
    """A digest of what decides about notes besides their sources and records."""
    recipe = plan.recipe.model_copy(update={"template": "", "options": {}})
    return cache.digest(fingerprint.of_tmscards(), fingerprint.of_pipeline(recipe.pipeline) or "", repr(recipe))
