"""One import: what became of its records, what the data is good for now, and how to take it back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from valence.flows.gather import readiness, rows
from valence.flows.run import jobs
from valence.insights import say
from valence.people import audit, rules
from valence.sources import noted
from valence.sources import queries as received
from valence.web import parts, view
from valence.web.charts import card
from valence.web.pages.data import opened

GONE = ("undoing", "undone")


@dataclass(frozen=True)
class ImportPage:
    """What the page shows. `short` says what the data is good for; `undone` what taking it back did."""

    one: received.ImportRow
    new: card.Cell
    again: card.Cell
    short: str
    odd: int
    undone: tuple[tuple[str, int], ...]
    may_undo: bool
    is_waiting: bool
    refused_href: str
    columns: tuple[noted.Column, ...]
    unused: int
    is_as_named: bool
    notices: tuple[str, ...]


SAID = {
    "interactions": "interactions went",
    "stayed": "stay, because others sent them as well",
    "let_in": "came in that had been refused because of it",
    "lost": "of other imports were refused because of it more than 30 days ago: bring those files in again",
    "customers": "customers are known by what everybody else said",
    "vanished": "customers are gone, because nobody else speaks of them",
}


@view.page(section="data", act=rules.Act.IMPORT, methods=("GET", "HEAD", "POST"))
def one_import(request: HttpRequest, asked: view.Asked, number: int) -> HttpResponse:
    """Show an import; undo it when that is wanted."""
    one = received.one(number=number)
    if one is None:
        raise Http404
    if request.method == "POST" and one.state not in GONE:
        if jobs.is_waiting(name="undo", arguments={"number": number}):
            messages.info(request, f"{one.filename} is being taken back already")
            return HttpResponseRedirect(asked.to("data"))
        jobs.enqueue(name="undo", by=asked.person.name, arguments={"number": number}, now=asked.now)
        audit.record(who=asked.person.name, what="undo asked for", about=f"import {number}", now=asked.now)
        messages.info(request, f"{one.filename} is being taken back")
        return HttpResponseRedirect(asked.to("data"))
    found = readiness.kept()
    columns = noted.columns(noted=one.noted)
    page = ImportPage(
        one=one,
        new=_opened(asked, one, one.created, is_new=True),
        again=_opened(asked, one, one.duplicate, is_new=False),
        short=found.short if found else "",
        odd=len(found.odd) if found else 0,
        undone=tuple((words, one.undone[name]) for name, words in SAID.items() if one.undone.get(name)),
        may_undo=one.state not in GONE,
        is_waiting=jobs.is_waiting(name="undo", arguments={"number": number}),
        refused_href=asked.to("refused", number=number) if one.refused else "",
        columns=columns,
        unused=sum(not column.ours for column in columns),
        is_as_named=all(column.theirs == column.ours for column in columns),
        notices=noted.said(counts=one.noted.get("counts", {})),
    )
    crumbs = (parts.Crumb("Data", asked.to("data")), parts.Crumb(one.filename))
    return view.render(asked, "valence/import_one.html", page=page, title=one.filename, crumbs=crumbs)


def _opened(asked: view.Asked, one: received.ImportRow, count: int, *, is_new: bool) -> card.Cell:
    """Return a count that opens what came: interactions, or the customers of whom the import spoke first."""
    if one.state in GONE:
        return card.Cell(say.count(count), quiet=True)
    if one.record_kind == "interactions":
        meant = rows.Asked(brought=one.number) if is_new else rows.Asked(again=one.number)
        return opened.cell(asked, count, meant)
    if one.record_kind == "customers" and is_new:
        return opened.people(asked, count, number=one.number)
    return card.Cell(say.count(count), quiet=not count)
