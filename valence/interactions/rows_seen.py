"""What a question sees of the stored rows, in Ibis for all engines: nothing superseded, nothing unknown yet."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from valence import terms


def current(*, rows: Table, as_of: float | None, revised: bool) -> Table:
    """Say in Ibis what `columns.current` says in Arrow: what was known and had happened, nothing superseded."""
    cutoff = None if as_of is None else ibis.literal(terms.moment(as_of), type="timestamp('UTC', 6)")
    if cutoff is not None:
        rows = rows.filter(rows.recorded_at <= cutoff)
    if revised:
        newest = ibis.row_number().over(
            group_by=[rows.customer_key, rows.source, rows.interaction_id], order_by=rows.revision.desc()
        )
        rows = rows.mutate(place=newest).filter(lambda row: (row.place == 0) & row.kind.notnull()).drop("place")
    return rows if cutoff is None else rows.filter(rows.occurred_at <= cutoff)


def as_one(*, rows: Table, several: Table) -> Table:
    """Say in Ibis what `columns.as_one` says in Arrow: rows stand under the keys by which their customers are read.

    several: the keys of customers whom several keys name, `written_as` and `read_as`.
    """
    laid = rows.left_join(several, rows.customer_key == several.written_as)
    return laid.mutate(customer_key=ibis.coalesce(laid.read_as, laid.customer_key)).drop("written_as", "read_as")
