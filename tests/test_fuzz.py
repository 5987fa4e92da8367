"""Hostile notes, records, recipes, templates and folders, made at random: `make fuzz` tries many more of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fuzz_disk
import fuzz_notes
import fuzz_projects
import fuzz_trial
from conftest import ROOT
from fuzz_plants import Plan, Plant


def test_mutated_notes_are_built_or_refused_with_a_message(engine: Any) -> None:
    built, refused = fuzz_notes.run(engine, ROOT / "notes", count=120, seed=0)
    assert built > 20
    assert refused > 5


@pytest.fixture(scope="session")
def bench() -> Iterator[fuzz_trial.Bench]:
    folder = Path(fuzz_disk.scratch())
    made = fuzz_trial.Bench(folder)
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize("first", range(0, 160, 20))
def test_hostile_projects_break_nothing(bench: fuzz_trial.Bench, first: int) -> None:
    packages = 0
    for seed in range(first, first + 20):
        plan = fuzz_projects.plan_of(seed, bench)
        outcome = bench.trial(plan)
        packages += outcome.packages
        assert not outcome.failures, f"seed {seed}: {fuzz_projects.describe(plan)}"
    assert packages >= 6


_RECIPE = Plant("decks/d.yaml", "note", content=b"deck: Deck\n")
_BUILD = Plan((_RECIPE,), (("build",),), was_built=False)


def kinds(outcome: fuzz_trial.Outcome) -> list[str]:
    return [failure.kind for failure in outcome.failures]


def test_a_good_project_passes(bench: fuzz_trial.Bench) -> None:
    outcome = bench.trial(_BUILD)
    assert not outcome.failures
    assert outcome.packages == 1


def test_what_must_not_be_is_noticed(bench: fuzz_trial.Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from tmscards.anki import apkg, note_types

    def prepare(*_: Any, **__: Any) -> None:
        Path("../outside/profile").write_text("overwritten")
        Path("notes/good.md").write_text("overwritten")

    with monkeypatch.context() as patch:
        patch.setattr(apkg, "prepare", prepare)
        assert kinds(bench.trial(_BUILD)) == ["a source was changed by build", "changed outside of the project"]
    with monkeypatch.context() as patch:
        patch.setattr(apkg, "prepare", lambda *_, **__: 1 / 0)
        assert kinds(bench.trial(_BUILD))[0].startswith("ZeroDivisionError in ")
    real = note_types.fields
    with monkeypatch.context() as patch:
        patch.setattr(note_types, "fields", lambda *of: ("<script>", "\x07", *real(*of)[2:]))
        found = kinds(bench.trial(_BUILD))
    assert "live markup in field 0" in found
    assert "a control character in field 1" in found
    assert "the good note has no card" in found
