"""Reads about customers, returned as frozen values. A customer is reached only by who may see them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet

from valence import sums
from valence.customers import erasures, hashes, identities, merging, population, sealing, vault
from valence.customers.models import (
    Customer,
    Identity,
    MergedCustomer,
    MergedKey,
    NameToken,
    PersonalRecord,
    PersonalText,
    Tombstone,
)
from valence.terms import BUCKETS, Keys, Relationships, Scope

STEP = 5_000


class UnknownCustomer(LookupError):  # noqa: N818 - named as people say it
    """There is no such customer, or none that this scope may see: the two cannot be told apart."""


@dataclass(frozen=True)
class Name:
    """What a customer is called. Everything but the id may be empty."""

    customer_id: str
    name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def said(self) -> str:
        """The name to show: the person's, else the company's own id."""
        return self.name or self.customer_id


@dataclass(frozen=True)
class Found:
    """A customer whom a search found."""

    key: int
    name: Name
    region: str
    left_at: datetime | None


@dataclass(frozen=True)
class Profile:
    """Who a customer is. `personal` holds what else looks personal; `joined_at` is None while unknown.

    Of a customer whom several ids name, it says what all of them say together (rules_links.together).
    """

    key: int
    name: Name
    joined_at: datetime | None
    left_at: datetime | None
    left_kind: str
    left_reason: str
    segment: str
    plan: str
    region: str
    location_id: str
    language: str
    monthly_value: float | None
    switched_from: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)


_lock = threading.Lock()
_lines: tuple[int, Relationships] | None = None
_whole: tuple[tuple[int, int], Relationships] | None = None


def counter(*, name: str) -> int:
    """Return how often `customers` or `erased` changed: a number that only grows."""
    with connection.cursor() as cursor:  # asked for with every batch and every page
        cursor.execute("SELECT value FROM valence_counter WHERE name = %s", [name])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def relationships(*, as_of: datetime | None = None) -> Relationships:
    """Return the whole population, or what was known of it at a moment. Read again only after a change.

    A customer whom several keys name is one row, under the key they are read by.
    """
    global _whole
    merged = identities.merged()
    if as_of is not None:
        return merging.as_one(people=lines(as_of=as_of), merged=merged)
    version = (counter(name="customers"), identities.version())
    with _lock:
        if _whole is None or _whole[0] != version:
            _whole = (version, merging.as_one(people=_every_line(version[0]), merged=merged))
        return _whole[1]


def relationships_of(*, keys: Sequence[int]) -> Relationships:
    """Return some customers, by the keys they are read by: `relationships` at the cost of those alone.

    What many customers change meanwhile makes nothing of it slower.
    """
    wanted = np.unique(np.asarray(keys, np.int64))
    merged = identities.merged()
    people = population.read(among=merged.written_as(wanted).tolist())
    found = merging.as_one(people=people, merged=merged)
    return found.taken(np.isin(found.keys, wanted))


def known_keys(*, scope: Scope, among: Sequence[int] | None = None) -> Keys:
    """Return by which keys the customers are read whom one may see, ascending: the keys of `relationships` alone.

    `among`: only those of these keys. Who asks who is there, and no more, need not read what is said of everybody.
    """
    known = identities.where(path="", joined_at__isnull=False) & identities.seen(scope=scope, path="")
    found = Customer.objects.filter(known).exclude(pk__in=identities.other_keys()).order_by()
    found = found if among is None else found.filter(pk__in=among)
    keys = found.values_list("key", flat=True).iterator(chunk_size=population.READ_AT_ONCE)
    return np.sort(np.fromiter(keys, np.int64))


def keys_between(*, first: int, until: int | None, bucket: int) -> list[int]:
    """Return the keys of a bucket of the log in [first, until), ascending: of all lines, from an index alone."""
    found = Customer.objects.filter(key__gte=first)
    found = found if until is None else found.filter(key__lt=until)
    found = found.alias(rest=F("key") % BUCKETS).filter(rest=bucket)
    return list(found.order_by("key").values_list("key", flat=True))


def lines(*, as_of: datetime) -> Relationships:
    """Return what was known at a moment under each key by itself: a customer whom several keys name is several rows."""
    version = counter(name="customers")
    with _lock:
        whole = _every_line(version)
    return population.as_known(whole=whole, as_of=as_of)


def _every_line(version: int) -> Relationships:
    """Read everybody again where something changed. Call it with the lock held."""
    global _lines
    if _lines is None or _lines[0] != version:
        _lines = (version, population.read())
    return _lines[1]


def counted() -> int:
    """Return how many customers there are, those known by an id only among them; several ids of one count once."""
    return Customer.objects.exclude(wrapped_key=None).exclude(pk__in=identities.other_keys()).count()


@sums.kept
def standing() -> tuple[int, int]:
    """Return of how many customers the relationship is known, and how many of them left by choice."""
    known = Customer.objects.exclude(joined_at=None).exclude(pk__in=identities.other_keys())
    lost = known.exclude(left_at=None).exclude(left_kind="involuntary")
    return known.count(), lost.count()


def key_of(*, scope: Scope, customer_id: str) -> int:
    """Return the key under which the customer of a company's own id is read. Raises UnknownCustomer."""
    [id_hash] = hashes.of_ids(home=settings.HOME, ids=[customer_id])
    key = Identity.objects.filter(id_hash=id_hash).values_list("customer_id", flat=True).first()
    key = None if key is None else identities.canonical(key=key)
    if key is None or not _visible(scope).filter(key=key).exists():
        raise UnknownCustomer("no such customer")
    return key


def key_to_erase(*, scope: Scope, customer_id: str) -> int:
    """Return the key of a customer to erase, also where an erasure was broken off. Raises UnknownCustomer.

    identities.keys_of says which keys name them too.
    """
    [id_hash] = hashes.of_ids(home=settings.HOME, ids=[customer_id])
    key = Identity.objects.filter(id_hash=id_hash).values_list("customer_id", flat=True).first()
    key = None if key is None else identities.canonical(key=key)
    if key is None or not Customer.objects.filter(identities.seen(scope=scope, path=""), key=key).exists():
        raise UnknownCustomer("no such customer")
    return key


def records_of(*, keys: Sequence[int]) -> list[dict[str, str]]:
    """Return everything personal that is known under each of some keys, `customer_id` included, of those not erased."""
    rows = Customer.objects.filter(key__in=keys).exclude(wrapped_key=None).order_by("key")
    return [_record_of(row) for row in rows]


def revived(*, entries: Sequence[erasures.Entry]) -> int:
    """Return how many of the register's entries have no tombstone here, or are known all the same."""
    stones = set(map(bytes, Tombstone.objects.values_list("id_hash", flat=True)))
    wanted = [entry.id_hash for entry in entries]
    here: set[bytes] = set()
    for start in range(0, len(wanted), STEP):
        found = Identity.objects.filter(id_hash__in=wanted[start : start + STEP], customer__wrapped_key__isnull=False)
        here.update(map(bytes, found.values_list("id_hash", flat=True)))
    return sum(id_hash in here or id_hash not in stones for id_hash in wanted)


def is_erased(*, customer_id: str) -> bool:
    """Return whether somebody of this id was erased."""
    [id_hash] = hashes.of_ids(home=settings.HOME, ids=[customer_id])
    return Tombstone.objects.filter(id_hash=id_hash).exists()


def profile(*, scope: Scope, key: int) -> Profile:
    """Return who a customer is, by any key of theirs. Raises UnknownCustomer."""
    own = _visible(scope).filter(key=identities.canonical(key=key)).first()
    if own is None:
        raise UnknownCustomer("no such customer")
    row = MergedCustomer.objects.filter(customer_id=own.key).first() or own
    record = _records_of([own.key]).get(own.key, {})
    return Profile(
        key=own.key,
        name=_name(record),
        joined_at=row.joined_at,
        left_at=row.left_at,
        left_kind=row.left_kind,
        left_reason=row.left_reason,
        segment=row.segment,
        plan=row.plan,
        region=row.region,
        location_id=row.location_id,
        language=row.language,
        monthly_value=row.monthly_value,
        switched_from=row.switched_from,
        attributes=msgspec.json.decode(own.attributes) if own.attributes else {},
        personal={key: value for key, value in record.items() if key not in Name.__dataclass_fields__},
    )


def names(*, scope: Scope, keys: Sequence[int]) -> dict[int, Name]:
    """Return what customers are called, by key; those out of scope are absent."""
    found: dict[int, Name] = {}
    for start in range(0, len(keys), STEP):
        part = np.unique(np.array(keys[start : start + STEP], dtype=np.int64))
        read = identities.merged().canonical_of(part)
        seen = set(_visible(scope).filter(key__in=np.unique(read).tolist()).values_list("key", flat=True))
        records = _records_of(sorted(seen))
        pairs = zip(part.tolist(), read.tolist(), strict=True)
        found |= {key: _name(records[one]) for key, one in pairs if one in records}
    return found


def ids_of(*, keys: Sequence[int]) -> dict[int, str]:
    """Return the company's own id behind each key, of those not erased. For the flows: no scope is asked."""
    rows = PersonalRecord.objects.filter(customer_id__in=keys).exclude(customer__wrapped_key=None)
    return {
        key: sealing.open_record(key=key, wrapped=bytes(wrapped), sealed=bytes(sealed))["customer_id"]
        for key, wrapped, sealed in rows.values_list("customer_id", "customer__wrapped_key", "sealed")
        if wrapped is not None
    }


def search(*, scope: Scope, words: str, limit: int = 20) -> list[Found]:
    """Return the customers whose name, e-mail, phone or id holds every one of the words, by any id of theirs."""
    whole = hashes.whole_of(words)
    if not whole:
        return []
    rows = _any_line(scope)
    each = hashes.words_of(words) - {whole}
    every = [*_holding(rows, {whole})[:limit], *(_holding(rows, each)[:limit] if each else ())]
    unique = list(dict.fromkeys(identities.canonical(key=row.key) for row in every))[:limit]
    called = names(scope=scope, keys=unique)
    columns = [identities.column(path="", name=name) for name in ("region", "left_at")]
    rows_said = _visible(scope).filter(key__in=unique).values_list("key", *columns)
    said = {key: (region, left) for key, region, left in rows_said}
    return [Found(key, called[key], *said[key]) for key in unique if key in called and key in said]


def visible_keys(*, scope: Scope) -> QuerySet[Customer, int]:
    """Return the keys of the customers whom a scope may see, as a sub-query for other folders' reads."""
    return _visible(scope).values_list("key", flat=True)


def written_text(*, scope: Scope, key: int, source: str, interaction_id: str, revision: int) -> str | None:
    """Return what a customer wrote as they wrote it; None where redaction had nothing to change."""
    if not _visible(scope).filter(key=identities.canonical(key=key)).exists():
        return None
    [row_hash] = hashes.of_rows(home=settings.HOME, rows=[(source, interaction_id, revision)])
    hers = PersonalText.objects.filter(row_hash=row_hash, customer_id__in=identities.keys_of(key=key))
    kept = hers.exclude(customer__wrapped_key=None).select_related("customer").first()
    if kept is None:
        return None
    wrapped = bytes(kept.customer.wrapped_key or b"")
    person_key = vault.unwrap(home=settings.HOME, wrapped=wrapped, customer_key=kept.customer_id)
    return vault.unseal(key=person_key, sealed=bytes(kept.sealed), bound_to=row_hash).decode()


def _visible(scope: Scope) -> QuerySet[Customer]:
    return Customer.objects.exclude(wrapped_key=None).filter(identities.seen(scope=scope, path=""))


def _any_line(scope: Scope) -> QuerySet[Customer]:
    """Return every key by which a customer whom one may see is known."""
    rows = Customer.objects.exclude(wrapped_key=None)
    if scope.regions is None or not len(identities.merged()):
        return rows.filter(identities.seen(scope=scope, path=""))
    regions = sorted(scope.regions - {""})
    theirs = MergedKey.objects.filter(merged__region__in=regions).values("customer_id")
    own = Q(region__in=regions) & ~Q(key__in=MergedKey.objects.values("customer_id"))
    return rows.filter(own | Q(key__in=theirs))


def _holding(rows: QuerySet[Customer], words: set[str]) -> QuerySet[Customer]:
    for token in sorted(hashes.of_words(home=settings.HOME, words=words)):
        rows = rows.filter(key__in=NameToken.objects.filter(token_hash=token).values("customer_id"))
    return rows


def _record_of(row: Customer) -> dict[str, str]:
    record = PersonalRecord.objects.filter(customer_id=row.key).first()
    if record is None:
        return {}
    return sealing.open_record(key=row.key, wrapped=bytes(row.wrapped_key or b""), sealed=bytes(record.sealed))


def _records_of(keys: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return the personal records of customers by the key they are read by; what one lacks, another line says."""
    merged = identities.merged()
    written = merged.written_as(np.array(keys, np.int64)).tolist()
    wrapped: dict[int, bytes] = {}
    sealed: dict[int, bytes] = {}
    for start in range(0, len(written), STEP):
        part = Customer.objects.filter(key__in=written[start : start + STEP]).exclude(wrapped_key=None)
        wrapped |= {key: bytes(sealed_key or b"") for key, sealed_key in part.values_list("key", "wrapped_key")}
        texts = PersonalRecord.objects.filter(customer_id__in=written[start : start + STEP])
        sealed |= {key: bytes(text) for key, text in texts.values_list("customer_id", "sealed")}
    there = [key for key in written if key in wrapped and key in sealed]
    said = {key: sealing.open_record(key=key, wrapped=wrapped[key], sealed=sealed[key]) for key in there}
    found = {key: said[key] for key in keys if key in said}
    read = merged.canonical_of(np.array(there, np.int64)).tolist()
    for key, one in zip(there, read, strict=True):
        if key != one:
            found[one] = {**said[key], **{name: value for name, value in found.get(one, {}).items() if value}}
    return found


def _name(record: Mapping[str, str]) -> Name:
    return Name(**{field: record.get(field, "") for field in Name.__dataclass_fields__})
