"""Reads a simulated operator's contract files straight into arrays, without a data folder, to test and measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from valence import terms

_TIMES = ("joined_at", "left_at", "occurred_at", "recorded_at", "promised_at", "landmark")
_SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True)
class Operator:
    """An operator in memory. Keys are the places in `customer_ids`; journeys are aligned to the relationships."""

    relationships: terms.Relationships
    journeys: terms.Journeys
    customer_ids: NDArray[np.object_]


def read(*, folder: Path) -> Operator:
    """Read `customers` and `interactions` of a folder, CSV or Parquet. Revisions are not looked at."""
    customers = table(folder=folder, name="customers").sort_by("customer_id")
    found = table(folder=folder, name="interactions")
    ids = customers["customer_id"].combine_chunks()
    key = pc.index_in(found["customer_id"], ids).to_numpy()
    occurred = days(found["occurred_at"])
    order = pc.sort_indices(
        pa.table({"k": key, "t": occurred, "s": found["source"], "i": found["interaction_id"]}),
        sort_keys=[("k", "ascending"), ("t", "ascending"), ("s", "ascending"), ("i", "ascending")],
    ).to_numpy()
    keys = np.arange(len(ids), dtype=np.int64)
    return Operator(
        relationships=_relationships(customers=customers, keys=keys),
        journeys=_journeys(found=found.take(pa.array(order)), key=key[order], keys=keys),
        customer_ids=ids.to_numpy(zero_copy_only=False),
    )


def table(*, folder: Path, name: str) -> pa.Table:
    """Read one file of a folder by its name without ending; times stay texts, empty texts are null."""
    parquet = folder / f"{name}.parquet"
    if parquet.exists():
        return pq.read_table(parquet)
    texts = {column: pa.string() for column in (*_TIMES, "text", "facts", "caused_by", "switched_from")}
    numbers = dict.fromkeys(terms.NUMBER_COLUMNS, pa.float64()) | {"promised_at": pa.string()}
    options = pa_csv.ConvertOptions(column_types=texts | numbers, strings_can_be_null=True)
    return pa_csv.read_csv(folder / f"{name}.csv", convert_options=options)


def days(column: pa.ChunkedArray) -> terms.Days:
    """Return ISO 8601 times in UTC as days since 1970, NaN where null."""
    parsed = pc.strptime(column, format="%Y-%m-%dT%H:%M:%SZ", unit="s")
    return np.asarray(pc.cast(parsed, pa.int64()).to_numpy().astype(np.float64) / _SECONDS_A_DAY)


def words(column: pa.ChunkedArray) -> terms.Words:
    """Return a text column as codes and vocabulary."""
    encoded = pc.dictionary_encode(pc.cast(column, pa.string())).combine_chunks()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return terms.Words(codes=codes, vocabulary=tuple(encoded.dictionary.to_pylist()))


def _relationships(*, customers: pa.Table, keys: terms.Keys) -> terms.Relationships:
    joined = days(customers["joined_at"])
    said = {name: words(customers[name]) for name in ("region", "segment", "plan", "language", "switched_from")}
    value = customers["monthly_value"].to_numpy()
    history = {"monthly_value": terms.History(row=keys, since=joined, values=value)} | {
        name: terms.History(row=keys, since=joined, values=said[name].codes, vocabulary=said[name].vocabulary)
        for name in ("region", "segment", "plan")
    }
    return terms.Relationships(
        keys=keys,
        joined=joined,
        left=days(customers["left_at"]),
        voluntary=np.array([kind != "involuntary" for kind in customers["left_kind"].to_pylist()]),
        monthly_value=value,
        words=said,
        history=history,
    )


def _journeys(*, found: pa.Table, key: NDArray[np.int64], keys: terms.Keys) -> terms.Journeys:
    occurred, recorded = days(found["occurred_at"]), days(found["recorded_at"])
    numbers = {name: found[name].to_numpy() for name in terms.NUMBER_COLUMNS if name != "promised_at"}
    numbers["promised_at"] = days(found["promised_at"])
    texts = {name: pc.fill_null(found[name], "").to_numpy() for name in ("interaction_id", "caused_by", "text")}
    texts["caused_by"] = _with_source(caused_by=texts["caused_by"], source=found["source"].to_pylist())
    return terms.Journeys(
        keys=keys,
        starts=np.searchsorted(key, np.arange(len(keys) + 1)),
        occurred=occurred,
        recorded=np.where(np.isnan(recorded), occurred, recorded),
        words={name: words(found[name]) for name in terms.WORD_COLUMNS},
        numbers=numbers,
        texts=texts,
    )


def _with_source(*, caused_by: NDArray[np.object_], source: list[str]) -> NDArray[np.object_]:
    said = [
        f"{own}:{cause}" if cause and ":" not in cause else cause for cause, own in zip(caused_by, source, strict=True)
    ]
    return np.array(said, dtype=object)
