"""Digests of what a result depends on besides its input: tmscards' own code and weights, and its libraries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import metadata, util
from pathlib import Path

from tmscards.domain import Digest
from tmscards.storage import bundled

_LIBRARIES = (
    "genanki",
    "markdown-it-py",
    "mdit-py-plugins",
    "numpy",
    "onnxruntime",
    "pyyaml",
    "rapidfuzz",
    "spacy",
    "thinc",
)
_WEIGHTS = Path("language", "weights.npz")
_WEIGHTS_END = 1 << 16


@cache
def of_tmscards() -> Digest:
    """A digest of our own code and weights, and of the versions of the libraries that results depend on."""
    versions = [(name, metadata.version(name)) for name in _LIBRARIES]
    return Digest(hashlib.blake2b(f"{of_folder(bundled.PACKAGE)}{versions}".encode(), digest_size=16).hexdigest())


def of_folder(folder: Path) -> Digest:
    """A digest of the Python code and word lists below a folder, at any depth, and of the weights in it."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.txt"))):
        code = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(code)}\n".encode() + code)
    with (folder / _WEIGHTS).open("rb") as weights:
        # A zip file ends with its directory, which has a checksum of everything in it (APPNOTE.TXT, 4.3.12).
        weights.seek(-_WEIGHTS_END, 2)
        digest.update(weights.read())
    return Digest(digest.hexdigest())


def of_package(names: Iterable[str]) -> str | None:
    """Name and version of the first of these packages that is installed; None if none is."""
    for name in names:
        try:
            if util.find_spec(name):
                return f"{name} {metadata.version(name)}"
        except (metadata.PackageNotFoundError, ImportError, ValueError):
            continue
    return None
