"""Search: customers by name or id, with how they stand; interactions by their id; only what one may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.flows.gather import rows
from valence.insights import say
from valence.ledger.queries import losses, promises, standing
from valence.terms import LossVerdict
from valence.web import parts, view

MOST = 30
LONGEST = 200


@dataclass(frozen=True)
class Person:
    """A customer who was found, and how she stands: lost and by whom, likely to leave, promises overdue."""

    found: customers.Found
    verdict: LossVerdict | None
    is_likely: bool
    overdue: int


@dataclass(frozen=True)
class Event:
    """An interaction whose id was asked for."""

    title: str
    name: str
    department: str
    at: datetime
    href: str


@dataclass(frozen=True)
class SearchPage:
    """What was found. `complete` is False where there may be more than the rows shown."""

    words: str
    found: tuple[Person, ...]
    events: tuple[Event, ...]
    complete: bool
    state: parts.State | None


@view.page(section="search")
def search(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Find customers by every word of a name, an e-mail, a phone number or an id; else an interaction by its id."""
    words = asked.query.get("q", "").replace("\0", "").strip()[:LONGEST]
    found = _people(asked, words) if words else ()
    events = () if found or not _looks_like_an_id(words) else _events(asked, words)
    page = SearchPage(
        words=words, found=found, events=events, complete=len(found) < MOST, state=_state(words, found or events)
    )
    said = say.many(len(events), "interaction") if events else say.many(len(found), "customer")
    return view.render(
        asked, "valence/search.html", page=page, title="Search", announce=f"{said} found" if words else ""
    )


def _people(asked: view.Asked, words: str) -> tuple[Person, ...]:
    found = customers.search(scope=asked.scope, words=words, limit=MOST)
    keys = [one.key for one in found]
    verdicts = losses.verdicts(scope=asked.scope, keys=keys)
    likely = standing.likely(scope=asked.scope, keys=keys)
    overdue = promises.overdue(scope=asked.scope, keys=keys)
    return tuple(
        Person(found=one, verdict=verdicts.get(one.key), is_likely=one.key in likely, overdue=overdue.get(one.key, 0))
        for one in found
    )


def _looks_like_an_id(words: str) -> bool:
    return len(words.split()) == 1 and not words.isalpha()


def _events(asked: view.Asked, words: str) -> tuple[Event, ...]:
    """Return the interactions with this id, of any source."""
    found = rows.of_id(scope=asked.scope, interaction_id=words, now=asked.now)
    names = customers.names(scope=asked.scope, keys=list({key for key, _ in found.rows}))
    return tuple(
        Event(
            title=one.title,
            name=names[key].said if key in names else "Customer",
            department=one.said_department,
            at=one.at,
            href=asked.to("interaction", key=key, query={"source": one.source, "id": one.interaction_id}),
        )
        for key, one in found.rows[:MOST]
    )


def _state(words: str, found: tuple[object, ...]) -> parts.State | None:
    if not words:
        why = "Type a name, the company's own id, an e-mail or a phone number: whole words, in any order. "
        return parts.State("search", "Whom are you looking for?", f"{why}Or the id of an interaction.")
    if not found:
        why = "Whole words are compared, not parts of them; and only customers of your regions are searched."
        return parts.State("search", f"Nothing is found for “{words}”", why)
    return None
