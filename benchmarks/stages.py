"""Measures where the time of extraction goes, stage by stage.

    python benchmarks/stages.py NOTES_DIR [--count 50]

Extracts that many notes in one process and one thread, and prints the processor seconds of each stage. An indented
stage is part of the one above it. A stage that yields its results one by one is measured until the last of them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"

from tmscards.language import context, extraction, features, gaps, lint, nlp, reading
from tmscards.language.ranker import Ranker
from tmscards.notes import passages, sources

STAGES: dict[str, list[tuple[Any, str]]] = {
    "passages and sentences": [(extraction, "sentences")],
    "  Markdown to passages": [(passages, "read")],
    "  see-also links": [(nlp, "without_see_also")],
    "  parse, with see-also links": [(reading, "annotate")],
    "  card lint": [(lint.Sentence, "of"), (lint, "structural"), (lint, "check")],
    "  what the ranker reads": [(reading, "_item")],
    "    spans that could be hidden": [(gaps, "candidates")],
    "    features of spans": [(features, "of_spans")],
    "ranker": [(Ranker, "rate")],
    "results": [(extraction, "_result")],
    "  standing alone": [(context, "stand_alone")],
}
"""The functions of each stage: the module or class that has each, and its name there."""
SECONDS: defaultdict[str, float] = defaultdict(float)


def measured(work: Callable[..., Any], stage: str) -> Callable[..., Any]:
    """The same function, which now adds the seconds it takes to its stage."""

    def run(*args: Any, **more: Any) -> Any:
        began = time.process_time()
        made = work(*args, **more)
        made = iter(list(made)) if isinstance(made, Iterator) else made
        SECONDS[stage] += time.process_time() - began
        return made

    return run


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--count", type=int, default=50)
    args = parser.parse_args()
    paths = sorted(args.notes.rglob("*.md"))[: args.count]
    read = [sources.read(path, args.notes) for path in paths]
    engine = extraction.load()
    extraction.extract(engine, read[0])
    for stage, functions in STAGES.items():
        for owner, name in functions:
            setattr(owner, name, measured(getattr(owner, name), stage))
    began = time.process_time()
    for source in read:
        extraction.extract(engine, source)
    total = time.process_time() - began
    print(f"{len(read)} sources: {total:.2f} s, {1000 * total / len(read):.0f} ms per source")
    for stage in STAGES:
        print(f"{SECONDS[stage]:7.2f} s {100 * SECONDS[stage] / total:5.1f} %  {stage}")


if __name__ == "__main__":
    main()
