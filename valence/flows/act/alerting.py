"""From the inbox to alerts: rules follow what arrives, exactly once, and intake never waits for them.

A thread of its own looks a few times a second. What it made of the rows it read is stored in the transaction that moves
its position, so that a process killed at any moment raises nothing twice and forgets nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings

from valence import interactions, terms
from valence.alerts import actions, fields, firing, queries, tables
from valence.alerts.condition import Table
from valence.alerts.fields import About
from valence.alerts.rule import Rule
from valence.customers import queries as customers
from valence.flows.act import billing, casework, fitting, nearby
from valence.flows.gather import derived
from valence.flows.run import alone, repeating
from valence.flows.weigh import minds
from valence.interactions import followers, hashes
from valence.ledger.queries import levels, readings

NAME = "alerts"
READINGS = "alerts of readings"
ROWS_AT_ONCE = 2_000
BEAT = 0.2
OPENING_BEAT = 0.5
OPENED_AT_ONCE = 50


@dataclass(frozen=True)
class Followed:
    """What one step did: rows that were read, alerts that were raised, whether more waits."""

    rows: int
    raised: int
    more: bool


def run(*, stop: threading.Event) -> None:
    """Follow the inbox until `stop` is set, with what opens cases beside it. One at a time in a data folder.

    A step that fails is written down and tried again after a pause: what it read was not passed over. Cases are
    opened in a thread of their own: opening one takes longer than raising many alerts.
    """
    while not stop.is_set():
        with alone.trying(home=settings.HOME, name=NAME) as is_alone:
            if is_alone:
                opener = threading.Thread(target=_repeat, args=(_open, stop), name=f"{NAME} to cases")
                opener.start()
                _repeat(_follow, stop)
                opener.join()
        stop.wait(1.0)


def _repeat(step: Callable[[], float], stop: threading.Event) -> None:
    repeating.again_and_again(step=step, stop=stop, name=NAME)


def _follow() -> float:
    now = datetime.now(UTC)
    more = follow(now=now).more
    return 0.0 if follow_readings(now=now).more or more else BEAT


def _open() -> float:
    casework.open_cases(now=datetime.now(UTC), limit=OPENED_AT_ONCE)
    return OPENING_BEAT


def follow(*, now: datetime, shared: followers.Arrived | None = None) -> Followed:
    """Read what arrived and raise what the rules say of it. `shared`: the next rows, where somebody read them already.

    1. Read the next rows; where no rule is on, pass over them. 2. Leave out what happened too long ago for any rule.
    3. Put the rules to what each interaction tells; where a rule asks for what came before, to the whole journey.
    4. Store the alerts and the new position together.
    """
    arrived = followers.next_of(name=NAME, limit=ROWS_AT_ONCE, shared=shared)
    if not arrived.rows:
        return Followed(rows=0, raised=0, more=False)
    rules = firing.Ruleset(queries.in_force(about=About.INTERACTION, now=now))
    nearby.take(arrived=arrived, asked=rules.asks(), now=now)
    found = look(journeys=_fresh(arrived, rules, now), rules=rules, now=now)
    with followers.moving(name=NAME, before=arrived.before, after=arrived.after) as is_mine:
        raised = actions.raise_alerts(found=found, now=now) if is_mine else 0
    return Followed(rows=len(arrived.rows), raised=raised, more=len(arrived.rows) >= ROWS_AT_ONCE // 2)


def _fresh(arrived: followers.Arrived, rules: firing.Ruleset, now: datetime) -> terms.Journeys | None:
    """Return what did not happen too long ago for any rule, None where nothing is: old rows cost nothing more."""
    oldest = now - timedelta(days=max((rule.fresh_days for rule in rules.rules), default=0))
    if not rules.rules or all(one.occurred_at < oldest for one in arrived.interactions):
        return None
    journeys = arrived.journeys
    return journeys.taken(journeys.occurred >= terms.days(oldest))


def follow_readings(*, now: datetime) -> Followed:
    """Read what was read in texts since, and raise what the rules that ask for it say.

    1. Take the next annotations, in order. 2. Leave out what happened too long ago, and other rules than those that ask
    for what a text says. 3. Put the rules to the whole journeys. 4. Store the alerts and the new position together.
    """
    before = followers.kept(name=READINGS)
    if before is None:
        followers.keep(name=READINGS, position=readings.last_number())
        return Followed(rows=0, raised=0, more=False)
    read = readings.after(number=before, limit=ROWS_AT_ONCE)
    if not read:
        return Followed(rows=0, raised=0, more=False)
    force = queries.in_force(about=About.INTERACTION, now=now)
    rules = [rule for rule in force if not rule.asks.isdisjoint(fields.LATER)]
    oldest = now - timedelta(days=max((rule.fresh_days for rule in rules), default=0))
    fresh = [one for one in read if oldest <= one.occurred_at]
    wanted = {(one.source, one.interaction_id) for one in fresh}
    keys = sorted({one.key for one in fresh})
    asked = firing.Ruleset(tuple(rules)).asks()
    found = _in_whole(keys, wanted, rules, asked, now) if rules and fresh else []
    with followers.moving(name=READINGS, before=before, after=read[-1].number) as is_mine:
        raised = actions.raise_alerts(found=found, now=now) if is_mine else 0
    return Followed(rows=len(read), raised=raised, more=len(read) >= ROWS_AT_ONCE // 2)


def look(*, journeys: terms.Journeys | None, rules: firing.Ruleset, now: datetime) -> list[actions.Raise]:
    """Return what is to be raised of interactions that just arrived; None: of nothing."""
    if journeys is None:
        return []
    pack = minds.pack()
    table = tables.of_interactions(journeys=journeys, pack=pack)
    if any(billing.FIELD in rule.asks for rule in rules.rules):
        table = billing.told(table=table, journeys=journeys, whole=False)
    kind = table.words["kind"]
    possible = rules.possible(kinds=frozenset(kind.vocabulary[code] for code in set(kind.codes.tolist()) if code >= 0))
    if not possible:
        return []
    asked = firing.Ruleset(possible).asks()
    owners = journeys.keys[journeys.owners()]
    table = with_people(table=table, keys=owners, asked=asked, now=now)
    table = nearby.told(table=table, journeys=journeys, asked=asked, now=now)
    alone_ = tuple(rule for rule in possible if rule.asks.isdisjoint(fields.JOURNEY))
    age = terms.days(now) - journeys.occurred
    found = [
        to_raise(one, journeys, owners) for one in firing.fired(rules=alone_, table=table, pack=pack, age_days=age)
    ]
    deeper = tuple(rule for rule in possible if rule not in alone_)
    rows = firing.candidates(rules=deeper, table=table)
    if not len(rows):
        return found
    names = _names(journeys)
    wanted = {names[row] for row in rows.tolist()}
    return found + _in_whole(np.unique(owners[rows]).tolist(), wanted, deeper, asked, now)


def _in_whole(
    keys: Sequence[int], wanted: Set[tuple[str, str]], rules: Sequence[Rule], asked: frozenset[str], now: datetime
) -> list[actions.Raise]:
    """Put rules that ask for more than a row tells to the whole journeys of customers; `wanted`: the rows meant."""
    pack = minds.pack()
    whole = interactions.journeys_of(keys=keys, columns=derived.columns(asked=tables.COLUMNS))
    whole = derived.put(journeys=whole)
    table = tables.of_interactions(journeys=whole, pack=pack)
    table = tables.with_journeys(table=table, journeys=whole, pack=pack)
    if billing.FIELD in asked:
        table = billing.told(table=table, journeys=whole, whole=True)
    owners = whole.keys[whole.owners()]
    table = with_people(table=table, keys=owners, asked=asked, now=now)
    table = nearby.told(table=table, journeys=whole, asked=asked, now=now)
    table = with_readings(table=table, journeys=whole, asked=asked)
    is_new = np.array([name in wanted for name in _names(whole)], np.bool_)
    age = np.where(is_new, terms.days(now) - whole.occurred, np.inf)
    return [to_raise(one, whole, owners) for one in firing.fired(rules=rules, table=table, pack=pack, age_days=age)]


def with_people(*, table: Table, keys: terms.Keys, asked: frozenset[str], now: datetime) -> Table:
    """Return the table with what is known of the customers of its rows, as far as rules ask for it."""
    some = np.unique(keys).tolist()
    if asked & fields.CUSTOMER:
        people = customers.relationships_of(keys=some)
        known = tables.people_of(relationships=people, at=terms.days(now))
        table = tables.with_people(table=table, keys=keys, people=known)
    if fitting.FIELD in asked:
        table = fitting.told(table=table)
    if asked & fields.BOND:
        table = tables.with_people(table=table, keys=keys, people=standing(levels.of(keys=some), now=now))
    return table


def with_readings(*, table: Table, journeys: terms.Journeys, asked: frozenset[str]) -> Table:
    """Return the table of journeys (with source and id) with what was read in their texts, as far as rules ask."""
    if asked.isdisjoint(fields.LATER):
        return table
    names = hashes.of_rows(ids=_names(journeys))
    told = readings.told(row_hashes=names)
    said = {name: {field: _joined(value) for field, value in asdict(one).items()} for name, one in told.items()}
    return tables.with_readings(table=table, told=[said.get(name) for name in names])


def _joined(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "|".join(value)


def standing(found: levels.Levels, *, now: datetime) -> tables.People:
    """Return how customers stand, as rules ask for it."""
    return tables.People(
        keys=found.keys,
        words={},
        numbers={
            "bond": found.bond,
            "bond_change_30d": found.bond_change_30d,
            "p_leave_60d": found.p_leave_60d,
            "likely_to_leave": found.likely_to_leave,
            "value_at_risk": found.value_at_risk,
            "days_silent": terms.days(now) - found.last_contact,
        },
    )


def to_raise(one: firing.Fired, journeys: terms.Journeys, owners: terms.Keys) -> actions.Raise:
    """Return what is to be raised of a row of journeys; owners (n,): whose each row is."""
    row = one.row
    return actions.Raise(
        rule=one.rule,
        key=int(owners[row]),
        source=_said(journeys, "source", row),
        interaction_id=str(journeys.texts["interaction_id"][row]),
        department=_said(journeys, "department", row),
        occurred_at=terms.moment(float(journeys.occurred[row])),
        reasons=one.reasons,
    )


def _said(journeys: terms.Journeys, name: str, row: int) -> str:
    words = journeys.words[name]
    code = int(words.codes[row])
    return words.vocabulary[code] if code >= 0 else ""


def _names(journeys: terms.Journeys) -> list[tuple[str, str]]:
    ids = journeys.texts["interaction_id"]
    return list(zip(journeys.words["source"].said(), map(str, ids), strict=True))
