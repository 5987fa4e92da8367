"""Owns the hunt for templates that break tmscards: each mutated one is refused with a message, or makes every card.

Run it as `python benchmarks/fuzz_templates.py FOLDER COUNT [SEED]`. It stops at the first that fails, and prints its
seed. A template that is accepted is given to the real Anki, which has to make two cards of a note with two cloze
numbers, and render them.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from anki.collection import Collection

from tmscards.anki import templates
from tmscards.anki.note_types import FIELDS
from tmscards.domain import NoteType
from tmscards.errors import UserError

FRAGMENTS = (
    *"{{ }} {{cloze:Text}} {{Text}} {{#URL}} {{/URL}} {{^Extra}} {{/Extra}} {{c1}} {{FrontSide}}".split(),
    *"{{cloze: # / ^ : <!-- --> <div> </div> <script> [[accent]] [[ ]] { } ; /* */".split(),
    *"@media url( ) ' \" \\ \x00 é".split(),
    *("\n", "  ", "- ", ": ", "id: 7\n", "{{type:cloze:Text}}", "{{hint:Extra}}", "options:\n", "src='x.png'"),
)


def mutate(text: str, rng: random.Random) -> str:
    """The text with a few pieces put in, taken out or moved."""
    for _ in range(rng.randint(1, 4)):
        at, choice = rng.randint(0, len(text)), rng.random()
        if choice < 0.5:
            text = text[:at] + rng.choice(FRAGMENTS) + text[at:]
        elif choice < 0.8:
            text = text[:at] + text[at + rng.randint(1, 25) :]
        else:
            start = rng.randint(0, len(text))
            text = text[:at] + text[start : start + rng.randint(1, 40)] + text[at:]
    return text


def run(origin: Path, count: int, seed: int) -> tuple[int, int]:
    """Try so many mutations of a template; how many were used and how many refused."""
    used = 0
    with tempfile.TemporaryDirectory() as scratch, closing(Collection(str(Path(scratch, "c.anki2")))) as collection:
        folder = Path(scratch, "mutated")
        for number in range(seed, seed + count):
            rng = random.Random(number)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(origin, folder)
            path = folder / rng.choice(["front.html", "back.html", "style.css", "template.yaml"])
            path.write_text(mutate(path.read_text(encoding="utf-8"), rng), encoding="utf-8", newline="")
            try:
                note_type = templates.read(folder).note_type
            except UserError:
                continue
            except Exception as error:
                error.add_note(f"seed {number}, {path.name} being:\n{path.read_text(encoding='utf-8')}")
                raise
            try:
                try_cards(collection, note_type)
            except Exception as error:
                error.add_note(f"seed {number}, {path.name} being:\n{path.read_text(encoding='utf-8')}")
                raise
            used += 1
    return used, count - used


def try_cards(collection: Any, note_type: NoteType) -> None:
    """Let Anki make a note type, a note and its cards, and render each."""
    model = collection.models.new("mutated")
    model["type"] = 1
    for name in FIELDS:
        collection.models.add_field(model, collection.models.new_field(name))
    card = collection.models.new_template("Cloze")
    card["qfmt"], card["afmt"], model["css"] = note_type.front, note_type.back, note_type.css
    collection.models.add_template(model, card)
    collection.models.add(model)
    model = collection.models.by_name("mutated")
    note = collection.new_note(model)
    note["Text"] = "{{c1::Coils}} are {{c2::cold}}."
    collection.add_note(note, 1)
    cards = note.cards()
    assert [c.ord for c in cards] == [0, 1], "Anki makes every card"
    for made in cards:
        shown = made.render_output()
        assert "{{" not in shown.question_text + shown.answer_text, "all fields are filled in"
        assert 'class="cloze"' in shown.question_text
        assert 'class="cloze"' in shown.answer_text
    collection.models.remove(model["id"])


def main(origin: Path, count: int, seed: int) -> None:
    """Run and print."""
    used, refused = run(origin, count, seed)
    print(f"{count} mutated templates from seed {seed}: {used} used, {refused} refused with a message, none failed")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) == 4 else 0)
