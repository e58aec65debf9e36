"""Answer an analyst's SQL on the log, with what is known of each customer beside each interaction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from ibis.expr.types import Table

from valence import interactions, terms
from valence.customers import queries as customers
from valence.flows.gather import worked_out

MICROSECONDS_A_DAY = 86_400_000_000
BEGINNINGS = ("select", "with", "from")


class NotAQuestion(ValueError):  # noqa: N818  named as people say it
    """The text is not a question, or it cannot be answered; the message says why."""


def answer(*, query: str) -> list[dict[str, Any]]:
    """Return the rows that answer a SQL question (DuckDB's dialect).

    The table `interactions` holds a row for each interaction, with joined_at, left_at, left_by_choice, region,
    segment, plan and monthly_value of its customer beside it. A question that names one of worked_out.ADDED finds
    that too. Nothing can be changed and nobody is named.
    Raises NotAQuestion for anything but a question that can be answered.
    """
    asked = query.strip().rstrip(";")
    if not asked.lower().startswith(BEGINNINGS):
        raise NotAQuestion("Only questions are answered: begin with SELECT, WITH or FROM.")
    beside: dict[str, Any] = {"customers": _people(customers.relationships())}
    if worked_out.is_asked(query=asked):
        beside["worked_out"] = worked_out.table()
    try:
        return interactions.ask(question=lambda log: _asked(log, asked, frozenset(beside)), beside=beside)
    except interactions.StoreUnavailable:
        raise
    except Exception as problem:
        raise NotAQuestion(f"The question cannot be answered: {str(problem).splitlines()[0]}") from None


def _asked(log: Table, query: str, beside: frozenset[str]) -> Table:
    people = log.get_backend().table("customers")
    rows = log.left_join(people, "customer_key").drop("customer_key_right")
    if "worked_out" in beside:
        rows = rows.left_join(log.get_backend().table("worked_out"), list(worked_out.KEY))
        rows = rows.drop(*(f"{name}_right" for name in worked_out.KEY))
    return rows.alias("interactions").sql(query)


def _people(known: terms.Relationships) -> pd.DataFrame:
    words = {name: known.words[name].said() for name in ("region", "segment", "plan")}
    times = {"joined_at": _moments(known.joined), "left_at": _moments(known.left)}
    chose = pd.array(known.voluntary, dtype="boolean")
    chose[np.isnan(known.left)] = pd.NA
    columns = {"customer_key": known.keys, **times, "left_by_choice": chose, **words}
    return pd.DataFrame({**columns, "monthly_value": known.monthly_value})


def _moments(days: terms.Days) -> pd.Series[pd.Timestamp]:
    """Return moments, NaT where unknown. pandas' own way from numbers stumbles over NaN at random."""
    known = np.isfinite(days)
    micros = np.rint(np.where(known, days, 0.0) * MICROSECONDS_A_DAY).astype(np.int64)
    told = np.where(known, micros.astype("datetime64[us]"), np.datetime64("NaT"))
    return pd.Series(told).dt.tz_localize("UTC")
