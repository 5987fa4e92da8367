"""What the ranker is given of a sentence, and what it says of it."""

from __future__ import annotations

from dataclasses import dataclass

from tmscards.domain import TokenSpan


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence to be rated."""

    words: tuple[str, ...]
    """As spaCy splits them."""
    spans: tuple[TokenSpan, ...]
    """What could be hidden, as places in `words`; from -1 to 0, the first title of the context."""
    context: tuple[str, ...] = ()
    """Title, heading and label above it."""
    features: tuple[bool, ...] = ()
    """Answers to `features.OF_SENTENCE`."""
    span_features: tuple[tuple[bool, ...], ...] = ()
    """Answers to `features.OF_SPAN` for each span."""
    parts: tuple[TokenSpan, ...] = ()
    """What a card may leave out, as places in `words`."""
    wanted: bool = False
    """Whether all layers read it, whatever the first ones say, because a person wants to see or to have its card."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What the ranker thinks of a sentence; all values are likelihoods from 0 to 1."""

    worthy: float
    """That an expert would make a card from it."""
    important: float
    """That an expert would call that card a good one."""
    definition: float
    gaps: tuple[float, ...]
    """That an expert would keep a card which hides this span, for each of the spans: as often as it says."""
    asked: tuple[float, ...]
    """That each span is what an expert would ask who made a card of the sentence by leaving out words."""
    left_out: tuple[tuple[float, ...], ...] = ()
    """For each span, that an expert who asks for it leaves out each of the item's parts; empty if it has no parts."""
