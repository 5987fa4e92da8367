"""The built package in the real Anki: what a learner gets, and what a rebuild does to it."""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ROOT, import_deck
from tmscards.anki import apkg, clozes, note_types, templates
from tmscards.domain import Gap, Guid, Note, NoteType, Part
from tmscards.errors import UserError
from tmscards.notes import clock

Run = Callable[..., Any]


def notes_of(collection: Any) -> list[Any]:
    return [collection.get_note(i) for i in collection.find_notes("")]


def test_it_imports_without_conflicts_and_every_card_renders(collection: Any, deck: Path) -> None:
    log = import_deck(collection, deck)
    assert len(log.new) == log.found_notes > 10
    assert not log.conflicting
    assert not log.updated
    # The numbers that Anki itself finds in each text are 1 to n, and there is a card for each.
    expected = 0
    for note in notes_of(collection):
        numbers = sorted(collection._backend.cloze_numbers_in_note(note._to_backend_note()))
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) in (1, 2, 3)
        expected += len(numbers)
    assert collection.card_count() == expected
    for card_id in collection.find_cards(""):
        card = collection.get_card(card_id)
        question, answer = card.question(), card.answer()
        assert re.search(r'data-ordinal="\d">\[(?:\.\.\.|how long|how many|how much|how often|year)\]</span>', question)
        assert "[...]" not in answer
        assert 'class="cloze"' in answer
        assert "{{" not in question + answer
        link = re.search(r'href="https://www\.youtube\.com/watch\?v=X4QE6t-MkYE(?:&amp;|&)t=(\d+)s"', answer)
        assert link, answer
        shown = re.search(r"▶.*?(?:≈ )?(\d[\d:]+)</a>", answer)
        assert shown
        assert clock.parse_clock(shown[1]) == int(link[1])


def test_it_holds_what_the_notes_teach(collection: Any, deck: Path) -> None:
    import_deck(collection, deck)
    texts = {note["Text"]: note["Seconds"] for note in notes_of(collection)}
    wanted = {
        "stimulates nerve cells": "32",
        "dorsolateral prefrontal cortex": "952",
        "Neuromodulation Therapy": "9000",
        "five-day": "9000",
        "learning theory": "9420",
        "parasympathetic nervous system": "1032",
    }
    for words, seconds in wanted.items():
        matching = [s for text, s in texts.items() if words in re.sub(r"\{\{c\d::(.*?)\}\}", r"\1", text)]
        assert seconds in matching, words
    everything = " ".join(texts)
    assert "subscribe" not in everything
    assert "more on" not in everything
    assert "hubermanlab" not in everything


def test_new_cards_come_in_the_order_of_the_notes(collection: Any, deck: Path) -> None:
    import_deck(collection, deck)
    due = collection.db.all("select nid, due from cards where ord = 0 order by due")
    assert len({d for _, d in due}) == len(due)
    titles = [collection.get_note(nid)["Source"] for nid, _ in due]
    assert titles == sorted(titles, key=titles.index), "sources are not mixed"


def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for part in ("notes", "decks", "templates"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("*.apkg"))
    return folder


def test_a_rebuild_of_the_same_notes_has_the_same_bytes(tmscards: Run, tmp_path: Path) -> None:
    folder = project(tmp_path)
    tmscards("build", cwd=folder)
    first = hashlib.sha256((folder / "decks/tms.apkg").read_bytes()).hexdigest()
    time.sleep(1.1)
    tmscards("build", cwd=folder)
    assert hashlib.sha256((folder / "decks/tms.apkg").read_bytes()).hexdigest() == first


def test_a_rebuild_keeps_what_the_learner_edited(tmscards: Run, tmp_path: Path, collection: Any) -> None:
    folder = project(tmp_path)
    tmscards("build", cwd=folder)
    import_deck(collection, folder / "decks/tms.apkg")
    before = collection.note_count()
    mine = next(n for n in notes_of(collection) if "five-day" in n["Text"])
    mine["Extra"] = "my own words"
    mine.tags.append("mine")
    collection.update_note(mine)
    time.sleep(1.1)
    path = folder / "notes/heart_rate_deceleration.md"
    path.write_text(
        path.read_text() + "\nThe vagus nerve is the longest nerve of the parasympathetic nervous system [00:17:12].\n"
    )
    tmscards("build", cwd=folder)
    log = import_deck(collection, folder / "decks/tms.apkg")
    assert len(log.new) == 1
    assert not log.updated
    assert not log.conflicting
    assert collection.note_count() == before + 1
    assert collection.get_note(mine.id)["Extra"] == "my own words"
    assert "mine" in collection.get_note(mine.id).tags


def test_new_css_reaches_a_collection_that_has_the_deck(tmscards: Run, tmp_path: Path, collection: Any) -> None:
    folder = project(tmp_path)
    tmscards("build", cwd=folder)
    import_deck(collection, folder / "decks/tms.apkg")
    time.sleep(1.1)
    css = folder / "templates/default/style.css"
    css.write_text(css.read_text() + ".card { outline: 0 }\n")
    tmscards("build", cwd=folder)
    import_deck(collection, folder / "decks/tms.apkg")
    models = [m for m in collection.models.all() if m["name"].startswith("tmscards")]
    assert len(models) == 1
    assert models[0]["css"].endswith(".card { outline: 0 }\n")
    assert [f["name"] for f in models[0]["flds"]] == list(note_types.FIELDS)
    assert models[0]["flds"][0]["id"] == note_types.FIELD_IDS["Text"]


ODD = [
    "std{{c1::&#58;&#58;}}vector {{c2::a&#58;&#58;b}}",
    r"It is {{c1::\(e^{x_{1&#125;&#125;\)}} and {{c2::b}}",
    "&#123;&#123;c9::x&#125;&#125; {{c1::y}}",
    "a &lt;b&gt; {{c1::&lt;script&gt;}} c",
    "{{c1::é 日本語}} \U0001f9e0 {{c2::x}}",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_cloze_text_survives_anki(tmp_path: Path, collection: Any, text: str) -> None:
    note_type = templates.load("default", ROOT).note_type
    path = tmp_path / "odd.apkg"
    apkg.write(path, "Odd", note_type, [[Note(Guid("guid"), (text, *[""] * 12), (), 1_700_000_000)]])
    log = import_deck(collection, path)
    assert len(log.new) == 1
    [note] = notes_of(collection)
    assert note["Text"] == text
    assert len(note.cards()) == len(re.findall(r"\{\{c\d::", text))
    for card in note.cards():
        assert "[...]" in card.question()
        assert "{{" not in card.answer()


FRAGMENTS = [
    "{{",
    "}}",
    "::",
    "{",
    "}",
    ":",
    "c1",
    "c2::",
    "a",
    " ",
    r"\(",
    r"x_{1}",
    r"\)",
    "&",
    "<b>",
    "[sound:a.mp3]",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.text(st.sampled_from("ab"), max_size=3), st.sampled_from(FRAGMENTS)), max_size=12), st.data()
)
def test_cloze_numbers_are_those_that_anki_finds(
    collection: Any, pieces: list[tuple[str, str]], data: st.DataObject
) -> None:
    text, gaps = "", list[Gap]()
    for words, fragment in pieces:
        part = words + fragment
        if part.strip() and data.draw(st.booleans()):
            hint = data.draw(st.sampled_from(["", "how many"]))
            gaps.append(Gap(len(text), len(text) + len(part), part, 1.0, hint=hint, number=len(gaps) + 1))
        text += part + " "
    note = collection.new_note(collection.models.by_name("Cloze"))
    note["Text"] = clozes.write(text, gaps)
    numbers = sorted(collection._backend.cloze_numbers_in_note(note._to_backend_note()))
    assert numbers == [gap.number for gap in gaps]
    answers = {gap.number: " ".join(gap.text.split()) for gap in gaps}
    assert clozes.answers(note["Text"]) == answers


def test_a_package_has_no_clock_in_it(tmp_path: Path) -> None:
    path = tmp_path / "x.apkg"
    note_type = NoteType(5, "N", "{{cloze:Text}}", "{{cloze:Text}}", ".card {}", modified=1_700_000_123)
    apkg.write(path, "A::B", note_type, [[Note(Guid("g"), ("{{c1::x}}", *[""] * 12), (), 1_700_000_000)]])
    with zipfile.ZipFile(path) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert list(tmp_path.iterdir()) == [path], "no temporary file is left"
    apkg.prepare(path)


def test_no_id_is_from_the_future_however_many_cards_the_notes_have(tmp_path: Path) -> None:
    note_type = NoteType(5, "N", "{{cloze:Text}}", "{{cloze:Text}}", ".card {}", modified=1_700_000_123)
    text = " ".join(f"{{{{c{number}::x}}}}" for number in range(1, 40))
    notes = [Note(Guid(f"g{i}"), (text, *[""] * 12), (), 1_700_000_000) for i in range(500)]
    apkg.write(tmp_path / "x.apkg", "D", note_type, [notes])
    with zipfile.ZipFile(tmp_path / "x.apkg") as archive:
        archive.extract("collection.anki2", tmp_path)
    with closing(sqlite3.connect(tmp_path / "collection.anki2")) as database:
        [(last,)] = database.execute("select max(id) from cards").fetchall()
    assert last <= 1000 * note_type.modified


def test_it_does_not_show_which_notes_came_out_of_the_last_package(tmp_path: Path, collection: Any) -> None:
    note_type = NoteType(5, "N", "{{cloze:Text}}", "{{cloze:Text}}", ".card {}", modified=1_700_000_123)

    def notes(*numbers: int, text: str = "The coil") -> list[Note]:
        cards = ["{{c1::moves}}", "{{c1::moves}} {{c2::it}}", "{{c3::moves}} {{c1::it}} {{c12::now}}"]
        texts = {i: f"{text} {i} {cards[i % 3]}" for i in numbers}
        return [Note(Guid(f"g{i}"), (texts[i], *[""] * 12), ("t",), 1_700_000_000 + i) for i in numbers]

    last, copied, written = tmp_path / "last.apkg", tmp_path / "copied.apkg", tmp_path / "written.apkg"
    apkg.write(last, "D", note_type, [notes(*range(400))])
    new = notes(*range(200, 207), text="The field")
    # Some gone, some changed, some in another order, one alone, and the last of all.
    parts: list[Part] = [range(301, 401), range(1, 101), new, [], range(150, 151), range(0, 0)]
    apkg.write(copied, "D", note_type, parts, last)
    whole = [notes(*range(300, 400)), notes(*range(100)), new, notes(149)]
    apkg.write(written, "D", note_type, whole)
    assert copied.read_bytes() == written.read_bytes()
    import_deck(collection, copied)
    dues = collection.db.list("select n.flds from notes n join cards c on c.nid = n.id group by n.id order by c.due")
    assert [flds.split("\x1f")[0] for flds in dues] == [note.fields[0] for part in whole for note in part]
    assert collection.card_count() == sum(note.fields[0].count("{{c") for part in whole for note in part)
    apkg.write(copied, "D", note_type, [range(1, 401)], last)
    assert copied.read_bytes() == last.read_bytes()


def test_a_file_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.apkg"
    path.write_text("my thesis")
    with pytest.raises(UserError, match="was not written by tmscards"):
        apkg.prepare(path)
    assert path.read_text() == "my thesis"


def test_a_deck_of_the_learners_own_is_not_overwritten(collection: Any, deck: Path, tmp_path: Path) -> None:
    from anki.import_export_pb2 import ExportAnkiPackageOptions

    import_deck(collection, deck)
    path = tmp_path / "mine.apkg"
    collection.export_anki_package(out_path=str(path), options=ExportAnkiPackageOptions(), limit=None)
    with pytest.raises(UserError, match="was not written by tmscards"):
        apkg.prepare(path)
