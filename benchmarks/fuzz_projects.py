"""Looks for projects that break tmscards: makes hostile ones from random seeds, and runs the commands in each.

    python benchmarks/fuzz_projects.py [--seed N] [--count N] [--processes N] [--keep FOLDER] [--json FILE]

Goes on after failures, and ends with a table of what became of the trials and with each kind of failure: its seeds, and
the smallest project that still shows it. The exit code is 1 if anything failed. `--seed N --count 1 --keep FOLDER`
leaves the project of one seed in a folder.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import random
import resource
import shutil
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

# Threads of numpy's would only be in the way of the other process.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from fuzz_anki import Failure
from fuzz_disk import scratch
from fuzz_plan import Planner
from fuzz_plants import RECIPE, Plan, Plant
from fuzz_trial import Bench, Outcome

_SILENT = 240
"""Seconds after which a process that gives no sign hangs in a library."""
_MEMORY = 6 << 30
"""Bytes of address space for a process, so that a bomb takes no other's memory."""
_REAL = 400
"""Of so many trials, one runs the real command in a process of its own."""
_SHRINK = 12
"""Seconds to spend on making the example of a new kind of failure smaller."""
_PLAIN = b"deck: Deck\n"


def plan_of(seed: int, bench: Bench) -> Plan:
    """The plan of a seed."""
    return Planner(random.Random(seed), bench.built, bench.template).plan()


def is_real(seed: int) -> bool:
    """Whether the trial of a seed runs the real command."""
    return seed % _REAL == _REAL - 1


def smaller(plan: Plan) -> Iterator[Plan]:
    """Plans that are a little smaller than this one."""
    if plan.was_built:
        yield replace(plan, was_built=False)
    if plan.on_terminal:
        yield replace(plan, on_terminal=False)
    for i in range(len(plan.commands)):
        if len(plan.commands) > 1:
            yield replace(plan, commands=plan.commands[:i] + plan.commands[i + 1 :])
    others = [i for i, plant in enumerate(plan.plants) if plant.path != RECIPE or plant.side != "note"]
    for i in others:
        yield replace(plan, plants=plan.plants[:i] + plan.plants[i + 1 :])
    for i, plant in enumerate(plan.plants):
        for content in _shorter(plant) if i in others else (_PLAIN,) if plant.content != _PLAIN else ():
            yield replace(plan, plants=(*plan.plants[:i], replace(plant, content=content), *plan.plants[i + 1 :]))


def _shorter(plant: Plant) -> Iterator[bytes]:
    """What is left of a file's content without each half, quarter and so on, without each line, and each character."""
    raw = plant.content
    size = len(raw) // 2
    while size > 16:
        for start in range(0, len(raw), size):
            yield raw[:start] + raw[start + size :]
        size //= 2
    lines = raw.splitlines(keepends=True)
    for i in range(len(lines) if 1 < len(lines) < 60 else 0):
        yield b"".join(lines[:i] + lines[i + 1 :])
    for size in (8, 3, 1) if len(raw) < 300 else ():
        for start in range(0, len(raw), size):
            yield raw[:start] + raw[start + size :]


def shrunk(bench: Bench, plan: Plan, kind: str, sign: Any) -> Plan:
    """The smallest plan found in a few seconds that fails in the same way."""
    until = time.monotonic() + _SHRINK
    found = True
    while found:
        found = False
        for each in smaller(plan):
            if time.monotonic() > until:
                return plan
            sign()
            if any(failure.kind == kind for failure in bench.trial(each, most=2).failures):
                plan, found = each, True
                break
    return plan


def work(seeds: Connection, results: Connection, folder: str) -> None:
    """Try the seeds that come, one by one, and send back what came of each."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    bench, known = Bench(Path(folder)), set[str]()
    gc.collect()
    gc.freeze()
    while (seed := seeds.recv()) is not None:
        results.send(("begun", seed, None, None))
        plan = plan_of(seed, bench)
        outcome = bench.trial(plan, real=is_real(seed))
        examples = {}
        for kind in dict.fromkeys(failure.kind for failure in outcome.failures):
            if kind not in known and outcome.seconds < 4 and not is_real(seed):
                known.add(kind)
                plan = shrunk(bench, plan_of(seed, bench), kind, lambda: results.send(("begun", seed, None, None)))
                examples[kind] = describe(plan)
        results.send(("done", seed, outcome, examples))
    bench.close()


def describe(plan: Plan) -> str:
    """A plan for people to read."""
    plants = "; ".join(map(str, plan.plants))
    commands = ", ".join(" ".join(command) for command in plan.commands)
    then = "on a terminal" if plan.on_terminal else "then"
    return f"{plants}; {'built before; ' if plan.was_built else ''}{then} {commands!r}"


class Workers:
    """The processes that try seeds; one that hangs in a library is killed, and another takes its place."""

    def __init__(self, count: int) -> None:
        self._folder = scratch()
        self._context = multiprocessing.get_context("spawn")
        self._running: dict[Connection, tuple[Any, Connection]] = {}
        self._begun: dict[Connection, tuple[int | None, float]] = {}
        for _ in range(count):
            self._start()

    def _start(self) -> None:
        seeds, send = self._context.Pipe(duplex=False)
        receive, results = self._context.Pipe(duplex=False)
        folder = Path(self._folder, str(time.monotonic_ns()))
        folder.mkdir()
        process = self._context.Process(target=work, args=(seeds, results, str(folder)), daemon=True)
        process.start()
        results.close()
        self._running[receive] = (process, send)
        self._begun[receive] = (None, time.monotonic() + 120)

    def results(self, seeds: Iterator[int]) -> Iterator[tuple[int, Outcome, dict[str, str]]]:
        """Yield what comes of each seed, with examples of new kinds of failure."""
        for _, send in list(self._running.values()):
            self._give(send, seeds)
        while self._running:
            for receive in wait(list(self._running), timeout=1):
                assert isinstance(receive, Connection)
                try:
                    what, seed, outcome, examples = receive.recv()
                except EOFError:
                    yield from self._gone(receive, "the process ended", seeds)
                    continue
                self._begun[receive] = (seed, time.monotonic())
                if what == "done":
                    yield seed, outcome, examples
                    self._give(self._running[receive][1], seeds)
            for receive, (_, since) in list(self._begun.items()):
                if receive in self._running and time.monotonic() - since > _SILENT:
                    self._running[receive][0].kill()
                    yield from self._gone(receive, f"no sign for {_SILENT} s", seeds)

    def _give(self, send: Connection, seeds: Iterator[int]) -> None:
        seed = next(seeds, None)
        send.send(seed)

    def _gone(
        self, receive: Connection, why: str, seeds: Iterator[int]
    ) -> Iterator[tuple[int, Outcome, dict[str, str]]]:
        """Replace a process that is gone, if it was trying a seed."""
        process, _ = self._running.pop(receive)
        process.join()
        seed, _ = self._begun.pop(receive)
        if seed is not None and process.exitcode:
            yield seed, Outcome([Failure(why, f"exit code {process.exitcode}")]), {}
            self._start()
            self._give(list(self._running.values())[-1][1], seeds)

    def close(self) -> None:
        """Remove what they have left."""
        shutil.rmtree(self._folder, ignore_errors=True)


class Tally:
    """What became of all trials."""

    def __init__(self) -> None:
        self.trials, self.packages, self.refused = 0, 0, 0
        self.messages = Counter[str]()
        self.failed = defaultdict[str, list[int]](list)
        self.details: dict[str, str] = {}
        self.examples: dict[str, str] = {}
        self.slowest: list[tuple[float, int]] = []

    def add(self, seed: int, outcome: Outcome, examples: dict[str, str]) -> None:
        """Count a trial."""
        self.trials += 1
        self.packages += outcome.packages
        self.refused += outcome.was_refused
        self.messages.update(set(outcome.messages))
        for failure in outcome.failures:
            if seed not in self.failed[failure.kind]:
                self.failed[failure.kind].append(seed)
            self.details.setdefault(failure.kind, failure.detail)
        for kind, example in examples.items():
            self.examples.setdefault(kind, example)
        self.slowest = sorted((*self.slowest, (outcome.seconds, seed)), reverse=True)[:8]

    def lines(self, seconds: float) -> Iterator[str]:
        """The table."""
        failing = len({seed for seeds in self.failed.values() for seed in seeds})
        yield f"{self.trials} projects in {seconds:.0f} s: {self.packages} decks, which Anki took unless said below;"
        yield f"  {self.refused} projects without a deck, refused with a message; {failing} projects failed."
        yield "Slowest: " + ", ".join(f"{took:.1f} s (seed {seed})" for took, seed in self.slowest)
        yield "The commonest messages:"
        yield from (f"{count:8}  {message}" for message, count in self.messages.most_common(40))
        for kind, seeds in sorted(self.failed.items(), key=lambda item: -len(item[1])):
            yield f"\nFAILED {len(seeds)} times: {kind}\n  seeds {', '.join(map(str, sorted(seeds)[:8]))}"
            yield f"  smallest: {self.examples.get(kind, '?')}"
            yield "  " + "\n  ".join(self.details[kind].strip().splitlines()[-6:])[:1500]


def run(seed: int, count: int, processes: int) -> Tally:
    """Try `count` seeds from `seed` on, in as many processes, and print now and then how far it is."""
    tally, began = Tally(), time.monotonic()
    said = began
    workers = Workers(processes)
    try:
        for number, outcome, examples in workers.results(iter(range(seed, seed + count))):
            for kind in {failure.kind for failure in outcome.failures} - tally.failed.keys():
                print(f"FAILED with seed {number}: {kind}", flush=True)
            tally.add(number, outcome, examples)
            if time.monotonic() - said > 20:
                said = time.monotonic()
                kinds = f"{len(tally.failed)} kinds of failure"
                print(f"{tally.trials} of {count} in {said - began:.0f} s, {kinds}", flush=True)
    finally:
        workers.close()
    print("\n".join(tally.lines(time.monotonic() - began)))
    return tally


def one(seed: int, keep: Path) -> bool:
    """Try one seed, and leave its project in a folder; whether nothing failed."""
    folder = Path(scratch())
    bench = Bench(folder)
    plan = plan_of(seed, bench)
    outcome = bench.trial(plan, real=is_real(seed), keep=keep.absolute())
    bench.close()
    shutil.rmtree(folder)
    print(describe(plan))
    for failure in outcome.failures:
        print(f"FAILED: {failure.kind}\n{failure.detail}")
    return not outcome.failures


def main() -> None:
    """Read the options, run, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options.add_argument("--keep", type=Path)
    options.add_argument("--json", type=Path, help="also write kinds of failure, examples and seeds to this file")
    given = options.parse_args()
    if given.keep:
        sys.exit(0 if one(given.seed, given.keep) else 1)
    tally = run(given.seed, given.count, given.processes)
    if given.json:
        kinds = {
            k: {"seeds": s, "example": tally.examples.get(k), "detail": tally.details[k]}
            for k, s in tally.failed.items()
        }
        given.json.write_text(json.dumps(kinds, indent=1))
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
