"""Writes about customers: one verb each, one transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from valence.customers import accounts, bulk, consent, erasures, hashes, journal, links, lookup, rules, sealing
from valence.customers.models import Counter, Customer, Identity, PersonalText, Tombstone, ValueChange
from valence.customers.rules import ERASED, Change, CustomerRecord, Erased, Known
from valence.terms import Verdict

KEY_BITS = 62
STEP = 5_000
COLUMNS = ("key", "joined_at", "left_at", *rules.FIELDS, "attributes", "wrapped_key", "updated_at")
_ENCODE = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True)
class WrittenText:
    """What a person wrote, as written, before redaction changed it."""

    source: str
    interaction_id: str
    revision: int
    customer_key: int
    text: str


@dataclass(frozen=True)
class Certificate:
    """Proof of an erasure: who cannot be told from it, only that, when and how much."""

    number: str
    erased_at: datetime
    removed: Mapping[str, int]


@transaction.atomic
def identify(*, customer_ids: Sequence[str], now: datetime) -> list[int | Erased]:
    """Return the surrogate key of each id; an id not met before becomes a stub of a customer."""
    met = _meet(customer_ids=customer_ids)
    write_known(known=dict.fromkeys(met.new, Known()), keys=met.new, now=now)
    _write_identities(met.new_ids)
    sealing.write_personal(keys=met.new, customer_ids=met.new_ids, personal={key: {} for key in met.new})
    return met.keys


@transaction.atomic
def put(*, records: Sequence[CustomerRecord], now: datetime, batch: int = journal.NOBODY) -> list[Verdict | Erased]:
    """Write what records say about customers, in order, and return what became of each.

    1. Find their keys; give those never met a key. 2. Read what is known of them. 3. Learn record by record,
    so that two records of one customer in one call see each other. 4. Write what changed, and what was said: an
    import (`batch`) can be undone.
    """
    met = _meet(customer_ids=[record.customer_id for record in records])
    old = {row.key: row for row in _in_steps(sorted(_alive(met.keys) - met.new.keys()))}
    taught = _learn(keys=met.keys, records=records, known={**dict.fromkeys(met.new, Known()), **_known(old)}, now=now)
    again = {key: old[key] for key in taught.written.keys() & old.keys()}
    keys = sealing.keys_of(again) | met.new
    if taught.written:
        write_known(known=taught.written, keys=keys, now=now)
        _write_identities(met.new_ids)
        write_changes(taught.changes)
        count_change(name="customers")
    personal = {key: value.personal for key, value in taught.written.items() if key in met.new or value.personal}
    ids = sealing.customer_ids_of({key: row for key, row in again.items() if key in personal}) | met.new_ids
    sealing.write_personal(keys=keys, customer_ids=ids, personal=personal)
    accounts.keep(known=taught.written)
    _hear_consents(met, records, batch, now)
    links.learned(keys=taught.written)
    _note(met, records, taught, old, batch, now)
    return taught.verdicts


@transaction.atomic
def add_personal(*, entries: Sequence[journal.Saying], now: datetime, batch: int = journal.NOBODY) -> None:
    """Put values that look personal into the encrypted records of the customers they came with."""
    if not entries:
        return
    rows = {row.key: row for row in _in_steps(sorted({entry.key for entry in entries}))}
    records = sealing.personal_of(rows)
    known = [entry for entry in entries if entry.key in records]
    for entry in known:
        records[entry.key] = {**records[entry.key], **(entry.personal or {})}
    ids, keys = sealing.customer_ids_of(rows), sealing.keys_of(rows)
    sealing.write_personal(keys=keys, customer_ids=ids, personal=records)
    journal.note(sayings=known, key_of=keys.__getitem__, new=(), batch=batch, now=now)


@transaction.atomic
def keep_texts(*, texts: Sequence[WrittenText]) -> None:
    """Keep texts as they were written, each encrypted with its writer's key."""
    rows = {row.key: row for row in _in_steps(sorted({text.customer_key for text in texts}))}
    triples = [(text.source, text.interaction_id, text.revision) for text in texts]
    row_hashes = hashes.of_rows(home=settings.HOME, rows=triples)
    kept = [
        PersonalText(
            row_hash=row_hash,
            customer_id=text.customer_key,
            sealed=sealing.seal_for(row=rows[text.customer_key], plain=text.text.encode(), about=row_hash),
        )
        for row_hash, text in zip(row_hashes, texts, strict=True)
        if text.customer_key in rows
    ]
    PersonalText.objects.bulk_create(kept, ignore_conflicts=True, batch_size=STEP)


@transaction.atomic
def destroy_keys(*, keys: Sequence[int], now: datetime) -> Certificate:
    """Make a person unreadable at once: destroy their keys and leave a tombstone for each id that keeps replays away.

    `keys`: every key that names them.
    """
    salt = secrets.token_hex(16)
    number = hashlib.sha256(f"{salt}{now.isoformat()}".encode()).hexdigest()
    identities = Identity.objects.filter(customer_id__in=keys)
    stones = [Tombstone(id_hash=row.id_hash, erased_at=now, certificate=number) for row in identities]
    erasures.enter(path=settings.HOME.erasures, entries=map(_entry, stones))
    Tombstone.objects.bulk_create(stones, ignore_conflicts=True)
    Customer.objects.filter(key__in=keys).update(wrapped_key=None)
    count_change(name="erased")
    return Certificate(number=number, erased_at=now, removed={"identities": len(stones)})


@transaction.atomic
def heed(*, entries: Sequence[erasures.Entry]) -> list[int]:
    """Leave a tombstone for each entry of the register, and return the keys of those who are here all the same."""
    stones = [
        Tombstone(id_hash=entry.id_hash, erased_at=entry.erased_at, certificate=entry.certificate) for entry in entries
    ]
    Tombstone.objects.bulk_create(stones, ignore_conflicts=True, batch_size=STEP)
    hashes_of_all = [entry.id_hash for entry in entries]
    parts = [hashes_of_all[start : start + STEP] for start in range(0, len(hashes_of_all), STEP)]
    return sorted({key for part in parts for _, key in bulk.found(table=Identity, among=part)})


def enter_tombstones() -> int:
    """Enter the tombstones that the register lacks, those of a time before it; return how many."""
    known = {entry.id_hash for entry in erasures.read(path=settings.HOME.erasures)}
    lacking = [stone for stone in Tombstone.objects.order_by("erased_at") if bytes(stone.id_hash) not in known]
    if lacking or not erasures.exists(path=settings.HOME.erasures):
        erasures.enter(path=settings.HOME.erasures, entries=map(_entry, lacking))
    return len(lacking)


def _entry(stone: Tombstone) -> erasures.Entry:
    return erasures.Entry(bytes(stone.id_hash), stone.erased_at, stone.certificate)


@transaction.atomic
def forget(*, keys: Sequence[int]) -> dict[str, int]:
    """Delete every row that speaks of a customer, by every key that names them; return how many there were by kind."""
    _, by_table = Customer.objects.filter(key__in=keys).delete()
    links.forgotten()
    count_change(name="customers")
    return {name.removeprefix("valence."): count for name, count in by_table.items()}


def wipe_traces() -> None:
    """Overwrite what the database's journal still holds of deleted rows. Outside a transaction only."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def count_change(*, name: str) -> None:
    """Say that something changed: `customers` or `erased`."""
    if not Counter.objects.filter(name=name).update(value=F("value") + 1):
        # It begins anywhere: a home that was put back from a backup never counts the same numbers twice.
        Counter.objects.create(name=name, value=secrets.randbits(48))


@dataclass(frozen=True)
class _Met:
    """The keys of customers in the order asked for, and what is not yet written of those never met before."""

    keys: list[int | Erased]
    new: dict[int, sealing.PersonKey]
    new_ids: dict[int, str]


@dataclass(frozen=True)
class _Taught:
    """What records taught: a verdict each, what is known now of whom it changed, and the changes to keep."""

    verdicts: list[Verdict | Erased]
    written: dict[int, Known]
    changes: list[tuple[int, Change]]


def _meet(*, customer_ids: Sequence[str]) -> _Met:
    wanted = dict.fromkeys(customer_ids)
    hashed = dict(zip(wanted, hashes.of_ids(home=settings.HOME, ids=wanted), strict=True))
    found = lookup.found(id_hashes=hashed.values())
    new, new_ids = {}, {}
    for customer_id, id_hash in hashed.items():
        if id_hash not in found:
            key = found[id_hash] = secrets.randbits(KEY_BITS)
            new[key], new_ids[key] = sealing.new_key(home=settings.HOME, key=key), customer_id
    return _Met(keys=[found[hashed[customer_id]] for customer_id in customer_ids], new=new, new_ids=new_ids)


def _alive(keys: Iterable[int | Erased]) -> set[int]:
    return {key for key in keys if isinstance(key, int)}


def _learn(
    *, keys: Sequence[int | Erased], records: Sequence[CustomerRecord], known: dict[int, Known], now: datetime
) -> _Taught:
    """Let records teach in order: a later one sees what an earlier one of the same customer taught."""
    taught = _Taught(verdicts=[], written={}, changes=[])
    for key, record in zip(keys, records, strict=True):
        if isinstance(key, Erased):
            taught.verdicts.append(ERASED)
            continue
        learned = rules.learn(known=known[key], record=record, now=now)
        taught.verdicts.append(learned.verdict)
        if learned.verdict is not Verdict.DUPLICATE:
            known[key] = taught.written[key] = learned.known
            taught.changes.extend((key, change) for change in learned.changes)
    return taught


def _hear_consents(met: _Met, records: Sequence[CustomerRecord], batch: int, now: datetime) -> None:
    """Keep what records say about being written to."""
    heard = [
        consent.Heard(key, record.consents, record.prefers, record.recorded_at or now)
        for key, record in zip(met.keys, records, strict=True)
        if isinstance(key, int) and (record.consents or record.prefers)
    ]
    if heard:
        consent.hear(heard=heard, source=consent.source_of(batch=batch))


def _note(
    met: _Met,
    records: Sequence[CustomerRecord],
    taught: _Taught,
    old: Mapping[int, Customer],
    batch: int,
    now: datetime,
) -> None:
    """Note what was said, so that it can be taken back."""
    sayings = [
        journal.Saying(key=key, record=record, taught=verdict is not Verdict.DUPLICATE)
        for key, record, verdict in zip(met.keys, records, taught.verdicts, strict=True)
        if isinstance(key, int)
    ]

    def key_of(key: int) -> sealing.PersonKey:
        return met.new.get(key) or sealing.keys_of({key: old[key]})[key]

    journal.note(sayings=sayings, key_of=key_of, new=met.new, batch=batch, now=now)


def write_known(*, known: Mapping[int, Known], keys: Mapping[int, sealing.PersonKey], now: datetime) -> None:
    """Write customers as they are known."""
    updated = bulk.moment(now)
    rows = (
        (
            key, bulk.moment(one.joined_at), bulk.moment(one.left_at),
            *(one.values.get(name, "") for name in rules.WORDS), *(one.values.get(name) for name in rules.NUMBERS),
            _ENCODE(one.attributes).decode() if one.attributes else "", keys[key].wrapped, updated,
        )
        for key, one in known.items()
    )  # fmt: skip
    bulk.insert(table=Customer, columns=COLUMNS, rows=rows, update=COLUMNS[1:])


def _write_identities(ids: Mapping[int, str]) -> None:
    hashed = hashes.of_ids(home=settings.HOME, ids=ids.values())
    bulk.insert(table=Identity, columns=("id_hash", "customer_id"), rows=sorted(zip(hashed, ids, strict=True)))


def _in_steps(keys: Sequence[int]) -> Iterable[Customer]:
    for start in range(0, len(keys), STEP):
        yield from Customer.objects.filter(key__in=keys[start : start + STEP]).exclude(wrapped_key=None)


def _known(rows: Mapping[int, Customer]) -> dict[int, Known]:
    met_before = {key: row for key, row in rows.items() if row.joined_at is not None}
    histories = _histories(sorted(met_before))
    personal = sealing.personal_of(rows)
    known = {key: Known(personal=personal.get(key, {})) for key in rows}
    for key, row in met_before.items():
        known[key] = Known(
            joined_at=row.joined_at,
            left_at=row.left_at,
            values={name: getattr(row, name) for name in rules.FIELDS if getattr(row, name) not in ("", None)},
            personal=personal.get(key, {}),
            attributes=msgspec.json.decode(row.attributes) if row.attributes else {},
            history=histories.get(key, {}),
        )
    return known


def _histories(keys: Sequence[int]) -> dict[int, dict[str, tuple[Change, ...]]]:
    histories: dict[int, dict[str, tuple[Change, ...]]] = {}
    for start in range(0, len(keys), STEP):
        rows = ValueChange.objects.filter(customer_id__in=keys[start : start + STEP]).order_by("known_since", "id")
        for key, name, said, since in rows.values_list("customer_id", "field", "value", "known_since"):
            past = histories.setdefault(key, {})
            change = Change(field=name, value=_value_from(name, said), known_since=since)
            past[name] = (*past.get(name, ()), change)
    return histories


def _value_from(name: str, said: str) -> rules.Value:
    if not said:
        return None
    return float(said) if name in rules.NUMBERS else said


def write_changes(changes: Sequence[tuple[int, Change]]) -> None:
    """Write what fields of customers (by key) became, and since when that is known."""
    said = ((key, each.field, _said(each.value), bulk.moment(each.known_since)) for key, each in changes)
    bulk.insert(table=ValueChange, columns=("customer_id", "field", "value", "known_since"), rows=said)


def _said(value: rules.Value) -> str:
    return "" if value is None else str(value)
