"""Promises made to customers: overdue, open, broken, kept."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.insights import say
from valence.ledger.queries import promises
from valence.web import parts, view, words

STEP = 50
MOST_SHOWN = 2_000
STATES = {"overdue": "Overdue", "open": "Open", "broken": "Broken", "kept": "Kept"}


@dataclass(frozen=True)
class Row:
    """One promise and to whom it was made."""

    promise: promises.PromiseRow
    name: str
    customer_id: str
    department: str


@dataclass(frozen=True)
class PromisesPage:
    """The promises that were asked for. `order` says which come first."""

    title: str
    order: str
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
    total = promises.totals(scope=asked.scope, asked=wanted).everyone
    rows = promises.rows(scope=asked.scope, asked=wanted, limit=_shown(asked))
    why = "Promises appear where a source records what was promised, and until when."
    grows = len(rows) < min(total, MOST_SHOWN)
    return PromisesPage(
        title=f"{STATES[wanted.state]} promises" if wanted.state else "Promises",
        order="those due first on top" if wanted.state == "open" else "the latest due on top",
        rows=_named(asked, rows),
        total=total,
        chips=_chips(asked, wanted),
        choices=_choices(asked, wanted),
        more=parts.More(shown=len(rows), total=total, href=asked.here(shown=len(rows) + STEP) if grows else ""),
        scope_words=asked.scope_words,
        empty=None if rows else parts.State("check", "No such promises", why),
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
    given = []
    if wanted.state:
        given.append(parts.Chip("State", STATES[wanted.state].lower(), asked.here(state=None)))
    if wanted.department:
        said = words.pack().say_department(wanted.department)
        given.append(parts.Chip("Department", said, asked.here(department=None)))
    if wanted.with_us:
        given.append(parts.Chip("Customers", "still with us", asked.here(with_us=None)))
    return tuple(given)


def _choices(asked: view.Asked, wanted: promises.Asked) -> tuple[parts.Choices, ...]:
    each = tuple(
        parts.Choice(words=said, href=asked.here(state=state, shown=None), on=state == wanted.state)
        for state, said in STATES.items()
    )
    ours = parts.Choice(words="Still with us", href=asked.here(with_us=1, shown=None), on=wanted.with_us)
    return (parts.Choices(name="State", choices=each), parts.Choices(name="Customers", choices=(ours,)))


def _shown(asked: view.Asked) -> int:
    text = asked.query.get("shown", "")
    return min(max(STEP, int(text)), MOST_SHOWN) if text.isdecimal() and len(text) < 6 else STEP
