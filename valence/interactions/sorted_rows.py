"""One bucket's rows in order, read from files alone: without sorting where one file holds them all."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from valence.interactions import columns as log_columns

KEYS = ("customer_key", "occurred_at", "recorded_at")


def is_in_order(*, files: int, loose: bool, revised: bool) -> bool:
    """Say whether a bucket's rows lie in order already: compaction sorts each file, and nothing supersedes them."""
    return files == 1 and not loose and not revised


def read_in_order(*, path: str, columns: Sequence[str] | None, as_of: float | None) -> pa.Table:
    """Return the rows of a sorted file that holds all of a bucket.

    What would sort them and tell revisions apart is not read: half of what there is to read, mostly.
    """
    names = [name for name in log_columns.needed(columns=columns) if columns is None or name in (*KEYS, *columns)]
    table = pq.read_table(path, columns=names, partitioning=None)
    return log_columns.current(table=table, as_of=as_of, revised=False)


def read(
    *, paths: Sequence[str], loose: pa.Table | None, revised: bool, columns: Sequence[str] | None, as_of: float | None
) -> pa.Table:
    """Return the rows of a bucket, whatever it is made of, sorted by customer and time."""
    if is_in_order(files=len(paths), loose=loose is not None, revised=revised):
        return read_in_order(path=paths[0], columns=columns, as_of=as_of)
    names = log_columns.needed(columns=columns)
    schema = pa.schema([log_columns.SCHEMA.field(name) for name in names])
    tables = [pq.read_table(path, columns=names, partitioning=None) for path in paths]
    tables += [loose.select(names)] if loose is not None else []
    table = pa.concat_tables([one.cast(schema) for one in tables])
    return log_columns.in_order(table=log_columns.current(table=table, as_of=as_of, revised=revised))
