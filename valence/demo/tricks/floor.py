"""One made-up operator's teams over a year: their encounters, what customers truly felt, what the record shows of it.

Everything that a detector could be tuned to is drawn per seed: the scale, how much each failure hurts, how teams vary,
who answers, who writes, how long it takes, what is recorded, what customers do later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from valence.insights import scores
from valence.terms import Codes, Floats

Bools = NDArray[np.bool_]

FAILURES = ("late", "no_show", "not_fixed", "unresolved", "misinformed")
GOOD = ("extra_mile", "resolved")
FACTS = (*FAILURES, *GOOD, "wait")
FIRST_DAY = 20_089.0
DAYS = 365
REGIONS = 6
EXCELLENT_KINDS = ("warm", "flawless", "both")


@dataclass(frozen=True)
class Floor:
    """What was drawn for one operator. Arrays per team (t,) unless said otherwise.

    answers: how many answers each team would honestly get. level: what customers feel of the team beyond the facts.
    spread: how far feelings of one team scatter, 1 is usual. care: by what failures happen more or less often.
    missing: the share of customers without an address or consent. counter: the share that answers on a shared tablet.
    hurts (k,): what each fact does to a feeling. cuts: where a feeling becomes the next point of the scale.
    """

    seed: int
    scale: scores.Scale
    excellent: Bools
    answers: Floats
    level: Floats
    spread: Floats
    care: Floats
    missing: Floats
    counter: Floats
    region: Codes
    hurts: Floats
    happens: Floats
    cuts: Floats
    response: float
    silence: float
    withdraw: float
    writes: float
    languages: Floats
    leaves: float
    feels: float
    recorded: float
    calendar: float
    haste: float
    collisions: float


def draw(*, seed: int, ordinary: int, excellent: int, least: int = 120, most: int = 1200) -> Floor:
    """Draw an operator with so many ordinary and excellent teams, of `least` to `most` answers a year."""
    rng = np.random.default_rng([seed, 40])
    teams = ordinary + excellent
    best = np.arange(teams) >= ordinary
    manner = rng.integers(0, len(EXCELLENT_KINDS), teams)
    scale = scores.SCALES[str(rng.choice(["csat", "nps", "ces"]))]
    level = np.where(best & (manner != 1), rng.uniform(0.8, 2.0, teams), rng.normal(0, 0.35, teams))
    care = np.where(best & (manner != 0), rng.uniform(0.2, 0.5, teams), rng.lognormal(0, 0.25, teams))
    return Floor(
        seed=seed, scale=scale, excellent=best, level=level, care=care,
        answers=np.exp(rng.uniform(np.log(least), np.log(most), teams)),
        spread=rng.lognormal(0, 0.08, teams),
        missing=rng.beta(1.5, 15, teams),
        counter=np.where(rng.random(teams) < 0.3, rng.uniform(0.1, 0.6, teams), 0.0),
        region=rng.integers(0, REGIONS, teams).astype(np.int32),
        hurts=np.concatenate([-rng.uniform(0.6, 2.2, 5), rng.uniform(0.3, 1.2, 2), -rng.uniform(0.1, 0.4, 1)]),
        happens=np.concatenate([rng.uniform(0.03, 0.15, 5), rng.uniform(0.05, 0.5, 2)]),
        cuts=_cuts(rng, len(scale.points)),
        response=float(rng.uniform(0.15, 0.45)), silence=float(rng.uniform(0.0, 0.6)),
        withdraw=float(rng.uniform(0.0, 0.5)), writes=float(rng.uniform(0.25, 0.6)),
        languages=rng.dirichlet([8, 3, 3, 2, 2]), leaves=float(rng.uniform(0.04, 0.12)),
        feels=float(rng.uniform(0.5, 1.1)), recorded=float(rng.uniform(0.85, 0.97)),
        calendar=float(rng.normal(0, 0.12)), haste=float(rng.uniform(0.01, 0.05)),
        collisions=float(rng.uniform(0.0, 0.004)),
    )  # fmt: skip


@dataclass(frozen=True)
class Played:
    """The encounters of all teams (n,): what happened, what customers felt, what they would honestly have answered.

    happened (n, 8): the facts; known (n, 8): as recorded. honest: the score (NaN: would not answer). later: 1 where
    they leave, complain or score low soon after. due: the rules ask for it. missing: no consent or
    no address, honestly.
    """

    team: Codes
    at: Floats
    happened: Floats
    known: Floats
    mix: Floats
    feeling: Floats
    would_say: Floats
    honest: Floats
    later: Floats
    due: Bools
    missing: Bools
    counter: Bools


def play(*, floor: Floor, rng: np.random.Generator, first_day: float = FIRST_DAY) -> Played:
    """Play a year of encounters from a day on (days since 1970)."""
    due_share = rng.uniform(0.85, 1.0)
    number = np.maximum(floor.answers / floor.response / due_share, 1).astype(int)
    team = np.repeat(np.arange(len(number)), number).astype(np.int32)
    n = len(team)
    at = first_day + rng.integers(0, DAYS, n) + rng.uniform(8 / 24, 19 / 24, n)
    happened = _facts(floor, team, rng)
    mix = _mix(floor, team, rng)
    segment = rng.normal(0, 0.25, 3)
    region = rng.normal(0, 0.15, REGIONS)
    feeling = happened @ floor.hurts + floor.level[team] + floor.spread[team] * rng.logistic(0, 1, n)
    feeling += mix[:, :3] @ segment + region[floor.region[team]] + floor.calendar * (at % 30.4 > 25)
    points = np.array(floor.scale.points, float)
    would_say = points[np.searchsorted(floor.cuts, feeling)]
    usual = (feeling - feeling.mean()) / feeling.std()
    missing = rng.random(n) < expit(_logit(floor.missing[team]) - floor.withdraw * usual)
    due = rng.random(n) < due_share
    answers = rng.random(n) < expit(_logit(floor.response) + floor.silence * (usual > 0) + 0.15 * (usual < -1.5))
    trouble = rng.normal(0, 0.4, REGIONS)[floor.region[team]]
    later = rng.random(n) < expit(_logit(floor.leaves) - floor.feels * usual + trouble)
    return Played(
        team=team, at=at, happened=happened, known=_known(floor, happened, rng), mix=mix, feeling=usual,
        would_say=would_say, honest=np.where(due & ~missing & answers, would_say, np.nan),
        later=np.where(at < first_day + DAYS - 60, later.astype(float), np.nan),
        due=due, missing=missing, counter=rng.random(n) < floor.counter[team],
    )  # fmt: skip


def _cuts(rng: np.random.Generator, points: int) -> Floats:
    """Return cuts that make high scores common, as they are: 30 to 55 % top, the rest falling off unevenly."""
    top = rng.uniform(0.3, 0.55)
    rest = rng.dirichlet(np.linspace(1.0, 4.0, points - 1) * 2) * (1 - top)
    return np.asarray(_logit(np.cumsum(rest)) - 0.3)


def _facts(floor: Floor, team: Codes, rng: np.random.Generator) -> Floats:
    chance = np.tile(floor.happens, (len(team), 1))
    chance[:, : len(FAILURES)] *= floor.care[team][:, None]
    struck = (rng.random(chance.shape) < np.minimum(chance, 0.8)).astype(float)
    return np.column_stack([struck, np.round(rng.exponential(0.7, len(team)), 2)])


def _known(floor: Floor, happened: Floats, rng: np.random.Generator) -> Floats:
    kept = rng.random(happened.shape) < floor.recorded
    kept[:, -1] = True
    return np.where(kept, happened, 0.0)


def _mix(floor: Floor, team: Codes, rng: np.random.Generator) -> Floats:
    """Return what a team cannot help, as zeros and ones: the segment (3) and the region."""
    segment = np.eye(4)[rng.integers(0, 4, len(team))][:, :3]
    return np.hstack([segment, np.eye(REGIONS)[floor.region[team]][:, 1:]])


def _logit(p: Floats | float) -> Floats:
    held = np.clip(np.asarray(p, float), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(held / (1 - held)))
