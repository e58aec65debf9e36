"""One made-up operator: everything that is drawn once per seed, before any customer exists.

Strengths, half-lives, pairs, habits and the law differ from seed to seed, so that nothing can be tuned to one world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REGIONS = ("Coast", "Valley", "Harbour", "Old Town", "Northfield", "Lakeside", "Uplands", "Meadows")
SEGMENTS = ("single", "family", "senior", "student", "home office", "small business")
PLANS = ("Mobile 20", "Fibre 250", "Fibre 500", "Fibre 500 + TV", "Fibre 1000", "Business line")
RIVALS = ("Kestrel", "Northwave", "Tidal", "Opal Mobile", "Quanta")

FAMILIES = ("visit", "care", "money", "promise", "network", "offer", "recovery")

# name, family, expert's strength on the log-hazard (harm above zero), half-life in days
MARKS: tuple[tuple[str, str, float, float], ...] = (
    ("late", "visit", 0.65, 35),
    ("no_show", "visit", 0.45, 45),
    ("left_mess", "visit", 0.60, 40),
    ("not_fixed", "visit", 0.90, 40),
    ("unresolved", "care", 0.70, 30),
    ("repeat", "care", 0.50, 30),
    ("misinformed", "care", 0.65, 45),
    ("irrelevant", "offer", 0.15, 20),
    ("wait", "care", 0.20, 20),
    ("transfers", "care", 0.22, 20),
    ("outage", "network", 0.40, 25),
    ("excess", "money", 0.60, 50),
    ("broken", "promise", 0.95, 50),
    ("extra_mile", "recovery", -0.60, 70),
    ("on_time", "recovery", -0.12, 40),
    ("fixed", "recovery", -0.20, 40),
    ("resolved", "recovery", -0.12, 40),
    ("kept", "recovery", -0.30, 45),
)
MARK_NAMES = tuple(mark[0] for mark in MARKS)
MARK_FAMILY = np.array([FAMILIES.index(mark[1]) for mark in MARKS])
HARMFUL = np.array([mark[2] > 0 for mark in MARKS])

PAIRS = (("promise", "money", 0.8), ("visit", "care", 0.3), ("network", "care", 0.35), ("money", "care", 0.4),
         ("visit", "recovery", -0.4))  # fmt: skip

HABITS: Mapping[str, float] = {
    "contacts": 1.5, "faults": 0.40, "upgrades": 0.24, "moves": 0.10, "messages": 1.8, "outages": 5.0, "campaigns": 9.0,
    "late": 0.2, "no_show": 0.05, "left_mess": 0.06, "not_fixed": 0.17, "unresolved": 0.15, "misinformed": 0.05,
    "extra_mile": 0.06, "irrelevant": 0.3, "misquote": 0.22, "wrong_bill": 0.02, "wait": 7.0, "transfers": 0.3,
    "broken": 0.30, "call_back": 0.14, "credit": 0.4, "revisit_fee": 0.14, "intents": 0.03, "involuntary": 0.015,
    "price_rise": 0.25,
}  # fmt: skip


class Law(StrEnum):
    """How harm adds up on the log-hazard."""

    ADDITIVE = "additive"
    SATURATING = "saturating"


@dataclass(frozen=True)
class Shift:
    """A habit that changed lately: `what` is a name of HABITS, multiplied by `factor` since `since` (days)."""

    what: str
    regions: tuple[int, ...]
    since: float
    factor: float


@dataclass(frozen=True)
class Effects:
    """The law's parameters. Arrays over MARKS: weights (log-hazard), half_lives (days), powers (of what is measured).

    pairs: (family, family, strength). cap, straw_at, straw, segment_factors (segments, families) act only under the
    saturating law.
    """

    weights: Floats
    half_lives: Floats
    powers: Floats
    pairs: tuple[tuple[int, int, float], ...]
    pair_half_life: float
    severity: float
    cap: float
    straw_at: float
    straw: float
    straw_half_life: float
    segment_factors: Floats


@dataclass(frozen=True)
class Surroundings:
    """What raises the hazard and is nobody's doing: (log-hazard each).

    rivals: (weeks, regions) pressure of competitor offers; bump: height, centre and width (days) of the one-year bump.
    """

    segments: Floats
    price: float
    newness: float
    bump: tuple[float, float, float]
    rivals: Floats
    frailty: float
    intent: float
    intent_days: float


@dataclass(frozen=True)
class World:
    """One operator from `start` to `end` (days since 1970)."""

    seed: int
    law: Law
    start: float
    end: float
    lost_share: float
    habits: Mapping[str, float]
    effects: Effects
    around: Surroundings
    region_shares: Floats
    segment_shares: Floats
    region_habits: Mapping[str, Floats]
    shifts: tuple[Shift, ...]
    fact_recorded: float
    fee_recorded: float
    number_recorded: float
    link_recorded: float

    @property
    def years(self) -> float:
        """Length of the window in years."""
        return (self.end - self.start) / 365.25

    def chance(self, *, what: str, region: NDArray[np.int64], at: Floats) -> Floats:
        """Return how likely a habit is for customers of these regions at these times, at most .9."""
        chance = self.habits[what] * self.region_habits[what][region]
        for shift in self.shifts:
            if shift.what == what:
                hit = np.isin(region, shift.regions) & (at >= shift.since)
                chance = np.where(hit, chance * shift.factor, chance)
        return np.minimum(chance, 0.9)

    def described(self) -> dict[str, Any]:
        """Return everything that was drawn, ready for JSON."""
        drawn = asdict(self)
        drawn["marks"] = [
            {"mark": name, "family": FAMILIES[family], "weight": weight, "half_life": days, "power": power}
            for name, family, weight, days, power in zip(
                MARK_NAMES, MARK_FAMILY, self.effects.weights, self.effects.half_lives, self.effects.powers, strict=True
            )
        ]
        drawn |= {"regions": REGIONS, "segments": SEGMENTS, "families": FAMILIES}
        return dict(_plain(drawn))


def draw(*, seed: int, law: Law, start: float, end: float) -> World:
    """Draw one operator."""
    rng = np.random.default_rng([seed, 0])
    region_shares = rng.dirichlet(np.full(len(REGIONS), 8.0))
    habits = {name: float(usual * rng.lognormal(0.0, 0.2)) for name, usual in HABITS.items()}
    return World(
        seed=seed,
        law=law,
        start=start,
        end=end,
        lost_share=float(rng.uniform(0.15, 0.25)),
        habits=habits,
        effects=_effects(rng=rng),
        around=_surroundings(rng=rng, weeks=int((end - start) / 7) + 2),
        region_shares=region_shares,
        segment_shares=rng.dirichlet(np.array([12.0, 14.0, 8.0, 5.0, 6.0, 4.0])),
        region_habits={name: rng.lognormal(0.0, 0.2, len(REGIONS)) for name in HABITS},
        shifts=_shifts(rng=rng, shares=region_shares, end=end),
        fact_recorded=float(rng.uniform(0.88, 0.97)),
        fee_recorded=float(rng.uniform(0.25, 0.6)),
        number_recorded=float(rng.uniform(0.9, 0.98)),
        link_recorded=float(rng.uniform(0.3, 0.7)),
    )


def _effects(*, rng: np.random.Generator) -> Effects:
    count = len(MARKS)
    strength = float(rng.uniform(0.9, 1.25))
    chosen = rng.permutation(len(PAIRS))[: rng.integers(3, len(PAIRS) + 1)]
    pairs = tuple(
        (FAMILIES.index(PAIRS[i][0]), FAMILIES.index(PAIRS[i][1]), float(PAIRS[i][2] * rng.uniform(0.5, 1.5)))
        for i in sorted(chosen)
    )
    return Effects(
        weights=np.array([mark[2] for mark in MARKS]) * strength * rng.lognormal(0.0, 0.3, count),
        half_lives=np.clip(np.array([mark[3] for mark in MARKS]) * rng.lognormal(0.0, 0.35, count), 8, 120),
        powers=rng.uniform(0.6, 1.0, count),
        pairs=pairs,
        pair_half_life=float(rng.uniform(30, 60)),
        severity=float(rng.uniform(0.2, 0.45)),
        cap=float(rng.uniform(1.6, 2.8)),
        straw_at=float(rng.uniform(0.8, 1.6)),
        straw=float(rng.uniform(0.4, 1.0)),
        straw_half_life=float(rng.uniform(30, 60)),
        segment_factors=rng.lognormal(0.0, 0.35, (len(SEGMENTS), len(FAMILIES))),
    )


def _surroundings(*, rng: np.random.Generator, weeks: int) -> Surroundings:
    return Surroundings(
        segments=rng.normal(0.0, 0.25, len(SEGMENTS)),
        price=float(rng.uniform(0.2, 0.9)),
        newness=float(rng.uniform(0.0, 0.5)),
        bump=(float(rng.uniform(0.5, 1.1)), float(rng.uniform(355, 380)), float(rng.uniform(18, 35))),
        rivals=_rivals(rng=rng, weeks=weeks),
        frailty=float(rng.uniform(0.1, 0.35)),
        intent=float(rng.uniform(2.5, 3.6)),
        intent_days=float(rng.uniform(25, 50)),
    )


def _rivals(*, rng: np.random.Generator, weeks: int) -> Floats:
    """Return the pressure of rivals by week and region: offers that start, hold for some weeks and end."""
    pressure = np.tile(rng.normal(0.0, 0.15, len(REGIONS)), (weeks, 1))
    for region in range(len(REGIONS)):
        for _ in range(rng.poisson(weeks / 26)):
            begin = int(rng.integers(0, weeks))
            pressure[begin : begin + int(rng.integers(3, 10)), region] += rng.uniform(0.4, 1.2)
    return pressure


def _shifts(*, rng: np.random.Generator, shares: Floats, end: float) -> tuple[Shift, ...]:
    """Return what changed lately: a hand-off that got worse, two troubles of the last weeks, something got better.

    What got worse did so where most customers live, so that a small operator shows it too.
    """
    largest = tuple(int(region) for region in np.argsort(shares)[::-1][:2])
    everywhere = tuple(range(len(REGIONS)))
    return (
        Shift("misquote", largest, end - float(rng.uniform(60, 90)), 2.8),
        Shift("unresolved", largest, end - float(rng.uniform(16, 22)), 3.5),
        Shift("late", largest[:1], end - float(rng.uniform(16, 22)), 3.0),
        Shift("extra_mile", everywhere, end - float(rng.uniform(16, 22)), 3.2),
    )


def _plain(value: Any) -> Any:
    """Return arrays as lists and everything inside them as plain Python."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
