"""Who takes what: departments, languages and skills of each member of staff, how much a day, and who is away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence.alerts import actions, queries
from valence.alerts import rules as routing
from valence.flows.act import casework
from valence.people import queries as people
from valence.people import rules as people_rules
from valence.web import fresh, parts, view

MOST_CASES = 500
MOST_GRANT = 100_000.0
LONGEST = 300


class WrongDuty(ValueError):  # noqa: N818  it is said to people as such
    """What was typed cannot be taken. The text says why."""


@dataclass(frozen=True)
class Row:
    """A member of staff who may take cases: what they take, and how much they have now."""

    card: people.Card
    duty: queries.DutyRow
    taken: int
    load: int
    is_away: bool


@dataclass(frozen=True)
class DutiesPage:
    """Everybody who may take cases."""

    rows: tuple[Row, ...]
    may_change: bool


@dataclass(frozen=True)
class DutyPage:
    """What one member of staff takes care of, as a form."""

    row: Row
    stored: queries.DutyRow
    others: tuple[tuple[int, str], ...]
    problem: str = ""


@view.page(section="cases", act=people_rules.Act.RULES)
def duties(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show who takes what."""
    page = DutiesPage(rows=_rows(asked), may_change=asked.may(people_rules.Act.SETTINGS))
    return view.render(asked, "valence/duties.html", page=page, title="Who takes what")


@view.page(section="cases", act=people_rules.Act.SETTINGS, methods=("GET", "HEAD", "POST"))
def duty(request: HttpRequest, asked: view.Asked, pk: int) -> HttpResponse:
    """Say what a member of staff takes care of."""
    rows = _rows(asked)
    row = next((one for one in rows if one.card.pk == pk), None)
    if row is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            wanted = _duty(request.POST)
            fresh.hold(request.POST, row.duty)
            actions.put_duty(person=pk, **wanted, by=asked.person.name, now=asked.now)
            messages.info(request, "Kept")
            return HttpResponseRedirect(asked.to("duties"))
        except WrongDuty as wrong:
            problem = str(wrong)
        except fresh.ChangedSince as wrong:
            problem, row = str(wrong), replace(row, duty=queries.DutyRow(pk, **wanted))
    others = tuple((one.card.pk, one.card.shown_name) for one in rows if one.card.pk != pk)
    stored = queries.duties().get(pk, queries.DutyRow(pk))
    page = DutyPage(row=row, stored=stored, others=others, problem=problem)
    crumbs = (parts.Crumb("Who takes what", asked.to("duties")), parts.Crumb(row.card.shown_name))
    status = 422 if problem else 200
    return view.render(asked, "valence/duty.html", page=page, title=row.card.shown_name, crumbs=crumbs, status=status)


def _rows(asked: view.Asked) -> tuple[Row, ...]:
    known = queries.duties()
    clerks = {one.pk: one for one in casework.staff_of(now=asked.now)}
    cards = [card for card in people.staff() if card.is_active and card.role in routing.TAKES]
    return tuple(_row(card, known.get(card.pk, queries.DutyRow(card.pk)), clerks.get(card.pk)) for card in cards)


def _row(card: people.Card, duty: queries.DutyRow, clerk: routing.Clerk | None) -> Row:
    return Row(
        card=card,
        duty=duty,
        taken=clerk.taken if clerk else 0,
        load=clerk.load if clerk else 0,
        is_away=bool(clerk and clerk.is_away),
    )


def _duty(form: QueryDict) -> dict[str, Any]:
    """Return what a form says of what somebody takes care of. Raises WrongDuty."""
    stands_in = form.get("stands_in", "")
    return {
        "departments": tuple(_words(form.get("departments", ""))),
        "languages": tuple(_words(form.get("languages", ""))),
        "skills": tuple(_words(form.get("skills", ""))),
        "daily_cases": int(_number(form.get("daily_cases", ""), "Cases a day", MOST_CASES)),
        "most_grant": _number(form.get("most_grant", ""), "May grant at once", MOST_GRANT),
        "away_from": _day(form.get("away_from", "")),
        "away_until": _day(form.get("away_until", "")),
        "stands_in": int(stands_in) if stands_in.isdecimal() else None,
    }


def _words(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise WrongDuty(f"Write at most {LONGEST} letters.")
    return [word.strip().lower() for word in text.split(",") if word.strip()]


def _number(text: str, name: str, most: float) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        raise WrongDuty(f"{name}: write a number.") from None
    if not 0 <= value <= most:
        raise WrongDuty(f"{name}: write a number from 0 to {most:,.0f}.")
    return value


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise WrongDuty("Write a day as 2026-05-12.") from None
