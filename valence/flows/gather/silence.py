"""Who left without a word: where no table says who joined and left, interactions tell it, by a rule said in words.

Joined is the first interaction. Left is when somebody had been silent for so many days, and it is known from that day
on. What is worked out is brought in like a file, so that it is counted, shown and undone like one.
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import ibis
from django.conf import settings

from valence import interactions, terms
from valence.customers import queries as customers
from valence.flows.gather import imports
from valence.flows.weigh import population
from valence.sources.files import WrongFile

AT_ONCE = 5_000
HEADER = ("customer_id", "joined_at", "left_at", "left_kind", "left_reason", "recorded_at")
REASON = "silence"


@dataclass(frozen=True)
class _Span:
    """When a customer was met first and last, in UTC."""

    first: datetime
    last: datetime


def bring(
    *,
    days: int,
    by: str,
    now: datetime,
    source: str = "",
    progress: Callable[[terms.Progress], None] = lambda step: None,
) -> imports.Imported:
    """Bring in who joined and who left by silence, and return what became of it.

    days: how long somebody must have been silent, up to the last moment that the data tells of. source: only its
    interactions count; "" all. Customers whose leaving is known are left as they are. Raises WrongFile where nobody is
    concerned.
    """
    spans = _spans(source)
    end = population.latest_known(now=now)
    path = settings.HOME.folder / "uploads" / f"silence-{secrets.token_hex(8)}.csv"
    try:
        if not _write(path, _rows(spans, end, timedelta(days=days))):
            raise WrongFile(f"Nobody was silent for {days} days, and all customers are known already.")
        return imports.run(
            kind="csv", path=path, by=by, now=now, record_kind="customers", filename=f"silent for {days} days",
            progress=progress,
        )  # fmt: skip
    finally:
        path.unlink(missing_ok=True)


def _spans(source: str) -> dict[int, _Span]:
    def asked(table: ibis.Table) -> ibis.Table:
        rows = table.filter(table.source == source) if source else table
        return rows.group_by("customer_key").aggregate(first=rows.occurred_at.min(), last=rows.occurred_at.max())

    found = interactions.ask(question=asked)
    return {int(row["customer_key"]): _Span(row["first"], row["last"]) for row in found}


def _rows(spans: Mapping[int, _Span], end: datetime, silent: timedelta) -> Iterator[tuple[str, ...]]:
    people = customers.relationships()
    joined = dict(zip(people.keys.tolist(), people.joined.tolist(), strict=True))
    gone = {key for key, left in zip(people.keys.tolist(), people.left.tolist(), strict=True) if left == left}
    concerned = [
        key for key, span in spans.items() if key not in gone and (key not in joined or span.last + silent <= end)
    ]
    for start in range(0, len(concerned), AT_ONCE):
        keys = concerned[start : start + AT_ONCE]
        names = customers.names(scope=terms.EVERYTHING, keys=keys)
        for key in keys:
            began = terms.moment(joined[key]) if key in joined else spans[key].first
            yield _row(names[key].customer_id, began, spans[key].last + silent, end)


def _row(customer_id: str, joined: datetime, silent_since: datetime, end: datetime) -> tuple[str, ...]:
    if silent_since > end:
        return (customer_id, joined.isoformat(), "", "", "", joined.isoformat())
    left = silent_since.isoformat()
    return (customer_id, joined.isoformat(), left, "voluntary", REASON, left)


def _write(path: Path, rows: Iterator[tuple[str, ...]]) -> int:
    count = 0
    with path.open("x", encoding="utf-8", newline="") as file:
        path.chmod(0o600)
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for count, row in enumerate(rows, start=1):  # noqa: B007 - how many there were is what counts
            writer.writerow(row)
    return count
