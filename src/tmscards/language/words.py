"""Lists of English words that several stages go by."""

from __future__ import annotations

NAMING = frozenset("called named termed dubbed titled labeled labelled known".split())
"""Participles with a name behind them: "a wave called the P300". What the ranker reads has a frozen list of its own."""
