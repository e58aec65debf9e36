"""Keeping risks fresh as interactions arrive: folded into states at once, worked out again soon after.

`folded` runs inside the transaction that admits interactions, so that a state holds exactly what was admitted. Bulk
imports pass `stale.mark` instead, and a new score works everything out together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from django.conf import settings
from msgspec import structs

from valence import interactions, terms
from valence.bond import model as bond_model
from valence.bond import scoring, states
from valence.customers import identities, objections
from valence.customers import queries as customers
from valence.flows.act import promising
from valence.flows.gather import derived
from valence.flows.run import alone
from valence.flows.weigh import minds, population, score, scored
from valence.ledger import rows, rules
from valence.ledger.actions import states as ledger
from valence.ledger.queries import versions

AT_ONCE = 5_000
TOLD_AT_ONCE = 500


def folded(arrived: Sequence[terms.Interaction]) -> None:
    """Fold interactions that were just admitted into the states of their customers, O(1) each, in any order.

    A customer whom several keys name has one state, under the key they are read by. A new customer has no state to
    fold into, a revision replaces what was folded before, which sums cannot undo, and a derived fact depends on what
    came before, as does whether our own fault explains a contact: those are noted, and soon worked out from their
    journeys.
    """
    mind = _mind()
    if mind is None:
        return
    arrived = _as_read(arrived)
    revised = sorted(
        {each.customer_key for each in arrived if each.revision > 0}
        | derived.touches(arrived=arrived)
        | derived.calls(arrived=arrived)
    )
    keys = sorted({each.customer_key for each in arrived} - set(revised))
    known = {key: found for key, found in _stored(keys, mind).items() if found.sums}
    fresh = [each for each in arrived if each.customer_key in known]
    if fresh:
        _fold(mind, known, fresh)
    unknown = [key for key in keys if key not in known]
    latest = max(each.recorded_at for each in arrived)
    ledger.drop(customers=[*revised, *unknown], model=mind.card.version, now=latest)


def refresh(*, now: datetime) -> int:
    """Work out the risks of customers for whom something arrived, a bounded number at a time; return how many.

    1. The states tell the chances of all of them, without reading a journey.
    2. Only of those who are likely to leave, or were, or have no state, the journey is read: to say why.
    3. What was folded in meanwhile stays noted, for the next time.
    """
    mind, stored = _mind(), versions.scored()
    if mind is None or stored is None:
        return 0
    keys = identities.merged().written_as(np.array(versions.newer_ones(limit=AT_ONCE), np.int64)).tolist()
    if not keys or alone.is_held(home=settings.HOME, name=score.LOCK):
        return 0
    before = _stored(keys, mind)
    asked = _asked(keys, mind, before, stored, now)
    folded_in = {key: one for key, one in before.items() if one.sums and key not in asked.objecting}
    to_tell = [key for key in keys if key not in folded_in]
    to_tell += _by_states(asked, folded_in)
    _by_journeys(asked, sorted(to_tell)[:TOLD_AT_ONCE], before)
    return len(keys)


def work_out(*, keys: Sequence[int], now: datetime) -> None:
    """Work out everything again that is stored of some customers: risks, states, losses, shares and promises.

    For few of them, after something changed in who they are. Who is no customer (any more) under a key has nothing.
    """
    mind, stored = _mind(), versions.scored()
    if mind is None or stored is None:
        return
    asked = _asked(keys, mind, _stored(list(keys), mind), stored, now)
    before = {key: since for key, since in asked.likely_since.items() if key not in set(keys)}
    known = customers.relationships(as_of=terms.moment(asked.as_of))
    people = known.taken(np.isin(known.keys, keys))
    journeys = interactions.journeys_of(keys=people.keys.tolist(), columns=scored.COLUMNS, as_of=asked.as_of)
    found = scored.bucket(
        asked=replace(asked, likely_since=before),
        journeys=derived.completed(journeys=journeys).aligned_to(people.keys),
        relationships=people,
    )
    ledger.replace_all(written=found.written, customers=list(keys))
    promising.mark(customers=list(keys), now=now)


def _as_read(arrived: Sequence[terms.Interaction]) -> Sequence[terms.Interaction]:
    """Return what arrived under the keys by which its customers are read."""
    merged = identities.merged()
    if not len(merged):
        return arrived
    read = merged.canonical_of(np.array([each.customer_key for each in arrived], np.int64)).tolist()
    return [
        each if each.customer_key == key else structs.replace(each, customer_key=key)
        for each, key in zip(arrived, read, strict=True)
    ]


def _by_states(asked: scored.Asked, known: dict[int, versions.StateOf]) -> list[int]:
    """Write the figures that states tell, and return whose reasons have to be told anew."""
    people = _people(list(known))
    held = _states({key: known[key] for key in people.keys.tolist()}, asked.mind.model)
    found = scoring.score_states(
        model=asked.mind.model, states=held, relationships=people, pressure=asked.pressure, as_of=asked.as_of
    )
    p_60d, clean = found.p_leave[:, scored.SIXTY], found.p_clean_60d
    was = np.array([key in asked.likely_since for key in found.keys.tolist()], np.bool_)
    tell = was | rules.likely_to_leave(p_60d=p_60d, p_clean_60d=clean, was_likely=was)
    figures = scored.figures(asked=asked, found=found, relationships=people)
    quiet = set(found.keys[~tell].tolist())
    ledger.refresh_figures(
        risks=figures.taken(~tell), seen={key: state.sums for key, state in known.items() if key in quiet}
    )
    return [key for key in known if key not in quiet]


def _by_journeys(asked: scored.Asked, keys: list[int], before: dict[int, versions.StateOf]) -> None:
    """Work out risks and states of some customers from their journeys; who is no customer any more has neither."""
    people = _people(keys)
    journeys = interactions.journeys_of(keys=keys, columns=scored.COLUMNS)
    journeys = derived.completed(journeys=journeys).aligned_to(people.keys)
    case = scored.case_of(asked=asked, journeys=journeys, relationships=people)
    ledger.refresh(
        risks=scored.risks(case=case),
        states=scored.states_of(case=case),
        seen={key: before[key].sums for key in keys if key in before},
        customers=keys,
    )


def _people(keys: list[int]) -> terms.Relationships:
    return customers.relationships_of(keys=keys)


def _asked(
    keys: Sequence[int],
    mind: minds.Mind,
    known: dict[int, versions.StateOf],
    stored: versions.Scored,
    now: datetime,
) -> scored.Asked:
    since = terms.days(stored.as_of)
    latest = [state.at for state in known.values() if state.at <= terms.days(now)]
    return scored.Asked(
        mind=mind,
        pack=minds.pack(),
        pressure=population.pressure_when_scored(scored=stored),
        as_of=float(max([since, *latest])),
        likely_since={one.customer: one.became_likely_at for one in versions.likely_ones(model=mind.card.version)},
        objecting=frozenset(objections.since(customer_keys=keys)),
    )


def _fold(mind: minds.Mind, known: dict[int, versions.StateOf], fresh: Sequence[terms.Interaction]) -> None:
    before = _states(known, mind.model)
    after = states.fold(states=before, model=mind.model, journeys=interactions.as_journeys(interactions=fresh))
    ledger.put(states=written(after=after, model=mind.card.version))


def _states(known: dict[int, versions.StateOf], model: bond_model.Model) -> states.States:
    keys = sorted(known)
    memory = [np.frombuffer(known[key].sums, np.float32) for key in keys]
    return states.States(
        keys=np.array(keys, np.int64),
        at=np.array([known[key].at for key in keys], float),
        memory=np.array(memory, np.float64).reshape(len(keys), model.layout.size),
        model=model.version,
    )


def written(*, after: states.States, model: str) -> rows.States:
    """Return states as they are stored."""
    return rows.States(
        customer=after.keys,
        model=model,
        at=after.at,
        sums=[memory.tobytes() for memory in after.memory.astype(np.float32)],
        newer=True,
    )


def _stored(keys: list[int], mind: minds.Mind) -> dict[int, versions.StateOf]:
    return versions.states(keys=keys, model=mind.card.version)


def _mind() -> minds.Mind | None:
    try:
        return minds.in_use()
    except minds.NoModel:
        return None
