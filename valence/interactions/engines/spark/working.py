"""What happens on a worker: read one bucket's files, call the function, send back what it made of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
from django.conf import settings

from valence.interactions import engines

MADE, NOTHING, RAISED = "made", "nothing", "raised"


class Part(NamedTuple):
    """One bucket to work on: its files, its rows that no compaction sorted yet (Arrow's own format, b"" none).

    given: what the function needs to know of this bucket besides, pickled as a tuple; b"" nothing.
    """

    bucket: int
    paths: list[str]
    loose: bytes
    revised: bool
    given: bytes = b""


def written(table: pa.Table | None) -> bytes:
    """Return a table as bytes that travel."""
    if table is None:
        return b""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def packed(*, function: engines.Function[Any], columns: Sequence[str] | None, as_of: float | None) -> tuple[str, bytes]:
    """Return the data folder, and the function with what it needs, as bytes that travel."""
    from pyspark import cloudpickle

    alone = function.function if isinstance(function, engines.Given) else function
    thought: bytes = cloudpickle.dumps((alone, columns, as_of))
    return str(settings.HOME.folder), thought


def given(*, part: Part, function: engines.Function[Any]) -> Part:
    """Return a part with what the function is given of its bucket."""
    if not isinstance(function, engines.Given):
        return part
    return part._replace(given=pickle.dumps((function.of(part.bucket),)))


def on_worker(work: Any) -> Callable[[tuple[Any, ...]], tuple[int, str, bytes]]:
    """Return what a worker runs for each part, a plain tuple; it imports nothing of Valence before its settings."""

    def run(part: tuple[Any, ...]) -> tuple[int, str, bytes]:
        import os

        import django
        from django.apps import apps

        folder, thought = work.value
        if not apps.ready:
            os.environ["VALENCE_HOME"] = folder
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            from valence import home

            home.only_look()  # a worker reads: it makes no folder, and needs no key
            django.setup()
        from valence.interactions.engines.spark import working

        return working.made(thought=thought, part=working.Part(*part))

    return run


def made(*, thought: bytes, part: Part) -> tuple[int, str, bytes]:
    """Return the bucket, MADE, NOTHING or RAISED, and the function's value or its error as bytes."""
    from pyspark import cloudpickle

    from valence.interactions import columns as log_columns
    from valence.interactions import sorted_rows

    function, columns, as_of = cloudpickle.loads(thought)
    loose = pa.ipc.open_stream(part.loose).read_all() if part.loose else None
    try:
        table = sorted_rows.read(paths=part.paths, loose=loose, revised=part.revised, columns=columns, as_of=as_of)
        if not len(table):
            return part.bucket, NOTHING, pickle.dumps(None)
        beside = pickle.loads(part.given) if part.given else ()
        found = function(part.bucket, log_columns.journeys_from(table=table, columns=columns), *beside)
        return part.bucket, MADE, pickle.dumps(found)
    except Exception as problem:
        return part.bucket, RAISED, pickle.dumps(problem)
