"""Turning a source's Markdown into passages: prose without markup, each with its line, headings and links."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from tmscards.domain import CharSpan, Passage, PassageKind, Source
from tmscards.notes import html_blocks, markdown, timestamps
from tmscards.notes.inlines import Writer, add_text, write
from tmscards.notes.markup import Masked, mask

_LONGEST_TITLE = 2_000
"""Characters of a heading, a label or a term that every sentence below it gets: longer ones would fill the disk."""
_MOST_SHARED = 100
"""How many timestamps of a table row each cell gets; of more, only the first and the last."""
_CALLOUT = re.compile(r"\s*\[!([\w-]{1,50})\][+-]?")
_TASK = re.compile(r"\[[ xX/-]\]\s|(?:TODO|DOING|DONE|LATER|NOW|WAITING|CANCELED)\s")
_CHANNEL_LINE = re.compile(r"From:\s*\S")


@dataclass(slots=True)
class _Section:
    """The headings above the part of the source that is being read."""

    titles: list[tuple[int, str, int | None]] = field(default_factory=list)

    def enter(self, level: int, title: str, seconds: int | None) -> None:
        self.titles = [t for t in self.titles if 0 < t[0] < level] + [(level, title, seconds)]

    def cover(self, seconds: int) -> None:
        """Take note of a timestamp that stands above the text that it is about."""
        level, title, _ = self.titles.pop() if self.titles else (0, "", None)
        self.titles = [*self.titles, (level, title, seconds)]

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(title for _, title, _ in self.titles if title)

    @property
    def seconds(self) -> int | None:
        return next((s for _, _, s in reversed(self.titles) if s is not None), None)


def read(source: Source) -> list[Passage]:
    """The passages of a source, in order. Code, images, comments, embeds and footnotes are left out."""
    masked = mask(source.body)
    with _without_collection():
        tokens = markdown.parse(masked.text)
        return [p for p in _walk(source, masked, tokens) if p.text or p.timestamps]


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep Python from looking for garbage among the tokens, of which there can be millions: there is none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _walk(source: Source, masked: Masked, tokens: list[Token]) -> Iterator[Passage]:
    section, open_blocks = _Section(), []
    callouts: list[str | None] = []
    row: list[Passage] = []
    term = ""
    for i, token in enumerate(tokens):
        if token.nesting == 1:
            open_blocks.append(token.type)
        if token.type == "blockquote_open":
            callouts.append(None)
        elif token.type == "blockquote_close":
            callouts.pop()
        elif token.type == "tr_close":
            yield from _finish_row(row)
            row = []
        elif token.type == "html_block":
            yield from _html_passages(source, masked, token, section)
        elif token.type == "inline" and "footnote_block_open" not in open_blocks:
            line = token.map[0] + 1 if token.map else 1
            container = open_blocks[-1]
            if container == "th_open":
                continue
            if (
                callouts
                and callouts[-1] is None
                and container == "paragraph_open"
                and tokens[i - 2].type == "blockquote_open"
            ):
                callouts[-1] = _take_callout(token)
                line += token.content.startswith("\n")
            kind = _kind(open_blocks, callouts, token.content)
            pieces = [_passage(source, kind, writer, section) for writer in write(masked, token, line)]
            pieces = [replace(p, callout=callouts[-1] if callouts else None) for p in pieces]
            if container == "heading_open":
                title = " ".join(p.text for p in pieces)
                stamps = [s.seconds for p in pieces for s in p.timestamps]
                yield from pieces
                section.enter(int(tokens[i - 1].tag[1]), title[:_LONGEST_TITLE], stamps[0] if stamps else None)
            elif container == "td_open":
                row += pieces or [_passage(source, kind, Writer(line), section)]
            elif container == "dt_open":
                term = " ".join(p.text for p in pieces)
            elif "dd_open" in open_blocks and 0 < len(term) <= _LONGEST_TITLE:
                yield from (_labelled(p, term) for p in pieces)
            else:
                for piece in pieces:
                    if not piece.text and piece.timestamps and piece.timestamps[-1].syntax in timestamps.ABOVE:
                        section.cover(piece.timestamps[-1].seconds)
                yield from (p for p in pieces if not _CHANNEL_LINE.match(p.text) or not p.links)
        if token.nesting == -1:
            open_blocks.pop()


def _kind(open_blocks: list[str], callouts: list[str | None], content: str) -> PassageKind:
    if open_blocks[-1] == "heading_open":
        return "heading"
    if open_blocks[-1] == "td_open":
        return "table cell"
    if callouts:
        return "callout" if callouts[-1] else "quote"
    if "list_item_open" in open_blocks:
        return "task" if _TASK.match(content) else "list item"
    return "paragraph"


def _take_callout(token: Token) -> str | None:
    """Remove an Obsidian callout's title line from the token and return its type; None for a plain quotation."""
    opening = _CALLOUT.match(token.content)
    if not opening:
        return None
    children = token.children or []
    breaks = [i for i, child in enumerate(children) if child.type in ("softbreak", "hardbreak")]
    token.children = children[breaks[0] + 1 :] if breaks else []
    token.content = token.content[opening.end() :]
    token.content = "\n" + token.content.partition("\n")[2]
    return opening[1].lower()


def _passage(source: Source, kind: PassageKind, writer: Writer, section: _Section) -> Passage:
    """What a writer has collected, as a passage without the dashes and brackets that held a timestamp at either end."""
    text = writer.text.rstrip()
    if writer.timestamps:
        text = re.sub(r"\s+[-–—:|@]$", "", text)
    if kind == "task":
        head = _TASK.match(text)
    else:
        leads = any(stamp.offset == 0 for stamp in writer.timestamps)
        head = re.match(r"[-–—:|•]\s+|[)\]]\s*", text) if leads else None
    label = _label(writer, text) if not head else None
    cut = head.end() if head else len(label) + 1 if label else 0
    text = text[cut:]

    passage = Passage(
        path=source.path,
        kind=kind,
        text=writer.text,
        line=writer.line,
        line_starts=tuple(writer.line_starts),
        headings=section.headings,
        label=label,
        section_seconds=section.seconds,
        timestamps=tuple(writer.timestamps),
        links=tuple(writer.links),
        emphasis=tuple(writer.emphasis),
        highlights=tuple(writer.highlights),
        clozes=tuple(writer.clozes),
        waivers=tuple(writer.waivers),
        math=tuple(writer.math),
        block_id=writer.block_id,
    )
    return passage.remade(text, lambda offset: min(max(offset - cut, 0), len(text)))


def _label(writer: Writer, text: str) -> str | None:
    """The bold title that begins a paragraph: "**A title** The text …", not "**A term**: …" or "**A term** is …"."""
    if not writer.emphasis or writer.emphasis[0].start != 0:
        return None
    end = writer.emphasis[0].end
    if end > _LONGEST_TITLE:
        return None
    is_title = re.fullmatch(r"[^.:!?,]*[\w)\"”]", text[:end]) is not None and " " in text[:end]
    return text[:end] if is_title and re.match(r" [\"“(]?[A-Z][a-z]* [a-z\d]", text[end:]) else None


def _finish_row(row: list[Passage]) -> Iterator[Passage]:
    """The cells of a table row: the first labels the others, and cells without a timestamp get those of the row."""
    stamps = [stamp for cell in row for stamp in cell.timestamps]
    shared = stamps if len(stamps) <= _MOST_SHARED else [stamps[0], stamps[-1]]
    label = row[0].text if row and len(row[0].text) <= _LONGEST_TITLE else ""
    for i, cell in enumerate(row):
        own = cell.timestamps or tuple(replace(s, offset=len(cell.text)) for s in shared)
        yield replace(cell, label=label or None if i else None, timestamps=own)


def _labelled(passage: Passage, term: str) -> Passage:
    """A definition from a definition list, as `Term: definition`."""
    shift = len(term) + 2
    moved = passage.remade(f"{term}: {passage.text}", lambda offset: offset + shift)
    return replace(moved, emphasis=(CharSpan(0, len(term)), *moved.emphasis))


def _html_passages(source: Source, masked: Masked, token: Token, section: _Section) -> Iterator[Passage]:
    first = token.map[0] if token.map else 0
    for line, text in html_blocks.pieces(token.content):
        writer = Writer(first + line)
        add_text(masked, writer, text)
        yield _passage(source, "paragraph", writer, section)
