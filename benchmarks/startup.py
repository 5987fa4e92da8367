"""Measures start-up: `tmscards --help` against a bare typer program.

    python benchmarks/startup.py

The two run in turn. Prints the median of each, and the median of the ratios.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 15
BARE = """
import typer
app = typer.Typer(add_completion=False)
@app.command()
def one(name: str) -> None: "Say a name."
@app.command()
def two(name: str) -> None: "Say another."
app()
"""


def seconds(command: list[str]) -> float:
    """How long a command takes, from the start of its process to the end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        ours, theirs = [sys.executable, "-m", "tmscards", "--help"], [sys.executable, str(bare), "--help"]
        # The first pair fills the file system's cache and is not counted.
        pairs = [(seconds(ours), seconds(theirs)) for _ in range(RUNS + 1)][1:]
    print(f"Python {sys.version.split()[0]}, {RUNS} pairs of runs")
    print(f"tmscards --help  {statistics.median(a for a, _ in pairs):.3f} s")
    print(f"bare typer       {statistics.median(b for _, b in pairs):.3f} s")
    print(f"ratio            {statistics.median(a / b for a, b in pairs):.2f}")


if __name__ == "__main__":
    main()
