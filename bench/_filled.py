"""A log of any size, written straight into a home: a made-up population with 33 interactions a customer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import django
import numpy as np
import pyarrow as pa

ROWS_A_CUSTOMER = 33
SECONDS = 63_072_000  # two years
AS_COMPACTED = (0.7, 0.25, 0.05)


def opened(*, home: Path) -> None:
    """Open a home for this process, with its tables. Call this before anything of Valence is imported."""
    os.environ["VALENCE_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "valence.settings"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)


def keys_of(*, customers: int) -> np.ndarray:
    """Return the customers' keys, sorted: random 62-bit numbers as Valence gives them."""
    return np.sort(np.random.default_rng(1).integers(1, 1 << 62, customers, dtype=np.int64))


def fill(*, keys: np.ndarray, shares: Sequence[float] = (1.0,)) -> None:
    """Write sorted files into every bucket of the log: 33 rows for each customer key.

    shares: how much of the time each file of a bucket holds, the oldest first; together 1.
    """
    from valence.interactions import delta, log

    table = delta.made(folder=log.folder())
    watermark = int(table.transaction_version(delta.APP) or 0)
    files = [
        delta.write(folder=log.folder(), table=part, bucket=bucket)
        for bucket in range(64)
        for part in _cut(_bucket(np.sort(keys[keys % 64 == bucket]), bucket), shares)
    ]
    delta.commit(table=table, folder=log.folder(), adds=files, removes=[], watermark=watermark, grew=True)


def _cut(table: pa.Table, shares: Sequence[float]) -> Iterator[pa.Table]:
    """Cut a bucket by time; each part stays sorted by customer and time."""
    at = table["occurred_at"].cast(pa.int64()).to_numpy()
    edges = np.quantile(at, np.cumsum(shares)[:-1]) if len(at) else []
    part = np.searchsorted(edges, at)
    for number in range(len(shares)):
        if np.any(part == number):
            yield table.filter(pa.array(part == number))


def _bucket(keys: np.ndarray, bucket: int) -> pa.Table:
    from valence.interactions import columns

    dice = np.random.default_rng(bucket)
    owner = np.repeat(keys, ROWS_A_CUSTOMER)
    number = len(owner)
    at = np.sort(dice.integers(0, SECONDS * 1_000_000, (len(keys), ROWS_A_CUSTOMER)), axis=1).ravel()
    moments = pa.array(at + 1_700_000_000_000_000).cast(columns.MOMENT)
    known = {
        "seq": np.arange(number) * 64 + bucket,
        "customer_key": owner,
        "occurred_at": moments,
        "recorded_at": moments,
        "revision": np.zeros(number, dtype=np.int32),
        "source": _said(dice, number, ["crm", "billing", "network"]),
        "interaction_id": np.char.add(f"i{bucket}-", np.arange(number).astype(str)),
        "kind": _said(dice, number, ["contact", "visit", "bill", "outage", "order", "message"]),
        "department": _said(dice, number, ["care", "field", "billing", "network", "sales", "digital"]),
        "channel": _said(dice, number, ["phone", "app", "store", "mail"]),
        "reason": _said(dice, number, ["fault", "price", "move", "contract", "bill"]),
        "facts": _said(dice, number, ["late", "no_show", "not_fixed", "late|left_mess", "unresolved"]),
        "agent_id": _said(dice, number, [f"a{agent}" for agent in range(400)]),
        "wait_minutes": np.round(dice.gamma(2.0, 5.0, number), 1),
        "text": np.char.add("text redacted number ", dice.integers(0, 10_000, number).astype(str)),
    }
    return pa.table(
        [known[name] if name in known else pa.nulls(number, kind) for name, kind in _types()], schema=columns.SCHEMA
    )


def _types() -> list[tuple[str, pa.DataType]]:
    from valence.interactions import columns

    return [(field.name, field.type) for field in columns.SCHEMA]


def _said(dice: np.random.Generator, number: int, words: list[str]) -> pa.Array:
    coded = pa.DictionaryArray.from_arrays(pa.array(dice.integers(0, len(words), number, dtype=np.int32)), words)
    return coded.cast(pa.string())
