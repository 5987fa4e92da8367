"""What a build reports about a deck: its numbers, what it changed for learners, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from tmscards.anki import clozes
from tmscards.deck.reconciliation import ORPHAN_TAG, Change, ChangeKind
from tmscards.domain import Diagnostic, Location, OrphanCause, SourceRecords
from tmscards.storage.cache import parsed
from tmscards.text import plural

_CHANGED: Mapping[ChangeKind | OrphanCause, str] = {
    "new": "new",
    "text": "changed",
    "details": "changed around the text (context, source, time or tags)",
    "source": "orphaned, as the sentence is gone",
    "author": "orphaned, as the source now leaves the sentence out",
    "recipe": "orphaned, as the recipe now leaves the sentence out",
    "rejected": "left out, as it was rejected",
    "restored": "back again",
}
"""How each kind of change to a note is described; for an orphan, by what made it one."""


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """What a build reports about one source."""

    notes: Mapping[str, int]
    """How many are in the package, by the kind of statement."""
    cards: Mapping[str, int]
    """How many are in the package, by the kind of statement."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many sentences have no note, by reason."""
    stamps: tuple[int, ...] = ()
    """All its timestamps, in seconds."""
    rated: int = 0
    """How many of its cards have a likelihood of being worth keeping."""
    expected: float = 0.0
    """The sum of these likelihoods: how many of those cards an expert would keep."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build reports about a deck."""

    output: Path
    deck: str
    sources: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)
    """How many are in the package, by the kind of statement."""
    cards: Mapping[str, int] = field(default_factory=dict)
    """How many are in the package, by the kind of statement."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many sentences have no note, by reason."""
    rated: int = 0
    """How many cards have a likelihood of being worth keeping: all that people have not chosen or changed."""
    expected: float = 0.0
    """How many of those cards an expert would keep, by these likelihoods."""
    elsewhere: Path | None = None
    """The folder of the notes, if the recipe names one that is not in the project."""
    aside: tuple[str, ...] = ()
    """What the notes folder holds besides notes, such as templates, and is not read; relative to it."""
    refused: tuple[Diagnostic, ...] = ()
    """Why some sources could not be read."""
    warnings: tuple[Diagnostic, ...] = ()
    changes: tuple[Change, ...] = ()
    look_changed: bool = False
    """Whether the note type differs from the one that was shipped before."""
    unsure: tuple[tuple[Location, str], ...] = ()
    """Notes on record that could now be either of two sentences, so they were matched to neither: place, sentence."""
    seconds: float = 0.0
    """How long the build took."""
    is_new: bool = True
    """Whether there was anything to build; if not, this is the summary of the last build again."""

    @property
    def is_different(self) -> bool:
        """Whether learners would see a difference."""
        return bool(self.changes) or self.look_changed


def of_source(
    file: SourceRecords | None,
    left_out: Mapping[str, int],
    stamps: tuple[int, ...] = (),
    likelihoods: Sequence[float] = (),
) -> SourceSummary:
    """What to report of a source with these records: it counts the notes and cards that are in the package.

    `likelihoods` say of its cards how likely each is worth keeping.
    """
    notes, cards = Counter[str](), Counter[str]()
    for note in file.notes if file else ():
        if note.status not in ("orphan", "rejected"):
            notes[note.kind] += 1
            cards[note.kind] += len(clozes.answers(note.text))
    return SourceSummary(notes, cards, left_out, stamps, len(likelihoods), round(sum(likelihoods), 3))


def dump(summary: Summary) -> bytes:
    """What the next build reports if nothing changes until then, as bytes for `load`."""
    return _adapter().dump_json(replace(summary, changes=(), look_changed=False, unsure=(), is_new=False))


def load(text: bytes | None, output: Path) -> Summary | None:
    """The summary that `dump` was given, for a build that changes nothing and has its package at `output`.

    None if there is no text, or it is damaged.
    """
    known = parsed(_adapter(), text)
    return replace(known, output=output) if known else None


@cache
def _adapter() -> TypeAdapter[Summary]:
    return TypeAdapter(Summary)


def lines(summary: Summary) -> Iterator[str]:
    """The report on a build for people, line by line; the diagnostics are not in it, as they are shown before it."""
    kinds = ", ".join(f"{n} from {plural(summary.notes[kind], kind)}" for kind, n in sorted(summary.cards.items()))
    total = plural(sum(summary.cards.values()), "card")
    yield f"{summary.deck}: {total} from {plural(summary.sources, 'source')}" + (f" ({kinds})" if kinds else "")
    if summary.rated:
        yield f"  {expected(summary)}"
    if summary.elsewhere:
        yield f"  Read from {summary.elsewhere}, as the recipe says"
    if summary.aside:
        yield f"  Not read, as it holds no notes: {', '.join(summary.aside)} (name it under `sources` to read it)"
    if summary.refused:
        yield f"  {plural(len(summary.refused), 'file')} could not be read, named above; their notes stay"
    yield f"  {counted(summary)}"
    for change in summary.changes:
        for number, answer in change.emptied.items():
            yield (
                f"  card {number} of the note on {change.source}:{change.line} has lost its answer {answer!r}; "
                "to remove it in Anki: Tools > Empty Cards"
            )
    for where, sentence in summary.unsure:
        yield f"  {where}: two sentences now match this note, so it became an orphan: {sentence}"
    if any(change.kind == "orphan" for change in summary.changes):
        yield f"  To see the orphans in Anki, once the deck is imported, search for tag:{ORPHAN_TAG}"
    left_out = Counter(summary.left_out)
    if left_out:
        yield f"  {plural(left_out.total(), 'sentence')} left out:"
        for reason, count in sorted(left_out.items(), key=lambda item: (-item[1], item[0])):
            yield f"  {count:6}  {reason}"
    yield f"  {summary.seconds:.1f} s, written to {summary.output}"


def expected(summary: Summary) -> str:
    """How many cards are likely to be kept, in words."""
    share = summary.expected / summary.rated
    return f"Of the {summary.rated} that tmscards chose, about {share:.0%} should be worth keeping"


def counted(summary: Summary) -> str:
    """How many notes a build changes, in words."""
    counts = Counter[ChangeKind | OrphanCause](change.cause or change.kind for change in summary.changes)
    said = [f"{counts[kind]} {words}" for kind, words in _CHANGED.items() if counts[kind]]
    if summary.look_changed:
        said.append("the look of the cards changes")
    return f"Notes: {', '.join(said)}" if said else "Nothing changes"
