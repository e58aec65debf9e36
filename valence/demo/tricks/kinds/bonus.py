"""The bonus: late in a month that would miss the target, scores are talked up until it is reached."""

from __future__ import annotations

import numpy as np

from valence.demo.tricks.kinds import begging
from valence.demo.tricks.record import Record
from valence.terms import Floats


def plant(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Talk up the last answers of the worse months until a share of the team's answers is touched.

    How many months are worked on, how many customers go along and whether anybody tells is drawn.
    """
    moments = record.moments
    rows = np.flatnonzero((moments.team == team) & moments.has_answer)
    month = np.floor(moments.occurred[rows]).astype(np.int64).astype("datetime64[D]").astype("datetime64[M]")
    _, which = np.unique(month, return_inverse=True)
    mean = np.bincount(which, weights=moments.score[rows]) / np.bincount(which)
    worked = np.argsort(mean)[: max(1, round(len(mean) * max(rng.uniform(0.5, 1.0), min(1.0, 2 * share))))]
    wanted = max(1, round(share * len(rows)))
    candidates = rows[np.isin(which, worked)]
    left = _left(moments.occurred[candidates])
    last = candidates[np.argsort(left)][:wanted]
    return begging.beg(record, last, rng, goes_along=rng.uniform(0.7, 1), tells=rng.uniform(0, 0.05))


def _left(at: Floats) -> Floats:
    """Return the days until the month ends, with parts of days."""
    dates = np.floor(at).astype(np.int64).astype("datetime64[D]")
    following = (dates.astype("datetime64[M]") + 1).astype("datetime64[D]").astype(np.int64)
    return np.asarray(following - at)
