from __future__ import annotations

from typing import Any

import fuzz
from conftest import ROOT


def test_mutated_notes_are_built_or_refused_with_a_message(engine: Any) -> None:
    built, refused = fuzz.run(engine, ROOT / "notes", count=120, seed=0)
    assert built > 20
    assert refused > 5
