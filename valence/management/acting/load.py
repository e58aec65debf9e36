"""Workload: what the default rules would have raised day by day, and who of those who left was seen in time."""

from __future__ import annotations

import numpy as np

from valence import terms
from valence.alerts import condition, rehearsal, rule, tables
from valence.alerts.condition import TRUE
from valence.alerts.fields import About
from valence.management.acting import made
from valence.packs import acting

DAYS = 90.0
# Somebody who left was seen in time where an alert came at least a week before, at most two months.
AT_LEAST_BEFORE, AT_MOST_BEFORE = 7.0, 60.0
# An open case takes in further alerts about the customer.
CASE_DAYS = 7.0
OWNERS_PER_1000 = 1.0


def counts(*, operator: made.Made) -> dict[str, float]:
    """Return cases and days, and how many of those who left by choice had an alert in time."""
    journeys = operator.journeys
    table = tables.of_interactions(journeys=journeys, pack=operator.pack)
    table = tables.with_journeys(table=table, journeys=journeys, pack=operator.pack)
    owners = journeys.owners()
    since = operator.end - DAYS - AT_MOST_BEFORE
    fired = [_fired(rule.made(table=said), table, owners, journeys.occurred, since) for said in _rules()]
    every = rehearsal.joined(parts=fired)
    order = np.lexsort((every.at, every.keys))
    cases = rehearsal.quiet(
        firings=rehearsal.Firings(keys=every.keys[order], at=every.at[order]), cool_down_days=CASE_DAYS
    )
    lately = cases.at >= operator.end - DAYS
    left = np.flatnonzero((operator.left >= operator.end - DAYS) & (operator.left < operator.end))
    seen = sum(_in_time(every, int(key), float(operator.left[key])) for key in left.tolist())
    return {
        "cases": float(lately.sum()),
        "days": DAYS,
        "customers": float(len(journeys.keys)),
        "left": float(len(left)),
        "seen": float(seen),
        "alike": _at_random(every, operator, len(left)),
    }


def _rules() -> list[dict[str, object]]:
    every = (dict(said) for said in acting.rules(name=made.PACK))
    return [said for said in every if said.get("about", About.INTERACTION) == About.INTERACTION]


def _fired(
    one: rule.Rule, table: condition.Table, owners: terms.Keys, at: terms.Days, since: float
) -> rehearsal.Firings:
    holds = (condition.evaluate(condition=one.condition, table=table) == TRUE) & (at >= since)
    found = rehearsal.Firings(keys=owners[holds], at=at[holds])
    return rehearsal.quiet(firings=found, cool_down_days=one.cool_down_days)


def _in_time(fired: rehearsal.Firings, key: int, left: float) -> bool:
    before = left - fired.at[fired.keys == key]
    return bool(((before >= AT_LEAST_BEFORE) & (before <= AT_MOST_BEFORE)).any())


def _at_random(fired: rehearsal.Firings, operator: made.Made, left: int) -> float:
    """Return how many would have been seen, had as many customers who stayed been asked about the same window."""
    stayed = np.flatnonzero(np.isnan(operator.left))
    recent = (fired.at >= operator.end - AT_MOST_BEFORE) & (fired.at <= operator.end - AT_LEAST_BEFORE)
    seen = np.isin(stayed, fired.keys[recent]).mean() if len(stayed) else 0.0
    return float(seen * left)


def figures(*, total: dict[str, float], operators: int) -> dict[str, float | None]:
    """Return cases a day for each owner (one for 1,000 customers), and the share of leavers seen in time."""
    owners = OWNERS_PER_1000 * total["customers"] / 1000
    return {
        "cases_a_day_per_owner": total["cases"] / (total["days"] / operators) / owners if owners else None,
        "left": total["left"],
        "left_seen_in_time": made.share(int(total["seen"]), int(total["left"])),
        "stayed_seen_alike": total["alike"] / total["left"] if total["left"] else None,
    }
