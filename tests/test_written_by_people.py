"""Notes as people and their apps write them: what a card of each line shows, and what it asks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tmscards.build import drafting
from tmscards.deck import reconciliation
from tmscards.deck.recipes import Recipe
from tmscards.domain import Guid, SentenceResult
from tmscards.language import extraction
from tmscards.notes import sources

RECIPE = Recipe(deck="Deck", density="full")


def results(engine: Any, note: str) -> list[SentenceResult]:
    return list(extraction.extract(engine, sources.parse(note.encode(), Path("n.md"), Path())).results)


def cards(engine: Any, note: str) -> list[str]:
    """The Text fields of the notes that a deck would get."""
    source = sources.parse(note.encode(), Path("n.md"), Path())
    made = []
    for candidate in drafting.candidates(RECIPE, source, extraction.extract(engine, source)):
        if candidate.reason is None:
            record = reconciliation.record(candidate, Guid("guid"), None, RECIPE.limits.cards_per_note)
            made.append(record.text if record else "")
    return made


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("The word ==bio==logy is about life.", ["The word {{c1::bio}}logy is about life."]),
        ("日本の首都は==東京==です。", ["日本の首都は{{c1::東京}}です。"]),
        ("The largest bone is the {{cloze femur}}.", ["The largest bone is the {{c1::femur}}."]),
        ("The {{c2 femur}} is a bone.", ["The {{c2::femur}} is a bone."]),
        ("The ^^femur^^ is a bone.", ["The {{c1::femur}} is a bone."]),
        (
            "The {{c1::capital of {{c2::Italy}}}} is Rome.",
            ["The {{c1::capital of {{c2::Italy}}}} is Rome."],
        ),
        ("A right to {{c2::{{c1::rest}}}} for all.", ["A right to {{c2::{{c1::rest}}}} for all."]),
        ("He said {{c1::Go. Now. Quick}} to us.", ["He said {{c1::Go. Now. Quick}} to us."]),
        ("It has {{c1::two rooms,<br>one above}} in all.", ["It has {{c1::two rooms, one above}} in all."]),
        ("The area is $A = {{c1::\\pi r^2}}$ here.", ["The area is \\(A = {{c1::\\pi r^2}}\\) here."]),
        (
            "The sum is $s = {{c1::\\frac{a}{\\sqrt{b}} }}$.",
            ["The sum is \\(s = {{c1::\\frac{a}{\\sqrt{b&#125;&#125;}}\\)."],
        ),
        ("The command `git {{c1::rebase}}` replays.", ["The command git {{c1::rebase}} replays."]),
        ("{{c1::Cones}} see colour, ==rods== light.", ["{{c1::Cones}} see colour, {{c2::rods}} light."]),
        ("## The {{c1::pons}} links halves", ["The {{c1::pons}} links halves"]),
        ("> [!note] The {{c1::pons}} links halves", ["The {{c1::pons}} links halves"]),
        ("- [ ] The ==pons== links halves", ["The {{c1::pons}} links halves"]),
        ("- [!] The ==pons== links halves", ["The {{c1::pons}} links halves"]),
        ("What does the {{c1::pons}} do?", ["What does the {{c1::pons}} do?"]),
        ("<div>The <mark>pons</mark> links halves.</div>", ["The {{c1::pons}} links halves."]),
        ("The eye sees.[^1]\n\n[^1]: The {{c1::disc}} is blind.", ["The {{c1::disc}} is blind."]),
        ("The bone is ==long==. #bone/leg #日本", ["The bone is {{c1::long}}."]),
        ("The #bone is ==long==.", ["The bone is {{c1::long}}."]),
        ("The {{c1::disc::use $r$}} is blind.", ["The {{c1::disc::use r}} is blind."]),
        ("The dose was ==low== [source:: Smith 2020].", ["The dose was {{c1::low}}."]),
        ("Of braces {{nobody}} knows the ==words== stay.", ["Of braces nobody knows the {{c1::words}} stay."]),
        ("- ## Bones\n  collapsed:: true\n\t- The ==femur== is long.\n", ["The {{c1::femur}} is long."]),
        ("- ```python\n  x = 1\n\n  y\n  ```\n- The ==femur== is long.\n", ["The {{c1::femur}} is long."]),
        ("``` any ```\n\nThe ==femur== is long.\n", ["The {{c1::femur}} is long."]),
    ],
)
def test_what_its_author_marks_is_asked_wherever_it_stands(engine: Any, note: str, expected: list[str]) -> None:
    assert cards(engine, note) == expected


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (
            "- Mitochondria – powerhouse of the cell, makes ATP",
            "{{c1::Mitochondria}} – powerhouse",
        ),
        ("- **Ribosome**: site of protein synthesis", "{{c1::Ribosome}}: site of"),
        ("- Lysosome = sac of hydrolytic enzymes", "{{c1::Lysosome}} = sac of"),
        ("- _Peroxisome_ - breaks down fatty acids", "{{c1::Peroxisome}} - breaks"),
        ("- **Nucleolus** -> where RNA is made", "{{c1::Nucleolus}} -&gt; where"),
        ("- apoptosis (n): programmed cell death", "{{c1::apoptosis}} (n): programmed"),
        ("Osmosis:: the flow of water through a membrane", "{{c1::Osmosis}}: the flow"),
        ("细胞分裂:: 一个细胞变成两个", "{{c1::细胞分裂}}: 一个细胞变成两个"),
        ("What is cold?::The coil", "What is cold? {{c1::The coil}}"),
        ("Capital of Italy:::Rome", "{{c1::Capital of Italy}}: {{c2::Rome}}"),
        ("Q: What is cold?\nA: The coil.", "What is cold? {{c1::The coil}}."),
        ("Which wire is thin?\n?\nthe wire", "Which wire is thin? {{c1::the wire}}"),
        ("Which wire is thin?\n??\nthe wire", "{{c1::Which wire is thin?}} {{c2::the wire}}"),
        ("| Q | A |\n|---|---|\n| What is cold? | The coil |", "What is cold? {{c1::The coil}}"),
        (
            "| Organelle | Function | Walls |\n|---|---|---|\n| Mitochondrion | makes ATP | two |",
            "{{c1::Mitochondrion}} · Function: ",
        ),
        ("| Nucleus | stores DNA |\n| Vacuole | stores water |", "{{c1::Nucleus}}: "),
        ("Cytosol\n: the fluid part of the cytoplasm", "{{c1::Cytosol}}: the"),
    ],
)
def test_each_form_asks_what_it_is_about(engine: Any, note: str, expected: str) -> None:
    assert cards(engine, note)[0].startswith(expected)


def test_a_fragment_is_shown_with_what_stands_above_it(engine: Any) -> None:
    note = "## Organelles\n\n- Golgi apparatus\n    - sorts and packages proteins of the cell\n- parts of a plant:\n  - roots in soil\n"
    found = {result.text: result for result in results(engine, note)}
    assert [edit.text for edit in found["sorts and packages proteins of the cell"].edits] == ["Golgi apparatus: "]
    assert found["roots in soil"].lead == ("parts of a plant",)
    full = results(engine, "## Heat\n\n- Copper\n    - It is the metal that most coils are made of.\n")
    assert full[-1].above[-1] == "Copper"
    steps = results(engine, "## Steps of mitosis\n\n1. Condense the chromosomes\n2. Line them up\n")
    assert [edit.text for edit in steps[2].edits] == ["Steps of mitosis, step 2 of 2: "]


def test_each_line_is_a_statement_and_metadata_is_none(engine: Any) -> None:
    note = "Created Tuesday 01 March 2016\n\nOutputs depend on inputs\nHas memory (short)\npg 78: A latch is level sensitive\n"
    assert [result.text for result in results(engine, note)] == [
        "Outputs depend on inputs",
        "Has memory (short)",
        "A latch is level sensitive",
    ]


@pytest.mark.parametrize(
    "note",
    [
        "The part in ![[heart.png|300]] is the {{c1::aorta}} of the heart.",
        "The largest artery is {{c1::![[aorta.png]]}} in humans.",
        "![Heart](heart.png) The {{c1::valve}} is shown here.",
        'The form (<img src="x.png">) has a ==square== in it.',
        "The ==valve== (e.g. of the heart opens once a second.",
    ],
)
def test_what_needs_its_picture_makes_no_card(engine: Any, note: str) -> None:
    made = cards(engine, note)
    assert made == [] or ("![" not in note and "<img" not in note)


def test_nothing_above_a_card_is_a_stand_in_or_a_row(engine: Any) -> None:
    note = (
        "The rest energy $E = mc^2$ of the body is large.\n\nIt is released in a reaction of the nuclei.\n\n"
        "| a | b |\n|---|---|\n| one | two |\n\nIt was measured in this way.\n"
    )
    found = results(engine, note)
    assert not any(re.search(r"x{4,}|[\ufdd0-\ufdd2]", text) for each in found for text in (each.before, each.text))
    assert all("one" not in each.before for each in found)
