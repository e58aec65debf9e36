"""Surveys and invitations, as machines make and read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest

from valence import organisation
from valence.api import bodies
from valence.api.doors import DOOR
from valence.api.replies import Error, Refusal, Reply, error_reply, json_reply
from valence.customers.queries import UnknownCustomer
from valence.flows.ask import results, surveying
from valence.home import Home
from valence.interactions import StoreUnavailable
from valence.surveys import queries
from valence.surveys.survey import SurveyError
from valence.surveys.values import Named, NoSuchSurvey
from valence.terms import EVERYTHING

USUAL = timedelta(days=90)
T = TypeVar("T")


class NewSurvey(msgspec.Struct, forbid_unknown_fields=True):
    """A survey to make from a template and ask at once."""

    template: str
    name: str
    channel: str = ""


class NewInvitation(msgspec.Struct, forbid_unknown_fields=True):
    """One customer to be asked."""

    survey_id: str
    customer_id: str
    channel: str = ""
    rest: bool = False


def make(request: HttpRequest, *, now: datetime) -> Reply:
    """Make a survey from a template, launch it, and tell its id."""

    def act(by: str) -> Reply:
        said = _body(request, NewSurvey)
        if not said.name.strip():
            raise Refusal(Error.INVALID, detail="name: is empty")
        slug = surveying.draft(template=said.template, name=said.name, channel=said.channel, by=by, now=now)
        return json_reply(201, told(surveying.launch(slug=slug, by=by, now=now)))

    return _answered(request, "write", act)


def every(request: HttpRequest) -> Reply:
    """Tell all surveys."""
    return _answered(request, "read", lambda by: json_reply(200, [told(one) for one in queries.all_surveys()]))


def one(request: HttpRequest, *, survey_id: str, now: datetime) -> Reply:
    """Tell a survey with what was answered lately: counts, the distribution, the figure with its range, the funnel."""

    def act(by: str) -> Reply:
        named = queries.one(slug=survey_id)
        since = _time(request, "since") or now - USUAL
        until = _time(request, "until") or now
        found = results.of_survey(survey=named, scope=EVERYTHING, since=since, until=until)
        return json_reply(200, {**told(named), "results": results.as_plain(found)})

    return _answered(request, "read", act)


def invite(request: HttpRequest, *, home: Home, now: datetime) -> Reply:
    """Ask one customer and tell the invitation; by a link also the link, which nobody can read again."""

    def act(by: str) -> Reply:
        said = _body(request, NewInvitation)
        made = surveying.invite(
            slug=said.survey_id, customer_id=said.customer_id, channel=said.channel, scope=EVERYTHING, by=by, now=now,
            rest=said.rest,
        )  # fmt: skip
        path = f"/s/{made.token}/"
        address = organisation.of(folder=home.folder).address or request.build_absolute_uri("/").rstrip("/")
        opened = {"token": made.token, "path": path, "link": f"{address}{path}"}
        answer = {
            "invitation_id": made.number, "survey_id": made.survey, "version": made.version, "channel": made.channel,
            "ends_at": made.ends_at.isoformat(), **(opened if made.channel in ("link", "api", "widget") else {}),
        }  # fmt: skip
        return json_reply(201, answer)

    return _answered(request, "write", act)


def told(one: Named) -> dict[str, Any]:
    """Return a survey as it is told."""
    return {
        "survey_id": one.slug,
        "name": one.survey.name,
        "state": one.state.value,
        "version": one.version,
        "purpose": one.survey.purpose.value,
        "channel": one.survey.channel or "link",
        "languages": list(one.survey.languages),
        "questions": [question.id for question in one.survey.questions],
    }


def _answered(request: HttpRequest, scope: str, act: Callable[[str], Reply]) -> Reply:
    try:
        key = DOOR.look_up(authorization=request.headers.get("authorization", ""))
        DOOR.pass_through(key=key, scope=scope)
        return act(f"key {key.name}")
    except Refusal as refusal:
        return refusal.reply
    except (NoSuchSurvey, UnknownCustomer) as nobody:
        what = "customer_id" if isinstance(nobody, UnknownCustomer) else "survey_id"
        return error_reply(Error.NOT_FOUND, detail=f"{what}: there is none of this name")
    except SurveyError as wrong:
        return error_reply(Error.INVALID, detail=str(wrong))
    except surveying.NotAsked as refused:
        return error_reply(Error.NOT_ASKED, detail=f"{refused.why.value}: {refused}")
    except StoreUnavailable:
        return error_reply(Error.CANNOT_STORE, retry_after=5)


def _body(request: HttpRequest, shape: type[T]) -> T:
    bodies.check_length(content_length=request.headers.get("content-length", ""))
    bodies.media_type(
        content_type=request.headers.get("content-type", ""), encoding=request.headers.get("content-encoding", "")
    )
    try:
        return msgspec.json.decode(request.body, type=shape)
    except msgspec.ValidationError as problem:
        raise Refusal(Error.INVALID, detail=str(problem)[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(Error.BAD_JSON) from None


def _time(request: HttpRequest, name: str) -> datetime | None:
    query: Mapping[str, str] = request.GET.dict()
    said = query.get(name, "")
    if not said:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise Refusal(Error.INVALID, detail=f"{name}: is not a time such as 2026-01-31T14:00:00Z") from None
    if at.tzinfo is None:
        raise Refusal(Error.INVALID, detail=f"{name}: has no offset, write 2026-01-31T14:00:00Z")
    return at
