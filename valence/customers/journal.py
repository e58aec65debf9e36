"""What was said about customers, as it was sent: sealed with their own keys, and taken back import by import."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from django.conf import settings
from django.db import connection

from valence.customers import bulk, sealing, vault
from valence.customers.models import Customer, Said
from valence.customers.rules import CustomerRecord
from valence.customers.rules_replay import Entry, Repeat
from valence.home import Home

NOBODY = 0
STEP = 5_000
HASH_BYTES = 16
MOST_AGAIN = 64  # so many imports said the same that undoing all of them is nobody's wish
AGAIN = np.dtype([("batch", "<i4"), ("at", "<f8")])
COLUMNS = ("customer_id", "batch", "at", "whole", "content", "again", "sealed")

_encode = msgspec.json.Encoder(order="sorted").encode
_record = msgspec.json.Decoder(CustomerRecord)
_personal = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True)
class Saying:
    """What somebody says about a customer: a record, or personal values that came with an interaction.

    `taught`: whether anything was learned from it. `about`: the source, id and revision of the interaction.
    """

    key: int
    record: CustomerRecord | None = None
    personal: Mapping[str, str] | None = None
    taught: bool = True
    about: tuple[str, str, int] | None = None


@dataclass
class _Latest:
    """The last thing that was said about a customer; `number` is 0 where it is not written yet."""

    number: int
    batch: int
    content: bytes
    again: bytes


def note(
    *,
    sayings: Sequence[Saying],
    key_of: Callable[[int], sealing.PersonKey],
    new: Collection[int],
    batch: int,
    now: datetime,
) -> None:
    """Note what was said. What only repeats a customer's last record is noted beside it, in a few bytes.

    `key_of` gives a customer's own key; `new` are those never met before. Call it where it is learned from.
    """
    latest = _latest([saying.key for saying in sayings if saying.record is not None and saying.key not in new])
    rows: list[tuple[Any, ...]] = []
    repeated: dict[int, _Latest] = {}
    again = _repeat(batch, now)
    for saying in sayings:
        whole = saying.record is not None
        plain = _encode(saying.record if whole else saying.personal)
        content = _hash(saying.key, plain if whole else _encode(saying.about))
        last = latest.get(saying.key)
        if whole and last is not None and last.content == content and not saying.taught:
            if last.number and _vouches(last, batch):
                last.again += again
                repeated[last.number] = last
            continue
        sealed = vault.seal(key=key_of(saying.key).plain, plain=plain)
        rows.append((saying.key, batch, bulk.moment(now), whole, content, b"", sealed))
        if whole:
            latest[saying.key] = _Latest(0, batch, content, b"")
    bulk.insert(table=Said, columns=COLUMNS, rows=rows)
    _write_again({number: last.again for number, last in repeated.items()})


def repeat_personal(*, sayings: Sequence[Saying], batch: int, now: datetime, without: int | None = None) -> None:
    """Note that personal values came again with interactions that were there already.

    `without`: an import that is being undone, whose own word nobody repeats any more.
    """
    wanted = {_hash(saying.key, _encode(saying.about)) for saying in sayings}
    rows = Said.objects.filter(customer_id__in=[saying.key for saying in sayings], whole=False)
    changed = {}
    for row in rows.exclude(batch=-1 if without is None else without):
        last = _Latest(row.pk, row.batch, bytes(row.content), bytes(row.again))
        if last.content in wanted and _vouches(last, batch):
            changed[row.pk] = last.again + _repeat(batch, now)
    _write_again(changed)


def unsay_repeat(*, key: int, about: tuple[str, str, int], of: int, by: int) -> None:
    """Forget that an import repeated personal values of another: the interaction they came with is not its own now."""
    changed = {}
    content = _hash(key, _encode(about))
    for row in Said.objects.filter(customer_id=key, batch=of, whole=False, content=content).exclude(again=b""):
        held = np.frombuffer(bytes(row.again), AGAIN)
        changed[row.pk] = held[held["batch"] != by].tobytes()
    _write_again(changed)


def now_first(*, rows: Sequence[tuple[int, tuple[str, str, int], int]], of: int) -> None:
    """Note whose interactions (key, source, id and revision) are now first, instead of those of an import.

    Personal values came with the first only: those of whoever sent them again stay where that one is now first.
    """
    first = {_hash(key, _encode(about)): by for key, about, by in rows}
    changed = {}
    for row in Said.objects.filter(batch=of, whole=False).exclude(again=b"").iterator():
        if bytes(row.content) in first:
            held = np.frombuffer(bytes(row.again), AGAIN)
            place = np.flatnonzero(held["batch"] == first[bytes(row.content)])
            changed[row.pk] = held[place[0] :].tobytes() if len(place) else b""
    _write_again(changed)


def entries_of(*, customers: Sequence[Customer]) -> dict[int, list[Entry]]:
    """Return what was said about customers, in order, opened with their keys."""
    keys = sealing.keys_of({row.key: row for row in customers})
    found: dict[int, list[Entry]] = {key: [] for key in keys}
    for part in _parts(sorted(keys)):
        for row in Said.objects.filter(customer_id__in=part).order_by("pk"):
            plain = vault.unseal(key=keys[row.customer_id].plain, sealed=bytes(row.sealed))
            found[row.customer_id].append(
                Entry(
                    number=row.pk,
                    batch=row.batch,
                    at=row.at,
                    content=bytes(row.content),
                    record=_record.decode(plain) if row.whole else None,
                    personal={} if row.whole else _personal.decode(plain),
                    again=_repeats(bytes(row.again)),
                )
            )
    return found


def rewrite(*, before: Iterable[Entry], after: Iterable[Entry]) -> None:
    """Store what is left of what was said."""
    left = {entry.number: entry for entry in after}
    old = {entry.number: entry for entry in before}
    gone = [number for number in old if number not in left]
    for part in _parts(gone):
        Said.objects.filter(pk__in=part).delete()
    for number, entry in left.items():
        if entry != old[number]:
            again = b"".join(_repeat(one.batch, one.at) for one in entry.again)
            Said.objects.filter(pk=number).update(batch=entry.batch, at=entry.at, again=again)


def spoken_of(*, batch: int) -> list[int]:
    """Return the keys of the customers of whom an import said something first."""
    return sorted(set(Said.objects.filter(batch=batch).values_list("customer_id", flat=True)))


def strike(*, batch: int) -> int:
    """Forget where an import only repeated what others had said; return how often it did."""
    changed = {}
    for number, again in Said.objects.exclude(again=b"").values_list("pk", "again").iterator():
        held = np.frombuffer(bytes(again), AGAIN)
        if (held["batch"] == batch).any():
            changed[number] = held[held["batch"] != batch].tobytes()
    _write_again(changed)
    return len(changed)


def _latest(keys: Sequence[int]) -> dict[int, _Latest]:
    """Return the last records of customers."""
    found = {}
    for part in _parts(sorted(set(keys))):
        rows = Said.objects.filter(customer_id__in=part, whole=True).order_by("pk")
        for key, number, batch, content, again in rows.values_list("customer_id", "pk", "batch", "content", "again"):
            found[key] = _Latest(number, batch, bytes(content), bytes(again))
    return found


def _vouches(last: _Latest, batch: int) -> bool:
    """Say whether a repeat has to be noted: not by the import that said it, not what can never be undone anyway."""
    if not last.again:
        return last.batch not in (batch, NOBODY)
    held = np.frombuffer(last.again, AGAIN)["batch"]
    return last.batch not in (batch, NOBODY) and len(held) < MOST_AGAIN and not np.isin(held, [batch, NOBODY]).any()


def _write_again(changed: Mapping[int, bytes]) -> None:
    if changed:
        with connection.cursor() as cursor:
            rows = [(again, number) for number, again in changed.items()]
            cursor.executemany("UPDATE valence_said SET again = %s WHERE id = %s", rows)


def _repeat(batch: int, at: datetime) -> bytes:
    return np.array([(batch, at.timestamp())], AGAIN).tobytes()


def _repeats(again: bytes) -> tuple[Repeat, ...]:
    held = np.frombuffer(again, AGAIN)
    moments = (datetime.fromtimestamp(at, UTC) for at in held["at"].tolist())
    return tuple(Repeat(batch=batch, at=at) for batch, at in zip(held["batch"].tolist(), moments, strict=True))


def _hash(key: int, plain: bytes) -> bytes:
    keyed = _keyed(settings.HOME).copy()
    keyed.update(key.to_bytes(8, "big"))
    keyed.update(plain)
    return keyed.digest()


@lru_cache(maxsize=8)
def _keyed(home: Home) -> hashlib.blake2b:
    return hashlib.blake2b(key=home.key_for("said"), digest_size=HASH_BYTES)


def _parts(things: Sequence[int]) -> list[Sequence[int]]:
    return [things[start : start + STEP] for start in range(0, len(things), STEP)]
