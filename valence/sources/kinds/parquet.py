"""Parquet: columns by name, of any type that a text, a number or a time can be read from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from valence.sources import translating
from valence.sources.files import PIECE, Examined, Layout, Piece, Reading, WrongFile

SHOWN = 5
BROKEN = (pa.ArrowException, OSError)


def examine(*, path: Path, layout: Layout | None = None) -> Examined:
    """Return the columns and the first records of a file. Raises WrongFile."""
    if path.stat().st_size == 0:
        raise WrongFile("The file is empty.")
    try:
        file = pq.ParquetFile(path)
        first = next(file.iter_batches(batch_size=SHOWN), None)
    except BROKEN:
        raise WrongFile("The file is not Parquet, or it is cut off.") from None
    if first is None or not file.metadata.num_rows:
        raise WrongFile("The file has columns but no record.")
    rows = zip(*(_plain(column) for column in first.columns), strict=True)
    return Examined(columns=tuple(first.schema.names), first=tuple(rows), records=file.metadata.num_rows)


def sample(*, path: Path, layout: Layout | None, most: int) -> list[list[Any]]:
    """Return the first records of a file."""
    try:
        batches = pq.ParquetFile(path).iter_batches(batch_size=PIECE)
        rows = (row for batch in batches for row in zip(*map(_plain, batch.columns), strict=True))
        return [list(row) for row in itertools.islice(rows, most)]
    except BROKEN:
        raise WrongFile("The file is not Parquet, or it is cut off.") from None


def pieces(*, path: Path, reading: Reading, start: int) -> Iterator[Piece]:
    """Yield the records after the first `start`, in pieces of 5,000. Raises WrongFile where the file breaks off."""
    memory = translating.Memory()
    done = 0
    skip = 0 if reading.id_from else start
    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=PIECE):
            skipped = min(max(skip - done, 0), len(batch))
            done += len(batch)
            if skipped < len(batch):
                piece = _piece(batch.slice(skipped), done - len(batch) + skipped, reading, memory)
                if done > start:
                    yield piece
    except BROKEN:
        raise WrongFile(f"The file breaks off after record {done}.") from None


def _piece(batch: pa.RecordBatch, done: int, reading: Reading, memory: translating.Memory) -> Piece:
    return translating.piece(
        columns={name: _plain(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)},
        numbers=range(done + 1, done + len(batch) + 1),
        unreadable={},
        reading=reading,
        memory=memory,
        resume_at=done + len(batch),
    )


def _plain(column: pa.Array) -> list[Any]:
    """Return a column as plain values; dates and times as datetimes, to the microsecond."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        zone = getattr(column.type, "tz", None)
        column = column.cast(pa.timestamp("us", tz=zone), safe=False)
    values: list[Any] = column.to_pylist()
    if pa.types.is_decimal(column.type):
        return [None if value is None else float(value) for value in values]
    return values
