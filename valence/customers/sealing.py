"""Between rows and plain values: a person's record is sealed and opened here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings

from valence.customers import hashes, rules, vault
from valence.customers.models import Customer, NameToken, PersonalRecord
from valence.home import Home

STEP = 5_000
_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True)
class NewCustomer:
    """The rows of a customer who was just met."""

    row: Customer
    record: PersonalRecord
    tokens: Sequence[NameToken]


def new_customer(*, home: Home, key: int, customer_id: str, now: datetime) -> NewCustomer:
    """Return the rows of a customer of whom only the id is known."""
    wrapped = vault.wrap(home=home, person_key=(person_key := vault.make_key()), customer_key=key)
    row = Customer(key=key, wrapped_key=wrapped, updated_at=now)
    sealed = vault.seal(key=person_key, plain=_ENCODER.encode({"customer_id": customer_id}))
    return NewCustomer(
        row=row, record=PersonalRecord(customer_id=key, sealed=sealed), tokens=_tokens(key=key, texts=[customer_id])
    )


def open_record(*, key: int, wrapped: bytes, sealed: bytes) -> dict[str, str]:
    """Return a personal record, `customer_id` included. Raises vault.Unreadable."""
    person_key = vault.unwrap(home=settings.HOME, wrapped=wrapped, customer_key=key)
    return _DECODER.decode(vault.unseal(key=person_key, sealed=bytes(sealed)))


def seal_for(*, row: Customer, plain: bytes, about: bytes) -> bytes:
    """Return a text sealed with a person's key, bound to what it is about."""
    return vault.seal(key=_person_key(row), plain=plain, bound_to=about)


def personal_rows(
    *, row: Customer, customer_id: str, personal: Mapping[str, str]
) -> tuple[PersonalRecord, list[NameToken]]:
    """Return the sealed record of a person and the words by which they can be found."""
    record = {**personal, "customer_id": customer_id}
    sealed = vault.seal(key=_person_key(row), plain=_ENCODER.encode(record))
    texts = [customer_id, *(personal[name] for name in rules.PERSONAL if personal.get(name))]
    return PersonalRecord(customer_id=row.key, sealed=sealed), _tokens(key=row.key, texts=texts)


def personal_of(rows: Mapping[int, Customer]) -> dict[int, dict[str, str]]:
    """Return the personal values of customers by key, without the company's own id."""
    return {
        key: {name: value for name, value in record.items() if name != "customer_id"}
        for key, record in _records(rows).items()
    }


def customer_ids_of(rows: Mapping[int, Customer]) -> dict[int, str]:
    """Return the company's own ids of customers by key."""
    return {key: record["customer_id"] for key, record in _records(rows).items()}


def _records(rows: Mapping[int, Customer]) -> dict[int, dict[str, str]]:
    keys, records = list(rows), {}
    for start in range(0, len(keys), STEP):
        sealed = PersonalRecord.objects.filter(customer_id__in=keys[start : start + STEP])
        for key, text in sealed.values_list("customer_id", "sealed"):
            records[key] = _DECODER.decode(vault.unseal(key=_person_key(rows[key]), sealed=bytes(text)))
    return records


def _person_key(row: Customer) -> bytes:
    return vault.unwrap(home=settings.HOME, wrapped=bytes(row.wrapped_key or b""), customer_key=row.key)


def _tokens(*, key: int, texts: Sequence[str]) -> list[NameToken]:
    words = set().union(*(hashes.words_of(text) for text in texts))
    return [NameToken(token_hash=token, customer_id=key) for token in hashes.of_words(home=settings.HOME, words=words)]
