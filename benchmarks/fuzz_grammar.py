"""Writes what strangers write: notes, YAML and mangled texts that are made of hostile atoms by chance."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

from fuzz_atoms import ADDRESSES, CONTROLS, ENTITIES, MATH, NUMBERS, STAMPS, SYNTAX, TRICKS, VERBS, WORDS


class Writer:
    """Writes hostile texts; the same random numbers give the same texts."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def any_of(self, options: Sequence[Any]) -> Any:
        """One of these."""
        return self.rng.choice(options)

    def chance(self, likely: float) -> bool:
        """True with this likelihood."""
        return self.rng.random() < likely

    def atom(self) -> str:
        """A piece of text that some program somewhere stumbles over."""
        kinds: tuple[Sequence[str], ...] = (NUMBERS, CONTROLS, ENTITIES, ADDRESSES, SYNTAX, SYNTAX, MATH)
        text: str = self.any_of(self.any_of(kinds))
        # Most trials are to be quick: the longest atoms are seldom chosen.
        return text if len(text) < 300 or self.chance(0.15) else text[:60]

    def word(self) -> str:
        return str(self.any_of(WORDS)) if self.chance(0.7) else self.atom()

    def stamp(self) -> str:
        """A timestamp in one of the notations, with odd numbers in it."""
        a, b = self.any_of(NUMBERS[:-7]), self.any_of(("30", "05", self.any_of(NUMBERS)))
        form = str(self.any_of(STAMPS)).replace("\\n", "\n")
        return re.sub(r"\b[AB]\b", lambda letter: a if letter[0] == "A" else b, form)

    def math(self) -> str:
        opening, closing = self.any_of((("$", "$"), ("$$", "$$"), (r"\(", r"\)"), (r"\[", r"\]")))
        return f"{opening}{self.any_of(MATH)} {self.any_of((*MATH, 'x'))}{closing}"

    def phrase(self) -> str:
        """A few words in some markup, which may not be closed."""
        words = " ".join(self.word() for _ in range(self.rng.randint(1, 3)))
        pairs = (
            ("==", "=="), ("**", "**"), ("*", "*"), ("`", "`"), ("{{c1::", "}}"), ("{{c2::", "::hint}}"), ("[[", "]]"),
            ("[[a|", "]]"), ("[", f"]({self.any_of(ADDRESSES)})"), ("<b>", "</b>"), ("%%", "%%"), ("<!--", "-->"),
            (f"<{self.any_of(ADDRESSES)}", ">"), ("![", "](x.png)"), ("(", ")"), ("$", "$"), ("", self.stamp()),
            ("<span lang='", "'>x</span>"), (f"{{{{c{self.any_of(NUMBERS)}::", "}}"), ("~~", "~~"), (self.math(), ""),
        )  # fmt: skip
        opening, closing = self.any_of(pairs)
        return f"{opening}{words}{closing if self.chance(0.85) else ''}"

    def sentence(self) -> str:
        """A sentence that could be a card, with hostile pieces in it."""
        subject, object_ = self.phrase(), self.phrase()
        text = f"The {subject} {self.any_of(VERBS)} the ==other {self.any_of(WORDS)}== {object_}"
        if self.chance(0.3):
            text += f" {self.stamp()}"
        return text + str(self.any_of((".", ".", ".", "!", "?", "", "…", ":", f" {self.stamp()}.")))

    def block(self) -> str:
        """A block of Markdown."""
        one, two = self.sentence(), self.sentence()
        forms: tuple[Callable[[], str], ...] = (
            lambda: one,
            lambda: one,
            lambda: f"## {self.phrase()}\n\n{one}",
            lambda: f"- {one}\n  - {two}",
            lambda: f"> [!{self.atom()}] {self.phrase()}\n> {one}",
            lambda: f"| {self.phrase()} | b |\n|---|---|\n| {one} | {two} |",
            lambda: f"<div {self.atom()}>\n{one}\n</div>",
            lambda: f"{self.atom()}{one}{self.atom()}",
            lambda: (
                f"{self.any_of(('```', '~~~', '$$', '%%', '<!--'))}\n{one}\n{self.any_of(('```', '~~~', '$$', ''))}"
            ),
            lambda: f"Q: {one}\nA: {two}",
            lambda: f"{self.phrase()} :: {self.phrase()}",
            lambda: f"[^1]: {one}\n\n{two}[^1]",
            lambda: f"{self.phrase()}\n: {one}",
            lambda: self.atom() * self.rng.randint(2, 60),
            lambda: f"**{self.phrase()}:** {one} ^{self.atom()}",
        )
        return str(self.any_of(forms)())

    def repeated(self) -> str:
        """A piece many times over: 2 kB, seldom 20 kB, more seldom 200 kB."""
        piece = self.any_of((self.atom(), self.phrase(), self.sentence() + " ", "a", " ", self.atom() + self.atom()))
        size = 200_000 if self.chance(0.02) else 20_000 if self.chance(0.08) else 2_000
        return str(piece * (size // max(1, len(piece)) + 1))[:size]

    def value(self, depth: int = 0) -> Any:
        """A value as people, or their enemies, write it in YAML or JSON."""
        kinds: tuple[Callable[[], Any], ...] = (
            self.atom,
            self.atom,
            self.sentence,
            lambda: self.any_of(
                (0, 1, -1, 10**5, 10**20, -(10**20), 1 << 63, 1.5, 1e300, True, False, None, "", [], {})
            ),
            lambda: float(self.any_of(("inf", "-inf", "nan"))),
            lambda: int("9" * self.any_of((20, 400, 4200))),
            lambda: self.any_of(("\ud800", "a\udfff", "\udcff x", "\ud83d\ude00")),
            lambda: [self.value(depth + 1) for _ in range(self.rng.randint(0, 3))] if depth < 3 else [],
            lambda: {self.word(): self.value(depth + 1) for _ in range(self.rng.randint(0, 3))} if depth < 3 else {},
        )
        return self.any_of(kinds)()

    def trick(self, key: str) -> str:
        """Lines of YAML that mean trouble for whoever reads them, for a key."""
        bomb = "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 28))
        lists = "".join(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9)}]\n" for i in range(1, 9))
        long = (
            f"a0: &a0 {{x: 1}}\n{bomb}{key}: *a27",
            f"b0: &b0 [x]\n{lists}{key}: *b8",
            *(f"{key}: {opening * 300}" for opening in ("[", "{a: ", "- ", "? ", "!x ", "&a ")),
        )
        form = str(self.any_of(long if self.chance(0.12) else TRICKS)).replace("\\n", "\n").replace("\\t", "\t")
        return form.replace("KEY", key).replace("NUM", self.any_of(NUMBERS)).replace("ATOM", self.atom())

    def front_matter(self) -> str:
        """The head of a note: YAML or JSON, good or bad."""
        keys = ("title", "tags", "lang", "videoId", "url", "source", "media", "date", "aliases", "link")
        if self.chance(0.25):
            data = {self.any_of(keys): self.value() for _ in range(self.rng.randint(1, 3))}
            text = json.dumps(data, ensure_ascii=self.chance(0.7))
            return text.replace(" ", self.any_of((" ", " ", "\n", "\t"))) + "\n\n"
        lines = []
        for _ in range(self.rng.randint(1, 3)):
            key = self.any_of(keys)
            plain = (
                f"{key}: {self.any_of(WORDS)}",
                f"url: {self.any_of(ADDRESSES)}",
                f"tags: [{self.any_of(WORDS)}, {self.word()}]",
            )
            lines.append(self.any_of(plain) if self.chance(0.5) else self.trick(key))
        end = self.any_of(("\n---\n", "\n---\n", "\n---\n", "\n...\n", "\n", "\n--- \n"))
        return "\n".join(("---", *lines)) + str(end)

    def note(self) -> bytes:
        """A note as bytes."""
        text = self.front_matter() if self.chance(0.4) else ""
        text += "\n\n".join(self.block() for _ in range(self.rng.randint(1, 3)))
        if self.chance(0.06):
            text += "\n\n" + self.repeated()
        if self.chance(0.05):
            text = text.replace("\n", self.any_of(("\r\n", "\r", "\x0b", "\u2028", "\x85", "\n\n\n")))
        return self.encoded(text)

    def encoded(self, text: str) -> bytes:
        """A text as bytes: UTF-8, or not quite."""
        if self.chance(0.02):
            return text.encode("utf-16", "replace")
        raw = (b"\xef\xbb\xbf" if self.chance(0.03) else b"") + text.encode("utf-8", "surrogatepass")
        if self.chance(0.03):
            at = self.rng.randint(0, len(raw))
            raw = (
                raw[:at] + self.any_of((b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\x00", b"\xf4\x90\x80\x80")) + raw[at:]
            )
        return raw

    def mangled(self, text: str, pieces: Sequence[str] = ()) -> str:
        """A text with a few pieces put in, taken out or copied."""
        for _ in range(self.rng.randint(1, 4)):
            at, dice = self.rng.randint(0, len(text)), self.rng.random()
            if dice < 0.6:
                text = text[:at] + (self.any_of(pieces) if pieces and self.chance(0.6) else self.atom()) + text[at:]
            elif dice < 0.8:
                text = text[:at] + text[at + self.rng.randint(1, 25) :]
            else:
                start = self.rng.randint(0, len(text))
                text = text[:at] + text[start : start + self.rng.randint(1, 40)] + text[at:]
        return text
