"""Front matter: the YAML, TOML or JSON at the head of a note. What cannot be read in it costs that value alone."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import yaml

from tmscards.domain import Diagnostic, Location
from tmscards.storage import yaml_loading
from tmscards.text import printable

Value = str | list[str]

_YAML = re.compile(r"\s*^---[ \t]*\n(?P<inside>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.M)
_TOML = re.compile(r"\s*^\+\+\+[ \t]*\n(?P<inside>(?:.*\n)*?)\+\+\+[ \t]*(?:\n|\Z)", re.M)
_JSON = re.compile(r"\s*\{\s*(?:\"|\})")
_END_OF_JSON = re.compile(r"^\}[ \t]*$", re.M)
_ENTRY = re.compile(r"(?P<key>[^\W\d_][\w.-]{0,40}(?: [\w.-]{1,40}){0,2})[ \t]*[:=](?:[ \t]+(?P<value>.*)|$)")
"""A key of up to three words, and what stands behind it on its line."""
_PLACEHOLDER = re.compile(r"\{\{.*\}\}|<%.*%>")

# Numbers stay as they are written: Python refuses to convert those of thousands of digits.
_JSON_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


@dataclass(slots=True)
class FrontMatter:
    """What the head of a note says."""

    body: str
    """The note with an empty line for each line of front matter."""
    text: str = ""
    """The front matter as it is written."""
    values: dict[str, Value] = field(default_factory=dict)
    """Texts and lists of texts, as they are written, by their keys in small letters."""
    faults: list[Diagnostic] = field(default_factory=list)


def split(text: str, shown: str) -> FrontMatter:
    """The front matter of a note, and the rest of it. `shown` is the file's path for messages.

    A note that begins with a list or with prose between two thematic breaks (`---`) has no front matter.
    """
    reader = _Reader(shown)
    for pattern, read in ((_YAML, reader.read_yaml), (_TOML, reader.read_toml)):
        if (front := pattern.match(text)) and read(front["inside"], text.count("\n", 0, front.start("inside"))):
            return reader.result(text, front.end())
    if _JSON.match(text) and (end := reader.read_json(text)):
        return reader.result(text, end)
    return FrontMatter(text, faults=reader.faults)


class _Reader:
    """Collects the values of one note's front matter, and messages about those that cannot be read."""

    def __init__(self, shown: str) -> None:
        self.faults: list[Diagnostic] = []
        self._shown = shown
        self._values: dict[str, Value] = {}

    def result(self, text: str, end: int) -> FrontMatter:
        return FrontMatter("\n" * text.count("\n", 0, end) + text[end:], text[:end], self._values, self.faults)

    def read_yaml(self, inside: str, above: int) -> bool:
        """Read YAML that has so many lines `above` it in the file, and return whether it was front matter."""
        try:
            node = yaml_loading.nodes(inside)
        except RecursionError:
            self._complain("the front matter is nested too deeply, and is not read", above, "use keys and plain values")
            return True
        except yaml.YAMLError:
            return self._by_entry(inside, above, self._yaml_entry)
        if node is None:
            return True
        if not isinstance(node, yaml.MappingNode) or not any(map(_is_key, (key for key, _ in node.value))):
            return False
        self._take_nodes(node, above)
        return True

    def _take_nodes(self, node: yaml.Node, above: int) -> None:
        for key, value in node.value:
            if _is_placeholder(value):
                self._complain_of_placeholder(str(key.value), above + key.start_mark.line)
            elif _is_key(key) and (read := _of_node(value)) is not None:
                self._take(str(key.value), read, above + key.start_mark.line)

    def _yaml_entry(self, lines: list[str], at: int) -> None:
        """Read one key of YAML, with the lines below it; alone if the rest is at fault."""
        try:
            node = yaml_loading.nodes("\n".join(lines))
        except (yaml.YAMLError, RecursionError) as error:
            if len(lines) > 1:
                for number, line in enumerate(lines):
                    if line.strip():
                        self._yaml_entry([line.strip()], at + number)
                return
            entry = _ENTRY.match(lines[0])
            if entry and entry["value"]:
                # People write `title: Life: part one`, and mean it.
                self._take(entry["key"], re.sub(r"^(['\"])(.*)\1$", r"\2", entry["value"].strip()), at)
            else:
                what = yaml_loading.problem(error, lines[0])[0] if isinstance(error, yaml.YAMLError) else "too deep"
                self._complain(f"this is not a key and a value ({what}), and is not read", at, "write `title: …`")
            return
        if isinstance(node, yaml.MappingNode):
            self._take_nodes(node, at)
        elif node is not None:
            self._complain("this is not a key and a value, and is not read", at, "write `title: …`")

    def read_toml(self, inside: str, above: int) -> bool:
        """The same for TOML."""
        try:
            for key, value in tomllib.loads(inside, parse_float=str).items():
                self._take_data(key, value, above)
        except (ValueError, RecursionError):
            return self._by_entry(inside, above, self._toml_entry)
        return True

    def _toml_entry(self, lines: list[str], at: int) -> None:
        try:
            for key, value in tomllib.loads("\n".join(lines), parse_float=str).items():
                self._take_data(key, value, at)
        except (ValueError, RecursionError) as error:
            what = str(error).partition(" (")[0]
            self._complain(f"this value cannot be read ({what}), and is left out", at, "put texts in quotes")

    def _by_entry(self, inside: str, above: int, read: Callable[[list[str], int], None]) -> bool:
        """Read each key by itself with `read`; False if the first line has none, as then this is prose."""
        entries: list[tuple[int, list[str]]] = []
        for number, line in enumerate(inside.split("\n"), above):
            if _ENTRY.match(line):
                entries.append((number, [line]))
            elif entries:
                entries[-1][1].append(line)
            elif line.strip() and not line.startswith("#"):
                return False
        for number, lines in entries:
            read(lines, number)
        return bool(entries)

    def read_json(self, text: str) -> int:
        """Read JSON at the head of a note, and return where it ends; 0 if it is none."""
        start = len(text) - len(text.lstrip())
        try:
            data, end = _JSON_DECODER.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError) as error:
            closing = _END_OF_JSON.search(text)
            line = error.lineno - 1 if isinstance(error, json.JSONDecodeError) else 0
            what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            then = "not read" if closing else "read as text"
            self._complain(
                f"the front matter is not valid JSON ({what}), and is {then}", line, "check commas and quotes"
            )
            return closing.end() if closing else 0
        for key, value in data.items():
            self._take_data(key, value, 0)
        return end

    def _take_data(self, key: str, value: object, line: int) -> None:
        if isinstance(value, list):
            self._take(key, [str(each) for each in value if isinstance(each, str | int)], line)
        elif value is not None and not isinstance(value, dict):
            self._take(key, str(value).lower() if isinstance(value, bool) else str(value), line)

    def _take(self, key: str, value: Value, line: int) -> None:
        name = printable(key).strip().lower()
        if isinstance(value, str) and _PLACEHOLDER.fullmatch(value.strip("\"' ")):
            self._complain_of_placeholder(key, line)
            return
        if name in self._values:
            self._complain(f"{key} is there twice; the last one counts", line, "delete one of them")
        self._values[name] = [printable(each) for each in value] if isinstance(value, list) else printable(value)

    def _complain_of_placeholder(self, key: str, line: int) -> None:
        self._complain(f"{key} is still a placeholder of a template, and is not read", line, "write a value")

    def _complain(self, message: str, line: int, hint: str) -> None:
        self.faults.append(Diagnostic("warning", message, Location(self._shown, line + 1), hint))


def _is_key(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and _ENTRY.match(f"{node.value}:") is not None


def _is_placeholder(node: yaml.Node) -> bool:
    """Whether a value is `{{name}}`, which to YAML is a mapping with a mapping for a key."""
    return isinstance(node, yaml.MappingNode) and any(isinstance(key, yaml.MappingNode) for key, _ in node.value)


def _of_node(node: yaml.Node) -> Value | None:
    """A value as it is written; None if there is none, or if it has keys of its own."""
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag.endswith(":null") else str(node.value)
    return list(_texts(node)) if isinstance(node, yaml.SequenceNode) else None


def _texts(node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _texts(each)
    elif isinstance(node, yaml.ScalarNode) and not node.tag.endswith(":null"):
        yield str(node.value)
