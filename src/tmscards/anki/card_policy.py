"""Says what may run and apply in a card that a browser shows: what its template holds, and nothing that a note does.

The rules are a Content Security Policy (w3.org/TR/CSP3). Scripts, style sheets and style attributes of the template are
named in it by their digests, so it needs no `unsafe-inline`. Handlers such as `onclick` do not run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from tmscards.anki import markup_scanner
from tmscards.domain import NoteType
from tmscards.storage import web_files

_ELSEWHERE = (
    "default-src 'none'; img-src data:; font-src data:; media-src data:; base-uri 'none'; form-action 'none'; "
    "script-src {scripts}; style-src 'unsafe-hashes' {styles}"
)
_HINT = "display: none"
"""The style with which Anki hides what a hint shows."""


def policy(note_type: NoteType, scripts: Iterable[str] = (), styles: Iterable[str] = ()) -> str:
    """The policy for a card with its frame: nothing is fetched, and only its template's scripts and styles are used.

    `scripts` and `styles` are further ones that may be used, such as those of a page around the card.
    """
    tags = [tag for page in (note_type.front, note_type.back) for tag in markup_scanner.tags(page)]
    of_template = {name: [tag.inside for tag in tags if tag.name == name] for name in ("script", "style")}
    attributes = [a.value for tag in tags for a in tag.attributes if a.name == "style"]
    frame = web_files.card_frame_style() + note_type.css
    return _ELSEWHERE.format(
        scripts=_digests((*of_template["script"], web_files.read("web/card_frame.js"), *scripts)),
        styles=_digests((*of_template["style"], *attributes, _HINT, frame, *styles)),
    )


def _digests(texts: Iterable[str]) -> str:
    """The digests of texts as a policy names them, each once. Browsers change line ends before they make a digest."""
    read = (text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd") for text in texts)
    found = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in read)
    return " ".join(dict.fromkeys(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in found))
