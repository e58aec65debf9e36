"""The card of a customer for a desk tool: its words, or a link to it that lasts minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest
from ninja import Schema

from valence.api.doors import DOOR
from valence.api.replies import Error, Refusal, Reply, error_reply, json_reply
from valence.customers import queries as customers
from valence.flows.ask import spoken
from valence.flows.find import card
from valence.terms import EVERYTHING

SCOPE = "card"


class Card(Schema):
    """What to know before talking to a customer, in sentences."""

    customer_id: str
    name: str
    language: str
    happened: str
    owed: str
    promises: list[str]
    do_not_ask: str
    valued: str
    tone: str
    last: str
    case: str
    as_of: str


class CardLink(Schema):
    """An address to show in a frame, and until when it opens."""

    url: str
    until: str


def tell(request: HttpRequest, *, customer_id: str, now: datetime) -> Reply:
    """Return the words of a card."""

    def said(key: int) -> Reply:
        found = card.read(scope=EVERYTHING, key=key, now=now)
        brief = found.brief
        told = {
            "customer_id": found.customer_id,
            "name": found.name,
            "language": found.speaks,
            "happened": _plain(brief.happened),
            "owed": _plain(brief.owed),
            "promises": list(found.promises),
            "do_not_ask": _plain(brief.do_not_ask),
            "valued": _plain(brief.valued),
            "tone": _plain(found.tone),
            "last": found.last,
            "case": found.case,
            "as_of": found.as_of.isoformat(),
        }
        return json_reply(200, told)

    return _answered(request, customer_id, said)


def link(request: HttpRequest, *, customer_id: str, now: datetime) -> Reply:
    """Return an address that shows a card for some minutes."""

    def said(key: int) -> Reply:
        url = f"{spoken.address()}/card/{card.link_token(key=key, now=now)}/"
        return json_reply(201, {"url": url, "until": (now + card.LASTS).isoformat()})

    return _answered(request, customer_id, said)


def _answered(request: HttpRequest, customer_id: str, said: Callable[[int], Reply]) -> Reply:
    try:
        key = DOOR.look_up(authorization=request.headers.get("authorization", ""))
        DOOR.pass_through(key=key, scope=SCOPE)
        return said(customers.key_of(scope=EVERYTHING, customer_id=customer_id))
    except Refusal as refusal:
        return refusal.reply
    except customers.UnknownCustomer:
        return error_reply(Error.NOT_FOUND)


def _plain(sentence: str) -> str:
    return sentence.replace("**", "")
