"""What decides a result besides its input: tmscards' own code and weights, and the libraries it works with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import metadata, util
from pathlib import Path

from tmscards.domain import Digest
from tmscards.storage import bundled

_LIBRARIES = ("genanki", "markdown-it-py", "mdit-py-plugins", "numpy", "pyyaml", "rapidfuzz", "spacy", "thinc")
_WEIGHTS = Path("language", "weights.npz")
_WEIGHTS_END = 1 << 16


@cache
def of_tmscards() -> Digest:
    """A digest of our own code and weights, and of the versions of the libraries that results depend on."""
    versions = [(name, metadata.version(name)) for name in _LIBRARIES]
    return Digest(hashlib.blake2b(f"{of_folder(bundled.PACKAGE)}{versions}".encode(), digest_size=16).hexdigest())


def of_folder(folder: Path) -> Digest:
    """A digest of the code below a folder, at whatever depth, and of the weights in it."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*.py")):
        code = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(code)}\n".encode() + code)
    with (folder / _WEIGHTS).open("rb") as weights:
        # The end of a zip file is its directory, with a checksum of all that is in it (APPNOTE.TXT, 4.3.12).
        weights.seek(-_WEIGHTS_END, 2)
        digest.update(weights.read())
    return Digest(digest.hexdigest())


def of_package(names: Iterable[str]) -> str | None:
    """Name and version of the first of these that is an installed package; None if none is."""
    for name in names:
        try:
            if util.find_spec(name):
                return f"{name} {metadata.version(name)}"
        except (metadata.PackageNotFoundError, ImportError, ValueError):
            continue
    return None
