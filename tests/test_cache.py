"""The cache affects nothing but speed, whatever happens to it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy

import damage
from conftest import ROOT
from tmscards.build import incremental, pipeline, workers
from tmscards.build.extraction_cache import Extraction
from tmscards.build.pipeline import BuildContext
from tmscards.build.project import of_recipe, without_recipe
from tmscards.build.workers import Workers
from tmscards.domain import Digest, Extract, Source
from tmscards.language import pipelines
from tmscards.notes import sources
from tmscards.storage import bundled, cache, fingerprint

Run = Callable[..., subprocess.CompletedProcess[str]]

NOTES = ROOT / "notes"
READ = [sources.read(path, NOTES) for path in sorted(NOTES.glob("*.md"))]


@pytest.fixture(scope="module")
def fresh() -> list[Any]:
    return list(map(workers.task(None), READ))


def extracted(project: Path, read: list[Source] = READ) -> list[Extract]:
    deck = without_recipe(project)
    with incremental.kept_of(deck) as kept, Workers(1) as alone:
        extraction = Extraction(kept, alone, None, read)
        return [extract for _, extract in extraction.of(extraction.sources)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that were extracted and not found in the cache."""
    paths: list[str] = []
    extract = workers._extract

    def counted(*task: Any) -> Any:
        paths.append(task[-1].path)
        return extract(*task)

    monkeypatch.setattr(workers, "_extract", counted)
    return paths


def test_what_is_kept_is_what_was_extracted(tmp_path: Path, fresh: list[Any], asked: list[str]) -> None:
    assert extracted(tmp_path) == fresh
    assert len(asked) == len(READ)
    asked.clear()
    assert extracted(tmp_path) == fresh
    assert asked == []
    assert (tmp_path / ".tmscards" / ".gitignore").read_text() == "*\n"


def test_only_a_source_that_changed_is_extracted(tmp_path: Path, asked: list[str]) -> None:
    notes = shutil.copytree(NOTES, tmp_path / "notes")

    def read() -> list[Source]:
        return [sources.read(path, notes) for path in sorted(notes.glob("*.md"))]

    extracted(tmp_path, read())
    asked.clear()
    changed, renamed, *_ = sorted(notes.glob("*.md"))
    changed.write_text(changed.read_text() + "\nThe coil makes a field of one tesla.\n")
    renamed.rename(notes / "zzz.md")
    extracted(tmp_path, read())
    assert asked == [changed.name]


@pytest.mark.parametrize("what", ["code", "pipeline"])
def test_what_could_change_the_result_is_asked_for_anew(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    extracted(tmp_path)
    asked.clear()
    if what == "code":
        monkeypatch.setattr(fingerprint, "of_tmscards", lambda: "another")
    else:
        monkeypatch.setattr(fingerprint, "of_package", lambda _: "en_core_web_sm 3.9.0")
    extracted(tmp_path)
    assert len(asked) == len(READ)


def test_a_changed_density_costs_no_extraction(tmp_path: Path, asked: list[str]) -> None:
    shutil.copytree(NOTES, tmp_path / "notes")
    recipe = tmp_path / "decks" / "a.yaml"
    recipe.parent.mkdir()
    made = {}
    for density in ("normal", "full", "sparse"):
        recipe.write_text(f"deck: A\ndensity: {density}\n")
        with Workers(1) as alone:
            made[density] = pipeline.build(BuildContext(of_recipe(recipe), alone))
        assert len(asked) == len(READ)
    counts = [sum(made[density].notes.values()) for density in ("sparse", "normal", "full")]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_changed_code_is_seen_wherever_it_stands(tmp_path: Path) -> None:
    package = shutil.copytree(bundled.PACKAGE, tmp_path / "tmscards")
    before = fingerprint.of_folder(package)
    for path in ("__init__.py", "language/lint.py"):
        append(package / path, "# changed\n")
        after = fingerprint.of_folder(package)
        assert after != before
        before = after
    (package / "language" / "lint.py").rename(package / "notes" / "lint.py")
    assert fingerprint.of_folder(package) != before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def scribble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)


def damage_a_value(path: Path) -> None:
    with sqlite3.connect(path) as database:
        [(key, value)] = database.execute("select key, value from kept limit 1").fetchall()
        database.execute("update kept set value = ? where key = ?", (value[:-9] + bytes(9), key))
    database.close()


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_text("Not a database.\n" * 1000),
    "cut": cut,
    "scribbled over": scribble,
    "a damaged value": damage_a_value,
    "a folder in its place": make_a_folder,
    "an older layout": lambda path: (path.unlink(), sqlite3.connect(path).execute("create table kept (a)")),
}


@pytest.mark.parametrize("harm", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_noticed_and_mended(tmp_path: Path, fresh: list[Any], harm: Callable[[Path], object]) -> None:
    extracted(tmp_path)
    path = tmp_path / ".tmscards" / "cache.sqlite"
    harm(path)
    assert extracted(tmp_path) == fresh
    assert extracted(tmp_path) == fresh


def test_every_damaged_cache_gives_the_deck_that_no_cache_gives(tmp_path: Path) -> None:
    report = damage.run(count=66, seed=0, folder=tmp_path)
    assert report.faults == []
    assert report.still_used > 20


def test_a_damaged_cache_is_whole_again_at_the_second_build(tmp_path: Path, asked: list[str]) -> None:
    extracted(tmp_path)
    scribble(tmp_path / ".tmscards" / "cache.sqlite")
    extracted(tmp_path)
    extracted(tmp_path)
    asked.clear()
    extracted(tmp_path)
    assert asked == []


def test_a_cache_that_another_build_writes_to_is_done_without(tmp_path: Path, fresh: list[Any]) -> None:
    extracted(tmp_path)
    other = sqlite3.connect(tmp_path / ".tmscards" / "cache.sqlite")
    other.execute("begin exclusive")
    assert extracted(tmp_path) == fresh
    other.close()
    assert (tmp_path / ".tmscards" / "cache.sqlite").exists()


def test_what_nobody_asks_for_goes_after_a_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_700_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    with cache.of_project(tmp_path) as kept:
        kept.put(Digest("a"), b"A")
        kept.put(Digest("b"), b"B")
    now += 20 * 86_400
    with cache.of_project(tmp_path) as kept:
        assert kept.get(Digest("a")) == b"A"
    now += 20 * 86_400
    with cache.of_project(tmp_path):
        pass
    with cache.of_project(tmp_path) as kept:
        assert (kept.get(Digest("a")), kept.get(Digest("b"))) == (b"A", None)


def test_a_project_that_cannot_be_written_builds_all_the_same(tmp_path: Path, fresh: list[Any]) -> None:
    (tmp_path / ".tmscards").write_text("in the way")
    assert extracted(tmp_path) == fresh


def test_a_build_from_the_cache_loads_no_models(tmscards: Run, tmp_path: Path) -> None:
    shutil.copytree(NOTES, tmp_path / "notes")
    tmscards("build")
    deck = next(tmp_path.glob("decks/*.apkg"))
    before = deck.read_bytes()
    script = (
        "import sys; from tmscards.cli import commands as cli; from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(cli.app, ['build']).exit_code == 0\n"
        "assert not {'spacy', 'thinc', 'numpy', 'onnxruntime'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    assert deck.read_bytes() == before
    shutil.rmtree(tmp_path / ".tmscards")
    tmscards("build")
    assert deck.read_bytes() == before


@pytest.fixture
def project(tmp_path: Path, tmscards: Run) -> Path:
    """A deck of the sample notes, with a template of its own, built."""
    shutil.copytree(NOTES, tmp_path / "notes")
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "a.yaml").write_text("deck: A\ntemplate: ours\n")
    tmscards("template", "new", "ours")
    tmscards("build")
    return tmp_path


def same(text: str) -> str:
    """What a build says, without the seconds."""
    return re.sub(r"[\d.]+ s, written", "written", text)


def test_where_nothing_changed_nothing_is_written_and_the_same_is_told(project: Path, tmscards: Run) -> None:
    deck = project / "decks" / "a.apkg"
    before = deck.stat().st_ino
    told = same(tmscards("build").stdout)
    assert deck.stat().st_ino == before
    shutil.rmtree(project / ".tmscards")
    assert same(tmscards("build").stdout) == told
    assert deck.stat().st_ino != before
    assert "Nothing changes" in told


TOUCHES: dict[str, Callable[[Path], object]] = {
    "a note": lambda p: append(p / "notes" / "saint_protocol.md", "\nThe ==coil== is cold.\n"),
    "a note more": lambda p: (p / "notes" / "new.md").write_text("The ==coil== is cold.\n"),
    "a note less": lambda p: (p / "notes" / "saint_protocol.md").unlink(),
    "the recipe": lambda p: append(p / "decks" / "a.yaml", "tags: [x]\n"),
    "the template": lambda p: append(p / "templates" / "ours" / "style.css", ".x { color: red }\n"),
    "a record": lambda p: replace_in(p / "decks" / "a" / "saint_protocol.yaml", "status: auto", "status: rejected"),
    "a record less": lambda p: (p / "decks" / "a" / "saint_protocol.yaml").unlink(),
    "the deck gone": lambda p: (p / "decks" / "a.apkg").unlink(),
}


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def replace_in(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
def test_whatever_changed_is_noticed(project: Path, tmscards: Run, touch: Callable[[Path], object]) -> None:
    """The build with a cache does what one without does."""
    touch(project)
    without = project.with_name(f"{project.name}-without")
    shutil.copytree(project, without)
    shutil.rmtree(without / ".tmscards")
    told = [same(tmscards("build", cwd=folder).stdout) for folder in (project, without)]
    assert told[0] == told[1]

    def made(folder: Path) -> dict[str, str]:
        return {
            str(path.relative_to(folder)): re.sub(r"(modified|changed): \d+", "", path.read_text())
            for path in sorted(folder.rglob("decks/a/**/*.yaml"))
        }

    assert made(project) == made(without)
    assert (project / "decks" / "a.apkg").exists()


def test_a_pipeline_that_is_a_folder_may_change_at_any_time(project: Path, tmscards: Run) -> None:
    folder = project / "pipeline"
    spacy.load(pipelines.DEFAULT[1]).to_disk(folder)
    append(project / "decks" / "a.yaml", f"pipeline: {folder}\n")
    shutil.rmtree(project / ".tmscards")
    deck = project / "decks" / "a.apkg"
    for _ in range(2):
        before = deck.stat().st_ino
        tmscards("build")
        assert deck.stat().st_ino != before
    assert not (project / ".tmscards").exists()
    (folder / "config.cfg").write_text("[nlp]\nlang = 'nowhere'\n")
    assert "cannot be loaded" in tmscards("build", code=1).stderr


def test_a_template_with_a_file_that_cannot_be_read(project: Path, tmscards: Run) -> None:
    (project / "templates" / "ours" / "more").symlink_to(project / "nowhere")
    tmscards("build")
    front = project / "templates" / "ours" / "front.html"
    front.unlink()
    front.symlink_to(project / "nowhere")
    assert "front.html: this file cannot be read" in tmscards("build", code=1).stderr
