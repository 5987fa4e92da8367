"""Templates as one file: handed on, and taken from strangers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from project import Project, Run
from tmscards.anki import template_sharing, templates
from tmscards.errors import UserError

Files = dict[str, bytes]


@pytest.mark.process
def test_a_template_comes_to_another_project_with_its_look_and_id(tmp_path: Path, inside: Run) -> None:
    mine, yours = Project(tmp_path / "mine", inside), Project(tmp_path / "yours", inside)
    mine.tmscards("template", "new", "ours", "--from", "clip")
    style = mine.folder / "templates/ours/style.css"
    style.write_text(style.read_text() + ".card { outline: 0 }\n")
    assert "wrote ours.tmscards-template.zip" in mine.tmscards("template", "export", "ours").stdout
    packed = mine.folder / "ours.tmscards-template.zip"
    assert "wrote templates/ours" in yours.tmscards("template", "add", str(packed)).stdout
    (yours.folder / "decks/nerves.yaml").write_text("deck: Nerves\ntemplate: ours\n")
    yours.build()
    made = [templates.load("ours", project.folder).note_type for project in (mine, yours)]
    assert [(each.id, each.css, each.front) for each in made] == [(made[0].id, made[0].css, made[0].front)] * 2
    assert "this folder already exists" in yours.tmscards("template", "add", str(packed), code=1).stderr
    assert "there is no template 'moon'" in mine.tmscards("template", "export", "moon", code=1).stderr
    note = mine.source.read_text()
    said = mine.tmscards("template", "export", "ours", "--output", "notes/nerves.md", code=1).stderr
    assert "this file already exists" in said
    assert mine.source.read_text() == note


def of_default(change: Callable[[Files], object] = lambda _: None) -> bytes:
    """The default template as one file, once something about its files has been changed."""
    with zipfile.ZipFile(io.BytesIO(template_sharing.pack("default", Path()))) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    change(found)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda files: files.update({"../../evil.txt": b"x"}), "no template"),
        (lambda files: files.update({"/etc/evil": b"x"}), "no template"),
        (lambda files: files.update({"default/..\\evil": b"x"}), "no template"),
        (lambda files: files.update({"default/.hidden": b"x"}), "no template"),
        (lambda files: files.update({"other/front.html": b"x"}), "no template"),
        (lambda files: files.update({"loose.txt": b"x"}), "no template"),
        (lambda files: files.update({"default/front.html": b"{{Moon}}"}), "this template has faults"),
        (lambda files: files.pop("default/template.yaml"), "this template has faults"),
        (lambda files: files.update({f"default/{i}.txt": b"x" for i in range(1_001)}), "no template"),
        (lambda files: files.update({"default/bomb.txt": b"0" * 60_000_000}), "no template"),
        (lambda files: files.clear(), "no template"),
    ],
)
def test_what_a_stranger_packs_is_refused(change: Callable[[Files], object], said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(of_default(change))
    with pytest.raises(UserError, match=said):
        template_sharing.add(path, tmp_path / "project")
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["x.zip"]


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"mine", of_default()[:-100]])
def test_what_is_no_zip_file_is_named(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(raw)
    with pytest.raises(UserError, match="this is no template"):
        template_sharing.add(path, tmp_path)
    with pytest.raises(UserError, match="cannot be read"):
        template_sharing.add(tmp_path / "y.zip", tmp_path)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project/templates").symlink_to(tmp_path / "out")
    path = tmp_path / "x.zip"
    path.write_bytes(of_default())
    with pytest.raises(UserError):
        template_sharing.add(path, tmp_path / "project")
    assert not list((tmp_path / "out").iterdir())
