"""One customer as the page shows them: drawn live from the journey, by point reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from valence import interactions, terms
from valence.bond import curve as bond_curve
from valence.bond import moves as bond_moves
from valence.bond import scoring
from valence.customers import objections
from valence.customers.queries import Profile
from valence.flows.find import one
from valence.flows.weigh import minds
from valence.insights import before_contact, encounters, promises
from valence.journeys import promises as journey_promises
from valence.journeys import recorded
from valence.ledger.queries import promises as known_promises

HORIZONS = (30, 60, 90)
LEAST_MOVE = 0.05
UNWEIGHED = "Not weighed: they object to being scored."


@dataclass(frozen=True)
class Sample:
    """A moment of the curve (days): the bond 0..100 and the chance of leaving within 60 days 0..1, with ranges."""

    at: float
    bond: float
    bond_low: float
    bond_high: float
    chance: float
    chance_low: float
    chance_high: float


@dataclass(frozen=True)
class Chance:
    """The chance of leaving within some days, 0..1, with its likely range."""

    days: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Move:
    """How many times something raises (above 1) or lowers the chance of leaving now. `row` is -1 for a pair."""

    words: str
    row: int
    times: float
    low: float
    high: float
    is_signal: bool


@dataclass(frozen=True)
class Known:
    """Everything about one customer that a page may show. Without a model there are no curve, chances or moves.

    Nor are there where the customer `objected` to being scored.

    `at` is up to when things are known: the curve ends there, or when the customer left. `dangling`: interactions that
    name a cause which is not here.
    """

    profile: Profile
    at: datetime
    joined: datetime
    encounters: tuple[encounters.Encounter, ...]
    links: int
    inferred_links: int
    dangling: int
    curve: tuple[Sample, ...]
    chances: tuple[Chance, ...]
    clean_chance: float | None
    moves: tuple[Move, ...]
    promises: tuple[promises.Promise, ...]
    brief: before_contact.Brief
    model: str
    objected: objections.Objection | None = None


def read(*, scope: terms.Scope, key: int, now: datetime) -> Known:
    """Return one customer. Raises customers.queries.UnknownCustomer where the scope does not hold them."""
    found = one.read(scope=scope, key=key, now=now)
    pack = minds.pack()
    curve = one.curve(found)
    effects = _effects(curve) if curve is not None else {}
    moved = _moves(one.moves(found))
    told = encounters.read(journeys=found.journeys, pack=pack, effects=effects, links=found.links, now=now)
    told = _moved(told, moves=moved)
    promised = promises.tell(
        settled=_settled(found),
        encounters=told,
        unsaid=known_promises.unsaid(key=found.key),
        has_left=not np.isnan(found.relationship.left[0]),
    )
    chances, clean = _chances(found)
    return Known(
        profile=found.profile,
        at=terms.moment(found.at),
        joined=terms.moment(float(found.relationship.joined[0])),
        encounters=told,
        links=len(found.links.effect),
        inferred_links=int(found.links.inferred.sum()),
        dangling=recorded.dangling(journeys=found.journeys),
        curve=_samples(curve) if curve is not None else (),
        chances=chances,
        clean_chance=clean,
        moves=moved,
        promises=promised,
        brief=_brief(found, told, promised, now),
        model=found.model.version if found.model else "",
        objected=found.objected,
    )


def _brief(
    found: one.One, told: tuple[encounters.Encounter, ...], promised: tuple[promises.Promise, ...], now: datetime
) -> before_contact.Brief:
    known_until = terms.moment(found.at)
    brief = before_contact.brief(encounters=told, promises=promised, known_until=known_until, now=now)
    return replace(brief, happened=UNWEIGHED, valued=UNWEIGHED) if found.objected else brief


def _effects(curve: bond_curve.Curve) -> dict[int, encounters.Effect]:
    return {
        int(curve.row[place]): encounters.Effect(
            before=float(curve.before[place]),
            after=float(curve.bond[place]),
            low=float(curve.low[place]),
            high=float(curve.high[place]),
            is_signal=bool(curve.signal[place]),
        )
        for place in np.flatnonzero(curve.row >= 0)
    }


def _samples(curve: bond_curve.Curve) -> tuple[Sample, ...]:
    """Return the curve with each step upright: just before an interaction and just after it."""
    columns = (curve.at, curve.bond, curve.low, curve.high, curve.p_leave_60d, curve.p_low_60d, curve.p_high_60d)
    samples: list[Sample] = []
    for place, values in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        after = Sample(*values)
        if samples and curve.row[place] >= 0:
            last = samples[-1]
            moved = float(curve.before[place]) - last.bond
            samples.append(
                Sample(
                    at=after.at,
                    bond=last.bond + moved,
                    bond_low=last.bond_low + moved,
                    bond_high=last.bond_high + moved,
                    chance=last.chance,
                    chance_low=last.chance_low,
                    chance_high=last.chance_high,
                )
            )
        samples.append(after)
    return tuple(samples)


def _chances(found: one.One) -> tuple[tuple[Chance, ...], float | None]:
    """Return the chances of leaving now, and that of the same customer with a clean record; nothing for who left."""
    if found.model is None or not np.isnan(found.relationship.left[0]):
        return (), None
    scores = scoring.score(
        model=found.model,
        journeys=found.journeys,
        relationships=found.relationship,
        pressure=found.pressure,
        as_of=found.at,
        marked=found.marked,
    )
    if not len(scores):
        return (), None
    rows = zip(HORIZONS, scores.p_leave[0], scores.p_low[0], scores.p_high[0], strict=True)
    chances = tuple(Chance(days, float(value), float(low), float(high)) for days, value, low, high in rows)
    return chances, float(scores.p_clean_60d[0])


def _moves(moves: bond_moves.Moves | None) -> tuple[Move, ...]:
    if moves is None:
        return ()
    columns = (moves.words, moves.row, moves.times, moves.low, moves.high, moves.signal)
    return tuple(
        Move(str(words), int(row), float(times), float(low), float(high), bool(signal))
        for words, row, times, low, high, signal in zip(*columns, strict=True)
    )


def _moved(told: tuple[encounters.Encounter, ...], *, moves: tuple[Move, ...]) -> tuple[encounters.Encounter, ...]:
    """Return encounters with the sign of what they do now, where the bond stood at the end of its scale."""
    times = {move.row: move.times for move in moves if not move.is_signal}
    return tuple(
        replace(one, sign=_sign(times[one.row])) if one.sign is encounters.Sign.NONE and one.row in times else one
        for one in told
    )


def _sign(times: float) -> encounters.Sign:
    if abs(times - 1) < LEAST_MOVE:
        return encounters.Sign.NONE
    return encounters.Sign.HARM if times > 1 else encounters.Sign.PRAISE


def _settled(whole: one.One) -> tuple[promises.Settled, ...]:
    found, occurred = whole.promises, whole.journeys.occurred
    rows = zip(found.row, found.due, found.state, found.settled_row, found.settled, found.told_row, strict=True)
    return tuple(
        promises.Settled(
            row=int(row),
            due_at=None if np.isnan(due) else terms.moment(due),
            state=journey_promises.STATES[state],
            settled_row=int(settled_row),
            settled_at=None if np.isnan(settled) else terms.moment(settled),
            told_at=terms.moment(float(occurred[told_row])) if told_row >= 0 else None,
        )
        for row, due, state, settled_row, settled, told_row in rows
    )


class NoSuchInteraction(LookupError):  # noqa: N818  named as people say it
    """The customer has no such interaction."""


@dataclass(frozen=True)
class Interacted:
    """One interaction of a customer: as it was sent, as people read it, and what followed from it."""

    known: Known
    sent: terms.Interaction
    one: encounters.Encounter
    led_to: tuple[encounters.Encounter, ...]


def interaction(*, scope: terms.Scope, key: int, source: str, interaction_id: str, now: datetime) -> Interacted:
    """Return one interaction. Raises UnknownCustomer or NoSuchInteraction."""
    known = read(scope=scope, key=key, now=now)
    sent = interactions.point(source=source, interaction_id=interaction_id, customer_key=key)
    name = (source, interaction_id)
    found = next((one for one in known.encounters if (one.source, one.interaction_id) == name), None)
    if found is None or sent is None:
        raise NoSuchInteraction(interaction_id)
    led_to = tuple(one for one in known.encounters if one.cause and one.cause.row == found.row)
    return Interacted(known=known, sent=sent, one=found, led_to=led_to)
