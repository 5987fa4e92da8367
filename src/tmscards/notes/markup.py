"""Replacing what note apps add to Markdown with marks, so that a CommonMark parser can read the rest.

What writers put around timestamps (brackets, commas between two) is removed with them. Each mark knows how many line
breaks it stands for, so that line numbers stay correct.
"""

from __future__ import annotations

import re

from tmscards.notes import deletions, dialects, extended, opaque, timestamps
from tmscards.notes.marks import CLOSE, STAMP_OPEN, Lines, Mark, Masked
from tmscards.notes.scanning import NOWHERE, Next, replaced
from tmscards.text import printable

_STAMP = f"{STAMP_OPEN}[0-9]++{CLOSE}"
_STAMPS = f"(?:{_STAMP}[ \\t]*+)++"

_WIKILINK = re.compile(
    r"""
    (?P<tag>\#)?\[\[(?P<target>[^\[\]|\n]*?)(?:\\?\|(?P<alias>(?:[^\[\]\n]|\[[^\[\]\n]*\])*))?\]\](?P<last>[ \t]*$)?
    # Programs that write notes lose one of the brackets now and then, or both.
    | \[\[(?P<lost>[\w-]*_[\w-]*)[ \t]*\|[ \t]*(?=[.,;:!?])
    | (?<![\[\w!\]])\[(?P<name>[\w-]*_[\w-]*)[ \t]*\|(?P<words>[^\[\]|\n]{1,200})\](?![\](\[])
    """,
    re.M | re.X,
)
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_WAIVER = re.compile(r"tmscards:\s*(keep|skip|whole)\b")
_HIGHLIGHT = {"==": re.compile(r"(?<!=)==(?=[^\s=])"), "^^": re.compile(r"(?<!\^)\^\^(?=[^\s^])")}
_END_OF_HIGHLIGHT = {"==": re.compile(r"(?<=[^\s=])==(?!=)"), "^^": re.compile(r"(?<=[^\s^])\^\^(?!\^)")}
_END_OF_BLOCK = re.compile(r"\n[ \t>]*+(?:\n|[-*+][ \t]|\d+[.)][ \t]|\#)")
_BLOCK_ID = re.compile(r"(?<![ \t])[ \t]++\^([A-Za-z0-9-]++)[ \t]*+$", re.M)
_QUOTE_MARK = re.compile(r"\n[ \t]*>[ \t>]*")


def mask(markdown: str) -> Masked:
    """Replace timestamps and the constructs of note apps with marks."""
    # The time that a search for "white space, then …" takes grows with the square of the length of a run of spaces;
    # one real note has 900,000 spaces in a row.
    masked = Masked(re.sub(r"[ \t]{100,}", " " * 100, printable(markdown)))
    masked.text = _without_opaque(masked)
    masked.text = _mask_timestamps(masked)
    masked.text = extended.mask(masked)
    masked.text = dialects.mask(masked)
    if "{{" in masked.text:
        masked.text = deletions.mask(masked)
    if "[[" in masked.text or "|" in masked.text:
        masked.text = _mask_wikilinks(masked)
    for sign in _HIGHLIGHT:
        if sign in masked.text:
            masked.text = _with_highlights(masked.text, sign)
    masked.text = _mask_block_ids(masked)
    return masked


def _without_opaque(masked: Masked) -> str:
    text = masked.text
    constructs, lines = opaque.Constructs(text), Lines(masked)

    def closed(opening: re.Match[str]) -> tuple[int, str] | None:
        found = constructs.at(opening)
        if not found:
            return None
        start, end = opening.start(), found.end
        breaks = text.count("\n", start, end)
        if found.kind == "fence":
            return end, _fence(masked, text[start:end], opening["lead"] or "", lines.at(start))
        if found.kind == "comment":
            masked.leave_out("comment", text[start:end], lines.at(start))
            waiver = _WAIVER.search(found.inside)
            mark = Mark("waiver", waiver[1]) if waiver else Mark("dropped")
            if breaks and _is_alone(text, start, end):
                # Unlike a formula, a comment of several lines is no part of a paragraph.
                return end, masked.put(mark) + "\n" * breaks
            return end, masked.put(Mark(mark.kind, mark.text, lines=breaks))
        inside = _QUOTE_MARK.sub("\n", found.inside) if breaks else found.inside
        if found.kind == "code":
            return end, _code(masked, inside, breaks)
        return end, masked.put(Mark(found.kind, " ".join(inside.split()), lines=breaks))

    return replaced(text, opaque.OPENING, closed)


def _is_alone(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return before in ("", "\n") and after in ("", "\n")


def _fence(masked: Masked, text: str, lead: str, line: int) -> str:
    """What stays of a fenced code block: empty lines, a timestamp if it is one, and lines with deletions in them."""
    if timestamps.is_block(text):
        return text
    if "{{c" not in text:
        masked.leave_out("code", text, line)
        return lead + "\n" * text.count("\n")
    kept = []
    for number, code in enumerate(text.split("\n"), line):
        has_deletion = bool(deletions.find(code))
        kept.append(_code(masked, code.strip(" \t>"), 0) if has_deletion else "")
        if not has_deletion:
            masked.leave_out("code", code, number)
    return lead + "\n".join(kept)


def _code(masked: Masked, code: str, breaks: int) -> str:
    """Code with a mark for it; deletions in it stay as they are written, with marks for what is around."""
    parts, at = [], 0
    edges = sorted(edge for d in deletions.find(code) for edge in ((d.start, d.answer), (d.hint, d.end)))
    for start, end in edges:
        parts += [code[at:start], code[start:end]]
        at = end
    parts.append(code[at:])
    # Every second part is the braces of a deletion.
    marked = [part if i % 2 else _mark(masked, part) for i, part in enumerate(parts)]
    return "".join(marked) + (masked.put(Mark("dropped", lines=breaks)) if breaks else "")


def _mark(masked: Masked, code: str) -> str:
    # A parser that sees a mark alone leaves out the spaces around it.
    return masked.put(Mark("code", code if code.isspace() else " ".join(code.split(" ")))) if code else ""


def _with_highlights(text: str, sign: str) -> str:
    ends, blocks = Next(_END_OF_HIGHLIGHT[sign], text), Next(_END_OF_BLOCK, text)

    def closed(opening: re.Match[str]) -> tuple[int, str] | None:
        start = opening.end()
        end = ends.after(start + 1)
        if end == NOWHERE or blocks.after(start) < end:
            return None
        return end + 2, f"<mark>{text[start:end]}</mark>"

    return replaced(text, _HIGHLIGHT[sign], closed)


def _mask_timestamps(masked: Masked) -> str:
    parts, end = [], 0
    text, lines = masked.text, Lines(masked)
    for found in timestamps.find(text):
        mark = masked.put(Mark("timestamp", timestamps=found.stamps))
        before, nul, after = found.keep.partition("\0")
        kept = before + mark + after if nul else f"{mark} {found.keep}" if found.keep else mark
        left = text[found.start : found.end].replace(after or before, "", 1)
        masked.leave_out("timestamp", left, lines.at(found.start))
        parts += [text[end : found.start], kept]
        end = found.end
    return _tidy("".join(parts) + text[end:])


def _tidy(text: str) -> str:
    """Remove what only held timestamps together: brackets around, commas and dashes between, a second full stop."""
    text = re.sub(rf"({_STAMP})[ \t]*(?:[,;&–—-]|and|to)?[ \t]*(?={_STAMP})", r"\1", text)
    for _ in range(3):
        text = re.sub(rf"[(\[][ \t,;]*({_STAMPS})[,;]?[)\]]", r"\1", text)
    text = re.sub(rf"[,;][ \t]*({_STAMPS})(?=[)\].!?])", r"\1", text)
    return re.sub(rf"([.!?])[ \t]*({_STAMPS})\.(?!\.)", r"\2\1", text)


def _mask_wikilinks(masked: Masked) -> str:
    lines = Lines(masked)

    def marked(match: re.Match[str]) -> str:
        target, alias = (
            (match["target"] or match["name"] or "").strip(),
            _EMPHASIS.sub(r"\2", (match["alias"] or match["words"] or "").strip()),
        )
        if match["lost"]:
            masked.leave_out("link target", match["lost"], lines.at(match.start()))
            return masked.put(Mark("dropped"))
        # A bare link shows its target, which note apps often made from a title, with _ for spaces.
        words = alias or re.sub(r"[#^/_|]+", " ", re.sub(r"\.(?:md|pdf)$", "", target)).strip()
        last = match["last"] or ""
        if match["tag"] and match["last"] is not None:
            masked.leave_out("tag", words, lines.at(match.start()))
            return masked.put(Mark("dropped")) + last
        if alias or target.endswith((".md", ".pdf")):
            masked.leave_out("link target", target if alias else target.rpartition(".")[2], lines.at(match.start()))
        return (masked.put(Mark("link", words, target=target, bare=not alias)) if words else "") + last

    return _WIKILINK.sub(marked, masked.text)


def _mask_block_ids(masked: Masked) -> str:
    lines = Lines(masked)

    def marked(match: re.Match[str]) -> str:
        masked.leave_out("block id", match[1], lines.at(match.start()))
        return masked.put(Mark("block id", match[1]))

    return _BLOCK_ID.sub(marked, masked.text)
