"""Times the writing of a package against a bare genanki loop over the same notes, and of many small packages.

    python benchmarks/writing.py [--notes 50000]

Prints the median seconds of both, which run in turn, and their ratio; then the seconds for the same notes spread over
several decks.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import genanki

from tmscards.anki import apkg, templates
from tmscards.anki.note_types import CARD_NAME, FIELDS
from tmscards.domain import Guid, Note, NoteType
from tmscards.storage import bundled

RUNS = 5


def made(count: int) -> list[Note]:
    """Notes with two cloze deletions each."""
    blank = ("",) * (len(FIELDS) - 1)
    return [
        Note(Guid(f"guid{i}"), (f"The {{{{c1::coil {i}}}}} has a field of {{{{c2::{i} tesla}}}}.", *blank), ("tms",), 1)
        for i in range(count)
    ]


def bare(path: Path, note_type: NoteType, notes: list[Note]) -> None:
    """Write notes as a ten-line script would."""
    model = genanki.Model(
        note_type.id,
        note_type.name,
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": CARD_NAME, "qfmt": note_type.front, "afmt": note_type.back}],
        css=note_type.css,
        model_type=genanki.Model.CLOZE,
    )
    deck = genanki.Deck(apkg.deck_id("Deck"), "Deck")
    for note in notes:
        deck.add_note(genanki.Note(model=model, fields=list(note.fields), tags=list(note.tags), guid=note.guid))
    genanki.Package(deck).write_to_file(path)


def seconds(work: Callable[[], None]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=50_000)
    notes = made(parser.parse_args().notes)
    note_type = templates.read(bundled.folder("templates") / "default").note_type
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = Path(name, "ours.apkg"), Path(name, "theirs.apkg")
        pairs = [
            (
                seconds(lambda: apkg.write(ours, "Deck", note_type, [notes])),
                seconds(lambda: bare(theirs, note_type, notes)),
            )
            for _ in range(RUNS)
        ]
        print(
            f"{len(notes)} notes: tmscards {statistics.median(a for a, _ in pairs):.2f} s, "
            f"genanki {statistics.median(b for _, b in pairs):.2f} s, "
            f"ratio {statistics.median(a / b for a, b in pairs):.2f}"
        )
        for decks in (1, 10, 100, 1000):

            def spread(decks: int = decks) -> None:
                for number in range(decks):
                    apkg.write(ours, f"Deck {number}", note_type, [notes[number::decks]])

            print(f"  over {decks:4} decks: {seconds(spread):.2f} s")


if __name__ == "__main__":
    main()
