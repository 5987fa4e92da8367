"""Lists of English words that several stages share."""

from __future__ import annotations

NAMING = frozenset("called named termed dubbed titled labeled labelled known".split())
"""Participles before a name: "a wave called the P300". `features`, which the weights depend on, has its own list."""
