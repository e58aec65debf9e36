"""For whom a case counts: somebody who gets in touch three times about the same is one case, not three."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valence.insights.places import scan
from valence.terms import Keys

# As long as the longest span that is looked at: within it nobody counts twice.
QUIET_DAYS = max(scan.SPANS)


def new_cases(*, key: Keys, day: Keys, stream: Keys) -> NDArray[np.bool_]:
    """Return which cases (n,) count: those of customers who had none of the same stream for QUIET_DAYS before.

    key: customers; day: whole days; stream: what they are cases of. What is usual and what is there today are counted
    alike, so that a few busy customers make neither look more than it is.
    """
    order = np.lexsort((day, stream, key))
    counts = np.ones(len(order), np.bool_)
    same = (np.diff(key[order]) == 0) & (np.diff(stream[order]) == 0)
    counts[order[1:]] = ~(same & (np.diff(day[order]) < QUIET_DAYS))
    return counts
