"""Files that come with tmscards: inside the package once it is installed, at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
"""The folder of tmscards' own code."""


def folder(name: str) -> Path:
    """The folder `templates`, or `sample` with its `notes` and `decks`, that came along with tmscards."""
    installed = PACKAGE / name
    # An editable install has no copy of them: there they stand at the top of the checkout.
    return installed if installed.is_dir() else PACKAGE.parents[1] / name.removeprefix("sample")
