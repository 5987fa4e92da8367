"""Looks for notes that break tmscards: mutates real notes, and checks that each is built, or refused with a message.

    python benchmarks/fuzz_notes.py NOTES_DIR COUNT [SEED]

Stops at the first note that fails, and prints its seed.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from pathlib import Path

from tmscards.anki import clozes
from tmscards.build import drafting
from tmscards.deck.matching import match
from tmscards.deck.recipes import Recipe
from tmscards.deck.reconciliation import Rules, reconcile
from tmscards.domain import Candidate, SourcePath, SourceRecords
from tmscards.errors import UserError
from tmscards.language import extraction
from tmscards.language.extraction import Engine
from tmscards.notes import sources, vault

Files = dict[SourcePath, SourceRecords]

RECIPE = Recipe(deck="Deck", density="full")
LONGEST = 6000
"""Characters kept of each note, so that many notes can be tried."""

# What markup begins and ends with, and characters that programs stumble over.
FRAGMENTS = (
    *'[[ | ]] [00:12] (00:12:30) <a class="yt-timestamp" data-t=" "> </a> {{c1:: }} :: $ $$ ` ``` ~~~ %% == **'.split(),
    *"_ --- > [!note] # - ^id [^1] #tag <br> <script> &lt; \\( \\) ( ) { } 10:10 1:1000 é 😀 \x00".split(),
    *("\n", "\n\n", "\t", "\r\n", "    ", "\u202e", "\u2028", "\ufeff", "- [ ] ", "---\n"),
    "\n| a | b |\n|---|---|\n| c | d |\n",
)


def mutate(text: str, rng: random.Random) -> str:
    """The text with a few pieces inserted, removed or copied."""
    text = text[:LONGEST]
    for _ in range(rng.randint(1, 25)):
        at, choice = rng.randint(0, len(text)), rng.random()
        if choice < 0.5:
            text = text[:at] + rng.choice(FRAGMENTS) + text[at:]
        elif choice < 0.75:
            text = text[:at] + text[at + rng.randint(1, 60) :]
        else:
            start = rng.randint(0, len(text))
            text = text[:at] + text[start : start + rng.randint(1, 80)] + text[at:]
    return text


def try_note(engine: Engine, path: Path) -> bool:
    """Make one source's notes and check what must be true of them; False if the source is refused with a message."""
    try:
        source = sources.read(path, path.parent)
    except UserError:
        return False
    lines = source.body.count("\n") + 1
    extract = extraction.extract(engine, source)
    for result in extract.results:
        assert 1 <= result.line <= lines
        assert all(gap.is_lead or result.text[gap.start : gap.end] == gap.text for gap in result.gaps)
    candidates = list(drafting.candidates(RECIPE, source, extract))
    first = rebuilt(candidates, {}, now=1_700_000_000)
    assert rebuilt(candidates, first, now=1_700_000_001) == first, "building the same again changes nothing"
    for note in (note for file in first.values() for note in file.notes):
        prose = re.sub(r"\\\(.*?\\\)", "", note.text)
        assert not re.search(r"\[\[|data-t=|[\ufdd0-\ufdd2]", prose), source.path
        assert clozes.answers(note.text), source.path
    guids = [note.guid for file in first.values() for note in file.notes]
    assert len(guids) == len(set(guids))
    return True


def rebuilt(candidates: list[Candidate], on_record: Files, now: int) -> Files:
    """The records that a build makes of candidates and earlier records."""
    rules = Rules(RECIPE.deck, RECIPE.limits.cards_per_note, chosen_anew=False, now=now)
    return reconcile(candidates, match(candidates, on_record), on_record, rules)


def run(engine: Engine, folder: Path, count: int, seed: int) -> tuple[int, int]:
    """Try `count` mutated notes, and return how many were built and how many were refused."""
    originals = vault.find(folder)
    built = 0
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "mutated.md")
        for i in range(seed, seed + count):
            rng = random.Random(i)
            text = mutate(rng.choice(originals).read_text(encoding="utf-8", errors="replace"), rng)
            path.write_text(text, encoding="utf-8", errors="replace", newline="")
            try:
                built += try_note(engine, path)
            except Exception as error:
                error.add_note(f"seed {i}, this note:\n{text}")
                raise
    return built, count - built


def main(folder: Path, count: int, seed: int) -> None:
    """Run and print."""
    built, refused = run(extraction.load(), folder, count, seed)
    print(f"{count} mutated notes from seed {seed}: {built} built, {refused} refused with a message, none failed")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) == 4 else 0)
