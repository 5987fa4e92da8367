"""Templates of strangers: their files are read only if they are files, in their folder, and not too large."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from test_templates import FRONT, built_on, template
from tmscards.anki import templates
from tmscards.errors import UserError
from tmscards.storage import files

Run = Callable[..., subprocess.CompletedProcess[str]]
TEXTS = ["front.html", "back.html", "style.css", "template.yaml"]
NOTE = "The ==coil== is cold.\n"


def pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_socket(path: Path) -> None:
    made = socket.socket(socket.AF_UNIX)
    # The path of a socket may not be long.
    before = Path.cwd()
    os.chdir(path.parent)
    made.bind(path.name)
    os.chdir(before)
    made.close()


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10_000_000_000)


def of_somebody_else(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def in_a_circle(path: Path) -> None:
    path.symlink_to(path.name)


def nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


ODD: list[Callable[[Path], None]] = [pipe, a_folder, a_socket, endless, huge, of_somebody_else, in_a_circle, nowhere]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("make", ODD)
def test_a_text_that_is_no_file_of_the_template_is_refused(
    tmp_path: Path, name: str, make: Callable[..., None]
) -> None:
    mine = template(tmp_path)
    (mine / name).unlink()
    make(mine / name)
    begun = time.monotonic()
    with pytest.raises(UserError, match="this file cannot be read: ") as refused:
        templates.load("mine", tmp_path)
    assert [d.location and d.location.path for d in refused.value.diagnostics] == [str(mine / name)]
    assert list(templates.content("mine", tmp_path, {}))
    assert [name for name, made, _ in templates.listed(tmp_path) if isinstance(made, UserError)] == ["mine"]
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("make", ODD)
@pytest.mark.parametrize("file", ["back.html", "style.css"])
def test_a_picture_that_is_no_file_of_the_template_is_refused(
    tmp_path: Path, file: str, make: Callable[..., None]
) -> None:
    text = FRONT + "<img alt='' src='logo.png'>" if file == "back.html" else ".a { background: url(logo.png) }"
    mine = template(tmp_path, **{file.replace(".", "_"): text})
    make(mine / "logo.png")
    with pytest.raises(UserError) as refused:
        templates.load("mine", tmp_path)
    [message] = str(refused.value).splitlines()
    assert message.startswith(f"{mine / file}:")
    assert "'logo.png'" in message
    assert list(templates.content("mine", tmp_path, {}))


@pytest.mark.parametrize("name", ["a\0b.png", "é" * 300, "a/" * 3000, "/dev/zero", "../../../../dev/zero", "."])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"style\.css:1:\d+: "):
        templates.read(template(tmp_path, style_css=f".a {{ background: url('{name}') }}"))


def test_a_link_within_the_template_is_followed(tmp_path: Path) -> None:
    mine = template(tmp_path, back_html=FRONT + "<img alt='' src='logo.png'>")
    (mine / "pictures").mkdir()
    (mine / "pictures/a.png").write_bytes(b"picture")
    (mine / "logo.png").symlink_to("pictures/a.png")
    (mine / "front.html").unlink()
    (mine / "front.html").symlink_to("back.html")
    [media] = templates.load("mine", tmp_path).note_type.media
    assert files.read(Path(media.path)) == b"picture"


@pytest.mark.parametrize("name", ["templates/mine", "templates", "templates/base"])
def test_a_template_elsewhere_is_not_used(tmp_path: Path, name: str) -> None:
    project = tmp_path / "project"
    built_on(project, "", '@import "../base/style.css";\n')
    (project / name).rename(tmp_path / "elsewhere")
    (project / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(
        UserError, match=r"this template is not used: it is a link to outside of .* \(copy the folder\)"
    ):
        templates.load("mine", project)


def test_all_files_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tmscards.anki import template_files

    monkeypatch.setattr(template_files, "MOST_MEDIA", 1_000_000)
    mine = template(tmp_path, style_css=".a { background: url(a.png) } .b { background: url(b.png) }")
    for name in "ab":
        (mine / f"{name}.png").write_bytes(name.encode() * 600_000)
    with pytest.raises(UserError, match=r"style.css:1:52: with 'b.png', the template's files have more than 1 MB"):
        templates.read(mine)


def test_a_picture_that_is_named_often_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = template(tmp_path, style_css=".a { background: url(a.png) }\n" * 500)
    (mine / "a.png").write_bytes(b"a")
    read: list[Path] = []
    really = files.read

    def counted(path: Path, *args: Any) -> bytes:
        read.append(path)
        return really(path, *args)

    monkeypatch.setattr(files, "read", counted)
    assert templates.read(mine).note_type.css.count("_tmscards-") == 500
    assert read.count(mine / "a.png") == 1


def test_an_ending_that_anki_would_not_take_is_left_out(tmp_path: Path) -> None:
    mine = template(tmp_path, style_css=".a { background: url('a.p g') }")
    (mine / "a.p g").write_bytes(b"a")
    [media] = templates.read(mine).note_type.media
    assert media.name == "_tmscards-ca978112ca1bbdca"


@pytest.mark.process
def test_a_build_is_not_held_up_by_what_its_template_does_not_need(tmp_path: Path, tmscards: Run) -> None:
    mine = template(tmp_path)
    for number, make in enumerate(ODD):
        make(mine / f"{number}.png")
    (mine / "many").mkdir()
    for number in range(3000):
        (mine / "many" / f"{number}.txt").touch()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text(NOTE)
    begun = time.monotonic()
    for _ in range(2):
        tmscards("build", "--template", "mine", "--output", "a.apkg")
    assert time.monotonic() - begun < 60
    before = (tmp_path / "a.apkg").read_bytes()
    (mine / "logo.png").write_bytes(b"a")
    (mine / "style.css").write_text(".a { background: url(logo.png) }")
    tmscards("build", "--template", "mine", "--output", "a.apkg")
    after = (tmp_path / "a.apkg").read_bytes()
    (mine / "logo.png").write_bytes(b"b")
    tmscards("build", "--template", "mine", "--output", "a.apkg")
    assert len({before, after, (tmp_path / "a.apkg").read_bytes()}) == 3


@pytest.mark.parametrize(
    "name", ["it's", 'a"b', r"\1", r"\g<name>", "[red]", "Übung 😀", "a: b # c", "{{Text}}", "a" * 200]
)
def test_a_template_may_have_any_name(tmp_path: Path, name: str) -> None:
    made = templates.create(name, "typed", tmp_path, 1_700_000_000)
    assert templates.load(name, tmp_path).settings.name == f"tmscards {name}"
    assert templates.load(name, tmp_path).settings.id == 1_700_000_000_000
    assert made == tmp_path / "templates" / name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            ".",
            "..",
            "../a",
            "a/b",
            "/a",
            ".a",
            "-a",
            " a",
            "a ",
            "a.",
            "a\nb",
            "a\tb",
            "a\0b",
            "a\x1b[31mb",
            "a\x9bb",
        ),
        *("a\u202eb", "a\u2028b", "a\udcffb", "a" * 201, "é" * 101),
    ],
)
def test_a_name_that_is_none_for_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"is not a name for a folder \(use letters, digits and hyphens\)"):
        templates.create(name, "default", tmp_path, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [nowhere, in_a_circle, of_somebody_else])
def test_a_copy_replaces_no_link(tmp_path: Path, make: Callable[..., None]) -> None:
    (tmp_path / "templates").mkdir()
    make(tmp_path / "templates/ours")
    with pytest.raises(UserError, match="this folder already exists"):
        templates.create("ours", "default", tmp_path, 1)


def test_a_copy_is_not_written_through_a_link(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    (project / "templates").symlink_to(elsewhere)
    with pytest.raises(UserError, match="templates is a link, and tmscards writes through none"):
        templates.create("ours", "default", project, 1)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("make", [pipe, a_socket, endless, huge, of_somebody_else, in_a_circle, nowhere])
def test_a_copy_takes_files_only(tmp_path: Path, make: Callable[..., None]) -> None:
    mine = template(tmp_path)
    (mine / "inside").mkdir()
    make(mine / "inside/a.png")
    with pytest.raises(UserError, match=r"inside/a\.png: this cannot be copied: ") as refused:
        templates.create("ours", "mine", tmp_path, 1)
    assert len(refused.value.diagnostics) == 1
    assert not (tmp_path / "templates/ours").exists()


def test_a_copy_has_all_files_that_are_not_hidden(tmp_path: Path) -> None:
    mine = template(tmp_path)
    (mine / "fonts/more").mkdir(parents=True)
    (mine / "fonts/more/LICENSE").write_text("free")
    (mine / ".git").mkdir()
    (mine / ".git/config").write_text("mine")
    made = templates.create("ours", "mine", tmp_path, 1)
    found = sorted(str(path.relative_to(made)) for path in made.rglob("*") if path.is_file())
    assert found == ["back.html", "fonts/more/LICENSE", "front.html", "style.css", "template.yaml"]


@pytest.mark.parametrize(
    "settings",
    [
        "# mine\nname: >\n  a\n  name: b\nid: 5 # the first\ndescription: |\n  id: 7\n",
        "{name: a, id: 5}\n",
        'name: &a "b"\ndescription: *a\nid: 5\n',
        "id: 5\nname: a\nname: b\n",
    ],
)
def test_a_copy_has_its_own_name_however_the_settings_are_written(tmp_path: Path, settings: str) -> None:
    before = templates.read(template(tmp_path, template_yaml=settings)).settings
    templates.create("ours", "mine", tmp_path, 1)
    after = templates.load("ours", tmp_path).settings
    assert (after.name, after.id, after.description) == ("tmscards ours", 1000, before.description)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("name: a\nid: 0\n", "2: id: it is not between 1 and "),
        ("name: a\nid: -5\n", "2: id: it is not between 1 and "),
        (f"name: a\nid: {10**30}\n", "2: id: it is not between 1 and "),
        ('name: " "\nid: 5\n', "1: name: it is empty"),
        ('name: "a\\x1fb"\nid: 5\n', "1: name: it has control characters"),
        ('name: "a\\eb"\nid: 5\n', "1: name: it has control characters"),
        ('name: "a"\ndescription: "\\x9b31m"\nid: 5\n', "2: description: it has control characters"),
        (
            'name: a\nid: 5\noptions: {b: {says: c, default: "\\0"}}\n',
            "3: options.b.default: it has control characters",
        ),
        ("name: a\nid: 5\n#" + "a" * 60_000, " this file cannot be read: it has more than 50,000 characters"),
    ],
)
def test_settings_that_anki_would_not_take_are_refused(tmp_path: Path, settings: str, expected: str) -> None:
    mine = template(tmp_path, template_yaml=settings)
    with pytest.raises(UserError) as refused:
        templates.read(mine)
    assert str(refused.value).startswith(f"{mine}/template.yaml:{expected}")


def test_a_number_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="this number has a thousand digits or more"):
        templates.read(template(tmp_path, style_css=f".card {{ line-height: {'1' * 5_000} }}"))


LONG = 60_000


@pytest.mark.parametrize(
    ("file", "text"),
    [
        *(
            ("front.html", part * (LONG // len(part)))
            for part in ("{{", "{{#URL}}", "<!--", "<a ", "[[a]]", "<div>", "<", "&#104;")
        ),
        *(
            ("front.html", f"{begun}{' ' * LONG}")
            for begun in ("{{", "{{a", "src", "src='", "url(", "<a", "<a b=", "<!-- ")
        ),
        *(
            ("style.css", part * (LONG // len(part)))
            for part in ("{", "(", "url(", "url( ", "/*", '"', "@import ", "[[", "a{")
        ),
        ("front.html", "<script>" + "createElement(" * (LONG // 14)),
        ("template.yaml", "name: a\nid: 5\noptions: " + "{" * 40_000),
    ],
)
def test_a_long_template_is_read_in_seconds(tmp_path: Path, file: str, text: str) -> None:
    mine = template(tmp_path, **{file.replace(".", "_"): FRONT + text if file == "front.html" else text})
    begun = time.monotonic()
    try:
        told = templates.read(mine).warnings
    except UserError as refused:
        told = refused.diagnostics
    assert len(told) <= 101
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("make", [nowhere, in_a_circle, endless, huge, pipe])
def test_a_project_without_a_folder_of_templates_has_those_that_come_along(
    tmp_path: Path, make: Callable[..., None]
) -> None:
    make(tmp_path / "templates")
    if make is in_a_circle:
        with pytest.raises(UserError, match="templates: this folder cannot be read: Too many levels of symbolic links"):
            templates.load("default", tmp_path)
    else:
        assert templates.load("default", tmp_path).warnings == ()
