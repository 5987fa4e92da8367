"""Where does the time of extraction go, by stage?

    python benchmarks/stages.py NOTES_DIR [--count 50]

Extracts so many notes in one process and one thread, and prints the processor's seconds of each stage; what is indented
is part of the line above it. A stage that gives its results one by one is measured to its end.
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

from tmscards.language import context, extraction, features, gaps, lint, nlp
from tmscards.language.ranker import Ranker
from tmscards.notes import passages, sources

STAGES: list[tuple[Any, str, str]] = [
    (extraction, "sentences", "passages and sentences"),
    (passages, "read", "  Markdown to passages"),
    (nlp, "without_see_also", "  see-also links"),
    (extraction, "annotate", "  parse, with see-also links"),
    (lint, "sentence", "  card lint"),
    (extraction, "_item", "  what the ranker reads"),
    (gaps, "candidates", "    spans that could be hidden"),
    (features, "of_spans", "    features of spans"),
    (Ranker, "rate", "ranker"),
    (extraction, "_verdict", "results"),
    (context, "stand_alone", "  standing alone"),
]
SECONDS: defaultdict[str, float] = defaultdict(float)


def measured(work: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The same work, its seconds added up."""

    def run(*args: Any, **more: Any) -> Any:
        began = time.process_time()
        made = work(*args, **more)
        made = iter(list(made)) if isinstance(made, Iterator) else made
        SECONDS[name] += time.process_time() - began
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
    extraction.explain(engine, read[0])
    for owner, name, shown in STAGES:
        setattr(owner, name, measured(getattr(owner, name), shown))
    began = time.process_time()
    for source in read:
        extraction.explain(engine, source)
    total = time.process_time() - began
    print(f"{len(read)} sources: {total:.2f} s, {1000 * total / len(read):.0f} ms a source")
    for _, _, shown in STAGES:
        print(f"{SECONDS[shown]:7.2f} s {100 * SECONDS[shown] / total:5.1f} %  {shown}")


if __name__ == "__main__":
    main()
