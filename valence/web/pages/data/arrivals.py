"""Arrivals: in which pieces a source's records of one day came, and what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse

from valence.flows.gather import rows
from valence.insights import say
from valence.people import rules
from valence.sources import days
from valence.sources import queries as received
from valence.web import listing, parts, view
from valence.web.charts import card
from valence.web.pages.data import opened

OVER_HTTP = 0


BECAME = {"created": "new", "duplicate": "in already", "revised": "corrected an earlier one", "refused": "refused"}
"""What became of a record, by the name under which it is counted."""


@dataclass(frozen=True)
class Piece:
    """One piece: an import, which its page explains, or everything that was sent over HTTP that day."""

    words: str
    href: str
    came: days.Arrival
    new: card.Cell
    again: card.Cell


@dataclass(frozen=True)
class ArrivalsPage:
    """What the page shows: the pieces, their sum, and where the source's interactions stand."""

    source: str
    day: dt.date
    lead: str
    pieces: tuple[Piece, ...]
    total: int
    rows_href: str
    chips: tuple[parts.Chip, ...]


@view.page(section="data", act=rules.Act.SEE_QUALITY)
def arrivals(request: HttpRequest, asked: view.Asked, day: str, source: str) -> HttpResponse:
    """Show what brought the records of a day."""
    when = _day(day)
    came = days.arrived(source=source, day=when)
    became = asked.query.get("became", "")
    became = became if became in BECAME else ""
    if not came:
        raise Http404
    shown = [one for one in came if not became or getattr(one, became)]
    page = ArrivalsPage(
        source=source,
        day=when,
        lead=_lead(came, source, when),
        pieces=tuple(_piece(asked, source, when, one) for one in shown),
        total=sum(getattr(one, became or "records") for one in shown),
        rows_href=asked.to("interactions", query={"source": source}),
        chips=listing.chip(asked, field="became", name="Only what was", value=BECAME.get(became, "")),
    )
    back = asked.to("source_quality", source=source)
    crumbs = (parts.Crumb("Quality", asked.to("quality")), parts.Crumb(source, back), parts.Crumb(f"{when:%-d %b %Y}"))
    title = f"{source} on {when:%-d %b %Y}"
    return view.render(asked, "valence/arrivals.html", page=page, title=title, crumbs=crumbs)


def _day(said: str) -> dt.date:
    try:
        return dt.date.fromisoformat(said)
    except ValueError:
        raise Http404 from None


def _lead(came: Sequence[days.Arrival], source: str, day: dt.date) -> str:
    sums: Mapping[str, int] = {
        name: sum(getattr(one, name) for one in came) for name in ("created", "duplicate", "revised", "refused")
    }
    total = say.many(sum(one.records for one in came), "record")
    said = f"**{total}** came from {source} on {day:%-d %B %Y}: {say.count(sums['created'])} new, "
    said += f"{say.count(sums['duplicate'])} in already, {say.count(sums['revised'])} corrected an earlier one, "
    return said + f"{say.count(sums['refused'])} refused."


def _piece(asked: view.Asked, source: str, day: dt.date, came: days.Arrival) -> Piece:
    over_http = came.batch == OVER_HTTP
    known = None if over_http else received.one(number=came.batch)
    words = "Sent over HTTP" if over_http else known.filename if known else f"Import {came.batch}"
    href = asked.to("import_one", number=came.batch) if known and asked.may(rules.Act.IMPORT) else ""
    # What a system brought first over HTTP is not noted one by one: its interactions are opened as they stand.
    brought = rows.Asked(source=source, came=day, brought=came.batch)
    new = card.Cell(say.count(came.created)) if over_http else opened.cell(asked, came.created, brought)
    again = opened.cell(asked, came.duplicate, rows.Asked(source=source, came=day, again=came.batch))
    return Piece(words, href, came, new, again)
