"""The inbox: interactions are safe here the moment they are acknowledged, and wait here for the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeVar

import msgspec
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from valence.interactions import hashes, sql
from valence.terms import Interaction, Verdict

KNOWN_AT_ONCE = 5_000
ROWS_A_STATEMENT = 250
ERASED = 0  # the customer of a row that was erased
WITHDRAWN = ""  # the kind of a row that says: from this revision on the interaction is another customer's

ENTRY = "row_hash, content_hash, revision, customer_key"
INSERT_SEEN = f"INSERT INTO valence_seen ({ENTRY}) VALUES (%s, %s, %s, %s)"
UPSERT_SEEN = (
    f"{INSERT_SEEN} ON CONFLICT (row_hash) DO UPDATE SET content_hash = excluded.content_hash, "
    "revision = excluded.revision, customer_key = excluded.customer_key"
)
COLUMNS = f"valence_inboxrow ({ENTRY}, received_at, payload)"
INSERT_INTO = f"INSERT INTO {COLUMNS} VALUES"
INSERT_ROW = f"{INSERT_INTO} (%s, %s, %s, %s, %s, %s)"
NOTED = "UPDATE valence_inboxrow SET row_hash = NULL WHERE row_hash = %s"

_encode = msgspec.msgpack.Encoder().encode

T = TypeVar("T")
Folded = Callable[[Sequence[Interaction]], None]
Arrived = tuple[Interaction, bytes, bytes, bytes]
"""An interaction on its way in, its payload, the hash of its source and id, the hash of its content."""
Entry = tuple[bytes, bytes, int, int]
"""What is kept of a row for ever: hash of the row, hash of its content, revision, customer."""
Known = tuple[bytes, int, int]
"""The hash of content, the revision and the customer of the highest revision of an interaction."""


class Waiting(NamedTuple):
    """What lies in the inbox: how many rows, up to which `seq`, and since when the first one waits."""

    rows: int
    last: int
    since: datetime | None


@dataclass
class Batch:
    """What one call of `admit` is about to write, as the parameters of its statements."""

    received: str
    known: dict[bytes, Known]
    rows: list[tuple[bytes | None, bytes, int, int, str, bytes]] = field(default_factory=list)
    lower: list[Entry] = field(default_factory=list)
    highest: dict[bytes, Entry] = field(default_factory=dict)
    fresh: list[Interaction] = field(default_factory=list)


def admit(*, interactions: Sequence[Interaction], now: datetime, folded: Folded | None = None) -> list[Verdict]:
    """Store interactions in one transaction and return a verdict for each, in order.

    `folded` is called inside that transaction with the interactions that are new or revised, so that what it
    writes is stored with them or not at all. When this returns, they survive a power cut.
    Raises sql.StoreUnavailable when nothing could be stored.
    """
    return admit_packed(arrived=pack(interactions=interactions), now=now, folded=folded)


def pack(*, interactions: Sequence[Interaction]) -> list[Arrived]:
    """Return interactions as they are stored. It needs no database: do it before the transaction where time counts."""
    payloads = list(map(_encode, interactions))
    row_hashes = hashes.of_rows(ids=((one.source, one.interaction_id) for one in interactions))
    return list(zip(interactions, payloads, row_hashes, hashes.of_contents(payloads=payloads), strict=True))


def admit_packed(*, arrived: Sequence[Arrived], now: datetime, folded: Folded | None = None) -> list[Verdict]:
    """Store packed interactions: `admit`."""
    with sql.admitting() as cursor:
        received = _stored(now)
        known = _known(cursor, "valence_seen", arrived)
        if not known and _took_as_new(cursor, arrived, received):
            verdicts, fresh = [Verdict.CREATED] * len(arrived), [one[0] for one in arrived]
        else:
            batch = Batch(received=received, known=known | _known(cursor, "valence_inboxrow", arrived))
            verdicts, fresh = [_settle(cursor, batch, one) for one in arrived], batch.fresh
            _write(cursor, batch)
        if folded and fresh:
            folded(fresh)
    return verdicts


def waiting() -> Waiting:
    """Return how much waits for the log."""
    with sql.reading() as cursor:
        cursor.execute("SELECT count(*) FROM valence_inboxrow")
        return waiting_at_most()._replace(rows=cursor.fetchone()[0])


def waiting_at_most() -> Waiting:
    """Return how much waits, at a cost that does not grow with it: rows erased or undone in between count too."""
    with sql.reading() as cursor:
        cursor.execute("SELECT max(seq) FROM valence_inboxrow")
        last = cursor.fetchone()[0] or 0
        cursor.execute("SELECT seq, received_at FROM valence_inboxrow ORDER BY seq LIMIT 1")
        first = cursor.fetchone()
    if first is None or first[0] > last:  # moved to the log between the two looks
        return Waiting(rows=0, last=last, since=None)
    return Waiting(rows=last - first[0] + 1, last=last, since=_moment(first[1]))


def waiting_above(*, seq: int) -> int:
    """Return how many rows above `seq` wait."""
    with sql.reading() as cursor:
        cursor.execute("SELECT count(*) FROM valence_inboxrow WHERE seq > %s", [seq])
        return int(cursor.fetchone()[0])


def rows_after(*, seq: int, limit: int) -> list[tuple[int, bytes]]:
    """Return (seq, payload) of the rows above `seq`, in order, at most `limit`."""
    with sql.reading() as cursor:
        cursor.execute("SELECT seq, payload FROM valence_inboxrow WHERE seq > %s ORDER BY seq LIMIT %s", [seq, limit])
        return [(number, bytes(payload)) for number, payload in cursor.fetchall()]


def rows_of(*, keys: Sequence[int]) -> list[tuple[int, bytes]]:
    """Return (seq, payload) of the waiting rows of some customers, in order."""
    found: list[tuple[int, bytes]] = []
    with sql.reading() as cursor:
        for part in _parts(keys):
            marks = ", ".join([sql.mark()] * len(part))
            cursor.execute(f"SELECT seq, payload FROM valence_inboxrow WHERE customer_key IN ({marks})", list(part))
            found += [(number, bytes(payload)) for number, payload in cursor.fetchall()]
    return sorted(found)


def moved_until() -> int:
    """Return the `seq` up to which rows were moved to the log and deleted here."""
    with sql.reading() as cursor:
        cursor.execute("SELECT watermark FROM valence_follower WHERE name = 'log'")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def drop_moved(*, watermark: int) -> None:
    """Delete the rows up to the watermark, which must lie safely in the log, and remember that they were seen.

    The entries go in sorted: each page of a large index is then written once for all rows. Nobody admits meanwhile:
    who looked into the list of what was seen before and into the inbox after it would find a row in neither.
    """
    with sql.admitting() as cursor:
        cursor.execute(
            f"INSERT INTO valence_seen ({ENTRY}) SELECT {ENTRY} FROM valence_inboxrow "
            "WHERE seq <= %s AND row_hash IS NOT NULL ORDER BY row_hash",
            [watermark],
        )
        cursor.execute("DELETE FROM valence_inboxrow WHERE seq <= %s", [watermark])
        cursor.execute(
            "INSERT INTO valence_follower (name, watermark) VALUES ('log', %s) "
            "ON CONFLICT (name) DO UPDATE SET watermark = excluded.watermark",
            [watermark],
        )


def erase(*, customer_key: int, row_hashes: Sequence[bytes]) -> None:
    """Delete a customer's waiting rows, and forget whose the seen rows were.

    That they were seen is kept, so that a replay changes nothing.
    """
    with sql.admitting() as cursor:
        cursor.execute(
            f"INSERT INTO valence_seen ({ENTRY}) SELECT row_hash, content_hash, revision, {ERASED} "
            "FROM valence_inboxrow WHERE customer_key = %s AND row_hash IS NOT NULL",
            [customer_key],
        )
        cursor.execute("DELETE FROM valence_inboxrow WHERE customer_key = %s", [customer_key])
        cursor.executemany(
            "UPDATE valence_seen SET customer_key = 0 WHERE row_hash = %s AND customer_key = %s",
            [(row_hash, customer_key) for row_hash in row_hashes],
        )


def seen_rows() -> int:
    """Return how many rows were ever admitted and not erased: log and inbox together must hold as many."""
    with sql.reading() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM valence_seen WHERE customer_key <> 0) + "
            "(SELECT count(*) FROM valence_inboxrow WHERE row_hash IS NOT NULL)"
        )
        return int(cursor.fetchone()[0])


def _known(cursor: CursorWrapper, table: str, arrived: Sequence[Arrived]) -> dict[bytes, Known]:
    """Return what a table knows of the interactions that arrived."""
    known: dict[bytes, Known] = {}
    for part in _parts([row_hash for _, _, row_hash, _ in arrived]):
        marks = ", ".join([sql.mark()] * len(part))
        cursor.execute(f"SELECT {ENTRY} FROM {table} WHERE row_hash IN ({marks})", list(part))
        known |= {bytes(row[0]): (bytes(row[1]), row[2], row[3]) for row in cursor.fetchall()}
    return known


def _took_as_new(cursor: CursorWrapper, arrived: Sequence[Arrived], received: str) -> bool:
    """Insert all where none lies in the inbox yet, which is what mostly comes; else insert nothing and say so."""
    rows = [
        (row_hash, content_hash, one.revision, one.customer_key, received, payload)
        for one, payload, row_hash, content_hash in arrived
    ]
    point = transaction.savepoint()
    if not (sql.copied(cursor=cursor, into=COLUMNS, rows=rows) if sql.copies() else _inserted(cursor, rows)):
        transaction.savepoint_rollback(point)
        return False
    transaction.savepoint_commit(point)
    return True


def _inserted(cursor: CursorWrapper, rows: Sequence[tuple[bytes | int | str, ...]]) -> bool:
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        part = rows[start : start + ROWS_A_STATEMENT]
        cursor.execute(_insert_new(len(part), sql.mark()), list(chain.from_iterable(part)))
        if cursor.rowcount != len(part):
            return False
    return True


@lru_cache(maxsize=ROWS_A_STATEMENT)
def _insert_new(rows: int, mark: str) -> str:
    """Return one statement for many rows: the database works on its own then, while other threads go on."""
    row = f"({', '.join([mark] * 6)})"
    return f"{INSERT_INTO} {', '.join([row] * rows)} ON CONFLICT (row_hash) DO NOTHING"


def _settle(cursor: CursorWrapper, batch: Batch, arrived: Arrived) -> Verdict:
    """Give the verdict on one interaction and note in the batch what has to be written for it."""
    interaction, _, row_hash, content_hash = arrived
    known = batch.known.get(row_hash)
    if known is None:
        _take(batch, arrived, row_hash)
        return Verdict.CREATED
    seen_content, seen_revision, _ = known
    if seen_content == content_hash:
        return Verdict.DUPLICATE
    if interaction.revision > seen_revision:
        _revise(batch, arrived, known)
        return Verdict.REVISED
    if interaction.revision < seen_revision and _was_seen(cursor, batch, arrived):
        return Verdict.DUPLICATE
    return Verdict.CONFLICT


def _take(batch: Batch, arrived: Arrived, entry: bytes | None) -> None:
    interaction, payload, row_hash, content_hash = arrived
    key, revision = interaction.customer_key, interaction.revision
    batch.known[row_hash] = (content_hash, revision, key)
    batch.rows.append((entry, content_hash, revision, key, batch.received, payload))
    batch.fresh.append(interaction)


def _revise(batch: Batch, arrived: Arrived, known: Known) -> None:
    """Let a higher revision in; where it names another customer, withdraw the interaction from the first one.

    Its entry and that of the revision below are made at once: such rows are few.
    """
    interaction, _, row_hash, content_hash = arrived
    seen_content, seen_revision, seen_key = known
    lower = hashes.of_revision(row_hash=row_hash, revision=seen_revision)
    batch.lower.append((lower, seen_content, seen_revision, seen_key))
    batch.highest[row_hash] = (row_hash, content_hash, interaction.revision, interaction.customer_key)
    if seen_key not in (interaction.customer_key, ERASED):
        _withdraw(batch, arrived, seen_key)
    _take(batch, arrived, None)


def _withdraw(batch: Batch, arrived: Arrived, customer_key: int) -> None:
    moved, _, row_hash, content_hash = arrived
    marker = Interaction(
        source=moved.source,
        interaction_id=moved.interaction_id,
        customer_key=customer_key,
        occurred_at=moved.occurred_at,
        recorded_at=moved.recorded_at,
        kind=WITHDRAWN,
        revision=moved.revision,
    )
    entry = hashes.of_revision(row_hash=row_hash, revision=moved.revision, withdrawn=True)
    batch.lower.append((entry, content_hash, moved.revision, customer_key))
    batch.rows.append((None, content_hash, moved.revision, customer_key, batch.received, _encode(marker)))


def _was_seen(cursor: CursorWrapper, batch: Batch, arrived: Arrived) -> bool:
    """Say whether exactly this lower revision was admitted before, in this batch or earlier."""
    interaction, _, row_hash, content_hash = arrived
    entry = hashes.of_revision(row_hash=row_hash, revision=interaction.revision)
    if any(row[:2] == (entry, content_hash) for row in batch.lower):
        return True
    cursor.execute("SELECT content_hash FROM valence_seen WHERE row_hash = %s", [entry])
    row = cursor.fetchone()
    return row is not None and bytes(row[0]) == content_hash


def _write(cursor: CursorWrapper, batch: Batch) -> None:
    cursor.executemany(INSERT_ROW, batch.rows)
    if batch.highest:
        cursor.executemany(NOTED, [(row_hash,) for row_hash in batch.highest])
        cursor.executemany(UPSERT_SEEN, list(batch.highest.values()))
        cursor.executemany(INSERT_SEEN, batch.lower)


def _stored(now: datetime) -> str:
    """Write a time as Django does, so that its models read it back."""
    return now.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _parts(things: Sequence[T]) -> list[Sequence[T]]:
    return [things[start : start + KNOWN_AT_ONCE] for start in range(0, len(things), KNOWN_AT_ONCE)]


def _moment(stored: datetime | str) -> datetime:
    """Read a time as the database gives it back to plain SQL: SQLite text, PostgreSQL an aware datetime."""
    found = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return found if found.tzinfo else found.replace(tzinfo=UTC)
