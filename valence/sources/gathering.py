"""Several rows of a customer put together: a table of contracts tells when the first began and the last ended."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from valence.sources.files import PIECE, Piece
from valence.terms import RawRecords

Row = dict[str, Any]


def one_each(*, pieces: Iterator[Piece], start: int) -> Iterator[Piece]:
    """Yield one record a customer, after the first `start` of them; records that cannot be read come as they are.

    Joined is the earliest start. Left is the latest end, and empty while one contract has none. Everything else is what
    the contract that began last says.
    """
    gathered: dict[str, Row] = {}
    for piece in pieces:
        for place, row in enumerate(_rows(piece.records)):
            customer = str(row.get("customer_id") or "")
            if place in piece.records.unreadable or not customer:
                customer = f"\0{len(gathered)}"  # nobody's: it is refused by itself
            before = gathered.get(customer)
            gathered[customer] = row if before is None else _together(before, row)
    rows = iter(list(gathered.values())[start:])
    done = start
    while group := list(itertools.islice(rows, PIECE)):
        names = dict.fromkeys(name for row in group for name in row)
        columns = {name: [row.get(name, "") for row in group] for name in names}
        numbers = range(done + 1, done + len(group) + 1)
        done += len(group)
        yield Piece("customers", RawRecords(numbers=numbers, columns=columns), resume_at=done)


def _rows(records: RawRecords) -> Iterator[Row]:
    for values in zip(*records.columns.values(), strict=True):
        yield dict(zip(records.columns, values, strict=True))


def _together(one: Row, other: Row) -> Row:
    first, last = sorted((one, other), key=lambda row: _at(row.get("joined_at")))
    together = {**{name: value for name, value in first.items() if value not in (None, "")}, **_said(last)}
    together["joined_at"] = first.get("joined_at", "")
    ends = [row.get("left_at") for row in (one, other)]
    if "left_at" in one or "left_at" in other:
        together["left_at"] = "" if any(end in (None, "") for end in ends) else max(ends, key=_at)
    if not together.get("left_at"):
        together |= {name: "" for name in ("left_kind", "left_reason") if name in together}
    return together


def _said(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if value not in (None, "")}


def _at(said: Any) -> datetime:
    """Return a time to compare with; what is no time comes last."""
    try:
        moment = said if isinstance(said, datetime) else datetime.fromisoformat(str(said))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
