"""Reading YAML files that people edit: checked against a type, every fault named with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from tmscards.domain import Diagnostic, Location
from tmscards.errors import UserError

# PyYAML's C parser is eight times as fast; it is missing where PyYAML was built without libyaml.
Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_MOST_NESTED = 2_000

T = TypeVar("T")


def loader(text: str) -> Any:
    """The quickest of PyYAML's loaders that reads a text without danger.

    The C parser calls itself once a level and ends the process when the stack is full; the other raises RecursionError.
    """
    is_shallow = text.count("[") + text.count("{") < _MOST_NESTED and not re.search(r"(?:[-?:][ \t]+){100}", text)
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader) if is_shallow else yaml.SafeLoader


@dataclass(frozen=True, slots=True)
class Wording:
    """How messages speak about one kind of file."""

    name: str
    """What it is to people, such as "this recipe"."""
    example: str
    """A line to begin with."""
    quotes: str
    """What in such a file often needs quotes."""


Check = Callable[[Any], Iterable[tuple[list[str | int], str]]]
"""Finds what the type of a file's data cannot tell: where, as keys from the outermost in, and what is wrong."""


def read(
    path: Path,
    kind: type[T],
    wording: Wording,
    *,
    check: Check = lambda _: (),
    raw: bytes | None = None,
) -> T:
    """Read a file, or bytes that were read from it, as a pydantic model or a dataclass that refuses unknown keys.

    Raises UserError naming every fault with its line, and the known key nearest to an unknown one.
    """
    shown = str(path)
    try:
        text = (path.read_bytes() if raw is None else raw).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UserError(f"{wording.name} cannot be read: {problem}", location=Location(shown)) from error
    node, data = _parse(text, shown, wording.quotes)
    if node is None or not isinstance(data, dict):
        raise UserError(
            f"{wording.name} is not a list of keys and values",
            location=Location(shown, 1),
            hint=f"write `{wording.example}`",
        )
    try:
        checked = TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        raise UserError.of(_faults(error, shown, node, kind)) from error
    faults = [Diagnostic("error", what, Location(shown, _line(node, where))) for where, what in check(checked)]
    if faults:
        raise UserError.of(faults)
    return checked


def _parse(text: str, shown: str, quotes: str) -> tuple[yaml.Node | None, object]:
    try:
        parser = loader(text)(text)
        try:
            node = parser.get_single_node()
            return node, parser.construct_document(node) if node is not None else None
        finally:
            parser.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError(
            f"this is not valid YAML: {getattr(error, 'problem', None) or error}",
            location=Location(shown, mark.line + 1 if mark else None),
            hint=quotes,
        ) from error
    except ValueError as error:
        raise UserError(
            f"this is not valid YAML: {error}", location=Location(shown), hint="put dates and times in quotes"
        ) from error
    except RecursionError as error:
        raise UserError(
            "this is nested too deeply", location=Location(shown), hint="close the brackets, or put them in quotes"
        ) from error


def _faults(error: ValidationError, shown: str, node: yaml.Node, kind: type[Any]) -> Iterator[Diagnostic]:
    for fault in error.errors():
        path = [part for part in fault["loc"] if isinstance(part, str | int)]
        where = Location(shown, _line(node, path))
        name = ".".join(map(str, path))
        if fault["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            known = _keys(kind, path[:-1])
            near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
            yield Diagnostic("error", f"unknown key {name!r}", where, hint)
        elif fault["type"] in ("missing", "missing_argument"):
            yield Diagnostic("error", f"the key {name!r} is missing", where, f"add `{path[-1]}: …`")
        else:
            yield Diagnostic("error", f"{name}: {fault['msg'].removeprefix('Value error, ')}", where)


def _keys(kind: Any, path: list[str | int]) -> list[str]:
    """The keys that a type has at a path into it."""
    for part in path:
        if isinstance(part, str):
            # A mapping's own keys are not the type's.
            kind = get_type_hints(kind).get(part, kind)
        kind = next((k for k in (kind, *get_args(kind)) if is_dataclass(k) or _is_model(k)), kind)
    return [f.name for f in fields(kind)] if is_dataclass(kind) else list(kind.model_fields)


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _line(node: yaml.Node, path: list[str | int]) -> int:
    """The line of a key, or of what holds it if it is missing."""
    line: int = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def written(data: Mapping[str, object]) -> str:
    """Data as YAML in the order given, each text on one line, so that a comparison of versions shows what changed."""
    text: str = yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=1 << 20)
    return text
