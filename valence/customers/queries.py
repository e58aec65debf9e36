"""Reads about customers, returned as frozen values. A customer is reached only by who may see them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import QuerySet

from valence.customers import hashes, population, sealing, vault
from valence.customers.models import Counter, Customer, Identity, NameToken, PersonalRecord, PersonalText, Tombstone
from valence.terms import Relationships, Scope

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
    """Who a customer is. `personal` holds what else looks personal; `joined_at` is None while unknown."""

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
_whole: tuple[int, Relationships] | None = None


def counter(*, name: str) -> int:
    """Return how often `customers` or `erased` changed: a number that only grows."""
    return Counter.objects.filter(name=name).values_list("value", flat=True).first() or 0


def relationships(*, as_of: datetime | None = None) -> Relationships:
    """Return the whole population, or what was known of it at a moment. Read again only after a change."""
    global _whole
    with _lock:
        version = counter(name="customers")
        if _whole is None or _whole[0] != version:
            _whole = (version, population.read())
        whole = _whole[1]
    return whole if as_of is None else population.as_known(whole=whole, as_of=as_of)


def key_of(*, scope: Scope, customer_id: str) -> int:
    """Return the surrogate key of a company's own id. Raises UnknownCustomer."""
    [id_hash] = hashes.of_ids(home=settings.HOME, ids=[customer_id])
    key = Identity.objects.filter(id_hash=id_hash).values_list("customer_id", flat=True).first()
    if key is None or not _visible(scope).filter(key=key).exists():
        raise UnknownCustomer("no such customer")
    return key


def key_to_erase(*, scope: Scope, customer_id: str) -> int:
    """Return the key of a customer to erase, also where an erasure was broken off. Raises UnknownCustomer."""
    [id_hash] = hashes.of_ids(home=settings.HOME, ids=[customer_id])
    rows = Identity.objects.filter(id_hash=id_hash)
    if scope.regions is not None:
        rows = rows.filter(customer__region__in=sorted(scope.regions - {""}))
    key = rows.values_list("customer_id", flat=True).first()
    if key is None:
        raise UnknownCustomer("no such customer")
    return key


def said_of(*, key: int) -> list[str]:
    """Return everything personal that is known of a customer; nothing where their key was destroyed already."""
    row = Customer.objects.filter(key=key).exclude(wrapped_key=None).first()
    return list(_record_of(row).values()) if row else []


def is_erased(*, customer_id: str) -> bool:
    """Return whether somebody of this id was erased."""
    [id_hash] = hashes.of_ids(home=settings.HOME, ids=[customer_id])
    return Tombstone.objects.filter(id_hash=id_hash).exists()


def profile(*, scope: Scope, key: int) -> Profile:
    """Return who a customer is. Raises UnknownCustomer."""
    row = _visible(scope).filter(key=key).first()
    if row is None:
        raise UnknownCustomer("no such customer")
    record = _record_of(row)
    return Profile(
        key=row.key,
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
        attributes=msgspec.json.decode(row.attributes) if row.attributes else {},
        personal={key: value for key, value in record.items() if key not in Name.__dataclass_fields__},
    )


def names(*, scope: Scope, keys: Sequence[int]) -> dict[int, Name]:
    """Return what customers are called, by key; those out of scope are absent."""
    found: dict[int, Name] = {}
    for start in range(0, len(keys), STEP):
        part = [int(key) for key in keys[start : start + STEP]]
        wrapped = dict(_visible(scope).filter(key__in=part).values_list("key", "wrapped_key"))
        sealed = PersonalRecord.objects.filter(customer_id__in=list(wrapped)).values_list("customer_id", "sealed")
        for key, text in sealed:
            found[key] = _name(sealing.open_record(key=key, wrapped=bytes(wrapped[key] or b""), sealed=bytes(text)))
    return found


def search(*, scope: Scope, words: str, limit: int = 20) -> list[Found]:
    """Return the customers whose name, e-mail, phone or id holds every one of the words."""
    whole = hashes.whole_of(words)
    if not whole:
        return []
    rows = _visible(scope)
    each = hashes.words_of(words) - {whole}
    every = [*_holding(rows, {whole})[:limit], *(_holding(rows, each)[:limit] if each else ())]
    unique = list({row.key: row for row in every}.values())[:limit]
    called = names(scope=scope, keys=[row.key for row in unique])
    return [
        Found(key=row.key, name=called[row.key], region=row.region, left_at=row.left_at)
        for row in unique
        if row.key in called
    ]


def visible_keys(*, scope: Scope) -> QuerySet[Customer, int]:
    """Return the keys of the customers whom a scope may see, as a sub-query for other folders' reads."""
    return _visible(scope).values_list("key", flat=True)


def written_text(*, scope: Scope, key: int, source: str, interaction_id: str, revision: int) -> str | None:
    """Return what a customer wrote as they wrote it; None where redaction had nothing to change."""
    row = _visible(scope).filter(key=key).first()
    if row is None or row.wrapped_key is None:
        return None
    [row_hash] = hashes.of_rows(home=settings.HOME, rows=[(source, interaction_id, revision)])
    kept = PersonalText.objects.filter(row_hash=row_hash, customer_id=key).first()
    if kept is None:
        return None
    person_key = vault.unwrap(home=settings.HOME, wrapped=bytes(row.wrapped_key), customer_key=key)
    return vault.unseal(key=person_key, sealed=bytes(kept.sealed), bound_to=row_hash).decode()


def _visible(scope: Scope) -> QuerySet[Customer]:
    rows = Customer.objects.exclude(wrapped_key=None)
    return rows if scope.regions is None else rows.filter(region__in=sorted(scope.regions - {""}))


def _holding(rows: QuerySet[Customer], words: set[str]) -> QuerySet[Customer]:
    for token in sorted(hashes.of_words(home=settings.HOME, words=words)):
        rows = rows.filter(key__in=NameToken.objects.filter(token_hash=token).values("customer_id"))
    return rows


def _record_of(row: Customer) -> dict[str, str]:
    record = PersonalRecord.objects.filter(customer_id=row.key).first()
    if record is None:
        return {}
    return sealing.open_record(key=row.key, wrapped=bytes(row.wrapped_key or b""), sealed=bytes(record.sealed))


def _name(record: Mapping[str, str]) -> Name:
    return Name(**{field: record.get(field, "") for field in Name.__dataclass_fields__})
