"""Bills against what was told: the limit is learned from all bills, and what passes it is kept and can raise alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from valence import interactions, terms
from valence.alerts.condition import Table
from valence.flows.act import promising
from valence.flows.gather import derived
from valence.flows.weigh import minds
from valence.insights import billing
from valence.journeys import signs
from valence.ledger.actions import bills as keeping
from valence.ledger.findings import Finding

FILE = "bills.json"
FIELD = "contradicts_told"
LEARNED_DAYS, KEPT_DAYS = 365.0, 120.0
MONTH = 30.44


def check(*, now: datetime) -> int:
    """Learn from all bills of a year which differ too much, and keep those of the last months; return how many."""
    until = terms.days(promising.clock(now=now))

    def of_bucket(
        bucket: int, journeys: terms.Journeys, /
    ) -> tuple[terms.Floats, int, list[tuple[Finding, float, str]]]:
        return _of_bucket(journeys, until)

    columns = derived.columns(asked=billing.COLUMNS)
    parts = list(interactions.per_customer(function=of_bucket, columns=columns))
    over = np.concatenate([part[0] for part in parts]) if parts else np.empty(0)
    limit = billing.limit(over=over, customer_months=float(sum(part[1] for part in parts)))
    _keep(limit)
    found = [
        (one, float((one.over - limit.amount) / max(limit.scale, 0.01)), department)
        for _, _, rows in parts
        for one, _, department in rows
        if one.over > limit.amount
    ]
    keeping.put(found=found)
    return len(found)


def limit() -> billing.Limit:
    """Return the limit in force: what was learned last, else the usual one."""
    path = settings.HOME.folder / FILE
    return _limit(path, path.stat().st_mtime_ns) if path.exists() else billing.USUAL_ONE


def told(*, table: Table, journeys: terms.Journeys, whole: bool) -> Table:
    """Return the table of these interactions with whether each contradicts what its customer was told.

    whole: the journeys are whole. Else only that a bill does not is known, where it says itself what was told: whether
    it does is then told by the whole journey.
    """
    found = billing.read(journeys=journeys, pack=minds.pack())
    says = np.zeros(len(journeys))
    contradicts = billing.contradicts(bills=found, limit=limit())
    is_plain = (found.about == billing.TOLD) & ~contradicts
    says[found.row] = contradicts if whole else np.where(is_plain, 0.0, np.nan)
    return replace(table, numbers={**table.numbers, FIELD: says})


def _of_bucket(journeys: terms.Journeys, until: float) -> tuple[terms.Floats, int, list[tuple[Finding, float, str]]]:
    """Return by how much bills of the last year are above what was told, over how many customers' months, and which."""
    journeys = derived.put(journeys=journeys)
    found = billing.read(journeys=journeys, pack=minds.pack())
    at, owner = journeys.occurred[found.row], journeys.owners()[found.row]
    near = (at > until - LEARNED_DAYS) & (at <= until) & np.isfinite(found.told)
    months = len(np.unique(np.stack([owner[near], np.floor(at[near] / MONTH).astype(np.int64)]), axis=1).T)
    rows = np.flatnonzero(near & (at > until - KEPT_DAYS) & (found.over > billing.SMALLEST))
    return found.over[near], months, list(_findings(journeys, found, rows))


def _findings(journeys: terms.Journeys, found: billing.Bills, rows: terms.Keys) -> Iterator[tuple[Finding, float, str]]:
    owners = journeys.keys[journeys.owners()]
    source = signs.column(journeys=journeys, name="source")
    department = signs.column(journeys=journeys, name="department")
    ids = journeys.texts["interaction_id"]
    for place in rows.tolist():
        row, told_row = int(found.row[place]), int(found.told_row[place])
        yield (
            Finding(
                key=int(owners[row]),
                source=_word(source, row),
                interaction_id=str(ids[row]),
                occurred_at=terms.moment(float(journeys.occurred[row])),
                about=billing.ABOUTS[int(found.about[place])],
                billed=float(found.billed[place]),
                told=float(found.told[place]),
                told_source=_word(source, told_row) if told_row >= 0 else "",
                told_interaction_id=str(ids[told_row]) if told_row >= 0 else "",
                told_at=terms.moment(float(journeys.occurred[told_row])) if told_row >= 0 else None,
            ),
            0.0,
            _word(department, row),
        )


def _word(words: terms.Words, row: int) -> str:
    code = int(words.codes[row])
    return words.vocabulary[code] if code >= 0 else ""


def _keep(limit: billing.Limit) -> None:
    (settings.HOME.folder / FILE).write_text(json.dumps(limit.as_kept()), encoding="utf-8")


@lru_cache(maxsize=4)
def _limit(path: Path, changed: int) -> billing.Limit:
    return billing.read_back(json.loads(path.read_text(encoding="utf-8")))
