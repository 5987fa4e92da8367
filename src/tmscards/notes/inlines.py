"""The inside of a Markdown block: the text that a reader sees, and where its timestamps, links, math and so on are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from tmscards.domain import LAST_CLOZE_NUMBER, CharSpan, HandCloze, Link, Timestamp, Waiver
from tmscards.notes import recordings
from tmscards.notes.marks import MARK
from tmscards.notes.markup import Mark, Masked

_TAGS = re.compile(r"(?<!\s)(?:\s++#[A-Za-z][\w/-]*+)++\s*+")
_HASHTAG = re.compile(r"(?<![\w&/#\\])#(?=[A-Za-z])([\w/-]+)")


@dataclass(slots=True)
class Writer:
    """Collects the text of one passage, and where timestamps, links, emphasis and so on are in it."""

    line: int
    parts: list[str] = field(default_factory=list)
    """The pieces of the text, none of them empty; joined only at the end, as there can be very many."""
    length: int = 0
    line_starts: list[int] = field(default_factory=list)
    timestamps: list[Timestamp] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    emphasis: list[CharSpan] = field(default_factory=list)
    highlights: list[CharSpan] = field(default_factory=list)
    clozes: list[HandCloze] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    open_clozes: list[tuple[int, Mark]] = field(default_factory=list)
    math: list[CharSpan] = field(default_factory=list)
    block_id: str | None = None
    after_mark: bool = False

    @property
    def text(self) -> str:
        """All that was added."""
        return "".join(self.parts)

    @property
    def end(self) -> int:
        """The length of the text without a space at its end."""
        return self.length - self._ends_with_space

    @property
    def _ends_with_space(self) -> bool:
        return bool(self.parts) and self.parts[-1].endswith(" ")

    def add(self, words: str) -> None:
        """Add text. Runs of white space become one space; a space that a mark left before punctuation is removed."""
        words = re.sub(r"\s+", " ", words)
        if self.after_mark and re.match(r" ?[.,;:!?)\]]", words):
            if self._ends_with_space:
                self.length -= 1
                self.parts[-1] = self.parts[-1][:-1]
                if not self.parts[-1]:
                    self.parts.pop()
            words = words.lstrip(" ")
        if not self.parts or self._ends_with_space:
            words = words.lstrip(" ")
        if words:
            self.parts.append(words)
            self.length += len(words)
            self.after_mark = False

    def stamp(self, stamps: tuple[Timestamp, ...]) -> None:
        self.timestamps += [replace(s, offset=self.end) for s in stamps]
        self.after_mark = True


def write(masked: Masked, token: Token, line: int) -> list[Writer]:
    """The texts of an inline token that begins on this line: one, or several if the author broke the line by hand.

    A line that holds only timestamps does not become a text of its own: its timestamps go to the text before it.
    """
    writers: list[Writer] = []
    for writer in _pieces(masked, token, line):
        if writers and writer.timestamps and not writer.length:
            end = writers[-1].end
            writers[-1].timestamps += [replace(stamp, offset=end) for stamp in writer.timestamps]
        else:
            writers.append(writer)
    return writers


def _pieces(masked: Masked, token: Token, line: int) -> Iterator[Writer]:
    writer = Writer(line)
    emphasis: list[int] = []
    links: list[tuple[int, str]] = []
    for child in token.children or []:
        match child.type:
            case "text" | "html_entity":
                add_text(masked, writer, child.content)
            case "softbreak":
                line += 1
                if writer.length or writer.timestamps:
                    writer.add(" ")
                    writer.line_starts.append(writer.length)
                else:
                    writer.line = line
            case "hardbreak":
                line += 1
                yield writer
                writer = Writer(line)
                emphasis, links = [], []
            case "strong_open" | "em_open":
                emphasis.append(writer.length)
            case "strong_close" | "em_close":
                if emphasis:
                    writer.emphasis.append(CharSpan(emphasis.pop(), writer.length))
            case "link_open":
                links.append((writer.length, str(child.attrs.get("href", ""))))
            case "link_close":
                if links:
                    _close_link(writer, *links.pop())
            case "html_inline":
                tag = child.content.lower()
                if re.match(r"<br\s*/?>", tag):
                    yield writer
                    writer = Writer(line)
                    emphasis, links = [], []
                elif tag.startswith("<mark"):
                    emphasis.append(writer.length)
                elif tag.startswith("</mark") and emphasis:
                    writer.highlights.append(CharSpan(emphasis.pop(), writer.length))
                else:
                    writer.after_mark = True
    yield writer


def _close_link(writer: Writer, start: int, href: str) -> None:
    writer.links.append(Link(start, writer.length, href))
    seconds = recordings.url_seconds(href)
    if seconds is not None and recordings.is_recording_url(href):
        writer.stamp((Timestamp(seconds, "link on words", url=href),))


def add_text(masked: Masked, writer: Writer, text: str) -> None:
    """Add a text that contains marks; what each mark stands for is written out, recorded or dropped."""
    end = 0
    for found in MARK.finditer(text):
        _add_words(writer, text[end : found.start()])
        end = found.end()
        mark = masked.marks[int(found[1])]
        match mark.kind:
            case "timestamp":
                writer.stamp(mark.timestamps)
            case "link":
                start = writer.length
                add_text(masked, writer, mark.text)
                writer.links.append(Link(start, writer.length, _plain(masked, mark.target), mark.bare))
            case "code":
                writer.add(mark.text)
            case "math" | "display math":
                start = writer.length
                writer.add(rf"\({mark.text}\)")
                writer.math.append(CharSpan(start, writer.length))
            case "block id":
                writer.block_id = mark.text
                writer.after_mark = True
            case "cloze":
                writer.open_clozes.append((writer.length, mark))
            case "cloze end":
                if writer.open_clozes:
                    start, opened = writer.open_clozes.pop()
                    writer.clozes.append(_hand_cloze(masked, opened, start, writer.length))
            case "waiver":
                writer.waivers.append(Waiver(writer.end, mark.text == "keep"))
                writer.after_mark = True
            case "dropped":
                writer.after_mark = True
    _add_words(writer, text[end:])


def _hand_cloze(masked: Masked, opened: Mark, start: int, end: int) -> HandCloze:
    number = max(1, int(opened.text))
    # Anki accepts no number above that; without one, the gap gets a free number.
    return HandCloze(start, end, number if number <= LAST_CLOZE_NUMBER else None, _plain(masked, opened.target))


def _plain(masked: Masked, text: str) -> str:
    """A text with what its marks stand for: code and mathematics as they are written, the words of links."""

    def written(found: re.Match[str]) -> str:
        mark = masked.marks[int(found[1])]
        match mark.kind:
            case "code" | "math" | "display math":
                return mark.text
            case "link":
                return _plain(masked, mark.text)
        return ""

    return MARK.sub(written, text)


def _add_words(writer: Writer, words: str) -> None:
    words = re.sub(r"\[\^[^\[\]\s]++\]", "", words)
    if "#" in words:
        tags = next((tags for tags in _TAGS.finditer(words) if tags.end() == len(words)), None)
        words = words[: tags.start()] if tags else words
    writer.add(_HASHTAG.sub(r"\1", words))
