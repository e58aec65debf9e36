"""What happens without anything arriving: somebody became likely to leave, a promise comes due or passes its day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from valence import terms
from valence.alerts import actions, fields, firing, queries, tables
from valence.alerts.condition import AllOf, Condition, Leaf, Table, Test
from valence.alerts.fields import About
from valence.alerts.rule import Rule
from valence.customers import queries as customers
from valence.flows.act import alerting, casework
from valence.flows.weigh import minds
from valence.ledger.queries import levels, versions

SOON = timedelta(days=7)
LONG_OVERDUE = timedelta(days=30)
# So long after somebody left it makes sense to ask them back; looked at once an hour.
LOST_DAYS, LOST_EVERY = 60.0, timedelta(hours=1)
HOURS_A_DAY = 24.0


class _Seen:
    """Up to which figures customers were looked at, in this process; after a start everybody is looked at once."""

    as_of: datetime | None = None
    lost_at: datetime | None = None


def look(*, now: datetime) -> int:
    """Look at customers, at those who left, and at promises; open cases for what was raised.

    Returns how many alerts are new.
    """
    raised = customers_(now=now) + lost(now=now) + promises(now=now)
    if raised:
        casework.open_cases(now=now)
    return raised


def customers_(*, now: datetime) -> int:
    """Put the rules about customers to whose figures are new since the last look."""
    rules = [rule for rule in queries.in_force(about=About.CUSTOMER, now=now) if fields.LEFT not in rule.asks]
    stored = versions.scored()
    if not rules or stored is None:
        return 0
    found = levels.of(likely=all(_only_likely(rule.condition) for rule in rules), since=_Seen.as_of)
    _Seen.as_of = terms.moment(float(found.as_of.max())) if len(found.keys) else _Seen.as_of
    return actions.raise_alerts(found=of_customers(rules=rules, found=found, now=now), now=now)


def lost(*, now: datetime) -> int:
    """Put the rules about those who are gone to whoever left by choice of late; once an hour."""
    rules = [rule for rule in queries.in_force(about=About.CUSTOMER, now=now) if fields.LEFT in rule.asks]
    if not rules or (_Seen.lost_at is not None and timedelta() <= now - _Seen.lost_at < LOST_EVERY):
        return 0
    _Seen.lost_at = now
    return actions.raise_alerts(found=of_lost(rules=rules, gone=gone(now=now), now=now), now=now)


def gone(*, now: datetime) -> terms.Relationships:
    """Return who left by choice in the last weeks."""
    people = customers.relationships()
    days = terms.days(now) - people.left
    return people.taken(people.voluntary & (days >= 0) & (days <= LOST_DAYS))


def of_lost(*, rules: Sequence[Rule], gone: terms.Relationships, now: datetime) -> list[actions.Raise]:
    """Return what rules say of those who left."""
    table = tables.of_people(people=tables.people_of(relationships=gone, at=terms.days(now)))
    fired = firing.fired(rules=rules, table=table, pack=minds.pack(), age_days=np.zeros(len(gone)))
    return [
        actions.Raise(
            rule=one.rule,
            key=int(gone.keys[one.row]),
            source="",
            interaction_id="",
            department="",
            occurred_at=terms.moment(float(gone.left[one.row])),
            reasons=one.reasons,
        )
        for one in fired
    ]


def promises(*, now: datetime) -> int:
    """Put the rules about promises to those that come due or are overdue."""
    rules = queries.in_force(about=About.PROMISE, now=now)
    if not rules:
        return 0
    return actions.raise_alerts(found=of_promises(rules=rules, waiting=waiting(now=now), now=now), now=now)


def waiting(*, now: datetime) -> tuple[levels.Promise, ...]:
    """Return the promises that come due or are overdue, as far as rules look."""
    return levels.promises(due_from=now - LONG_OVERDUE, due_until=now + SOON)


def of_promises(*, rules: Sequence[Rule], waiting: Sequence[levels.Promise], now: datetime) -> list[actions.Raise]:
    """Return what rules about promises say of some."""
    keys = np.array([one.key for one in waiting], np.int64)
    asked = firing.Ruleset(tuple(rules)).asks()
    table = alerting.with_people(table=table_of_promises(waiting=waiting, now=now), keys=keys, asked=asked, now=now)
    fired = firing.fired(rules=rules, table=table, pack=minds.pack(), age_days=np.zeros(len(waiting)))
    keepers = levels.keepers()
    return [_promised(one.rule, waiting[one.row], one.reasons, now, keepers) for one in fired]


def table_of_promises(*, waiting: Sequence[levels.Promise], now: datetime) -> Table:
    """Return promises as the table that conditions are put to."""
    keepers = levels.keepers()
    hours = [((one.due_at - now) / timedelta(hours=1)) if one.due_at else np.nan for one in waiting]
    return Table(
        size=len(waiting),
        words={
            "promise_state": _words([one.state for one in waiting]),
            "promise_department": _words([one.department for one in waiting]),
            "promise_kept_by": _words([_keeper(one, keepers) for one in waiting]),
            "promise_how": _words([one.how for one in waiting]),
        },
        numbers={
            "hours_until_due": np.array(hours, float),
            "promise_told": np.array([float(one.told) for one in waiting]),
        },
        texts={},
    )


def of_customers(*, rules: Sequence[Rule], found: levels.Levels, now: datetime) -> list[actions.Raise]:
    """Return what rules about customers say of some, by how they stand."""
    table = tables.of_people(people=alerting.standing(found, now=now))
    people = customers.relationships_of(keys=found.keys.tolist()) if len(found.keys) else None
    if people is not None:
        known = tables.people_of(relationships=people, at=terms.days(now))
        table = tables.with_people(table=table, keys=found.keys, people=known)
    pack, age = minds.pack(), np.zeros(len(found.keys))
    return [
        actions.Raise(
            rule=one.rule,
            key=int(found.keys[one.row]),
            source="",
            interaction_id="",
            department="",
            occurred_at=terms.moment(float(found.as_of[one.row])),
            reasons=one.reasons,
        )
        for one in firing.fired(rules=rules, table=table, pack=pack, age_days=age)
    ]


def _keeper(promise: levels.Promise, keepers: Mapping[tuple[str, str], str]) -> str:
    """Return the department that can still keep a promise: whose encounters settle such ones, else who made it."""
    return keepers.get((promise.department, promise.words), "") or promise.department


def _promised(
    rule: Rule,
    promise: levels.Promise,
    reasons: tuple[str, ...],
    now: datetime,
    keepers: Mapping[tuple[str, str], str],
) -> actions.Raise:
    return actions.Raise(
        rule=rule,
        key=promise.key,
        source=promise.source,
        interaction_id=promise.interaction_id,
        department=_keeper(promise, keepers),
        occurred_at=promise.due_at or now,
        reasons=(promise.words, *reasons)[: firing.MOST_REASONS],
    )


def _only_likely(condition: Condition) -> bool:
    """Say whether a condition can hold only for who is likely to leave: then nobody else has to be read."""
    if isinstance(condition, Leaf):
        return condition.field == "likely_to_leave" and condition.test is Test.IS and condition.value is True
    return isinstance(condition, AllOf) and any(_only_likely(part) for part in condition.parts)


def _words(said: Sequence[str]) -> terms.Words:
    vocabulary = tuple(sorted(set(said) - {""}))
    codes = {word: code for code, word in enumerate(vocabulary)}
    return terms.Words(codes=np.array([codes.get(word, -1) for word in said], np.int32), vocabulary=vocabulary)
