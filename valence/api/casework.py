"""Alerts and cases, as machines read them; a reply that a person wrote elsewhere and approved there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from valence.alerts import queries as alerts
from valence.api import bodies, schemas
from valence.api.doors import DOOR
from valence.api.replies import Error, Refusal, Reply, error_reply, json_reply
from valence.cases import queries as cases
from valence.customers import queries as customers
from valence.flows.act import replies
from valence.interactions import StoreUnavailable
from valence.terms import EVERYTHING

router = Router(tags=["cases"])
MOST = 500
USUAL = 100
MACHINE = cases.Seer(pk=0, scope=EVERYTHING)
COMMON = (Error.NO_KEY, Error.NOT_ALLOWED, Error.TOO_FAST, Error.CANNOT_STORE)


class Alert(Schema):
    """A rule fired for a customer."""

    id: int
    rule: str
    version: int
    title: str
    severity: int
    state: str
    customer_id: str
    source: str
    interaction_id: str
    occurred_at: str
    raised_at: str
    reasons: list[str]


class Case(Schema):
    """Something that somebody puts right with a customer."""

    id: int
    number: str
    customer_id: str
    title: str
    state: str
    severity: int
    owner: str
    department: str
    playbook: str
    opened_at: str
    due_at: str
    closed_at: str | None
    recovery: str
    why: list[str]


class NewReply(msgspec.Struct, forbid_unknown_fields=True):
    """A reply that a person approved."""

    text: str
    channel: str
    subject: str = ""


class ReplyBody(Schema):
    """`channel` is email or sms; `subject` is needed for e-mail."""

    text: str
    channel: str
    subject: str | None = None


class Replied(Schema):
    """The number of the message, which leaves soon."""

    message_id: str


@router.get(
    "/alerts", response={200: list[Alert], **schemas.errors(*COMMON, Error.INVALID)}, summary="Alerts, by number"
)
def get_alerts(request: HttpRequest, after: int = 0, limit: int = USUAL, state: str = "") -> HttpResponse:
    """Tell alerts in order of their numbers, above `after`. Needs a key with the scope `read`.

    Ask again with the highest number you have: nothing is told twice and nothing is passed over.
    """

    def act() -> Reply:
        rows = alerts.rows(scope=EVERYTHING, state=state, after=max(0, after), limit=_limit(limit), in_order=True)
        named = customers.names(scope=EVERYTHING, keys=[row.key for row in rows])
        return json_reply(200, [_alert(row, named) for row in rows])

    return _answered(request, "read", act)


@router.get("/cases", response={200: list[Case], **schemas.errors(*COMMON, Error.INVALID)}, summary="Cases, by number")
def get_cases(request: HttpRequest, after: int = 0, limit: int = USUAL, state: str = "") -> HttpResponse:
    """Tell cases in order of their numbers, above `after`; `state`: new, active, waiting or closed.

    Needs a key with the scope `read`.
    """

    def act() -> Reply:
        rows = cases.api_rows(seer=MACHINE, state=state, after=max(0, after), limit=_limit(limit))
        named = customers.names(scope=EVERYTHING, keys=[row.key for row in rows])
        return json_reply(200, [_case(row, named) for row in rows])

    return _answered(request, "read", act)


@router.post(
    "/cases/{case_id}/reply",
    response={
        202: Replied,
        **schemas.errors(*COMMON, Error.BAD_JSON, Error.BAD_TYPE, Error.NOT_FOUND, Error.INVALID),
    },
    summary="Reply to the customer of a case",
    openapi_extra=schemas.plain_body(ReplyBody),
)
def post_reply(request: HttpRequest, case_id: int) -> HttpResponse:
    """Send a reply that a person wrote and approved. Needs a key with the scope `write`.

    It leaves by e-mail or SMS where the customer allowed that; the case tells it, and it comes back as an interaction.
    """
    now = datetime.now(UTC)

    def act() -> Reply:
        said = _body(request)
        whole = cases.whole(seer=MACHINE, pk=case_id)
        reply = replies.Reply(channel=said.channel, subject=said.subject, text=said.text)
        return json_reply(202, {"message_id": replies.send(case=whole, reply=reply, by="API", now=now)})

    return _answered(request, "write", act)


def _answered(request: HttpRequest, scope: str, act: Callable[[], Reply]) -> HttpResponse:
    try:
        key = DOOR.look_up(authorization=request.headers.get("authorization", ""))
        DOOR.pass_through(key=key, scope=scope)
        reply = act()
    except Refusal as refusal:
        reply = refusal.reply
    except cases.NoSuchCase:
        reply = error_reply(Error.NOT_FOUND)
    except replies.CannotReply as why:
        reply = error_reply(Error.INVALID, detail=str(why))
    except StoreUnavailable:
        reply = error_reply(Error.CANNOT_STORE, retry_after=5)
    return HttpResponse(reply.body, status=reply.status, content_type="application/json", headers=dict(reply.headers))


def _body(request: HttpRequest) -> NewReply:
    bodies.check_length(content_length=request.headers.get("content-length", ""))
    bodies.media_type(
        content_type=request.headers.get("content-type", ""), encoding=request.headers.get("content-encoding", "")
    )
    try:
        return msgspec.json.decode(request.body, type=NewReply)
    except msgspec.ValidationError as problem:
        raise Refusal(Error.INVALID, detail=str(problem)[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(Error.BAD_JSON) from None


def _limit(asked: int) -> int:
    return min(max(1, asked), MOST)


def _alert(row: alerts.AlertRow, named: dict[int, customers.Name]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "rule": row.rule,
        "version": row.version,
        "title": row.title,
        "severity": row.severity,
        "state": row.state,
        "customer_id": named[row.key].customer_id if row.key in named else "",
        "source": row.source,
        "interaction_id": row.interaction_id,
        "occurred_at": row.occurred_at.isoformat(),
        "raised_at": row.raised_at.isoformat(),
        "reasons": list(row.reasons),
    }


def _case(row: cases.CaseRow, named: dict[int, customers.Name]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "customer_id": named[row.key].customer_id if row.key in named else "",
        "title": row.title,
        "state": row.state.value,
        "severity": row.severity,
        "owner": row.owner_name,
        "department": row.department,
        "playbook": row.playbook,
        "opened_at": row.opened_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "recovery": row.recovery,
        "why": list(row.why),
    }
