"""Fits the ranker's weights to labelled notes, and writes them as data.

    python training/fit_ranker.py prepare ROWS --labelled DIR [--unlabelled DIR PER_NOTE LIMIT] [--leave-out DIR]
    python training/fit_ranker.py teach ROWS OPINIONS
    python training/fit_ranker.py fit ROWS OPINIONS --weights FILE [--test ROWS]
    python training/fit_ranker.py cuts ROWS --weights FILE

`prepare` needs only tmscards; the others also need the packages in requirements/train.in, which `make train` installs.
They keep what they have reached in files beside OPINIONS, and go on from there if they were stopped. docs/quality.md
says what labelled notes look like, and how good the fitted ranker is.

How it works: a large model, MPNet (Song et al. 2020), is fine-tuned on the labels, and gives its opinions of many
unlabelled sentences. A small one, the first layers of MiniLM (Wang et al. 2020), learns from those opinions (Hinton,
Vinyals and Dean 2015, Distilling the knowledge in a neural network), and then from the labels. The small one ships. How
likely a card is good is read off labels that it has not learnt from: for each part of the authors, it learns from the
labels of the others alone.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import random
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from statistics import stdev
from typing import TYPE_CHECKING

from rows import Row, Target, labelled, unlabelled

from tmscards.language.nlp import load

if TYPE_CHECKING:
    from fitting import Opinion
    from models import Student

PARTS = 4
"""Into so many parts the authors are divided, for likelihoods of what a model has not learnt from."""
PER_PIECE = 2_000
"""So many sentences the teacher is asked about before its opinions are stored."""
MOST_CARDS = 2
"""So many cards of a sentence are looked at."""

MADE, LOST = 0.5, 0.003
"""The share of sentences that a card may be made of, and the share of these that may be lost by stopping early."""

Point = tuple[float, float, float, float]
"""A point of a curve: precision, recall of important and of vital sentences, and the lowest worth of its cards."""


def prepare(args: argparse.Namespace) -> None:
    """Read notes into rows, and store them."""
    nlp = load()
    rows = [row for folder in args.labelled for row in labelled(nlp, folder)]
    print(f"{len(rows)} labelled sentences from {len({r.note for r in rows})} notes", flush=True)
    for folder, per_note, limit in args.unlabelled or ():
        rows += unlabelled(nlp, Path(folder), args.leave_out or args.labelled, int(per_note), int(limit))
        print(f"{sum(r.label is None for r in rows)} unlabelled sentences", flush=True)
    args.rows.write_bytes(pickle.dumps(rows))


def teach(args: argparse.Namespace) -> None:
    """Fit a teacher to the labelled rows, and store its opinions of the others."""
    from fitting import Course, fit, predict
    from models import Teacher

    known, free = read(args.rows)
    course = Course(epochs=4, size=16, rate=5e-5, head_rate=5e-4, seed=1)
    teacher = fit(Teacher, known, labels_of(known), course, args.opinions.with_suffix(".teacher"))
    part = args.opinions.with_suffix(".part")
    said: list[Opinion] = pickle.loads(part.read_bytes()) if part.exists() else []
    while len(said) < len(free):
        said += predict(teacher, free[len(said) : len(said) + PER_PIECE])
        part.write_bytes(pickle.dumps(said))
        print(f"{len(said)} of {len(free)} opinions", flush=True)
    part.replace(args.opinions)


def fit_and_write(args: argparse.Namespace) -> None:
    """Fit a student to opinions and labels, show how good it is on labels not learnt from, and write its weights."""
    import numpy as np
    from calibration import curve as calibration
    from cutting import examples, head
    from fitting import predict
    from models import pack

    known, free = read(args.rows)
    taught = base(free, pickle.loads(args.opinions.read_bytes()), args.opinions.with_suffix(".student"))
    unseen: list[tuple[Row, Opinion]] = []
    for part in range(PARTS):
        held = [row for row in known if part_of(row.note, PARTS) == part]
        model = tuned(taught, [row for row in known if part_of(row.note, PARTS) != part])
        unseen += zip(held, predict(model, held), strict=True)
        print(f"{part + 1} of {PARTS} parts", flush=True)
    show_curve("labels not learnt from", [row for row, _ in unseen], [opinion for _, opinion in unseen])
    likely, good = zip(*(card for row, opinion in unseen for card in cards_of(row, opinion)), strict=True)
    model = tuned(taught, known)
    for test in args.test or ():
        rows = read(test)[0]
        show_curve(str(test), rows, predict(model, rows))
    stops = np.float32(stop(unseen))
    weights = {**pack(model), "calibration": calibration(likely, good), "stops": stops}
    np.savez_compressed(args.weights, **weights, **head(examples(weights, known)))


def fit_cuts(args: argparse.Namespace) -> None:
    """Fit anew what says which words a card leaves out, and show how far it agrees with experts on other notes."""
    import numpy as np
    from cutting import agreements, examples, head

    known = read(args.rows)[0]
    with np.load(args.weights) as stored:
        weights = {name: stored[name] for name in stored.files if not name.startswith("cut.")}
    for part in range(PARTS):
        held = [row for row in known if part_of(row.note, PARTS) == part]
        rest = [row for row in known if part_of(row.note, PARTS) != part]
        for name, agreement in agreements(weights, rest, held).items():
            print(f"  part {part + 1}, {name}: {agreement}", flush=True)
    np.savez_compressed(args.weights, **weights, **head(examples(weights, known)))


def stop(unseen: list[tuple[Row, Opinion]]) -> float:
    """How worthy a sentence must be by the first layers for the others to read it, so that hardly a card is lost."""
    best = sorted(
        (
            (max((worth for worth, _ in cards_of(row, opinion)), default=0.0), opinion.sentence[5])
            for row, opinion in unseen
        ),
        reverse=True,
    )
    made = sorted(early for _, early in best[: int(len(best) * MADE)])
    lowest = made[int(len(made) * LOST)]
    share = sum(early < lowest for _, early in best) / len(best)
    print(f"{share:.2f} of the sentences are read by the first layers alone")
    return lowest


def base(free: list[Row], said: list[Opinion], kept: Path) -> Student:
    """The small model, fitted to opinions."""
    from fitting import Course, fit
    from models import Student

    return fit(Student, free, said, Course(epochs=3, size=32, rate=1.5e-4, head_rate=1e-3, seed=0), kept)


def tuned(taught: Student, known: list[Row]) -> Student:
    """The small model, fitted to labels after it was fitted to opinions."""
    from fitting import Course, fit
    from models import Student

    def as_taught() -> Student:
        model = Student()
        model.load_state_dict(taught.state_dict())
        return model

    return fit(as_taught, known, labels_of(known), Course(epochs=2, size=32, rate=5e-5, head_rate=3e-4, seed=0))


def read(path: Path) -> tuple[list[Row], list[Row]]:
    """The labelled rows of a file, and the unlabelled ones."""
    rows: list[Row] = pickle.loads(path.read_bytes())
    return [r for r in rows if r.label is not None], [r for r in rows if r.label is None]


def cards_of(row: Row, opinion: Opinion) -> Iterator[tuple[float, bool]]:
    """The worth of the cards that a build would choose of a sentence, the best first, and whether each is good."""
    if row.label is None or row.drops:
        return
    worthy, possible = opinion.sentence[0], opinion.sentence[4]
    likely = [sqrt(worthy * possible * good * asked) for good, _, asked in opinion.spans]
    chosen: list[int] = []
    for i in sorted(range(len(likely)), key=lambda i: -likely[i]):
        start, end = row.spans[i]
        if len(chosen) < MOST_CARDS and all(end <= row.spans[k].start or row.spans[k].end <= start for k in chosen):
            chosen.append(i)
            yield worthy * opinion.spans[i][0], row.label.worthy and row.label.gaps[i]


def curve(rows: list[Row], said: list[Opinion]) -> list[Point]:
    """The points for every lowest worth of a card, which is the score of its sentence times that of its gap."""
    cards, labels = [], labels_of(rows)
    for row, label, opinion in zip(rows, labels, said, strict=True):
        if opinion.spans and not row.drops:
            best = max(range(len(opinion.spans)), key=lambda i: opinion.spans[i][0])
            cards.append((opinion.sentence[0] * opinion.spans[best][0], label.worthy and label.gaps[best], label))
    important, vital = (max(1, sum(getattr(label, name) for label in labels)) for name in ("important", "vital"))
    points, good, good_important, good_vital = [], 0, 0, 0
    for made, (worth, is_good, label) in enumerate(sorted(cards, key=lambda c: -c[0]), 1):
        good += is_good
        good_important += is_good and label.important
        good_vital += is_good and label.vital
        points.append((good / made, good_important / important, good_vital / vital, worth))
    return points


def show_curve(name: str, rows: list[Row], said: list[Opinion]) -> None:
    """Print a few points of a curve, with the standard errors that drawing other notes would give."""
    points, redrawn = curve(rows, said), list(draws(rows, said))
    for wanted in (0.4, 0.5, 0.6, 0.7):
        if point := at_recall(points, wanted):
            error = stdev([p[0] for drawn in redrawn if (p := at_recall(drawn, wanted))])
            precision, recall_2, recall_3, lowest = point
            print(
                f"  {name}: precision {precision:.3f} ± {error:.3f} recall_2 {recall_2:.3f} recall_3 {recall_3:.3f} "
                f"lowest worth {lowest:.2f}"
            )
    for wanted in (0.75, 0.8, 0.85, 0.9):
        reached = [p for p in points if p[0] >= wanted]
        if reached:
            print(f"  {name}: precision {wanted} up to recall_2 {max(p[1] for p in reached):.3f}", flush=True)


def at_recall(points: list[Point], wanted: float) -> Point | None:
    """The point with the best precision among those with at least that recall."""
    return max((p for p in points if p[1] >= wanted), default=None)


def draws(rows: list[Row], said: list[Opinion]) -> Iterator[list[Point]]:
    """Curves of as many notes, drawn from these with replacement (Efron 1979, Bootstrap methods)."""
    notes: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        notes.setdefault(row.note, []).append(i)
    drawing = random.Random(0)
    for _ in range(200):
        drawn = [i for note in drawing.choices(list(notes), k=len(notes)) for i in notes[note]]
        yield curve([rows[i] for i in drawn], [said[i] for i in drawn])


def labels_of(rows: Sequence[Row]) -> list[Target]:
    """The labels of labelled rows."""
    return [row.label for row in rows if row.label is not None]


def part_of(note: str, parts: int) -> int:
    """The part that a note belongs to, by its author: its name up to the first two underscores."""
    return hashlib.sha256(note.partition("__")[0].encode()).digest()[0] % parts


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    reading = commands.add_parser("prepare", help="read labelled notes into rows")
    reading.add_argument("rows", type=Path)
    reading.add_argument("--labelled", type=Path, action="append", required=True)
    reading.add_argument(
        "--unlabelled",
        nargs=3,
        action="append",
        metavar=("DIR", "PER_NOTE", "LIMIT"),
        help="a folder of other notes, and how many sentences are taken from a note and from all of them, at most",
    )
    reading.add_argument(
        "--leave-out", type=Path, action="append", help="labelled folders whose recordings and authors are left out"
    )
    reading.set_defaults(run=prepare)
    teaching = commands.add_parser("teach", help="fit a teacher and store its opinions of the unlabelled sentences")
    teaching.add_argument("rows", type=Path)
    teaching.add_argument("opinions", type=Path)
    teaching.set_defaults(run=teach)
    fitting = commands.add_parser("fit", help="fit a student and write its weights")
    fitting.add_argument("rows", type=Path)
    fitting.add_argument("opinions", type=Path)
    fitting.add_argument("--weights", type=Path, required=True)
    fitting.add_argument("--test", type=Path, action="append", help="rows to test on")
    fitting.set_defaults(run=fit_and_write)
    cutting = commands.add_parser("cuts", help="fit anew which words a card leaves out, and change nothing else")
    cutting.add_argument("rows", type=Path)
    cutting.add_argument("--weights", type=Path, required=True)
    cutting.set_defaults(run=fit_cuts)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
