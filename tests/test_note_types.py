from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from tmscards import note_types
from tmscards.domain import Draft, Edit, Gap, Recording, Source, Span, Verdict
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


def gap(text: str, answer: str) -> Gap:
    start = text.index(answer)
    return Gap(start, start + len(answer), answer, 1.0)


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("TMS is safe.", "safe", "TMS is {{c1::safe}}."),
        ("Use std::vector now.", "std::vector", "Use {{c1::std&#58;&#58;vector}} now."),
        ("Write {{x}} for y.", "y", "Write &#123;&#123;x&#125;&#125; for {{c1::y}}."),
        (r"It is \(e^{x_{1}}\) here.", r"\(e^{x_{1}}\)", r"It is {{c1::\(e^{x_{1&#125;&#125;\)}} here."),
        ("A set {a} is small.", "{a}", "A set {{c1::{a&#125;}} is small."),
        ("a < b & c > d", "c", "a &lt; b &amp; {{c1::c}} &gt; d"),
        ("It plays [sound:x.mp3] and [$]x[/$].", "plays", "It {{c1::plays}} &#91;sound:x.mp3] and &#91;$]x&#91;/$]."),
    ],
)
def test_cloze_text_cannot_be_mistaken_for_ankis_own_syntax(text: str, answer: str, expected: str) -> None:
    assert note_types.cloze(text, (gap(text, answer),)) == expected


def test_repeats_hints_numbers_and_edits() -> None:
    text = "However, an arc is an arc."
    again = Gap(12, 15, "arc", 1.0, repeats=(Span(22, 25),), hint="kind")
    assert note_types.cloze(text, (again,), (Edit(0, 10, "A"),)) == "An {{c1::arc::kind}} is an {{c1::arc::kind}}."
    two = (Gap(12, 15, "arc", 1.0), Gap(22, 25, "arc", 1.0, number=1))
    assert note_types.cloze(text, two) == "However, an {{c2::arc}} is an {{c1::arc}}."


def fields(context: tuple[str, ...] = (), **more: object) -> dict[str, str]:
    source = Source(
        "a.md", "a.md", "A & B", "", recording=Recording("youtube", "https://www.youtube.com/watch?v=X4QE6t-MkYE")
    )
    settings = {"line": 1, "text": "TMS is safe.", "kind": "fact", "score": 1.0, "seconds": 1032, **more}
    draft = Draft(source, Verdict(**settings), (gap("TMS is safe.", "safe"),), context=context)
    return dict(zip(note_types.FIELDS, note_types.fields(draft, "guid"), strict=True))


def test_fields() -> None:
    got = fields(see_also=("x < y", "z"), context=("A › B", "x < y."))
    assert got["Source"] == "A &amp; B"
    assert got["URL"] == "https://www.youtube.com/watch?v=X4QE6t-MkYE&amp;t=1032s"
    assert (got["Timestamp"], got["Seconds"]) == ("17:12", "1032")
    assert got["Video"] == "https://www.youtube.com/watch?v=X4QE6t-MkYE"
    assert got["SeeAlso"] == "x &lt; y · z"
    assert got["Context"] == "A › B<br>x &lt; y."
    assert got["Key"] == "guid"
    assert fields(approximate=True)["Timestamp"] == "≈ 17:12"
    assert fields(seconds=None)["Timestamp"] == ""


def test_a_timestamp_that_names_another_recording_links_there() -> None:
    assert fields(url="https://vimeo.com/76979871")["URL"] == "https://vimeo.com/76979871#t=1032s"
    # A placeholder is no recording; the source's is.
    assert "X4QE6t-MkYE" in fields(url="https://www.youtube.com/watch?v=YOUR_VIDEO_ID")["URL"]
