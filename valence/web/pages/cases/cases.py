"""Cases: what needs somebody, the most urgent first; the page says when there is more, and waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from valence.alerts import queries as alerts
from valence.cases import queries, rules
from valence.customers import queries as customers
from valence.insights import say
from valence.people import rules as people_rules
from valence.terms import Role
from valence.web import listing, parts, view, words

LISTS: Mapping[str, str] = {
    "mine": "Mine",
    "all": "All open",
    "late": "Late",
    "waiting": "Waiting",
    "approve": "To approve",
    "closed": "Closed",
    "not_recovered": "Closed, not recovered",
}
# Lists that other pages open and that are no tab of their own.
OPENED = {
    "recovered": "Closed, recovered",
    "watched": "Closed, being watched",
    "cannot_say": "Closed, cannot say",
    "every": "All cases",
}
OWN = ("mine", "late", "waiting", "closed", "not_recovered")
SEVERITY = {3: "Urgent", 2: "Usual", 1: "Can wait"}
EMPTY = {
    "mine": "Nothing needs you",
    "late": "Nothing is late",
    "waiting": "Nothing waits",
    "approve": "Nothing waits for an approval",
    "closed": "Nothing was closed yet",
    "not_recovered": "Everything that was closed was put right, or is still being watched",
}
OPEN = tuple(state.value for state in rules.OPEN)


@dataclass(frozen=True)
class Row:
    """A case with the customer's name. `state` and `left` are words; `is_late`: nobody acted in time."""

    case: queries.CaseRow
    name: str
    customer_id: str
    department: str
    state: str
    left: str
    is_late: bool
    why: str


@dataclass(frozen=True)
class Ended:
    """How many closed cases ended one way, and where they are listed."""

    words: str
    count: int
    href: str


@dataclass(frozen=True)
class CasesPage:
    """The cases that were asked for. `newest`: the highest number when the page was made; `held`: alerts that wait."""

    title: str
    rows: tuple[Row, ...]
    total: int
    lists: tuple[parts.Choice, ...]
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    more: parts.More
    newest: int
    new_href: str
    held: int
    recovery: tuple[Ended, ...]
    scope_words: str
    empty: parts.State | None


@dataclass(frozen=True)
class NewPage:
    """How many cases came since a page was made."""

    count: int
    href: str
    again_href: str


def seer(asked: view.Asked) -> queries.Seer:
    """Return who looks, with the regions chosen in the address."""
    return queries.Seer(pk=asked.person.pk, scope=asked.scope)


@view.page(section="cases", act=people_rules.Act.CASES)
def cases(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what needs somebody; with `since` only how much came after it."""
    if asked.query.get("since", "").isdecimal() and getattr(request, "htmx", False):
        return view.render(asked, "valence/cases_new.html", page=_new(asked), title="Cases")
    page = _page(asked)
    return view.render(asked, "valence/cases.html", page=page, title="Cases", announce=say.many(page.total, "case"))


def waiting(asked: view.Asked, *, limit: int) -> tuple[Row, ...]:
    """Return the cases that wait for the person, the most urgent first."""
    mine = queries.Asked(owner=asked.person.pk, states=("new", "active"), awake_at=asked.now)
    return named(asked, queries.rows(seer=seer(asked), asked=mine, limit=limit))


def wanted(asked: view.Asked) -> tuple[str, queries.Asked]:
    """Return which list is asked for, and what that means."""
    chosen = asked.query.get("list", "")
    name = chosen if chosen in {**_lists(asked), **OPENED} else _usual(asked)
    own = asked.person.pk if name == "mine" else None
    severity = asked.query.get("severity", "")
    found = {
        "mine": queries.Asked(owner=own, states=("new", "active"), awake_at=asked.now),
        "all": queries.Asked(states=OPEN),
        "late": queries.Asked(late_at=asked.now),
        "waiting": queries.Asked(states=("waiting",)),
        "approve": queries.Asked(states=OPEN, asks_grant=True),
        "closed": queries.Asked(states=("closed",)),
        "not_recovered": queries.Asked(states=("closed",), recovery="not_recovered"),
        "recovered": queries.Asked(states=("closed",), recovery="recovered"),
        "watched": queries.Asked(states=("closed",), recovery="waiting"),
        "cannot_say": queries.Asked(states=("closed",), recovery="cannot_say"),
        "every": queries.Asked(),
    }[name]
    return name, replace(
        found,
        department=asked.query.get("department", ""),
        playbook=asked.query.get("playbook", ""),
        severity=int(severity) if severity in {"1", "2", "3"} else 0,
    )


def left_words(row: queries.CaseRow, *, now: datetime) -> tuple[str, bool]:
    """Return how much time is left to act, in words, and whether it is over."""
    if row.closed_at is not None:
        return f"closed {say.ago(row.closed_at, now=now)}", False
    if row.first_act_at is not None:
        return f"taken up {say.ago(row.first_act_at, now=now)}", False
    if now > row.due_at:
        return f"was due {say.ago(row.due_at, now=now)}, {say.local(row.due_at):%H:%M}", True
    return f"due {say.ago(row.due_at, now=now)}, {say.local(row.due_at):%H:%M}", False


def state_words(row: queries.CaseRow) -> str:
    """Return the state of a case as people say it."""
    if row.state is rules.State.CLOSED:
        ended = {"recovered": "recovered", "not_recovered": "not recovered", "cannot_say": "cannot say"}
        return f"Closed, {ended.get(row.recovery, 'being watched')}"
    return {"new": "New", "active": "Taken up", "waiting": "Waiting"}[row.state]


def _lists(asked: view.Asked) -> dict[str, str]:
    names = OWN if asked.person.role is Role.CASE_OWNER else tuple(LISTS)
    return {name: LISTS[name] for name in names}


def _usual(asked: view.Asked) -> str:
    return "mine" if asked.person.role is Role.CASE_OWNER or queries.needs(seer=seer(asked), now=asked.now) else "all"


def _page(asked: view.Asked) -> CasesPage:
    name, meant = wanted(asked)
    ended = _endings(asked) if meant.states == ("closed",) else {}
    total = _total(asked, meant, ended)
    rows = queries.rows(seer=seer(asked), asked=meant, limit=listing.shown(asked))
    lists = tuple(parts.Choice(words_, asked.here(list=one), one == name) for one, words_ in _lists(asked).items())
    why = "Alerts of rules become cases by themselves. Rules are switched on under Cases, Rules."
    newest = queries.newest()
    return CasesPage(
        title={**LISTS, **OPENED}[name],
        rows=named(asked, rows),
        total=total,
        lists=lists,
        chips=_chips(asked, meant),
        choices=(listing.choices(asked, field="severity", name="Urgency", offered=_severities()),),
        more=listing.more(asked, rows=len(rows), total=total),
        newest=newest,
        new_href=asked.here(since=newest),
        held=alerts.held(scope=asked.scope) if asked.may(people_rules.Act.RULES) else 0,
        recovery=_ended(asked, ended),
        scope_words=asked.scope_words,
        empty=None if rows else parts.State("check", EMPTY.get(name, "No cases yet"), why),
    )


def _endings(asked: view.Asked) -> Mapping[str, int]:
    return queries.recovered(seer=seer(asked), playbook=asked.query.get("playbook", ""))


def _total(asked: view.Asked, meant: queries.Asked, ended: Mapping[str, int]) -> int:
    """Return how many cases the list has: closed ones were counted by how they ended, and nothing is counted twice."""
    if meant.states != ("closed",) or meant.department or meant.severity:
        return queries.total(seer=seer(asked), asked=meant)
    return ended.get(meant.recovery, 0) if meant.recovery else sum(ended.values())


def _ended(asked: view.Asked, known: Mapping[str, int]) -> tuple[Ended, ...]:
    """Return how closed cases ended, each with the list of just those."""
    ways = (("recovered", "recovered", "recovered"), ("not_recovered", "not recovered", "not_recovered"),
            ("waiting", "being watched", "watched"), ("cannot_say", "cannot say", "cannot_say"))  # fmt: skip
    return tuple(Ended(words_, known[word], asked.here(list=name)) for word, words_, name in ways if known.get(word, 0))


def _new(asked: view.Asked) -> NewPage:
    _, meant = wanted(asked)
    since = int(asked.query.get("since", "0")[:18])
    count = queries.total(seer=seer(asked), asked=replace(meant, above=since))
    return NewPage(count=count, href=asked.here(since=None), again_href=asked.here())


def named(asked: view.Asked, rows: tuple[queries.CaseRow, ...]) -> tuple[Row, ...]:
    """Return cases as a list shows them, with the names of customers whom one may see."""
    names = customers.names(scope=asked.own, keys=[row.key for row in rows])
    pack = words.pack()
    return tuple(
        Row(
            case=row,
            name=names[row.key].said if row.key in names else "A customer of another region",
            customer_id=names[row.key].customer_id if row.key in names else "",
            department=pack.say_department(row.department) if row.department else "",
            state=state_words(row),
            left=left_words(row, now=asked.now)[0],
            is_late=left_words(row, now=asked.now)[1],
            why=" · ".join(dict.fromkeys(row.why)),
        )
        for row in rows
    )


def _chips(asked: view.Asked, meant: queries.Asked) -> tuple[parts.Chip, ...]:
    department = words.pack().say_department(meant.department) if meant.department else ""
    return (
        *listing.chip(asked, field="severity", name="Urgency", value=SEVERITY.get(meant.severity, "").lower()),
        *listing.chip(asked, field="department", name="Department", value=department),
        *listing.chip(asked, field="playbook", name="Playbook", value=meant.playbook),
    )


def _severities() -> dict[str, str]:
    return {str(number): said for number, said in SEVERITY.items()}
