"""Prospects: people we met who have no contract yet. They are in no figure of risk or loss, and teach no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.http import HttpRequest, HttpResponse

from valence import interactions
from valence.customers import link_queries
from valence.insights import say
from valence.web import listing, parts, view


@dataclass(frozen=True)
class Row:
    """One prospect, and how often we met."""

    who: link_queries.Who
    interactions: int


@dataclass(frozen=True)
class ProspectsPage:
    """The newest prospects, and how many there are."""

    rows: tuple[Row, ...]
    total: int
    more: parts.More
    scope_words: str
    empty: parts.State | None


@view.page(section="customers")
def prospects(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show whom we met but who has no contract yet."""
    total = link_queries.prospects_total(scope=asked.scope)
    found = link_queries.prospects(scope=asked.scope, limit=listing.shown(asked))
    why = "Whoever is met in an interaction before a file of customers names them is listed here."
    page = ProspectsPage(
        rows=_rows(found),
        total=total,
        more=listing.more(asked, rows=len(found), total=total),
        scope_words=asked.scope_words,
        empty=None if found else parts.State("person", "No prospects", why),
    )
    crumbs = (parts.Crumb("Customers", asked.to("customers")), parts.Crumb("Prospects"))
    said = say.many(total, "prospect")
    return view.render(asked, "valence/prospects.html", page=page, title="Prospects", crumbs=crumbs, announce=said)


def _rows(found: tuple[link_queries.Who, ...]) -> tuple[Row, ...]:
    journeys = interactions.journeys_of(keys=[who.key for who in found], columns=["kind"])
    met = dict(zip(journeys.keys.tolist(), np.diff(journeys.starts).tolist(), strict=True))
    return tuple(Row(who=who, interactions=met.get(who.key, 0)) for who in found)
