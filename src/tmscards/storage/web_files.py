"""Read the files of the preview and the review page, fill them in, and join scripts into one."""

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
    """A text with each `{{name}}` replaced by its value, which is not escaped; names without a value stay."""
    return _OPEN.sub(lambda m: str(values.get(m[1], m[0])), text)


def joined_modules(*names: str) -> str:
    """The text of several JavaScript modules as one script, for a page that is a single file.

    Each module must come after those that it imports, imports must rename nothing, and no two modules may define the
    same name.
    """
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", read(name))).strip() for name in names)


@cache
def card_frame(policy: str = "") -> str:
    """The page for one side of a card; `theme`, `side`, `css`, `number`, `classes`, `html` are yet to be filled in.

    `policy` is a Content Security Policy for it, if it has none from elsewhere.
    """
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    script = read("web/card_frame.js")
    return filled(read("web/card_frame.html"), policy=meta, base=card_frame_style(), script=script)


def card_frame_style() -> str:
    """The style sheet of that page, which stands before the template's own."""
    return read("web/card_frame.css")


def static_files() -> dict[str, tuple[bytes, str]]:
    """All files that the review page may load, by path in the package: their content and its media type."""
    found = {}
    for folder in ("web", "review/page"):
        for file in files("tmscards").joinpath(folder).iterdir():
            for ending, media_type in _MEDIA_TYPES.items():
                if file.name.endswith(ending):
                    found[f"{folder}/{file.name}"] = (file.read_bytes(), media_type)
    return found
