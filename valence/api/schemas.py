"""The shapes that the API's description shows."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from valence.api.replies import Error
from valence.intake import customers as customer_intake
from valence.intake import identities as identity_intake
from valence.intake import interactions as interaction_intake
from valence.terms import Refusal, Verdict

TIMES = frozenset({"occurred_at", "recorded_at", "promised_at", "joined_at", "left_at"})
NUMBERS = frozenset({*interaction_intake.NUMBERS, "monthly_value", "confidence"})
MODULES = {"customers": customer_intake, "interactions": interaction_intake, "identities": identity_intake}


class Problem(Schema):
    """An error: a code that does not change, and words for people."""

    error: str
    message: str
    detail: str | None = None


class Said(Schema):
    """What became of one item."""

    verdict: Verdict
    reason: Refusal | None = None
    detail: str | None = None


class Certificate(Schema):
    """Proof of an erasure, which tells nobody who was erased."""

    certificate: str
    erased_at: str
    removed: dict[str, int]


class NewSurvey(Schema):
    """A survey to make."""

    template: str
    name: str
    channel: str | None = None


class Survey(Schema):
    """A survey: `survey_id` names it for good, `version` what it asks now."""

    survey_id: str
    name: str
    state: str
    version: int
    purpose: str
    channel: str
    languages: list[str]
    questions: list[str]


class SurveyResults(Survey):
    """A survey with what was answered: by how it was asked, together where that is alike, and the way to an answer."""

    results: dict[str, Any]


class NewInvitation(Schema):
    """A customer to be asked."""

    survey_id: str
    customer_id: str
    channel: str | None = None
    rest: bool = False


class Invitation(Schema):
    """An invitation that was made. `link`, `path` and `token` are told once, where no message carries them."""

    invitation_id: str
    survey_id: str
    version: int
    channel: str
    ends_at: str
    token: str | None = None
    path: str | None = None
    link: str | None = None


def plain_body(of: type[Schema]) -> dict[str, Any]:
    """Return the description of a body that is one object."""
    schema = of.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def errors(*which: Error) -> dict[int, Any]:
    """Return the answers of a route that are errors, by status."""
    return {error.status: Problem for error in which}


def item(*, kind: str) -> dict[str, Any]:
    """Return the JSON schema of one item of the data contract."""
    module: Any = MODULES[kind]
    more = () if kind == "identities" else ("recorded_at", "attributes")
    names = list(dict.fromkeys((*module.COLUMNS, *more)))
    return {
        "type": "object",
        "required": list(module.REQUIRED),
        "properties": {name: _type(name) for name in names},
        "additionalProperties": True,
    }


def body(*, kind: str) -> dict[str, Any]:
    """Return the description of a body: one object, an array, or a line per object."""
    one = item(kind=kind)
    many = {"type": "array", "items": one, "maxItems": 500}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"oneOf": [one, many]}},
                "application/x-ndjson": {"schema": {"type": "string", "description": "one JSON object a line"}},
            },
        }
    }


def _type(name: str) -> dict[str, Any]:
    if name in TIMES:
        return {"type": "string", "format": "date-time", "nullable": True}
    if name in NUMBERS:
        return {"type": "number", "nullable": True}
    if name == "attributes":
        return {"type": "object", "additionalProperties": True}
    return {"type": "string", "nullable": True}
