"""Fits the ranker's weights on labelled notes and writes them as data.

    python training/fit_ranker.py prepare ROWS --labelled DIR [--labelled DIR] [--unlabelled DIR --leave-out DIR]
    python training/fit_ranker.py teach ROWS OPINIONS
    python training/fit_ranker.py fit ROWS OPINIONS --weights FILE [--test ROWS]
    python training/fit_ranker.py validate ROWS [--folds N] [--test ROWS]

`prepare` needs tmscards alone; the others need what requirements/train.in names besides, which `make train` installs.
docs/quality.md says what labelled notes look like and what this reached.

The way: a large model, MPNet (Song et al. 2020), is fine-tuned on the labels and says what it thinks of many sentences
that nobody labelled. A small one, the first layers of MiniLM (Wang et al. 2020), learns from the labels and from those
opinions (Hinton, Vinyals and Dean 2015, Distilling the knowledge in a neural network), and is what ships.
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

from rows import Label, Row, labelled, unlabelled

if TYPE_CHECKING:
    from fitting import Opinion
    from models import Rater


def prepare(args: argparse.Namespace) -> None:
    """Read notes into rows, and keep them."""
    from tmscards.language.nlp import load

    nlp = load()
    rows = [row for folder in args.labelled for row in labelled(nlp, folder)]
    print(f"{len(rows)} labelled sentences of {len({r.note for r in rows})} notes", flush=True)
    if args.unlabelled:
        rows += unlabelled(nlp, args.unlabelled, args.leave_out or args.labelled, args.limit)
    print(f"{sum(r.label is None for r in rows)} sentences without labels")
    args.rows.write_bytes(pickle.dumps(rows))


def teach(args: argparse.Namespace) -> None:
    """Fit a teacher on the labelled rows, and keep what it says of the others."""
    known, free = read(args.rows)
    args.opinions.write_bytes(pickle.dumps(opinions(known, free)))


def fit_and_write(args: argparse.Namespace) -> None:
    """Fit a student on labels and opinions, show how good it is on other rows, and write its weights."""
    import numpy as np
    from models import pack

    known, free = read(args.rows)
    model = student(known, free, pickle.loads(args.opinions.read_bytes()))
    if args.test:
        judge("other rows", read(args.test)[0], model)
    np.savez_compressed(args.weights, **pack(model))


def validate(args: argparse.Namespace) -> None:
    """Do it all once for each part of the notes, on the others, and show how good that is on what it has not seen.

    Rows to test by are judged by the same models, each of which says something of all of them.
    """
    from fitting import predict

    known, free = read(args.rows)
    free = free[: args.limit]
    others = read(args.test)[0] if args.test else []
    seen: dict[str, tuple[list[Row], list[Opinion]]] = {"parts kept aside": ([], []), "other rows": ([], [])}
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
    """The rows of a file: those with labels, and those without."""
    rows: list[Row] = pickle.loads(path.read_bytes())
    return [r for r in rows if r.label is not None], [r for r in rows if r.label is None]


def opinions(known: list[Row], free: list[Row]) -> list[Opinion]:
    """What a teacher that was fit on labelled rows says of others."""
    from fitting import fit, predict
    from models import Teacher

    print("teacher", flush=True)
    return predict(fit(Teacher, known, labels_of(known), epochs=4, size=16, rate=4e-5, head_rate=5e-4, seed=1), free)


def student(known: list[Row], free: list[Row], said: list[Opinion]) -> Rater:
    """The small model, fit on labelled rows and on opinions of others; a label is worth two opinions."""
    from fitting import fit
    from models import Student

    print("student", flush=True)
    rows, what = [*known * 2, *free], [*labels_of(known) * 2, *said]
    return fit(Student, rows, what, epochs=3, size=32, rate=1.5e-4, head_rate=1e-3, seed=0)


def judge(name: str, rows: list[Row], model: Rater) -> None:
    """Show how good a model's first card of each sentence is."""
    from fitting import predict

    show_curve(name, rows, predict(model, rows))


def curve(rows: list[Row], said: list[Opinion]) -> list[tuple[float, float, float, float]]:
    """Precision, recall of important and of vital sentences, and the floor, for every floor on score times gap."""
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
    """Print a few points of a curve, with the standard errors that a draw of other notes would have."""
    points, redrawn = curve(rows, said), list(draws(rows, said))
    for wanted in (0.4, 0.5, 0.6, 0.7):
        if point := at_recall(points, wanted):
            error = stdev([p[0] for drawn in redrawn if (p := at_recall(drawn, wanted))])
            precision, recall_2, recall_3, floor = point
            print(
                f"  {name}: precision {precision:.3f} ± {error:.3f} recall_2 {recall_2:.3f} recall_3 {recall_3:.3f} "
                f"floor {floor:.2f}"
            )
    for wanted in (0.75, 0.8, 0.85, 0.9):
        reached = [p for p in points if p[0] >= wanted]
        if reached:
            print(f"  {name}: precision {wanted} up to recall_2 {max(p[1] for p in reached):.3f}", flush=True)


def at_recall(
    points: list[tuple[float, float, float, float]], wanted: float
) -> tuple[float, float, float, float] | None:
    """The point of the best precision from a recall on."""
    return max((p for p in points if p[1] >= wanted), default=None)


def draws(rows: list[Row], said: list[Opinion]) -> Iterator[list[tuple[float, float, float, float]]]:
    """Curves of as many notes, drawn from these with repeats (Efron 1979, Bootstrap methods)."""
    notes: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        notes.setdefault(row.note, []).append(i)
    drawing = random.Random(0)
    for _ in range(200):
        drawn = [i for note in drawing.choices(list(notes), k=len(notes)) for i in notes[note]]
        yield curve([rows[i] for i in drawn], [said[i] for i in drawn])


def labels_of(rows: Sequence[Row]) -> list[Label]:
    """The labels of labelled rows."""
    return [row.label for row in rows if row.label is not None]


def part_of(note: str, parts: int) -> int:
    """The part that a note belongs to, whatever other notes there are."""
    return hashlib.sha256(note.encode()).digest()[0] % parts


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    reading = commands.add_parser("prepare", help="read labelled notes into rows")
    reading.add_argument("rows", type=Path)
    reading.add_argument("--labelled", type=Path, action="append", required=True)
    reading.add_argument("--unlabelled", type=Path)
    reading.add_argument("--leave-out", type=Path, action="append", help="labelled folders to be kept apart")
    reading.add_argument("--limit", type=int, default=30_000, help="sentences without labels")
    reading.set_defaults(run=prepare)
    teaching = commands.add_parser("teach", help="fit a teacher and ask it about the sentences without labels")
    teaching.add_argument("rows", type=Path)
    teaching.add_argument("opinions", type=Path)
    teaching.set_defaults(run=teach)
    fitting = commands.add_parser("fit", help="fit the weights and write them")
    fitting.add_argument("rows", type=Path)
    fitting.add_argument("opinions", type=Path)
    fitting.add_argument("--weights", type=Path, required=True)
    fitting.add_argument("--test", type=Path, help="rows to judge by")
    fitting.set_defaults(run=fit_and_write)
    validating = commands.add_parser("validate", help="cross-validate by note")
    validating.add_argument("rows", type=Path)
    validating.add_argument("--folds", type=int, default=3)
    validating.add_argument("--limit", type=int, default=10_000, help="sentences without labels")
    validating.add_argument("--test", type=Path, help="rows to judge the same models by")
    validating.set_defaults(run=validate)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
