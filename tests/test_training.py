"""The measuring of cards and the calibration, on notes of our own: what runs for hours elsewhere, in seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

NOTE = """# Coils

A figure-eight coil is a coil with two loops that focuses the field below its centre.

Thanks for reading this far, everyone.
"""
UNITS = [line for line in NOTE.split("\n\n") if not line.startswith("#")]
LABELS = [("definition", 3, ["figure-eight coil", "two loops", "loops", "focuses", "field", "centre"]), ("skip", 0, [])]


def labelled(folder: Path) -> Path:
    """A folder with one labelled note."""
    folder.mkdir()
    (folder / "us__coils.md").write_text(NOTE)
    units = [{"text": text.strip(), "timestamps": []} for text in UNITS]
    (folder / "us__coils.units.json").write_text(json.dumps({"slug": "us__coils", "videoId": "", "units": units}))
    lines = [
        {"slug": "us__coils", "unit": i, "label": label, "importance": importance, "gaps": gaps, "junk": []}
        for i, (label, importance, gaps) in enumerate(LABELS)
    ]
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.mark.process
def test_the_measured_tables_replace_those_in_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n\n<!-- tables -->\nof last year\n<!-- end of tables -->\n\nbehind\n")
    command = [sys.executable, str(ROOT / "benchmarks/quality.py"), f"One note={labelled(tmp_path / 'gold')}"]
    path = os.pathsep.join(filter(None, (str(ROOT / "training"), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}
    run = subprocess.run([*command, "--page", str(page)], capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stderr
    written = page.read_text()
    assert written.startswith("before\n")
    assert written.endswith("\nbehind\n")
    assert "of last year" not in written
    assert "### One note" in written
    [full] = [line.split(" | ") for line in written.splitlines() if line.startswith("| full")]
    # One card or more, all of them good, of the one important statement.
    assert int(full[1]) >= 1
    assert full[3] == "1.00"
    assert full[6] == "1.00"
    assert page.with_suffix(".svg").read_text().startswith("<svg")


def test_calibrated_likelihoods_grow_and_say_how_often_cards_are_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "training"))
    import numpy as np
    from calibration import curve

    likely = [i / 1000 for i in range(1000)]
    # Good twice as rarely as the model says.
    found = curve(likely, [i % 20 < i / 100 for i in range(1000)])
    assert (np.diff(found) >= 0).all()
    assert np.interp(0.8, *found) == pytest.approx(0.4, abs=0.06)
