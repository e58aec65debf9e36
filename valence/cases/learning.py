"""Which of several playbooks a case is given, and what each is worth: learned while harming nobody for long. Pure.

Shares follow Thompson sampling with floors; they are worked out exactly and kept with each case, so that effects can be
read by inverse propensity afterwards, with intervals that hold however often somebody looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

CELLS = 512
SURE = 0.975
"""From this chance of being the best on, a playbook may be given to most cases."""

UNLIKELY, FEWEST_TRIED = 0.025, 15
"""Who is better than the one in force with no more than this chance, so many ends being known, rests."""

FEWEST_READ = 30
"""Of so many cases of each of two playbooks the end must be known before their difference is said."""

MISS = 0.05
"""How often an interval may miss the truth, at any moment somebody looks."""

TIGHT_AT = 500.0
"""At about so many cases an interval is as narrow as this kind can be."""


@dataclass(frozen=True)
class Care:
    """How careful a trial is.

    floor: the least share of each alternative. share: the most of all of them while none is sure. allowance: how much
    of what the playbook in force would have brought the trial may cost at any time; beyond it alternatives rest.
    """

    floor: float = 0.05
    share: float = 0.2
    allowance: float = 0.006


@dataclass(frozen=True)
class Drawn:
    """Cases in the order they were given a playbook: n of them, K playbooks, the one in force first.

    arm: which (n,). chances: how likely each was then (n, K). at, reads_at: days since 1970, when it was given and
    from when on its end counts (n,). outcome: 0 to 1, NaN where it is not known (n,).
    """

    arm: Ints
    chances: Floats
    at: Floats
    reads_at: Floats
    outcome: Floats

    def known(self, *, now: float) -> Flags:
        """Return whose end is known by now. What was known earlier still waits for its day: ends that come quickly,
        which are the bad ones, would count for more than they are."""
        return (self.reads_at <= now) & np.isfinite(self.outcome)


@dataclass(frozen=True)
class Known:
    """What is known of K playbooks: cases given, those whose end is known, the sum of their outcomes (each (K,))."""

    given: Floats
    read: Floats
    good: Floats


@dataclass(frozen=True)
class Tally:
    """How a playbook did by itself: cases given, cases whose end is known, and their mean outcome (NaN for none)."""

    given: int
    read: int
    mean: float


@dataclass(frozen=True)
class Effect:
    """By how much one playbook did better than another, with a range that holds at every look. n: cases read."""

    n: int
    value: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Say whether the whole range lies above zero."""
        return self.low > 0

    @property
    def is_worse(self) -> bool:
        """Say whether the whole range lies below zero."""
        return self.high < 0


def chances(*, known: Known, care: Care, stopped: Flags) -> Floats:
    """Return how likely each of K playbooks is to be given next; the one in force stands first.

    1. Who is hardly better than the one in force rests; all do while the trial costs more than it may. 2. How likely
    each other is the best, given what is known. 3. While no alternative is surely better, all of them together get at
    most the share. 4. Nobody who is in gets less than the floor: what is not tried is not learned.
    stopped (K,): given to nobody any more.
    """
    inside, middle = _beliefs(known.good, known.read)
    better = (inside * middle[0]).sum(axis=1)
    first = np.arange(len(better)) == 0
    others = ~stopped & ~first & ((better > UNLIKELY) | (known.read < FEWEST_TRIED))
    others &= (better > 0.5) | (_cost(known) <= care.allowance)
    best = np.where(first | others, _best(inside, middle), 0.0)
    best = best / best.sum()
    together = float(best[others].sum())
    if together > care.share and not (better[others] >= SURE).any():
        best = np.where(others, best * care.share / together, best)
        best[0] = 1.0 - best[1:].sum()
    given = first | others
    return np.where(given, care.floor + (1.0 - care.floor * given.sum()) * best, 0.0)


def tallies(*, drawn: Drawn, now: float) -> tuple[Tally, ...]:
    """Return how each playbook did by itself, without correcting for when it was given to whom."""
    known = drawn.known(now=now)
    return tuple(_tally(drawn, known, arm) for arm in range(drawn.chances.shape[1]))


def known(*, drawn: Drawn, now: float) -> Known:
    """Return what is known of each playbook by now."""
    rows, k = drawn.known(now=now), drawn.chances.shape[1]
    return Known(
        given=np.bincount(drawn.arm, minlength=k).astype(np.float64),
        read=np.bincount(drawn.arm[rows], minlength=k).astype(np.float64),
        good=np.bincount(drawn.arm[rows], weights=drawn.outcome[rows], minlength=k).astype(np.float64),
    )


def effect(*, drawn: Drawn, arm: int, against: int, now: float) -> Effect | None:
    """Return by how much one playbook did better than another; None while too few ends are known.

    Each case counts by the inverse of how likely its playbook was then, around what was known before it was given
    (augmented inverse propensity weighting). Cases that only one of the two could have been given say nothing.
    The range is a confidence sequence (a normal mixture): it holds at every look with the chance 1 - MISS.
    """
    both = (drawn.chances[:, arm] > 0) & (drawn.chances[:, against] > 0)
    rows = drawn.known(now=now) & both
    if min((rows & (drawn.arm == one)).sum() for one in (arm, against)) < FEWEST_READ:
        return None
    scores = _score(drawn, rows, arm) - _score(drawn, rows, against)
    n, spread = len(scores), float(scores.std())
    half = spread * _width(n)
    value = float(scores.mean())
    return Effect(n=n, value=value, low=max(-1.0, value - half), high=min(1.0, value + half))


def needed(*, difference: float, share: float, usual: float = 0.5) -> int:
    """Return about how many cases it takes until a difference (0..1) shows, with an alternative at a share of them."""
    spread = (usual * (1 - usual) * (1 / share + 1 / (1 - share))) ** 0.5
    counts: Sequence[int] = (100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200)
    return next((n for n in counts if spread * _width(n) < difference), counts[-1])


def _cost(known: Known) -> float:
    """Return what the trial cost so far, as a share of what the playbook in force would have brought to everybody."""
    mean = (known.good + 1.0) / (known.read + 2.0)
    lost = (known.given * np.maximum(0.0, mean[0] - mean)).sum()
    return float(lost / max(1.0, known.given.sum() * mean[0]))


def _beliefs(good: Floats, read: Floats) -> tuple[Floats, Floats]:
    """Return what is thought of each on a grid: how likely it lies in each cell, and below its middle (K, CELLS)."""
    edges = np.linspace(0.0, 1.0, CELLS + 1)
    below = special.betainc(1.0 + good[:, None], 1.0 + (read - good)[:, None], edges[None, :])
    return np.diff(below, axis=1), (below[:, 1:] + below[:, :-1]) / 2


def _best(inside: Floats, middle: Floats) -> Floats:
    """Return how likely each is the best of all."""
    found = np.array([(inside[k] * np.delete(middle, k, axis=0).prod(axis=0)).sum() for k in range(len(inside))])
    likely: Floats = found / found.sum()
    return likely


def _tally(drawn: Drawn, known: Flags, arm: int) -> Tally:
    given = drawn.arm == arm
    read = int((given & known).sum())
    mean = float(drawn.outcome[given & known].mean()) if read else float("nan")
    return Tally(given=int(given.sum()), read=read, mean=mean)


def _score(drawn: Drawn, rows: Flags, arm: int) -> Floats:
    """Return what each case says of a playbook, whichever it was given; right on average, one by one."""
    thought = _before(drawn, arm)[rows]
    met = (drawn.arm[rows] == arm) / drawn.chances[rows, arm]
    score: Floats = thought + met * (drawn.outcome[rows] - thought)
    return score


def _before(drawn: Drawn, arm: int) -> Floats:
    """Return the mean outcome of a playbook as it was known just before each case was given one."""
    rows = np.flatnonzero((drawn.arm == arm) & np.isfinite(drawn.outcome))
    order = rows[np.argsort(drawn.reads_at[rows], kind="stable")]
    upto = np.searchsorted(drawn.reads_at[order], drawn.at, side="right")
    total = np.concatenate([[0.0], np.cumsum(drawn.outcome[order])])
    before: Floats = (total[upto] + 0.5) / (upto + 1.0)
    return before


def _width(n: int) -> float:
    """Return the half width of the range of a mean of n, in standard deviations of one.

    Robbins' normal mixture, as Waudby-Smith et al. (2021, "Time-uniform central limit theory") use it, tightest near
    TIGHT_AT.
    """
    log = -2.0 * np.log(MISS)
    rho2 = (log + np.log(log + 1.0)) / TIGHT_AT
    grown = n * rho2 + 1.0
    return float(np.sqrt(grown / (n**2 * rho2) * np.log(grown / MISS**2)))
