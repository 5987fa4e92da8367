"""Searches the scripts of templates for addresses, and for words with which scripts fetch something.

Nobody can tell what a script does without running it: one that hides what it does is not found out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tmscards.anki import markup_scanner
from tmscards.storage import bundled

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|/)")
_SCRIPT_ADDRESS = re.compile(
    r"""\b(?:https?|wss?|ftp|file):(?:[/\\]{2}[^\s"'`<>()]*|(?=["'`]))|(?<=["'`])[/\\]{2}[\w\[{$][^\s"'`<>()]*""", re.I
)
_SCRIPT_WORD = re.compile(
    r"\b(?:fetch|XMLHttpRequest|WebSocket|WebTransport|EventSource|sendBeacon|RTCPeerConnection|importScripts|Worker"
    r"|SharedWorker|serviceWorker|eval|atob|insertAdjacentHTML|createContextualFragment|cssText|insertRule|FontFace"
    r"|CSSStyleSheet)\b"
    r"|\bnew\s+Image\b|\bimport(?=\s*[(\"'{*]|\s+\w+\s+from\b)|\bdocument\s*\.\s*write(?:ln)?\b"
    r"|\b(?:Function|Audio|setAttribute(?:NS)?)(?=\s*\()|\burl(?=\()"
    r"|(?:\$|\bjQuery)\s*\.\s*(?:ajax|get\w*|post|load)\b|\bwindow\s*\.\s*open\b"
    r"|\blocation\s*(?:\.\s*(?:href|assign|replace)|=(?!=))"
    r"|\.\s*(?:src|srcset|srcdoc|poster|action)(?=\s*=(?!=))|\b(?:inner|outer)HTML(?=\s*\+?=(?!=))"
    r"|\bcreateElement(?:NS)?(?=\s*\([^)]{0,60}?"
    r"(?:script|frame|img|image|link|object|embed|video|audio|form|base|meta|style))"
)


def suspicious(text: str) -> Iterator[tuple[int, str]]:
    """What is in a script, each once: where it is, and what people are told about it."""
    read = _ESCAPE.sub(_unescaped, text)
    for pattern, says in (
        (_SCRIPT_ADDRESS, "{} in this script may be fetched from elsewhere"),
        (_SCRIPT_WORD, "with {}, this script may fetch something from elsewhere"),
    ):
        told = set[str]()
        for found in pattern.finditer(read):
            word = re.sub(r"\s+", " ", found[0]).strip(" .=")
            if word not in told:
                told.add(word)
                place = found.start() if read == text else max(text.find(found[0]), 0)
                yield place, says.format(word)


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    return "/" if not code else chr(int(code, 16)) if int(code, 16) < 0x110000 else found[0]


@cache
def ours() -> frozenset[str]:
    """The scripts in the templates that come with tmscards, which fetch nothing before a button is pressed."""
    pages = Path(bundled.folder("templates")).glob("*/*.html")
    found = (markup_scanner.tags(page.read_text(encoding="utf-8").replace("\r\n", "\n")) for page in pages)
    return frozenset(tag.inside for tags in found for tag in tags if tag.name == "script")
