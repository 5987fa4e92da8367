"""The inside of a Markdown block: the text that a reader sees, and where its timestamps, links, math and so on are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import cast

from markdown_it.token import Token

from tmscards.domain import LAST_CLOZE_NUMBER, CharSpan, HandCloze, LeftOutKind, Link, Timestamp, Waived, Waiver
from tmscards.notes import deletions, recordings
from tmscards.notes.marks import MARK, Mark, Masked

_TAG = r"#(?=[\w/-]*[^\W\d_])([\w/-]++)"
_TAGS = re.compile(rf"(?<!\s)(?:\s++{_TAG})++\s*+")
_HASHTAG = re.compile(rf"(?<![\w&/#\\]){_TAG}")
_BREAKS = re.compile(r"<br\s*/?>|</?(?:table|tr|p|div|ul|ol|li|dl|dd|dt|h[1-6])[\s>]")
_CELL = re.compile(r"</?t[dh][\s>]")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]++\]")


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
    open_marks: list[int] = field(default_factory=list)
    """Where the highlights begin that have not ended yet."""
    math: list[CharSpan] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
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
        while self.after_mark and re.match(r" ?[.,;:!?)\]]", words):
            if self._ends_with_space:
                self._take_back()
            words = words.lstrip(" ")
            if not self.parts or self.parts[-1][-1] + words[0] not in ("()", "[]"):
                break
            # The brackets were around what is left out.
            self._take_back()
            words = words[1:]
        if not self.parts or self._ends_with_space:
            words = words.lstrip(" ")
        if words:
            self.parts.append(words)
            self.length += len(words)
            self.after_mark = False

    def _take_back(self) -> None:
        """Take the last character back, and let what was at the end of the text be there again."""
        self.length -= 1
        self.parts[-1] = self.parts[-1][:-1]
        if not self.parts[-1]:
            self.parts.pop()
        for at in range(len(self.timestamps) - 1, -1, -1):
            if self.timestamps[at].offset <= self.length:
                break
            self.timestamps[at] = replace(self.timestamps[at], offset=self.length)
        for at in range(len(self.pictures) - 1, -1, -1):
            if self.pictures[at] <= self.length:
                break
            self.pictures[at] = self.length

    @property
    def current_line(self) -> int:
        """The line of the file that is being read."""
        return self.line + len(self.line_starts)

    def break_line(self) -> None:
        """Go on to the next line of the file."""
        if self.length or self.timestamps:
            self.add(" ")
            self.line_starts.append(self.length)
        else:
            self.line += 1

    def add_picture(self) -> None:
        """Take note of a picture, or another embed."""
        self.pictures.append(self.end)
        self.after_mark = True

    def stamp(self, stamps: tuple[Timestamp, ...]) -> None:
        self.timestamps += [replace(s, offset=self.end) for s in stamps]
        self.after_mark = True


def write(masked: Masked, token: Token, line: int, *, own_lines: bool = False) -> list[Writer]:
    """The texts of an inline token that begins on this line: one, or several if the author broke the line by hand.

    If `own_lines`, each line is a text of its own.

    A line that holds only timestamps does not become a text of its own: its timestamps go to the text before it.
    """
    writers: list[Writer] = []
    for writer in _pieces(masked, token, line, own_lines):
        if writers and not writer.length:
            end = writers[-1].end
            writers[-1].timestamps += [replace(stamp, offset=end) for stamp in writer.timestamps]
            writers[-1].pictures += [end] * len(writer.pictures)
        else:
            writers.append(writer)
    return writers


def with_marks(masked: Masked, text: str) -> str:
    """The text of an HTML block with marks for the highlights in it."""
    if "<mark>" not in text:
        return text
    begins, ends = masked.put(Mark("highlight")), masked.put(Mark("highlight end"))
    return text.replace("<mark>", begins).replace("</mark>", ends)


def _pieces(masked: Masked, token: Token, line: int, own_lines: bool) -> Iterator[Writer]:
    writer = Writer(line)
    emphasis: list[int] = []
    links: list[tuple[int, Token]] = []
    children = token.children or []
    for child, behind in zip_longest(children, children[1:]):
        # The words of a link may go over a line break.
        ends_line = own_lines and not links
        is_break = child.type == "hardbreak" or (ends_line and child.type == "softbreak")
        match child.type:
            case "text" | "html_entity" | "text_special":
                add_text(masked, writer, child.content)
            case "softbreak" if not ends_line:
                writer.break_line()
            case "strong_open" | "em_open":
                emphasis.append(writer.length)
            case "strong_close" | "em_close":
                if emphasis:
                    writer.emphasis.append(CharSpan(emphasis.pop(), writer.length))
            case "link_open":
                links.append((writer.length, child))
            case "link_close":
                if links:
                    _close_link(masked, writer, *links.pop())
            case "image":
                address = f"{child.content} {child.attrs.get('src', '')} {child.attrs.get('title', '')}"
                masked.leave_out("picture", address, writer.current_line)
                writer.add_picture()
            case "footnote_ref":
                masked.leave_out("footnote", str(child.meta.get("label", "")), writer.current_line)
                if behind is not None and behind.content[:1].isalnum():
                    writer.add(" ")
                writer.after_mark = True
            case "html_inline":
                is_break = _BREAKS.match(child.content.lower()) is not None
                _add_tag(masked, writer, child.content)
        if is_break and (writer.open_clozes or writer.open_marks):
            # What its author has marked to be learnt is one answer.
            writer.break_line() if child.type.endswith("break") else writer.add(" ")
        elif is_break:
            yield writer
            writer = Writer(writer.current_line + child.type.endswith("break"))
            emphasis, links = [], []
    yield writer


def _add_tag(masked: Masked, writer: Writer, tag: str) -> None:
    """Add what an HTML tag inside a text stands for: a highlight, a picture, or nothing."""
    name = tag.lower()
    if name.startswith("<mark"):
        writer.open_marks.append(writer.length)
    elif name.startswith("</mark") and writer.open_marks:
        writer.highlights.append(CharSpan(writer.open_marks.pop(), writer.length))
    else:
        masked.leave_out("HTML", tag, writer.current_line)
        if _CELL.match(name):
            writer.add(" ")
        writer.after_mark = True
        if name.startswith(("<img", "<video", "<audio", "<iframe")):
            writer.add_picture()


def _close_link(masked: Masked, writer: Writer, start: int, opening: Token) -> None:
    href = str(opening.attrs.get("href", ""))
    writer.links.append(Link(start, writer.length, href))
    if opening.markup != "autolink":
        target = f"{href} {opening.attrs.get('title', '')} {opening.meta.get('label', '')}"
        masked.leave_out("link target", target, writer.current_line)
    seconds = recordings.url_seconds(href)
    if seconds is not None and recordings.is_recording_url(href):
        writer.stamp((Timestamp(seconds, "link on words", url=href),))


def add_text(masked: Masked, writer: Writer, text: str) -> None:
    """Add a text that contains marks; what each mark stands for is written out, recorded or dropped."""
    end = 0
    for found in MARK.finditer(text):
        _add_words(masked, writer, text[end : found.start()])
        end = found.end()
        mark = masked.marks[int(found[1])]
        match mark.kind:
            case "timestamp":
                writer.stamp(mark.timestamps)
            case "link":
                start = writer.length
                add_text(masked, writer, mark.text)
                writer.links.append(Link(start, writer.length, masked.written(mark.target), mark.bare))
            case "code":
                writer.add(mark.text)
            case "math" | "display math":
                _add_math(writer, mark.text)
            case "block id":
                writer.block_id = mark.text
                writer.after_mark = True
            case "cloze":
                writer.open_clozes.append((writer.length, mark))
            case "cloze end":
                if writer.open_clozes:
                    start, opened = writer.open_clozes.pop()
                    writer.clozes.append(_hand_cloze(opened.text, start, writer.length, masked.written(opened.target)))
            case "highlight":
                writer.open_marks.append(writer.length)
            case "highlight end":
                if writer.open_marks:
                    writer.highlights.append(CharSpan(writer.open_marks.pop(), writer.length))
            case "waiver":
                writer.waivers.append(Waiver(writer.end, cast("Waived", mark.text)))
                writer.after_mark = True
            case "picture":
                writer.add_picture()
            case "dropped":
                writer.after_mark = True
        for _ in range(mark.lines):
            writer.line_starts.append(writer.length)
    _add_words(masked, writer, text[end:])


def _add_math(writer: Writer, tex: str) -> None:
    """Add a formula; deletions in it become those of the text."""
    start, at = writer.length, 0
    writer.add(r"\(")
    for deletion in deletions.find_in_tex(tex) if "{{c" in tex else ():
        writer.add(tex[at : deletion.start])
        opened = writer.length
        writer.add(tex[deletion.answer : deletion.hint].strip())
        hint = tex[deletion.hint + 2 : deletion.close].strip()
        writer.clozes.append(_hand_cloze(deletion.number, opened, writer.length, hint))
        at = deletion.end
    writer.add(rf"{tex[at:]}\)")
    writer.math.append(CharSpan(start, writer.length))


def _hand_cloze(number: str, start: int, end: int, hint: str) -> HandCloze:
    # Anki accepts no number above that; without one, the gap gets a free number.
    as_number = max(1, int(number)) if number else LAST_CLOZE_NUMBER + 1
    return HandCloze(start, end, as_number if as_number <= LAST_CLOZE_NUMBER else None, hint)


def _add_words(masked: Masked, writer: Writer, words: str) -> None:
    if "[^" in words:
        words = _FOOTNOTE.sub(lambda found: _leave_out(masked, writer, "footnote", found[0]), words)
    if "#" in words:
        tags = next((tags for tags in _TAGS.finditer(words) if tags.end() == len(words)), None)
        if tags:
            words = words[: tags.start()] + _leave_out(masked, writer, "tag", tags[0])
    writer.add(_HASHTAG.sub(r"\1", words))


def _leave_out(masked: Masked, writer: Writer, kind: LeftOutKind, text: str) -> str:
    masked.leave_out(kind, text, writer.current_line)
    return ""
