"""Harm that saturates: the tenth failure of a week does not hurt like the first.

    g(H) = cap * (1 - exp(-H / cap)) where H > 0, else H

of the sum H of all harm on the log-hazard. With an infinite cap harm adds up without end. Praise stays outside.
"""

from __future__ import annotations

import numpy as np

from valence import terms

NEVER = float("inf")
SMALLEST = 1e-9


def bent(*, harm: terms.Floats, cap: float) -> terms.Floats:
    """Return what a sum of harm does to the log-hazard; any shape."""
    return harm if np.isinf(cap) else np.where(harm > 0, -cap * np.expm1(-np.maximum(harm, 0.0) / cap), harm)


def slope(*, harm: terms.Floats, cap: float) -> terms.Floats:
    """Return what a little more harm would still do, as a share of what it does to somebody with a clean record."""
    return np.exp(-np.maximum(harm, 0.0) / cap)


def by_bend(*, harm: terms.Floats, cap: float) -> terms.Floats:
    """Return how what harm does moves with 1 / cap: d g / d (1 / cap)."""
    above = np.maximum(harm, 0.0)
    if np.isinf(cap):
        return -(above**2) / 2.0
    return np.asarray(cap**2 * (above / cap * np.exp(-above / cap) + np.expm1(-above / cap)))


def kept(*, harm: terms.Floats, cap: float) -> terms.Floats:
    """Return how much of a sum of harm acts, as a share: each of its parts keeps this share of itself."""
    return np.where(harm > SMALLEST, bent(harm=harm, cap=cap) / np.maximum(harm, SMALLEST), 1.0)
