"""What the widget on a company's pages says and hears: small JSON, only for the origins that may show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from valence.api import schemas
from valence.api.replies import Error, Refusal, Reply, error_reply, json_reply
from valence.channels import places
from valence.flows.ask import widget
from valence.flows.gather import pace
from valence.interactions import StoreUnavailable
from valence.surveys.answer import Given
from valence.surveys.values import NotOpen, TooOften

router = Router(tags=["widget"])
LARGEST = 64 << 10
KEPT = "600"
ERRORS = schemas.errors(Error.BAD_JSON, Error.NOT_ALLOWED, Error.NOT_FOUND, Error.TOO_LARGE, Error.CANNOT_STORE)


class Said(msgspec.Struct):
    """What the widget sends. answers: by question, as a form has them: {"": ["7"]}, a grid's row by its id."""

    customer: str = ""
    proof: str = ""
    language: str = ""
    token: str = ""
    answers: dict[str, dict[str, list[str]]] = {}
    send: bool = False


Act = Callable[[places.Site, Said, widget.Visitor, datetime], Mapping[str, Any]]


@router.post("/{key}/open", response={200: dict[str, Any], **ERRORS}, summary="What the widget asks")
def open_widget(request: HttpRequest, key: str) -> HttpResponse:
    """Tell the questions, words and colours; `ask` is false where this customer should not be asked now.

    Nothing is stored but a count. The body is a JSON object with `language` and, for somebody signed in, `customer`
    and `proof`; any content type, so that a browser need not ask before.
    """
    return _answered(request, key, _open)


@router.post("/{key}/answers", response={200: dict[str, Any], **ERRORS}, summary="Answers given in the widget")
def answer_widget(request: HttpRequest, key: str) -> HttpResponse:
    """Keep `answers`, with `send` for good; returns the `token` to go on with and the questions asked now."""
    return _answered(request, key, _answer)


@router.post("/{key}/declined", response={200: dict[str, Any], **ERRORS}, summary="Somebody closed the widget")
def decline_widget(request: HttpRequest, key: str) -> HttpResponse:
    """Keep that somebody does not want to be asked here."""
    return _answered(request, key, _decline)


@router.api_operation(["OPTIONS"], "/{key}/open", include_in_schema=False)
@router.api_operation(["OPTIONS"], "/{key}/answers", include_in_schema=False)
@router.api_operation(["OPTIONS"], "/{key}/declined", include_in_schema=False)
def may_call(request: HttpRequest, key: str) -> HttpResponse:
    """Tell a browser which origins may call."""
    response = _answered(request, key, lambda site, said, visitor, now: {})
    if response.status_code == 200:
        response = HttpResponse(status=204, headers=dict(response.headers))
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "content-type"
        response["Access-Control-Max-Age"] = KEPT
    return response


def _open(site: places.Site, said: Said, visitor: widget.Visitor, now: datetime) -> Mapping[str, Any]:
    told = widget.opened(site=site, visitor=visitor, now=now)
    if told["ask"]:
        widget.shown(site=site, now=now)
    return told


def _answer(site: places.Site, said: Said, visitor: widget.Visitor, now: datetime) -> Mapping[str, Any]:
    form: dict[str, Given] = {
        name: {"": ("",), **{field: tuple(values) for field, values in fields.items()}}
        for name, fields in said.answers.items()
    }
    return widget.answered(site=site, visitor=visitor, token=said.token, form=form, send=said.send, now=now)


def _decline(site: places.Site, said: Said, visitor: widget.Visitor, now: datetime) -> Mapping[str, Any]:
    widget.declined(site=site, visitor=visitor, token=said.token, now=now)
    return {}


def _answered(request: HttpRequest, key: str, act: Act) -> HttpResponse:
    """Do what is asked for an origin that may; every answer to it can be read by its page."""
    origin = request.headers.get("origin", "")
    try:
        site = widget.site_of(key=key, origin=origin)
    except widget.NotHere:
        return _plain(error_reply(Error.NOT_FOUND))
    except widget.NotAllowed:
        return _plain(error_reply(Error.NOT_ALLOWED, detail="This origin may not show the widget."))
    response = _plain(_reply(request, site, act))
    response["Access-Control-Allow-Origin"] = origin
    response["Vary"] = "Origin"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _reply(request: HttpRequest, site: places.Site, act: Act) -> Reply:
    try:
        said = _said(request)
        visitor = widget.Visitor(said.customer[:200], said.proof[:64], said.language[:35])
        return json_reply(200, act(site, said, visitor, datetime.now(UTC)))
    except Refusal as refusal:
        return refusal.reply
    except widget.NotHere:
        return error_reply(Error.NOT_FOUND)
    except widget.NotAllowed:
        return error_reply(Error.NOT_ALLOWED, detail="Who is signed in was not proven.")
    except NotOpen as ended:
        return error_reply(Error.NOT_FOUND, detail=f"It ended: {ended.end}.")
    except (pace.TooFast, TooOften):
        return error_reply(Error.TOO_FAST, retry_after=60)
    except StoreUnavailable:
        return error_reply(Error.CANNOT_STORE, retry_after=5)


def _said(request: HttpRequest) -> Said:
    if len(request.body) > LARGEST:
        raise Refusal(Error.TOO_LARGE)
    if not request.body:
        return Said()
    try:
        return msgspec.json.decode(request.body, type=Said)
    except (msgspec.DecodeError, RecursionError):
        raise Refusal(Error.BAD_JSON) from None


def _plain(reply: Reply) -> HttpResponse:
    return HttpResponse(reply.body, status=reply.status, content_type="application/json", headers=dict(reply.headers))
