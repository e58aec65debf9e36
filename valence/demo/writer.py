"""Writes what the operator recorded as contract files, and the truth into a folder of its own, chunk by chunk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from valence.demo import hazard, leaving, names, reckoning, vocabulary, voices, world

FORMATS = ("csv", "parquet")
TRUTH = "truth"
_WORDS = ("kind", "department", "touchpoint", "channel", "reason", "promise", "scale")
_NUMBERS = ("wait_minutes", "duration_minutes", "outage_hours", "transfers", "amount", "expected_amount", "score")
_ATTRIBUTES = ('{"contract_months": 12}', '{"contract_months": 24}', '{"contract_months": 24, "paperless": true}')
_FACTS = pa.array(vocabulary.facts_said())
_DAY_SECONDS = 86_400


class Files:
    """The files of one operator, open while it plays. A context: `with Files(...) as files: files.add(...)`."""

    def __init__(self, *, folder: Path, files: str, operator: world.World, base: leaving.Base) -> None:
        (folder / TRUTH).mkdir(parents=True, exist_ok=True)
        self._streams = {name: _Stream(folder / f"{name}.{files}") for name in _names()}
        self._customers = 0
        self._interactions = 0
        (folder / TRUTH / "law.json").write_text(json.dumps(_law(operator=operator, base=base), indent=1))

    def __enter__(self) -> Files:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._streams.values():
            stream.close()

    def add(
        self, *, chunk: reckoning.Chunk, found: reckoning.Losses, landmarks: reckoning.Table, rng: np.random.Generator
    ) -> None:
        """Write a chunk of customers, their interactions and the truth about them."""
        who = _numbered("T-", self._customers + 100_000 + np.arange(len(chunk.who)))
        row = _numbered("i", self._interactions + 1 + np.arange(len(chunk.columns["at"])))
        reason = reckoning.reasons(chunk=chunk, found=found, rng=rng)
        said = names.people(count=len(chunk.who), first_number=self._customers, rng=rng)
        self._streams["customers"].write(_customers(chunk=chunk, ids=who, reasons=reason, said=said))
        self._streams["interactions"].write(_interactions(chunk=chunk, who=who, row=row))
        for name, table in _truth(chunk=chunk, found=found, landmarks=landmarks, who=who, row=row).items():
            self._streams[f"{TRUTH}/{name}"].write(table)
        self._customers += len(chunk.who)
        self._interactions += len(chunk.columns["at"])

    def add_voices(self, *, chunk: reckoning.Chunk, rng: np.random.Generator) -> None:
        """Write what the customers of the chunk that was added last would say, if they were asked."""
        first = self._interactions - len(chunk.columns["at"])
        row = _numbered("i", first + 1 + np.arange(len(chunk.columns["at"])))
        self._streams[f"{TRUTH}/voices"].write(voices.of(chunk=chunk, row=row, rng=rng))


def _names() -> tuple[str, ...]:
    return (
        "customers",
        "interactions",
        *(f"{TRUTH}/{name}" for name in ("landmarks", "losses", "effects", "links", "voices")),
    )


class _Stream:
    """One file that grows by tables; opened by the first, whose columns all must have."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: Any = None

    def write(self, table: pa.Table) -> None:
        if self._open is None:
            csv = self._path.suffix == ".csv"
            self._open = (pa_csv.CSVWriter if csv else pq.ParquetWriter)(self._path, table.schema)
        self._open.write_table(table)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()


def _customers(
    *, chunk: reckoning.Chunk, ids: pa.Array, reasons: NDArray[np.object_], said: Mapping[str, NDArray[Any]]
) -> pa.Table:
    who, left = chunk.who, chunk.leaving
    gone = np.isfinite(left.at)
    return pa.table({
        "customer_id": ids, "joined_at": _times(who.joined), "left_at": _times(np.where(gone, left.at, np.nan)),
        "left_kind": _said(np.where(gone, np.where(left.voluntary, 0, 1), -1), ("voluntary", "involuntary")),
        "left_reason": pa.array(reasons, pa.string()), "segment": _said(who.segment, world.SEGMENTS),
        "plan": _said(who.plan, world.PLANS), "region": _said(who.region, world.REGIONS),
        "location_id": _said(who.region, [f"shop-{_slug(name)}" for name in world.REGIONS]),
        "language": _said(who.language, vocabulary.LANGUAGES), "monthly_value": pa.array(who.price),
        "switched_from": _said(who.rival, world.RIVALS), "name": pa.array(said["name"], pa.string()),
        "email": pa.array(said["email"], pa.string()), "phone": pa.array(said["phone"], pa.string()),
        "attributes": _said(who.plan % len(_ATTRIBUTES), _ATTRIBUTES),
    })  # fmt: skip


def _interactions(*, chunk: reckoning.Chunk, who: pa.Array, row: pa.Array) -> pa.Table:
    seen, recorded = chunk.recorded.columns, chunk.recorded
    region = chunk.who.region[seen["customer"]]
    placed = np.where(np.isin(seen["department"], (2,)), region, -1)
    table = {
        "interaction_id": row, "recorded_at": _times(recorded.recorded_at),
        "source": _said(seen["source"], vocabulary.SOURCES), "customer_id": who.take(pa.array(seen["customer"])),
        "occurred_at": _times(seen["at"]),
    }  # fmt: skip
    table |= {name: _said(seen[name], vocabulary.VOCABULARIES[name]) for name in _WORDS}
    table["facts"] = _said_facts(seen["facts"])
    table |= {name: pa.array(seen[name], from_pandas=True) for name in _NUMBERS}
    table |= {
        "promised_at": _times(seen["promised_at"]), "text": pa.array(recorded.text, pa.string()),
        "language": _said(recorded.language, vocabulary.LANGUAGES), "team_id": _said(recorded.team, _team_names()),
        "agent_id": _numbered("A", recorded.agent, where=recorded.agent >= 0),
        "location_id": _said(placed, [f"shop-{_slug(name)}" for name in world.REGIONS]),
        "caused_by": _caused_by(chunk=chunk, row=row),
    }  # fmt: skip
    return pa.table(table)


def _caused_by(*, chunk: reckoning.Chunk, row: pa.Array) -> pa.Array:
    """Return recorded causes: `source:id` where the cause came from another system."""
    cause, source = chunk.columns["cause"], chunk.columns["source"]
    linked = chunk.recorded.linked
    ids = row.take(pa.array(np.where(linked, cause, 0))) if len(row) else row
    elsewhere = _said(source[cause], [f"{name}:" for name in vocabulary.SOURCES])
    prefix = pc.if_else(pa.array(source[cause] != source), elsewhere, "")
    joined = pc.binary_join_element_wise(prefix, ids, "")
    return pc.if_else(pa.array(linked), joined, pa.scalar(None, pa.string()))


def _truth(
    *, chunk: reckoning.Chunk, found: reckoning.Losses, landmarks: reckoning.Table, who: pa.Array, row: pa.Array
) -> dict[str, pa.Table]:
    tables = {"losses": _lost(chunk=chunk, table=found.losses, who=who, row=row)}
    tables["effects"] = _effects(chunk=chunk, table=found.effects, who=who, row=row)
    effect = np.flatnonzero(chunk.columns["cause"] >= 0)
    tables["links"] = pa.table(
        {"interaction_id": row.take(pa.array(effect)), "caused_by": row.take(pa.array(chunk.columns["cause"][effect]))}
    )
    if landmarks:
        marked = {name: pa.array(values, from_pandas=True) for name, values in landmarks.items()
                  if name not in ("customer", "landmark")}  # fmt: skip
        ids = who.take(pa.array(landmarks["customer"]))
        tables["landmarks"] = pa.table({"customer_id": ids, "landmark": _times(landmarks["landmark"]), **marked})
    return tables


def _lost(*, chunk: reckoning.Chunk, table: reckoning.Table, who: pa.Array, row: pa.Array) -> pa.Table:
    written = {
        "customer_id": who.take(pa.array(table["customer"])), "left_at": _times(table["left_at"]),
        "attributable": pa.array(table["attributable"]), "named_attributable": pa.array(table["named_attributable"]),
        "cause": _said(table["cause"], reckoning.CAUSES), "intent": pa.array(table["intent"]),
    }  # fmt: skip
    for name in ("top", "root", "top_root", "named_top", "named_root", "named_top_root"):
        written[f"{name}_interaction_id"] = _ids(row, table[name])
        department = reckoning.departments(columns=chunk.columns, rows=table[name])
        written[f"{name}_department"] = _said(department, vocabulary.DEPARTMENTS)
    return pa.table(written)


def _effects(*, chunk: reckoning.Chunk, table: reckoning.Table, who: pa.Array, row: pa.Array) -> pa.Table:
    named = ("effect", "deletion", "p_would_have_stayed", "named_effect", "named_deletion")
    department = reckoning.departments(columns=chunk.columns, rows=table["row"])
    began = reckoning.departments(columns=chunk.columns, rows=table["root"])
    return pa.table({
        "customer_id": who.take(pa.array(table["customer"])), "interaction_id": _ids(row, table["row"]),
        "department": _said(department, vocabulary.DEPARTMENTS), **{name: pa.array(table[name]) for name in named},
        "root_interaction_id": _ids(row, table["root"]), "root_department": _said(began, vocabulary.DEPARTMENTS),
    })  # fmt: skip


def _law(*, operator: world.World, base: leaving.Base) -> dict[str, Any]:
    described = operator.described()
    described["formula"] = (hazard.__doc__ or "").strip()
    described["intercept"] = base.intercept
    described["ahead"] = {
        str(horizon): {"log_foreseen": base.levels[number].tolist(), "factor": base.ahead[number].tolist()}
        for number, horizon in enumerate(hazard.HORIZONS)
    }
    return described


def _said(codes: NDArray[Any], words: Sequence[str]) -> pa.Array:
    """Return codes as words; null where negative."""
    return pa.array(words, pa.string()).take(pa.array(codes.astype(np.int64), mask=np.asarray(codes) < 0))


def _said_facts(mask: NDArray[np.int64]) -> pa.Array:
    said = _FACTS.take(pa.array(mask))
    return pc.if_else(pa.array(mask > 0), said, pa.scalar(None, pa.string()))


def _ids(row: pa.Array, rows: NDArray[np.int64]) -> pa.Array:
    return row.take(pa.array(rows, mask=rows < 0))


def _numbered(prefix: str, numbers: NDArray[np.int64], where: NDArray[np.bool_] | None = None) -> pa.Array:
    digits = pc.cast(pa.array(numbers, mask=None if where is None else ~where), pa.string())
    return pc.binary_join_element_wise(prefix, digits, "")


def _times(days: NDArray[np.float64]) -> pa.Array:
    """Return days since 1970 as ISO 8601 texts to the second, null where NaN."""
    unknown = ~np.isfinite(days)
    seconds = np.floor(np.where(unknown, 0, days) * _DAY_SECONDS).astype(np.int64)
    return pc.strftime(pa.array(seconds, pa.timestamp("s"), mask=unknown), format="%Y-%m-%dT%H:%M:%SZ")


def _team_names() -> list[str]:
    return [f"{department}-{_slug(region)}-{number + 1}" for department in vocabulary.DEPARTMENTS
            for region in world.REGIONS for number in range(10)]  # fmt: skip


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")
