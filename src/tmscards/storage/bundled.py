"""Find the files that come with tmscards: they are in the installed package, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
"""The folder of tmscards' own code."""


def folder(name: str) -> Path:
    """The folder of this name that comes with tmscards: `templates`, or `sample` with its `notes` and `decks`."""
    installed = PACKAGE / name
    # An editable install has no copy of them; they are at the top of the checkout.
    return installed if installed.is_dir() else PACKAGE.parents[1] / name.removeprefix("sample")
