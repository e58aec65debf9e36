"""The routes of the API, described with their errors. The lean endpoint answers most of what is sent in before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Path, Router
from ninja.errors import HttpError, ValidationError

from valence.api import cards, casework, comments, identities, intake, schemas, surveys, widget
from valence.api.doors import DOOR
from valence.api.replies import Error, Refusal, Reply, error_reply, json_reply
from valence.customers import queries as customer_queries
from valence.flows.protect import erase
from valence.interactions import StoreUnavailable
from valence.terms import EVERYTHING

api = NinjaAPI(title="Valence", version="1", docs_url=None, urls_namespace="api")
elsewhere = Router()
COMMON = (Error.NO_KEY, Error.NOT_ALLOWED, Error.TOO_FAST, Error.CANNOT_STORE)
INTAKE: dict[int, Any] = {
    202: schemas.Said | list[schemas.Said],
    409: schemas.Said,
    422: schemas.Said | schemas.Problem,
    **schemas.errors(*COMMON, Error.BAD_JSON, Error.TOO_LARGE, Error.BAD_TYPE),
}


@api.post(
    "/interactions",
    response=INTAKE,
    tags=["intake"],
    summary="Send interactions",
    openapi_extra=schemas.body(kind="interactions"),
)
def post_interactions(request: HttpRequest) -> HttpResponse:
    """One object, an array or NDJSON, at most 500 items and 5 MB. Needs a key with the scope `write`.

    202 is answered only after everything that was not refused is stored safely. A batch is answered by one verdict
    per item, in order; one object by its verdict: 409 for a conflict, 422 where it is refused.
    """
    return _answered("interactions", request)


@api.post(
    "/customers",
    response=INTAKE,
    tags=["intake"],
    summary="Send customers",
    openapi_extra=schemas.body(kind="customers"),
)
def post_customers(request: HttpRequest) -> HttpResponse:
    """One object, an array or NDJSON, at most 500 items and 5 MB. Needs a key with the scope `write`.

    A customer sent again is updated (`revised`); each value keeps since when it is known.
    """
    return _answered("customers", request)


@api.post(
    "/identities",
    response=INTAKE,
    tags=["intake"],
    summary="Send links between ids",
    openapi_extra=schemas.body(kind="identities"),
)
def post_identities(request: HttpRequest) -> HttpResponse:
    """Say which other id names the same customer, or another one of the same account or household.

    Needs a key with the scope `write`. With `confidence` below 1 it is a suggestion that a person decides on.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    return _plain(identities.answer(headers=headers, body=request.body, now=datetime.now(UTC)))


@api.post(
    "/surveys",
    response={201: schemas.Survey, **schemas.errors(*COMMON, Error.BAD_JSON, Error.BAD_TYPE, Error.INVALID)},
    tags=["surveys"],
    summary="Make a survey from a template",
    openapi_extra=schemas.plain_body(schemas.NewSurvey),
)
def post_surveys(request: HttpRequest) -> HttpResponse:
    """Make a survey from a template, in five languages, and ask it from now on. Needs a key with the scope `write`.

    `channel` is how it is asked where an invitation says nothing else: link, email, sms, widget or api.
    """
    return _plain(surveys.make(request, now=datetime.now(UTC)))


@api.get(
    "/surveys",
    response={200: list[schemas.Survey], **schemas.errors(*COMMON)},
    tags=["surveys"],
    summary="All surveys",
)
def get_surveys(request: HttpRequest) -> HttpResponse:
    """Tell every survey, those that are asked first. Needs a key with the scope `read`."""
    return _plain(surveys.every(request))


@api.get(
    "/surveys/{survey_id}",
    response={200: schemas.SurveyResults, **schemas.errors(*COMMON, Error.NOT_FOUND, Error.INVALID)},
    tags=["surveys"],
    summary="A survey and its results",
)
def get_survey(
    request: HttpRequest, survey_id: Path[str], since: str | None = None, until: str | None = None
) -> HttpResponse:
    """Tell a survey with its answers of the last 90 days, or of a period. Needs a key with the scope `read`.

    Answers are told by how they were asked, and together only where that was alike; no figure under five answers.
    """
    return _plain(surveys.one(request, survey_id=survey_id, now=datetime.now(UTC)))


@api.post(
    "/invitations",
    response={
        201: schemas.Invitation,
        **schemas.errors(*COMMON, Error.BAD_JSON, Error.NOT_FOUND, Error.NOT_ASKED, Error.BAD_TYPE, Error.INVALID),
    },
    tags=["surveys"],
    summary="Ask a customer",
    openapi_extra=schemas.plain_body(schemas.NewInvitation),
)
def post_invitations(request: HttpRequest) -> HttpResponse:
    """Ask one customer. By `link` the answer holds the link, once; e-mail and SMS leave by themselves.

    Needs a key with the scope `write`. Consent, a refusal to be asked and a missing address are heeded (409 with the
    reason); with `"rest": true` the rest after asking and the contact budget too.
    """
    return _plain(surveys.invite(request, home=settings.HOME, now=datetime.now(UTC)))


# Before the address of a customer itself, whose id may hold slashes.
@api.get(
    "/customers/{path:customer_id}/card",
    response={200: cards.Card, **schemas.errors(*COMMON, Error.NOT_FOUND)},
    tags=["customers"],
    summary="What to know before talking to a customer",
)
def get_card(request: HttpRequest, customer_id: Path[str]) -> HttpResponse:
    """What happened, what was promised, what not to ask again, how to speak. Needs a key with the scope `card`."""
    return _plain(cards.tell(request, customer_id=customer_id, now=datetime.now(UTC)))


@api.post(
    "/customers/{path:customer_id}/card/link",
    response={201: cards.CardLink, **schemas.errors(*COMMON, Error.NOT_FOUND)},
    tags=["customers"],
    summary="An address that shows a customer's card",
)
def post_card_link(request: HttpRequest, customer_id: Path[str]) -> HttpResponse:
    """For a frame of your desk tool: it opens this one card for 15 minutes. Needs a key with the scope `card`.

    Pages that may show it are named by `VALENCE_FRAME_ANCESTORS`.
    """
    return _plain(cards.link(request, customer_id=customer_id, now=datetime.now(UTC)))


@api.delete(
    "/customers/{path:customer_id}",
    response={200: schemas.Certificate, **schemas.errors(*COMMON, Error.NOT_FOUND)},
    tags=["customers"],
    summary="Erase a customer",
)
def delete_customer(request: HttpRequest, customer_id: Path[str], why: str = "asked through the API") -> HttpResponse:
    """Erase everything about a customer and return a certificate. Needs a key with the scope `erase`.

    A customer sent again later is refused with the reason `erased`.
    """
    try:
        key = DOOR.look_up(authorization=request.headers.get("authorization", ""))
        DOOR.pass_through(key=key, scope="erase")
        now = datetime.now(UTC)
        done = erase.run(customer_id=customer_id, why=why, who=f"key {key.name}", scope=EVERYTHING, now=now)
    except Refusal as refusal:
        return _plain(refusal.reply)
    except customer_queries.UnknownCustomer:
        return _plain(error_reply(Error.NOT_FOUND))
    except StoreUnavailable:
        return _plain(error_reply(Error.CANNOT_STORE, retry_after=5))
    said = {"certificate": done.number, "erased_at": done.erased_at.isoformat(), "removed": dict(done.removed)}
    return _plain(json_reply(200, said))


@api.api_operation(["GET", "PUT", "PATCH", "DELETE"], "/interactions", include_in_schema=False)
def no_such_method(request: HttpRequest) -> HttpResponse:
    """Say in JSON that this address takes only POST."""
    return _plain(error_reply(Error.BAD_METHOD))


@api.api_operation(["GET", "PUT", "PATCH", "DELETE"], "/identities", include_in_schema=False)
def no_such_method_here(request: HttpRequest) -> HttpResponse:
    """Say in JSON that this address takes only POST."""
    return _plain(error_reply(Error.BAD_METHOD))


@api.api_operation(["GET", "PUT", "PATCH", "DELETE"], "/customers", include_in_schema=False)
def no_such_method_either(request: HttpRequest) -> HttpResponse:
    """Say in JSON that this address takes only POST."""
    return _plain(error_reply(Error.BAD_METHOD))


@elsewhere.api_operation(["GET", "POST", "PUT", "PATCH", "DELETE"], "/{path:rest}", include_in_schema=False)
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """Say in JSON that there is nothing at this address."""
    return _plain(error_reply(Error.NOT_FOUND))


api.add_router("/widget", widget.router)
api.add_router("", casework.router)
api.add_router("", comments.router)
api.add_router("", elsewhere)  # the last: it takes every address that is left


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    """Answer a value that cannot be taken."""
    return _plain(error_reply(Error.INVALID))


@api.exception_handler(HttpError)
def refused(request: HttpRequest, problem: HttpError) -> HttpResponse:
    """Answer what the framework itself refuses."""
    return _plain(error_reply(Error.BAD_JSON if problem.status_code == 400 else Error.INVALID))


def _answered(kind: str, request: HttpRequest) -> HttpResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return _plain(intake.ENDPOINT.answer(kind=kind, headers=headers, body=request.body))


def _plain(reply: Reply) -> HttpResponse:
    return HttpResponse(reply.body, status=reply.status, content_type="application/json", headers=dict(reply.headers))
