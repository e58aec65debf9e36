"""Readiness: what the data holds, what can be answered with it and how surely, what is missing, what looks wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch

from valence.flows.gather import readiness
from valence.flows.run import jobs
from valence.insights.holdings import Rows, Sureness, Weight
from valence.insights.readiness import Readiness
from valence.people import rules
from valence.web import parts, view

BADGES = {
    Sureness.YES: ("p", "check", "Yes"),
    Sureness.PARTLY: ("w", "clock", "Partly"),
    Sureness.NO: ("o", "no", "Not yet"),
}


@dataclass(frozen=True)
class Line:
    """One line of a list: what it is, how many, in words, with a badge (style, icon, text) and the rows' address."""

    name: str
    words: str
    number: int = 0
    style: str = ""
    icon: str = ""
    said: str = ""
    done: str = ""
    href: str = ""


@dataclass(frozen=True)
class ReadinessPage:
    """What the page shows."""

    short: str
    at: datetime | None
    held: tuple[Line, ...]
    answered: tuple[Line, ...]
    buys: tuple[Line, ...]
    odd: tuple[Line, ...]
    empty: parts.State | None
    may_count: bool
    is_counting: bool


@view.page(section="data", act=rules.Act.SEE_QUALITY, methods=("GET", "HEAD", "POST"))
def page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what the data is good for; count again when asked to."""
    if request.method == "POST" and asked.may(rules.Act.IMPORT):
        jobs.enqueue(name="readiness", by=asked.person.name, arguments={}, now=asked.now)
        return HttpResponseRedirect(asked.to("readiness"))
    found = readiness.kept()
    return view.render(asked, "valence/readiness.html", page=_page(asked, found), title="Readiness")


def _page(asked: view.Asked, found: Readiness | None) -> ReadinessPage:
    counting = jobs.is_waiting(name="readiness")
    may = asked.may(rules.Act.IMPORT)
    if found is None:
        state = parts.State(
            icon="bars",
            title="Nothing was counted yet",
            words="After each import Valence counts what there is and says what can be answered with it.",
        )
        return ReadinessPage("", None, (), (), (), (), state, may, counting)
    return ReadinessPage(
        short=found.short,
        at=found.at,
        held=tuple(Line(one.name, one.words, one.number, href=_href(asked, one.rows)) for one in found.held),
        answered=tuple(
            Line(one.question, one.words, 0, *BADGES[one.sureness], href=_href(asked, one.rows))
            for one in found.answered
        ),
        buys=tuple(Line(one.column, one.words, said=one.of) for one in found.buys),
        odd=tuple(
            Line(
                one.name,
                one.words,
                one.count,
                *(("h", "warning", "Looks wrong") if one.weight is Weight.WRONG else ("w", "clock", "Have a look")),
                done=one.done,
                href=_href(asked, one.rows),
            )
            for one in found.odd
        ),
        empty=None,
        may_count=may,
        is_counting=counting,
    )


def _href(asked: view.Asked, rows: Rows) -> str:
    if not rows.page:
        return ""
    try:
        return asked.to(rows.page, query=rows.query)
    except NoReverseMatch:
        return f"/{quote(rows.page)}/"
