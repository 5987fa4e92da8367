"""How many notes stay the same ones when their sentences are edited, and does a note ever become another's?

    python benchmarks/edits.py NOTES_DIR [--count 300] [--seed 0]

Every sentence that has a note is edited in turn, the rest of its source being as it was: a typo, a synonym, a clause
appended, a clause removed, the next sentence joined to it, and the whole sentence deleted. Prints, for each kind of
edit, how many notes kept their guid, and how many guids went to a sentence that says something else, which none
should.

A sentence counts only where the source has it word for word, without markup inside it. What becomes of an edited
sentence is extracted anew; as each sentence is rated on its own, all sentences of a source are edited at once for
that, and each is then put by itself among the unedited ones.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tmscards.anki import clozes
from tmscards.deck import selection
from tmscards.deck.matching import match
from tmscards.deck.recipes import Limits
from tmscards.deck.reconciliation import reconcile
from tmscards.deck.selection import normalised
from tmscards.domain import Candidate, Source, SourceRecords
from tmscards.errors import UserError
from tmscards.language import extraction
from tmscards.notes import sources

SYNONYMS = dict(
    pair.split("-")
    for pair in """important-significant helps-aids help-aid shows-demonstrates show-demonstrate increases-raises
    increase-raise reduces-lowers reduce-lower leads-contributes allows-enables allow-enable often-frequently
    many-numerous large-big small-little about-roughly people-persons individuals-people uses-employs
    used-employed using-employing requires-needs require-need improves-enhances improve-enhance main-chief
    various-different several-multiple quickly-rapidly begins-starts began-started ends-stops known-recognised
    called-named created-made significant-notable typically-usually usually-generally primarily-mainly
    especially-particularly effective-efficient provides-offers provide-offer involves-entails includes-contains
    include-contain difficult-hard critical-crucial essential-vital individual-person particular-specific
    due-owing through-via without-lacking while-whereas can-could""".split()
)
APPENDED = (
    ", as several studies have shown",
    ", at least in most of the cases that are known",
    " in nearly everybody who was asked about it",
    ", which takes some time to see",
)

Edit = Callable[[str, random.Random], str | None]


def typo(text: str, rng: random.Random) -> str | None:
    """Two letters of a word change places."""
    words = list(re.finditer(r"[A-Za-z]{5,}", text))
    for word in rng.sample(words, len(words)):
        at = rng.randint(word.start() + 1, word.end() - 2)
        if text[at] != text[at + 1]:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return None


def synonym(text: str, rng: random.Random) -> str | None:
    """A word gives way to another of its meaning."""
    words = [m for m in re.finditer(r"[a-z]+", text) if m[0] in SYNONYMS]
    if not words:
        return None
    word = rng.choice(words)
    return text[: word.start()] + SYNONYMS[word[0]] + text[word.end() :]


def append(text: str, rng: random.Random) -> str | None:
    """A clause comes behind it."""
    return text[:-1] + rng.choice(APPENDED) + "." if text.endswith(".") else None


def remove(text: str, _: random.Random) -> str | None:
    """The last clause or phrase goes, where a sentence is left."""
    words = "in by for with through during to from".split()
    end = max(text.rfind(", "), *(text.rfind(f" {word} ") for word in words))
    left, gone = text[: max(end, 0)].rstrip(" ,;:("), text[end:]
    is_enough = len(left.split()) >= 5 and 2 <= len(gone.split()) < len(left.split()) and text.endswith(".")
    return left + "." if is_enough else None


EDITS: dict[str, Edit] = {"typo": typo, "synonym": synonym, "clause appended": append, "clause removed": remove}


def stem(text: str) -> str:
    """A sentence without its full stop, before which its source may have a timestamp."""
    return text.rstrip(".")


class Trial:
    """One source: its sentences and their notes, and what edits do to them."""

    def __init__(self, engine: extraction.Engine, source: Source, counts: dict[str, Counter[str]]) -> None:
        self.engine, self.source, self.counts = engine, source, counts
        self.candidates = self.read(source.body)
        self.files = self.built(self.candidates, {})
        self.guids = {note.sentence: note.guid for file in self.files.values() for note in file.notes}
        self.carded = [
            i
            for i, candidate in enumerate(self.candidates)
            if candidate.result.text in self.guids and source.body.count(stem(candidate.result.text)) == 1
        ]

    def read(self, body: str) -> list[Candidate]:
        results = extraction.explain(self.engine, replace(self.source, body=body), "normal")
        candidates = [Candidate(self.source, v, selection.gaps(v, Limits(), "normal")) for v in results]
        return selection.drop_duplicates(candidates, set())[0]

    def built(self, candidates: list[Candidate], files: dict[str, SourceRecords]) -> dict[str, SourceRecords]:
        matching = match(candidates, files)
        return reconcile("Deck", candidates, matching, files, most=2, chosen_anew=False, now=2_000_000_000)

    def edit_each(self, name: str, edit: Edit, rng: random.Random) -> None:
        """Edit each sentence that has a note."""
        edited = {i: edit(self.candidates[i].result.text, rng) for i in self.carded}
        body = self.source.body
        for i, text in edited.items():
            if text is not None:
                body = body.replace(stem(self.candidates[i].result.text), stem(text))
        found = {normalised(candidate.result.text): candidate for candidate in self.read(body)}
        for i, text in edited.items():
            if text is not None:
                now = found.get(normalised(text))
                kind = name
                if edit is remove and not any(a in text for a in self.answers(i)):
                    kind = "clause removed that had all answers"
                self.judge(kind, [*self.candidates[:i], *([now] if now else []), *self.candidates[i + 1 :]], i, text)

    def merge_each(self) -> None:
        """Join each sentence that has a note with the next one."""
        for i in self.carded:
            first, second = (d.result.text for d in (*self.candidates[i : i + 2], self.candidates[i])[:2])
            if self.source.body.count(stem(second)) == 1 and first.endswith("."):
                text = f"{first[:-1]}, and {second[0].lower()}{second[1:]}"
                found = {normalised(d.result.text): d for d in self.read(f"{self.headings(i)}\n\n{text}")}
                now = found.get(normalised(text))
                self.judge(
                    "two merged", [*self.candidates[:i], *([now] if now else []), *self.candidates[i + 2 :]], i, text
                )

    def delete_each(self) -> None:
        """Delete each sentence that has a note."""
        for i in self.carded:
            self.judge("deleted", [*self.candidates[:i], *self.candidates[i + 1 :]], i, "")

    def headings(self, index: int) -> str:
        return "\n\n".join(f"## {heading}" for heading in self.candidates[index].result.headings[-1:])

    def answers(self, index: int) -> list[str]:
        texts = {note.sentence: note.text for file in self.files.values() for note in file.notes}
        return list(clozes.answers(texts[self.candidates[index].result.text]).values())

    def judge(self, name: str, today: list[Candidate], index: int, edited: str) -> None:
        """Count whether the note of a sentence has its guid, and whether any guid is at a sentence it never was."""
        before = {guid: sentence for sentence, guid in self.guids.items()}
        own = self.guids[self.candidates[index].result.text]
        count = self.counts.setdefault(name, Counter())
        count["sentences"] += 1
        for note in (note for file in self.built(today, self.files).values() for note in file.notes):
            if note.status == "orphan" or note.guid not in before:
                continue
            is_edited = normalised(note.sentence) == normalised(edited)
            if note.guid == own and is_edited:
                count["kept"] += 1
            elif note.sentence != before[note.guid] and not is_edited:
                count["wrong"] += 1


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    counts = run(args.notes, args.count, args.seed)
    print(
        "| edit | sentences | guid kept | guid at a sentence that says something else |\n| --- | ---: | ---: | ---: |"
    )
    for name, count in counts.items():
        kept = "—" if name == "deleted" else f"{100 * count['kept'] / max(1, count['sentences']):.2f} %"
        print(f"| {name} | {count['sentences']} | {kept} | {count['wrong']} |")


def run(folder: Path, most: int, seed: int) -> dict[str, Counter[str]]:
    """The counts of each kind of edit, over so many sources of a folder, chosen at random."""
    rng, engine, counts = random.Random(seed), extraction.load(), dict[str, Counter[str]]()
    paths = sorted(folder.rglob("*.md"))
    done = 0
    for path in rng.sample(paths, len(paths)):
        if done == most:
            break
        try:
            trial = Trial(engine, sources.read(path, folder), counts)
        except UserError:
            continue
        done += 1
        for name, edit in EDITS.items():
            trial.edit_each(name, edit, rng)
        trial.merge_each()
        trial.delete_each()
    return counts


if __name__ == "__main__":
    main()
