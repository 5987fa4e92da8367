"""Read YAML files that people edit: check them against a type, and report every fault with its line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from tmscards.domain import Diagnostic, Location
from tmscards.errors import UserError
from tmscards.storage import files, yaml_loading

# PyYAML's C parser is eight times as fast; it is missing where PyYAML was built without libyaml.
Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LARGEST = 5_000_000
"""Bytes of a file that people write."""
_MOST_FAULTS = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wording:
    """How messages refer to one kind of file."""

    name: str
    """What messages call it, such as "this recipe"."""
    example: str
    """A line to begin such a file with."""
    quotes: str
    """What in such a file often needs quotes."""


Check = Callable[[Any], Iterable[tuple[list[str | int], str]]]
"""Finds faults that a type cannot express: for each, the keys that lead to it, the outermost first, and what it is."""


def read(
    path: Path,
    kind: type[T],
    wording: Wording,
    *,
    check: Check = lambda _: (),
    raw: bytes | None = None,
) -> T:
    """Read a file as a pydantic model or a dataclass that refuses unknown keys; `raw` are its bytes if already read.

    Raises UserError with every fault and its line; for an unknown key, it suggests the most similar known one.
    """
    shown = str(path)
    try:
        text = (files.read(path, _LARGEST) if raw is None else raw).decode("utf-8-sig")
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
        return yaml_loading.load(text)
    except yaml.YAMLError as error:
        problem, line = yaml_loading.problem(error, text)
        is_value = isinstance(error, yaml.constructor.ConstructorError)
        raise UserError(
            f"this is not valid YAML: {problem}",
            location=Location(shown, line),
            hint="put dates and times in quotes" if is_value else quotes,
        ) from error
    except RecursionError as error:
        raise UserError(
            "this is nested too deeply", location=Location(shown), hint="close the brackets, or put them in quotes"
        ) from error


def _faults(error: ValidationError, shown: str, node: yaml.Node, kind: type[Any]) -> Iterator[Diagnostic]:
    found = error.errors(include_url=False, include_input=False)
    for fault in found[:_MOST_FAULTS]:
        path = [part for part in fault["loc"] if isinstance(part, str | int)]
        where = Location(shown, _line(node, path))
        name = ".".join(map(str, path))[:100]
        if fault["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            known = _keys(kind, path[:-1])
            near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
            yield Diagnostic("error", f"unknown key {name!r}", where, hint)
        elif fault["type"] in ("missing", "missing_argument"):
            yield Diagnostic("error", f"the key {name!r} is missing", where, f"add `{path[-1]}: …`")
        else:
            yield Diagnostic("error", f"{name}: {fault['msg'].removeprefix('Value error, ')}", where)
    if len(found) > _MOST_FAULTS:
        yield Diagnostic("error", f"{len(found) - _MOST_FAULTS} more faults of this kind", Location(shown))


def _keys(kind: Any, path: list[str | int]) -> list[str]:
    """The keys that a type knows at the place that a path of keys leads to."""
    for part in path:
        if isinstance(part, str):
            # The keys of a mapping are data and not part of the type.
            kind = get_type_hints(kind).get(part, kind)
        kind = next((k for k in (kind, *get_args(kind)) if is_dataclass(k) or _is_model(k)), kind)
    return [f.name for f in fields(kind)] if is_dataclass(kind) else list(kind.model_fields)


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _line(node: yaml.Node, path: list[str | int]) -> int:
    """The line of the key that a path leads to, or if it is missing, of what should hold it; counted from 1."""
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
    """Data as YAML in the given order, each text on one line, so that a diff of two versions shows what has changed."""
    text: str = yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=1 << 20)
    return text
