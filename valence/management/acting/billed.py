"""Bills against what was told: made-up bills whose honest differences follow another law in every operator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valence.insights import billing
from valence.management.acting import made

MONTHS = 12
WRONG = 0.012
LAWS = ("exponential", "lognormal", "gamma")
# So many bills do not say what was told: there the bills before, or a quote, have to.
UNTOLD = 0.08


def counts(*, operator: made.Made, seed: int) -> dict[str, float]:
    """Return how many contradictions were found, how many honest bills were called one, over how many months."""
    rng = np.random.default_rng([seed, 71])
    price = np.nan_to_num(operator.value, nan=40.0)
    honest = _honest(rng, (len(price), MONTHS))
    wrong = rng.random(honest.shape) < WRONG
    extra = np.where(rng.random(honest.shape) < 0.5, rng.choice([15.0, 19.0, 29.0, 49.0, 79.0], honest.shape),
                     price[:, None] * rng.uniform(0.15, 0.6, honest.shape))  # fmt: skip
    over = np.where(wrong, extra, 0.0) + honest
    told = np.where(rng.random(honest.shape) < UNTOLD, np.nan, price[:, None])
    usual = np.where(np.arange(MONTHS)[None, :] >= billing.SAME_BILLS, price[:, None], np.nan)
    known = np.where(np.isfinite(told), told, usual)
    seen = price[:, None] + over - known
    limit = billing.limit(over=seen.ravel(), customer_months=float(np.isfinite(seen).sum()))
    flagged = np.nan_to_num(seen, nan=-np.inf) > limit.amount
    return {
        "contradictions": float(wrong.sum()),
        "found": float((flagged & wrong).sum()),
        "false": float((flagged & ~wrong).sum()),
        "customer_months": float(honest.size),
        "money": float(over[wrong].sum()),
        "money_found": float(over[flagged & wrong].sum()),
    }


def _honest(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return by how much honest bills differ: usage by one of several laws, and cents of rounding."""
    law, scale = LAWS[int(rng.integers(len(LAWS)))], float(rng.uniform(0.8, 3.0))
    drawn = {
        "exponential": rng.exponential(scale, shape),
        "lognormal": scale * rng.lognormal(-0.25, 0.6, shape),
        "gamma": rng.gamma(2.0, scale / 2, shape),
    }[law]
    return np.where(rng.random(shape) < rng.uniform(0.15, 0.5), drawn, 0.0)


def figures(*, total: dict[str, float]) -> dict[str, float | None]:
    """Return the share found, by number and by money, and the false alarms among 1,000 customers in a month."""
    return {
        "contradictions": total["contradictions"],
        "found": made.share(int(total["found"]), int(total["contradictions"])),
        "money_found": total["money_found"] / total["money"] if total["money"] else None,
        "false_alarms_per_1000_customers_a_month": 1000 * total["false"] / max(total["customer_months"], 1.0),
    }
