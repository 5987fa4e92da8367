"""Measures how many notes keep their identity when sentences are edited, and whether a note ever becomes another's.

    python benchmarks/edits.py NOTES_DIR [--count 300] [--seed 0]

Every sentence that has a note is edited in turn, while the rest of its source stays as it was: a typo, a synonym, a
clause appended, a clause removed, the next sentence joined to it, and the whole sentence deleted. For each kind of
edit, prints how many notes kept their guid, and how many guids went to a sentence that says something else, which none
should.

A sentence counts only if its source has it word for word, without markup inside it. Each edited sentence is extracted
again. As each sentence is rated on its own, all sentences of a source are edited at once for that; then each one is
judged by itself, among the unedited others.
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
from tmscards.build import drafting
from tmscards.deck import selection
from tmscards.deck.matching import match
from tmscards.deck.recipes import Recipe
from tmscards.deck.reconciliation import Rules, reconcile
from tmscards.domain import Candidate, Source, SourcePath, SourceRecords
from tmscards.errors import UserError
from tmscards.language import extraction
from tmscards.notes import sources
from tmscards.text import normalised

RECIPE = Recipe(deck="Deck")
RULES = Rules(RECIPE.deck, RECIPE.limits.cards_per_note, chosen_anew=False, now=2_000_000_000)

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
"""Makes another sentence of one; None if it cannot."""
Files = dict[SourcePath, SourceRecords]


def typo(text: str, rng: random.Random) -> str | None:
    """Swap two neighbouring letters of a word."""
    words = list(re.finditer(r"[A-Za-z]{5,}", text))
    for word in rng.sample(words, len(words)):
        at = rng.randint(word.start() + 1, word.end() - 2)
        if text[at] != text[at + 1]:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return None


def synonym(text: str, rng: random.Random) -> str | None:
    """Replace a word by one that means the same."""
    words = [m for m in re.finditer(r"[a-z]+", text) if m[0] in SYNONYMS]
    if not words:
        return None
    word = rng.choice(words)
    return text[: word.start()] + SYNONYMS[word[0]] + text[word.end() :]


def append(text: str, rng: random.Random) -> str | None:
    """Append a clause."""
    return text[:-1] + rng.choice(APPENDED) + "." if text.endswith(".") else None


def remove(text: str, _: random.Random) -> str | None:
    """Remove the last clause or phrase, if enough of a sentence is left."""
    words = "in by for with through during to from".split()
    end = max(text.rfind(", "), *(text.rfind(f" {word} ") for word in words))
    left, gone = text[: max(end, 0)].rstrip(" ,;:("), text[end:]
    is_enough = len(left.split()) >= 5 and 2 <= len(gone.split()) < len(left.split()) and text.endswith(".")
    return left + "." if is_enough else None


EDITS: dict[str, Edit] = {"typo": typo, "synonym": synonym, "clause appended": append, "clause removed": remove}


def stem(text: str) -> str:
    """A sentence without its full stop, as its source may have a timestamp before that."""
    return text.rstrip(".")


class Trial:
    """One source with its sentences and their notes, and what edits do to them."""

    def __init__(self, engine: extraction.Engine, source: Source, counts: dict[str, Counter[str]]) -> None:
        self.engine, self.source, self.counts = engine, source, counts
        self.candidates = self.read(source.body)
        self.files = self.built(self.candidates, {})
        self.guids = {note.sentence: note.guid for file in self.files.values() for note in file.notes}
        self.carded = [
            i
            for i, candidate in enumerate(self.candidates)
            if candidate.result.text in self.guids
            and source.body.count(stem(candidate.result.text)) == 1
            # An edit of a second fact would be one more edit of its sentence; tests/test_facts.py has those.
            and candidate.result.within is None
        ]

    def read(self, body: str) -> list[Candidate]:
        """The candidates of the source, had it this text."""
        extract = extraction.extract(self.engine, replace(self.source, body=body))
        return selection.drop_duplicates(list(drafting.candidates(RECIPE, self.source, extract)), set())[0]

    def built(self, candidates: list[Candidate], files: Files) -> Files:
        """The records that a build makes of these candidates and the records before it."""
        return reconcile(candidates, match(candidates, files), files, RULES)

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
                kind = name
                if edit is remove and not any(a in text for a in self.answers(i)):
                    kind = "clause removed that had all answers"
                self.judge(kind, i, text, found.get(normalised(text)))

    def merge_each(self) -> None:
        """Join each sentence that has a note with the next one."""
        for i in self.carded:
            first, second = (d.result.text for d in (*self.candidates[i : i + 2], self.candidates[i])[:2])
            if self.source.body.count(stem(second)) == 1 and first.endswith("."):
                text = f"{first[:-1]}, and {second[0].lower()}{second[1:]}"
                found = {normalised(d.result.text): d for d in self.read(f"{self.headings(i)}\n\n{text}")}
                self.judge("two merged", i, text, found.get(normalised(text)), replaced=2)

    def delete_each(self) -> None:
        """Delete each sentence that has a note."""
        for i in self.carded:
            self.judge("deleted", i, "", None)

    def headings(self, index: int) -> str:
        """The Markdown of the innermost heading above a candidate."""
        return "\n\n".join(f"## {heading}" for heading in self.candidates[index].result.headings[-1:])

    def answers(self, index: int) -> list[str]:
        """What the note of a candidate asks for."""
        texts = {note.sentence: note.text for file in self.files.values() for note in file.notes}
        return list(clozes.answers(texts[self.candidates[index].result.text]).values())

    def judge(self, kind: str, index: int, edited: str, now: Candidate | None, replaced: int = 1) -> None:
        """Build with a candidate in place of `replaced` others from an index on, and count what became of the guids.

        Counts whether the note of the sentence at the index has kept its guid, and the guids that went to a sentence
        they never belonged to.
        """
        today = [*self.candidates[:index], *([now] if now else []), *self.candidates[index + replaced :]]
        before = {guid: sentence for sentence, guid in self.guids.items()}
        own = self.guids[self.candidates[index].result.text]
        count = self.counts.setdefault(kind, Counter())
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
    """The counts for each kind of edit, over at most `most` sources of a folder, chosen at random."""
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
