"""Edits YAML files and templates by chance, as people do by hand, or badly, or with bad intent."""

from __future__ import annotations

import json
from typing import Any

import yaml

from fuzz_atoms import ADDRESSES, CONTROLS, NUMBERS, OF_PAGE, OF_STYLE
from fuzz_grammar import Writer

_SELDOM = (
    ("see_also", ["a"]),
    ("own_tags", ["a"]),
    ("block", "a"),
    ("dropped", {1: "a"}),
    ("was", "edited"),
    ("orphaned_by", "author"),
    ("approximate", True),
    ("status", "rejected"),
    ("status", "orphan"),
)
"""What few notes on record have."""


class Editor(Writer):
    """Edits files; the same random numbers make the same edits."""

    def edited(self, text: str, part: str = "") -> bytes:
        """A YAML file as somebody edits it by hand, or badly: at its top, or in what is under the key `part`."""
        data = yaml.safe_load(text)
        inner = data.get(part) if self.chance(0.8) else None
        owner = self.any_of(inner) if isinstance(inner, list) else inner or data
        key = self.any_of(list(owner))
        if self.chance(0.2):
            lines = text.splitlines()
            at = self.any_of([number for number, line in enumerate(lines) if f"{key}:" in line])
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip(" -"))]
            tricky = self.trick(key).replace("\n", "\n" + " " * len(indent))
            lines[at : at + self.any_of((0, 1, 1, 1))] = [indent + tricky]
            return self.encoded("\n".join(lines) + "\n")
        if self.chance(0.07):
            return self.encoded(self.mangled(text))
        if self.chance(0.04):
            del owner[key]
        else:
            owner[key if self.chance(0.95) else self.word()] = self._odd(key, owner[key])
        if part == "notes" and self.chance(0.3):
            key, value = self.any_of(_SELDOM if owner is not data else (("lang", "en"),))
            owner[key] = self._odd(key, value)
        return self._dumped(data)

    def _odd(self, key: str, value: Any) -> Any:
        """An odd value for a key: mostly of its own kind."""
        if key in ("kind", "status", "was", "orphaned_by") and self.chance(0.85):
            return self.any_of(("definition", "fact", "auto", "approved", "edited", "rejected", "orphan", "recipe"))
        if key in ("text", "sentence") and self.chance(0.8):
            number = self.any_of((*NUMBERS, "1,2", *["1"] * 30))
            inside = self.any_of(
                (self.atom(), self.phrase(), '<img src="x" onerror="x">', "<a href='javascript:x'>y</a>")
            )
            return self.any_of(
                (f"The {{{{c{number}::{inside}}}}} rests.", f"{{{{c1::a}}}} {inside}", f"{{{{c1::{inside}", inside)
            )
        if isinstance(value, int) and self.chance(0.85):
            return self.any_of((-1, 0, -(10**20), 10**20, 1 << 31, 1 << 63, 2**53 + 1, 4102444800, 1.5, "1", True))
        if isinstance(value, list) and self.chance(0.9):
            return [
                self.any_of(("a b", "", self.atom(), self.atom(), '"', "a::b")) for _ in range(self.any_of((1, 1, 2)))
            ]
        if isinstance(value, str) and self.chance(0.9):
            markup = (
                'x"><script>x</script>',
                '<img src=x onerror="x">',
                "",
                " ",
                "javascript:x",
                self.any_of(ADDRESSES),
                self.any_of(CONTROLS),
            )
            return self.any_of((*markup, value + self.any_of(CONTROLS), value + self.atom(), self.atom()))
        return self.value()

    def _dumped(self, data: object) -> bytes:
        """Data as a YAML file; a text that YAML cannot hold is written as JSON, which is YAML too."""
        text = json.dumps(data, ensure_ascii=self.chance(0.7), default=str)
        if self.chance(0.7):
            try:
                text = yaml.safe_dump(data, allow_unicode=self.chance(0.7), sort_keys=False, width=1 << 20)
                text.encode()
            except (ValueError, UnicodeError, yaml.YAMLError):
                text = json.dumps(data, default=str)
        return self.encoded(text)

    def bad_file(self, file: str, text: str) -> str:
        """A file of a template with something bad in it."""
        if file.endswith(".yaml"):
            return self.edited(text, self.any_of(("options", ""))).decode("utf-8", "replace")
        return self.mangled(text, OF_STYLE if file.endswith(".css") else OF_PAGE)
