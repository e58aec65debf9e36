"""DuckDB in memory over the log's files, asked through Ibis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from valence import terms
from valence.interactions import by_time, engines, rows_seen, sorted_rows
from valence.interactions import columns as log_columns
from valence.interactions.view import View

T = TypeVar("T")
MEMORY = "1GB"
THREADS = 2


class DuckDB:
    """The engine of one machine."""

    keeps_to_days = True

    def ask(
        self,
        *,
        view: View,
        question: engines.Question,
        as_of: float | None,
        beside: Mapping[str, Any] | None = None,
        within: by_time.Stretch = by_time.EVER,
    ) -> list[dict[str, Any]]:
        """Answer a question about the whole log; what does not fit into 1 GB spills into the log's folder.

        Of a stretch of time only the pieces of the log that hold it are opened.
        """
        with _connected(view.snapshot.folder) as connection:
            for name, table in (beside or {}).items():
                connection.con.register(name, table)
            if within.is_all:
                rows = _rows(connection, view.paths(files=view.snapshot.files), view.waiting, log_columns.asked())
                rows = rows_seen.current(rows=rows, as_of=as_of, revised=view.revised)
            else:
                rows = _rows_within(connection, view, within, as_of)
            answer = question(_as_one(connection, rows, view.merged))
            said: list[dict[str, Any]] = connection.to_pyarrow(answer).to_pylist()
        return said

    def per_customer(
        self,
        *,
        view: View,
        buckets: Sequence[int],
        function: engines.Function[T],
        columns: Sequence[str] | None,
        as_of: float | None,
    ) -> Iterator[tuple[int, T]]:
        """Read bucket after bucket, each sorted by customer, and give what the function makes of it.

        This asks DuckDB nothing: Arrow reads what lies sorted in files, and merges it, in less time. The next bucket is
        read while the function is at work.
        """
        unsorted = log_columns.by_bucket(table=view.unsorted(names=log_columns.needed(columns=columns)))

        def read(bucket: int) -> terms.Journeys | None:
            files, loose = view.snapshot.of_bucket(bucket), unsorted.pop(bucket, None)
            if not files and loose is None:
                return None
            table = sorted_rows.read(
                paths=view.paths(files=files), loose=loose, revised=view.revises(files=files, loose=loose),
                columns=columns, as_of=as_of,
            )  # fmt: skip
            return log_columns.journeys_from(table=table, columns=columns) if len(table) else None

        try:
            for bucket, journeys in _one_ahead(read, buckets):
                if journeys is not None:
                    yield bucket, function(bucket, journeys)
        finally:  # else Arrow keeps half a gigabyte of large buckets for itself while what was found is worked on
            pa.default_memory_pool().release_unused()


ENGINE = DuckDB()


def _one_ahead(read: Callable[[int], T], buckets: Sequence[int]) -> Iterator[tuple[int, T]]:
    """Give each bucket with what was read of it, in order, while another thread reads the next one."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(read, buckets[0]) if buckets else None
        for bucket, after in zip_longest(buckets, buckets[1:]):
            assert coming is not None
            found = coming.result()
            coming = None if after is None else beside.submit(read, after)
            yield bucket, found


@contextmanager
def _connected(folder: Path) -> Iterator[Any]:
    connection = ibis.duckdb.connect(
        threads=THREADS,
        memory_limit=MEMORY,
        temp_directory=str(folder / ".spill"),
        autoinstall_known_extensions=False,
    )
    try:
        yield connection
    except duckdb.IOException as error:
        raise FileNotFoundError(str(error)) from error
    finally:
        connection.disconnect()


def _rows(connection: Any, paths: list[str], loose: pa.Table | None, names: list[str]) -> Table:
    """Put files and rows in memory together as one Ibis table."""
    parts = [connection.read_parquet(paths, hive_partitioning=False).select(names)] if paths else []
    if loose is not None and (len(loose) or not parts):
        # registered, not a memtable: an analyst's SQL sees only what the connection itself knows
        name = f"waiting_{len(names)}"
        connection.con.register(name, loose.select(names))
        parts.append(connection.table(name))
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def _rows_within(connection: Any, view: View, within: by_time.Stretch, as_of: float | None) -> Table:
    """Put together what happened in a stretch of time; what supersedes a row is looked for whenever it happened."""
    near = by_time.near(current=view.snapshot, within=within)
    rows = _rows(connection, list(near.paths), view.waiting, log_columns.asked())
    rows = rows_seen.within(rows=rows, within=within)
    newer = _rows(connection, list(near.newer), view.waiting, rows_seen.NEWER) if view.revised else None
    return rows_seen.current_within(rows=rows, newer=newer, as_of=as_of)


def _as_one(connection: Any, rows: Table, merged: terms.Merged) -> Table:
    if not len(merged):
        return rows
    connection.con.register("merged_keys", pa.table({"written_as": merged.keys, "read_as": merged.canonical}))
    return rows_seen.as_one(rows=rows, several=connection.table("merged_keys"))
