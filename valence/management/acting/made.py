"""A made-up operator as the product reads it, and apart from that what really led to what."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from valence import packs, terms
from valence.demo import simulator, world

END = 20454.0
PACK = "telco"
MICROSECONDS = 86_400_000_000.0


@dataclass(frozen=True)
class Made:
    """Journeys as recorded. left (c,): when customers left by choice, NaN else; region (c,).

    cause (n,): the row that truly led to each, recorded or not, -1 for none.
    """

    journeys: terms.Journeys
    region: tuple[str, ...]
    left: terms.Days
    value: terms.Floats
    cause: terms.Keys
    end: float
    pack: packs.Pack


def operator(*, seed: int, customers: int, months: int) -> Made:
    """Make up an operator and read its files, as an import would."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        simulator.simulate(
            customers=customers, months=months, seed=seed, law=world.Law.ADDITIVE, end=END, out=out, files="parquet",
            report=lambda progress: None,
        )  # fmt: skip
        tables = {name: pq.read_table(out / f"{name}.parquet").to_pandas() for name in ("customers", "interactions")}
        links = pq.read_table(out / "truth" / "links.parquet").to_pandas()
    return _made(tables["customers"], tables["interactions"], links)


def _made(people: Any, rows: Any, links: Any) -> Made:
    names = {name: key for key, name in enumerate(people["customer_id"])}
    rows = rows.assign(key=rows["customer_id"].map(names))
    rows = rows.sort_values(["key", "occurred_at", "source", "interaction_id"], kind="stable").reset_index(drop=True)
    key = rows["key"].to_numpy(np.int64)
    starts = np.searchsorted(key, np.arange(len(people) + 1))
    place = {name: row for row, name in enumerate(rows["interaction_id"])}
    cause = np.full(len(rows), -1, np.int64)
    effect = links["interaction_id"].map(place).to_numpy(float)
    source = links["caused_by"].map(place).to_numpy(float)
    both = np.isfinite(effect) & np.isfinite(source)
    cause[effect[both].astype(np.int64)] = source[both].astype(np.int64)
    left = np.where(people["left_kind"] == "voluntary", _days(people["left_at"]), np.nan)
    return Made(
        journeys=_journeys(rows, starts),
        region=tuple(people["region"].fillna("")),
        left=left,
        value=people["monthly_value"].to_numpy(float),
        cause=cause,
        end=END,
        pack=packs.load(name=PACK),
    )


def _journeys(rows: Any, starts: terms.Keys) -> terms.Journeys:
    occurred = _days(rows["occurred_at"])
    recorded = _days(rows["recorded_at"])
    numbers = {name: _number(rows, name, len(occurred)) for name in terms.NUMBER_COLUMNS}
    return terms.Journeys(
        keys=np.arange(len(starts) - 1),
        starts=starts,
        occurred=occurred,
        recorded=np.where(np.isfinite(recorded), recorded, occurred),
        words={name: _words(rows, name, len(occurred)) for name in terms.WORD_COLUMNS},
        numbers=numbers,
        texts={name: _texts(rows, name, len(occurred)) for name in terms.TEXT_COLUMNS},
    )


def _days(column: Any) -> terms.Days:
    moments = pd.to_datetime(column, utc=True).dt.tz_localize(None).to_numpy("datetime64[us]")
    days: terms.Days = np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / MICROSECONDS)
    return days


def _number(rows: Any, name: str, size: int) -> terms.Floats:
    if name not in rows:
        return np.full(size, np.nan)
    return _days(rows[name]) if name.endswith("_at") else rows[name].to_numpy(float)


def _words(rows: Any, name: str, size: int) -> terms.Words:
    if name not in rows:
        return terms.Words(np.full(size, -1, np.int32), ())
    said = rows[name].fillna("").astype(str).to_numpy(object)
    vocabulary, codes = np.unique(said, return_inverse=True)
    has_none = int(len(vocabulary) > 0 and vocabulary[0] == "")
    known: terms.Codes = (codes - has_none).astype(np.int32)
    return terms.Words(known, tuple(vocabulary[has_none:].tolist()))


def _texts(rows: Any, name: str, size: int) -> np.ndarray[Any, np.dtype[np.object_]]:
    return rows[name].fillna("").astype(str).to_numpy(object) if name in rows else np.full(size, "", object)


def share(part: int, whole: int) -> float | None:
    """Return a share, None of nothing."""
    return part / whole if whole else None


def summed(rows: list[Mapping[str, float]]) -> dict[str, float]:
    """Return the sums of the same counts over several operators."""
    return {name: float(sum(row[name] for row in rows)) for name in rows[0]} if rows else {}
