"""Bad encounters: which there were, what followed, which rule says them; and cases opened from the list of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from valence import interactions, terms
from valence.alerts import fields, queries, tables
from valence.alerts.condition import TRUE, Table, evaluate
from valence.alerts.fields import About
from valence.alerts.rule import Rule
from valence.bond import marks
from valence.cases import bad_encounters as kept
from valence.flows.act import alerting, billing, casework, promising, watching
from valence.flows.gather import derived
from valence.flows.weigh import minds
from valence.journeys import bad_encounters
from valence.ledger.queries import levels, promises, readings

DAYS = 90
BEFORE = 31.0  # how far fields about what came before look back
MADE_BEFORE = 90.0  # a promise that is broken in these days was made at most so much earlier
VERY_BAD = -0.7
HOUR = timedelta(hours=1)
COLUMNS = tuple(dict.fromkeys((*bad_encounters.COLUMNS, *tables.COLUMNS, *marks.COLUMNS)))
Name = tuple[int, str, str]


@dataclass(frozen=True)
class _Rules:
    """The rules that could say a bad encounter, those that are on first; and by promise which of them says it."""

    of_interactions: tuple[Rule, ...]
    of_promises: tuple[Rule, ...]
    on: frozenset[str]


@dataclass(frozen=True)
class _Known:
    """What is known beside the journeys: comments that are very bad, and broken promises with the day, by interaction.

    said: by promise, the first rules that say it: one that is on, one that is off.
    """

    spoken: set[Name]
    broken: Mapping[Name, float]
    said: Mapping[Name, tuple[str, str]]
    keys: terms.Keys = field(default_factory=lambda: np.empty(0, np.int64))


def measure(*, now: datetime) -> int:
    """Find the bad encounters of the last 90 days and keep them in place of those that are kept; return how many.

    1. What texts and promises tell is read once. 2. One pass over the journeys of all: what was bad, whether we did
    something about it, and which rule says it, whether it is on or off. 3. What is found of a bucket is stored at once:
    never more is held, and nothing that arrives waits for long.
    """
    until = terms.days(promising.clock(now=now))
    rules = _rules(now)
    known = _known(until, rules, now)
    parts = interactions.per_customer(
        function=partial(_found, until=until, rules=rules, known=known, now=now),
        columns=derived.columns(asked=COLUMNS),
    )
    return kept.put(parts=parts)


def open_cases(*, rows: Sequence[kept.Row], by: str, now: datetime) -> casework.ByHand:
    """Open a case for each of some bad encounters that nothing followed, of customers who are with us.

    It is called and helped as the rule says that would have told it, where there is one, else by what made it bad.
    """
    wanted = [one for one in rows if one.followed == kept.NOTHING and not one.has_left]
    return casework.open_by_hand(found=[_by_hand(one) for one in wanted], by=by, now=now)


def _by_hand(row: kept.Row) -> casework.Handed:
    one = row.encounter
    usual = next(
        f"hand_{why}" for why in ("broken_promise", "lowest_score", "bad_comment", "weakened") if getattr(one, why)
    )
    return casework.Handed(
        key=one.key,
        source=one.source,
        interaction_id=one.interaction_id,
        department=one.department,
        occurred_at=one.occurred_at,
        rule=one.rule or one.offered or usual,
        reasons=("opened from the list of bad encounters",),
    )


def _rules(now: datetime) -> _Rules:
    every = sorted(queries.every(now=now), key=lambda row: (row.state != queries.ON, -row.rule.severity, row.rule.name))
    return _Rules(
        of_interactions=tuple(row.rule for row in every if row.rule.about is About.INTERACTION),
        of_promises=tuple(row.rule for row in every if row.rule.about is About.PROMISE),
        on=frozenset(row.rule.name for row in every if row.state == queries.ON),
    )


def _known(until: float, rules: _Rules, now: datetime) -> _Known:
    since = terms.moment(until - DAYS)
    spoken = readings.spoken_badly(since=since, at_most=VERY_BAD)
    failed = [
        one
        for state in ("broken", "overdue")
        for one in promises.rows(
            scope=terms.EVERYTHING,
            asked=promises.Asked(state=state, due_from=since, due_until=terms.moment(until)),
            limit=None,
        )
    ]
    said = dict(zip(map(_name, failed), _say_promises(failed, rules, now), strict=True))
    broken = {_name(one): terms.days(one.settled_at or one.due_at or one.made_at) for one in failed}
    keys = np.unique(np.array([key for key, _, _ in (*spoken, *broken)], np.int64))
    return _Known(spoken=spoken, broken=broken, said=said, keys=keys)


def _name(one: promises.PromiseRow) -> Name:
    """Return the interaction that broke a promise, else the one that made it."""
    settled = one.settled_source, one.settled_interaction_id
    return (one.key, *settled) if one.settled_interaction_id else (one.key, one.source, one.interaction_id)


def _say_promises(failed: Sequence[promises.PromiseRow], rules: _Rules, now: datetime) -> list[tuple[str, str]]:
    """Return for each promise the rules about promises that say it: as it stood an hour after it was due."""
    waiting = [
        levels.Promise(
            key=one.key,
            source=one.source,
            interaction_id=one.interaction_id,
            department=one.department,
            words=one.words,
            due_at=now - HOUR,
            state="overdue",
            how=one.how,
            told=one.told_at is not None and one.due_at is not None and one.told_at <= one.due_at,
        )
        for one in failed
    ]
    return _say(rules.of_promises, watching.table_of_promises(waiting=waiting, now=now), rules.on)


def _say(rules: Sequence[Rule], table: Table, on: frozenset[str]) -> list[tuple[str, str]]:
    """Return for each row of a table the first rule that is on and says it, and the first that is off."""
    found = [["", ""] for _ in range(table.size)]
    for rule in rules:
        side = 0 if rule.name in on else 1
        holds = evaluate(condition=rule.condition, table=table) == TRUE
        for place in np.flatnonzero(holds).tolist():
            found[place][side] = found[place][side] or rule.name
    return [(one, other) for one, other in found]


def _found(
    bucket: int, journeys: terms.Journeys, /, *, until: float, rules: _Rules, known: _Known, now: datetime
) -> kept.Part:
    keys = journeys.keys.tolist()
    journeys = derived.put(journeys=journeys)
    journeys = journeys.taken(journeys.occurred > until - DAYS - MADE_BEFORE)
    if not len(journeys):
        return keys, ()
    owners = journeys.keys[journeys.owners()]
    names = _names_of(journeys, owners, known)
    times = _times(journeys)
    found = bad_encounters.find(
        journeys=journeys,
        pack=minds.pack(),
        times=times,
        spoken=np.array([name in known.spoken for name in names], np.bool_),
        broken_at=np.array([known.broken.get(name, np.nan) for name in names], float),
        since=until - DAYS,
        until=until,
    )
    told = _said(journeys, owners, found, rules, now) if len(found.row) else []
    return keys, tuple(_encounters(journeys, owners, found, times, told, known))


def _names_of(journeys: terms.Journeys, owners: terms.Keys, known: _Known) -> list[Name]:
    """Return the name of each row; an empty one where nothing is known of the customer beside the journey."""
    nobody: Name = (0, "", "")
    names = [nobody] * len(journeys)
    sources, ids = journeys.words["source"], journeys.texts["interaction_id"]
    for row in np.flatnonzero(np.isin(owners, known.keys)).tolist():
        names[row] = (int(owners[row]), _word(sources, row), str(ids[row]))
    return names


def _times(journeys: terms.Journeys) -> terms.Floats:
    """Return how many times as likely leaving is just after each row, by its causes; 1 without a model."""
    try:
        model = minds.in_use().model
    except minds.NoModel:
        return np.ones(len(journeys))
    borne = marks.read(marks=model.marks, journeys=journeys)
    weights = model.cause_weights[: model.layout.own_size]
    return np.exp(np.bincount(borne.row, weights[borne.mark] * borne.value, len(journeys)))


def _said(
    journeys: terms.Journeys, owners: terms.Keys, found: bad_encounters.Bad, rules: _Rules, now: datetime
) -> list[tuple[str, str]]:
    """Return the rules that say each bad encounter; of the bond and of places the past does not tell."""
    pack = minds.pack()
    asked = frozenset().union(*(rule.asks for rule in rules.of_interactions)) - fields.BOND
    table = tables.of_interactions(journeys=journeys, pack=pack)
    if asked & fields.JOURNEY:
        table = tables.with_journeys(table=table, journeys=journeys, pack=pack)
    if billing.FIELD in asked:
        table = billing.told(table=table, journeys=journeys, whole=True)
    # What is known beside the journeys is looked up for the bad ones alone: they are few.
    bad = np.zeros(len(journeys), np.bool_)
    bad[found.row] = True
    table = alerting.with_people(table=table.taken(found.row), keys=owners[found.row], asked=asked, now=now)
    table = alerting.with_readings(table=table, journeys=journeys.taken(bad), asked=asked)
    return _say(rules.of_interactions, table, rules.on)


def _encounters(
    journeys: terms.Journeys,
    owners: terms.Keys,
    found: bad_encounters.Bad,
    times: terms.Floats,
    told: Sequence[tuple[str, str]],
    known: _Known,
) -> Iterator[kept.Encounter]:
    pack = minds.pack()
    for place, row in enumerate(found.row.tolist()):
        source, name = _word(journeys.words["source"], row), str(journeys.texts["interaction_id"][row])
        promised = known.said.get((int(owners[row]), source, name), ("", ""))
        on, off = (one or other for one, other in zip(told[place], promised, strict=True))
        score, reached = float(journeys.numbers["score"][row]), float(found.reached[place])
        yield kept.Encounter(
            key=int(owners[row]),
            source=source,
            interaction_id=name,
            occurred_at=terms.moment(float(found.at[place])),
            kind=pack.known_as("kinds", _word(journeys.words["kind"], row)),
            department=_word(journeys.words["department"], row),
            facts=_word(journeys.words["facts"], row)[:500],
            scale=_word(journeys.words["scale"], row)[:20],
            score=None if np.isnan(score) else score,
            **dict(zip(kept.WHYS, found.why[place].tolist(), strict=True)),
            times=round(float(times[row]), 3),
            reached_at=None if np.isnan(reached) else terms.moment(reached),
            rule=on,
            offered=off,
        )


def _word(words: terms.Words, row: int) -> str:
    code = int(words.codes[row])
    return words.vocabulary[code] if code >= 0 else ""
