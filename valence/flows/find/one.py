"""One customer, read live by point reads: who, the journey, what led to what, and what the model makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from valence import interactions, packs, terms
from valence import journeys as paths
from valence.bond import context, marks
from valence.bond import curve as bond_curve
from valence.bond import model as bond_model
from valence.bond import moves as bond_moves
from valence.customers import objections
from valence.customers import queries as customers
from valence.flows.gather import derived
from valence.flows.weigh import minds, population
from valence.journeys import promises
from valence.ledger.queries import versions


@dataclass(frozen=True)
class One:
    """One customer at a moment `at` (days). relationship has one row; model is None before the first training.

    It is None too where the customer objects to being scored (`objected`): no figure is worked out then.

    Whom we only met in interactions is taken to have joined with the first of them.
    """

    key: int
    profile: customers.Profile
    at: float
    journeys: terms.Journeys
    relationship: terms.Relationships
    pack: packs.Pack
    model: bond_model.Model | None
    pressure: context.Pressure
    links: terms.Links
    promises: promises.Promises
    marked: marks.Marked | None
    objected: objections.Objection | None = None


def read(*, scope: terms.Scope, now: datetime, key: int | None = None, customer_id: str = "") -> One:
    """Return one customer, by surrogate key or by the company's own id.

    Raises customers.UnknownCustomer where there is none or the scope does not hold them.
    """
    found = customers.key_of(scope=scope, customer_id=customer_id) if key is None else key
    profile = customers.profile(scope=scope, key=found)
    found = profile.key
    journeys = derived.completed(journeys=interactions.journeys_of(keys=[found])).aligned_to(
        np.array([found], np.int64)
    )
    scored = versions.scored()
    at = _at(journeys, scored, now)
    mind, objected = _mind(), objections.since(customer_keys=[found]).get(found)
    model = mind.model if mind and objected is None else None
    pack = minds.pack()
    harmful = minds.harmful(model=mind.model) if mind else frozenset()
    return One(
        key=found,
        profile=profile,
        at=at,
        journeys=journeys,
        relationship=_relationship(found, journeys, at),
        pack=pack,
        model=model,
        pressure=population.pressure_when_scored(scored=scored) if scored else population.pressure(until=at),
        links=paths.links.infer(
            journeys=journeys, pack=pack, harmful=harmful, known_habits=mind.habits if mind else None
        ),
        promises=promises.settle(journeys=journeys, now=at, pack=pack),
        marked=marks.read(marks=model.marks, journeys=journeys) if model else None,
        objected=objected,
    )


def curve(one: One) -> bond_curve.Curve | None:
    """Return the bond through time, a point for every interaction; None before the first training."""
    if one.model is None:
        return None
    latest = float(max([one.at, *one.journeys.occurred, *one.journeys.recorded]))
    return bond_curve.curve(
        model=one.model,
        journeys=one.journeys,
        relationships=one.relationship,
        pressure=one.pressure,
        until=latest,
        marked=one.marked,
    )


def moves(one: One) -> bond_moves.Moves | None:
    """Return what moves the chance of leaving now, or moved it when the customer left; None before training."""
    if one.model is None:
        return None
    left = float(one.relationship.left[0])
    return bond_moves.moves(
        model=one.model,
        journeys=one.journeys,
        relationships=one.relationship,
        pressure=one.pressure,
        as_of=one.at if np.isnan(left) else min(left, one.at),
        marked=one.marked,
    )


def _mind() -> minds.Mind | None:
    try:
        return minds.in_use()
    except minds.NoModel:
        return None


def _at(journeys: terms.Journeys, scored: versions.Scored | None, now: datetime) -> float:
    """Up to when this customer is known: the last score or the latest interaction, never later than the clock."""
    moments = [*np.maximum(journeys.occurred, journeys.recorded)]
    moments += [terms.days(scored.as_of)] if scored else []
    known = [float(moment) for moment in moments if moment <= terms.days(now)]
    return max(known, default=terms.days(now))


def _relationship(key: int, journeys: terms.Journeys, at: float) -> terms.Relationships:
    known = customers.relationships_of(keys=[key])
    if len(known):
        return known
    nothing = terms.Words(np.full(1, -1, np.int32), ())
    return terms.Relationships(
        keys=np.array([key], np.int64),
        joined=np.array([min([at, *journeys.occurred])]),
        left=np.array([np.nan]),
        voluntary=np.array([True]),
        monthly_value=np.array([np.nan]),
        words=dict.fromkeys(("region", "segment", "plan", "language", "switched_from"), nothing),
    )
