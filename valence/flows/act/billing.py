"""Bills against what was told: the limit is learned from all bills, and what passes it is kept and can raise alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
AT_ONCE = 500
LEARNED_DAYS, KEPT_DAYS = 365.0, 120.0
MONTH = 30.44


@dataclass(frozen=True)
class _Over:
    """By how much bills of a year are above what was told, over how many customers' months.

    keys, over (k,): of those of the last months that could be too much, whose each is, and by how much.
    """

    learned: terms.Floats
    months: int
    keys: terms.Keys
    over: terms.Floats


def check(*, now: datetime) -> int:
    """Learn from all bills of a year which differ too much, and keep those of the last months; return how many.

    1. One pass over all journeys: by how much each bill is above what was told, as numbers alone. 2. Which of that is
    too much. 3. Whose bills are is read once more: they are few.
    """
    until = terms.days(promising.clock(now=now))

    def of_bucket(bucket: int, journeys: terms.Journeys, /) -> _Over:
        return _of_bucket(journeys, until)

    columns = derived.columns(asked=billing.COLUMNS)
    parts = list(interactions.per_customer(function=of_bucket, columns=columns))
    over = np.concatenate([part.learned for part in parts]) if parts else np.empty(0)
    limit = billing.limit(over=over, customer_months=float(sum(part.months for part in parts)))
    _keep(limit)
    whose = np.concatenate([part.keys[part.over > limit.amount] for part in parts]) if parts else np.empty(0, np.int64)
    found = [
        (one, float((one.over - limit.amount) / max(limit.scale, 0.01)), department)
        for one, department in _read_again(np.unique(whose), until, limit)
    ]
    keeping.put(found=found)
    return len(found)


def _read_again(keys: terms.Keys, until: float, limit: billing.Limit) -> Iterator[tuple[Finding, str]]:
    """Give the bills above the limit of some customers, bucket after bucket of the log."""
    keys = keys[np.argsort(keys % terms.BUCKETS, kind="stable")]
    columns = derived.columns(asked=billing.COLUMNS)
    for first in range(0, len(keys), AT_ONCE):
        some = np.sort(keys[first : first + AT_ONCE]).tolist()
        journeys = derived.put(journeys=interactions.journeys_of(keys=some, columns=columns))
        found = billing.read(journeys=journeys, pack=minds.pack())
        yield from _findings(journeys, found, _kept(journeys, found, until, max(limit.amount, billing.SMALLEST)))


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


def _of_bucket(journeys: terms.Journeys, until: float) -> _Over:
    journeys = derived.put(journeys=journeys)
    found = billing.read(journeys=journeys, pack=minds.pack())
    at, owner = journeys.occurred[found.row], journeys.owners()[found.row]
    near = (at > until - LEARNED_DAYS) & (at <= until) & np.isfinite(found.told)
    months = len(np.unique(np.stack([owner[near], np.floor(at[near] / MONTH).astype(np.int64)]), axis=1).T)
    rows = _kept(journeys, found, until, billing.SMALLEST)
    return _Over(found.over[near], months, journeys.keys[owner[rows]], found.over[rows])


def _kept(journeys: terms.Journeys, found: billing.Bills, until: float, above: float) -> terms.Keys:
    """Return which bills (b,) of the last months are so much above what was told."""
    at = journeys.occurred[found.row]
    near = (at > until - KEPT_DAYS) & (at <= until) & np.isfinite(found.told)
    return np.flatnonzero(near & (found.over > above))


def _findings(journeys: terms.Journeys, found: billing.Bills, rows: terms.Keys) -> Iterator[tuple[Finding, str]]:
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
