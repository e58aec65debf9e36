"""Between rows and plain values: a person's record is sealed and opened here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from django.conf import settings

from valence.customers import bulk, hashes, rules, vault
from valence.customers.models import Customer, NameToken, PersonalRecord
from valence.home import Home

STEP = 5_000
_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True)
class PersonKey:
    """A person's own key: as it opens what is theirs, and wrapped, as it is kept."""

    plain: bytes
    wrapped: bytes


def new_key(*, home: Home, key: int) -> PersonKey:
    """Return a new key for a customer who was just met."""
    plain = vault.make_key()
    return PersonKey(plain=plain, wrapped=vault.wrap(home=home, person_key=plain, customer_key=key))


def keys_of(rows: Mapping[int, Customer]) -> dict[int, PersonKey]:
    """Return the keys of customers, by their surrogate key."""
    return {key: PersonKey(plain=_person_key(row), wrapped=bytes(row.wrapped_key or b"")) for key, row in rows.items()}


def open_record(*, key: int, wrapped: bytes, sealed: bytes) -> dict[str, str]:
    """Return a personal record, `customer_id` included. Raises vault.Unreadable."""
    person_key = vault.unwrap(home=settings.HOME, wrapped=wrapped, customer_key=key)
    return _DECODER.decode(vault.unseal(key=person_key, sealed=bytes(sealed)))


def seal_for(*, row: Customer, plain: bytes, about: bytes) -> bytes:
    """Return a text sealed with a person's key, bound to what it is about."""
    return vault.seal(key=_person_key(row), plain=plain, bound_to=about)


def write_personal(
    *, keys: Mapping[int, PersonKey], customer_ids: Mapping[int, str], personal: Mapping[int, Mapping[str, str]]
) -> None:
    """Write what is personal, by key, and the words by which the people can be found."""
    records = {key: {**values, "customer_id": customer_ids[key]} for key, values in personal.items()}
    sealed = [(key, vault.seal(key=keys[key].plain, plain=_ENCODER.encode(said))) for key, said in records.items()]
    bulk.insert(table=PersonalRecord, columns=("customer_id", "sealed"), rows=sealed, update=("sealed",))
    tokens = [(token, key) for key, record in records.items() for token in _tokens(record)]
    bulk.insert(table=NameToken, columns=("token_hash", "customer_id"), rows=sorted(tokens))


def add_tokens(*, customer_ids: Mapping[int, str], personal: Mapping[int, Sequence[Mapping[str, str]]]) -> None:
    """Write the words by which people can be found: of every version of what is personal, by key."""
    tokens = {
        (token, key)
        for key, versions in personal.items()
        for said in versions
        for token in _tokens({**said, "customer_id": customer_ids[key]})
    }
    bulk.insert(table=NameToken, columns=("token_hash", "customer_id"), rows=sorted(tokens))


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


def _tokens(record: Mapping[str, str]) -> set[bytes]:
    said = {name: record.get(name, "") for name in ("customer_id", *rules.PERSONAL)}
    return hashes.of_words(home=settings.HOME, words=hashes.searched(**said))
