"""Taking the prose out of HTML blocks in Markdown, cut into pieces at block elements."""

from __future__ import annotations

from html.parser import HTMLParser

_BLOCK_TAGS = frozenset(
    """address article br dd div dl dt figcaption h1 h2 h3 h4 h5 h6 hr li ol p section summary td th tr ul""".split()
)
_SILENT_TAGS = frozenset("script style iframe svg pre code table button form nav object video audio head".split())


def pieces(html: str) -> list[tuple[int, str]]:
    """The pieces of prose in an HTML block, each with the line it begins on; the first line of the block is 1."""
    parser = _HtmlText()
    parser.feed(html)
    parser.close()
    return [(line, text) for line, text in parser.pieces if text.strip()]


class _HtmlText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[int, str]] = [(1, "")]
        self.silent = 0

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCK_TAGS:
            self.pieces.append((self.getpos()[0], ""))
        self.silent += tag in _SILENT_TAGS

    def handle_startendtag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
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
