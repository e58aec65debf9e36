"""What meeting a standard is worth, and which standards matter no longer or would: from counts and the bond. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from valence.insights import intervals
from valence.terms import Floats

FEWEST = 200
NEVER_MATTERS = 1.05
MATTERS = 1.15
REACHED_WEEKS = 26
FEWEST_A_WEEK = 5
OFTEN = 0.02
BEST_QUARTER = 75.0


@dataclass(frozen=True)
class Worth:
    """What missing a standard does: times the chance of leaving just after, against meeting it, with likely range."""

    times: float
    low: float
    high: float
    missed: int
    met: int


@dataclass(frozen=True)
class Measured:
    """How often a standard was met, of how many, with its likely range. `name`: the department or place, "" for all."""

    name: str
    met: int
    counted: int

    @property
    def share(self) -> float:
        """The share that met it."""
        return self.met / self.counted if self.counted else float("nan")

    @property
    def range(self) -> intervals.Range:
        """The likely range of the share (Wilson)."""
        return intervals.of_share(self.met, of=self.counted)

    def against(self, *, target: float) -> str:
        """Say how it stands: `met`, `missed`, or `unsure` where the range holds the target."""
        return "met" if self.range.low >= target else "missed" if self.range.high < target else "unsure"


class Advice(StrEnum):
    """What is proposed about a standard."""

    GIVE_UP = "give_up"
    RAISE = "raise"
    NEW = "new"


@dataclass(frozen=True)
class Proposal:
    """What is proposed, and why in words. `table`: the standard as it would be written, for a new one."""

    advice: Advice
    name: str
    words: str
    target: float | None = None
    table: Mapping[str, object] | None = None


def worth(*, missed: Floats, met: Floats, counts: tuple[int, int], own: Floats, draws: Floats) -> Worth | None:
    """Return what missing is worth, None where too few missed or met it.

    missed, met (m,): sums of the marks that those interactions bore; counts: how many missed and met. own (m,): the
    weights of marks that are causes, on the log-hazard just after; draws (d, m): what is uncertain about them.
    """
    if min(counts) < FEWEST / 10 or sum(counts) < FEWEST:
        return None
    gap = missed / counts[0] - met / counts[1]
    low, high = np.quantile(np.exp(draws @ gap), [0.025, 0.975]).tolist()
    return Worth(times=float(np.exp(own @ gap)), low=low, high=high, missed=counts[0], met=counts[1])


def proposals(
    *,
    name: str,
    title: str,
    target: float,
    found: Worth | None,
    weeks: Sequence[Measured],
) -> tuple[Proposal, ...]:
    """Return what is proposed about a standard that is kept; weeks: how it was met, the latest last."""
    if found is not None and found.high < NEVER_MATTERS:
        words = (
            f"Missing it no longer makes anybody likelier to leave: × {found.times:.2f}, at most × {found.high:.2f}, "
            f"seen over {found.missed + found.met:,} interactions. Give it up, and look after what does."
        )
        return (Proposal(Advice.GIVE_UP, name, words),)
    late = [week for week in weeks[-REACHED_WEEKS:] if week.counted >= FEWEST_A_WEEK]
    if len(late) == REACHED_WEEKS and all(week.share >= target for week in late):
        share = sum(week.met for week in late) / sum(week.counted for week in late)
        higher = round(min(0.995, (share + target) / 2), 3)
        if higher > target + 0.004:
            words = (
                f"Met every week for half a year ({share:.1%} on average). A target of {higher:.1%} would ask for more."
            )
            return (Proposal(Advice.RAISE, name, words, target=higher),)
    return ()


@dataclass(frozen=True)
class Candidate:
    """A fact that does harm: how often it is met with a kind of interaction, and what it does to the bond.

    places: of each place or department with enough interactions, the share without the fact.
    """

    fact: str
    said: str
    kind: str
    kind_said: str
    with_fact: int
    counted: int
    times: float
    low: float
    places: tuple[float, ...]


def new_ones(*, candidates: Iterable[Candidate], covered: frozenset[str], most: int = 3) -> tuple[Proposal, ...]:
    """Return the standards that are missing: facts that hurt, happen often, and that no standard counts.

    The target is what the best quarter of places reach: somebody shows that it can be done.
    """
    worth_it = [
        one
        for one in candidates
        if one.fact not in covered
        and one.low > MATTERS
        and one.counted >= FEWEST
        and one.with_fact >= OFTEN * one.counted
    ]
    best = sorted(worth_it, key=lambda one: -one.with_fact * np.log(one.times))[:most]
    return tuple(_proposed(one) for one in best)


def _proposed(one: Candidate) -> Proposal:
    usual = 1 - one.with_fact / one.counted
    reached = float(np.percentile(one.places, BEST_QUARTER)) if len(one.places) >= 4 else min(0.99, usual + 0.02)
    target = float(np.clip(np.floor(reached * 100) / 100, 0.5, 0.99))
    words = (
        f"“{one.said}” happens in {100 * (1 - usual):.1f} % of {one.counted:,} ({one.kind_said.lower()}), and makes "
        f"leaving {one.times:.1f} times as likely (at least {one.low:.1f} times). No standard counts it. The best "
        f"quarter of places stay without it in {100 * reached:.0f} %."
    )
    table = {
        "name": f"{one.kind}_without_{one.fact}"[:60],
        "title": f"{one.kind_said}: not “{one.said}”"[:120],
        "words": "Proposed from what the bond shows.",
        "of": {"field": "kind", "is": one.kind},
        "met": {"not": {"field": "facts", "has": [one.fact]}},
        "target": target,
    }
    return Proposal(Advice.NEW, str(table["name"]), words, target=target, table=table)
