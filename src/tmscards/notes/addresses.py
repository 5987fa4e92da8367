"""Addresses that open a note where its author keeps it: in Obsidian, in Logseq, or as a file.

Obsidian's are described at help.obsidian.md (Obsidian URI: `open`, with `file=Note#Heading` or `Note#^block`),
Logseq's in its documentation of the `logseq://graph` protocol.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from tmscards.domain import SourcePath

App = Literal["obsidian", "logseq", "file", "none"]
Opener = Callable[[SourcePath], str]
SCHEMES = ("obsidian://", "logseq://", "file://")
_NOT_IN_HEADINGS = re.compile(r"[#|^:%\\]|\[\[|\]\]")
"""What Obsidian leaves out of the address of a heading."""
_BLOCK_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
"""A block of Logseq."""


def opener(folder: Path, app: App | None = None) -> Opener:
    """What gives the address of a source in a folder of notes, by its path; empty if there is none.

    Without `app`, it is that of the vault or graph that the folder is in, if it is in one.
    """
    real = Path(os.path.realpath(folder))
    vault = next((above for above in (real, *real.parents) if (above / ".obsidian").is_dir()), None)
    graph = next((above for above in (real, *real.parents) if (above / "logseq/config.edn").is_file()), None)
    match app or ("obsidian" if vault else "logseq" if graph else "none"):
        case "obsidian":
            root = vault or real
            return lambda path: f"obsidian://open?vault={_quoted(root.name)}&file={_quoted(_below(real, root, path))}"
        case "logseq":
            name = _quoted((graph or real).name)
            return lambda path: f"logseq://graph/{name}?page={_quoted(_page(path))}"
        case "file":
            return lambda path: (real / path).as_uri()
    return lambda _: ""


def within(address: str, block: str | None, headings: Sequence[str]) -> str:
    """The address of a place in a note: of its block if that has an id, or else of the nearest heading above it."""
    if address.startswith("obsidian://"):
        heading = " ".join(_NOT_IN_HEADINGS.sub(" ", headings[-1]).split()) if headings else ""
        return address + (_quoted(f"#^{block}") if block else _quoted(f"#{heading}") if heading else "")
    if address.startswith("logseq://") and block and _BLOCK_ID.fullmatch(block):
        return f"{address.partition('?')[0]}?block-id={block}"
    return address


def _below(folder: Path, root: Path, path: SourcePath) -> str:
    """The path of a source from the root of its vault, as Obsidian names it: without its ending."""
    return (folder.relative_to(root) / path).as_posix().removesuffix(".md")


def _page(path: SourcePath) -> str:
    """The name of a page of Logseq, which writes a `/` in it as three underscores."""
    return path.rpartition("/")[2].rpartition(".")[0].replace("___", "/")


def _quoted(text: str) -> str:
    return quote(text, safe="")
