"""Telling machines what happens in cases: signed, tried again for days, once for each event."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from valence import organisation, terms
from valence.alerts import telling
from valence.alerts.channels import KINDS, address
from valence.alerts.channels.event import Event, WrongReceiver
from valence.cases import happened, queries
from valence.customers import queries as customers
from valence.flows.run import alone, repeating
from valence.interactions import followers

NAME = "telling"
KINDS_OF = {
    "opened": "case.opened",
    "replied": "case.replied",
    "closed": "case.closed",
    "verified": "case.verified",
    "escalated": "case.escalated",
    "told": "case.told",
    "promised": "case.promised",
    "kept": "case.promise_kept",
    "broken": "case.promise_broken",
}
AT_ONCE = 500
BEAT = 2.0
TRIES_AT_ONCE = 20
LOOK_BACK = 200  # lines of transactions that ended later than one with a higher number


def run(*, stop: threading.Event) -> None:
    """Tell receivers until `stop` is set, beside everything else: a slow one holds up nobody but itself and the next.

    One at a time in a data folder. A look that fails is written down and tried again.
    """
    while not stop.is_set():
        with alone.trying(home=settings.HOME, name=NAME) as is_alone:
            if is_alone:
                repeating.again_and_again(step=_look, stop=stop, name=NAME)
        stop.wait(BEAT)


def _look() -> float:
    return 0.0 if tell(now=datetime.now(UTC)) else BEAT


def tell(*, now: datetime) -> int:
    """Queue what happened since the last look, and send what is due; return how many events left."""
    collect(now=now)
    return sum(_send(one, now) for one in telling.due(now=now, limit=TRIES_AT_ONCE))


def collect(*, now: datetime) -> int:
    """Let what happened in cases wait for its receivers; each line of a timeline once. Returns how many are new."""
    position = followers.kept(name=NAME)
    if position is None or not telling.receivers():
        followers.keep(name=NAME, position=happened.last_line())
        return 0
    lines = happened.lines_after(pk=max(0, position - LOOK_BACK), limit=AT_ONCE + LOOK_BACK)
    with transaction.atomic():
        new = telling.queue_all(news=[_news(line) for line in lines if line.what in KINDS_OF], now=now)
        followers.keep(name=NAME, position=max([position, *(line.pk for line in lines)]))
    return new


def _news(line: happened.Happened) -> telling.News:
    base = organisation.of(folder=settings.HOME.folder).address
    body = {
        "id": line.case,
        "number": f"{queries.PREFIX}{line.case}",
        "title": line.title,
        "state": line.state,
        "severity": line.severity,
        "owner": line.owner,
        "recovery": line.recovery,
        "words": line.words,
        "at": line.at.isoformat(),
        "url": f"{base}/cases/{line.case}/" if base else "",
    }
    return telling.News(f"msg_case_{line.case}_{line.pk}", KINDS_OF[line.what], line.key, body)


def _send(one: telling.Due, now: datetime) -> bool:
    status, why, lasting = 0, "", False
    try:
        request = KINDS[one.kind].made(settings=one.settings, event=_with_customer(one), now=now)
        status = address.post(request=request, allowed=settings.WEBHOOK_HOSTS)
    except WrongReceiver as problem:
        why, lasting = str(problem), True
    except address.CannotReach as problem:
        why, lasting = str(problem), problem.lasting
    telling.note(one=one, status=status, why=why, lasting=lasting, now=now)
    return 200 <= status < 300


def _with_customer(one: telling.Due) -> Event:
    """Add the company's own id of the customer, which is stored nowhere beside their record."""
    if one.customer is None or one.kind != "webhook":
        return one.event
    name = customers.names(scope=terms.EVERYTHING, keys=[one.customer]).get(one.customer)
    return replace(one.event, data={**one.event.data, "customer_id": name.customer_id if name else ""})
