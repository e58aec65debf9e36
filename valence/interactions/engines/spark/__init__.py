"""Apache Spark over the log's files: questions through Ibis, and work per customer on as many machines as there are.

Spark reads the Parquet files that the Delta log names, not the Delta table: its own reader of Delta comes from a hub
of packages, and what it would add (which files, at which version) the view knows already.
"""

from __future__ import annotations

import pickle
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import ibis
import pyarrow as pa

from valence.interactions import by_time, engines, rows_seen
from valence.interactions import columns as log_columns
from valence.interactions.engines.spark import cluster, working
from valence.interactions.view import View

T = TypeVar("T")


class Spark:
    """The engine of many machines. They see the data folder under the same path: a shared file system."""

    keeps_to_days = False

    def ask(
        self,
        *,
        view: View,
        question: engines.Question,
        as_of: float | None,
        beside: Mapping[str, Any] | None = None,
        within: by_time.Stretch = by_time.EVER,
    ) -> list[dict[str, Any]]:
        """Answer a question about the whole log, whichever stretch of time it looks at."""
        with _files_of(view):
            session = cluster.session().newSession()  # what one question names, another one does not see
            connection = ibis.pyspark.connect(session)
            for name, table in (beside or {}).items():
                _put(session, name, table if isinstance(table, pa.Table) else pa.Table.from_pandas(table))
            _put_rows(session, view)
            rows = rows_seen.current(rows=connection.table("stored_rows"), as_of=as_of, revised=view.revised)
            rows = rows_seen.within(rows=rows, within=within)
            if len(view.merged):
                keys = pa.table({"written_as": view.merged.keys, "read_as": view.merged.canonical})
                rows = rows_seen.as_one(rows=rows, several=_put(session, "merged_keys", keys, connection))
            answer = question(rows).as_table()
            name = f"answer_{secrets.token_hex(4)}"
            connection.create_view(name, answer)
            said: list[dict[str, Any]] = session.table(name).toArrow().cast(_schema(answer)).to_pylist()
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
        """Have buckets worked on side by side, as many at a time as the cluster has cores, and give what came of them.

        The log lies in buckets of customers already: nothing is shuffled, a bucket's files are read where they are
        worked on. `function` travels there, with what it holds on to, once for each machine; what it is given of a
        bucket travels with that bucket.
        """
        names = log_columns.needed(columns=columns)
        loose = log_columns.by_bucket(table=view.unsorted(names=names))
        parts = [part for bucket in buckets if (part := _part(view, bucket, loose.pop(bucket, None)))]
        context = cluster.session().sparkContext
        work = context.broadcast(working.packed(function=function, columns=columns, as_of=as_of))
        try:
            at_once = max(1, context.defaultParallelism)
            for start in range(0, len(parts), at_once):
                wave = [working.given(part=part, function=function) for part in parts[start : start + at_once]]
                yield from _worked_on(context, work, wave)
        finally:
            work.destroy()


ENGINE = Spark()


def _schema(answer: ibis.Table) -> pa.Schema:
    """Return how an answer is told. Its moments are in UTC: Spark knows that and does not say so."""
    told = answer.schema().to_pyarrow()
    return pa.schema([one.with_type(_in_utc(one.type)) for one in told])


def _in_utc(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp(kind.unit, tz="UTC") if pa.types.is_timestamp(kind) else kind


def _worked_on(context: Any, work: Any, wave: Sequence[working.Part]) -> Iterator[tuple[int, Any]]:
    plain = [tuple(part) for part in wave]  # a class of ours would be imported before there are settings
    for bucket, state, made in context.parallelize(plain, len(plain)).map(working.on_worker(work)).collect():
        found = pickle.loads(made)
        if state == working.RAISED:
            raise found
        if state == working.MADE:
            yield bucket, found


def _part(view: View, bucket: int, loose: pa.Table | None) -> working.Part | None:
    files = view.snapshot.of_bucket(bucket)
    if not files and loose is None:
        return None
    revised = view.revises(files=files, loose=loose)
    return working.Part(bucket, view.paths(files=files), working.written(loose), revised)


def _put_rows(session: Any, view: View) -> None:
    """Put the log's files and the rows that wait together as the table `stored_rows`."""
    names = log_columns.asked()
    paths = [f"file://{path}" for path in view.paths(files=view.snapshot.files)]
    found = session.createDataFrame(_plain(view.waiting.select(names)))
    if paths:
        stored = session.read.schema(found.schema).parquet(*paths)
        found = stored.unionByName(found) if len(view.waiting) else stored
    found.createOrReplaceTempView("stored_rows")


def _put(session: Any, name: str, table: pa.Table, connection: Any = None) -> Any:
    session.createDataFrame(_plain(table)).createOrReplaceTempView(name)
    return connection.table(name) if connection else None


def _plain(table: pa.Table) -> pa.Table:
    """Return a table without what Spark's reader of Arrow does not know: dictionaries, metadata of pandas."""
    schema = pa.schema([(field.name, _kind(field.type)) for field in table.schema])
    return table.replace_schema_metadata(None).cast(schema)


def _kind(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


@contextmanager
def _files_of(view: View) -> Iterator[None]:
    """Say FileNotFoundError where Spark failed because a file of the view is gone."""
    try:
        yield
    except Exception as problem:
        if cluster.is_sparks(problem) and not all(map(Path.is_file, map(Path, view.paths(files=view.snapshot.files)))):
            raise FileNotFoundError(str(problem)) from problem
        raise
