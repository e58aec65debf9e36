"""Learning playbooks on customers that were made up: what it costs, what it wins, whether its ranges hold. Pure.

Each run is a year of one situation at a company of its own. The truth is known: how well each playbook works for each
sort of customer. A run learns as the product does, with ends that become known late; its cases are then counted by the
truth, not by luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from valence.cases import learning
from valence.terms import Progress

Floats: TypeAlias = learning.Floats
DAYS, A_DAY, DELAY, LOOK = 540, 6.0, 45.0, 7
ARMS, SORTS = 3, 2
ALLOWED = 0.02
WORLDS: Mapping[str, tuple[float, float]] = {
    "one better": (0.10, -0.05),
    "one a little better": (0.04, 0.0),
    "all alike": (0.0, 0.0),
    "both worse": (-0.08, -0.04),
    "both much worse": (-0.2, -0.15),
    "one for some only": (0.0, 0.0),
}
"""By how much the two alternatives recover more (or less) than the playbook in force, by name."""


@dataclass(frozen=True)
class Run:
    """One run, counted by the truth. `mean`: recovered per case as given; the others had everybody got one.

    oracle: the best playbook for each sort of customer. proposed: the alternative that was proposed and taken, 0 for
    none, below 0 where it is worse than the one in force. lost: recoveries lost against the playbook in force, as a
    share of all it would have brought.
    """

    world: str
    cases: int
    mean: float
    in_force: float
    best_fixed: float
    oracle: float
    proposed: int
    lost: float
    looks: int
    missed_once: int
    missed_last: int
    read_last: int


def run(*, world: str, seed: int) -> Run:
    """Return one run of a world: learn, look every week, take what is proposed, stop what is shown to harm."""
    dice = np.random.default_rng(seed)
    truth = _truth(world, dice)
    sorts_share = dice.uniform(0.3, 0.7)
    means = sorts_share * truth[0] + (1 - sorts_share) * truth[1]
    found = _learned(truth, sorts_share, means, dice)
    given = _expected(found, truth)
    alone = truth[found.sort]
    return Run(
        world=world,
        cases=len(given),
        mean=float(given.mean()),
        in_force=float(alone[:, 0].mean()),
        best_fixed=float(alone.mean(axis=0).max()),
        oracle=float(alone.max(axis=1).mean()),
        proposed=found.proposed,
        lost=float((alone[:, 0] - given).sum() / alone[:, 0].sum()),
        looks=found.looks,
        missed_once=found.missed_once,
        missed_last=found.missed_last,
        read_last=found.read_last,
    )


def figures(*, runs: int, seed: int, progress: Callable[[Progress], None]) -> dict[str, object]:
    """Return what `valence evaluate playbooks` says: of so many runs in each world."""
    done: list[Run] = []
    for at, world in enumerate(WORLDS):
        for number in range(runs):
            done.append(run(world=world, seed=seed + 100_003 * at + number))
            progress(Progress(done=len(done), total=runs * len(WORLDS), words="Trials"))
    worlds = {world: _told([one for one in done if one.world == world]) for world in WORLDS}
    return {"runs": len(done), "days": DAYS, "delay_days": DELAY, **_told(done), "worlds": worlds}


@dataclass(frozen=True)
class _Learned:
    sort: learning.Ints
    arm: learning.Ints
    proposed: int
    looks: int
    missed_once: int
    missed_last: int
    read_last: int


def _told(runs: list[Run]) -> dict[str, object]:
    """Return the figures of some runs: per 1,000 cases, and as shares of runs."""
    by = {name: np.array([getattr(one, name) for one in runs], dtype=float) for name in Run.__annotations__
          if name != "world"}  # fmt: skip
    taken = by["proposed"] > 0
    better = by["best_fixed"] > by["in_force"] + 1e-9
    pairs = by["read_last"].sum()
    return {
        "cases_a_run": float(by["cases"].mean()),
        "recovered_in_force": float(by["in_force"].mean()),
        "recovered_learning": float(by["mean"].mean()),
        "recovered_best_fixed": float(by["best_fixed"].mean()),
        "recovered_oracle": float(by["oracle"].mean()),
        "regret_best_fixed_per_1000": float(1_000 * (by["best_fixed"] - by["mean"]).mean()),
        "regret_oracle_per_1000": float(1_000 * (by["oracle"] - by["mean"]).mean()),
        "gain_in_force_per_1000": float(1_000 * (by["mean"] - by["in_force"]).mean()),
        "runs_lost_more_than_allowed": float((by["lost"] > ALLOWED).mean()),
        "runs_lost_anything": float((by["lost"] > 1e-9).mean()),
        "runs_that_took_a_worse_one": float((by["proposed"] < 0).mean()),
        "runs_that_took_a_better_one": float(taken[better].mean()) if better.any() else None,
        "coverage_last_look": float(1 - by["missed_last"].sum() / pairs) if pairs else None,
        "coverage_every_look": float(1 - by["missed_once"].sum() / pairs) if pairs else None,
        "looks_a_run": float(by["looks"].mean()),
    }


def _truth(world: str, dice: np.random.Generator) -> Floats:
    """Return how often each playbook recovers a customer of each sort (SORTS, ARMS)."""
    usual = dice.uniform(0.35, 0.65)
    more = np.array([0.0, *dice.permutation(WORLDS[world])])
    tilt = np.array([0.0, 0.12, -0.12]) if world == "one for some only" else np.array([0.0, 0.02, -0.02])
    lift = dice.uniform(-0.1, 0.1)
    found: Floats = np.clip(usual + np.array([[lift], [-lift]]) + more + np.array([tilt, -tilt]), 0.02, 0.98)
    return found


def _learned(truth: Floats, share: float, means: Floats, dice: np.random.Generator) -> _Learned:
    at = np.sort(dice.uniform(0, DAYS, dice.poisson(DAYS * A_DAY)))
    sort = (dice.random(len(at)) > share).astype(np.int64)
    luck, point = dice.random(len(at)), dice.random(len(at))
    arm = np.zeros(len(at), dtype=np.int64)
    odds = np.zeros((len(at), ARMS))
    outcome = (luck < truth[sort, 0]).astype(float)
    stopped, proposed, looks = np.zeros(ARMS, dtype=bool), 0, 0
    once, last = np.zeros(ARMS, dtype=bool), np.zeros(ARMS, dtype=bool)
    read = np.zeros(ARMS, dtype=bool)
    for day in range(0, DAYS, LOOK):
        upto = int(np.searchsorted(at, day))
        drawn = learning.Drawn(arm[:upto], odds[:upto], at[:upto], at[:upto] + DELAY, outcome[:upto])
        if not proposed:
            looks += 1
            proposed = _looked(drawn, float(day), means, stopped, once, last, read)
        now = np.eye(ARMS)[abs(proposed)] if proposed else _odds(drawn, float(day), stopped)
        rows = np.arange(upto, int(np.searchsorted(at, day + LOOK)))
        odds[rows] = now
        arm[rows] = np.searchsorted(np.cumsum(now), point[rows] * (1 - 1e-12), side="right")
        outcome[rows] = luck[rows] < truth[sort[rows], arm[rows]]
    return _Learned(sort, arm, proposed, looks, int(once.sum()), int(last.sum()), int(read.sum()))


def _looked(
    drawn: learning.Drawn,
    day: float,
    means: Floats,
    stopped: learning.Flags,
    once: learning.Flags,
    last: learning.Flags,
    read: learning.Flags,
) -> int:
    """Look at every alternative: note where its range misses, stop what harms; return one to take, below 0: wrongly."""
    for arm in range(1, ARMS):
        found = learning.effect(drawn=drawn, arm=arm, against=0, now=day) if not stopped[arm] else None
        if found is None:
            continue
        missed = not found.low <= means[arm] - means[0] <= found.high
        read[arm], last[arm] = True, missed
        once[arm] |= missed
        stopped[arm] = found.is_worse
        if found.is_better:
            return arm if means[arm] >= means[0] else -arm
    return 0


def _odds(drawn: learning.Drawn, day: float, stopped: learning.Flags) -> Floats:
    known = learning.known(drawn=drawn, now=day)
    return learning.chances(known=known, care=learning.Care(), stopped=stopped)


def _expected(found: _Learned, truth: Floats) -> Floats:
    """Return how likely each case was to be recovered with what it was given."""
    expected: Floats = truth[found.sort, found.arm]
    return expected
