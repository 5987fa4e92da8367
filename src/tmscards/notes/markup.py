"""Replacing what note apps add to Markdown with marks, so that a CommonMark parser can read the rest.

A mark is a number between two private-use characters. Timestamps have marks of their own kind, and what writers put
around them (brackets, commas between two) is removed with them. Line breaks stay, so line numbers stay correct.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from tmscards.domain import Timestamp
from tmscards.notes import timestamps

_OPEN, _STAMP_OPEN, _CLOSE = "\ue000", "\ue002", "\ue001"
MARK = re.compile(f"[{_OPEN}{_STAMP_OPEN}](\\d+){_CLOSE}")
_STAMP = f"{_STAMP_OPEN}\\d+{_CLOSE}"
_STAMPS = f"(?:{_STAMP}[ \\t]*)+"

# What is not prose; nothing else is looked for inside it.
_OPAQUE = re.compile(
    r"""
    (?P<fence>^[ \t>]*(?P<ticks>`{3,}|~{3,})[^\n]*\n(?:.*?\n)??(?:[ \t>]*(?P=ticks)[`~]*[ \t]*$|\Z))
    | (?P<comment>%%.*?%%|<!--.*?-->|\{/\*.*?\*/\})
    | (?<!\\)(?<!`)(?P<code_ticks>`+)(?!`)(?P<code>(?:(?!\n[ \t]*\n).)+?)(?<!`)(?P=code_ticks)(?!`)
    | (?<!\\)\$\$(?P<display>(?:(?!\n[ \t]*\n).)+?)\$\$
    | (?<![\\$])\$(?P<inline>(?=[^\s$])(?:\\.|[^$\n\\])*?(?<=[^\s$]))\$(?![\d$])
    | \\\((?P<paren>[^\n]+?)\\\) | \\\[(?P<bracket>(?!\d|[a-z ]+[\d:.]+\\\])(?:(?!\n[ \t]*\n).)+?)\\\]
    """,
    re.S | re.M | re.X,
)
_DROPPED = re.compile(
    r"""
    !\[\[[^\]\n]*\]\]                                       # Obsidian: embed
    | \{:[^}\n]*\}                                          # kramdown, Logseq: attributes
    | \(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)                     # Logseq: block reference
    | \{\{(?!c\d+::)[^{}\n]*\}\}                            # Logseq, Hugo: macro
    | ^[ \t]*(?:[-*][ \t]+)?[\w-]+::[ \t][^\n]*$            # Logseq: property
    | ^[ \t]*:(?:LOGBOOK|PROPERTIES):.*?:END:[ \t]*$        # Logseq, Org: drawer
    | ^import\s[^\n]*\sfrom\s["'][^\n]*$ | ^export\s(?:const|default|function|let)\s[^\n]*$   # MDX
    | ^[ \t]*\{[^{}\n]*\}[ \t]*$                            # MDX: expression
    """,
    re.S | re.M | re.X,
)
_WIKILINK = re.compile(r"\[\[(?P<target>[^\[\]|\n]*?)(?:\\?\|(?P<alias>(?:[^\[\]\n]|\[[^\[\]\n]*\])*))?\]\]")
_HAND_CLOZE = re.compile(r"\{\{c(\d{1,3})::((?:(?!\}\}|::|\n\s*\n).)+)(?:::((?:(?!\}\}).)*))?\}\}", re.S)
_WAIVER = re.compile(r"tmscards:\s*(keep|skip)\b")
_HIGHLIGHT = re.compile(r"(?<![=\w])==(?=[^\s=])((?:(?!\n[ \t]*\n).)+?)(?<=[^\s=])==(?![=\w])", re.S)
_BLOCK_ID = re.compile(r"[ \t]+\^([A-Za-z0-9-]+)[ \t]*$", re.M)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark in a masked text stands for."""

    kind: Literal[
        "dropped", "code", "math", "display math", "link", "block id", "timestamp", "waiver", "cloze", "cloze end"
    ]
    text: str = ""
    """Code, TeX, the words that a link shows, the block id, `keep` or `skip`, or the cloze number as it is written."""
    target: str = ""
    """The target of a link, or the hint of a cloze deletion."""
    bare: bool = False
    timestamps: tuple[Timestamp, ...] = ()


@dataclass(slots=True)
class Masked:
    """A Markdown text with marks in it, and what the marks stand for."""

    text: str
    marks: list[Mark] = field(default_factory=list)

    def put(self, mark: Mark) -> str:
        """Store a mark and return the characters that stand for it in the text."""
        self.marks.append(mark)
        return f"{_STAMP_OPEN if mark.kind == 'timestamp' else _OPEN}{len(self.marks) - 1}{_CLOSE}"


def mask(markdown: str) -> Masked:
    """Replace timestamps and the constructs of note apps with marks. The result has as many lines as `markdown`."""
    text = re.sub(f"[{_OPEN}{_STAMP_OPEN}{_CLOSE}]", "", markdown)
    # The time that a search for "white space, then …" takes grows with the square of the length of a run of spaces;
    # one real note has 900,000 spaces in a row.
    masked = Masked(re.sub(r"[ \t]{100,}", " " * 100, text))
    masked.text = _OPAQUE.sub(lambda m: _mask_opaque(masked, m), masked.text)
    masked.text = _mask_timestamps(masked)
    masked.text = _DROPPED.sub(lambda m: masked.put(Mark("dropped")) + "\n" * m[0].count("\n"), masked.text)
    masked.text = _HAND_CLOZE.sub(lambda m: _mask_hand_cloze(masked, m), masked.text)
    masked.text = _WIKILINK.sub(lambda m: _mask_wikilink(masked, m), masked.text)
    masked.text = _HIGHLIGHT.sub(r"<mark>\1</mark>", masked.text)
    masked.text = _BLOCK_ID.sub(lambda m: masked.put(Mark("block id", m[1])), masked.text)
    return masked


def _mask_opaque(masked: Masked, match: re.Match[str]) -> str:
    lines = "\n" * match[0].count("\n")
    if match["code"] is not None:
        return masked.put(Mark("code", " ".join(match["code"].split()))) + lines
    for group, kind in (
        ("display", "display math"),
        ("bracket", "display math"),
        ("inline", "math"),
        ("paren", "math"),
    ):
        if match[group] is not None:
            tex = " ".join(match[group].split())
            return masked.put(Mark("display math" if kind == "display math" else "math", tex)) + lines
    if not match["comment"]:
        return lines
    waiver = _WAIVER.search(match["comment"])
    return masked.put(Mark("waiver", waiver[1]) if waiver else Mark("dropped")) + lines


def _mask_hand_cloze(masked: Masked, match: re.Match[str]) -> str:
    number, answer, hint = match.groups()
    opened = masked.put(Mark("cloze", number, target=" ".join((hint or "").split())))
    return opened + answer + masked.put(Mark("cloze end"))


def _mask_timestamps(masked: Masked) -> str:
    parts, end = [], 0
    for found in timestamps.find(masked.text):
        mark = masked.put(Mark("timestamp", timestamps=found.stamps))
        before, nul, after = found.keep.partition("\0")
        kept = before + mark + after if nul else f"{mark} {found.keep}" if found.keep else mark
        parts += [masked.text[end : found.start], kept]
        end = found.end
    return _tidy("".join(parts) + masked.text[end:])


def _tidy(text: str) -> str:
    """Remove what only held timestamps together: brackets around, commas and dashes between, a second full stop."""
    text = re.sub(rf"({_STAMP})[ \t]*(?:[,;&–—-]|and|to)?[ \t]*(?={_STAMP})", r"\1", text)
    for _ in range(3):
        text = re.sub(rf"[(\[][ \t,;]*({_STAMPS})[,;]?[)\]]", r"\1", text)
    text = re.sub(rf"[,;][ \t]*({_STAMPS})(?=[)\].!?])", r"\1", text)
    return re.sub(rf"([.!?])[ \t]*({_STAMPS})\.(?!\.)", r"\2\1", text)


def _mask_wikilink(masked: Masked, match: re.Match[str]) -> str:
    target = match["target"].strip()
    alias = (match["alias"] or "").strip()
    # A bare link shows its target, which note apps often made from a title, with _ for spaces.
    words = alias or re.sub(r"[#^/_|]+", " ", re.sub(r"\.(?:md|pdf)$", "", target)).strip()
    return masked.put(Mark("link", words, target=target, bare=not alias)) if words else ""
