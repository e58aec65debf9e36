"""Answers: what customers said, the latest first; each opens its interaction and its customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.flows.ask import results
from valence.insights import say
from valence.web import listing, parts, view, words
from valence.web.pages.feedback import comment_rows

TOLD = {"worded": "With words"}
LONGEST = 280
NOBODY = -1
MOST_DIGITS = 20
SCORES = {"nps": "Recommendation", "csat": "Satisfaction", "ces": "Effort"}


@dataclass(frozen=True)
class Row:
    """One answer. `score` is said with its scale; nobody is named whose customer is not known."""

    href: str
    name: str
    customer_href: str
    score: str
    asked_by: str
    text: str
    language: str
    department: str
    channel: str
    at: datetime
    doubts: str = ""
    read: comment_rows.Tags | None = None


@dataclass(frozen=True)
class AnswersPage:
    """What the page shows. `total` is how many answers the filters leave, None while they are being counted."""

    lead: str
    total: int | None
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    rows: tuple[Row, ...]
    more: parts.More
    state: parts.State | None


@view.page(section="answers")
def answers(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the answers that the address means."""
    meant = meant_by(asked)
    limit = listing.shown(asked)
    found = results.latest(scope=asked.scope, meant=meant, limit=limit)
    total = len(found) if len(found) < limit else results.count.soon(scope=asked.scope, meant=meant)
    page = AnswersPage(
        lead=_lead(asked, total),
        total=total,
        chips=_chips(asked, meant),
        choices=_choices(asked),
        rows=_rows(asked, found),
        more=listing.more(asked, rows=len(found), total=total),
        state=None if found else _nothing(asked),
    )
    announce = "The latest answers" if total is None else say.many(total, "answer")
    return view.render(asked, "valence/answers.html", page=page, title="Answers", announce=announce)


def meant_by(asked: view.Asked) -> results.Meant:
    """Return which answers an address means: of the days chosen, up to the end of this hour.

    Whole hours: what asks for the same answers asks in the same words, and a sum over very many is counted once.
    """
    hour = asked.now.replace(minute=0, second=0, microsecond=0)
    return results.Meant(
        since=hour - timedelta(days=asked.period.days),
        until=hour + timedelta(hours=1),
        question=_word(asked, "question"),
        scale=_word(asked, "scale"),
        channel=_word(asked, "channel"),
        **{name: _word(asked, name) for name in results.BY},
        least=_point(asked, "least"),
        most=_point(asked, "most"),
        worded=asked.query.get("worded") == "1",
        customer=_customer(asked),
    )


def title_of(question: str, names: Mapping[str, str], *, scale: str = "") -> str:
    """Return how a question is called: the survey's name, or what a score is of and the system that asked."""
    if question in names or not question.startswith(results.FROM):
        return names.get(question, question)
    return f"{SCORES.get(scale, 'Answer')} ({question.removeprefix('from ')})"


def _customer(asked: view.Asked) -> int:
    """Return the surrogate key that is looked for, 0 for everybody; what can be no key finds nobody."""
    said = asked.query.get("customer", "")
    if not said:
        return 0
    key = int(said) if said.isdecimal() and len(said) < MOST_DIGITS else NOBODY
    return key if key < 2**63 else NOBODY


def _word(asked: view.Asked, name: str) -> str:
    """Return a word that is looked for; nothing that is stored holds a NUL, and no database takes one."""
    return str(asked.query.get(name, "")).replace("\0", "")


def _point(asked: view.Asked, name: str) -> float | None:
    said = asked.query.get(name, "")
    return float(said) if said.isdecimal() and len(said) < 4 else None


def _lead(asked: view.Asked, total: int | None) -> str:
    scope = f" {asked.scope_words}" if asked.scope_words else ""
    if total is None:
        return f"The latest first. **How many there are is being counted**: look again in a moment.{scope}"
    return f"**{say.many(total, 'answer')}** in the {asked.period.words.lower()}, the latest first.{scope}"


def _rows(asked: view.Asked, found: tuple[results.Answer, ...]) -> tuple[Row, ...]:
    called = customers.names(scope=asked.scope, keys=[one.customer_key for one in found])
    surveys, pack = results.names(), words.pack()
    read = comment_rows.beside(asked, [(one.source, one.interaction_id) for one in found if one.text])
    return tuple(
        Row(
            href=asked.to("interaction", key=one.customer_key, query={"source": one.source, "id": one.interaction_id}),
            name=called[one.customer_key].said if one.customer_key in called else "",
            customer_href=asked.to("customer", key=one.customer_key) if one.customer_key in called else "",
            score=comment_rows.score_words(one.score, one.scale),
            asked_by=title_of(one.question, surveys, scale=one.scale),
            text=one.text if len(one.text) <= LONGEST else f"{one.text[:LONGEST]}…",
            language=one.language,
            department=pack.say_department(one.department) if one.department else "",
            channel=one.channel,
            at=one.at,
            doubts=say.listed([doubt.value for doubt in one.doubts]),
            read=read.get((one.source, one.interaction_id)),
        )
        for one in found
    )


def _chips(asked: view.Asked, meant: results.Meant) -> tuple[parts.Chip, ...]:
    said = "" if meant.least is None and meant.most is None else _between(meant)
    chips = [
        *listing.chip(asked, field="question", name="Question", value=title_of(meant.question, results.names())),
        *listing.chip(asked, field="scale", name="Scale", value=meant.scale),
        *listing.chip(asked, field="channel", name="Channel", value=meant.channel),
        *listing.chip(asked, field="department", name="Department", value=meant.department),
        *listing.chip(asked, field="touchpoint", name="Touchpoint", value=meant.touchpoint),
        *listing.chip(asked, field="team_id", name="Team", value=meant.team_id),
        *listing.chip(asked, field="location_id", name="Location", value=meant.location_id),
        *listing.chip(asked, field="customer", name="Customer", value=_called(asked, meant.customer)),
        *listing.chip(asked, field="worded", name="Words", value="only with words" if meant.worded else ""),
    ]
    return (*chips, parts.Chip("Score", said, asked.here(least=None, most=None))) if said else tuple(chips)


def _called(asked: view.Asked, key: int) -> str:
    if not key:
        return ""
    found = customers.names(scope=asked.scope, keys=[key]).get(key)
    return found.said if found else "not known"


def _between(meant: results.Meant) -> str:
    low, high = meant.least, meant.most
    if low == high and low is not None:
        return f"{low:g}"
    if low is None:
        return f"up to {high:g}"
    return f"{low:g} or more" if high is None else f"{low:g} to {high:g}"


def _choices(asked: view.Asked) -> tuple[parts.Choices, ...]:
    departments = {name: spoken.label for name, spoken in words.pack().departments.items()}
    return listing.settable(
        listing.choices(asked, field="question", name="Question", offered=results.names()),
        listing.choices(asked, field="department", name="Department", offered=departments),
        listing.choices(asked, field="worded", name="Words", offered={"1": "Only with words"}),
    )


def _nothing(asked: view.Asked) -> parts.State:
    if any(
        asked.query.get(name) for name in ("question", "department", "least", "most", "worded", "channel", "customer")
    ):
        told = "No answer fits these filters."
        return parts.State("message", "Nothing fits", told, asked.to("answers"), "Remove all filters")
    told = "Answers come from your surveys, and from scores in files and the API."
    return parts.State("message", "No answers yet", told, asked.to("surveys"), "Go to Surveys")
