"""Data: how fresh each source is, what was imported and refused, which words nobody knows yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)

from valence.flows.run import freshness
from valence.insights import say
from valence.ledger.actions import jobs as work
from valence.ledger.queries import unknown
from valence.people import audit, rules
from valence.sources import queries as received
from valence.sources import rules as sources
from valence.web import jobs_shown, parts, view

SHOWN = 50
MOST = 2_000
REASONS = {
    "not_an_object": "not a record", "missing_field": "something is missing", "bad_text": "unreadable text",
    "too_long": "too long", "bad_time": "not a time", "impossible_time": "impossible time",
    "bad_number": "not a number",
    "out_of_range": "out of range", "not_a_choice": "not one of the known values", "bad_attributes": "wrong attributes",
    "left_before_joined": "left before joined", "erased": "was erased", "conflict": "same id, other content",
}  # fmt: skip


@dataclass(frozen=True)
class SourceRow:
    """One source against its own habit, with its rows and its page of quality."""

    source: freshness.SourceState
    said: str
    href: str
    quality_href: str
    today_href: str
    refused_href: str


@dataclass(frozen=True)
class DataPage:
    """What the page shows."""

    sources: tuple[SourceRow, ...]
    imports: tuple[received.ImportRow, ...]
    running: tuple[jobs_shown.JobShown, ...]
    unknown_total: int
    refused_total: int
    may_import: bool


@dataclass(frozen=True)
class RefusedPage:
    """The records that were refused, of one import or of all sources."""

    title: str
    one: received.ImportRow | None
    rows: tuple[tuple[received.RefusedRow, str], ...]
    total: int
    reasons: tuple[tuple[str, int, str], ...]
    chips: tuple[parts.Chip, ...]
    more: parts.More
    download_href: str


@view.page(section="data", act=rules.Act.SEE_DATA)
def data(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show sources, imports and unknown words."""
    page = DataPage(
        sources=tuple(_source(row, asked=asked) for row in freshness.read(now=asked.now)),
        imports=tuple(received.imports(limit=SHOWN)),
        running=jobs_shown.running(),
        unknown_total=unknown.total(),
        refused_total=received.refused_total(),
        may_import=asked.may(rules.Act.IMPORT),
    )
    return view.render(asked, "valence/data.html", page=page, title="Data")


@view.page(section="data", act=rules.Act.IMPORT, methods=("POST",))
def stop(request: HttpRequest, asked: view.Asked, number: int) -> HttpResponse:
    """Ask a piece of work to stop at its next safe point."""
    if work.ask_to_stop(number=number, now=asked.now):
        audit.record(who=asked.person.name, what="stop", about=f"job {number}", now=asked.now)
        messages.info(request, "It stops at the next safe point")
    return HttpResponseRedirect(asked.to("data"))


@view.page(section="data", act=rules.Act.IMPORT)
def refused(request: HttpRequest, asked: view.Asked, number: int = 0) -> HttpResponse:
    """Show the refused records of one import (or, for 0, of everything), with their reasons."""
    one = received.one(number=number) if number else None
    if number and one is None:
        raise Http404
    reason = asked.query.get("reason", "")
    shown = min(MOST, SHOWN + _start(asked))
    source, day = asked.query.get("source", ""), _day(asked)
    total = received.refused_total(number=number or None, reason=reason, source=source, day=day)
    found = received.refused(number=number or None, reason=reason, source=source, day=day, limit=shown)
    page = RefusedPage(
        title=f"Refused in {one.filename}" if one else "Refused records",
        one=one,
        rows=tuple((row, REASONS.get(row.reason, row.reason)) for row in found),
        total=total,
        reasons=tuple(_reasons(asked, number=number)),
        chips=tuple(_refused_chips(asked, reason=reason, source=source, day=day)),
        more=parts.More(len(found), total, asked.here(start=shown) if len(found) < min(total, MOST) else ""),
        download_href=asked.to("refused_file", number=number) if number else "",
    )
    crumbs = (parts.Crumb("Data", asked.to("data")), parts.Crumb(page.title))
    return view.render(asked, "valence/refused.html", page=page, title=page.title, crumbs=crumbs)


@view.page(section="data", act=rules.Act.IMPORT)
def refused_file(request: HttpRequest, asked: view.Asked, number: int) -> HttpResponseBase:
    """Give the refused records as a file that can be mended and brought in again."""
    one = received.one(number=number)
    if one is None:
        raise Http404
    response = StreamingHttpResponse(received.refused_csv(number=number), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{number}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _start(asked: view.Asked) -> int:
    text = asked.query.get("start", "")
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def _day(asked: view.Asked) -> dt.date | None:
    try:
        return dt.date.fromisoformat(asked.query.get("day", ""))
    except ValueError:
        return None


def _refused_chips(asked: view.Asked, *, reason: str, source: str, day: dt.date | None) -> Iterator[parts.Chip]:
    if reason:
        yield parts.Chip("Reason", REASONS.get(reason, reason), asked.here(reason=None))
    if source:
        yield parts.Chip("Source", source, asked.here(source=None))
    if day:
        yield parts.Chip("Arrived", f"{day:%-d %b %Y}", asked.here(day=None))


def _source(row: freshness.SourceState, *, asked: view.Asked) -> SourceRow:
    known = row.level is not sources.Level.UNKNOWN  # else its badge says so
    warnings = [*([row.habit] if known else []), *row.warnings]
    changed = len(row.drift.drifts) + len(row.drift.new_words) + len(row.drift.gone_words)
    if changed:
        warnings.append(f"{say.many(changed, 'change')} in its values")
    return SourceRow(
        source=row,
        said=say.sentence("; ".join(warnings)),
        href=asked.to("interactions", query={"source": row.source}),
        quality_href=asked.to("source_quality", source=row.source),
        today_href=asked.to("arrivals", day=asked.now.astimezone(dt.UTC).date().isoformat(), source=row.source),
        refused_href=asked.to("refused", number=0, query={"source": row.source}) if asked.may(rules.Act.IMPORT) else "",
    )


def _reasons(asked: view.Asked, *, number: int) -> list[tuple[str, int, str]]:
    counted = received.reasons(number=number or None, source=asked.query.get("source", ""), day=_day(asked))
    return [(REASONS.get(reason, reason), count, asked.here(reason=reason)) for reason, count in counted.items()]
