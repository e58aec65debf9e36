"""Results as files, with the columns of the data contract."""

from __future__ import annotations

import csv
import itertools
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from valence import terms
from valence.customers import queries as customers
from valence.flows.find import one
from valence.flows.weigh import population
from valence.ledger.queries import exports

AT_ONCE = 5_000
NAMES = ("risk", "blame", "losses", "bonds")
ENDINGS = (".csv", ".parquet")
BONDS = ("at", "bond", "interaction_id", "change")
# A spreadsheet runs text that begins so. One apostrophe in front stops it, and taking it away gives the text back:
# text that begins with apostrophes and then so gets one more.
RUNS = re.compile(r"'*[=+\-@\t\r]")

Rows = Iterator[tuple[Any, ...]]


class CannotExport(ValueError):  # noqa: N818  named as people say it
    """What was asked for cannot be written; the message says why, for people."""


@dataclass(frozen=True)
class Written:
    """What was written where."""

    name: str
    path: Path
    rows: int


def write(
    *,
    name: str,
    out: Path,
    now: datetime,
    customer_id: str = "",
    scope: terms.Scope = terms.EVERYTHING,
    progress: population.Report = population.silent,
) -> Written:
    """Write one of NAMES to a file whose ending says how: .csv or .parquet; an old file is replaced whole.

    Raises CannotExport, nothing written, where the name, the ending or the customer is unknown.
    """
    if out.suffix.lower() not in ENDINGS:
        raise CannotExport(f"{out.name} ends neither with .csv nor with .parquet")
    headings, rows = table(name=name, now=now, customer_id=customer_id, scope=scope)
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        written = (_csv if out.suffix.lower() == ".csv" else _parquet)(partial, headings, _counted(rows, progress))
        partial.replace(out)
    except OSError as problem:
        raise CannotExport(f"{out} cannot be written: {problem.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
    return Written(name=name, path=out, rows=written)


def table(
    *, name: str, now: datetime, customer_id: str = "", scope: terms.Scope = terms.EVERYTHING
) -> tuple[tuple[str, ...], Rows]:
    """Return the headings and the rows of one of NAMES, as of the last score. Raises CannotExport."""
    if name == "bonds":
        return BONDS, _bonds(customer_id=customer_id, scope=scope, now=now)
    if name not in NAMES:
        raise CannotExport(f"there is no export {name}; there are: {', '.join(NAMES)}")
    found: dict[str, tuple[tuple[str, ...], Callable[..., Rows]]] = {
        "risk": (exports.RISK, exports.risk),
        "blame": (exports.BLAME, exports.blame),
        "losses": (exports.LOSSES, exports.losses),
    }
    headings, read = found[name]
    return ("customer_id", *headings), _named(read(scope=scope), scope)


def neutral(value: object) -> object:
    """Return a value that no spreadsheet runs: text that begins like a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and RUNS.match(value) else value


def _named(rows: Rows, scope: terms.Scope) -> Rows:
    """Put the company's own id in the place of the surrogate key; erased customers fall out."""
    while part := list(itertools.islice(rows, AT_ONCE)):
        names = customers.names(scope=scope, keys=sorted({row[0] for row in part}))
        yield from ((names[row[0]].customer_id, *row[1:]) for row in part if row[0] in names)


def _bonds(*, customer_id: str, scope: terms.Scope, now: datetime) -> Rows:
    """Yield the bond after each stored interaction, in the order in which they became known."""
    if not customer_id:
        raise CannotExport("the bonds are those of one customer: name it with --customer ID")
    try:
        found = one.read(scope=scope, customer_id=customer_id, now=now)
    except customers.UnknownCustomer:
        raise CannotExport(f"there is no customer {customer_id}") from None
    curve = one.curve(found)
    if found.objected:
        raise CannotExport(f"customer {customer_id} objects to being scored")
    if curve is None:
        raise CannotExport("there is no model yet; first run: valence train")
    ids = found.journeys.texts["interaction_id"]
    return iter(
        [
            (terms.moment(curve.at[place]), float(curve.bond[place]), ids[curve.row[place]], float(curve.change[place]))
            for place in np.flatnonzero(curve.row >= 0)
        ]
    )


def _counted(rows: Rows, progress: population.Report) -> Rows:
    for number, row in enumerate(rows, start=1):
        if number % AT_ONCE == 0:
            progress(terms.Progress(done=number, total=0, words="Writing"))
        yield row


def _csv(path: Path, headings: Sequence[str], rows: Rows) -> int:
    number = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for row in rows:
            writer.writerow([_cell(value) for value in row])
            number += 1
    return number


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return neutral(value)


def _parquet(path: Path, headings: Sequence[str], rows: Rows) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    writer: Any = None
    try:
        while part := list(itertools.islice(rows, AT_ONCE)):
            made = pa.table(dict(zip(headings, map(list, zip(*part, strict=True)), strict=True)))
            writer = writer or pq.ParquetWriter(path, _schema(made.schema))
            writer.write_table(made.cast(writer.schema))
            number += len(part)
        writer = writer or pq.ParquetWriter(path, pa.schema([(name, pa.string()) for name in headings]))
    finally:
        if writer is not None:
            writer.close()
    return number


def _schema(found: Any) -> Any:
    """A column that begins with nothing but unknowns is one of numbers."""
    import pyarrow as pa

    fields = [pa.field(each.name, pa.float64() if pa.types.is_null(each.type) else each.type) for each in found]
    return pa.schema(fields)
