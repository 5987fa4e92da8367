"""Owns the way from a source's Markdown to passages: prose without markup, each with its line, headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from tmscards import recordings
from tmscards.domain import Link, Passage, PassageKind, Source, Span, Timestamp
from tmscards.markup import MARK, Masked, mask

_CALLOUT = re.compile(r"\s*\[!([\w-]+)\][+-]?")
_TASK = re.compile(r"\[[ xX/-]\]\s|(?:TODO|DOING|DONE|LATER|NOW|WAITING|CANCELED)\s")
_HASHTAG = re.compile(r"(?<![\w&/#\\])#(?=[A-Za-z])([\w/-]+)")
_CHANNEL_LINE = re.compile(r"From:\s*\S")
_BLOCK_TAGS = frozenset(
    "address article br dd div dl dt figcaption h1 h2 h3 h4 h5 h6 hr li ol p section summary td th tr ul".split()
)
_SILENT_TAGS = frozenset("script style iframe svg pre code table button form nav object video audio head".split())


@dataclass(slots=True)
class _Writer:
    """Collects the text of one passage and the places in it."""

    line: int
    text: str = ""
    line_starts: list[int] = field(default_factory=list)
    timestamps: list[Timestamp] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    emphasis: list[Span] = field(default_factory=list)
    math: list[Span] = field(default_factory=list)
    block_id: str | None = None
    after_mark: bool = False

    def add(self, words: str) -> None:
        """Add text; runs of white space become one space, and none is left where a mark stood before a full stop."""
        words = re.sub(r"\s+", " ", words)
        if self.after_mark and re.match(r" ?[.,;:!?)\]]", words):
            self.text = self.text.rstrip(" ")
            words = words.lstrip(" ")
        if not self.text or self.text.endswith(" "):
            words = words.lstrip(" ")
        if words:
            self.text += words
            self.after_mark = False

    def stamp(self, stamps: tuple[Timestamp, ...]) -> None:
        self.timestamps += [replace(s, offset=len(self.text.rstrip())) for s in stamps]
        self.after_mark = True


@dataclass(slots=True)
class _Section:
    """The headings above the place that is being read."""

    titles: list[tuple[int, str, int | None]] = field(default_factory=list)

    def enter(self, level: int, title: str, seconds: int | None) -> None:
        self.titles = [t for t in self.titles if t[0] < level] + [(level, title, seconds)]

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(title for _, title, _ in self.titles if title)

    @property
    def seconds(self) -> int | None:
        return next((s for _, _, s in reversed(self.titles) if s is not None), None)


def _parser() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .use(footnote_plugin)
        .use(deflist_plugin)
    )


def read(source: Source) -> list[Passage]:
    """The passages of a source, in order. Code, images, comments, embeds and footnotes are left out."""
    masked = mask(source.body)
    tokens = _parser().parse(masked.text)
    return [p for p in _walk(source, masked, tokens) if p.text or p.timestamps]


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
            pieces = [_passage(source, kind, writer, section) for writer in _write(masked, token, line)]
            pieces = [replace(p, callout=callouts[-1] if callouts else None) for p in pieces]
            if container == "heading_open":
                title = " ".join(p.text for p in pieces)
                stamps = [s.seconds for p in pieces for s in p.timestamps]
                yield from pieces
                section.enter(int(tokens[i - 1].tag[1]), title, stamps[0] if stamps else None)
            elif container == "td_open":
                row += pieces or [_passage(source, kind, _Writer(line), section)]
            elif container == "dt_open":
                term = " ".join(p.text for p in pieces)
            elif "dd_open" in open_blocks and term:
                yield from (_labelled(p, term) for p in pieces)
            else:
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
    """The type of an Obsidian callout, whose title line is taken out of the token; None for a plain quotation."""
    opening = _CALLOUT.match(token.content)
    if not opening:
        return None
    children = token.children or []
    breaks = [i for i, child in enumerate(children) if child.type in ("softbreak", "hardbreak")]
    token.children = children[breaks[0] + 1 :] if breaks else []
    token.content = token.content[opening.end() :]
    token.content = "\n" + token.content.partition("\n")[2]
    return opening[1].lower()


def _write(masked: Masked, token: Token, line: int) -> Iterator[_Writer]:
    """The texts of an inline token: one, or several where the author broke the line by hand."""
    writer = _Writer(line)
    emphasis: list[int] = []
    links: list[tuple[int, str]] = []
    for child in token.children or []:
        match child.type:
            case "text" | "html_entity":
                _add_text(masked, writer, child.content)
            case "softbreak":
                line += 1
                if writer.text or writer.timestamps:
                    writer.add(" ")
                    writer.line_starts.append(len(writer.text))
                else:
                    writer.line = line
            case "hardbreak":
                line += 1
                yield writer
                writer = _Writer(line)
                emphasis, links = [], []
            case "strong_open" | "em_open":
                emphasis.append(len(writer.text))
            case "strong_close" | "em_close":
                if emphasis:
                    writer.emphasis.append(Span(emphasis.pop(), len(writer.text)))
            case "link_open":
                links.append((len(writer.text), str(child.attrs.get("href", ""))))
            case "link_close":
                if links:
                    _close_link(writer, *links.pop())
            case "html_inline":
                tag = child.content.lower()
                if re.match(r"<br\s*/?>", tag):
                    yield writer
                    writer = _Writer(line)
                    emphasis, links = [], []
                elif tag.startswith("<mark"):
                    emphasis.append(len(writer.text))
                elif tag.startswith("</mark") and emphasis:
                    writer.emphasis.append(Span(emphasis.pop(), len(writer.text)))
                else:
                    writer.after_mark = True
    yield writer


def _close_link(writer: _Writer, start: int, href: str) -> None:
    writer.links.append(Link(start, len(writer.text), href))
    seconds = recordings.url_seconds(href)
    if seconds is not None and recordings.is_recording_url(href):
        writer.stamp((Timestamp(seconds, "link on words", url=href),))


def _add_text(masked: Masked, writer: _Writer, text: str) -> None:
    end = 0
    for found in MARK.finditer(text):
        _add_words(writer, text[end : found.start()])
        end = found.end()
        mark = masked.marks[int(found[1])]
        match mark.kind:
            case "timestamp":
                writer.stamp(mark.timestamps)
            case "link":
                start = len(writer.text)
                _add_text(masked, writer, mark.text)
                writer.links.append(Link(start, len(writer.text), mark.target, mark.bare))
            case "code":
                writer.add(mark.text)
            case "math" | "display math":
                start = len(writer.text)
                writer.add(rf"\({mark.text}\)")
                writer.math.append(Span(start, len(writer.text)))
            case "block id":
                writer.block_id = mark.text
                writer.after_mark = True
            case "dropped":
                writer.after_mark = True
    _add_words(writer, text[end:])


def _add_words(writer: _Writer, words: str) -> None:
    words = re.sub(r"\[\^[^\]\s]+\]", "", words)
    words = re.sub(r"(?:\s+#[A-Za-z][\w/-]*)+\s*$", "", words)
    writer.add(_HASHTAG.sub(r"\1", words))


def _passage(source: Source, kind: PassageKind, writer: _Writer, section: _Section) -> Passage:
    """What a writer has collected, without the dashes and brackets that only held a timestamp at either end."""
    text = writer.text.rstrip()
    if writer.timestamps:
        text = re.sub(r"\s+[-–—:|@]$", "", text)
    if kind == "task":
        head = _TASK.match(text)
    else:
        leads = any(stamp.offset == 0 for stamp in writer.timestamps)
        head = re.match(r"[-–—:|•]\s+|[)\]]\s*", text) if leads else None
    cut = head.end() if head else 0
    text = text[cut:]

    def at(offset: int) -> int:
        return min(max(offset - cut, 0), len(text))

    return Passage(
        path=source.path,
        kind=kind,
        text=text,
        line=writer.line,
        line_starts=tuple(map(at, writer.line_starts)),
        headings=section.headings,
        section_seconds=section.seconds,
        timestamps=tuple(replace(s, offset=at(s.offset)) for s in writer.timestamps),
        links=tuple(replace(link, start=at(link.start), end=at(link.end)) for link in writer.links),
        emphasis=tuple(Span(at(s.start), at(s.end)) for s in writer.emphasis if at(s.start) < at(s.end)),
        math=tuple(Span(at(s.start), at(s.end)) for s in writer.math),
        block_id=writer.block_id,
    )


def _finish_row(row: list[Passage]) -> Iterator[Passage]:
    """The cells of a table row: the first names the row for the others, and a time in any cell is the row's."""
    stamps = tuple(stamp for cell in row for stamp in cell.timestamps)
    for i, cell in enumerate(row):
        headings = cell.headings if i == 0 or not row[0].text else (*cell.headings, row[0].text)
        own = cell.timestamps or tuple(replace(s, offset=len(cell.text)) for s in stamps)
        yield replace(cell, headings=headings, timestamps=own)


def _labelled(passage: Passage, term: str) -> Passage:
    """The definition of a definition list, as `Term: definition`."""
    shift = len(term) + 2

    def moved(span: Span) -> Span:
        return Span(span.start + shift, span.end + shift)

    return replace(
        passage,
        text=f"{term}: {passage.text}",
        line_starts=tuple(s + shift for s in passage.line_starts),
        timestamps=tuple(replace(s, offset=s.offset + shift) for s in passage.timestamps),
        links=tuple(replace(link, start=link.start + shift, end=link.end + shift) for link in passage.links),
        emphasis=(Span(0, len(term)), *map(moved, passage.emphasis)),
        math=tuple(map(moved, passage.math)),
    )


class _HtmlText(HTMLParser):
    """The prose of an HTML block, cut at its block elements, with the line each piece begins on."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[int, str]] = [(1, "")]
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCK_TAGS:
            self.pieces.append((self.getpos()[0], ""))
        self.silent += tag in _SILENT_TAGS

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCK_TAGS:
            self.pieces.append((self.getpos()[0], ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCK_TAGS:
            self.pieces.append((self.getpos()[0], ""))
        if tag in _SILENT_TAGS and self.silent:
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent:
            line, text = self.pieces[-1]
            blank_lines = data.count("\n", 0, len(data) - len(data.lstrip())) if not text else 0
            self.pieces[-1] = (
                line if text else self.getpos()[0] + blank_lines,
                text + (data if text else data.lstrip()),
            )


def _html_passages(source: Source, masked: Masked, token: Token, section: _Section) -> Iterator[Passage]:
    parser = _HtmlText()
    parser.feed(token.content)
    parser.close()
    first = token.map[0] if token.map else 0
    for line, text in parser.pieces:
        if text.strip():
            writer = _Writer(first + line)
            _add_text(masked, writer, text)
            yield _passage(source, "paragraph", writer, section)
