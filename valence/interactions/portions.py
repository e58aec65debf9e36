"""Which rows of the inbox and the log came with which import, and which were only sent again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from valence.interactions import hashes, sql
from valence.interactions.models import Going, Portion
from valence.terms import Interaction

NUMBER = np.dtype("<i8")
HASH = np.dtype(f"S{hashes.HASH_BYTES}")
AGAIN = np.dtype([("entry", HASH), ("after", NUMBER)])
NOBODY = 0  # the batch of what came over HTTP: it is never undone

Seqs = NDArray[np.int64]


@dataclass(frozen=True)
class Ranges:
    """Places in the inbox, as disjoint ranges in order: first and last (n,), and the import of each."""

    first: Seqs
    last: Seqs
    batch: Seqs

    def owners(self, seqs: Seqs) -> Seqs:
        """Return the import that brought each row (n,), 0 where none did."""
        if not len(self.first):
            return np.zeros(len(seqs), np.int64)
        place = np.searchsorted(self.first, seqs, side="right") - 1
        inside = (place >= 0) & (seqs <= self.last[place])
        return np.where(inside, self.batch[place], NOBODY)


class Repeated(NamedTuple):
    """A row that was there already when it was sent again; `after` is the `seq` of the last row before it came."""

    interaction: Interaction
    after: int


def last() -> int:
    """Return the last `seq` that was given out. Inside `sql.admitting` nobody else is given one."""
    with sql.reading() as cursor:
        return sql.last_seq(cursor=cursor)


def placed(*, count: int) -> list[int]:
    """Return the `seq` of the last interactions that were stored, in order, without what only withdraws one.

    A withdrawal stands just before the revision that moved the interaction, and shares its hash.
    """
    with sql.reading() as cursor:
        cursor.execute("SELECT seq, content_hash FROM valence_inboxrow ORDER BY seq DESC LIMIT %s", [2 * count])
        found = [(int(seq), bytes(content)) for seq, content in cursor.fetchall()]
    own = [one for place, one in enumerate(found) if place == 0 or found[place - 1][1] != one[1]]
    return [seq for seq, _ in own[:count]][::-1]


def note(*, batch: int, after: int, repeated: Sequence[Repeated], now: datetime) -> None:
    """Note what a batch brought since the inbox had given out `after`, and what it only sent again.

    Call it in the transaction that admitted the rows. Of what came over HTTP only repeats are noted.
    """
    until = last()
    stored = runs(np.array([], np.int64), np.array([], np.int64))
    if batch != NOBODY and until > after:
        stored = runs(np.array([after + 1]), np.array([until]))
    if stored or repeated:
        again = np.array([(entry(one.interaction), one.after) for one in repeated], AGAIN)
        Portion.objects.create(batch=batch, at=now, stored=stored, repeated=again.tobytes())


def give(*, batch: int, seqs: Seqs, now: datetime) -> None:
    """Let rows be those of another import from now on: it sent them as well."""
    ordered = np.sort(seqs)
    breaks = np.flatnonzero(np.diff(ordered) > 1)
    first = ordered[np.concatenate([[0], breaks + 1])]
    final = ordered[np.concatenate([breaks, [len(ordered) - 1]])]
    Portion.objects.create(batch=batch, at=now, stored=runs(first, final))


def entry(interaction: Interaction) -> bytes:
    """Return the hash under which one revision of an interaction is known, whatever revisions come later."""
    return of_revision(
        source=interaction.source, interaction_id=interaction.interaction_id, revision=interaction.revision
    )


def of_revision(*, source: str, interaction_id: str, revision: int) -> bytes:
    """Return the hash of a revision of an interaction; that of the first one is the interaction's own."""
    row_hash = hashes.of_row(source=source, interaction_id=interaction_id)
    return hashes.of_revision(row_hash=row_hash, revision=revision) if revision else row_hash


def runs(first: Seqs, final: Seqs) -> bytes:
    """Return ranges as they are stored."""
    return np.stack([first, final], axis=1).astype(NUMBER).tobytes()


def ranges(*, batch: int | None = None, without: int | None = None) -> Ranges:
    """Return the ranges of one import, or of all imports but one."""
    rows = Portion.objects.exclude(stored=b"")
    rows = rows if batch is None else rows.filter(batch=batch)
    rows = rows if without is None else rows.exclude(batch=without)
    parts = [
        (np.frombuffer(bytes(stored), NUMBER).reshape(-1, 2), owner)
        for stored, owner in rows.values_list("stored", "batch").iterator()
    ]
    if not parts:
        empty = np.array([], np.int64)
        return Ranges(empty, empty, empty)
    pairs = np.concatenate([part for part, _ in parts])
    owners = np.concatenate([np.full(len(part), owner) for part, owner in parts])
    order = np.argsort(pairs[:, 0])
    return Ranges(pairs[order, 0], pairs[order, 1], owners[order])


@dataclass(frozen=True)
class Repeats:
    """Rows that a batch sent again (n,): `after` is the last `seq` before each came, `place` where it is noted."""

    place: int
    batch: int
    at: datetime
    entries: NDArray[np.bytes_]
    after: Seqs


def repeats(*, without: int, above: int = 0) -> Iterator[Repeats]:
    """Yield what every other batch sent again, in order of arrival; only what was noted after `above`."""
    rows = Portion.objects.exclude(repeated=b"").exclude(batch=without).filter(pk__gt=above).order_by("pk")
    for row in rows.iterator(chunk_size=20):
        again = np.frombuffer(bytes(row.repeated), AGAIN)
        yield Repeats(row.pk, row.batch, row.at, again["entry"], again["after"])


@dataclass(frozen=True)
class Seconds:
    """Who sent rows again first: the rows' hashes (n,) in order, the import of each, -1 where nobody did."""

    entries: NDArray[np.bytes_]
    batch: Seqs

    def of(self, entries: NDArray[np.bytes_]) -> Seqs:
        """Return the import that sent each of some rows (m,) again first, -1 where none did."""
        if not len(self.entries):
            return np.full(len(entries), -1, np.int64)
        place = np.searchsorted(self.entries, entries).clip(max=len(self.entries) - 1)
        return np.where(self.entries[place] == entries, self.batch[place], -1)


def seconds(*, entries: NDArray[np.bytes_], without: int, above: int = 0) -> Seconds:
    """Return who else sent rows again first."""
    ordered = np.unique(entries)
    batch = np.full(len(ordered), -1, np.int64)
    if len(ordered):
        for found in repeats(without=without, above=above):
            place = np.searchsorted(ordered, found.entries).clip(max=len(ordered) - 1)
            place = place[ordered[place] == found.entries]
            batch[place] = np.where(batch[place] < 0, found.batch, batch[place])
    return Seconds(ordered, batch)


def note_lost(*, batch: int, entries: Sequence[bytes], now: datetime) -> None:
    """Note interactions of which another content came first, before what was refused for it is forgotten."""
    Portion.objects.create(batch=batch, at=now, lost=b"".join(entries))


def lost(*, without: int) -> NDArray[np.bytes_]:
    """Return, in order, the interactions of which others were refused, with records that are kept no more."""
    found = Portion.objects.exclude(lost=b"").exclude(batch=without).values_list("lost", flat=True)
    parts = [np.frombuffer(bytes(part), HASH) for part in found]
    return np.unique(np.concatenate(parts)) if parts else np.array([], HASH)


def newest() -> int:
    """Return the number of the last note."""
    return Portion.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def brought(*, batch: int) -> bool:
    """Say whether anything is noted of an import."""
    return Portion.objects.filter(batch=batch).exists()


def decided(*, batch: int) -> Seqs:
    """Return the rows of an import about which its undo has decided, in order."""
    found = Going.objects.filter(batch=batch).values_list("leaving", "staying")
    return np.sort(_joined([part for pair in found for part in pair]))


def leaving(*, batch: int) -> Seqs:
    """Return the rows that have to leave the log, in order."""
    return np.sort(_joined(Going.objects.filter(batch=batch).values_list("leaving", flat=True)))


def staying(*, batch: int) -> Seqs:
    """Return the rows of an import that stay because others sent them as well, in order."""
    return np.sort(_joined(Going.objects.filter(batch=batch).values_list("staying", flat=True)))


def customers(*, batch: int) -> Seqs:
    """Return the keys of the customers whose rows an undo takes out, in order."""
    return np.unique(_joined(Going.objects.filter(batch=batch).values_list("customers", flat=True)))


def decide(*, batch: int, leaving: Seqs, staying: Seqs, customers: Seqs) -> None:
    """Note what an undo decided, in the transaction that carries it out in the database."""
    Going.objects.create(
        batch=batch,
        leaving=leaving.astype(NUMBER).tobytes(),
        staying=staying.astype(NUMBER).tobytes(),
        customers=np.unique(customers).astype(NUMBER).tobytes(),
    )


def forget(*, batch: int) -> None:
    """Delete what was noted of an import: it is undone."""
    Going.objects.filter(batch=batch).delete()
    Portion.objects.filter(batch=batch).delete()


def still_going() -> int:
    """Return how many rows are on their way out of the log: the list of what was seen has them no more."""
    return sum(len(bytes(part)) // NUMBER.itemsize for part in Going.objects.values_list("leaving", flat=True))


def _joined(parts: object) -> Seqs:
    blobs = [np.frombuffer(bytes(part), NUMBER) for part in parts]  # type: ignore[attr-defined]
    return np.concatenate(blobs).astype(np.int64) if blobs else np.array([], np.int64)
