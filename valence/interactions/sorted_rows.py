"""One bucket's rows in order, read from files alone. What lies sorted in files is merged, not sorted anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from valence import terms
from valence.interactions import columns as log_columns

KEYS = ("customer_key", "occurred_at", "recorded_at")
NAMES = ("source", "interaction_id")
CODED = [name for name in terms.WORD_COLUMNS if name not in NAMES]


def read(
    *, paths: Sequence[str], loose: pa.Table | None, revised: bool, columns: Sequence[str] | None, as_of: float | None
) -> pa.Table:
    """Return the rows of a bucket, whatever it is made of, sorted by customer, time, source and id.

    Where nothing can supersede anything, what only tells rows apart is not read: half of what there is, mostly.
    """
    if revised:
        parts = _parts(paths, loose, log_columns.needed(columns=columns))
        table = log_columns.current(table=pa.concat_tables(parts), as_of=as_of, revised=True)
        return log_columns.in_order(table=table)
    names = [name for name in log_columns.needed(columns=columns) if columns is None or name in (*KEYS, *columns)]
    parts = _parts(paths, loose, names)
    if len(parts) > 1 or loose is not None:
        parts = [_merged(parts, paths, loose)]
    return log_columns.current(table=parts[0], as_of=as_of, revised=False)


def _parts(paths: Sequence[str], loose: pa.Table | None, names: Sequence[str]) -> list[pa.Table]:
    """Return the wanted columns of each file, then of what is loose; words come as codes, as they lie in the files."""
    coded = [name for name in CODED if name in names]
    tables = [_read(path, list(names), coded) for path in paths]
    tables += [loose.select(list(names))] if loose is not None else []
    kinds = {name: log_columns.TYPES[name] for name in names} | dict.fromkeys(coded, log_columns.CODES)
    schema = pa.schema([(name, kinds[name]) for name in names])
    return [table.select(list(names)).cast(schema) for table in tables]


def _read(path: str, names: list[str], coded: list[str]) -> pa.Table:
    """Read a file by itself: as a set of files, which Arrow makes of it otherwise, it takes twice as long."""
    with pq.ParquetFile(path, read_dictionary=coded, memory_map=True) as file:
        return file.read(columns=names)


def _merged(parts: Sequence[pa.Table], paths: Sequence[str], loose: pa.Table | None) -> pa.Table:
    """Put sorted parts together. Names are read only where rows of two parts share customer and time."""
    table = pa.concat_tables(parts)
    order, same = log_columns.order_of(table=table)
    part = np.repeat(np.arange(len(parts)), [len(one) for one in parts])[order]
    if not _is_doubtful(part, same, unsorted=len(parts) - 1 if loose is not None else -1):
        return table.take(order)
    names = pa.concat_tables(_parts(paths, loose, NAMES))
    for name in NAMES:
        table = table if name in table.column_names else table.append_column(name, names[name])
    return log_columns.in_order(table=table)


def _is_doubtful(part: NDArray[np.int64], same: NDArray[np.bool_], *, unsorted: int) -> bool:
    """Say whether rows of one customer and time may stand in the wrong order: a file's own stand in the right one."""
    return bool(np.any(same & ((part[1:] != part[:-1]) | (part[1:] == unsorted))))
