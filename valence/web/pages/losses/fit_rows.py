"""The customers behind a number of Fit, one by one."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.flows.act import fitted
from valence.insights import fit, say
from valence.web import listing, parts, view


@dataclass(frozen=True)
class Row:
    """A customer of a group: when they began, whether they left soon on a calm day, how they got in touch."""

    row: fitted.Row
    name: str
    customer_id: str
    calm: str
    contacts: str


@dataclass(frozen=True)
class FitRowsPage:
    """The customers of a group, or those of them who left soon although nothing went wrong."""

    lead: str
    rows: tuple[Row, ...]
    total: int
    chips: tuple[parts.Chip, ...]
    more: parts.More
    empty: parts.State | None


@view.page(section="losses")
def fit_rows(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the customers of a group."""
    field, word, left = asked.query.get("field", ""), asked.query.get("word", ""), asked.query.get("left") == "1"
    wanted = fitted.Asked(field=field, word=word, left=left)
    found = fitted.find(scope=asked.scope, asked=wanted, limit=listing.shown(asked))
    names = customers.names(scope=asked.scope, keys=[row.key for row in found.rows])
    who = f"{fit.FIELDS.get(field, 'Group')} {word.replace('_', ' ')}"
    page = FitRowsPage(
        lead=_lead(found.total, left, asked.scope_words),
        rows=tuple(_row(one, names.get(one.key)) for one in found.rows),
        total=found.total,
        chips=listing.chip(asked, field="left", name="Customer", value="left on a calm day" if left else ""),
        more=listing.more(asked, rows=len(found.rows), total=found.total),
        empty=None if found.rows else parts.State("store", "Nobody", "Nobody who was counted is in this group."),
    )
    crumbs = (parts.Crumb("Fit", asked.to("fit")), parts.Crumb(who))
    announce = say.many(found.total, "customer")
    return view.render(asked, "valence/fit_rows.html", page=page, title=who, crumbs=crumbs, announce=announce)


def _lead(total: int, left: bool, scope_words: str) -> str:
    what = "left by choice within half a year, on a day without a fault of ours before" if left else "began"
    return f"**{say.many(total, 'customer')}** {what}. {scope_words}".strip()


def _row(one: fitted.Row, name: customers.Name | None) -> Row:
    return Row(
        row=one,
        name=name.said if name else "No name",
        customer_id=name.customer_id if name else "",
        calm=say.many(one.calm, "calm day"),
        contacts=say.count(one.contacts),
    )
