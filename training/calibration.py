"""How often cards are good, by the likelihood a model gives them: isotonic regression (Zadrozny and Elkan 2002)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_KNOTS = 40
"""How many points the curve is stored as, at most."""


def curve(likely: Sequence[float], good: Sequence[bool]) -> NDArray[np.float32]:
    """The curve from a model's likelihoods to shares: two rows, of which `numpy.interp` takes the second at the first.

    Neighbours are pooled until the shares grow with the likelihoods (pool adjacent violators), and each pool has one
    good and one bad card more than were seen, so that nothing is certain.
    """
    pools: list[list[float]] = []
    for at, is_good in sorted(zip(likely, good, strict=True)):
        pools.append([at, float(is_good), 1.0])
        while len(pools) > 1 and pools[-2][1] / pools[-2][2] >= pools[-1][1] / pools[-1][2]:
            last = pools.pop()
            pools[-1] = [sum(pair) for pair in zip(pools[-1], last, strict=True)]
    smooth = [(at / count, (share + 1) / (count + 2), count) for at, share, count in pools]
    points = [(0.0, 0.0), *((at, share) for at, share, count in smooth if count >= len(likely) / 200), (1.0, 1.0)]
    shares = np.maximum.accumulate([share for _, share in points])
    steps = max(1, len(points) // _KNOTS)
    chosen = [*range(0, len(points) - 1, steps), len(points) - 1]
    return np.array([[points[i][0] for i in chosen], shares[chosen]], np.float32)
