"""Interactions: the rows behind a number, and one interaction with everything that is known of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.flows.gather import meant as filters
from valence.flows.gather import rows
from valence.flows.weigh import minds
from valence.insights import encounters, say
from valence.people import rules
from valence.sources import queries as received
from valence.web import listing, parts, view

MOST = 5_000
FILTERS = {
    "kind": "Kind",
    "department": "Department",
    "reason": "Reason",
    "touchpoint": "Touchpoint",
    "fact": "With",
    "says": "Says",
    "odd": "Odd",
    "source": "Source",
    "interaction_id": "Id",
}


@dataclass(frozen=True)
class Row:
    """One interaction as a row."""

    key: int
    name: str
    title: str
    department: str
    details: str
    at: datetime
    href: str


@dataclass(frozen=True)
class InteractionsPage:
    """What the page shows. `total` is how many interactions the filters leave, None while they are being counted;
    `rows` are the latest of them.
    """

    lead: str
    chips: tuple[parts.Chip, ...]
    rows: tuple[Row, ...]
    total: int | None
    more: parts.More
    known_until: datetime | None
    state: parts.State | None


@view.page(section="handoffs")
def interactions(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the interactions that the address means, the latest first."""
    meant = _read(asked)
    shown = listing.shown(asked, most=MOST)
    found = rows.find(scope=asked.scope, asked=meant, limit=shown, now=asked.now)
    names = customers.names(scope=asked.scope, keys=list({key for key, _ in found.rows}))
    page = InteractionsPage(
        lead=_lead(found),
        chips=_chips(asked, meant=meant),
        rows=tuple(_row(key, one, name=names.get(key), asked=asked) for key, one in found.rows),
        total=found.total,
        more=listing.more(asked, rows=len(found.rows), total=found.total, most=MOST),
        known_until=found.known_until,
        state=_state(asked, found=found),
    )
    announce = "The latest interactions" if found.total is None else say.many(found.total, "interaction")
    return view.render(asked, "valence/interactions.html", page=page, title="Interactions", announce=announce)


def _read(asked: view.Asked) -> rows.Asked:
    given = {name: asked.query.get(name, "") for name in FILTERS}
    sees = asked.may(rules.Act.SEE_QUALITY)  # who brought what is for those only who see the sources too
    return rows.Asked(
        **given,
        since=_day(asked, "since"),
        until=_day(asked, "until"),
        came=_day(asked, "came"),
        brought=_number(asked, "brought") if sees else None,
        again=_number(asked, "again") if sees else None,
    )


def _number(asked: view.Asked, name: str) -> int | None:
    text = asked.query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _day(asked: view.Asked, name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(asked.query.get(name, ""))
    except ValueError:
        return None


def _lead(found: rows.Found) -> str:
    if found.total is None or found.customers is None:
        return "The latest first. **How many there are is being counted**: look again in a moment."
    whose = say.many(found.customers, "customer")
    return f"**{say.many(found.total, 'interaction')}** with {whose}, the latest first."


def _chips(asked: view.Asked, *, meant: rows.Asked) -> tuple[parts.Chip, ...]:
    pack = minds.pack()
    said: dict[str, Callable[[str], str]] = {
        "kind": pack.say_kind,
        "department": pack.say_department,
        "fact": pack.label_fact,
        "says": lambda column: column.replace("_", " "),
        "odd": lambda odd: filters.ODD[odd][0] if odd in filters.ODD else odd,
    }
    chips = [
        parts.Chip(FILTERS[name], said.get(name, str)(getattr(meant, name)), asked.here(**{name: None}))
        for name in FILTERS
        if getattr(meant, name)
    ]
    if meant.since or meant.until:
        first = f"{meant.since:%-d %b %Y}" if meant.since else "the start"
        last = f"{meant.until - dt.timedelta(days=1):%-d %b %Y}" if meant.until else "now"
        chips.append(parts.Chip("Happened", f"{first} – {last}", asked.here(since=None, until=None)))
    return (*chips, *_came(asked, meant=meant))


def _came(asked: view.Asked, *, meant: rows.Asked) -> tuple[parts.Chip, ...]:
    """Say by which import, and on which day, the interactions came."""
    said = {"brought": ("Brought by", meant.brought), "again": ("Sent again by", meant.again)}
    numbers = {field: (words, number) for field, (words, number) in said.items() if number is not None}
    if not numbers:
        return ()
    chips = [
        parts.Chip(words, _import(number), asked.here(**{field: None})) for field, (words, number) in numbers.items()
    ]
    day = [parts.Chip("Came in on", f"{meant.came:%-d %b %Y}", asked.here(came=None))] if meant.came else []
    return (*chips, *day)


def _import(number: int) -> str:
    known = received.one(number=number) if number else None
    return known.filename if known else f"import {number}" if number else "a system over HTTP"


def _row(key: int, one: encounters.Encounter, *, name: customers.Name | None, asked: view.Asked) -> Row:
    query = {"source": one.source, "id": one.interaction_id}
    return Row(
        key=key,
        name=name.said if name else "Customer",
        title=one.title,
        department=one.said_department,
        details=" · ".join(one.details),
        at=one.at,
        href=asked.to("interaction", key=key, query=query),
    )


def _state(asked: view.Asked, *, found: rows.Found) -> parts.State | None:
    if found.rows:
        return None
    if asked.query:
        return parts.State(
            "store",
            "Nothing fits",
            "No interaction fits these filters.",
            asked.to("interactions"),
            "Remove all filters",
        )
    told = "They come from files, from the API and from other systems."
    return parts.State("store", "No interactions yet", told, asked.to("import"), "Import a file")
