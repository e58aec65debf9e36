"""Dry runs: a rule put to the last 90 days before it is switched on; and the first alerts of rules just switched on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from valence import interactions, terms
from valence.alerts import actions, around, fields, firing, queries, rehearsal, tables
from valence.alerts.condition import TRUE, Table, evaluate
from valence.alerts.fields import About
from valence.alerts.rule import Rule
from valence.customers import queries as customers
from valence.flows.act import alerting, billing, casework, nearby, watching
from valence.flows.gather import derived
from valence.flows.weigh import minds
from valence.ledger.queries import levels

DAYS = 90
BEFORE = 31.0  # how far fields about what came before look back
ALSO: Mapping[str, tuple[str, ...]] = {
    "over_expected": ("amount", "expected_amount"),
    "over_expected_share": ("amount", "expected_amount"),
    "minutes_late": ("promised_at",),
    "written_in": ("language",),
}
Report = Callable[[terms.Progress], None]
Around = tuple[around.Events | None, Mapping[int, str]]


def rehearse(*, rule: Rule, now: datetime, days: int = DAYS, report: Report | None = None) -> rehearsal.Rehearsal:
    """Return what a rule would have done. Rules about customers or promises are put to how things stand now.

    Nothing is stored. What the past does not tell (the bond as it was then) is unknown, holds for nobody, and is named.
    """
    until = terms.days(now)
    population = customers.relationships()
    if rule.about is About.INTERACTION:
        looked_at, firings = _past(rule, population, until - days, until, report)
        unknown = sorted(rule.asks & fields.BOND)
    else:
        looked_at, firings = _present(rule, now)
        unknown = []
    return rehearsal.summed(
        firings=rehearsal.quiet(firings=firings, cool_down_days=rule.cool_down_days),
        looked_at=looked_at,
        people=_takers(rule, now),
        relationships=population,
        since=until - days if rule.about is About.INTERACTION else until - 1,
        until=until,
        unknown=[fields.FIELDS[name].said for name in unknown],
    )


def check(*, name: str, now: datetime, report: Report | None = None) -> rehearsal.Rehearsal:
    """Rehearse a rule as it stands and keep what was found beside it. Raises queries.NoSuchRule."""
    row = queries.one(name=name)
    found = rehearse(rule=row.rule, now=now, report=report)
    actions.note_check(name=name, version=row.rule.version, found=as_kept(found), now=now)
    return found


def as_kept(found: rehearsal.Rehearsal) -> dict[str, Any]:
    """Return what a dry run found as plain values; `read_back` gives it back."""
    plain = asdict(found)
    if found.afterwards and np.isnan(found.afterwards.expected):
        plain["afterwards"]["expected"] = None
    return plain


def read_back(kept: Mapping[str, Any]) -> rehearsal.Rehearsal:
    """Return what a dry run found, as it was kept."""
    after = kept["afterwards"]
    if after is not None:
        expected = float("nan") if after["expected"] is None else after["expected"]
        after = rehearsal.Afterwards(**{**after, "expected": expected})
    lists = {name: tuple(kept[name]) for name in ("examples", "unknown")}
    return rehearsal.Rehearsal(**{**kept, **lists, "afterwards": after})


def raise_lately(*, now: datetime, days: float | None = None) -> int:
    """Raise what the rules that are on say of the last days that lie in store; return how many alerts are new.

    For the moment at which rules are first switched on: from then on they follow what arrives.
    """
    rules = queries.in_force(about=About.INTERACTION, now=now)
    found = [one for rule in rules for one in _lately(rule, now, days)]
    raised = actions.raise_alerts(found=found, now=now)
    casework.open_cases(now=now)
    return raised


def _lately(rule: Rule, now: datetime, days: float | None) -> list[actions.Raise]:
    until = terms.days(now)
    span = min(rule.fresh_days, days) if days else rule.fresh_days
    around_ = _around(rule, until - span, until)
    parts = interactions.per_customer(
        function=partial(_raised, rule=rule, now=now, since=until - span, around_=around_),
        columns=derived.columns(asked=[*columns_of(rule=rule), "interaction_id", "source", "department"]),
    )
    return [one for part in parts for one in part]


def _raised(
    bucket: int, journeys: terms.Journeys, /, *, rule: Rule, now: datetime, since: float, around_: Around
) -> list[actions.Raise]:
    journeys = _recent(derived.put(journeys=journeys), since - BEFORE)
    owners = journeys.keys[journeys.owners()]
    table = _table(rule, journeys, around_)
    table = alerting.with_people(table=table, keys=owners, asked=rule.asks, now=now)
    age = np.where(journeys.occurred >= since, terms.days(now) - journeys.occurred, np.inf)
    found = firing.fired(rules=[rule], table=table, pack=minds.pack(), age_days=age)
    return [alerting.to_raise(one, journeys, owners) for one in found]


def columns_of(*, rule: Rule) -> tuple[str, ...]:
    """Return the columns of the log that a rule needs: reading is what takes long."""
    known = {*terms.WORD_COLUMNS, *terms.NUMBER_COLUMNS, *terms.TEXT_COLUMNS}
    asked = {"kind"} | (rule.asks & known)
    for name, needed in ALSO.items():
        asked |= set(needed) if name in rule.asks else set()
    if rule.asks & fields.LATER:
        asked |= {"source", "interaction_id"}
    if rule.asks & (fields.JOURNEY | fields.AROUND):
        asked |= set(tables.COLUMNS)
    return tuple(sorted(asked))


def _past(
    rule: Rule, population: terms.Relationships, since: float, until: float, report: Report | None
) -> tuple[int, rehearsal.Firings]:
    around_ = _around(rule, since, until)
    parts = list(
        interactions.per_customer(
            function=partial(_fired, rule=rule, population=population, around_=around_, since=since, until=until),
            columns=derived.columns(asked=columns_of(rule=rule)),
            progress=report,
        )
    )
    return sum(rows for rows, _ in parts), rehearsal.joined(parts=[found for _, found in parts])


def _fired(
    bucket: int,
    journeys: terms.Journeys,
    /,
    *,
    rule: Rule,
    population: terms.Relationships,
    around_: Around,
    since: float,
    until: float,
) -> tuple[int, rehearsal.Firings]:
    journeys = _recent(derived.put(journeys=journeys), since - BEFORE)
    owners = journeys.keys[journeys.owners()]
    table = _table(rule, journeys, around_)
    if rule.asks & fields.CUSTOMER:
        people = tables.people_of(relationships=population, at=until)
        table = tables.with_people(table=table, keys=owners, people=people)
    inside = (journeys.occurred >= since) & (journeys.occurred <= until)
    holds = (evaluate(condition=rule.condition, table=table) == TRUE) & inside
    return int(inside.sum()), rehearsal.Firings(keys=owners[holds], at=journeys.occurred[holds])


def _around(rule: Rule, since: float, until: float) -> Around:
    """Return what happened at places and with teams, and where customers are, where a rule asks: a pass of its own."""
    asks = not rule.asks.isdisjoint(fields.AROUND)
    return (nearby.past(since=since, until=until), nearby.every_home()) if asks else (None, {})


def _table(rule: Rule, journeys: terms.Journeys, around_: Around) -> Table:
    pack = minds.pack()
    table = tables.of_interactions(journeys=journeys, pack=pack)
    if rule.asks & fields.JOURNEY:
        table = tables.with_journeys(table=table, journeys=journeys, pack=pack)
    if billing.FIELD in rule.asks:
        table = billing.told(table=table, journeys=journeys, whole=True)
    past, homes = around_
    table = nearby.told_of_past(table=table, journeys=journeys, asked=rule.asks, past=past, homes=homes)
    return alerting.with_readings(table=table, journeys=journeys, asked=rule.asks)


def _recent(journeys: terms.Journeys, since: float) -> terms.Journeys:
    return journeys.taken(journeys.occurred >= since)


def _present(rule: Rule, now: datetime) -> tuple[int, rehearsal.Firings]:
    """Return for whom a rule about customers or promises holds now."""
    found: Sequence[actions.Raise]
    if fields.LEFT in rule.asks:
        gone = watching.gone(now=now)
        looked_at, found = len(gone), watching.of_lost(rules=[rule], gone=gone, now=now)
    elif rule.about is About.CUSTOMER:
        standing = levels.of()
        looked_at, found = len(standing.keys), watching.of_customers(rules=[rule], found=standing, now=now)
    else:
        waiting = watching.waiting(now=now)
        looked_at, found = len(waiting), watching.of_promises(rules=[rule], waiting=waiting, now=now)
    keys = np.array(sorted(one.key for one in found), np.int64)
    return looked_at, rehearsal.Firings(keys=keys, at=np.full(len(keys), terms.days(now)))


def _takers(rule: Rule, now: datetime) -> int:
    """Return how many people would take the cases of a rule: of its department, else all who take cases."""
    staff = [one for one in casework.staff_of(now=now) if one.role is not terms.Role.ADMINISTRATOR and not one.is_away]
    own = [one for one in staff if rule.department in one.departments]
    return len(own or staff) or 1
