"""Counts of what came in that open it: the interactions and the customers behind them, as they stand now."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse

from valence.customers import link_queries
from valence.flows.gather import rows
from valence.insights import say
from valence.people import rules
from valence.sources import queries as received
from valence.web import listing, parts, view
from valence.web.charts import card


@dataclass(frozen=True)
class PeoplePage:
    """Customers of whom an import spoke first, and how many there are: None while they are being counted."""

    filename: str
    rows: tuple[link_queries.Who, ...]
    total: int | None
    more: parts.More
    scope_words: str
    state: parts.State | None


def cell(asked: view.Asked, count: int, meant: rows.Asked) -> card.Cell:
    """Return a count that opens the interactions behind it.

    It promises as many rows only where they are as many: what was corrected or erased since, what came twice, and what
    one may not see is not among them.
    """
    if not count:
        return card.Cell(say.count(count), quiet=True)
    there = rows.total(scope=asked.scope, asked=meant, now=asked.now)
    query = {name: getattr(meant, name) for name in ("source", "came", "brought", "again")}
    given = {name: value for name, value in query.items() if value not in ("", None)}
    return card.Cell(say.count(count), asked.to("interactions", query=given), count=count if there == count else None)


def people(asked: view.Asked, count: int, *, number: int) -> card.Cell:
    """Return a count that opens the customers of whom an import spoke first."""
    if not count:
        return card.Cell(say.count(count), quiet=True)
    there = link_queries.first_named_total.soon(scope=asked.scope, batch=number)
    href = asked.to("import_people", number=number)
    return card.Cell(say.count(count), href, count=count if there == count else None)


@view.page(section="data", act=rules.Act.IMPORT)
def import_people(request: HttpRequest, asked: view.Asked, number: int) -> HttpResponse:
    """Show the customers of whom an import spoke first."""
    one = received.one(number=number)
    if one is None:
        raise Http404
    limit = listing.shown(asked)
    found = link_queries.first_named(scope=asked.scope, batch=number, limit=limit)
    few = len(found) < limit  # these are all
    total = len(found) if few else link_queries.first_named_total.soon(scope=asked.scope, batch=number)
    page = PeoplePage(
        filename=one.filename,
        rows=found,
        total=total,
        more=listing.more(asked, rows=len(found), total=total),
        scope_words=asked.scope_words,
        state=None if found else parts.State("person", "Nobody", "It spoke first of nobody whom you may see."),
    )
    back = asked.to("import_one", number=number)
    crumbs = (parts.Crumb("Data", asked.to("data")), parts.Crumb(one.filename, back), parts.Crumb("Customers"))
    title = f"Customers of {one.filename}"
    return view.render(asked, "valence/import_people.html", page=page, title=title, crumbs=crumbs)
