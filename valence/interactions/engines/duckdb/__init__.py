"""DuckDB in memory over the log's files, asked through Ibis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from valence import terms
from valence.interactions import columns as log_columns
from valence.interactions import engines, rows_seen, sorted_rows
from valence.interactions.view import View

T = TypeVar("T")
MEMORY = "1GB"
THREADS = 2


class DuckDB:
    """The engine of one machine."""

    def ask(
        self, *, view: View, question: engines.Question, as_of: float | None, beside: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Answer a question about the whole log; what does not fit into 1 GB spills into the log's folder."""
        names = log_columns.needed(columns=None)
        with _connected(view.snapshot.folder) as connection:
            for name, table in (beside or {}).items():
                connection.con.register(name, table)
            rows = _rows(connection, view.paths(files=view.snapshot.files), view.waiting, names)
            rows = rows_seen.current(rows=rows, as_of=as_of, revised=view.revised)
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

        This asks DuckDB nothing: what lies sorted in files is read and merged by Arrow in a third of the time.
        """
        unsorted = log_columns.by_bucket(table=view.unsorted(names=log_columns.needed(columns=columns)))
        for bucket in buckets:
            files, loose = view.snapshot.of_bucket(bucket), unsorted.pop(bucket, None)
            if files or loose is not None:
                table = sorted_rows.read(
                    paths=view.paths(files=files), loose=loose, revised=view.revises(files=files, loose=loose),
                    columns=columns, as_of=as_of,
                )  # fmt: skip
                if len(table):
                    yield bucket, function(bucket, log_columns.journeys_from(table=table, columns=columns))


ENGINE = DuckDB()


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
        connection.con.register("waiting", loose.select(names))
        parts.append(connection.table("waiting"))
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def _as_one(connection: Any, rows: Table, merged: terms.Merged) -> Table:
    if not len(merged):
        return rows
    connection.con.register("merged_keys", pa.table({"written_as": merged.keys, "read_as": merged.canonical}))
    return rows_seen.as_one(rows=rows, several=connection.table("merged_keys"))
