"""What an import does to cards that somebody has learnt with: each kind of change, in each version of Anki.

docs/importing.md shows what is expected here; every row of its table is a case of this file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from anki_versions import VERSIONS, Learner
from conftest import ROOT
from project import NOTE, Project
from tmscards.anki import templates

pytestmark = pytest.mark.process

VAGUS, CORTEX, COIL, ANODE, CATHODE = "vagus", "cortex", "coil", "anode", "cathode"
"""Words that tell the five notes apart; the last two are of one sentence."""
TEXT = f"""{NOTE}
The ==coil== reaches a depth of ==three centimetres== [00:03:00].

The anode attracts negative ions, and the cathode attracts positive ions.
"""
EDITED, TAGGED = "my own words", "mine"


@dataclass(frozen=True)
class Case:
    """Something that happens between two imports, and what a learner finds after the second."""

    name: str
    happens: Callable[[Project], None]
    updated: tuple[str, ...] = ()
    """The notes that Anki takes over anew."""
    new: int = 0
    """Notes that come in."""
    texts: dict[str, str] | None = None
    """The Text field of notes, where it is not as before."""
    empty: int = 0
    """Cards that have lost their answer."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What the recipe sets of the template."""


def edit(old: str, new: str) -> Callable[[Project], None]:
    return lambda project: project.edit(old, new)


def move(project: Project) -> None:
    sentence = "The ==vagus nerve== slows the ==heart== within a few seconds [00:01:00].\n"
    project.edit(sentence, "")
    project.edit("## Brain\n", f"## Brain\n\n{sentence}")


def rename(project: Project) -> None:
    project.source.rename(project.source.with_name("renamed.md"))


def delete_and_restore(project: Project) -> None:
    text = project.source.read_text()
    project.edit("The ==vagus nerve== slows the ==heart== within a few seconds [00:01:00].\n", "")
    project.build()
    project.source.write_text(text)


def restyle(project: Project) -> None:
    css = project.folder / "templates/default/style.css"
    css.write_text(css.read_text() + ".card { outline: 0 }\n")


def redo_html(project: Project) -> None:
    back = project.folder / "templates/default/back.html"
    back.write_text(back.read_text() + "<hr>\n")


def reoption(project: Project) -> None:
    (project.folder / "decks/nerves.yaml").write_text("deck: Nerves\noptions: {accent: '#123456', context: none}\n")


def retag(project: Project) -> None:
    (project.folder / "decks/nerves.yaml").write_text("deck: Nerves\ntags: [physiology]\n")


def redeck(project: Project) -> None:
    (project.folder / "decks/nerves.yaml").write_text('deck: "Nerves::{title}"\n')


def another_machine(project: Project) -> None:
    """The same sources and template; neither records nor deck."""
    shutil.rmtree(project.records)
    project.deck.unlink()
    project.folder = project.folder.rename(project.folder.with_name("machine"))
    project.deck = project.folder / "decks/nerves.apkg"


SLOWED = "The {{c1::vagus nerve}} slows the {{c2::heart}} within "
CASES = (
    Case("nothing changed", lambda _: None),
    Case("typo fixed", edit("a few seconds", "a few second"), (VAGUS,), texts={VAGUS: f"{SLOWED}a few second."}),
    Case(
        "sentence reworded",
        edit("slows the ==heart== within a few seconds", "calms the ==heart== in some seconds"),
        (VAGUS,),
        texts={VAGUS: "The {{c1::vagus nerve}} calms the {{c2::heart}} in some seconds."},
    ),
    Case(
        "gap added",
        edit("a few seconds", "==a few seconds=="),
        (VAGUS,),
        texts={VAGUS: f"{SLOWED}{{{{c3::a few seconds}}}}."},
    ),
    Case(
        "gap removed",
        edit("the ==heart==", "the heart"),
        (VAGUS,),
        texts={VAGUS: "The {{c1::vagus nerve}} slows the heart within a few seconds."},
        empty=1,
    ),
    Case(
        "two gaps swapped in the sentence",
        edit("The ==vagus nerve== slows the ==heart== within", "The ==heart== is slowed by the ==vagus nerve== within"),
        (VAGUS,),
        texts={VAGUS: "The {{c2::heart}} is slowed by the {{c1::vagus nerve}} within a few seconds."},
    ),
    Case("sentence moved to another section", move, (VAGUS,)),
    Case("file renamed", rename),
    Case("sentence deleted and restored", delete_and_restore, (VAGUS,)),
    Case(
        "second of two facts reworded",
        edit("the cathode attracts", "the cathode pulls in"),
        (CATHODE,),
        texts={CATHODE: "The cathode pulls in {{c1::positive ions}}."},
    ),
    Case(
        "first of two facts reworded",
        edit("The anode attracts", "The anode pulls in"),
        (ANODE,),
        texts={ANODE: "The anode pulls in {{c1::negative ions}}."},
    ),
    Case("CSS changed", restyle),
    Case("HTML changed", redo_html),
    Case("template option changed", reoption, options={"accent": "#123456", "context": "none"}),
    Case("recipe tags changed", retag, (VAGUS, CORTEX, COIL, ANODE, CATHODE)),
    Case("cards sorted into subdecks", redeck),
    Case("records folder lost", lambda project: shutil.rmtree(project.records)),
    Case("second machine", another_machine),
)


@pytest.fixture(scope="module", params=CASES, ids=[case.name for case in CASES])
def shipped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Path, Path, Path]:
    """A case with the packages of two builds, before and after it happened, and the folder of its template."""
    import subprocess
    import sys

    def run(*args: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "tmscards", *args], cwd=cwd, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    case, folder = request.param, tmp_path_factory.mktemp("case")
    project = Project(folder / "project", run)
    shutil.copytree(ROOT / "templates/default", project.folder / "templates/default")
    project.source.write_text(TEXT)
    project.build()
    first = shutil.copyfile(project.deck, folder / "first.apkg")
    case.happens(project)
    project.build()
    return case, first, shutil.copyfile(project.deck, folder / "second.apkg"), project.folder / "templates/default"


@pytest.mark.parametrize(("version", "python"), VERSIONS, ids=[version for version, _ in VERSIONS])
def test_what_a_learner_has_survives(
    version: str, python: Path, shipped: tuple[Case, Path, Path, Path], tmp_path: Path
) -> None:
    case, first, second, template = shipped
    learner = Learner(python, tmp_path / "learner.anki2")
    _, fresh = learner.do({"do": "import", "package": str(first)}, {"do": "state"})
    guids = {word: guid_with(fresh, word) for word in (VAGUS, CORTEX, COIL, ANODE, CATHODE)}
    # What is edited and tagged is a note that only recipe tags and the look of the cards touch.
    own = (
        []
        if COIL in case.updated
        else [
            {"do": "edit", "guid": guids[COIL], "field": "Extra", "text": EDITED},
            {"do": "tag", "guid": guids[COIL], "tag": TAGGED},
        ]
    )
    *_, before = learner.do(
        *[
            {"do": "review", "guid": guid, "ord": ord, "ease": 3}
            for guid in guids.values()
            for ord in cards(fresh, guid)
        ],
        {"do": "suspend", "guid": guids[VAGUS], "ord": 0},
        {"do": "flag", "guid": guids[VAGUS], "ord": 1, "flag": 2},
        {"do": "move", "guid": guids[CORTEX], "ord": 0, "deck": "Mine"},
        *own,
        # Anki takes over what is newer by a second.
        {"do": "state"},
    )
    log, after = learner.do({"do": "import", "package": str(second)}, {"do": "state"})
    assert (log["updated"], log["new"], log["conflicting"]) == (len(case.updated), case.new, 0)
    assert len(after["notes"]) == len(before["notes"]) + case.new, "nothing is there twice"
    for word, guid in guids.items():
        old, new = before["notes"][guid], after["notes"][guid]
        for ordinal, card in old["cards"].items():
            assert new["cards"][ordinal] == card, "history, due date, suspension, flag and deck"
        if word not in case.updated:
            assert new == old
        expected = (case.texts or {}).get(word, old["fields"]["Text"])
        assert new["fields"]["Text"] == expected
    assert after["empty_cards"] == case.empty
    if own:
        assert after["notes"][guids[COIL]]["fields"]["Extra"] == EDITED
        assert TAGGED in after["notes"][guids[COIL]]["tags"]
    [note_type] = after["note_types"].values()
    made = templates.read(template, case.options).note_type
    assert (note_type["css"], note_type["back"]) == (made.css, made.back)
    assert after["decks"].count("Nerves") == 1


def guid_with(state: dict[str, Any], word: str) -> str:
    guid: str
    [guid] = [guid for guid, note in state["notes"].items() if word in note["fields"]["Text"]]
    return guid


def cards(state: dict[str, Any], guid: str) -> list[int]:
    return [int(ordinal) for ordinal in state["notes"][guid]["cards"]]


def test_the_documentation_shows_every_case() -> None:
    table = (ROOT / "docs/importing.md").read_text()
    for case in CASES:
        assert f"| {case.name} |" in table
    for version, _ in VERSIONS[:-1]:
        assert version in table
