"""Surveys: what leaves by mail and text message, where to, what waits, and what could not be sent and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from valence.channels import queries, registry, routes
from valence.channels.values import Kind, Outgoing, Purpose, State, Why
from valence.customers import queries as customers
from valence.flows.ask import sending
from valence.people import rules
from valence.web import parts, view

W = TypeVar("W", Kind, State)
KIND_WORDS = {Kind.EMAIL: "E-mail", Kind.SMS: "Text message"}
SETTINGS = {Kind.EMAIL: "EMAIL_URL", Kind.SMS: "SMS_URL"}
PURPOSE_WORDS = {Purpose.INVITATION: "Invitation", Purpose.REPLY: "Reply", Purpose.DIGEST: "To staff"}
STATE_WORDS: Mapping[State, str] = {
    State.SENT: "sent",
    State.QUEUED: "waiting",
    State.SENDING: "being sent",
    State.BOUNCED: "bounced",
    State.FAILED: "failed",
    State.WITHHELD: "withheld",
    State.UNSURE: "unsure",
}
WHY_WORDS: Mapping[Why, str] = {
    Why.NO_ADDRESS: "No address is known",
    Why.BAD_ADDRESS: "The number cannot be dialled",
    Why.ADDRESS_REFUSED: "The address does not exist",
    Why.OPTED_OUT: "Its owner said stop",
    Why.MESSAGE_REFUSED: "The other side refused the message",
    Why.SENDER_REFUSED: "The server refused us: check the setting",
    Why.TRY_LATER: "The server said: later",
    Why.NOT_REACHED: "The server could not be reached",
    Why.BROKEN_OFF: "Broken off while it was handed over; it may have arrived",
    Why.NO_CONSENT: "Consent was withdrawn before it left",
    Why.ENDED: "What it was about ended before it left",
    Why.TOO_LATE: "Its time passed before it left",
    Why.CANNOT_BE_WRITTEN: "It could not be written: see the log",
}
MOST = 200
ORDER = tuple(STATE_WORDS)


@dataclass(frozen=True)
class KindCard:
    """One kind: where its messages go, what became of them in the period, since when the oldest waits."""

    name: str
    where: str
    is_folder: bool
    setting: str
    counts: tuple[tuple[str, int, str], ...]
    waits_since: datetime | None
    problem: str


@dataclass(frozen=True)
class Row:
    """A message: whose, by which kind, what for, where it stands and why."""

    who: str
    href: str
    kind: str
    purpose: str
    state: str
    why: str
    tries: int
    queued_at: datetime


@dataclass(frozen=True)
class SendingPage:
    """Each kind, and the messages of the states that were asked for."""

    kinds: tuple[KindCard, ...]
    rows: tuple[Row, ...]
    says: str


@view.page(section="surveys", act=rules.Act.SEE_SURVEYS)
def sending_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what leaves; the messages of one kind and state, else those that did not arrive."""
    kind, state = _word(Kind, request.GET.get("kind", "")), _word(State, request.GET.get("state", ""))
    states = [state] if state else [State.BOUNCED, State.FAILED, State.UNSURE, State.WITHHELD]
    found = queries.listed(states=states, since=asked.period.since, kind=kind, most=MOST)
    names = customers.names(scope=asked.scope, keys=[one.customer_key for one in found if one.customer_key is not None])
    rows = [one for one in found if one.customer_key is None or one.customer_key in names]
    said = STATE_WORDS[state].capitalize() if state else "What did not leave or did not arrive"
    more = " or more" if len(found) == MOST else ""
    page = SendingPage(
        kinds=tuple(_card(one, asked) for one in Kind),
        rows=tuple(_row(one, names) for one in rows),
        says=f"{said}{f', {KIND_WORDS[kind].lower()}' if kind else ''}: {len(rows)}{more}.",
    )
    crumbs = (parts.Crumb("Surveys", reverse("surveys")), parts.Crumb("Sending"))
    return view.render(asked, "valence/sending.html", page=page, title="Sending", crumbs=crumbs)


def _card(kind: Kind, asked: view.Asked) -> KindCard:
    route, where, problem = sending.route(kind=kind), "", ""
    try:
        where = registry.KINDS[kind].where(route=route)
    except routes.RouteError as wrong:
        problem = str(wrong)
    counts = queries.counts(since=asked.period.since)
    _, since = queries.waiting(kind=kind)
    return KindCard(
        name=KIND_WORDS[kind],
        where=where,
        is_folder=not route.url,
        setting=SETTINGS[kind],
        counts=tuple(
            (STATE_WORDS[state], counts[kind, state], f"?kind={kind}&state={state}&days={asked.period.days}")
            for state in ORDER
            if counts.get((kind, state))
        ),
        waits_since=since,
        problem=problem,
    )


def _row(one: Outgoing, names: Mapping[int, customers.Name]) -> Row:
    key = one.customer_key
    return Row(
        who=names[key].said if key is not None else "Staff",
        href=reverse("customer", args=[key]) if key is not None else "",
        kind=KIND_WORDS[one.kind],
        purpose=PURPOSE_WORDS[one.purpose],
        state=STATE_WORDS[one.state],
        why=WHY_WORDS[one.why] if one.why else "",
        tries=one.tries,
        queued_at=one.queued_at,
    )


def _word(words: type[W], said: str) -> W | None:
    return next((one for one in words if one.value == said), None)
