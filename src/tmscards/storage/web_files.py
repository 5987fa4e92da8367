"""The files of the pages: reading them, filling them in, and making one page of several."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_OPEN = re.compile(r"\{\{(\w+)\}\}")
_IMPORT = re.compile(r"^import\b[^;]*;\n", re.M)
_EXPORT = re.compile(r"^export ", re.M)
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}


@cache
def read(name: str) -> str:
    """The text of a file, by its path in the package."""
    return files("tmscards").joinpath(name).read_text(encoding="utf-8")


def filled(text: str, **values: object) -> str:
    """A text with the values in place of their `{{names}}`; names without one stay, values are taken as they are."""
    return _OPEN.sub(lambda m: str(values.get(m[1], m[0])), text)


def joined_modules(*names: str) -> str:
    """JavaScript modules as one, for a page that is one file.

    Each comes after those that it imports, nothing is renamed when it is imported, and no two have names in common.
    """
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", read(name))).strip() for name in names)


@cache
def card_frame() -> str:
    """The page in which one side of a card is shown; `theme`, `side`, `css`, `number`, `classes`, `html` are open."""
    return filled(read("web/card_frame.html"), base=read("web/card_frame.css"), script=read("web/card_frame.js"))


def static_files() -> dict[str, tuple[bytes, str]]:
    """What the review page loads, and nothing else: by path in the package, the content and its media type."""
    found = {}
    for folder in ("web", "review/page"):
        for file in files("tmscards").joinpath(folder).iterdir():
            for ending, media_type in _MEDIA_TYPES.items():
                if file.name.endswith(ending):
                    found[f"{folder}/{file.name}"] = (file.read_bytes(), media_type)
    return found
