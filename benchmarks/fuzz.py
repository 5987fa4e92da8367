"""Owns the hunt for notes that break tmscards: real notes are mutated, and each is to be built or refused.

Run it as `python benchmarks/fuzz.py FOLDER COUNT [SEED]`. It stops at the first note that fails, and prints its seed.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tmscards.anki import clozes
from tmscards.deck import selection
from tmscards.deck.matching import match
from tmscards.deck.recipes import Limits
from tmscards.deck.reconciliation import reconcile
from tmscards.domain import Candidate, SourceRecords
from tmscards.errors import UserError
from tmscards.language import extraction
from tmscards.notes import sources

if TYPE_CHECKING:
    from tmscards.language.extraction import Engine

LONGEST = 6000
"""Characters of a note that are kept, so that many notes can be tried."""

# What markup begins and ends with, and characters that programs trip over.
FRAGMENTS = (
    *'[[ | ]] [00:12] (00:12:30) <a class="yt-timestamp" data-t=" "> </a> {{c1:: }} :: $ $$ ` ``` ~~~ %% == **'.split(),
    *"_ --- > [!note] # - ^id [^1] #tag <br> <script> &lt; \\( \\) ( ) { } 10:10 1:1000 é 😀 \x00".split(),
    *("\n", "\n\n", "\t", "\r\n", "    ", "\u202e", "\u2028", "\ufeff", "- [ ] ", "---\n"),
    "\n| a | b |\n|---|---|\n| c | d |\n",
)


def mutate(text: str, rng: random.Random) -> str:
    """The text with a few pieces put in, taken out or moved."""
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
    """Make one source's notes and check what must hold of them; False if the source is refused with a message."""
    try:
        source = sources.read(path, path.parent)
    except UserError:
        return False
    lines = source.body.count("\n") + 1
    candidates = []
    for result in extraction.explain(engine, source, "full"):
        assert 1 <= result.line <= lines
        assert all(result.text[gap.start : gap.end] == gap.text for gap in result.gaps)
        candidates.append(Candidate(source, result, selection.gaps(result, Limits(), "full")))
    first = rebuilt(candidates, {}, now=1_700_000_000)
    assert rebuilt(candidates, first, now=1_700_000_001) == first, "a build of the same changes nothing"
    for note in (note for file in first.values() for note in file.notes):
        prose = re.sub(r"\\\(.*?\\\)", "", note.text)
        assert not re.search(r"\[\[|data-t=|[\ue000-\ue002]", prose), source.path
        assert clozes.answers(note.text), source.path
    guids = [note.guid for file in first.values() for note in file.notes]
    assert len(guids) == len(set(guids))
    return True


def rebuilt(candidates: list[Candidate], on_record: dict[str, SourceRecords], now: int) -> dict[str, SourceRecords]:
    """The records that a build makes of sentences and earlier records."""
    matching = match(candidates, on_record)
    return reconcile("Deck", candidates, matching, on_record, most=2, chosen_anew=False, now=now)


def run(engine: Engine, folder: Path, count: int, seed: int) -> tuple[int, int]:
    """Try so many mutated notes; how many were built and how many refused."""
    originals = sources.find(folder)
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
                error.add_note(f"seed {i}, the note being:\n{text}")
                raise
    return built, count - built


def main(folder: Path, count: int, seed: int) -> None:
    """Run and print."""
    from tmscards.language.extraction import load

    built, refused = run(load(), folder, count, seed)
    print(f"{count} mutated notes from seed {seed}: {built} built, {refused} refused with a message, none failed")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) == 4 else 0)
