"""Writes of the channels: what waits, what became of it, who is not written to again. One verb each."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from valence.channels import folder, hashes, rows, rules, sealed
from valence.channels import models as tables
from valence.channels.rules import Next
from valence.channels.values import Handed, Kind, Outgoing, Problem, Purpose, State, ToSend, Why

STEP = 500
KEPT = timedelta(days=400)
FILES_KEPT = timedelta(days=30)


@transaction.atomic
def queue(*, messages: Sequence[ToSend], now: datetime) -> list[str]:
    """Put messages in the queue, sealed, and return their numbers in order. Nothing is sent here.

    A message of the same purpose, reference and kind that is there already stays, and its number is returned.
    Raises ValueError for one that has both a customer and an address or neither; customers.queries.UnknownCustomer.
    """
    there = _numbers(messages)
    new = {_name(one): one for one in messages if _name(one) not in there}
    made = [_row(one, now) for one in new.values()]
    tables.Outgoing.objects.bulk_create(made, batch_size=STEP)
    there |= {name: row.number for name, row in zip(new, made, strict=True)}
    return [there[_name(one)] for one in messages]


def claim(*, kind: Kind, now: datetime) -> Outgoing | None:
    """Take the message that waits longest for its turn, so that nobody else does; None where none is due."""
    due = tables.Outgoing.objects.filter(state=State.QUEUED, kind=kind, next_try_at__lte=now)
    for row in due.order_by("next_try_at", "pk")[:20]:
        claimed = tables.Outgoing.objects.filter(pk=row.pk, state=State.QUEUED)
        if claimed.update(state=State.SENDING, changed_at=now, tries=F("tries") + 1):
            row.refresh_from_db()
            return rows.outgoing(row)
    return None


def let_go(*, message: Outgoing, now: datetime) -> None:
    """Put a message back that was claimed and not tried."""
    claimed = tables.Outgoing.objects.filter(number=message.number, state=State.SENDING)
    claimed.update(state=State.QUEUED, tries=F("tries") - 1, changed_at=now)


@transaction.atomic
def finish(*, message: Outgoing, handed: Handed, to: str, now: datetime) -> Next:
    """Keep what became of a message that was handed over; what it said is forgotten with its last try."""
    follows = rules.after(
        problem=handed.problem, tries=message.tries, queued_at=message.queued_at, until=message.until, now=now
    )
    values: dict[str, object] = {"state": follows.state, "why": follows.why or "", "changed_at": now}
    if follows.next_try_at:
        values["next_try_at"] = follows.next_try_at
    else:
        values |= {"content": b"", "to_hash": _address(message.kind, to)}
    if follows.state is State.SENT:
        reference = handed.reference
        values |= {"sent_at": now, "sent_as": _provider(reference) if reference else None}
    tables.Outgoing.objects.filter(number=message.number, state=State.SENDING).update(**values)
    if rules.marks_address(handed.problem):
        _mark(message.kind, _address(message.kind, to), message.customer_key, handed.problem, now)
    return follows


def withhold(*, message: Outgoing, why: Why, now: datetime) -> None:
    """End a message that should not be sent any more."""
    claimed = tables.Outgoing.objects.filter(number=message.number, state=State.SENDING)
    claimed.update(state=State.WITHHELD, why=why, content=b"", changed_at=now)


def give_up_broken_off(*, now: datetime) -> int:
    """End messages whose process died while it handed them over: they may have left, and none is sent twice."""
    lost = tables.Outgoing.objects.filter(state=State.SENDING, changed_at__lt=now - rules.LEASE)
    return lost.update(state=State.UNSURE, why=Why.BROKEN_OFF, content=b"", changed_at=now)


def cancel(*, purpose: Purpose, reference: str, now: datetime, why: Why = Why.ENDED) -> int:
    """Withhold what waits of a reference; returns how many."""
    waiting = tables.Outgoing.objects.filter(purpose=purpose, reference=reference, state=State.QUEUED)
    return waiting.update(state=State.WITHHELD, why=why, content=b"", changed_at=now)


@transaction.atomic
def bounce(*, provider_reference: str, why: Why, now: datetime) -> bool:
    """Keep that a message which was taken did not arrive; False where no message is known by this name."""
    row = tables.Outgoing.objects.filter(sent_as=_provider(provider_reference)).first()
    if row is None:
        return False
    tables.Outgoing.objects.filter(pk=row.pk).update(state=State.BOUNCED, why=why, changed_at=now)
    if why in rules.ADDRESS_GONE and row.to_hash:
        _mark(Kind(row.kind), bytes(row.to_hash), row.customer_key, Problem(why, lasting=True), now)
    return True


def stop(*, kind: Kind, address: str, now: datetime) -> None:
    """Write to an address no more: its owner said so."""
    _mark(kind, _address(kind, address), None, Problem(Why.OPTED_OUT, lasting=True), now)


def start(*, kind: Kind, address: str) -> None:
    """Write to an address again: its owner said so, or it was put right."""
    tables.Unreachable.objects.filter(kind=kind, address_hash=_address(kind, address)).delete()


def came_in(*, provider_reference: str, now: datetime) -> bool:
    """Keep that a message came in; False where the same one came before. Call it in the transaction that acts on it."""
    row = tables.Incoming(provider_hash=_provider(provider_reference), came_at=now)
    before = tables.Incoming.objects.filter(pk=row.provider_hash).exists()
    if not before:
        tables.Incoming.objects.bulk_create([row], ignore_conflicts=True)
    return not before


def forget(*, customer_keys: Iterable[int]) -> int:
    """Delete every message to erased customers, and the files that were written for them; returns how many."""
    keys = list(customer_keys)
    theirs = tables.Outgoing.objects.filter(customer_key__in=keys)
    folder.remove(home=settings.HOME, numbers=list(theirs.values_list("number", flat=True)))
    tables.Unreachable.objects.filter(customer_key__in=keys).delete()
    return theirs.delete()[0]


def forget_old(*, now: datetime) -> None:
    """Delete what is over for long: rows after KEPT, letters in the folders after FILES_KEPT."""
    over = tables.Outgoing.objects.exclude(state__in=(State.QUEUED, State.SENDING))
    over.filter(changed_at__lt=now - KEPT).delete()
    tables.Incoming.objects.filter(came_at__lt=now - KEPT).delete()
    folder.remove_older(home=settings.HOME, than=now - FILES_KEPT)


def _numbers(messages: Sequence[ToSend]) -> dict[tuple[str, str, str], str]:
    wanted = {_name(one) for one in messages}
    references = sorted({one.reference for one in messages})
    found: dict[tuple[str, str, str], str] = {}
    for start_at in range(0, len(references), STEP):
        there = tables.Outgoing.objects.filter(reference__in=references[start_at : start_at + STEP])
        for purpose, reference, kind, number in there.values_list("purpose", "reference", "kind", "number"):
            found[purpose, reference, kind] = number
    return {name: number for name, number in found.items() if name in wanted}


def _name(one: ToSend) -> tuple[str, str, str]:
    return one.purpose, one.reference, one.kind


def _row(one: ToSend, now: datetime) -> tables.Outgoing:
    if (one.customer_key is None) == (not one.to):
        raise ValueError("a message goes to a customer or to an address of staff, one of them")
    number = f"m{secrets.token_hex(12)}"
    return tables.Outgoing(
        number=number,
        kind=one.kind,
        purpose=one.purpose,
        reference=one.reference,
        customer_key=one.customer_key,
        content=sealed.seal(number=number, customer_key=one.customer_key, to=one.to, content=one.content),
        queued_at=now,
        next_try_at=one.not_before or now,
        until=one.until,
        changed_at=now,
    )


def _mark(kind: Kind, address: bytes, customer_key: int | None, problem: Problem | None, now: datetime) -> None:
    if problem is not None:
        tables.Unreachable.objects.get_or_create(
            kind=kind,
            address_hash=address,
            defaults={"customer_key": customer_key, "why": problem.why, "since": now},
        )


def _address(kind: Kind, address: str) -> bytes:
    return hashes.of_address(home=settings.HOME, kind=kind, address=address, country=settings.COUNTRY)


def _provider(reference: str) -> bytes:
    return hashes.of_provider(home=settings.HOME, reference=reference)
