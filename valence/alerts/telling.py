"""Receivers and what they are told: rows that wait until each arrived, or was given up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Min

from valence.alerts.channels import KINDS
from valence.alerts.channels.event import Event, WrongReceiver
from valence.alerts.models import Delivery, Receiver
from valence.customers import vault
from valence.people import audit

# As the Standard Webhooks specification proposes: at once, then over three days, each time later.
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)  # fmt: skip
EVENTS = (
    "case.opened", "case.replied", "case.closed", "case.verified", "case.escalated", "case.told", "case.promised",
    "case.promise_kept", "case.promise_broken", "place.raised",
)  # fmt: skip
WAITING, DONE, FAILED = "waiting", "done", "failed"
ON, OFF = "on", "off"
MOST_RECEIVERS = 50
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class ReceiverRow:
    """A receiver as the page shows it; its secret is not among it. `why`: what went wrong last."""

    pk: int
    kind: str
    name: str
    host: str
    events: tuple[str, ...]
    state: str
    failing_since: datetime | None
    why: str
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class News:
    """An event that is to be told. `event`: its name, the same whenever it is sent again; body: nothing personal."""

    event: str
    kind: str
    customer: int | None
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Due:
    """An event that is to be told now."""

    pk: int
    receiver: int
    kind: str
    settings: Mapping[str, str]
    event: Event
    customer: int | None
    tries: int


@transaction.atomic
def add(*, kind: str, name: str, said: Mapping[str, str], events: Sequence[str], by: str, now: datetime) -> str:
    """Add a receiver; return its secret, which can be read only now ("" for kinds without). Raises WrongReceiver."""
    if kind not in KINDS:
        raise WrongReceiver("Choose a kind of receiver.")
    if not 1 <= len(name.strip()) <= 100 or Receiver.objects.filter(name=name.strip()).exists():
        raise WrongReceiver("Give it a name that no other receiver has.")
    if Receiver.objects.count() >= MOST_RECEIVERS:
        raise WrongReceiver(f"There are {MOST_RECEIVERS} receivers already.")
    wanted = [event for event in EVENTS if event in events] or list(EVENTS)
    kept: dict[str, str] = KINDS[kind].checked(said=said, allowed=settings.WEBHOOK_HOSTS)
    row = Receiver.objects.create(kind=kind, name=name.strip(), events=wanted, made_at=now)
    row.sealed = vault.seal(key=_key(), plain=json.dumps(kept).encode(), bound_to=_bound(row.pk))
    row.save(update_fields=["sealed"])
    audit.record(who=by, what="receiver added", about=f"{kind} {name.strip()}", now=now)
    return kept.get("secret", "")


def remove(*, pk: int, by: str, now: datetime) -> None:
    """Take a receiver out, with what waits for it."""
    name = Receiver.objects.filter(pk=pk).values_list("name", flat=True).first()
    if name is not None:
        Receiver.objects.filter(pk=pk).delete()
        audit.record(who=by, what="receiver removed", about=name, now=now)


def receivers() -> tuple[ReceiverRow, ...]:
    """Return every receiver by name, with how much waits for it and was given up."""
    counted = Delivery.objects.order_by().values_list("receiver", "state").annotate(n=Count("pk"))
    counts = {(receiver, state): n for receiver, state, n in counted}
    return tuple(
        ReceiverRow(
            pk=row.pk,
            kind=row.kind,
            name=row.name,
            host=_host(row),
            events=tuple(row.events),
            state=row.state,
            failing_since=row.failing_since,
            why=row.why,
            waiting=counts.get((row.pk, WAITING), 0),
            failed=counts.get((row.pk, FAILED), 0),
        )
        for row in Receiver.objects.order_by("name")
    )


def queue(*, event: str, kind: str, customer: int | None, body: Mapping[str, Any], now: datetime) -> int:
    """Let an event wait for every receiver that wants its kind, once; return for how many it is new."""
    return queue_all(news=[News(event, kind, customer, body)], now=now)


def queue_all(*, news: Sequence[News], now: datetime) -> int:
    """Let events wait for every receiver that wants their kinds, each once; return how many are new."""
    wants = list(Receiver.objects.filter(state=ON).values_list("pk", "events"))
    names = [one.event for one in news]
    there = set(Delivery.objects.filter(event__in=names).values_list("receiver_id", "event"))
    new = [
        Delivery(
            receiver_id=pk,
            event=one.event,
            kind=one.kind,
            customer_id=one.customer,
            body=json.dumps(dict(one.body), ensure_ascii=False),
            made_at=now,
            next_try_at=now,
        )
        for one in news
        for pk, events in wants
        if one.kind in events and (pk, one.event) not in there
    ]
    Delivery.objects.bulk_create(new, ignore_conflicts=True, batch_size=200)
    return len(new)


def due(*, now: datetime, limit: int) -> tuple[Due, ...]:
    """Return what is to be told now, the next event of each receiver: however much waits for one, no other waits."""
    waits = Delivery.objects.filter(state=WAITING, next_try_at__lte=now, receiver__state=ON)
    first = waits.order_by().values("receiver").annotate(first=Min("pk")).values_list("first", flat=True)
    rows = Delivery.objects.filter(pk__in=list(first)).select_related("receiver").order_by("next_try_at", "pk")
    return tuple(_due(row) for row in rows[:limit])


@transaction.atomic
def note(*, one: Due, status: int, why: str, lasting: bool, now: datetime) -> None:
    """Keep what became of a try: it arrived, is tried again later, or was given up. 410 closes the receiver."""
    row = Delivery.objects.filter(pk=one.pk, state=WAITING)
    if 200 <= status < 300:
        row.update(state=DONE, ended_at=now, tries=F("tries") + 1, why="")
        Receiver.objects.filter(pk=one.receiver).update(failing_since=None, why="")
        return
    said = why or f"it answered {status}"
    Receiver.objects.filter(pk=one.receiver, failing_since=None).update(failing_since=now)
    gone = status == 410
    Receiver.objects.filter(pk=one.receiver).update(why=said[:200], **({"state": OFF} if gone else {}))
    if lasting or gone or one.tries >= len(WAITS):
        row.update(state=FAILED, ended_at=now, tries=F("tries") + 1, why=said[:200])
    else:
        row.update(next_try_at=now + WAITS[one.tries], tries=F("tries") + 1, why=said[:200])


def again(*, receiver: int, now: datetime) -> int:
    """Send everything again that was given up; the receiver knows it by its id. Returns how much."""
    Receiver.objects.filter(pk=receiver).update(state=ON)
    found = Delivery.objects.filter(receiver_id=receiver, state=FAILED)
    return found.update(state=WAITING, next_try_at=now, tries=0, ended_at=None)


def forget(*, now: datetime) -> None:
    """Delete what arrived or was given up long ago."""
    Delivery.objects.exclude(state=WAITING).filter(ended_at__lt=now - KEPT).delete()


def _due(row: Delivery) -> Due:
    event = Event(name=row.event, kind=row.kind, at=row.made_at, data=json.loads(row.body))
    return Due(
        pk=row.pk,
        receiver=row.receiver_id,
        kind=row.receiver.kind,
        settings=_settings(row.receiver),
        event=event,
        customer=row.customer_id,
        tries=row.tries,
    )


def _settings(row: Receiver) -> dict[str, str]:
    plain = vault.unseal(key=_key(), sealed=bytes(row.sealed), bound_to=_bound(row.pk))
    kept: dict[str, str] = json.loads(plain)
    return kept


def _host(row: Receiver) -> str:
    return _settings(row).get("url", "").split("/")[2] if row.sealed else ""


def _key() -> bytes:
    key: bytes = settings.HOME.key_for("receivers")
    return key


def _bound(pk: int) -> bytes:
    return f"receiver {pk}".encode()
