"""What would have been said then: chances of leaving at moments of the past, by models that knew nothing later.

Nothing is stored: the model in use and the stored results stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond import marks, scoring
from valence.bond import model as bond_model
from valence.customers import objections
from valence.customers import queries as customers
from valence.flows.find import export
from valence.flows.weigh import population, train
from valence.ledger.queries import exports


@dataclass(frozen=True)
class Chances:
    """The customers of one moment by their company's own ids (c,), and their chances within 30, 60, 90 days (c, 3)."""

    at: datetime
    customer_ids: NDArray[np.object_]
    p_leave: terms.Floats
    p_low: terms.Floats
    p_high: terms.Floats


def chances(
    *, moments: Sequence[datetime], every: int, progress: population.Report = population.silent
) -> Iterator[Chances]:
    """Yield the chances at each moment (rising); a new model is learned at every `every`-th of them.

    Raises train.NothingToLearn where nobody was known yet.
    """
    for number, moment in enumerate(moments):
        if number % every == 0:
            model = train.fitted(until=moment, progress=progress)
        yield _chances(model=model, moment=moment, progress=progress)


def _chances(*, model: bond_model.Model, moment: datetime, progress: population.Report) -> Chances:
    day = terms.days(moment)
    pressure = population.pressure(until=day)

    def work(journeys: terms.Journeys, relationships: terms.Relationships) -> scoring.Scores:
        return scoring.score(
            model=model, journeys=journeys, relationships=relationships, pressure=pressure, as_of=day
        )  # fmt: skip

    parts = list(
        population.each(
            work=work,
            relationships=customers.relationships(as_of=moment),
            columns=marks.COLUMNS,
            as_of=day,
            progress=progress,
            words=f"Looking back to {moment:%Y-%m-%d}",
        )
    )
    keys = np.concatenate([part.keys for part in parts])
    said = customers.names(scope=terms.EVERYTHING, keys=keys.tolist())
    objecting = objections.everyone()
    there = np.array([key in said and key not in objecting for key in keys.tolist()], dtype=bool)
    return Chances(
        at=moment,
        customer_ids=np.array([said[key].customer_id for key in keys[there].tolist()], dtype=object),
        p_leave=np.concatenate([part.p_leave for part in parts])[there],
        p_low=np.concatenate([part.p_low for part in parts])[there],
        p_high=np.concatenate([part.p_high for part in parts])[there],
    )


def columns(*, name: str, now: datetime) -> dict[str, NDArray[np.object_]]:
    """Return an export of the stored results as columns, as valence export would write it."""
    headings, rows = export.table(name=name, now=now)
    return _columns(headings=headings, rows=list(rows))


def effect_ranges() -> dict[tuple[str, str], tuple[float, float]]:
    """Return the 95 % ranges of the stored effects by (customer_id, interaction_id)."""
    rows = list(exports.ranges(scope=terms.EVERYTHING))
    said = customers.names(scope=terms.EVERYTHING, keys=sorted({row[0] for row in rows}))
    return {(said[key].customer_id, interaction): (low, high) for key, interaction, low, high in rows if key in said}


def _columns(*, headings: Sequence[str], rows: Sequence[tuple[object, ...]]) -> dict[str, NDArray[np.object_]]:
    table = np.empty((len(rows), len(headings)), dtype=object)
    for number, row in enumerate(rows):
        table[number] = row
    return {name: table[:, place] for place, name in enumerate(headings)}
