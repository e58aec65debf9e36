"""What the rest of Valence reads: journeys of some customers, of all of them, one interaction, and questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from numpy.typing import NDArray

from valence import terms
from valence.customers import identities
from valence.interactions import by_time, delta, engines, view
from valence.interactions import columns as log_columns
from valence.interactions.delta import LogFile
from valence.interactions.sql import StoreUnavailable
from valence.terms import Interaction, Journeys, Progress

T = TypeVar("T")
TRIES = 5
FOOTERS = 1_024
FIRST_ROWS = 30_000
LEAST_WIDER, MOST_WIDER = 8, 64


def journeys_of(*, keys: Sequence[int], columns: Sequence[str] | None = None, as_of: float | None = None) -> Journeys:
    """Return the journeys of some customers, newest revisions only; customers without interactions are left out.

    A customer whom several keys name has one journey, under the key they are read by; any of the keys asks for it.
    `as_of` (days): only what was recorded and had happened by then. `columns` None: all of them.
    Raises StoreUnavailable where inbox or log cannot be read.
    """
    names = log_columns.needed(columns=columns)
    table = _tried_again(partial(_rows_of, keys=keys, names=names, as_of=as_of))
    return log_columns.journeys_from(table=log_columns.in_order(table=table), columns=columns)


def per_customer(
    *,
    function: engines.Function[T],
    columns: Sequence[str] | None = None,
    as_of: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[T]:
    """Give what `function` makes of every customer's journey, bucket by bucket, in the memory of one bucket.

    A large bucket comes in portions of about terms.ROWS_AT_ONCE interactions; what is Given something with each bucket
    gets the whole of it.
    Customers whom several keys name are worked on in buckets of their own, from terms.BUCKETS on: Merged.buckets_of.
    Buckets without rows are left out. Raises StoreUnavailable where inbox or log cannot be read.
    """
    merged = identities.merged()
    for made in _bucket_by_bucket(_leaving_out(merged, function), columns, as_of, progress):
        yield from made
    ones = np.unique(merged.canonical)
    buckets = merged.buckets_of(ones)
    for bucket in np.unique(buckets).tolist():
        journeys = journeys_of(keys=ones[buckets == bucket].tolist(), columns=columns, as_of=as_of)
        if len(journeys.keys):
            yield function(bucket, journeys)


def _leaving_out(merged: terms.Merged, function: engines.Function[T]) -> engines.Function[tuple[T, ...]]:
    """Return the function without the customers whom several keys name; it gives nothing where nobody else is."""
    inner = function.function if isinstance(function, engines.Given) else function

    def of_others(bucket: int, journeys: Journeys, /, *given: Any) -> tuple[T, ...]:
        stays = ~np.isin(journeys.keys, merged.keys)
        others = journeys if stays.all() else journeys.aligned_to(journeys.keys[stays])
        portions = [others] if given else others.portions(most=terms.ROWS_AT_ONCE)
        return tuple(inner(bucket, some, *given) for some in portions if len(some.keys))

    return engines.Given(of_others, function.of) if isinstance(function, engines.Given) else of_others


def _bucket_by_bucket(
    function: engines.Function[T],
    columns: Sequence[str] | None,
    as_of: float | None,
    progress: Callable[[Progress], None] | None,
) -> Iterator[T]:
    left = list(range(terms.BUCKETS))
    for _ in range(TRIES):
        try:
            for bucket, made in engines.chosen().per_customer(
                view=view.now(), buckets=tuple(left), function=function, columns=columns, as_of=as_of
            ):
                left.remove(bucket)
                if progress:
                    progress(Progress(done=bucket + 1, total=terms.BUCKETS, words="Reading the log"))
                yield made
            return
        except FileNotFoundError:
            continue  # erasing took a file away: a newer view has the same rows elsewhere
    raise StoreUnavailable("the log's files go away while they are read")


def ask(
    *,
    question: engines.Question,
    as_of: float | None = None,
    beside: Mapping[str, Any] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[dict[str, Any]]:
    """Return the rows that answer an Ibis question on everything that was admitted.

    The table has a column for each field of an interaction; empty text is null. `beside`: further tables (Arrow or
    pandas) by the names under which the question's backend knows them. With `since` or `until` the table holds only
    what happened at or after the one and before the other, at the cost of that stretch of time and not of the log's.
    Raises StoreUnavailable where inbox or log cannot be read.
    """
    return _asked(question, as_of, beside, by_time.between(since=since, until=until))


def latest(
    *,
    question: engines.Question,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    as_of: float | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of a question that gives single interactions, the latest first, at most `limit` of them,
    of what happened at or after `since` and before `until`.

    It is asked of the newest stretch of time, and of ever longer ones until `limit` rows are found: the cost is that of
    the rows of a page, not of the log, unless hardly any interaction is meant. Raises StoreUnavailable as `ask` does.
    """
    asked, rows = by_time.between(since=since, until=until), FIRST_ROWS
    while True:
        begin = _begin_of(rows, until=asked.until)
        is_last = begin is None or (asked.since is not None and begin <= asked.since)
        found = _asked(question, as_of, None, asked if is_last else by_time.Stretch(begin, asked.until))
        if len(found) >= limit or is_last:
            return found
        rows *= min(MOST_WIDER, max(LEAST_WIDER, 2 * limit // max(1, len(found))))


def _begin_of(rows: int, *, until: int | None) -> int | None:
    """Return since when about so many rows happened, None where asking for fewer days than all saves nothing."""
    if not engines.chosen().keeps_to_days:
        return None
    return by_time.begin_of(current=delta.snapshot(folder=Path(settings.HOME.log)), until=until, rows=rows)


def _asked(
    question: engines.Question, as_of: float | None, beside: Mapping[str, Any] | None, within: by_time.Stretch
) -> list[dict[str, Any]]:
    return _tried_again(
        lambda: engines.chosen().ask(view=view.now(), question=question, as_of=as_of, beside=beside, within=within)
    )


def point(*, source: str, interaction_id: str, customer_key: int) -> Interaction | None:
    """Return the newest revision of one interaction under the key its customer is read by; None where there is none."""
    names = log_columns.needed(columns=None)
    rows = _tried_again(partial(_rows_of, keys=[customer_key], names=names, as_of=None))
    same = pc.and_(pc.equal(rows["source"], source), pc.equal(rows["interaction_id"], interaction_id))
    found = log_columns.interactions_of(table=rows.filter(same))
    return found[0] if found else None


def as_journeys(*, interactions: Sequence[Interaction]) -> Journeys:
    """Return interactions that were just admitted as Journeys with all columns, under the keys they are read by."""
    return _under_one_key(log_columns.table_of_interactions(interactions=interactions))


def arrived(*, rows: Sequence[tuple[int, bytes]]) -> Journeys:
    """Return rows (seq, payload) of the inbox as Journeys, as `as_journeys` does; those that withdraw are left out."""
    table = log_columns.table_of(rows=rows)
    return _under_one_key(table.filter(pc.is_valid(table["kind"])) if table["kind"].null_count else table)


def _under_one_key(table: pa.Table) -> Journeys:
    one = log_columns.as_one(table=table, merged=identities.merged())
    return log_columns.journeys_from(table=log_columns.in_order(table=one), columns=None)


class Footer(NamedTuple):
    """The end of a data file: where its row groups lie and which range of customer keys each one holds."""

    metadata: pq.FileMetaData
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def _rows_of(*, keys: Sequence[int], names: list[str], as_of: float | None) -> pa.Table:
    """Read only the row groups in which the customers' rows may lie: the cost is theirs, not the log's."""
    now = view.now(keys=keys)
    wanted = now.merged.written_as(np.asarray(keys, dtype=np.int64))
    parts = [now.waiting.select(names)]
    revised = view.has_revisions(table=now.waiting)
    for file in _near(now.snapshot, wanted):
        found = _rows_in(now.snapshot.folder / file.path, wanted, names)
        revised = revised or (file.revised and len(found) > 0)
        parts.append(found)
    current = log_columns.current(table=pa.concat_tables(parts), as_of=as_of, revised=revised)
    return log_columns.as_one(table=current, merged=now.merged)


def _near(snapshot: delta.Snapshot, wanted: NDArray[np.int64]) -> list[LogFile]:
    buckets = {*(wanted % terms.BUCKETS).tolist(), delta.LOOSE}
    near = [file for file in snapshot.files if file.bucket in buckets]
    return [file for file in near if np.searchsorted(wanted, file.low) < np.searchsorted(wanted, file.high, "right")]


def _rows_in(path: Path, wanted: NDArray[np.int64], names: list[str]) -> pa.Table:
    footer = _footer(path)
    first, last = np.searchsorted(wanted, footer.low), np.searchsorted(wanted, footer.high, "right")
    groups = np.flatnonzero(first < last).tolist()
    with pq.ParquetFile(path, metadata=footer.metadata, memory_map=True) as file:
        rows = file.read_row_groups(groups, columns=names, use_threads=False)
    return rows.filter(pc.is_in(rows["customer_key"], value_set=pa.array(wanted)))


@lru_cache(maxsize=FOOTERS)
def _footer(path: Path) -> Footer:
    """Read a file's end once: data files never change."""
    metadata = pq.read_metadata(path)
    place = metadata.schema.names.index("customer_key")
    ranges = [metadata.row_group(group).column(place).statistics for group in range(metadata.num_row_groups)]
    return Footer(metadata, np.array([one.min for one in ranges]), np.array([one.max for one in ranges]))


def _tried_again(read: Callable[[], T]) -> T:
    """Read again from a newer version where a file went away under the reader, as erasing does."""
    for _ in range(TRIES - 1):
        try:
            return read()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreUnavailable(f"the log cannot be read: {error}") from error
    with delta.failures_named():
        return read()
