"""One customer explained: the bond, the chance of leaving, what moves it; of a lost one the verdict and the story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from valence import packs, terms
from valence.bond import scoring
from valence.flows.find import one
from valence.flows.weigh import minds
from valence.journeys import promises, signs
from valence.ledger.queries import losses
from valence.ledger.queries import promises as known_promises

MOST_MOVES = 8


@dataclass(frozen=True)
class Chance:
    """The chance of leaving by choice within so many days, 0..1, with its 95 % likely range."""

    days: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bond:
    """The bond 0..100 with its likely range; a month ago None where the customer was none yet."""

    value: float
    low: float
    high: float
    month_ago: float | None


@dataclass(frozen=True)
class Move:
    """What raises (times above 1) or lowers the chance of leaving now. A signal foretells and is no cause."""

    words: str
    times: float
    low: float
    high: float
    is_signal: bool
    at: datetime | None
    department: str
    interaction_id: str


@dataclass(frozen=True)
class Step:
    """An interaction with a share in a loss. `p_would_have_stayed`: the chance of not leaving then without it."""

    at: datetime
    department: str
    kind: str
    words: str
    source: str
    interaction_id: str
    effect: float
    p_would_have_stayed: float
    p_low: float
    p_high: float
    root_interaction_id: str
    root_department: str


@dataclass(frozen=True)
class Loss:
    """How much of a loss was ours (0..1), where it began and where it hurt, and its story in order of time."""

    verdict: str
    attributable: float
    low: float
    high: float
    began_department: str
    began_words: str
    hurt_department: str
    hurt_words: str
    top_interaction_id: str
    root_interaction_id: str
    root_department: str
    story: tuple[Step, ...]


@dataclass(frozen=True)
class Owed:
    """A promise that is not settled: open or overdue."""

    words: str
    department: str
    made_at: datetime
    due_at: datetime | None
    state: str


@dataclass(frozen=True)
class Explained:
    """A customer as known at `as_of`. Without a model bond and chances are missing; without a loss, `loss` is.

    `objected`: since when the customer objects to being scored, None where not; then there are no figures either.
    """

    customer_id: str
    as_of: datetime
    joined_at: datetime
    left_at: datetime | None
    left_kind: str
    region: str
    segment: str
    interactions: int
    model: str
    bond: Bond | None
    chances: tuple[Chance, ...]
    moves: tuple[Move, ...]
    owed: tuple[Owed, ...]
    loss: Loss | None
    objected: datetime | None = None


def explain(*, customer_id: str, now: datetime, scope: terms.Scope = terms.EVERYTHING) -> Explained:
    """Return one customer explained. Raises customers.queries.UnknownCustomer."""
    found = one.read(scope=scope, customer_id=customer_id, now=now)
    profile = found.profile
    bond, chances = _standing(found)
    return Explained(
        customer_id=profile.name.customer_id or customer_id,
        as_of=terms.moment(found.at),
        joined_at=terms.moment(float(found.relationship.joined[0])),
        left_at=profile.left_at,
        left_kind=profile.left_kind,
        region=profile.region,
        segment=profile.segment,
        interactions=len(found.journeys),
        model=minds.in_use().card.version if found.model else "",
        bond=bond,
        chances=chances,
        moves=_moves(found),
        owed=_owed(found),
        loss=_loss(found, scope),
        objected=found.objected.since if found.objected else None,
    )


def _standing(found: one.One) -> tuple[Bond | None, tuple[Chance, ...]]:
    if found.model is None:
        return None, ()
    scores = scoring.score(
        model=found.model,
        journeys=found.journeys,
        relationships=found.relationship,
        pressure=found.pressure,
        as_of=found.at,
        marked=found.marked,
    )
    if not len(scores):
        return _last_bond(found), ()
    ago = float(scores.bond_30d_ago[0])
    bond = Bond(
        value=float(scores.bond[0]),
        low=float(scores.bond_low[0]),
        high=float(scores.bond_high[0]),
        month_ago=None if np.isnan(ago) else ago,
    )
    figures = zip((30, 60, 90), scores.p_leave[0], scores.p_low[0], scores.p_high[0], strict=True)
    return bond, tuple(Chance(days, float(value), float(low), float(high)) for days, value, low, high in figures)


def _last_bond(found: one.One) -> Bond | None:
    """The bond when the customer left."""
    curve = one.curve(found)
    if curve is None or not len(curve):
        return None
    before = np.flatnonzero(curve.at <= float(found.relationship.left[0]))
    last = int(before[-1]) if len(before) else 0
    return Bond(float(curve.bond[last]), float(curve.low[last]), float(curve.high[last]), None)


def _moves(found: one.One) -> tuple[Move, ...]:
    moves = one.moves(found)
    if moves is None:
        return ()
    departments = signs.column(journeys=found.journeys, name="department").said()
    return tuple(
        Move(
            words=str(moves.words[place]),
            times=float(moves.times[place]),
            low=float(moves.low[place]),
            high=float(moves.high[place]),
            is_signal=bool(moves.signal[place]),
            at=terms.moment(found.journeys.occurred[row]) if row >= 0 else None,
            department=departments[row] if row >= 0 else "",
            interaction_id=str(found.journeys.texts["interaction_id"][row]) if row >= 0 else "",
        )
        for place, row in enumerate(moves.row[:MOST_MOVES].tolist())
    )


def _owed(found: one.One) -> tuple[Owed, ...]:
    settled = found.promises
    words = {name: signs.column(journeys=found.journeys, name=name).said() for name in ("department", "reason", "kind")}
    unsaid = known_promises.unsaid(key=found.key)
    sources, ids = (signs.column(journeys=found.journeys, name="source").said(), found.journeys.texts["interaction_id"])
    open_ones = [
        place
        for place, (state, row) in enumerate(zip(settled.state, settled.row, strict=True))
        if state in (promises.OPEN, promises.OVERDUE) and (sources[row], ids[row]) not in unsaid
    ]
    return tuple(
        Owed(
            words=_promised(found.pack, words["reason"][row], words["kind"][row]),
            department=words["department"][row],
            made_at=terms.moment(found.journeys.occurred[row]),
            due_at=terms.moment(settled.due[place]) if np.isfinite(settled.due[place]) else None,
            state=promises.STATES[settled.state[place]],
        )
        for place, row in ((place, int(settled.row[place])) for place in open_ones)
    )


def _promised(pack: packs.Pack, reason: str, kind: str) -> str:
    return packs.capital(reason) if reason else pack.say_kind(kind)


def _loss(found: one.One, scope: terms.Scope) -> Loss | None:
    try:
        loss = losses.one(scope=scope, key=found.key)
    except losses.NoSuchLossError:
        return None
    return Loss(
        verdict=str(loss.verdict),
        attributable=loss.attributable,
        low=loss.attributable_low,
        high=loss.attributable_high,
        began_department=loss.began_department,
        began_words=loss.began_words,
        hurt_department=loss.hurt_department,
        hurt_words=loss.hurt_words,
        top_interaction_id=loss.top_interaction_id,
        root_interaction_id=loss.root_interaction_id,
        root_department=loss.root_department,
        story=_story(losses.shares(scope=scope, key=found.key)),
    )


def _story(shares: Sequence[losses.ShareRow]) -> tuple[Step, ...]:
    return tuple(
        Step(
            at=share.occurred_at,
            department=share.department,
            kind=share.kind,
            words=share.words,
            source=share.source,
            interaction_id=share.interaction_id,
            effect=share.effect,
            p_would_have_stayed=share.p_would_have_stayed,
            p_low=share.p_low,
            p_high=share.p_high,
            root_interaction_id=share.root_interaction_id,
            root_department=share.root_department,
        )
        for share in shares
    )
