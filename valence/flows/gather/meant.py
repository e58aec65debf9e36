"""Which interactions an address or a check of the data means, as Ibis filters: counts and rows say it by one hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import ibis
import numpy as np
import pandas as pd

from valence import terms
from valence.customers import queries as customers

ANCIENT = datetime(1990, 1, 1, tzinfo=terms.EPOCH.tzinfo)
SAID = (
    "department", "touchpoint", "channel", "reason", "facts", "wait_minutes", "duration_minutes", "outage_hours",
    "transfers", "amount", "expected_amount", "promised_at", "promise", "score", "text", "team_id", "caused_by",
)  # fmt: skip
"""Columns of which one may ask for the interactions that say something there."""

Filter = Callable[[ibis.Table, datetime], ibis.Table]


def leaving() -> pd.DataFrame:
    """Return who left and when: customer_key, left_at."""
    people = customers.relationships()
    lost = ~np.isnan(people.left)
    left = [terms.moment(day) for day in people.left[lost].tolist()]
    return pd.DataFrame({"customer_key": people.keys[lost], "left_at": pd.to_datetime(left, utc=True)})


def future(rows: ibis.Table, now: datetime) -> ibis.Table:
    """Return what lies in the future."""
    return rows.filter(rows.occurred_at > ibis.literal(now))


def ancient(rows: ibis.Table, now: datetime) -> ibis.Table:
    """Return what happened before 1990."""
    return rows.filter(rows.occurred_at < ibis.literal(ANCIENT))


def known_before(rows: ibis.Table, now: datetime) -> ibis.Table:
    """Return what was recorded before it happened."""
    return rows.filter(rows.recorded_at < rows.occurred_at)


def beyond(rows: ibis.Table, now: datetime) -> ibis.Table:
    """Return what happened after its customer had left."""
    left = leaving()
    if left.empty:
        return rows.limit(0)
    joined = rows.join(ibis.memtable(left), "customer_key")
    return joined.filter(joined.occurred_at > joined.left_at).drop("left_at")


def strangers(rows: ibis.Table, now: datetime) -> ibis.Table:
    """Return what names a customer of whom no file tells who it is: nothing is learned from it."""
    known = pd.DataFrame({"customer_key": customers.known_keys(scope=terms.EVERYTHING)})
    return rows.anti_join(ibis.memtable(known), "customer_key")


def dangling(rows: ibis.Table, now: datetime) -> ibis.Table:
    """Return what names a cause that is not among the same customer's interactions.

    `caused_by` is `source:id`. As journeys.recorded reads it, the id alone will do where the source is the row's own,
    or one from which nothing came in.
    """
    known = rows.select(source_known=rows.source).distinct()
    names = rows.select("customer_key", cause=rows.source + ":" + rows.interaction_id)
    ids = rows.select("customer_key", cause_id=rows.interaction_id)
    asking = rows.filter(rows.caused_by.notnull()).mutate(
        cause=lambda row: row.caused_by,
        cause_source=lambda row: row.caused_by.split(":")[0],
        cause_id=lambda row: row.caused_by.substr(row.caused_by.find(":") + 1),
    )
    lost = asking.anti_join(names, ["customer_key", "cause"])
    elsewhere = lost.filter(lost.cause_source != lost.source).semi_join(
        known, lost.filter(lost.cause_source != lost.source).cause_source == known.source_known
    )
    guessed = lost.anti_join(elsewhere, ["source", "interaction_id"]).anti_join(ids, ["customer_key", "cause_id"])
    return ibis.union(elsewhere, guessed).drop("cause", "cause_source", "cause_id")


STRANGERS, DANGLING = "strangers", "dangling"
ODD: Mapping[str, tuple[str, Filter]] = {
    "future": ("times to come", future),
    "ancient": ("times before 1990", ancient),
    "known_before": ("known before it happened", known_before),
    "beyond": ("after the customer left", beyond),
    STRANGERS: ("of customers known by an id only", strangers),
    DANGLING: ("names a cause that is not here", dangling),
}
"""What looks odd: in words, and which interactions it is."""
