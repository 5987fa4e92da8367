"""Looks for templates that break tmscards: each mutated one must be refused with a message, or make every card.

    python benchmarks/fuzz_templates.py TEMPLATE_DIR COUNT [SEED]

Stops at the first template that fails, and prints its seed. The real Anki gets every template that is accepted, and
must make and render two cards of a note with two cloze numbers.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from anki.collection import Collection
from anki.consts import MODEL_CLOZE
from anki.decks import DeckId
from anki.models import NotetypeId

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
    """The text with a few pieces inserted, removed or copied."""
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
    """Try `count` mutations of a template, and return how many were used and how many were refused."""
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
                try_cards(collection, templates.read(folder).note_type)
            except UserError:
                continue
            except Exception as error:
                error.add_note(f"seed {number}, this {path.name}:\n{path.read_text(encoding='utf-8')}")
                raise
            used += 1
    return used, count - used


def try_cards(collection: Collection, note_type: NoteType) -> None:
    """Have Anki make a note type, a note and its cards, and render each card."""
    models = collection.models
    model = models.new("mutated")
    model["type"] = MODEL_CLOZE
    for name in FIELDS:
        models.add_field(model, models.new_field(name))
    card = models.new_template("Cloze")
    card["qfmt"], card["afmt"], model["css"] = note_type.front, note_type.back, note_type.css
    models.add_template(model, card)
    added = NotetypeId(models.add(model).id)
    stored = models.get(added)
    assert stored is not None
    note = collection.new_note(stored)
    note["Text"] = "{{c1::Coils}} are {{c2::cold}}."
    collection.add_note(note, DeckId(1))
    cards = note.cards()
    assert [c.ord for c in cards] == [0, 1], "Anki makes every card"
    for made in cards:
        shown = made.render_output()
        assert "{{" not in shown.question_text + shown.answer_text, "all fields are filled in"
        assert 'class="cloze"' in shown.question_text
        assert 'class="cloze"' in shown.answer_text
    models.remove(added)


def main(origin: Path, count: int, seed: int) -> None:
    """Run and print."""
    used, refused = run(origin, count, seed)
    print(f"{count} mutated templates from seed {seed}: {used} used, {refused} refused with a message, none failed")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) == 4 else 0)
