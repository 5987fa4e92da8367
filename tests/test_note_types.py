from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT
from tmscards import note_types
from tmscards.domain import Record
from tmscards.errors import UserError

FRONT = "{{#Context}}{{Context}}{{/Context}}\n{{cloze:Text}}\n"


def template(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "templates" / "mine"
    shutil.copytree(ROOT / "templates" / "default", folder)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_fields_are_frozen() -> None:
    # From the first release on; a change here breaks every deck that learners have (docs/architecture.md).
    frozen = "Text Context Extra Source URL Timestamp Seconds Video SeeAlso Key Reserve1 Reserve2 Reserve3"
    assert " ".join(note_types.FIELDS) == frozen
    assert note_types.FIELD_IDS["Text"] == 6029310000000000000
    assert note_types.FIELD_IDS["Reserve3"] == 6029310000000000012
    assert note_types.load("default", ROOT).id == 1753029310001
    assert note_types.load("default", ROOT).name == "tmscards default"


def test_a_project_template_comes_before_the_one_that_comes_along(tmp_path: Path) -> None:
    folder = template(tmp_path, front_html=FRONT)
    folder.rename(folder.with_name("default"))
    assert note_types.load("default", tmp_path).front == FRONT
    assert note_types.load("default", tmp_path / "elsewhere").front != FRONT


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"front_html": "{{cloze:Txt}}"}, "front.html:1: unknown field 'Txt' (did you mean Text?)"),
        (
            {"front_html": "\n{{#Context}}{{cloze:Text}}"},
            "front.html:2: the section of Context is not closed (add {{/Context}})",
        ),
        (
            {"front_html": "{{cloze:Text}}{{/Extra}}"},
            "front.html:1: {{/Extra}} closes a section that is not open here (expected no closing tag)",
        ),
        (
            {"front_html": "{{#URL}}{{#Extra}}{{cloze:Text}}{{/URL}}{{/Extra}}"},
            "front.html:1: {{/URL}} closes a section that is not open here (expected {{/Extra}})",
        ),
        ({"back_html": "{{Text}}"}, "back.html: there is no {{cloze:Text}}, so no card would be made (add it)"),
        (
            {"back_html": "<!-- {{cloze:Text}} -->"},
            "back.html: there is no {{cloze:Text}}, so no card would be made (add it)",
        ),
        ({"template_yaml": "name: x\nidd: 3\n"}, "template.yaml:2: unknown key 'idd' (did you mean id?)"),
        ({"template_yaml": "name: [\n"}, "template.yaml:2: this is not valid YAML"),
        ({"template_yaml": "name: x\nid: soon\n"}, "template.yaml: the key 'id' is missing or not a int"),
    ],
)
def test_a_template_that_anki_would_choke_on_is_refused(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    folder = template(tmp_path, **files)
    with pytest.raises(UserError) as error:
        note_types.read(folder)
    assert f"{folder}/{expected}" in str(error.value).splitlines()


def test_a_missing_file_or_template_is_named(tmp_path: Path) -> None:
    folder = template(tmp_path)
    (folder / "style.css").unlink()
    with pytest.raises(UserError, match=r"style\.css: this cannot be read"):
        note_types.read(folder)
    with pytest.raises(UserError, match="there are: default"):
        note_types.load("nowhere", tmp_path / "elsewhere")


def fields(**more: object) -> dict[str, str]:
    url = "https://www.youtube.com/watch?v=X4QE6t-MkYE&t=1032s"
    note = Record("guid", "fact", "auto", "TMS is {{c1::safe}}.", "TMS is safe.", 1, 0, "", timestamp=1032, url=url)
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


def test_an_orphan_says_so() -> None:
    assert fields(status="orphan")["Extra"] == "This sentence is no longer in its source."
