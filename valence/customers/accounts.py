"""Accounts and households: several customers side by side, of whom each stays or leaves by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from valence.customers import hashes, identities
from valence.customers.models import Customer, Link, Membership
from valence.customers.rules import Known
from valence.customers.rules_links import Relation, State
from valence.terms import Scope

STEP = 2_000
NAMED = {"account_id": Relation.ACCOUNT, "household_id": Relation.HOUSEHOLD}
"""The attributes of a customer that name the account or the household."""
MOST = 500


@dataclass(frozen=True)
class Line:
    """Another customer of the same account or household. `relation` is what ties them."""

    key: int
    relation: Relation
    region: str
    plan: str
    monthly_value: float | None
    joined_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True)
class Account:
    """The other customers beside one, and how many there are whom one may not see.

    `monthly_value`: of those still with us whom one may see, the customer's own included; None where none is known.
    """

    lines: tuple[Line, ...]
    hidden: int
    monthly_value: float | None


def keep(*, known: Mapping[int, Known]) -> None:
    """Note the accounts and households that customers' attributes name. A newer number takes an older one's place.

    A number that looks personal, as long ones do, lies among what is personal.
    """
    named = [
        (key, relation, str(number))
        for key, one in known.items()
        for name, relation in NAMED.items()
        if (number := one.attributes.get(name) or one.personal.get(f"attributes.{name}"))
    ]
    for start in range(0, len(named), STEP):
        part = named[start : start + STEP]
        hashed = hashes.of_groups(home=settings.HOME, groups=[(relation, number) for _, relation, number in part])
        rows = [
            Membership(customer_id=key, kind=relation, group_hash=group)
            for (key, relation, _), group in zip(part, hashed, strict=True)
        ]
        Membership.objects.bulk_create(
            rows, update_conflicts=True, update_fields=["group_hash"], unique_fields=["customer", "kind"]
        )


def beside(*, scope: Scope, key: int) -> Account:
    """Return the other customers of a customer's account and household, those who are with us first."""
    tied = _tied(key)
    seen = _lines(scope, {key: Relation.SAME, **tied})
    rows = {row.key: row for row in seen if row.key != key}
    own = [row for row in seen if row.key == key]
    still = [row.monthly_value for row in (*own, *rows.values()) if row.left_at is None]
    known = [value for value in still if value is not None]
    return Account(
        lines=tuple(
            sorted(rows.values(), key=lambda row: (row.left_at is not None, -(row.monthly_value or 0), row.key))
        ),
        hidden=len(tied) - len(rows),
        monthly_value=sum(known) if known else None,
    )


def _tied(key: int) -> dict[int, Relation]:
    """Return who is in one account or household with a customer, by the key they are read by."""
    read = identities.canonical(key=key)
    if not _is_tied(identities.keys_of(key=read)):
        return {}
    found = {one: relation for relation in (Relation.HOUSEHOLD, Relation.ACCOUNT) for one in _reached(read, relation)}
    return {one: relation for one, relation in found.items() if one != read}


def _is_tied(keys: Sequence[int]) -> bool:
    """Say whether anything ties one of these keys to others: for nearly everybody nothing does."""
    return (
        Membership.objects.filter(customer_id__in=keys).exists()
        or Link.objects.filter(Q(a_id__in=keys) | Q(b_id__in=keys), state=State.CONFIRMED).exists()
    )


def _reached(read: int, relation: Relation) -> set[int]:
    """Return whom one number or links of one kind lead to, from one to the next; about MOST at most."""
    found, fresh = {read}, {read}
    while fresh and len(found) < MOST:
        keys = [key for one in fresh for key in identities.keys_of(key=one)]
        others = {*_of_one_number(keys, relation), *_linked(keys, relation)}
        fresh = {identities.canonical(key=other) for other in others} - found
        found |= fresh
    return found


def _of_one_number(keys: Sequence[int], relation: Relation) -> Sequence[int]:
    rows = Membership.objects.filter(kind=relation)
    numbers = map(bytes, rows.filter(customer_id__in=keys).values_list("group_hash", flat=True))
    return list(rows.filter(group_hash__in=list(numbers)).values_list("customer_id", flat=True)[:MOST])


def _linked(keys: Sequence[int], relation: Relation) -> Sequence[int]:
    sure = Link.objects.filter(state=State.CONFIRMED, relation=relation)
    rows = sure.filter(Q(a_id__in=keys) | Q(b_id__in=keys)).values_list("a_id", "b_id")
    return [key for pair in rows[:MOST] for key in pair]


def _lines(scope: Scope, tied: Mapping[int, Relation]) -> Sequence[Line]:
    names = ("region", "plan", "monthly_value", "joined_at", "left_at")
    columns = [identities.column(path="", name=name) for name in names]
    rows = Customer.objects.filter(identities.seen(scope=scope, path=""), key__in=list(tied)).exclude(wrapped_key=None)
    return [Line(key, tied[key], *said) for key, *said in rows.values_list("key", *columns)]
