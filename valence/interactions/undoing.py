"""Taking rows out of inbox, log and the list of what was seen, so that they can come again as if for the first time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from valence import terms
from valence.interactions import columns, delta, hashes, inbox, log, portions, sql
from valence.interactions.delta import LogFile
from valence.interactions.portions import Ranges, Seqs
from valence.terms import Interaction, Progress

NAMES = ["seq", "customer_key", "source", "interaction_id", "revision", "kind"]
AT_ONCE = 5_000
Id = tuple[str, str]
"""Source and id of an interaction."""


@dataclass(frozen=True)
class Rows:
    """Rows of an import that lie in the log (n,): where each stands, whose it is, what it is."""

    seqs: Seqs
    keys: Seqs
    sources: Sequence[str]
    ids: Sequence[str]
    revisions: Seqs
    withdraws: NDArray[np.bool_]
    entries: NDArray[np.bytes_]

    def __len__(self) -> int:
        return len(self.seqs)

    def taken(self, which: NDArray[np.bool_]) -> Rows:
        """Return only the rows where `which` (n,) holds."""
        places = np.flatnonzero(which).tolist()
        return Rows(
            self.seqs[places], self.keys[places], [self.sources[place] for place in places],
            [self.ids[place] for place in places], self.revisions[places], self.withdraws[places], self.entries[places],
        )  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """One stored row of an interaction. `interaction` is None where it only withdraws it from a customer."""

    seq: int
    id: Id
    key: int
    revision: int
    interaction: Interaction | None
    waits: bool


@contextmanager
def held() -> Iterator[None]:
    """Be the only one who moves rows: nothing is flushed, sorted or erased meanwhile. Arrivals go on."""
    with log.held():
        yield


def rows_of(*, bucket: int, owned: Ranges, decided: Seqs) -> Rows:
    """Return the rows of one bucket that an import brought and about which its undo has not decided yet."""
    place = log.folder()
    files = delta.snapshot(folder=place).of_bucket(bucket)
    parts = [
        _mine(pq.read_table(place / file.path, columns=NAMES, partitioning=None), owned, decided) for file in files
    ]
    table = pa.concat_tables([columns.SCHEMA.empty_table().select(NAMES), *parts])
    sources, ids = table["source"].to_pylist(), table["interaction_id"].to_pylist()
    entries = hashes.of_rows(ids=zip(sources, ids, strict=True))
    return Rows(
        seqs=table["seq"].to_numpy(),
        keys=table["customer_key"].to_numpy(),
        sources=sources,
        ids=ids,
        revisions=table["revision"].to_numpy().astype(np.int64),
        withdraws=pc.is_null(table["kind"]).to_numpy(),
        entries=np.array(entries, portions.HASH),
    )


def several() -> NDArray[np.bytes_]:
    """Return, in order, the hashes of all interactions that have more than one row, or one of a higher revision."""
    place = log.folder()
    found: set[bytes] = set()
    for file in delta.snapshot(folder=place).files:
        if file.revised:
            table = pq.read_table(place / file.path, columns=NAMES, partitioning=None)
            found |= _revised(table)
    waiting = columns.table_of(rows=inbox.rows_after(seq=0, limit=1 << 62))
    return np.array(sorted(found | _revised(waiting)), portions.HASH)


def seen_once(*, entries: Sequence[bytes]) -> set[bytes]:
    """Return those interactions of which the list of what was seen knows one row and no other."""
    found: set[bytes] = set()
    with sql.reading() as cursor:
        for part in _parts(entries):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(
                f"SELECT row_hash FROM valence_seen WHERE revision = 0 AND row_hash IN ({marks})", list(part)
            )
            found |= {bytes(row[0]) for row in cursor.fetchall()}
    return found


def forget(*, entries: Sequence[bytes]) -> None:
    """Forget that rows were seen: they may come again. Call it in the transaction that decides about them."""
    with sql.writing() as cursor:
        for part in _parts(sorted(entries)):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f"DELETE FROM valence_seen WHERE row_hash IN ({marks})", list(part))


def stored_of(*, ids: Collection[Id], leaving: Seqs) -> list[Stored]:
    """Return every row of some interactions that lies in the log, but for those that are leaving it.

    Call it while holding the log.
    """
    place = log.folder()
    wanted = pa.array(sorted({name for _, name in ids}), pa.string())
    found: list[Stored] = []
    for file in delta.snapshot(folder=place).files:
        names = pc.field("interaction_id").isin(wanted)
        table = pq.read_table(place / file.path, schema=delta.PARQUET_SCHEMA, filters=names, partitioning=None)
        found += _stored(table, ids, waits=False)
    gone = set(leaving.tolist())
    return [one for one in found if one.seq not in gone]


def waiting_of(*, ids: Collection[Id]) -> list[Stored]:
    """Return every row of some interactions that waits in the inbox. Call it in the transaction that decides."""
    return _stored(columns.table_of(rows=inbox.rows_after(seq=0, limit=1 << 62)), ids, waits=True)


def wipe(*, rows: Sequence[Stored]) -> None:
    """Forget rows: those in the inbox go, and of those in the log it is forgotten that they were seen."""
    entries = set()
    for row in rows:
        name = hashes.of_row(source=row.id[0], interaction_id=row.id[1])
        withdrawn = row.interaction is None
        entries |= {name, hashes.of_revision(row_hash=name, revision=row.revision, withdrawn=withdrawn)}
    forget(entries=sorted(entries))
    waiting = [row.seq for row in rows if row.waits]
    with sql.writing() as cursor:
        for start in range(0, len(waiting), AT_ONCE):
            part = waiting[start : start + AT_ONCE]
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f"DELETE FROM valence_inboxrow WHERE seq IN ({marks})", part)


def remove(*, seqs: Seqs, progress: Callable[[Progress], None]) -> int:
    """Take rows out of the log, a bucket at a time, with the old files that held them; return how many went.

    Whatever happens in between, calling it again goes on: rows that are gone stay gone.
    """
    removed = 0
    for bucket in (delta.LOOSE, *range(terms.BUCKETS)):
        with log.changing() as change:
            files = change.current.of_bucket(bucket)
            kept = {file: found for file in files if (found := _without(change.folder, file, seqs)) is not None}
            if kept:
                removed += sum(file.rows - len(table) for file, table in kept.items())
                change.replace(bucket=bucket, files=kept)
        progress(Progress(done=bucket + 1, total=terms.BUCKETS, words="Taking rows out of the log"))
    sql.scrub()
    return removed


def named(*, keys: Seqs, bucket: int) -> set[int]:
    """Return those customers of a bucket of whom the log holds a row. Call it while holding the log."""
    place = log.folder()
    current = delta.snapshot(folder=place)
    found: set[int] = set()
    for file in (*current.of_bucket(bucket), *current.of_bucket(delta.LOOSE)):
        held_keys = pq.read_table(place / file.path, columns=["customer_key"], partitioning=None)["customer_key"]
        found |= set(np.intersect1d(held_keys.to_numpy(), keys).tolist())
    return found


def named_waiting() -> set[int]:
    """Return the customers of whom a row waits in the inbox. Call it in the transaction that decides."""
    with sql.reading() as cursor:
        cursor.execute("SELECT DISTINCT customer_key FROM valence_inboxrow")
        return {int(key) for (key,) in cursor.fetchall()}


def _mine(table: pa.Table, owned: Ranges, decided: Seqs) -> pa.Table:
    seqs = table["seq"].to_numpy()
    mine = owned.owners(seqs) != portions.NOBODY
    mine[mine] = ~np.isin(seqs[mine], decided)
    return table.filter(pa.array(mine))


def _revised(table: pa.Table) -> set[bytes]:
    revised = table.filter(pc.or_(pc.greater(table["revision"], 0), pc.is_null(table["kind"])))
    pairs = zip(revised["source"].to_pylist(), revised["interaction_id"].to_pylist(), strict=True)
    return set(hashes.of_rows(ids=pairs))


def _stored(table: pa.Table, ids: Collection[Id], *, waits: bool) -> list[Stored]:
    pairs = zip(table["source"].to_pylist(), table["interaction_id"].to_pylist(), strict=True)
    table = table.filter(pa.array([pair in ids for pair in pairs], pa.bool_()))
    withdraws = pc.is_null(table["kind"]).to_pylist()
    interactions = columns.interactions_of(table=table)
    return [
        Stored(seq, (one.source, one.interaction_id), one.customer_key, one.revision, None if gone else one, waits)
        for seq, one, gone in zip(table["seq"].to_pylist(), interactions, withdraws, strict=True)
    ]


def _without(place: Path, file: LogFile, seqs: Seqs) -> pa.Table | None:
    """Return what is left of a file without some rows; None where it holds none of them."""
    held_seqs = pq.read_table(place / file.path, columns=["seq"], partitioning=None)["seq"].to_numpy()
    stays = ~np.isin(held_seqs, seqs)
    if stays.all():
        return None
    return pq.read_table(place / file.path, schema=delta.PARQUET_SCHEMA, partitioning=None).filter(pa.array(stays))


def _parts(things: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [things[start : start + AT_ONCE] for start in range(0, len(things), AT_ONCE)]
