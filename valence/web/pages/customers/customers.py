"""Customers: who is at risk, ranked by what is at stake; everybody on request; the list as a file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from valence import packs
from valence.customers import link_queries
from valence.customers import queries as customers_known
from valence.insights import say
from valence.ledger.queries import risks
from valence.people import audit, rules
from valence.terms import Scope
from valence.web import csv_file, listing, parts, view, words

CHANCES = (0.05, 0.1, 0.2, 0.3)
MONEY = (25, 50, 100, 200)
WEEKS = (7, 14, 28)
SORTS = {"value": "At risk", "chance": "Leaves within 60 days", "price": "Pays", "act_by": "Act by"}
HEADS = (
    "customer_id", "name", "region", "segment", "monthly_value", "value_at_risk", "bond", "p_leave_30d",
    "p_leave_60d", "p_low_60d", "p_high_60d", "p_leave_90d", "why", "department", "root_department", "act_by",
    "became_likely_at", "last_contact_at", "as_of", "model",
)  # fmt: skip


FIRST = {
    "value": "most value at risk",
    "chance": "the most likely to leave",
    "act_by": "the most pressing",
    "bond": "the weakest bond",
    "price": "the highest price",
}


@dataclass(frozen=True)
class Row:
    """One customer as the list shows them. `hint` says whose doing the reason is: `Sales → Billing`."""

    risk: risks.RiskRow
    name: str
    customer_id: str
    hint: str
    days_left: int | None

    @property
    def is_late(self) -> bool:
        """Whether the day to act by is over: what is late is done now."""
        return self.days_left is not None and self.days_left < 0

    @property
    def left_words(self) -> str:
        """How much time is left to act."""
        if self.days_left is None:
            return ""
        if self.days_left < 0:
            return "the day is over"
        return {0: "today", 1: "tomorrow"}.get(self.days_left, f"{self.days_left} days left")

    @property
    def is_urgent(self) -> bool:
        """Whether three days or less are left."""
        return self.days_left is not None and self.days_left <= 3


@dataclass(frozen=True)
class CustomersPage:
    """The list, what was asked, and what it adds up to. `present` counts everybody whom one may see."""

    asked: risks.Asked
    rows: tuple[Row, ...]
    scale: float
    totals: risks.Totals
    present: int
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    sorters: Mapping[str, parts.Sorter]
    more: parts.More
    scope_words: str
    empty: parts.State | None
    all_href: str
    likely_href: str
    export_href: str
    prospects: int
    prospects_href: str
    first: str


@view.page(section="customers")
def customers(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show who is at risk, or everybody, most value at risk first."""
    page = _page(asked)
    title = "Likely to leave" if page.asked.likely else "Customers"
    return view.render(
        asked, "valence/customers.html", page=page, title=title, announce=_counted(page.totals.customers)
    )


@view.page(section="customers", act=rules.Act.EXPORT)
def export(request: HttpRequest, asked: view.Asked) -> HttpResponseBase:
    """Send the same list as a file; who took it is on record."""
    wanted = understood(asked)
    total = risks.totals(scope=asked.scope, asked=wanted).customers
    audit.record(who=asked.person.name, what="exported customers", about=say.many(total, "row"), now=timezone.now())
    found = risks.every(scope=asked.scope, asked=wanted, sort=_sort(asked))
    filename = f"valence-customers-{asked.now:%Y-%m-%d}.csv"
    return csv_file.response(filename=filename, heads=HEADS, rows=_lines(found, asked=asked))


def understood(asked: view.Asked) -> risks.Asked:
    """Return which customers the address asks for; parts that make no sense are left out."""
    act_within = _number(asked.query.get("act_within", ""))
    became_within = _number(asked.query.get("became_within", ""))
    chance = _number(asked.query.get("chance", ""))
    until = asked.period.until
    return risks.Asked(
        likely=asked.query.get("likely") == "1",
        segment=asked.query.get("segment", ""),
        chance=None if chance is None else chance / 100,
        over=_number(asked.query.get("over", "")),
        department=asked.query.get("department", ""),
        act_before=None if act_within is None else until + timedelta(days=act_within),
        became_since=None if became_within is None else until - timedelta(days=became_within),
    )


def listed(*, rows: Sequence[risks.RiskRow], scope: Scope, now: datetime) -> tuple[Row, ...]:
    """Return customers with their names and what the list says beside them; days are counted from `now`."""
    pack = words.pack()
    names = customers_known.names(scope=scope, keys=[row.key for row in rows])
    return tuple(_row(row, names.get(row.key), pack, now) for row in rows)


def scale_of(rows: Sequence[Row]) -> float:
    """Return the one scale on which all chances of a list are drawn: to one half, or to 1 where that is too short."""
    return 0.5 if all(row.risk.p_high_60d <= 0.5 for row in rows) else 1.0


def _row(risk: risks.RiskRow, name: customers_known.Name | None, pack: packs.Pack, now: datetime) -> Row:
    departments = [one for one in dict.fromkeys((risk.root_department, risk.why_department)) if one]
    left = None if risk.act_by is None else say.days_between(now, risk.act_by)
    return Row(
        risk=risk,
        name=name.said if name else "No name",
        customer_id=name.customer_id if name else "",
        hint=" → ".join(pack.say_department(one) for one in departments),
        days_left=left,
    )


def _page(asked: view.Asked) -> CustomersPage:
    wanted = understood(asked)
    limit = listing.shown(asked)
    totals = risks.totals(scope=asked.scope, asked=wanted)
    found = risks.rows(scope=asked.scope, asked=wanted, sort=_sort(asked), limit=limit)
    rows = listed(rows=found, scope=asked.scope, now=asked.now)
    present = risks.totals(scope=asked.scope, asked=risks.Asked()).customers
    return CustomersPage(
        asked=wanted,
        rows=rows,
        scale=scale_of(rows),
        totals=totals,
        present=present,
        chips=_chips(asked, wanted),
        choices=_choices(asked),
        sorters=_sorters(asked),
        more=listing.more(asked, rows=len(rows), total=totals.customers),
        scope_words=asked.scope_words,
        empty=None if rows else _empty(asked, present=present),
        all_href=asked.to("customers"),
        likely_href=asked.to("customers", query={"likely": 1}),
        export_href=asked.here().replace(asked.request.path, asked.to("customers_export").split("?")[0], 1),
        prospects=link_queries.prospects_total(scope=asked.scope),
        prospects_href=asked.to("prospects"),
        first=FIRST[_sort(asked)],
    )


def _chips(asked: view.Asked, wanted: risks.Asked) -> tuple[parts.Chip, ...]:
    pack = words.pack()
    said = {
        "segment": ("Segment", wanted.segment),
        "chance": ("Chance", f"{asked.query.get('chance')}{say.THIN}% or more"),
        "over": ("Pays", f"{say.money(wanted.over)} or more"),
        "department": ("Because of", pack.say_department(wanted.department) if wanted.department else ""),
        "act_within": ("Act within", f"{asked.query.get('act_within')} days"),
        "became_within": ("New in the last", f"{asked.query.get('became_within')} days"),
    }
    regions = tuple(
        parts.Chip("Region", region, asked.here(region=[other for other in asked.regions if other != region] or None))
        for region in asked.regions
    )
    likely = (parts.Chip("Likely", "to leave", asked.here(likely=None)),) if wanted.likely else ()
    on = tuple(
        parts.Chip(name, value, asked.here(**{field: None}))
        for field, (name, value) in said.items()
        if asked.query.get(field) and value
    )
    return (*likely, *regions, *on)


def _choices(asked: view.Asked) -> tuple[parts.Choices, ...]:
    pack = words.pack()
    known = risks.choices(scope=asked.scope)
    chances = {f"{one * 100:.0f}": f"{one * 100:.0f}{say.THIN}% or more" for one in CHANCES}
    offered: tuple[tuple[str, str, Mapping[str, str] | Sequence[str]], ...] = (
        ("Segment", "segment", known.segments),
        ("Chance", "chance", chances),
        ("Pays", "over", {str(one): f"{say.money(one)} or more a month" for one in MONEY}),
        ("Because of", "department", {one: pack.say_department(one) for one in known.departments}),
        ("Act within", "act_within", {str(one): f"{one} days" for one in WEEKS}),
    )
    return listing.settable(
        *(listing.choices(asked, field=field, name=name, offered=options) for name, field, options in offered)
    )


def _sorters(asked: view.Asked) -> dict[str, parts.Sorter]:
    now = _sort(asked)
    rising = {"act_by"}
    return {
        field: parts.Sorter(
            words=head,
            href=asked.here(sort=field),
            direction="" if field != now else "ascending" if field in rising else "descending",
            right=field in {"value", "price"},
        )
        for field, head in SORTS.items()
    }


def _sort(asked: view.Asked) -> str:
    sort = asked.query.get("sort", "")
    return sort if sort in risks.SORTS else risks.USUAL_SORT


def _number(text: str) -> float | None:
    """Return a number of the address that is 0 or more, else None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None


def _empty(asked: view.Asked, *, present: int) -> parts.State:
    if present:
        why = "Take out a filter, or choose other regions at the top."
        return parts.State("person", "Nobody fits these filters", why, asked.to("customers"), "Show everybody")
    if not asked.own.regions and asked.own.regions is not None:
        why = "Your account has no region yet. Your administrator sets which customers you see."
        return parts.State("place", "No customers to show", why)
    why = "Customers appear here once data was imported and the first scores were worked out."
    if asked.may(rules.Act.SEE_DATA):
        return parts.State("store", "No customers yet", why, asked.to("data"), "Go to Data")
    return parts.State("store", "No customers yet", why)


def _counted(number: int) -> str:
    return say.many(number, "customer")


def _lines(found: Iterator[risks.RiskRow], *, asked: view.Asked) -> Iterator[Sequence[object]]:
    while part := tuple(itertools.islice(found, 2_000)):
        for row in listed(rows=part, scope=asked.scope, now=asked.now):
            yield _line(row)


def _line(row: Row) -> Sequence[object]:
    risk = row.risk
    name = row.name if row.name != row.customer_id else ""
    moments = (risk.act_by, risk.became_likely_at, risk.last_contact_at, risk.as_of)
    act_by, became, contact, as_of = (one.isoformat() if one else None for one in moments)
    return (
        row.customer_id, name, risk.region, risk.segment, risk.monthly_value, round(risk.value_at_risk, 4),
        round(risk.bond, 3), *(round(p, 6) for p in (risk.p_leave_30d, risk.p_leave_60d, risk.p_low_60d)),
        round(risk.p_high_60d, 6), round(risk.p_leave_90d, 6), risk.why, risk.why_department, risk.root_department,
        act_by, became, contact, as_of, risk.model,
    )  # fmt: skip
