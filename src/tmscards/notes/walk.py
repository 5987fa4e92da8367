"""The way through the tokens of a Markdown text: what each block becomes, and what stands above it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markdown_it.token import Token

from tmscards.domain import LeftOutKind, Passage, PassageKind, Source
from tmscards.notes import blocks, html_blocks, markdown, outline, rows, timestamps
from tmscards.notes.inlines import Writer, add_text, with_marks, write
from tmscards.notes.marks import MARK, Lines, Masked
from tmscards.notes.outline import LONGEST_TITLE, Outline
from tmscards.notes.trimming import BULLET, CALLOUT, LISTED, ORNAMENT, PAGE, TASK, cut, is_title, label, labelled

_LEVEL_OF_BOLD = 7
"""A title in bold is below every heading."""
_CALLOUT = re.compile(r"\s*\[!([\w-]{1,50})\][+-]?[ \t]*")
_TO_DO = re.compile(r"\[[ xX/<>-]\]|\w")
_CHANNEL_LINE = re.compile(r"From:\s*\S")
_CELL_ENDS = re.compile(r"(?<!\\)\|")
_CREATED = re.compile(r"Created \w+,? \d{1,2} \w+ \d{4}$")


class Walk:
    """The way through a source's tokens, with what is open on it."""

    def __init__(self, source: Source, masked: Masked) -> None:
        self._source, self._masked = source, masked
        self._lines = Lines(masked).of_each()
        self._text_lines = masked.text.split("\n")
        self._outline = Outline()
        self._open: list[str] = []
        self._callouts: list[str | None] = []
        self._heads: list[str] = []
        self._row: list[list[Passage]] = []
        self._row_line = 0
        self._term = ""

    def line(self, masked_line: int) -> int:
        """The line of the file, counted from 1, for a line of the masked text, counted from 0."""
        return self._lines[min(masked_line, len(self._lines) - 1)]

    def through(self, tokens: Sequence[Token]) -> Iterator[Passage]:
        """The passages in these tokens, in order."""
        counts = outline.item_counts(tokens)
        for i, token in enumerate(tokens):
            if token.nesting == 1:
                self._open.append(token.type)
            match token.type:
                case "blockquote_open":
                    self._callouts.append(None)
                case "blockquote_close":
                    self._callouts.pop()
                case "bullet_list_open" | "ordered_list_open":
                    self._outline.open_list(counts[i], numbered=token.type == "ordered_list_open")
                case "bullet_list_close" | "ordered_list_close":
                    self._outline.close_list()
                case "list_item_open":
                    self._outline.open_item()
                    self._leave_out("list number", token.info, token)
                case "tr_open":
                    self._row_line = token.map[0] if token.map else 0
                case "tr_close":
                    yield from self._end_row()
                case "footnote_reference_open":
                    self._leave_out("footnote", str(token.meta.get("label", "")), token)
                case "table_close":
                    self._heads = []
                    self._outline.above = ""
                case "html_block":
                    yield from self._html(token)
                case "hr":
                    self._outline.above = ""
                case "fence" | "code_block":
                    yield from self._code(token)
                case "inline" if "footnote_reference_open" in self._open and not self._is_marked(token.content):
                    self._leave_out("footnote", token.content, token)
                case "inline":
                    yield from self._inline(tokens, i)
            if token.nesting == -1:
                self._open.pop()

    def _end_row(self) -> Iterator[Passage]:
        row, self._row = self._row, []
        if "thead_open" not in self._open:
            # Markdown has no cells beyond the heads of a table, and its readers do not see them.
            cells = _CELL_ENDS.split(self._text_lines[self._row_line].lstrip(" \t>").rstrip().strip("|"))
            self._masked.leave_out("cell", " ".join(cells[len(row) :]), self.line(self._row_line))
            yield from rows.read(row, self._heads, self._masked.leave_out)
            return
        self._heads = [" ".join(piece.text for piece in cell) for cell in row]
        for head, cell in zip(self._heads, row, strict=True):
            self._masked.leave_out("column head", head, cell[0].line)

    def _leave_out(self, kind: LeftOutKind, text: str, token: Token) -> None:
        self._masked.leave_out(kind, text, self.line(token.map[0]) if token.map else 1)

    def _is_marked(self, text: str) -> bool:
        """Whether the author has marked something in a text to be learnt."""
        found = (self._masked.marks[int(mark[1])].kind for mark in MARK.finditer(text))
        return "<mark>" in text or "cloze" in found

    def _inline(self, tokens: Sequence[Token], i: int) -> Iterator[Passage]:
        token, container = tokens[i], self._open[-1]
        if container == "paragraph_open" and blocks.is_table(token.content):
            yield from self._bare_rows(token)
            return
        kind = self._kind(token.content)
        line = self.line(token.map[0]) if token.map else 1
        title: list[Passage] = []
        if self._begins_quote(tokens, i) and (opening := _CALLOUT.match(token.content)):
            self._callouts[-1] = opening[1].lower()
            title = list(self._callout_title(token, line))
            line += 1
            kind = "callout"
        own_lines = container == "paragraph_open" and blocks.has_one_thought_a_line(token.content)
        written = write(self._masked, token, line, own_lines=own_lines)
        pieces = [self._passage(kind, writer) for writer in written]
        yield from title
        if container == "heading_open":
            yield from self._heading(int(tokens[i - 1].tag[1]), pieces)
        elif container in ("td_open", "th_open"):
            self._row.append(pieces)
        elif container == "dt_open":
            self._term = " ".join(p.text for p in pieces)
        elif "dd_open" in self._open and 0 < len(self._term) <= LONGEST_TITLE:
            yield from (labelled(p, self._term) for p in pieces)
        else:
            yield from self._prose(pieces)

    def _begins_quote(self, tokens: Sequence[Token], i: int) -> bool:
        is_first = bool(self._callouts) and self._callouts[-1] is None and tokens[i - 2].type == "blockquote_open"
        return is_first and self._open[-1] == "paragraph_open"

    def _callout_title(self, token: Token, line: int) -> Iterator[Passage]:
        """Take the title line of an Obsidian callout out of its token, and return the title, if there is one."""
        children = token.children or []
        breaks = [i for i, child in enumerate(children) if child.type in ("softbreak", "hardbreak")]
        first, rest = (children[: breaks[0]], children[breaks[0] + 1 :]) if breaks else (children, [])
        token.children = first
        (written, *_) = write(self._masked, token, line)
        token.children = rest
        token.content = token.content.partition("\n")[2]
        title = self._passage("heading", written)
        if title.text:
            yield title

    def _heading(self, level: int, pieces: list[Passage]) -> Iterator[Passage]:
        title = " ".join(p.text for p in pieces)
        stamps = [s.seconds for p in pieces for s in p.timestamps]
        yield from pieces
        self._outline.section.enter(level, title[:LONGEST_TITLE], stamps[0] if stamps else None)
        self._outline.above = ""

    def _prose(self, pieces: list[Passage]) -> Iterator[Passage]:
        """Passages of a paragraph or list item, with what leads to them."""
        lead: tuple[str, ...] = ()
        for written in pieces:
            piece = self._without_head(written)
            if not piece.text:
                if piece.timestamps and piece.timestamps[-1].syntax in timestamps.ABOVE:
                    self._outline.section.cover(piece.timestamps[-1].seconds)
                yield piece
                continue
            if (_CHANNEL_LINE.match(piece.text) and piece.links) or _CREATED.match(piece.text):
                self._masked.leave_out("property", piece.text, piece.line)
                continue
            if not self._outline.lists and is_title(piece):
                yield from self._heading(_LEVEL_OF_BOLD, [replace(piece, kind="heading")])
                continue
            above, place = self._outline.lead(), self._outline.place()
            above += lead if above[-1:] != lead else ()
            yield replace(piece, lead=above, place=place) if above or place else piece
            self._outline.add(piece.text)
            lead = (outline.title(piece.text),) if piece.text.endswith(":") else lead

    def _without_head(self, piece: Passage) -> Passage:
        """A passage without the page number, letter or roman numeral that begins it."""
        head = PAGE.match(piece.text) or LISTED.match(piece.text)
        if not head or piece.clozes:
            return piece
        self._masked.leave_out("list number", head[0], piece.line)
        return cut(piece, head.end())

    def _kind(self, content: str) -> PassageKind:
        if self._open[-1] == "heading_open":
            return "heading"
        if self._open[-1] in ("td_open", "th_open"):
            return "table cell"
        if self._callouts:
            return "callout" if self._callouts[-1] else "quote"
        if "list_item_open" in self._open:
            task = TASK.match(content)
            return "task" if task and _TO_DO.match(content) else "list item"
        return "paragraph"

    def _bare_rows(self, token: Token) -> Iterator[Passage]:
        """The rows of a table that has no line of dashes."""
        columns = max(line.count("|") for line in token.content.split("\n")) - 1
        tokens, _ = markdown.parse("|" + " |" * columns + "\n|" + "-|" * columns + "\n" + token.content)
        first = token.map[0] if token.map else 0
        for each in tokens:
            each.map = [max(0, place + first - 2) for place in each.map] if each.map else None
        yield from self.through(tokens)

    def _code(self, token: Token) -> Iterator[Passage]:
        """Code is left out, but for what its author has marked in it."""
        if self._is_marked(token.content):
            writer = Writer(self.line(token.map[0]) if token.map else 1)
            add_text(self._masked, writer, token.content)
            yield self._passage("paragraph", writer)
        else:
            self._leave_out("code", f"{token.info}\n{token.content}", token)

    def _html(self, token: Token) -> Iterator[Passage]:
        first = token.map[0] if token.map else 0
        for piece in html_blocks.pieces(token.content):
            line = self.line(first) + piece.line - 1
            if piece.name == "":
                self._masked.leave_out("HTML", piece.text, line)
                continue
            writer = Writer(line)
            add_text(self._masked, writer, with_marks(self._masked, piece.text))
            if re.fullmatch(r"h[1-6]", piece.name):
                yield from self._heading(int(piece.name[1]), [self._passage("heading", writer)])
            else:
                yield from self._prose([self._passage("paragraph", writer)])

    def _passage(self, kind: PassageKind, writer: Writer) -> Passage:
        """What a writer has collected, without the dashes and brackets that held a timestamp at either end."""
        text = writer.text.rstrip()
        if writer.timestamps:
            text = re.sub(r"\s+[-–—:|@·]$", "", text)
        is_item = kind in ("task", "list item")
        head = TASK.match(text) if is_item else None
        if head:
            self._masked.leave_out("checkbox", head[0], writer.line)
        elif any(stamp.offset == 0 for stamp in writer.timestamps):
            head = re.match(r"[-–—:|•·]\s+|[)\]]\s*", text)
        elif kind == "table cell":
            head = BULLET.match(text)
        elif callout := CALLOUT.match(text):
            head = callout
            self._masked.leave_out("callout", callout[0], writer.line)
        head = head or ORNAMENT.match(text)
        name = label(writer, text) if not head else None
        begin = head.end() if head else len(name) + 1 if name else 0
        passage = Passage(
            path=self._source.path,
            kind=kind,
            text=writer.text,
            line=writer.line,
            line_starts=tuple(writer.line_starts),
            headings=self._outline.section.headings,
            label=name,
            section_seconds=self._outline.section.seconds,
            callout=self._callouts[-1] if self._callouts else None,
            timestamps=tuple(writer.timestamps),
            links=tuple(writer.links),
            emphasis=tuple(writer.emphasis),
            highlights=tuple(writer.highlights),
            clozes=tuple(writer.clozes),
            waivers=tuple(writer.waivers),
            math=tuple(writer.math),
            block_id=writer.block_id,
            pictures=tuple(writer.pictures),
        )
        if begin == 0 and text == passage.text:
            return passage
        text = text[begin:]
        return passage.remade(text, lambda offset: min(max(offset - begin, 0), len(text)))
