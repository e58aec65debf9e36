"""Promises made to customers across departments: what can still be kept, what was, and whether they were told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.insights import intervals, say
from valence.ledger.queries import promises
from valence.web import listing, parts, view, words

STATES = {"overdue": "Overdue", "open": "Open", "broken": "Broken", "kept": "Kept", "unsaid": "Cannot say"}
HOWS = {"recorded": "Recorded", "appointment": "An appointment", "text": "Heard in words", "case": "Made in a reply"}
TOLD = {"1": True, "0": False}
SOON = timedelta(days=7)
ORDERS = {"": "overdue ones on top, then those that can still be kept", "open": "those due first on top"}
TITLES = {state: f"{words} promises" for state, words in STATES.items()} | {"unsaid": "Promises nobody reports on"}


@dataclass(frozen=True)
class Row:
    """One promise and to whom it was made."""

    promise: promises.PromiseRow
    name: str
    customer_id: str
    department: str
    how: str
    settled_href: str


@dataclass(frozen=True)
class PromisesPage:
    """The promises that were asked for. `order` says which come first, `unsaid` why of some nothing can be said."""

    title: str
    tiles: tuple[parts.Tile, ...]
    order: str
    unsaid: str
    rows: tuple[Row, ...]
    total: int
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    more: parts.More
    scope_words: str
    empty: parts.State | None


@view.page(section="cases")
def promises_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show promises and what became of them."""
    page = _page(asked)
    announce = say.many(page.total, "promise")
    return view.render(asked, "valence/promises.html", page=page, title=page.title, announce=announce)


def _page(asked: view.Asked) -> PromisesPage:
    wanted = _wanted(asked)
    totals = promises.totals(scope=asked.scope, asked=wanted)
    total = totals.everyone
    rows = promises.rows(scope=asked.scope, asked=wanted, limit=listing.shown(asked))
    why = "Promises appear where a source records what was promised, and until when."
    return PromisesPage(
        title=TITLES.get(wanted.state, "Promises"),
        tiles=_tiles(asked, wanted),
        order=ORDERS.get(wanted.state, "the latest due on top"),
        unsaid=_unsaid(totals),
        rows=_named(asked, rows),
        total=total,
        chips=_chips(asked, wanted),
        choices=_choices(asked),
        more=listing.more(asked, rows=len(rows), total=total),
        scope_words=asked.scope_words,
        empty=None if rows else parts.State("check", "No such promises", why),
    )


def _unsaid(totals: promises.Totals) -> str:
    if not totals.unsaid:
        return ""
    whose = "Of these" if totals.unsaid == totals.everyone else f"Of {say.count(totals.unsaid)} of them"
    return (
        f"{whose} nobody can say what became: they were due, and no source notes of such promises whether they were "
        "kept. An interaction that says so (`promise` kept or broken, or a visit on that day) would tell."
    )


def _wanted(asked: view.Asked) -> promises.Asked:
    state = asked.query.get("state", "")
    return promises.Asked(
        state=state if state in STATES else "",
        department=asked.query.get("department", ""),
        due_from=asked.now if asked.query.get("soon") == "1" else None,
        due_until=asked.now + SOON if asked.query.get("soon") == "1" else None,
        with_us=asked.query.get("with_us", "1") == "1",
        how=asked.query.get("how", "") if asked.query.get("how") in HOWS else "",
        told=TOLD.get(asked.query.get("told", "")),
    )


def _tiles(asked: view.Asked, wanted: promises.Asked) -> tuple[parts.Tile, ...]:
    """Return how promises stand; each opens its rows with the other filters as they are."""
    found = promises.totals(scope=asked.scope, asked=replace(wanted, state="", due_from=None, due_until=None))
    settled = found.kept + found.broken
    kept = say.percent(found.kept / settled, of=settled) if settled else say.UNKNOWN
    span = intervals.of_share(found.kept, of=settled)
    told = (
        ("Can still be kept", say.count(found.open), "open, not yet due", "open", found.open),
        ("Overdue", say.count(found.overdue), "due, and nothing kept or broke them", "overdue", found.overdue),
        ("Broken", say.count(found.broken), f"of {say.count(settled)} settled", "broken", found.broken),
        ("Kept", kept, f"{say.count(found.kept)}; likely {say.percents(span.low, span.high)}", "kept", found.kept),
    )
    return tuple(
        parts.Tile(title, figure, under, href=asked.here(state=state, soon=None), count=number)
        for title, figure, under, state, number in told
    )


def _named(asked: view.Asked, rows: tuple[promises.PromiseRow, ...]) -> tuple[Row, ...]:
    names = customers.names(scope=asked.scope, keys=[row.key for row in rows])
    pack = words.pack()
    return tuple(
        Row(
            promise=row,
            name=names[row.key].said if row.key in names else "No name",
            customer_id=names[row.key].customer_id if row.key in names else "",
            department=pack.say_department(row.department) if row.department else "",
            how=HOWS.get(row.how, ""),
            settled_href=_settled(asked, row),
        )
        for row in rows
    )


def _settled(asked: view.Asked, row: promises.PromiseRow) -> str:
    """Return the address of what kept or broke a promise, "" where nothing did."""
    if not row.settled_interaction_id:
        return ""
    query = {"source": row.settled_source, "id": row.settled_interaction_id}
    return asked.to("interaction", key=row.key, query=query)


def _chips(asked: view.Asked, wanted: promises.Asked) -> tuple[parts.Chip, ...]:
    department = words.pack().say_department(wanted.department) if wanted.department else ""
    return (
        *listing.chip(asked, field="state", name="State", value=STATES.get(wanted.state, "").lower()),
        *listing.chip(asked, field="department", name="Department", value=department),
        *listing.chip(asked, field="soon", name="Due", value="within a week" if wanted.due_from else ""),
        *listing.chip(asked, field="how", name="Made", value=HOWS.get(wanted.how, "").lower()),
        *listing.chip(asked, field="told", name="Customer", value=_told_words(wanted.told)),
        *_everybody(asked, wanted),
    )


def _choices(asked: view.Asked) -> tuple[parts.Choices, ...]:
    return (
        listing.choices(asked, field="state", name="State", offered=STATES),
        listing.choices(asked, field="soon", name="Due", offered={"1": "Within a week"}),
        listing.choices(asked, field="how", name="Made", offered=HOWS),
        listing.choices(asked, field="told", name="Customer", offered={"1": "Was told", "0": "Was not told"}),
        listing.choices(asked, field="with_us", name="Customers", offered={"1": "Still with us", "0": "Everybody"}),
    )


def _told_words(told: bool | None) -> str:
    return "" if told is None else "was told how it stands" if told else "was not told how it stands"


def _everybody(asked: view.Asked, wanted: promises.Asked) -> tuple[parts.Chip, ...]:
    """Return the chip that says whose promises are shown: without it, everybody's."""
    return (parts.Chip("Customers", "still with us", asked.here(with_us="0")),) if wanted.with_us else ()
