from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fuzz_templates
from conftest import ROOT
from tmscards.anki import templates
from tmscards.errors import UserError

Run = Callable[..., Any]
FRONT = "{{#Context}}{{Context}}{{/Context}}\n{{cloze:Text}}\n"
YAML = 'name: "mine"\nid: 5\n'


def template(tmp_path: Path, **files: str) -> Path:
    """A small template that is right, some of its files replaced."""
    folder = tmp_path / "templates" / "mine"
    folder.mkdir(parents=True)
    texts = {"front_html": FRONT, "back_html": FRONT, "style_css": ".card { color: black; }\n", "template_yaml": YAML}
    for name, text in (texts | files).items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_a_project_template_comes_before_the_one_that_comes_along(tmp_path: Path) -> None:
    template(tmp_path).rename(tmp_path / "templates/default")
    assert templates.load("default", tmp_path).note_type.front == FRONT
    assert templates.load("default", tmp_path / "elsewhere").note_type.front != FRONT


BROKEN = (
    # Fields, filters and sections.
    ("front.html", "{{cloze:Txt}}", "1:1: unknown field 'Txt' (did you mean Text?)"),
    ("front.html", "{{cloze:Text}}\n<p>{{Sorce}}</p>", "2:4: unknown field 'Sorce' (did you mean Source?)"),
    ("back.html", "{{cloze:Text}} {{Zebra}}", "1:16: unknown field 'Zebra' ("),
    ("back.html", "{{cloze:Text}}{{#Extr}}x{{/Extr}}", "1:15: unknown field 'Extr' (did you mean Extra?)"),
    ("front.html", "{{clze:Text}}{{cloze:Text}}", "1:1: unknown filter 'clze' (did you mean cloze?)"),
    ("front.html", "{{cloze:Text}}\n\n{{wide:Source}}", "3:1: unknown filter 'wide' (filters: cloze, cloze-only"),
    (
        "front.html",
        "{{cloze:Text}}{{cloze:Extra}}",
        "1:15: Extra has no cloze deletions (only Text has: {{cloze:Text}})",
    ),
    ("back.html", "{{cloze:Text}} {{typ:cloze:Text}}", "1:16: unknown filter 'typ' (did you mean type?)"),
    ("front.html", "\n{{#Context}}{{cloze:Text}}", "2:1: the section of Context is not closed (add {{/Context}})"),
    ("front.html", "{{^URL}}{{cloze:Text}}", "1:1: the section of URL is not closed (add {{/URL}})"),
    ("front.html", "{{cloze:Text}}{{/Extra}}", "1:15: {{/Extra}} closes a section that is not open here (expected no"),
    (
        "front.html",
        "{{cloze:Text}}\n{{#URL}}\n{{/Url}}",
        "3:1: {{/Url}} closes a section that is not open here (expected",
    ),
    ("front.html", "{{#URL}}\n{{cloze:Text}}{{/URL}}", "2:1: {{cloze:Text}} stands in a section, so a card without"),
    ("front.html", "{{cloze:Text}} {{Source", "1:16: {{ is not closed by }} (close it)"),
    ("front.html", "{{cloze:Text}} {{Source}", "1:16: {{ is not closed by }} (close it)"),
    (
        "front.html",
        "{{Text}}",
        "1:1: Text shows its cloze deletions as they are written, answers too (write {{cloze:Text}})",
    ),
    ("back.html", "{{cloze:Text}}\n{{hint:Text}}", "2:1: Text shows its cloze deletions as they are written"),
    ("back.html", "{{Extra}}", "there is no {{cloze:Text}}, so no card would be made (add it)"),
    ("front.html", "{{type:cloze:Text}}", "there is no {{cloze:Text}}, so no card would be made (add it)"),
    ("back.html", "{{FrontSide}}", "there is no {{cloze:Text}}, so no card would be made (add it)"),
    ("back.html", "<!-- {{cloze:Text}} -->", "there is no {{cloze:Text}}, so no card would be made (add it)"),
    ("front.html", "", "there is no {{cloze:Text}}, so no card would be made (add it)"),
    ("front.html", "{{text:Text}}", "1:1: Text shows its cloze deletions as they are written, answers too"),
    # Files.
    (
        "front.html",
        '{{cloze:Text}}<img src="logo.png">',
        "1:25: there is no file 'logo.png' (put it into the template's folder)",
    ),
    ("back.html", "{{cloze:Text}}\n<img alt='' src='a/b.svg'>", "2:18: there is no file 'a/b.svg' (put it"),
    ("front.html", '{{cloze:Text}}<img src="../../x.png">', "1:25: '../../x.png' is outside the template's folder"),
    ("style.css", ".card { background: url(paper.png); }", "1:25: there is no file 'paper.png'"),
    ("style.css", "@font-face {\n  src: url('Own.woff2');\n}", "2:13: there is no file 'Own.woff2'"),
    (
        "style.css",
        ".card { background: url('/etc/hostname'); }",
        "1:26: '/etc/hostname' is outside the template's folder",
    ),
    # CSS.
    ("style.css", ".card { color black }", "1:15: invalid CSS: "),
    ("style.css", ".card { color: red;\n  background }", "2:3: invalid CSS: "),
    ("style.css", ".card { color: red; }\n.cloze", "2:2: invalid CSS: "),
    ("style.css", "@media print {\n  .card { font-size 30px }\n}", "2:21: invalid CSS: "),
    ("style.css", ".card { color: red; }\n}\n", "2:2: invalid CSS: "),
    # Options.
    ("front.html", "{{cloze:Text}} [[accent]]", "1:16: there is no option 'accent' (add it to the options in"),
    ("style.css", ".card { color: [[ink]]; }", "1:16: there is no option 'ink'"),
    # template.yaml
    ("template.yaml", "name: x\nid: 5\nidd: 3\n", "3: unknown key 'idd' (did you mean id?)"),
    ("template.yaml", "name: [\n", "2: this is not valid YAML: "),
    ("template.yaml", "name: x\nid: soon\n", "2: id: Input should be a valid integer"),
    ("template.yaml", "name: x\n", "1: the key 'id' is missing (add `id: …`)"),
    ("template.yaml", "id: 5\n", "1: the key 'name' is missing (add `name: …`)"),
    ("template.yaml", "", "1: this file is not a list of keys and values"),
    (
        "template.yaml",
        "name: x\nid: 5\noptions:\n  ink:\n    says: the ink\n    defualt: red\n    default: red\n",
        "6: unknown key 'options.ink.defualt' (did you mean default?)",
    ),
    (
        "template.yaml",
        "name: x\nid: 5\noptions:\n  ink:\n    says: the ink\n",
        "4: the key 'options.ink.default' is missing",
    ),
    ("template.yaml", "name: x\nid: 5\noptions: [ink]\n", "3: options: Input should be a valid "),
)


@pytest.mark.parametrize(("file", "text", "expected"), BROKEN)
def test_a_broken_template_gives_one_clear_message(tmp_path: Path, file: str, text: str, expected: str) -> None:
    folder = template(tmp_path, **{file.replace(".", "_"): text})
    with pytest.raises(UserError) as error:
        templates.read(folder)
    [message] = str(error.value).splitlines()
    assert message.startswith(f"{folder / file}:{'' if expected[0].isdigit() else ' '}{expected}")


def test_there_are_forty_broken_templates() -> None:
    assert len({(file, text) for file, text, _ in BROKEN}) >= 40


@pytest.mark.parametrize("name", ["front.html", "back.html", "style.css", "template.yaml"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = template(tmp_path)
    (folder / name).unlink()
    with pytest.raises(UserError, match="cannot be read: No such file"):
        templates.read(folder)


def test_a_missing_template_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no template 'nowhere' \(there are: .*default"):
        templates.load("nowhere", tmp_path)


def warnings(folder: Path) -> list[str]:
    return [str(w).removeprefix(f"{folder}/") for w in templates.read(folder).warnings]


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "front.html",
            FRONT + '<script src="https://x.org/a.js"></script>',
            "front.html:3:14: https://x.org/a.js is fetched",
        ),
        (
            "back.html",
            FRONT + '<link rel="stylesheet" href="//x.org/a.css">',
            "back.html:3:30: //x.org/a.css is fetched",
        ),
        ("style.css", '@import url("https://x.org/a.css");', "style.css:1:14: https://x.org/a.css is fetched"),
        (
            "style.css",
            ".card { color: #999; background: #fff; }",
            "style.css:1:9: text of this colour has a contrast of 2.8:1 in light mode (readable text has at least 4.5:1)",
        ),
        (
            "style.css",
            ".card { --ink: #222; color: var(--ink); background: #fff; }\n.card.nightMode { background: #222; }",
            "style.css:1:22: text of this colour has a contrast of 1.0:1 in dark mode (readable text has at least 4.5:1)",
        ),
        (
            "style.css",
            ".card { color: #000; background: #fff; }\n.cloze {\n  color: yellow;\n}",
            "style.css:3:3: text of this colour has a contrast of 1.1:1 in light mode (readable text has at least 4.5:1)",
        ),
    ],
)
def test_what_is_doubtful_is_a_warning(tmp_path: Path, file: str, text: str, expected: str) -> None:
    found = warnings(template(tmp_path, **{file.replace(".", "_"): text}))
    assert found
    assert found[0].startswith(expected)


def test_a_background_that_a_rule_takes_away_is_no_background(tmp_path: Path) -> None:
    css = ".card { color: #000; background: #fff; }\n.a { color: #000; background: #000; }\n.a { background: none; }\n"
    assert warnings(template(tmp_path, style_css=css)) == []


def test_the_templates_that_come_along_have_no_faults_and_nothing_odd() -> None:
    assert "default" in templates.folders(Path("nowhere"))
    for name in templates.folders(Path("nowhere")):
        assert templates.load(name, Path("nowhere")).warnings == (), name
    ids = [templates.load(name, Path("nowhere")).settings.id for name in templates.folders(Path("nowhere"))]
    assert len(set(ids)) == len(ids)


OPTIONS = YAML + (
    "options:\n  ink:\n    says: the colour of the text\n    default: black\n"
    "  side:\n    says: where\n    default: left\n    choices: [left, right]\n"
)
SLOTS = {"front_html": FRONT + "<p class=[[side]]>", "style_css": ".card { color: [[ink]]; }", "template_yaml": OPTIONS}


def test_options_are_filled_in(tmp_path: Path) -> None:
    folder = template(tmp_path, **SLOTS)
    assert templates.read(folder).note_type.css == ".card { color: black; }"
    made = templates.read(folder, {"ink": "#123", "side": "right"}).note_type
    assert made.css == ".card { color: #123; }"
    assert made.front.endswith("<p class=right>")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"inc": "red"}, "the template mine has no option 'inc' (did you mean ink?)"),
        ({"side": "up"}, "side: 'up' is not one of left, right"),
        ({"ink": "red; } .card { display: none"}, "contains characters of HTML or CSS (give a plain value)"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, str], expected: str) -> None:
    with pytest.raises(UserError) as error:
        templates.read(template(tmp_path, **SLOTS), options)
    assert expected in str(error.value)


def test_files_of_a_template_go_along_under_the_name_of_their_content(
    tmp_path: Path, tmscards: Run, collection: Any
) -> None:
    from conftest import import_deck

    folder = template(tmp_path, back_html=FRONT + '<img alt="" src="logo.svg">')
    (folder / "logo.svg").write_text("<svg/>")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("The ==coil== is cold.\n")
    tmscards("build", "--template", "mine", "--output", "a.apkg")
    import_deck(collection, tmp_path / "a.apkg")
    [name] = [path.name for path in Path(collection.media.dir()).iterdir()]
    assert name.startswith("_tmscards-")
    assert name.endswith(".svg")
    [card] = collection.find_cards("")
    assert f'src="{name}"' in collection.get_card(card).answer()


def test_a_template_of_ones_own(tmp_path: Path, tmscards: Run) -> None:
    assert "wrote templates/ours" in tmscards("template", "new", "ours").stdout
    ours = templates.load("ours", tmp_path)
    assert ours.settings.name == "tmscards ours"
    assert ours.settings.id != templates.load("default", tmp_path).settings.id
    assert "ours (yours): " in tmscards("template", "list").stdout
    assert "No problems found in 1 template." in tmscards("template", "check", "ours").stdout
    assert "already exists" in tmscards("template", "new", "ours", code=1).stderr
    back = tmp_path / "templates/ours/back.html"
    back.write_text(back.read_text() + "{{Sorce}}")
    assert "unknown field 'Sorce'" in tmscards("template", "check", code=1).stderr


IMPORT = '@import "../base/style.css";\n'


def built_on(tmp_path: Path, base: str, own: str, **files: str) -> Path:
    """The template `mine`, and `base` beside it, with these style sheets."""
    template(tmp_path, style_css=base).rename(tmp_path / "templates/base")
    return template(tmp_path, style_css=own, **files)


def test_a_style_sheet_builds_on_another(tmp_path: Path) -> None:
    base = ".card {\n  color: [[ink]];\n  background: url(logo.svg);\n}\n"
    own = IMPORT + "\n.x {\n  color: [[ink]];\n  background: url(logo.svg);\n}\n"
    mine = built_on(tmp_path, base, own, template_yaml=OPTIONS)
    for folder in (mine.with_name("base"), mine):
        (folder / "logo.svg").write_text(f"<svg id='{folder.name}'/>")
    made = templates.load("mine", tmp_path, {"ink": "#123"}).note_type
    below, above = made.media
    assert [below.path, above.path] == [str(mine.with_name("base") / "logo.svg"), str(mine / "logo.svg")]
    assert made.css == (
        f".card {{\n  color: #123;\n  background: url({below.name});\n}}\n\n"
        f".x {{\n  color: #123;\n  background: url({above.name});\n}}\n"
    )


@pytest.mark.parametrize(
    ("base", "own", "expected"),
    [
        (
            '@import "../default/style.css";\n',
            IMPORT,
            "base/style.css:1:1: mine builds on this style sheet, which may not build on another one itself (copy",
        ),
        ("", '@import "../mine/style.css";\n', "mine/style.css:1:1: mine builds on this style sheet, which may not"),
        ("", '@import "../bse/style.css";', "mine/style.css:1: there is no template 'bse' (there are: base, clip, d"),
        ("", "\n" + IMPORT, "mine/style.css:2:1: a style sheet builds on another one in its first line only (let the"),
        ("", "@import '../base/style.css';", "mine/style.css:1:1: a style sheet builds on another one in its first l"),
        (".a { color: red; }\n.b { color: [[pen]]; }", IMPORT, "base/style.css:2:13: there is no option 'pen' (add it"),
        (".a { color red }", IMPORT, "base/style.css:1:12: invalid CSS: "),
        (".a { color: red; }\n.b", IMPORT + ".c { color: red; }", "base/style.css:2:2: invalid CSS: "),
        (".a { color: red; }", IMPORT + "\n.b { color red }", "mine/style.css:3:12: invalid CSS: "),
        ("\n.a { background: url(x.png); }", IMPORT, "base/style.css:2:22: there is no file 'x.png'"),
        ("", IMPORT + ".a { background: url(x.png); }", "mine/style.css:2:22: there is no file 'x.png'"),
    ],
)
def test_a_fault_of_style_sheets_is_named_where_it_is(tmp_path: Path, base: str, own: str, expected: str) -> None:
    mine = built_on(tmp_path, base, own)
    with pytest.raises(UserError) as error:
        templates.load("mine", tmp_path)
    [message] = str(error.value).splitlines()
    assert message.removeprefix(f"{mine.parent}/").startswith(expected)
    assert "there is no option" not in message or message.endswith(f"(add it to the options in {mine}/template.yaml)")


@pytest.mark.parametrize(
    ("base", "own", "expected"),
    [
        (".a {\n  color: #fff;\n}\n", "\n.card { background: #fff; }", "base/style.css:2:3: text of this colour has"),
        (".card { background: #fff; }\n", "\n.a {\n  color: #fff;\n}", "mine/style.css:4:3: text of this colour has"),
        (".card { background: #fff; }", ".a { color: #fff; }", "mine/style.css:2:6: text of this colour has"),
        ("\n.a { background: url(//x.org/a.png); }", "", "base/style.css:2:22: //x.org/a.png is fetched"),
        ("", "\n.a { background: url(//x.org/a.png); }", "mine/style.css:3:22: //x.org/a.png is fetched"),
    ],
)
def test_what_is_doubtful_in_style_sheets_is_named_where_it_is(
    tmp_path: Path, base: str, own: str, expected: str
) -> None:
    mine = built_on(tmp_path, base, IMPORT + own)
    assert str(templates.read(mine).warnings[0]).removeprefix(f"{mine.parent}/").startswith(expected)


def test_what_comes_along_builds_on_what_comes_along(tmp_path: Path) -> None:
    typed = templates.load("typed", tmp_path).note_type
    template(tmp_path).rename(tmp_path / "templates/default")
    assert templates.load("typed", tmp_path).note_type == typed
    assert "@import" not in typed.css
    mine = template(tmp_path, style_css='@import "../default/style.css";\n')
    assert templates.read(mine).note_type.css == ".card { color: black; }\n"
    assert templates.made_of("mine", tmp_path) == [tmp_path / "templates/default", mine]
    assert templates.made_of("nowhere", tmp_path) == []


def test_a_copy_builds_on_nothing(tmp_path: Path, tmscards: Run) -> None:
    tmscards("template", "new", "ours", "--from", "typed")
    css = (tmp_path / "templates/ours/style.css").read_text()
    assert css.startswith((ROOT / "templates/default/style.css").read_text())
    assert "[[accent]]" in css
    assert "@import" not in css
    assert templates.load("ours", tmp_path).note_type.css == templates.load("typed", tmp_path).note_type.css
    mine = built_on(
        tmp_path, ".a { background: url(a.svg); }", IMPORT + ".b { background: url(b.svg); }", back_html=FRONT
    )
    (mine.with_name("base") / "a.svg").write_text("<svg/>")
    (mine / "b.svg").write_text("<svg id='b'/>")
    before = templates.read(mine).note_type
    tmscards("template", "new", "copy", "--from", "mine")
    shutil.rmtree(mine.with_name("base"))
    copy = templates.load("copy", tmp_path).note_type
    assert (copy.front, copy.back, copy.css) == (before.front, before.back, before.css)
    assert len(copy.media) == 2


def test_a_build_notices_a_change_of_the_style_sheet_that_the_template_builds_on(
    tmp_path: Path, tmscards: Run, collection: Any
) -> None:
    from conftest import import_deck

    mine = built_on(tmp_path, ".a { color: red; }\n", IMPORT)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("The ==coil== is cold.\n")
    build = ("build", "--template", "mine", "--output", "a.apkg")
    tmscards(*build)
    before = (tmp_path / "a.apkg").read_bytes()
    tmscards(*build)
    assert (tmp_path / "a.apkg").read_bytes() == before
    (mine.with_name("base") / "style.css").write_text(".a { color: blue; }\n")
    tmscards(*build)
    import_deck(collection, tmp_path / "a.apkg")
    [css] = [kind["css"] for kind in collection.models.all() if kind["name"] == "mine"]
    assert css == ".a { color: blue; }\n"


def test_mutated_templates_give_messages_or_cards(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates/default", tmp_path / "default")
    used, refused = fuzz_templates.run(tmp_path / "default", count=200, seed=0)
    assert used > 10
    assert refused > 10
