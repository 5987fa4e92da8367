"""Load YAML that may come from strangers: no value, alias or nesting in it costs more than its length, or a traceback.

PyYAML raises whatever Python does for `!!int ""` or a date in a 13th month, and a few aliases can stand for more values
than memory holds (`<<: [*a, *a]`, again and again).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

_C_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_NESTED = 1_000
_LONGEST_NUMBER = 100
_MAY_REPEAT = 10_000
"""How much aliases may add to a text, in characters, besides twice its length."""


def load(text: str) -> tuple[yaml.Node | None, Any]:
    """The one document in a text, as PyYAML's node, which knows its lines, and as data; None for both if it is empty.

    Raises yaml.YAMLError, mostly with the line, if it cannot be read, and RecursionError if it is nested too deeply.
    """
    with _composed(text) as (loader, node):
        return node, None if node is None else loader.construct_document(node)


def nodes(text: str) -> yaml.Node | None:
    """The one document in a text as PyYAML's node, in which values are still texts; None if it is empty.

    Raises what `load` raises, but for values that are no number or date after all.
    """
    with _composed(text) as (_, node):
        return node


@contextmanager
def _composed(text: str) -> Iterator[tuple[Any, yaml.Node | None]]:
    _check_depth(text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is not None and "*" in text and "&" in text:
            _check_aliases(node)
        yield loader, node
    finally:
        loader.dispose()


def problem(error: yaml.YAMLError, text: str) -> tuple[str, int | None]:
    """What is wrong with a text that could not be loaded, and on which line, counted from 1; None if nobody knows."""
    mark, position = getattr(error, "problem_mark", None), getattr(error, "position", None)
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    if mark:
        return what, mark.line + 1
    return what, text.count("\n", 0, position) + 1 if isinstance(position, int) else None


def _check_depth(text: str) -> None:
    """Raise RecursionError if a document is nested too deeply, and YAMLError if it cannot be parsed.

    PyYAML calls itself for each level, and its C part crashes the process if the stack overflows; its parser does not.
    """
    if text.count("[") + text.count("{") < _MOST_NESTED and not re.search(r"(?:[-?:][ \t]+){20}", text):
        return
    depth = 0
    for event in yaml.parse(text, Loader=_C_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MOST_NESTED:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Values:
    """Makes a YAMLError with the line of whatever goes wrong with a value."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            if node.tag.endswith((":int", ":float")) and len(node.value) > _LONGEST_NUMBER:
                raise ValueError("this number is too long")
            return super().construct_object(node, deep)  # type: ignore[misc]
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            reason = str(error) if isinstance(error, ValueError) else f"this is no {node.tag.rpartition(':')[2]}"
            raise yaml.constructor.ConstructorError(None, None, reason, node.start_mark) from error


class _Loader(_Values, _C_LOADER):  # type: ignore[misc]
    pass


def _check_aliases(root: yaml.Node) -> None:
    """Raise ComposerError if a document with its aliases written out is much longer than it is, or endless."""
    sizes: dict[int, int] = {}
    own = 0
    under_way: list[yaml.Node] = [root]
    opened: set[int] = set()
    while under_way:
        node = under_way[-1]
        parts = _parts(node)
        if id(node) not in opened and id(node) not in sizes:
            opened.add(id(node))
            for part in parts:
                if id(part) in opened:
                    raise yaml.composer.ComposerError(None, None, "this contains itself", part.start_mark)
            under_way += [part for part in parts if id(part) not in sizes]
            continue
        under_way.pop()
        if id(node) not in sizes:
            opened.discard(id(node))
            length = 1 + (len(node.value) if isinstance(node, yaml.ScalarNode) else 0)
            own += length
            sizes[id(node)] = length + sum(sizes[id(part)] for part in parts)
            if sizes[id(node)] > 2 * own + _MAY_REPEAT:
                raise yaml.composer.ComposerError(
                    None, None, "its aliases (`*`) repeat more than they may", node.start_mark
                )


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
