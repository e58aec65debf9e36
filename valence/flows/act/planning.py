"""Plans: those of the pack and of the data folder, put to the journeys of all after each score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

import numpy as np

from valence import interactions, terms
from valence.alerts import condition, kept_plans, tables
from valence.alerts import plan as written
from valence.customers import queries as customers
from valence.flows.act import own_plans, promising
from valence.flows.gather import derived
from valence.flows.weigh import minds
from valence.journeys import plans, signs
from valence.packs import acting

DAYS = 364
LEFT_WITHIN_DAYS = 60.0
SLIPPED = (plans.LATE, plans.MISSING, plans.EARLY, plans.TWICE)


def of_pack(*, name: str) -> bool:
    """Say whether the pack brings a plan of this name."""
    return any(one.get("name") == name for one in acting.plans(name=minds.pack_name()))


def in_force() -> tuple[tuple[written.Plan, ...], tuple[tuple[str, str], ...]]:
    """Return the plans that count, and those (name, why) that cannot be taken: a file of the data folder comes last."""
    return written.sorted_out(tables=[*acting.plans(name=minds.pack_name()), *own_plans.tables()])


def measure(*, now: datetime) -> int:
    """Put every plan to the journeys of the last year and keep its runs in place of those before; return how many."""
    until = terms.days(promising.clock(now=now))
    found, _ = in_force()
    people = customers.relationships()
    parts = interactions.per_customer(
        function=partial(_runs, found=found, people=people, until=until),
        columns=derived.columns(asked=tables.COLUMNS),
    )
    return kept_plans.put(parts=parts)


def _runs(
    bucket: int,
    journeys: terms.Journeys,
    /,
    *,
    found: Sequence[written.Plan],
    people: terms.Relationships,
    until: float,
) -> kept_plans.Part:
    keys = journeys.keys.tolist()
    journeys = derived.put(journeys=journeys)
    journeys = journeys.taken((journeys.occurred > until - DAYS) & (journeys.occurred <= until))
    if not len(journeys):
        return keys, ()
    table = tables.of_interactions(journeys=journeys, pack=minds.pack())
    left = _left(journeys, people)
    return keys, [run for one in found for run in _of(one, journeys, table, left, until)]


def _left(journeys: terms.Journeys, people: terms.Relationships) -> tuple[terms.Days, terms.Days]:
    """Return for each customer (c,) when they left by choice, and when for another reason; inf where they did not."""
    place = np.searchsorted(people.keys, journeys.keys).clip(max=max(0, len(people.keys) - 1))
    if not len(people.keys):
        nobody = np.full(len(journeys.keys), np.inf)
        return nobody, nobody
    gone = np.where((people.keys[place] == journeys.keys) & np.isfinite(people.left[place]), people.left[place], np.inf)
    chose = people.voluntary[place]
    return np.where(chose, gone, np.inf), np.where(chose, np.inf, gone)


def _of(
    one: written.Plan,
    journeys: terms.Journeys,
    table: condition.Table,
    left: tuple[terms.Days, terms.Days],
    until: float,
) -> Iterator[kept_plans.Run]:
    steps = [plans.Step(written.holds(asked=s.of, table=table), float(s.within_days), s.once) for s in one.steps]
    begins = written.holds(asked=one.begins, table=table)
    # What was not due before the customer left is nobody's slip.
    known = np.minimum(until, np.minimum(*left))
    runs = plans.follow(journeys=journeys, begins=begins, steps=steps, window_days=one.window_days, until=known)
    owner = journeys.owners()[runs.begun]
    due = journeys.occurred[runs.begun] + max(step.within_days for step in one.steps)
    after = _left_after(due, left[0][owner], left[1][owner], until)
    source, department, where = (_said(journeys, name, runs.begun) for name in ("source", "department", "location_id"))
    is_open = (runs.state == plans.OPEN).any(axis=1).tolist()
    keys, ids = journeys.keys[owner].tolist(), journeys.texts["interaction_id"][runs.begun].tolist()
    for place, (begun, states) in enumerate(
        zip(journeys.occurred[runs.begun].tolist(), runs.state.tolist(), strict=True)
    ):
        slips = zip(one.steps, states, strict=True)
        yield kept_plans.Run(
            key=keys[place],
            plan=one.name,
            source=source[place],
            interaction_id=str(ids[place]),
            begun_at=terms.moment(begun),
            department=department[place],
            place=where[place],
            slips=tuple((step.name, plans.SLIPS[state]) for step, state in slips if state in SLIPPED),
            is_open=is_open[place],
            left_after=after[place],
        )


def _left_after(due: terms.Days, chose: terms.Days, forced: terms.Days, until: float) -> list[bool | None]:
    """Return whether each run's customer left by choice within 60 days after its last step was due; None: not known.

    Who had left by then counts nowhere: a plan that ends because the customer leaves says nothing about the plan.
    """
    end = due + LEFT_WITHIN_DAYS
    left = (chose > due) & (chose <= end)
    # Who left is known early: all count only when the days are over, else leavers would weigh too much.
    known = (chose > due) & (end <= until) & (left | (forced > end))
    return [bool(one) if sure else None for one, sure in zip(left.tolist(), known.tolist(), strict=True)]


def _said(journeys: terms.Journeys, name: str, rows: terms.Keys) -> list[str]:
    words = signs.column(journeys=journeys, name=name)
    said: list[str] = np.array([*words.vocabulary, ""], object)[words.codes[rows]].tolist()
    return said
