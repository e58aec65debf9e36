"""Readers of the inbox that each go at their own pace, in order, exactly once.

A follower reads rows above its position, thinks, and writes what it made of them in the transaction that moves its
position: all of it or nothing. Two that read the same rows at a time do not both write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import msgspec

from valence.interactions import inbox, reading, sql
from valence.terms import Interaction, Journeys

_decode = msgspec.msgpack.Decoder(Interaction).decode


@dataclass(frozen=True)
class Arrived:
    """Rows of the inbox above the position `before`, up to `after`: read once for all who follow.

    They are decoded when first asked for. Rows that only withdraw another are left out.
    """

    before: int
    after: int
    rows: Sequence[tuple[int, bytes]]

    @cached_property
    def interactions(self) -> list[Interaction]:
        """The interactions, in order."""
        found = [_decode(payload) for _, payload in self.rows]
        return [one for one in found if one.kind != inbox.WITHDRAWN]

    @cached_property
    def journeys(self) -> Journeys:
        """The same as Journeys with all columns, under the keys by which their customers are read."""
        return reading.arrived(rows=self.rows)


def position(*, name: str) -> int:
    """Return up to which `seq` a follower has read. A new one begins behind what lies there already."""
    with sql.reading() as cursor:
        cursor.execute("SELECT watermark FROM valence_follower WHERE name = %s", [name])
        row = cursor.fetchone()
        if row is not None:
            return int(row[0])
        begins = sql.last_seq(cursor=cursor)
        cursor.execute(
            "INSERT INTO valence_follower (name, watermark) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING",
            [name, begins],
        )
    return begins


def read(*, after: int, limit: int, until: int | None = None) -> Arrived:
    """Return what lies above a position: at most so many rows, and none above `until` (a `seq`)."""
    rows = inbox.rows_after(seq=after, limit=limit)
    if until is not None:
        rows = [row for row in rows if row[0] <= until]
    return Arrived(before=after, after=rows[-1][0] if rows else after, rows=rows)


def next_of(*, name: str, limit: int, shared: Arrived | None = None) -> Arrived:
    """Return the next rows of a follower: those that were read already where it stands just before them, else read."""
    after = position(name=name)
    return shared if shared is not None and shared.before == after else read(after=after, limit=limit)


@contextmanager
def moving(*, name: str, before: int, after: int) -> Iterator[bool]:
    """Open a transaction that moves a follower; gives whether it is this one that does.

    Where another process moved it meanwhile nothing may be written: what was thought is old.
    """
    with sql.writing() as cursor:
        cursor.execute(
            "UPDATE valence_follower SET watermark = %s WHERE name = %s AND watermark = %s", [after, name, before]
        )
        yield cursor.rowcount == 1


def kept(*, name: str) -> int | None:
    """Return the position of a reader of another list than the inbox; None before its first one."""
    with sql.reading() as cursor:
        cursor.execute("SELECT watermark FROM valence_follower WHERE name = %s", [name])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def keep(*, name: str, position: int) -> None:
    """Keep the position of such a reader."""
    with sql.writing() as cursor:
        cursor.execute(
            "INSERT INTO valence_follower (name, watermark) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET watermark = excluded.watermark",
            [name, position],
        )


@contextmanager
def held(*, name: str) -> Iterator[None]:
    """Open a transaction that only one at a time has, whichever process: numbers are then given out in their order."""
    with sql.writing() as cursor:
        cursor.execute(
            "INSERT INTO valence_follower (name, watermark) VALUES (%s, 1) "
            "ON CONFLICT (name) DO UPDATE SET watermark = valence_follower.watermark + 1",
            [name],
        )
        yield
