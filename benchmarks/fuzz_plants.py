"""What one trial of the fuzzer is made of: the files, links and pipes in a project, and the commands that are run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RECIPE = "decks/d.yaml"

Side = Literal["note", "cache", "deck"]
"""Whose business a plant is: if the notes' alone, then everything else has to be built as if it were not there."""


@dataclass(frozen=True, slots=True)
class Plant:
    """Something in a project; a path may hold surrogates, which stand for bytes that are not UTF-8."""

    path: str
    side: Side
    kind: Literal["file", "link", "pipe", "socket", "folder", "large"] = "file"
    content: bytes = b""
    target: str = ""
    """Where a link leads."""

    def __str__(self) -> str:
        what = {"file": f" {shortened(self.content)}", "link": f" -> {self.target}"}.get(self.kind, "")
        return f"{self.kind} {shortened(self.path)}{what}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A trial: what is planted, and which commands are run."""

    plants: tuple[Plant, ...]
    commands: tuple[tuple[str, ...], ...]
    was_built: bool
    """Whether the good note was built before anything hostile came."""
    on_terminal: bool = False
    """Whether the commands take their standard error for a terminal, on which they draw a progress bar."""

    @property
    def sides(self) -> set[Side]:
        return {plant.side for plant in self.plants}


def shortened(text: str | bytes, most: int = 300) -> str:
    """A text as people can read it, its middle left out if it is long."""
    shown = repr(text)
    return shown if len(shown) <= most else f"{shown[: most // 2]} …{len(shown) - most} more… {shown[-most // 2 :]}"
