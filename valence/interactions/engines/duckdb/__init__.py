"""DuckDB in memory over the log's files, asked through Ibis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from valence import terms
from valence.interactions import columns as log_columns
from valence.interactions import engines, rows_seen, sorted_rows
from valence.interactions.view import View, has_revisions

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
        """Read bucket after bucket, each sorted by customer, and give what the function makes of it."""
        names = log_columns.needed(columns=columns)
        unsorted = log_columns.by_bucket(table=view.unsorted(names=names))
        with _connected(view.snapshot.folder) as connection:
            plans = Plans(connection=connection, as_of=as_of)
            for bucket in buckets:
                loose = unsorted.pop(bucket, None)
                table = _in_order(view, bucket, loose, columns, as_of)
                if table is None:
                    table = _bucket(plans, view, bucket, loose, names)
                if table is not None and len(table):
                    yield bucket, function(bucket, log_columns.journeys_from(table=table, columns=columns))


@dataclass
class Plans:
    """The SQL that reads one bucket, made by Ibis once and used for all of them: making it costs more than running."""

    connection: Any
    as_of: float | None
    sql: dict[bool, str] = field(default_factory=dict)

    def read(self, *, revised: bool) -> pa.Table:
        """Return the rows of the views `stored` and `loose`, sorted by customer."""
        if revised not in self.sql:
            rows = self.connection.table("stored").union(self.connection.table("loose"))
            seen = rows_seen.current(rows=rows, as_of=self.as_of, revised=revised)
            self.sql[revised] = self.connection.compile(seen.order_by(list(log_columns.ORDER)))
        return self.connection.con.execute(self.sql[revised]).to_arrow_table()


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


def _in_order(
    view: View, bucket: int, loose: pa.Table | None, columns: Sequence[str] | None, as_of: float | None
) -> pa.Table | None:
    """Return the rows of a bucket that need no sorting; None where they do."""
    files = view.snapshot.of_bucket(bucket)
    revised = any(file.revised for file in files)
    if not sorted_rows.is_in_order(files=len(files), loose=loose is not None, revised=revised):
        return None
    return sorted_rows.read_in_order(path=view.paths(files=files)[0], columns=columns, as_of=as_of)


def _bucket(plans: Plans, view: View, bucket: int, loose: pa.Table | None, names: list[str]) -> pa.Table | None:
    files = view.snapshot.of_bucket(bucket)
    if not files and loose is None:
        return None
    revised = any(file.revised for file in files) or (loose is not None and has_revisions(table=loose))
    raw = plans.connection.con
    raw.register("loose", view.waiting.select(names).slice(0, 0) if loose is None else loose)
    raw.execute(f"CREATE OR REPLACE TEMP VIEW stored AS {_select(view.paths(files=files), names)}")
    return plans.read(revised=revised)


def _select(paths: list[str], names: list[str]) -> str:
    if not paths:
        return "SELECT * FROM loose LIMIT 0"
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"SELECT {', '.join(names)} FROM read_parquet([{quoted}], hive_partitioning = false)"


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
