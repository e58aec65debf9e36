"""What a question sees of the stored rows, in Ibis for all engines: nothing superseded, nothing unknown yet."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis.expr.types import Table

from valence import terms
from valence.interactions.by_time import Stretch

MOMENT = "timestamp('UTC', 6)"
NEWER = ["customer_key", "source", "interaction_id", "revision", "recorded_at"]
"""The columns by which it is told what supersedes a row: the first three name the interaction."""


def current(*, rows: Table, as_of: float | None, revised: bool) -> Table:
    """Say in Ibis what `columns.current` says in Arrow: what was known and had happened, nothing superseded."""
    cutoff = None if as_of is None else ibis.literal(terms.moment(as_of), type=MOMENT)
    if cutoff is not None:
        rows = rows.filter(rows.recorded_at <= cutoff)
    if revised:
        newest = ibis.row_number().over(
            group_by=[rows.customer_key, rows.source, rows.interaction_id], order_by=rows.revision.desc()
        )
        rows = rows.mutate(place=newest).filter(lambda row: (row.place == 0) & row.kind.notnull()).drop("place")
    return rows if cutoff is None else rows.filter(rows.occurred_at <= cutoff)


def within(*, rows: Table, within: Stretch) -> Table:
    """Return what happened in a stretch of time."""
    rows = rows if within.since is None else rows.filter(rows.occurred_at >= _at(within.since))
    return rows if within.until is None else rows.filter(rows.occurred_at < _at(within.until))


def current_within(*, rows: Table, newer: Table | None, as_of: float | None) -> Table:
    """Say what `current` says of rows that are not all there are: `newer` holds the columns NEWER of all that may
    supersede one of them, None where nothing does.
    """
    if newer is None:
        return current(rows=rows, as_of=as_of, revised=False)
    newer = newer.filter(newer.revision > 0)
    if as_of is not None:
        known = ibis.literal(terms.moment(as_of), type=MOMENT)
        rows, newer = rows.filter(rows.recorded_at <= known), newer.filter(newer.recorded_at <= known)
    names = NEWER[:3]
    top = newer.group_by(names).aggregate(highest=newer.revision.max())
    top = top.rename({f"newer_{name}": name for name in names})
    laid = rows.left_join(top, [rows[name] == top[f"newer_{name}"] for name in names])
    kept = laid.filter(laid.kind.notnull() & (laid.highest.isnull() | (laid.revision >= laid.highest)))
    kept = kept.drop("highest", *(f"newer_{name}" for name in names))
    return current(rows=kept, as_of=as_of, revised=False)


def _at(micros: int) -> ibis.Value:
    return ibis.literal(terms.EPOCH + timedelta(microseconds=micros), type=MOMENT)


def as_one(*, rows: Table, several: Table) -> Table:
    """Say in Ibis what `columns.as_one` says in Arrow: rows stand under the keys by which their customers are read.

    several: the keys of customers whom several keys name, `written_as` and `read_as`.
    """
    laid = rows.left_join(several, rows.customer_key == several.written_as)
    return laid.mutate(customer_key=ibis.coalesce(laid.read_as, laid.customer_key)).drop("written_as", "read_as")
