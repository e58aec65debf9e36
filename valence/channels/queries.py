"""Reads of the channels, returned as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Count

from valence.channels import hashes, rows, sealed
from valence.channels import models as tables
from valence.channels.values import Kind, Outgoing, Purpose, State, Why

STEP = 5_000
MOST_LETTERS = 26


def of(*, purpose: Purpose, reference: str) -> list[Outgoing]:
    """Return the messages of a reference, the oldest first."""
    found = tables.Outgoing.objects.filter(purpose=purpose, reference=reference).order_by("pk")
    return [rows.outgoing(row) for row in found]


def one(*, number: str) -> Outgoing | None:
    """Return a message by its number, None where there is none."""
    row = tables.Outgoing.objects.filter(number=number).first() if len(number) <= MOST_LETTERS else None
    return rows.outgoing(row) if row else None


def content(*, message: Outgoing) -> tuple[str, Mapping[str, str]]:
    """Return the address of staff ("" for a customer) and what a message is written from.

    Raises customers.queries.UnknownCustomer, vault.Unreadable.
    """
    kept = tables.Outgoing.objects.filter(number=message.number).values_list("content", flat=True).get()
    return sealed.unseal(number=message.number, customer_key=message.customer_key, sealed=bytes(kept))


def unreachable(*, customer_keys: Iterable[int]) -> Mapping[int, frozenset[str]]:
    """Return the kinds by which customers cannot be reached; whom nothing is known against is absent."""
    keys = sorted(set(customer_keys))
    found: dict[int, set[str]] = {}
    for start in range(0, len(keys), STEP):
        marked = tables.Unreachable.objects.filter(customer_key__in=keys[start : start + STEP])
        for key, kind in marked.values_list("customer_key", "kind"):
            found.setdefault(key or 0, set()).add(kind)
    return {key: frozenset(kinds) for key, kinds in found.items()}


def why_not(*, kind: Kind, address: str) -> Why | None:
    """Return why an address is not written to, None where it is."""
    hashed = hashes.of_address(home=settings.HOME, kind=kind, address=address, country=settings.COUNTRY)
    why = tables.Unreachable.objects.filter(kind=kind, address_hash=hashed).values_list("why", flat=True).first()
    return Why(why) if why else None


def last_sent_to(*, kind: Kind, address: str, purpose: Purpose, most: int = 5) -> list[Outgoing]:
    """Return the messages that last left for an address, the newest first."""
    hashed = hashes.of_address(home=settings.HOME, kind=kind, address=address, country=settings.COUNTRY)
    found = tables.Outgoing.objects.filter(to_hash=hashed, kind=kind, purpose=purpose, state=State.SENT)
    return [rows.outgoing(row) for row in found.order_by("-sent_at", "-pk")[:most]]


def counts(*, since: datetime, purpose: Purpose | None = None) -> Mapping[tuple[Kind, State], int]:
    """Return how many messages were queued since a moment, by kind and where they stand."""
    found = tables.Outgoing.objects.filter(queued_at__gte=since)
    found = found.filter(purpose=purpose) if purpose else found
    counted = found.values_list("kind", "state").annotate(Count("pk"))
    return {(Kind(kind), State(state)): count for kind, state, count in counted}


def states(*, purpose: Purpose, references: Sequence[str]) -> Mapping[str, State]:
    """Return where the message of each reference stands; of several kinds, the one that got furthest."""
    order = [State.SENT, State.SENDING, State.QUEUED, *(set(State) - {State.SENT, State.SENDING, State.QUEUED})]
    found: dict[str, State] = {}
    for start in range(0, len(references), STEP):
        part = tables.Outgoing.objects.filter(purpose=purpose, reference__in=references[start : start + STEP])
        for reference, state in part.values_list("reference", "state"):
            better = min(found.get(reference, State(state)), State(state), key=order.index)
            found[reference] = better
    return found


def waiting(*, kind: Kind) -> tuple[int, datetime | None]:
    """Return how many messages of a kind wait, and since when the oldest does."""
    found = tables.Outgoing.objects.filter(kind=kind, state__in=(State.QUEUED, State.SENDING)).order_by("queued_at")
    first = found.values_list("queued_at", flat=True).first()
    return found.count(), first


def listed(*, states: Sequence[State], since: datetime, kind: Kind | None = None, most: int = 200) -> list[Outgoing]:
    """Return messages that stand somewhere, the latest change first."""
    found = tables.Outgoing.objects.filter(state__in=states, queued_at__gte=since)
    found = found.filter(kind=kind) if kind else found
    return [rows.outgoing(row) for row in found.order_by("-changed_at", "-pk")[:most]]


def is_any_due(*, now: datetime) -> bool:
    """Say whether a message waits whose turn has come."""
    return tables.Outgoing.objects.filter(state=State.QUEUED, next_try_at__lte=now).exists()
