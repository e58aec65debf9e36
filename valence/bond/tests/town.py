"""A small made-up company with a known law, for tests: its own words beside the pack's, and two who know the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from valence import terms
from valence.bond import bending

END = 20_000.0
DAYS = 500
KINDS = ("contact", "visit", "bill", "meter_reading", "campaign")
FACTS = ("late", "unresolved", "wrong_meter", "extra_mile", "late|unresolved")
WEIGHTS = {"late": 0.9, "unresolved": 0.6, "wrong_meter": 1.1, "extra_mile": -0.7}
HALF_LIFE = 40.0
RATE = 0.0007


@dataclass(frozen=True)
class Town:
    """Customers, their interactions, and what the law knows: the weight of every row on the day it happened (n,)."""

    journeys: terms.Journeys
    relationships: terms.Relationships
    weight: terms.Floats


def town(*, customers: int = 3000, seed: int = 1, cap: float = bending.NEVER, harder: float = 1.0) -> Town:
    """Play a company day by day: interactions come at random, push on the log-hazard, fade; customers leave.

    With a `cap` the sum of what pushes saturates; `harder` times the usual weights.
    """
    random = np.random.default_rng(seed)
    count = random.poisson(14, customers)
    owner = np.repeat(np.arange(customers), count)
    occurred = END - DAYS + random.random(len(owner)) * DAYS
    kind = random.integers(0, len(KINDS), len(owner))
    fact = np.where(random.random(len(owner)) < 0.5, random.integers(0, len(FACTS), len(owner)), -1)
    weight = np.array([*(sum(WEIGHTS[f] for f in told.split("|")) for told in FACTS), 0.0])[fact] * harder
    left = _leaving(owner, occurred, weight, customers, random, cap)
    kept = occurred < np.where(np.isnan(left), np.inf, left)[owner]
    order = np.flatnonzero(kept)[np.lexsort((occurred[kept], owner[kept]))]
    journeys = terms.Journeys(
        keys=np.arange(customers) + 1000,
        starts=np.concatenate([[0], np.cumsum(np.bincount(owner[order], minlength=customers))]),
        occurred=occurred[order],
        recorded=occurred[order],
        words={
            "kind": terms.Words(kind[order].astype(np.int32), KINDS),
            "department": terms.Words((kind[order] % 3).astype(np.int32), ("care", "field", "metering")),
            "facts": terms.Words(fact[order].astype(np.int32), FACTS),
        },
    )
    return Town(journeys, _relationships(left, customers, random), weight[order])


def with_kind(made: Town, *, fact: str, kind: str) -> Town:
    """Return the town in which a fact is not recorded as one, but as what kind of interaction it was."""
    facts, kinds = made.journeys.words["facts"], made.journeys.words["kind"]
    was = facts.codes == facts.vocabulary.index(fact)
    words = {
        **made.journeys.words,
        "facts": terms.Words(np.where(was, -1, facts.codes).astype(np.int32), facts.vocabulary),
        "kind": terms.Words(
            np.where(was, len(kinds.vocabulary), kinds.codes).astype(np.int32), (*kinds.vocabulary, kind)
        ),
    }
    return Town(replace(made.journeys, words=words), made.relationships, made.weight)


def calling(*, customers: int = 2000, seed: int = 4) -> Town:
    """Play a company whose customers call: after a late visit, and when they think of leaving for their own reasons.

    Half of the visits are late: that pushes by WEIGHTS, and four in five call two days later. One in ten thinks of
    leaving from some day on: calls twice, and for forty days leaves ten times as easily. Calls push nobody. The column
    `explained` tells both apart, as the journeys of a company would.
    """
    random = np.random.default_rng(seed)
    visited = np.repeat(np.arange(customers), random.poisson(8, customers))
    came = END - DAYS + random.random(len(visited)) * DAYS
    was_late = random.random(len(visited)) < 0.5
    called = was_late & (random.random(len(visited)) < 0.8)
    thinks = np.where(random.random(customers) < 0.1, END - DAYS + random.random(customers) * DAYS, np.inf)
    thinkers = np.repeat(np.flatnonzero(np.isfinite(thinks)), 2)
    owner = np.concatenate([visited, visited[called], thinkers])
    occurred = np.concatenate([came, came[called] + 2.0, thinks[thinkers] + random.random(len(thinkers)) * 15.0])
    visit, explained = np.arange(len(owner)) < len(visited), np.arange(len(owner)) < len(visited) + called.sum()
    late = np.concatenate([was_late, np.zeros(len(owner) - len(visited), np.bool_)])
    weight = np.where(late, WEIGHTS["late"], 0.0)
    left = _leaving(owner, occurred, weight, customers, random, bending.NEVER, thinks)
    kept = (occurred < np.where(np.isnan(left), np.inf, left)[owner]) & (occurred < END)
    order = np.flatnonzero(kept)[np.lexsort((occurred[kept], owner[kept]))]
    words = {
        "kind": terms.Words(visit[order].astype(np.int32), ("contact", "visit")),
        "department": terms.Words(visit[order].astype(np.int32), ("care", "field")),
        "facts": terms.Words(np.where(late, 0, -1)[order].astype(np.int32), ("late",)),
        terms.EXPLAINED: terms.Words(np.where(explained & ~visit, 0, -1)[order].astype(np.int32), (terms.YES,)),
    }
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner[order], minlength=customers))])
    at = occurred[order]
    journeys = terms.Journeys(keys=np.arange(customers) + 1000, starts=starts, occurred=at, recorded=at, words=words)
    return Town(journeys, _relationships(left, customers, random), weight[order])


def asked(*, customers: int = 1500, seed: int = 5, told: Mapping[str, float] | None = None) -> Town:
    """Play a company that asks its customers how they feel, five times each: what pushes makes them answer low.

    `told` are other weights (by fact) for what they answer than for their leaving.
    """
    made = town(customers=customers, seed=seed)
    journeys, random = made.journeys, np.random.default_rng(seed + 1)
    facts = journeys.words["facts"]
    by_fact = [sum((told or WEIGHTS)[fact] for fact in word.split("|")) for word in FACTS]
    push = np.array([*by_fact, 0.0])[facts.codes]
    who = np.repeat(np.arange(customers), 5)
    at = END - DAYS + random.random(len(who)) * DAYS
    kept = at < np.where(np.isnan(made.relationships.left), np.inf, made.relationships.left)[who]
    who, at = who[kept], at[kept]
    mood = np.zeros(len(who))
    for number, (customer, moment) in enumerate(zip(who, at, strict=True)):
        rows = slice(journeys.starts[customer], journeys.starts[customer + 1])
        age = moment - journeys.occurred[rows]
        mood[number] = np.sum(np.where(age > 0, push[rows] * np.exp2(-np.maximum(age, 0.0) / HALF_LIFE), 0.0))
    score = np.clip(np.round(8.0 - 2.5 * mood + random.normal(0.0, 1.5, len(mood))), 0, 10)
    return Town(_with_answers(journeys, who, at, score), made.relationships, made.weight)


def _with_answers(journeys: terms.Journeys, who: terms.Keys, at: terms.Days, score: terms.Floats) -> terms.Journeys:
    """Return the journeys with answers in between; rows of Town.weight stay those without them."""
    owner, occurred = np.concatenate([journeys.owners(), who]), np.concatenate([journeys.occurred, at])
    order = np.lexsort((occurred, owner))
    unknown = np.full(len(who), -1, np.int32)
    words = {
        name: terms.Words(np.concatenate([w.codes, unknown])[order], w.vocabulary) for name, w in journeys.words.items()
    }
    kinds, answer = words["kind"], np.int32(len(KINDS))
    words["kind"] = terms.Words(np.where(kinds.codes < 0, answer, kinds.codes).astype(np.int32), (*KINDS, "feedback"))
    words["scale"] = terms.Words(np.where(words["kind"].codes == answer, 0, -1).astype(np.int32), ("nps",))
    return terms.Journeys(
        keys=journeys.keys,
        starts=np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(journeys.keys)))]),
        occurred=occurred[order],
        recorded=occurred[order],
        words=words,
        numbers={"score": np.concatenate([np.full(len(journeys.occurred), np.nan), score])[order]},
    )


def _leaving(
    owner: terms.Keys, occurred: terms.Days, weight: terms.Floats, customers: int, random: np.random.Generator,
    cap: float, thinks: terms.Days | float = np.inf,
) -> terms.Days:  # fmt: skip
    left = np.full(customers, np.nan)
    sums = np.zeros(customers)
    day_of = np.floor(occurred - (END - DAYS)).astype(int)
    by_day = [np.flatnonzero(day_of == day) for day in range(DAYS)]
    for day in range(DAYS):
        since = END - DAYS + day - thinks
        times = np.where((since > 0) & (since < 40), 10.0, 1.0)
        goes = np.isnan(left) & (random.random(customers) < times * RATE * np.exp(bending.bent(harm=sums, cap=cap)))
        left[goes] = END - DAYS + day
        sums *= 0.5 ** (1 / HALF_LIFE)
        rows = by_day[day]
        rest = END - DAYS + day + 1 - occurred[rows]
        np.add.at(sums, owner[rows], weight[rows] * 0.5 ** (rest / HALF_LIFE))
    return left


def _relationships(left: terms.Days, customers: int, random: np.random.Generator) -> terms.Relationships:
    region = terms.Words(random.integers(0, 3, customers).astype(np.int32), ("north", "south", "west"))
    return terms.Relationships(
        keys=np.arange(customers) + 1000,
        joined=END - DAYS - random.random(customers) * 900,
        left=left,
        voluntary=~np.isnan(left),
        monthly_value=random.lognormal(3.7, 0.3, customers),
        words={"region": region},
    )


def truth(*, town: Town, row: int, at: float) -> float:
    """Return the true effect of a row on the log-hazard at a moment."""
    return float(town.weight[row] * 0.5 ** ((at - town.journeys.occurred[row]) / HALF_LIFE))
