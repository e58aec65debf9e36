"""What was read in texts, as machines read it: annotations in order of their numbers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from valence.api import schemas
from valence.api.doors import DOOR
from valence.api.replies import Error, Refusal, error_reply, json_reply
from valence.customers import queries as customers
from valence.interactions import StoreUnavailable
from valence.ledger.queries import readings
from valence.terms import EVERYTHING
from valence.text.annotation import IntentFound, PersonHeard, PromiseHeard, Span, ThemeFound

router = Router(tags=["comments"])
MOST = 500
USUAL = 100
COMMON = (Error.NO_KEY, Error.NOT_ALLOWED, Error.TOO_FAST, Error.CANNOT_STORE)


class Theme(Schema):
    """A theme in a text: how sure, in which tone, told from which words."""

    theme: str
    confidence: float
    tone: str
    words: list[str]


class Intent(Schema):
    """What the writer is after. `about`: whom or what it names."""

    intent: str
    confidence: float
    about: str
    words: list[str]


class Promise(Schema):
    """A promise that was heard in the words."""

    words: str
    due_at: str | None
    said_broken: bool


class Person(Schema):
    """Somebody of the company who appears in the words, by role. `tone`: how they are spoken of."""

    role: str
    department: str
    tone: str
    promised: bool
    words: list[str]


class Comment(Schema):
    """A text without personal data, and what was read in it. A text that is read anew has a new id."""

    id: int
    customer_id: str
    source: str
    interaction_id: str
    occurred_at: str
    read_at: str
    kind: str
    department: str
    language: str
    score: float | None
    scale: str
    text: str
    tone: str
    tone_value: float
    themes: list[Theme]
    intents: list[Intent]
    promises: list[Promise]
    people: list[Person]
    handed_on: list[str]
    corrected: bool
    models: dict[str, str]


@router.get(
    "/comments",
    response={200: list[Comment], **schemas.errors(*COMMON, Error.INVALID)},
    summary="Comments with what was read in them, by number",
)
def get_comments(request: HttpRequest, after: int = 0, limit: int = USUAL) -> HttpResponse:
    """Tell comments in order of their numbers, above `after`. Needs a key with the scope `read`.

    Ask again with the highest number you have: nothing is passed over. A text that was revised, read anew or put right
    by a person comes again under a new number; take the newest by source and interaction_id.
    """
    try:
        key = DOOR.look_up(authorization=request.headers.get("authorization", ""))
        DOOR.pass_through(key=key, scope="read")
        rows = readings.after(number=max(0, after), limit=min(max(1, limit), MOST))
        named = customers.names(scope=EVERYTHING, keys=[row.key for row in rows])
        reply = json_reply(200, [_comment(row, named) for row in rows])
    except Refusal as refusal:
        reply = refusal.reply
    except StoreUnavailable:
        reply = error_reply(Error.CANNOT_STORE, retry_after=5)
    return HttpResponse(reply.body, status=reply.status, content_type="application/json", headers=dict(reply.headers))


def _comment(row: readings.Comment, named: dict[int, customers.Name]) -> dict[str, Any]:
    found = row.found
    models = found.models
    return {
        "id": row.number,
        "customer_id": named[row.key].customer_id if row.key in named else "",
        "source": row.source,
        "interaction_id": row.interaction_id,
        "occurred_at": row.occurred_at.isoformat(),
        "read_at": row.read_at.isoformat(),
        "kind": row.kind,
        "department": row.department,
        "language": row.language,
        "score": row.score,
        "scale": row.scale,
        "text": row.text,
        "tone": row.tone,
        "tone_value": round(row.tone_value, 3),
        "themes": [_theme(row, one) for one in found.themes],
        "intents": [_intent(row, one) for one in found.intents],
        "promises": [_promise(row, one) for one in found.promises],
        "people": [_person(row, one) for one in found.story.people],
        "handed_on": _words(row.text, found.story.handed_on),
        "corrected": row.corrected,
        "models": {"themes": models.themes, "tone": models.tone, "intents": models.intents},
    }


def _theme(row: readings.Comment, one: ThemeFound) -> dict[str, Any]:
    return {
        "theme": one.name,
        "confidence": round(one.confidence, 3),
        "tone": one.tone.feeling.value,
        "words": _words(row.text, one.rests_on),
    }


def _intent(row: readings.Comment, one: IntentFound) -> dict[str, Any]:
    return {
        "intent": one.wish.value,
        "confidence": round(one.confidence, 3),
        "about": one.about,
        "words": _words(row.text, one.rests_on),
    }


def _promise(row: readings.Comment, one: PromiseHeard) -> dict[str, Any]:
    due_at = one.due_at.isoformat() if one.due_at else None
    return {"words": one.span.of(row.text), "due_at": due_at, "said_broken": one.said_broken}


def _person(row: readings.Comment, one: PersonHeard) -> dict[str, Any]:
    return {
        "role": one.role,
        "department": one.department,
        "tone": one.feeling.value,
        "promised": one.promised,
        "words": _words(row.text, one.rests_on),
    }


def _words(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [span.of(text) for span in spans]
