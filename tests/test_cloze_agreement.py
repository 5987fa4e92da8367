"""Everything that reads cloze text finds the numbers and answers that the real Anki finds."""

from __future__ import annotations

import html
import random
import re
from pathlib import Path
from typing import Any

import pytest

from tmscards.anki import cloze_pieces, clozes, rendering
from tmscards.deck import records
from tmscards.domain import LAST_CLOZE_NUMBER
from tmscards.errors import UserError

ODD = [
    "no deletion at all",
    "{{c1::plain}}",
    "{{c1::}}",
    "{{c1:: }}",
    "{{c1::<br>}}",
    "{{c0::zero}}",
    "{{c1,3::two numbers}}",
    "{{c3,1,1::two numbers, one twice}}",
    "{{c007::leading zeros}}",
    "{{c499::the last}}",
    "{{c500::one more}}",
    "{{c600::too many}} {{c2::fine}}",
    "{{c70000::no number to Anki}}",
    "{{c1::never closed",
    "{{c1::outer {{c2::inner}} end}}",
    "{{c1::outer {{c1::inner}} end}}",
    "{{c1::a::hint}} and {{c1::a::other hint}}",
    "{{c1::a::}}",
    "{{c1::a::b::c}}",
    "{{c1::outer {{c2::inner::h2}} end::h1}}",
    "{{c1::a}}} and }} and {{ and {{x}}",
    "{{c1::{{c2::{{c3::deep}}}}}}",
    "".join(f"{{{{c{n}::" for n in range(1, 13)) + "x" + "}}" * 12,
    "{{c1::x}}{{c1::y}}{{c1::x}}",
    "{{c1::<b>bold</b> &amp; {{c2::<i>it</i>}}}}",
    "{{c1::std&#58;&#58;vector}} {{c2::a &lt; b}}",
    "{{C1::capital}} {{c1 ::space}} {{ c1::space}}",
    "{{c1::line\nbreak}}",
    "{{c1::\\(x_{1}\\)}}",
    "{{c-1::negative}} {{c1.5::fraction}} {{c１::full width}}",
]
ATOMS = [
    *(
        "{{c1::",
        "{{c2::",
        "{{c3::",
        "{{c0::",
        "{{c1,3::",
        "{{c499::",
        "{{c500::",
        "{{c70000::",
        "{{c::",
        "{{",
        "}}",
        "}",
    ),
    *(
        "::",
        ":",
        "hint",
        "a",
        "vagus nerve",
        " ",
        "<b>",
        "</b>",
        "<br>",
        "&amp;",
        "&#58;",
        "é",
        "\n",
        "image-occlusion:",
    ),
]


def random_texts(count: int) -> list[str]:
    """Texts of braces, colons, markup and words in any order, the same ones each time."""
    rng = random.Random(20)
    return ["".join(rng.choices(ATOMS, k=rng.randint(1, 14))) for _ in range(count)]


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def numbers_in_anki(collection: Any, text: str) -> list[int]:
    note = collection.new_note(collection.models.by_name("Cloze"))
    note["Text"] = text
    return sorted(collection._backend.cloze_numbers_in_note(note._to_backend_note()))


@pytest.mark.parametrize("texts", [ODD, random_texts(2000)], ids=["odd", "random"])
def test_all_agree_with_anki(collection: Any, texts: list[str]) -> None:
    for text in texts:
        expected = numbers_in_anki(collection, text)
        answers = clozes.answers(text)
        assert clozes.numbers(text) == list(answers) == expected, text
        made = sorted({min(number, LAST_CLOZE_NUMBER + 1) for number in expected}) or [1]
        assert rendering.ordinals("{{cloze:Text}}", {"Text": text}) == made, text
        for number, answer in answers.items():
            typed = collection._backend.extract_cloze_for_typing(text=text, ordinal=number)
            told = [clozes.as_html(d.parts) for d in clozes.deletions(clozes.parse(text)) if number in d.numbers]
            assert (told[0] if len(set(told)) == 1 else ", ".join(told)) == typed, text
            assert answer == words(told[0]), text


def as_record(text: str) -> bytes:
    note = {"guid": "g", "kind": "fact", "status": "auto", "text": text, "sentence": "s", "line": 1, "modified": 0}
    import yaml

    return yaml.safe_dump({"source": "a.md", "title": "A", "notes": [{**note, "digest": ""}]}).encode()


@pytest.mark.parametrize("texts", [ODD, random_texts(2000)], ids=["odd", "random"])
def test_what_is_on_record_is_read_alike_by_all(texts: list[str], tmp_path: Path) -> None:
    taken = 0
    for text in texts:
        try:
            [note] = records.one(tmp_path / "a.yaml", as_record(text)).notes
        except UserError as error:
            said = str(error)
        else:
            said = ""
        if said:
            assert list(clozes.faults(text)), text
            assert "a.yaml:" in said
            continue
        taken += 1
        flat = cloze_pieces.flatten(note.text)
        answers = clozes.answers(note.text)
        assert sorted({deletion.number for deletion in flat.deletions}) == list(answers), text
        for number, answer in answers.items():
            first = next(deletion for deletion in flat.deletions if deletion.number == number)
            assert words("".join(flat.pieces[first.start : first.end])) == answer, text
        assert words("".join(flat.pieces)) == clozes.plain(note.text), text
        assert rendering.ordinals("{{cloze:Text}}", {"Text": note.text}) == list(answers), text
    assert taken


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("A {{c0::coil}} of {{c1::wire}}.", "cloze numbers begin at 1"),
        ("A {{c1,3::coil}}.", "has several numbers"),
        ("A {{c500::coil}}.", "cloze numbers end at 499"),
        ("A {{c1::}} of {{c2::wire}}.", "hides nothing"),
        ("A {{c1::<b> </b>}}.", "hides nothing"),
        ("A {{c1::coil.", "is not closed"),
        ("A coil.", "nothing is asked"),
    ],
)
def test_a_record_of_which_anki_would_make_no_card_or_an_empty_one_is_refused_with_its_line(
    text: str, fault: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as error:
        records.one(tmp_path / "a.yaml", as_record(text))
    said = str(error.value)
    assert fault in said
    assert re.search(r"a\.yaml:\d+: ", said)


def test_a_gap_may_be_an_image(tmp_path: Path) -> None:
    assert records.one(tmp_path / "a.yaml", as_record('See {{c1::<img src="a.png">}}.')).notes
