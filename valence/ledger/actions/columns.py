"""Columns of arrays made into what the database takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from django.db import models

from valence.customers.models import Customer
from valence.ledger import rows
from valence.ledger.models import (
    BondState,
    HandoffCount,
    Loss,
    OpenPromise,
    Risk,
    Share,
    UnknownWord,
    WeekCount,
)

TABLES: dict[type[rows.Rows], type[models.Model]] = {
    rows.Risks: Risk,
    rows.RiskFigures: Risk,
    rows.Losses: Loss,
    rows.Shares: Share,
    rows.Handoffs: HandoffCount,
    rows.Weeks: WeekCount,
    rows.Promises: OpenPromise,
    rows.UnknownWords: UnknownWord,
    rows.States: BondState,
}
KEYS_AT_ONCE = 500
MICROSECONDS = 86_400_000_000


def names_of(*, kind: type[rows.Rows]) -> list[str]:
    """Return the database columns of a kind of rows, in the order of its fields, quoted: `column` means something."""
    meta = TABLES[kind]._meta
    columns = {field.name: f'"{field.column}"' for field in meta.concrete_fields}
    return [columns[field.name] for field in fields(kind)]


def columns_of(*, kind: type[rows.Rows]) -> list[str]:
    """Return every database column of a kind's table but its own number, quoted."""
    return [f'"{field.column}"' for field in TABLES[kind]._meta.concrete_fields if field.name != "id"]


def table_of(*, kind: type[rows.Rows]) -> str:
    """Return the name of the table that holds a kind of rows."""
    return TABLES[kind]._meta.db_table


def tuples(*, written: rows.Rows) -> Iterator[tuple[Any, ...]]:
    """Return the rows as tuples of plain values, in the order of `names_of`."""
    meta = TABLES[type(written)]._meta
    named = [(meta.get_field(field.name), getattr(written, field.name)) for field in fields(written)]
    return zip(*(_plain(field, value, len(written)) for field, value in named), strict=True)


def alive(*, keys: Sequence[int]) -> set[int]:
    """Return those of some keys whose customer is there and was not erased."""
    found: set[int] = set()
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = list(keys[start : start + KEYS_AT_ONCE])
        there = Customer.objects.filter(key__in=part, wrapped_key__isnull=False)
        found.update(there.values_list("key", flat=True))
    return found


def _plain(field: Any, value: Any, length: int) -> Sequence[Any]:
    if isinstance(value, str | float | int):
        return list(_plain(field, np.array([value]), 1)) * length
    if isinstance(field, models.DateTimeField):
        return _moments(np.asarray(value, float))
    if isinstance(field, models.DateField):
        return [str(day) for day in np.asarray(value, np.int64).astype("datetime64[D]")]
    if isinstance(field, models.FloatField):
        numbers = np.asarray(value, float)
        return [
            None if unknown else number for number, unknown in zip(numbers.tolist(), np.isnan(numbers), strict=True)
        ]
    if isinstance(field, models.CharField):
        return [word[: field.max_length] for word in value]
    return list(value.tolist()) if hasattr(value, "tolist") else list(value)


def _moments(days: np.ndarray[Any, np.dtype[np.float64]]) -> list[str | None]:
    """Write days as the database's text of a time in UTC; NaN is none."""
    known = np.isfinite(days)
    micro = np.round(np.where(known, days, 0) * MICROSECONDS).astype("datetime64[us]")
    return [str(moment).replace("T", " ") if there else None for moment, there in zip(micro, known, strict=True)]
