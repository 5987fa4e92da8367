"""Records that hold what they should not, in the real Anki, in the preview and on the review page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT, import_deck
from test_formulas import SPLIT, TAGS
from test_note_types import HOSTILE, faults
from tmscards.anki import apkg, clozes, note_types, package_contents, preview, rendering, templates
from tmscards.domain import Guid, Note, NoteType, Record, SourcePath, SourceRecords

Run = Callable[..., Any]
MADE = NoteType(
    5,
    "N",
    "{{cloze:Text}}",
    "{{text:cloze:Text}}{{cloze-only:Text}}{{Context}}{{text:Context}}{{text:Key}}{{Tags}}{{URL}}",
    "",
)


def records(*evil: str) -> SourceRecords:
    """A record for each of these texts, which stands everywhere in it."""
    notes = (
        Record(
            Guid(f"g{number}{text}"),
            "fact",
            "edited",
            f"{text} {{{{c1::x}}}}",
            "",
            1,
            1_700_000_000,
            "",
            context=(text,),
            see_also=(text,),
            tags=(text, "fine"),
            url=f"https://example.org/{text}",
            timestamp=5,
        )
        for number, text in enumerate(evil)
    )
    return SourceRecords(SourcePath("a.md"), "".join(evil)[:500], tuple(notes), lang='x"><script>')


EVIL = tuple(text for text in (*HOSTILE, *SPLIT.values(), *TAGS) if "\ud800" not in text)


def test_anki_takes_whatever_is_on_record(tmp_path: Path, collection: Any) -> None:
    path = tmp_path / "x.apkg"
    apkg.write(path, "D", MADE, [package_contents.shipped(records(*EVIL), 0)])
    assert len(import_deck(collection, path).new) == len(EVIL)
    for card_id in collection.find_cards(""):
        card = collection.get_card(card_id)
        output = card.render_output()
        shown = output.question_text + output.answer_text
        assert set(faults(shown)) <= {"input", "anki-mathjax", "t", "name="}, "words in angle brackets do nothing"
        sounds = {tag.filename for tag in card.question_av_tags() + card.answer_av_tags()}
        assert sounds <= {"my song.mp3", "my_song.mp3"}
        assert collection._backend.extract_latex(text=shown, svg=False, expand_clozes=True).latex == []
        fields = dict(card.note().items())
        about = rendering.About(" ".join(card.note().tags), MADE.name, "D")
        ours = rendering.card(MADE.front, MADE.back, fields, card.ord + 1, about)
        assert ours == (output.question_text, output.answer_text)


def test_what_anki_does_without_it(tmp_path: Path, collection: Any) -> None:
    def imported(text: str) -> str:
        path = tmp_path / "x.apkg"
        apkg.write(path, "D", MADE, [[Note(Guid(text), (text, *[""] * 12), (), 1_700_000_000)]])
        import_deck(collection, path)
        [card_id] = collection.find_cards("")
        return str(collection.get_card(card_id).render_output().question_text)

    with pytest.raises(Exception, match="fields"):
        imported("{{c1::a\x1fb}}")
    assert 'onclick="alert(1)"' in imported('{{c1::image-occlusion:rect:left=1" onclick="alert(1)}}')


@pytest.mark.parametrize("text", EVIL, ids=lambda text: text[:30])
def test_every_card_can_be_shown(text: str) -> None:
    file = records(text)
    for name in ("default", "typed"):
        note_type = templates.load(name, ROOT).note_type
        shown = note_types.fields(file.notes[0], file.title)[0]
        assert len(list(preview.sides("D", note_type, file, file.notes[0]))) == max(1, len(clozes.numbers(shown)))
        page = preview.page("D", note_type, {file.source: file})
        assert page.count("</script>") == 2


MARKERS = (
    "{{style}}",
    "{{data}}",
    "{{html}}",
    "{{script}}",
    "</script>",
    "<!--<script>",
    "\u2028",
    "$&",
    r"\1",
    "\\u003c",
)


@pytest.mark.parametrize("marker", MARKERS)
def test_what_is_filled_in_is_not_looked_at_again(marker: str) -> None:
    import json
    import re

    file = records(marker)
    page = preview.page(f"D {marker}", templates.load("default", ROOT).note_type, {file.source: file})
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    data = json.loads(text)
    assert data["deck"] == f"D {marker}"
    assert data["sources"][0]["title"] == marker
    assert page.count("<script") == 2


def test_a_formula_that_is_text_is_named_with_its_line(tmscards: Run, write: Any, tmp_path: Path) -> None:
    evil = r"\style{background:url(https://evil.test/x.png)}{y}"
    write("notes/a.md", f"# Coils\n\nThe ==coil== makes a field of $x^2$ and\n${evil}$ in the cortex.\n")
    write("decks/x.yaml", "deck: X\ndensity: full\n")
    told = r"the formula \style{background:url(https://evil.test/x.png)}{y} is shown as text"
    first = tmscards("check", code=1).stderr
    assert f"notes/a.md:4: {told}, as \\style is not a command that cards may use" in first
    tmscards("build")
    assert tmscards("check", code=1).stderr == first, "it is named once"
    path = tmp_path / "decks/x/a.yaml"
    record = yaml.safe_load(path.read_text())
    record["notes"][0]["text"] += r" \(\href{javascript:alert(1)}{z}\)"
    path.write_text(yaml.safe_dump(record))
    second = tmscards("check", code=1).stderr
    [line] = [n for n, text in enumerate(path.read_text().splitlines(), 1) if record["notes"][0]["guid"] in text]
    assert rf"decks/x/a.yaml:{line}: the formula \href{{javascript:alert(1)}}{{z}} is shown as text" in second
    tmscards("build")
    tmscards("preview")
    shown = (tmp_path / "decks/x.html").read_text()
    assert "\\\\\u2060(\\\\style" in shown
    assert "\\\\\u2060(\\\\href" in shown
    assert r"\\(x^2\\)" in shown
