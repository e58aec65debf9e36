"""Messages leave: each that is due is claimed, written, asked again whether it may go, handed over, and kept as sent.

One that fails never stops the next. A server that is down costs time only. Of a process that dies while it hands one
over nobody knows whether it left: that one is not sent again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import close_old_connections

from valence.channels import actions, queries, registry, routes
from valence.channels.routes import Route
from valence.channels.values import Handed, Kind, Letter, Outgoing, Problem, Purpose, State, Why
from valence.customers import consent, vault
from valence.customers import queries as customers
from valence.flows.ask import letters, spoken
from valence.flows.run import failures
from valence.terms import EVERYTHING

log = logging.getLogger("valence.sending")

BEAT = 2.0
SECONDS_A_TURN = 20.0
CONSENT: dict[Purpose, consent.Purpose] = {
    Purpose.INVITATION: consent.Purpose.FEEDBACK,
    Purpose.REPLY: consent.Purpose.SERVICE,
}
"""What a customer must not have objected to. Staff are written to as their rules say."""

Hand = Callable[[str, Letter], Handed]


def run(*, stop: threading.Event) -> None:
    """Send what is due, again and again, until `stop` is set. Several processes may do so side by side."""
    while not stop.wait(BEAT):
        now = datetime.now(UTC)
        try:
            if queries.is_any_due(now=now):
                send_due(now=now, stop=stop)
            actions.give_up_broken_off(now=now)
        except Exception as problem:
            reference = failures.record(home=settings.HOME, name="sending", problem=problem, now=now)
            log.warning("sending failed, reference %s", reference)
        close_old_connections()


def send_due(*, now: datetime, stop: threading.Event | None = None) -> Counter[State]:
    """Send what is due at `now`, for some seconds of each kind at most; return what became of the messages."""
    became: Counter[State] = Counter()
    for kind in Kind:
        became += _send_kind(kind, now, stop or threading.Event())
    return became


def route(*, kind: Kind) -> Route:
    """Return where messages of a kind go, as the settings say."""
    address = spoken.address()
    host = urlsplit(address).hostname or "localhost"
    own = Route(url="", sender="", name=spoken.company(), home=settings.HOME, country=settings.COUNTRY)
    if kind is Kind.EMAIL:
        return replace(own, url=settings.EMAIL_URL, sender=settings.EMAIL_FROM or f"feedback@{host}")
    return replace(own, url=settings.SMS_URL, sender=settings.SMS_FROM, callback=f"{address}/sms/status")


def _send_kind(kind: Kind, now: datetime, stop: threading.Event) -> Counter[State]:
    """Send until nothing is due, the turn is over, or the server is out of reach: then everything else waits too."""
    became: Counter[State] = Counter()
    ends = time.monotonic() + SECONDS_A_TURN
    message = actions.claim(kind=kind, now=now)
    if message is None:
        return became
    try:
        with registry.KINDS[kind].opened(route=route(kind=kind)) as hand:
            while message is not None:
                state, goes_on = _send(message, hand, now)
                became[state] += 1
                late = stop.is_set() or time.monotonic() > ends
                message = actions.claim(kind=kind, now=now) if goes_on and not late else None
    except routes.RouteError:
        if message is not None:
            actions.let_go(message=message, now=now)
        raise
    return became


def _send(message: Outgoing, hand: Hand, now: datetime) -> tuple[State, bool]:
    """Send one message; return where it stands now, and whether it makes sense to try the next."""
    letter = _written(message, now)
    if isinstance(letter, Why):
        actions.withhold(message=message, why=letter, now=now)
        return State.WITHHELD, True
    handed = _handed(message, letter, hand)
    follows = actions.finish(message=message, handed=handed, to=letter.to, now=now)
    return follows.state, not (handed.problem and handed.problem.about_all)


def _written(message: Outgoing, now: datetime) -> Letter | Why:
    """Return the letter, or why it should not leave. What cannot be written is written down, and stops nothing."""
    if message.until is not None and message.until <= now:
        return Why.TOO_LATE
    try:
        to, content = queries.content(message=message)
        to = to or _address(message)
        why = _why_not(message, to)
        return why or letters.written(message=message, content=content, to=to, now=now)
    except (customers.UnknownCustomer, vault.Unreadable):
        return Why.ENDED
    except Exception as problem:
        reference = failures.record(home=settings.HOME, name="letter", problem=problem, now=now)
        log.warning("message %s cannot be written, reference %s", message.number, reference)
        return Why.CANNOT_BE_WRITTEN


def _address(message: Outgoing) -> str:
    key = message.customer_key or 0
    name = customers.names(scope=EVERYTHING, keys=[key]).get(key)
    return "" if name is None else name.email if message.kind is Kind.EMAIL else name.phone


def _why_not(message: Outgoing, to: str) -> Why | None:
    """Return why a message should not leave: no address, one that does not work, no consent (any more)."""
    if not to:
        return Why.NO_ADDRESS
    if message.customer_key is not None and message.purpose in CONSENT:
        held = consent.may(customer_key=message.customer_key, purpose=CONSENT[message.purpose], channel=message.kind)
        if not held.allowed:
            return Why.NO_CONSENT
    return queries.why_not(kind=message.kind, address=to)


def _handed(message: Outgoing, letter: Letter, hand: Hand) -> Handed:
    """Hand a letter over; a failure that nobody foresaw is this message's own."""
    try:
        return hand(message.number, letter)
    except Exception as problem:
        failures.record(home=settings.HOME, name="sending", problem=problem, now=datetime.now(UTC))
        return Handed(Problem(Why.CANNOT_BE_WRITTEN, lasting=True))
