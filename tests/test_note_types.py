from __future__ import annotations

from dataclasses import replace
from typing import Any

from conftest import ROOT
from tmscards.anki import note_types, templates
from tmscards.domain import Guid, Record


def test_fields_are_frozen() -> None:
    # From the first release on; a change here breaks every deck that learners have (docs/architecture.md).
    frozen = "Text Context Extra Source URL Timestamp Seconds Video SeeAlso Key Reserve1 Reserve2 Reserve3"
    assert " ".join(note_types.FIELDS) == frozen
    assert note_types.FIELD_IDS["Text"] == 6029310000000000000
    assert note_types.FIELD_IDS["Reserve3"] == 6029310000000000012
    assert templates.load("default", ROOT).note_type.id == 1753029310001
    assert templates.load("default", ROOT).note_type.name == "tmscards default"


def fields(**more: Any) -> dict[str, str]:
    url = "https://www.youtube.com/watch?v=X4QE6t-MkYE&t=1032s"
    note = Record(
        Guid("guid"), "fact", "auto", "TMS is {{c1::safe}}.", "TMS is safe.", 1, 0, "", timestamp=1032, url=url
    )
    note = replace(note, **more)
    return dict(zip(note_types.FIELDS, note_types.fields(note, "A & B"), strict=True))


def test_fields() -> None:
    got = fields(see_also=("x < y", "z"), context=("A › B", "x < y."))
    assert got["Text"] == "TMS is {{c1::safe}}."
    assert got["Source"] == "A &amp; B"
    assert got["URL"] == "https://www.youtube.com/watch?v=X4QE6t-MkYE&amp;t=1032s"
    assert (got["Timestamp"], got["Seconds"]) == ("17:12", "1032")
    assert got["Video"] == "https://www.youtube.com/watch?v=X4QE6t-MkYE"
    assert got["SeeAlso"] == "x &lt; y · z"
    assert got["Context"] == "A › B<br>x &lt; y."
    assert got["Key"] == "guid"
    assert got["Extra"] == ""
    assert fields(approximate=True)["Timestamp"] == "≈ 17:12"
    assert fields(timestamp=None)["Timestamp"] == ""
    assert fields(url="")["Timestamp"] == fields(url="")["Seconds"] == ""


def test_a_language_is_named_and_one_that_is_written_from_the_right_begins_there() -> None:
    note = Record(Guid("guid"), "fact", "auto", "TMS is {{c1::safe}}.", "TMS is safe.", 1, 0, "")
    text = {lang: note_types.fields(note, "", lang)[0] for lang in ("", "de", "he-IL")}
    assert text[""] == "TMS is {{c1::safe}}."
    assert text["de"] == '<span lang="de">TMS is {{c1::safe}}.</span>'
    assert text["he-IL"] == '<span lang="he-IL">&rlm;TMS is {{c1::safe}}.</span>'


def test_an_orphan_says_so() -> None:
    assert fields(status="orphan")["Extra"] == "This sentence is no longer in its source."
    assert fields(status="orphan", orphaned_by="recipe")["Extra"] == "The deck's recipe now leaves this sentence out."
    assert fields(status="orphan", orphaned_by="author")["Extra"] == "Its source now leaves this sentence out."
