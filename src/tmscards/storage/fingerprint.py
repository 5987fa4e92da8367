"""Owns what decides a result besides its input: this very tmscards, with its models and libraries."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata, util
from pathlib import Path

from tmscards.language.nlp import DEFAULT_PIPELINES
from tmscards.storage import bundled

_LIBRARIES = ("genanki", "markdown-it-py", "mdit-py-plugins", "numpy", "pyyaml", "rapidfuzz", "spacy", "thinc")
_WEIGHTS_END = 1 << 16


def of_code(folder: Path) -> str:
    """A digest of all Python files below a folder, with their places in it."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*.py")):
        code = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(code)}\0".encode() + code)
    return digest.hexdigest()


@cache
def of_tmscards() -> str:
    """A digest of our own code and weights, and of the versions of the libraries that results depend on."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(of_code(bundled.PACKAGE).encode())
    with (bundled.PACKAGE / "language" / "weights.npz").open("rb") as weights:
        # The end of a zip file is its directory, with a checksum of all that is in it (APPNOTE.TXT, 4.3.12).
        weights.seek(-_WEIGHTS_END, 2)
        digest.update(weights.read())
    digest.update(repr([(name, metadata.version(name)) for name in _LIBRARIES]).encode())
    return digest.hexdigest()


@cache
def of_pipeline(name: str | None) -> str | None:
    """The name and version of the spaCy pipeline that is loaded by that name; None if it is no installed package."""
    for candidate in (name,) if name else DEFAULT_PIPELINES:
        try:
            if util.find_spec(candidate):
                return f"{candidate} {metadata.version(candidate)}"
        except (metadata.PackageNotFoundError, ImportError, ValueError):
            continue
    return None
