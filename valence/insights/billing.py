"""What was billed against what was told: which bills differ beyond what honest bills do. Pure.

Honest bills differ too: usage, a day more or less. How they differ is learned from the bulk of all bills, and the limit
is set where honest bills pass it once a month among so many customers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from valence import packs, terms
from valence.journeys import follow, signs

COLUMNS = ("kind", "amount", "expected_amount", "source", "interaction_id", "department")
ABOUTS = ("told", "quote", "usual")
TOLD, QUOTE, USUAL = range(3)
# One false alarm a month among so many customers.
CUSTOMERS_A_FALSE_ALARM = 1_000
FEWEST_BILLS = 300
FEWEST_ABOVE = 40
# Where too few bills are known: a fifth above, and 10 of money.
USUAL_LIMIT, USUAL_SCALE = 10.0, 2.0
ROUNDS = 8
SHAPES = (0.6, 2.0)
GAMMA_SHAPES = np.geomspace(0.15, 60.0, 200)
QUOTED_KINDS = frozenset({"order", "renewal"})
# Where in their upper part honest bills tell by which law they differ.
FITTED = (0.1, 0.05, 0.03)
SAME_BILLS = 3
SMALLEST = 0.005


@dataclass(frozen=True)
class Bills:
    """Bills (b,) of some journeys with what was told: row; billed, told (NaN: nothing was); about: index into ABOUTS.

    told_row: where it was told, the bill itself where that says so, -1 for what is usual.
    """

    row: terms.Keys
    billed: terms.Floats
    told: terms.Floats
    about: terms.Codes
    told_row: terms.Keys

    @property
    def over(self) -> terms.Floats:
        """How much more than told was billed (b,), NaN where nothing was told."""
        return self.billed - self.told


@dataclass(frozen=True)
class Limit:
    """From which amount above what was told a bill contradicts it. `scale`: how much honest bills are above, half of
    the time; `bills`: from how many it was learned, 0 where the usual limit holds."""

    amount: float
    scale: float
    bills: int

    def as_kept(self) -> dict[str, float]:
        """Return it as plain values; `read_back` gives it back."""
        return {"amount": self.amount, "scale": self.scale, "bills": self.bills}


USUAL_ONE = Limit(amount=USUAL_LIMIT, scale=USUAL_SCALE, bills=0)


def read_back(kept: Mapping[str, float]) -> Limit:
    """Return a limit as it was kept."""
    return Limit(amount=float(kept["amount"]), scale=float(kept["scale"]), bills=int(kept["bills"]))


def read(*, journeys: terms.Journeys, pack: packs.Pack) -> Bills:
    """Return the bills of whole journeys, each with what the customer was told before.

    What the bill itself says was told counts first, then the customer's usual bill where the last three were alike,
    then what was quoted last (an order, a renewal).
    """
    kind = signs.column(journeys=journeys, name="kind")
    billed = signs.number(journeys=journeys, name="amount")
    known = signs.number(journeys=journeys, name="expected_amount")
    is_bill = signs.where(words=kind, holds=lambda word: pack.known_as("kinds", word) == "bill") & np.isfinite(billed)
    quoted = signs.where(words=kind, holds=lambda word: pack.known_as("kinds", word) in QUOTED_KINDS)
    row, group = np.flatnonzero(is_bill), journeys.owners()
    quote_row = follow.latest_before(cause=quoted & np.isfinite(billed), group=group)[row]
    quote = np.where(quote_row >= 0, billed[quote_row], np.nan) if len(journeys) else np.empty(0)
    usual = _usual(row, group, np.where(np.isfinite(known), known, billed))
    told = np.where(np.isfinite(known[row]), known[row], np.where(np.isfinite(usual), usual, quote))
    about = np.where(np.isfinite(known[row]), TOLD, np.where(np.isfinite(usual), USUAL, QUOTE))
    told_row = np.where(about == TOLD, row, np.where(about == QUOTE, quote_row, -1))
    return Bills(row=row, billed=billed[row], told=told, about=about.astype(np.int32), told_row=told_row)


def limit(*, over: terms.Floats, customer_months: float) -> Limit:
    """Return from which amount above what was told a bill contradicts it.

    over (n,): how much more than told was billed; customer_months: over how many customers times months they lie. The
    tail of honest bills (Weibull, gamma or log-normal, by their middle and upper quarter) is found in rounds that leave
    out what the last one called a contradiction.
    """
    known = over[np.isfinite(over)]
    above = known[known > SMALLEST]
    if len(known) < FEWEST_BILLS or len(above) < FEWEST_ABOVE or customer_months <= 0:
        return Limit(amount=USUAL_LIMIT, scale=USUAL_SCALE, bills=0)
    honest, amount = above, np.inf
    for _ in range(ROUNDS):
        allowed = customer_months / CUSTOMERS_A_FALSE_ALARM
        amount = _passed_by(honest, share=min(0.5, allowed / len(honest)))
        left = above[above <= amount]
        if len(left) == len(honest):
            break
        honest = left
    return Limit(amount=amount, scale=float(np.median(honest)), bills=len(known))


def _passed_by(honest: terms.Floats, *, share: float) -> float:
    """Return the amount that such a share of honest bills passes, by the law that fits their upper part best."""
    middle, upper = np.quantile(honest, [0.5, 0.75])
    spread = np.log(max(upper / middle, 1.01))
    shape = float(np.clip(np.log(2) / spread, *SHAPES))
    sigma = float(spread / scipy.stats.norm.ppf(0.75))
    laws: tuple[Callable[[Any], Any], ...] = (
        _gamma(middle=float(middle), upper=float(upper)),
        lambda rare: middle * (-np.log(rare) / np.log(2)) ** (1 / shape),
        lambda rare: middle * np.exp(sigma * scipy.stats.norm.isf(rare)),
    )
    seen = np.quantile(honest, 1 - np.array(FITTED))
    misfit = [float(np.abs(np.log(law(np.array(FITTED)) / seen)).sum()) for law in laws]
    return float(laws[int(np.argmin(misfit))](share))


def _gamma(*, middle: float, upper: float) -> Callable[[Any], Any]:
    """Return which amount is passed how rarely by the gamma law with this median and upper quarter."""
    ratios = scipy.special.gammaincinv(GAMMA_SHAPES, 0.75) / scipy.special.gammaincinv(GAMMA_SHAPES, 0.5)
    shape = float(np.interp(-np.log(max(upper / middle, 1.0)), -np.log(ratios), GAMMA_SHAPES))
    scale = middle / float(scipy.special.gammaincinv(shape, 0.5))
    return lambda rare: scale * scipy.special.gammainccinv(shape, rare)


def contradicts(*, bills: Bills, limit: Limit) -> NDArray[np.bool_]:
    """Return which bills (b,) contradict what was told; where nothing was told, none does."""
    return np.nan_to_num(bills.over, nan=-np.inf) > limit.amount


def _usual(row: terms.Keys, group: terms.Keys, amount: terms.Floats) -> terms.Floats:
    """Return for each bill what the customer's last bills were, where they were alike; NaN else."""
    usual = np.full(len(row), np.nan)
    for back in range(1, SAME_BILLS + 1):
        before = np.roll(row, back)
        same = (np.arange(len(row)) >= back) & (group[before] == group[row])
        value = np.where(same, amount[before], np.nan)
        usual = (
            value
            if back == 1
            else np.where(np.abs(value - usual) <= 0.25 * np.abs(usual) + 1.0, np.fmin(usual, value), np.nan)
        )
    return usual
