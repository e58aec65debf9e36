"""Promises made to customers: overdue, open, broken, kept."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.insights import say
from valence.ledger.queries import promises
from valence.web import listing, parts, view, words

STATES = {"overdue": "Overdue", "open": "Open", "broken": "Broken", "kept": "Kept", "unsaid": "Cannot say"}
TITLES = {state: f"{words} promises" for state, words in STATES.items()} | {"unsaid": "Promises nobody reports on"}


@dataclass(frozen=True)
class Row:
    """One promise and to whom it was made."""

    promise: promises.PromiseRow
    name: str
    customer_id: str
    department: str


@dataclass(frozen=True)
class PromisesPage:
    """The promises that were asked for. `order` says which come first, `unsaid` why of some nothing can be said."""

    title: str
    order: str
    unsaid: str
    rows: tuple[Row, ...]
    total: int
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    more: parts.More
    scope_words: str
    empty: parts.State | None


@view.page(section="handoffs")
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
        order="those due first on top" if wanted.state == "open" else "the latest due on top",
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
        with_us=asked.query.get("with_us") == "1",
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
        )
        for row in rows
    )


def _chips(asked: view.Asked, wanted: promises.Asked) -> tuple[parts.Chip, ...]:
    department = words.pack().say_department(wanted.department) if wanted.department else ""
    return (
        *listing.chip(asked, field="state", name="State", value=STATES.get(wanted.state, "").lower()),
        *listing.chip(asked, field="department", name="Department", value=department),
        *listing.chip(asked, field="with_us", name="Customers", value="still with us" if wanted.with_us else ""),
    )


def _choices(asked: view.Asked) -> tuple[parts.Choices, ...]:
    return (
        listing.choices(asked, field="state", name="State", offered=STATES),
        listing.choices(asked, field="with_us", name="Customers", offered={"1": "Still with us"}),
    )
