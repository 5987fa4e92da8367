"""Fits the ranker's weights to labelled notes, and writes them as data.

    python training/fit_ranker.py prepare ROWS --labelled DIR [--labelled DIR] [--unlabelled DIR --leave-out DIR]
    python training/fit_ranker.py teach ROWS OPINIONS
    python training/fit_ranker.py fit ROWS OPINIONS --weights FILE [--test ROWS]
    python training/fit_ranker.py validate ROWS [--folds N] [--test ROWS]

`prepare` needs only tmscards; the others also need the packages in requirements/train.in, which `make train` installs.
docs/quality.md says what labelled notes look like, and how good the fitted ranker is.

How it works: a large model, MPNet (Song et al. 2020), is fine-tuned on the labels, and gives its opinions of many
unlabelled sentences. A small one, the first layers of MiniLM (Wang et al. 2020), learns from the labels and from those
opinions (Hinton, Vinyals and Dean 2015, Distilling the knowledge in a neural network). The small one ships.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import stdev
from typing import TYPE_CHECKING

from rows import Row, Target, labelled, unlabelled

from tmscards.language.nlp import load

if TYPE_CHECKING:
    from fitting import Opinion
    from models import Rater, Student

Point = tuple[float, float, float, float]
"""A point of a curve: precision, recall of important and of vital sentences, and the lowest worth of its cards."""


def prepare(args: argparse.Namespace) -> None:
    """Read notes into rows, and store them."""
    nlp = load()
    rows = [row for folder in args.labelled for row in labelled(nlp, folder)]
    print(f"{len(rows)} labelled sentences from {len({r.note for r in rows})} notes", flush=True)
    if args.unlabelled:
        rows += unlabelled(nlp, args.unlabelled, args.leave_out or args.labelled, args.limit)
    print(f"{sum(r.label is None for r in rows)} unlabelled sentences")
    args.rows.write_bytes(pickle.dumps(rows))


def teach(args: argparse.Namespace) -> None:
    """Fit a teacher to the labelled rows, and store its opinions of the others."""
    known, free = read(args.rows)
    args.opinions.write_bytes(pickle.dumps(opinions(known, free)))


def fit_and_write(args: argparse.Namespace) -> None:
    """Fit a student to labels and opinions, show how good it is on other rows, and write its weights."""
    import numpy as np
    from models import pack

    known, free = read(args.rows)
    model = student(known, free, pickle.loads(args.opinions.read_bytes()))
    if args.test:
        judge("other rows", read(args.test)[0], model)
    np.savez_compressed(args.weights, **pack(model))


def validate(args: argparse.Namespace) -> None:
    """Cross-validate: for each part of the notes, fit models to the other parts and show how good they are on it.

    Test rows are rated by the same models, all of them by each model.
    """
    from fitting import predict

    known, free = read(args.rows)
    free = free[: args.limit]
    others = read(args.test)[0] if args.test else []
    seen: dict[str, tuple[list[Row], list[Opinion]]] = {"held-out parts": ([], []), "other rows": ([], [])}
    for part in range(args.folds):
        held = [r for r in known if part_of(r.note, args.folds) == part]
        learnt = [r for r in known if part_of(r.note, args.folds) != part]
        model = student(learnt, free, opinions(learnt, free))
        for (rows, said), new in zip(seen.values(), (held, others), strict=True):
            rows.extend(new)
            said.extend(predict(model, new))
        print(f"{part + 1} of {args.folds} parts", flush=True)
        for name, (rows, said) in seen.items():
            if rows:
                show_curve(name, rows, said)


def read(path: Path) -> tuple[list[Row], list[Row]]:
    """The labelled rows of a file, and the unlabelled ones."""
    rows: list[Row] = pickle.loads(path.read_bytes())
    return [r for r in rows if r.label is not None], [r for r in rows if r.label is None]


def opinions(known: list[Row], free: list[Row]) -> list[Opinion]:
    """What a teacher that was fitted to labelled rows says of others."""
    from fitting import Course, fit, predict
    from models import Teacher

    print("teacher", flush=True)
    return predict(
        fit(Teacher, known, labels_of(known), Course(epochs=3, size=16, rate=4e-5, head_rate=5e-4, seed=1)), free
    )


def student(known: list[Row], free: list[Row], said: list[Opinion]) -> Student:
    """The small model, fitted to labelled rows and to opinions of others; a label counts as much as two opinions."""
    from fitting import Course, fit
    from models import Student

    print("student", flush=True)
    rows = [*known * 2, *free]
    targets: list[Target | Opinion] = [*labels_of(known) * 2, *said]
    return fit(Student, rows, targets, Course(epochs=3, size=32, rate=1.5e-4, head_rate=1e-3, seed=0))


def judge(name: str, rows: list[Row], model: Rater) -> None:
    """Show how good the first card is that a model makes of each sentence."""
    from fitting import predict

    show_curve(name, rows, predict(model, rows))


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
    """The part that a note belongs to, which does not depend on the other notes."""
    return hashlib.sha256(note.encode()).digest()[0] % parts


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    reading = commands.add_parser("prepare", help="read labelled notes into rows")
    reading.add_argument("rows", type=Path)
    reading.add_argument("--labelled", type=Path, action="append", required=True)
    reading.add_argument("--unlabelled", type=Path)
    reading.add_argument(
        "--leave-out", type=Path, action="append", help="labelled folders whose recordings are left out"
    )
    reading.add_argument("--limit", type=int, default=30_000, help="most unlabelled sentences")
    reading.set_defaults(run=prepare)
    teaching = commands.add_parser("teach", help="fit a teacher and store its opinions of the unlabelled sentences")
    teaching.add_argument("rows", type=Path)
    teaching.add_argument("opinions", type=Path)
    teaching.set_defaults(run=teach)
    fitting = commands.add_parser("fit", help="fit a student and write its weights")
    fitting.add_argument("rows", type=Path)
    fitting.add_argument("opinions", type=Path)
    fitting.add_argument("--weights", type=Path, required=True)
    fitting.add_argument("--test", type=Path, help="rows to test on")
    fitting.set_defaults(run=fit_and_write)
    validating = commands.add_parser("validate", help="cross-validate by note")
    validating.add_argument("rows", type=Path)
    validating.add_argument("--folds", type=int, default=3)
    validating.add_argument("--limit", type=int, default=10_000, help="most unlabelled sentences")
    validating.add_argument("--test", type=Path, help="more rows to test the same models on")
    validating.set_defaults(run=validate)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
