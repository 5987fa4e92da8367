"""Finds what a template would fetch from elsewhere when a card is shown: that fails offline, and tells who learns what.

HTML and CSS are read as browsers read them, with escapes and entities. Scripts are only searched for words, as nobody
can tell what a script does without running it.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import html as entities
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from tmscards.anki import css_addresses, markup_scanner, template_scripts
from tmscards.anki.markup_scanner import Attribute, Tag
from tmscards.domain import Diagnostic, Location

_DEEPEST = 5
"""How many pages may be in one another, as an attribute or a data address; a template needs none."""
_MOST = 100
"""Warnings about one file."""
_MOST_TAGS = 5_000
"""Tags that a page may have to be looked into twice; nh3 needs time that grows with their square."""
_LOCAL = frozenset("about blob data javascript mailto sms tel".split())
"""Schemes of addresses with which nothing is fetched, or that are looked into."""
_FETCHED = frozenset("archive attributionsrc background classid codebase dynsrc lowsrc poster src".split())
_LISTED = frozenset(("imagesrcset", "srcset"))
_PRESSED = frozenset(("action", "formaction", "ping"))
_LINKS = frozenset(("href", "xlink:href"))
_ANIMATED = frozenset(("by", "from", "to", "values"))
_PAGES = frozenset("embed frame iframe link object script".split())
"""Elements that run or apply what a data address holds; a picture in one fetches nothing (SVG 2, 2.7)."""
_UNFETCHED_RELATIONS = frozenset(
    "alternate author bookmark canonical external help license me next nofollow noopener noreferrer prev search "
    "tag".split()
)
_SOUND = re.compile(r"\[sound:([^\]\n]{1,2000})\]")
"""What Anki plays by itself; whether it may be at an address depends on the app."""
_SECTION = re.compile(r"\{\{[#^/][^{}]*\}\}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_FIELD = re.compile(r"\{\{[^{}]*\}\}")
_TAG_NAME = re.compile(r"<([a-zA-Z][^\s/>]*)")
_ATTRIBUTE_NAME = re.compile(r"(?<![^\s\"'<>/=])([^\s\"'<>/=]++)\s*+=")
_CAMEL = frozenset("animateMotion animateTransform feImage foreignObject".split())
"""Names of SVG that HTML's parser does not write in lower case."""


class _Found(NamedTuple):
    """Something that is fetched: where it is in a text, and what people are told about it."""

    place: int
    message: str
    hint: str


def html(path: str, text: str) -> Iterator[Diagnostic]:
    """A warning for each thing that a page of a template would fetch, or a script in it may."""
    yield from _told(path, text, _in_html(_without_sections(text), 0))


def css(path: str, text: str) -> Iterator[Diagnostic]:
    """A warning for each thing that a style sheet would fetch."""
    yield from _told(path, text, _in_css(text, 0))


def script(path: str, text: str) -> Iterator[Diagnostic]:
    """A warning for each address in a script, and each word with which scripts fetch."""
    yield from _told(path, text, _in_script(text))


BY_ENDING = {".css": css, ".htm": html, ".html": html, ".js": script, ".mjs": script, ".svg": html, ".xhtml": html}
"""What looks into other files of a template, by the ending of their names."""


def _told(path: str, text: str, found: Iterable[_Found]) -> Iterator[Diagnostic]:
    lines = [0, *(match.end() for match in re.finditer("\n", text))]
    once = sorted(set(found))
    for place, message, hint in once[:_MOST]:
        line = bisect.bisect_right(lines, place)
        yield Diagnostic("warning", message, Location(path, line, place - lines[line - 1] + 1), hint)
    if len(once) > _MOST:
        yield Diagnostic("warning", f"{len(once) - _MOST} more things are fetched from elsewhere", Location(path))


def _fetched(place: int, address: str) -> _Found:
    says = f"{address.strip()} is fetched from elsewhere whenever a card is shown"
    if _FIELD.search(address):
        return _Found(place, says, "a field may hold any address, as notes come from others too; link to it with <a>")
    return _Found(place, says, "put the file into the template's folder")


def _is_elsewhere(address: str) -> bool:
    """Whether an address leads out of Anki's folder of files, or may do so as a field is in it."""
    address = _read(address)
    if re.match(r"[/\\]{2}", address):
        return True
    scheme = _SCHEME.match(address)
    return scheme[1].lower() not in _LOCAL if scheme else _FIELD.search(address) is not None


def is_file(address: str) -> bool:
    """Whether an address is the path of a file, seen from a template's folder."""
    address = _read(address)
    return not re.match(r"#|[/\\]{2}", address) and not _SCHEME.match(address)


def _read(address: str) -> str:
    """An address without what browsers pass over in it (url.spec.whatwg.org, 4.4)."""
    return re.sub(r"[\t\n\r]", "", address).strip("".join(map(chr, range(33))))


def _runs(address: str) -> bool:
    """Whether an address is a script."""
    scheme = _SCHEME.match(_read(address))
    return scheme is not None and scheme[1].lower() == "javascript"


def _without_sections(text: str) -> str:
    """A page as if all sections of fields were shown at once, and with the spaces in the names of fields filled."""
    text = _SECTION.sub(lambda tag: " " * len(tag[0]), text)
    return _FIELD.sub(lambda tag: re.sub(r"[\s>\"'/=]", "_", tag[0]), text)


def _in_html(text: str, depth: int) -> Iterator[_Found]:
    seen = set[str]()
    for tag in markup_scanner.tags(text):
        for found in _in_tag(tag, text, depth):
            seen.add(found.message)
            yield found
    for sound in _SOUND.finditer(text):
        if _is_elsewhere(sound[1]):
            yield _fetched(sound.start(1), sound[1])
    if text.count("<") > _MOST_TAGS:
        says = f"this page has more than {_MOST_TAGS} tags, so it could not be wholly searched for what it fetches"
        yield _Found(0, says, "leave some out")
        return
    # What only a whole parser understands, such as SVG in which tags are no text in a style sheet.
    for tag in _parsed(text):
        for found in _in_tag(tag, text, depth):
            if found.message not in seen:
                seen.add(found.message)
                yield found


def _in_tag(tag: Tag, text: str, depth: int) -> Iterator[_Found]:
    for attribute in tag.attributes:
        place = attribute.place
        for address in _addresses(tag, attribute):
            if _is_elsewhere(address):
                if attribute.name in _PRESSED:
                    says = f"{address.strip()} is sent something when this is pressed"
                    yield _Found(_literal(text, address, place), says, "leave it out")
                else:
                    yield _fetched(_literal(text, address, place), address)
            elif tag.name in _PAGES:
                yield from _at(place, _in_data(address, depth))
            if _runs(address):
                yield from _at(place, _in_script(_read(address)))
        if attribute.name == "srcdoc":
            yield from _at(place, _in_html(attribute.value, depth + 1) if depth < _DEEPEST else _hidden())
        elif attribute.name.startswith("on"):
            yield from _at(place, _in_script(attribute.value))
        elif attribute.name == "style" or "(" in attribute.value:
            yield from _moved(text, attribute.value, place, _in_css(attribute.value, depth))
    if tag.name == "style":
        yield from _moved(text, tag.inside, tag.place, _in_css(tag.inside, depth))
    elif tag.name == "script" and tag.inside not in template_scripts.ours():
        yield from _moved(text, tag.inside, tag.place, _in_script(tag.inside))


def _addresses(tag: Tag, attribute: Attribute) -> Iterator[str]:
    """The addresses that an attribute makes a browser fetch, or send something to; those of links to press are none."""
    name, value = attribute.name, attribute.value
    is_fetched = name in _FETCHED or name in _PRESSED
    if tag.name == "link" and name == "href":
        relations = tag.get("rel").lower().split()
        is_fetched = not relations or not _UNFETCHED_RELATIONS.issuperset(relations)
    elif name in _LINKS:
        is_fetched = tag.name not in ("a", "area")
        if not is_fetched and _runs(value):
            yield value
    is_fetched = is_fetched or (tag.name, name) in (("object", "data"), ("html", "manifest"), ("param", "value"))
    if is_fetched:
        yield value
    elif name in _LISTED:
        # Between addresses are commas and widths; a comma within an address does no harm here.
        yield from re.split(r"[\s,]+", value)
    elif tag.name == "meta" and name == "content" and tag.get("http-equiv").lower() == "refresh":
        yield re.sub(r"^[\s\d.]*[;,]?\s*(?:url\s*=)?\s*[\"']?", "", value, flags=re.I)
    elif name in _ANIMATED and (tag.name == "set" or tag.name.startswith("animate")):
        yield from value.split(";")


def _literal(text: str, address: str, place: int) -> int:
    """Where an address stands in a text from a place on, if it is written there as it is."""
    found = text.find(address.strip(), place, place + len(address) + 2_000)
    return found if found >= 0 else place


def _at(place: int, found: Iterable[_Found]) -> Iterator[_Found]:
    """What was found in a text that is at this place in another form."""
    return (each._replace(place=place) for each in found)


def _moved(text: str, part: str, place: int, found: Iterable[_Found]) -> Iterator[_Found]:
    """What was found in a part of a text, at its place in the whole, if the part is written there as it is."""
    is_literal = text.startswith(part, place)
    return (each._replace(place=place + each.place if is_literal else place) for each in found)


def _hidden() -> Iterator[_Found]:
    yield _Found(0, "this page has too many others in it to be looked into", "leave it out")


def _in_data(address: str, depth: int) -> Iterator[_Found]:
    """What is fetched by a page, a style sheet or a script that is itself in an address (RFC 2397)."""
    data = re.match(r"data:([^,]*),(.*)", _read(address), re.I | re.S)
    if data is None:
        return
    if depth >= _DEEPEST:
        yield from _hidden()
        return
    raw, kind = unquote_to_bytes(data[2].partition("#")[0]), data[1].lower()
    if kind.rstrip().endswith("base64"):
        try:
            raw = base64.b64decode(b"".join(raw.split()) + b"==")
        except binascii.Error:
            return
    text = raw.decode("utf-8", "replace")
    if "html" in kind or "xml" in kind:
        yield from _in_html(text, depth + 1)
    elif "css" in kind:
        yield from _in_css(text, depth + 1)
    elif "script" in kind:
        yield from _in_script(text)


def _in_css(text: str, depth: int) -> Iterator[_Found]:
    for place, address in css_addresses.of(text):
        if _is_elsewhere(address):
            yield _fetched(_literal(text, address, place), address)
        else:
            yield from _at(place, _in_data(address, depth))


def _in_script(text: str) -> Iterator[_Found]:
    hint = "only words are looked for: see what it does, or leave it out"
    return (_Found(place, says, hint) for place, says in template_scripts.suspicious(text))


def _parsed(text: str) -> list[Tag]:
    """The tags that a whole parser finds; it does not tell which attributes are of one tag, and where, so we guess."""
    import nh3

    found: list[tuple[str, dict[str, Attribute]]] = []

    def note(tag: str, name: str, value: str) -> str:
        tag, name = tag.lower(), name.lower()
        if not found or found[-1][0] != tag or name in found[-1][1]:
            found.append((tag, {}))
        found[-1][1][name] = Attribute(name, value, max(text.find(value), 0))
        return value

    cleaned = nh3.clean(
        text,
        tags={name.lower() for name in _TAG_NAME.findall(text)} | _CAMEL,
        clean_content_tags=set(),
        attributes={"*": {name.lower() for name in _ATTRIBUTE_NAME.findall(text)} | {"href"}},
        attribute_filter=note,
        link_rel=None,
        url_schemes={"data", "file", "ftp", "http", "https", "javascript", "ws", "wss"},
    )
    styles = (tag for tag in markup_scanner.tags(cleaned) if tag.name == "style")
    return [
        *(Tag(name, tuple(attributes.values()), "", 0) for name, attributes in found),
        *(Tag("style", (), entities.unescape(style.inside), max(text.find(style.inside), 0)) for style in styles),
    ]
