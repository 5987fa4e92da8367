"""Front matter: the YAML or JSON at the head of a note."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from tmscards.domain import Location
from tmscards.errors import UserError
from tmscards.storage import yaml_loading
from tmscards.text import printable

_YAML = re.compile(r"---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.S)
_JSON = re.compile(r"\{\s*(?:\"|\})")

# Numbers stay as they are written: Python refuses to convert those of thousands of digits.
_JSON_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def split(text: str, shown: str) -> tuple[dict[str, Any], str]:
    """The front matter of a note as a mapping, and the text with each line of front matter replaced by an empty line.

    Without front matter, the mapping is empty and the text is unchanged. `shown` is the file's path for messages.
    Raises UserError with file and line if the front matter cannot be read.
    """
    front = _YAML.match(text)
    if front:
        data, end = _yaml(front[1], shown), front.end()
    elif _JSON.match(text):
        data, end = _json(text, shown)
    else:
        return {}, text
    if not isinstance(data, dict):
        if front and isinstance(data, str):
            # This is not front matter, but prose between two thematic breaks (`---`).
            return {}, text
        raise UserError(
            "the front matter is not a list of keys and values", location=Location(shown, 1), hint="write `title: …`"
        )
    readable = {key: _readable(value) for key, value in data.items() if isinstance(key, str)}
    return readable, "\n" * text.count("\n", 0, end) + text[end:]


def _readable(value: object) -> object:
    """A value without the control characters that escape sequences can put into its text or its list of texts."""
    if isinstance(value, list):
        return [printable(each) if isinstance(each, str) else each for each in value]
    return printable(value) if isinstance(value, str) else value


def _yaml(front: str, shown: str) -> object:
    try:
        return yaml_loading.load(front)[1] or {}
    except yaml.YAMLError as error:
        problem, line = yaml_loading.problem(error, front)
        is_value = isinstance(error, yaml.constructor.ConstructorError | yaml.composer.ComposerError)
        raise UserError(
            f"the front matter is not valid YAML: {problem}",
            location=Location(shown, (line or 0) + 1),
            hint="correct it, or leave it out" if is_value else 'put values with a colon or bracket in "quotes"',
        ) from error
    except RecursionError as error:
        raise _nested(shown) from error


def _json(text: str, shown: str) -> tuple[object, int]:
    try:
        data, end = _JSON_DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        raise UserError(
            f"the front matter is not valid JSON: {error.msg}",
            location=Location(shown, error.lineno),
            hint="check commas and quotes there",
        ) from error
    except RecursionError as error:
        raise _nested(shown) from error
    return data, end


def _nested(shown: str) -> UserError:
    return UserError(
        "the front matter is nested too deeply", location=Location(shown, 1), hint="use keys and plain values only"
    )
