"""Roots: rolling blame up the links, to the interaction with which the harm began.

The links given are those that blame follows: `journeys.links.to_faults` steps over what was faultless, so the top of
a chain is where something first went wrong.
"""

from __future__ import annotations

import numpy as np

from valence import terms

LONGEST_CHAIN = 64


def roots(*, links: terms.Links, rows: int) -> terms.Keys:
    """Return for each of so many rows the row its harm began with, itself where nothing led to it, (rows,)."""
    root = np.arange(rows)
    root[links.effect] = links.cause
    for _ in range(LONGEST_CHAIN):
        above = root[root]
        if np.array_equal(above, root):
            break
        root = above
    return root
