"""Ours, not ours, or cannot say: from the share of the risk that came from us when the customer decided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valence import terms

LINE = 0.5
CLEAR = 0.8


def verdicts(*, attributable: terms.Floats, drawn: terms.Floats) -> tuple[NDArray[np.object_], terms.Floats]:
    """Return the verdicts (n,) and margins (n,) of attributable fractions and their draws (n, d).

    `ours` where more than half of the risk came from us in at least CLEAR of the draws; `not_ours` the other way
    round; else `cannot_say`. margin: how far the fraction lies from one half.
    """
    above = np.mean(drawn > LINE, axis=1)
    said = np.full(len(attributable), terms.LossVerdict.CANNOT_SAY.value, object)
    said[(attributable > LINE) & (above >= CLEAR)] = terms.LossVerdict.OURS.value
    said[(attributable <= LINE) & (above <= 1.0 - CLEAR)] = terms.LossVerdict.NOT_OURS.value
    return said, np.abs(attributable - LINE)
