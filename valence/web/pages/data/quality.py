"""Quality: what each source brought, how late, what was refused and why, what changed in it, which days are missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse

from valence.flows.gather import quality
from valence.flows.run import freshness
from valence.insights import say
from valence.ledger.queries import unknown
from valence.people import rules
from valence.sources import days as sources
from valence.sources import details, drift
from valence.sources import queries as received
from valence.web import parts, view
from valence.web.charts import card, counts, days
from valence.web.pages.data.data import REASONS

KEPT_DAYS = 30
MOST_GAPS = 5
COLUMNS = {"kind": "kinds", "department": "departments", "channel": "channels", "facts": "facts", "amount": "amounts"}


@dataclass(frozen=True)
class SourceLine:
    """A source in the overview."""

    source: str
    href: str
    records: int
    refused: int
    refused_share: float
    refused_href: str
    duplicate: int
    half_by: str
    missing: int
    changed: int


@dataclass(frozen=True)
class Picture:
    """A chart with the sentence that says its finding, and the table behind it."""

    title: str
    says: str
    chart: card.Chart | None
    table: card.Table


@dataclass(frozen=True)
class QualityPage:
    """What the page shows: all sources, or one with its pictures."""

    sources: tuple[SourceLine, ...]
    source: str
    habit: str
    is_alarm: bool
    warnings: tuple[str, ...]
    rows: Picture | None
    delays: Picture | None
    reasons: Picture | None
    changes: tuple[str, ...]
    changes_said: str
    gaps: tuple[str, ...]
    unknown_total: int
    state: parts.State | None


@view.page(section="data", act=rules.Act.SEE_QUALITY)
def quality_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show every source with its figures."""
    until = asked.now.date() + dt.timedelta(days=1)
    found = quality.read(since=until - dt.timedelta(days=asked.period.days), until=until)
    states = {state.source: state for state in freshness.read(now=asked.now)}
    page = QualityPage(
        sources=tuple(_line(asked, one, states.get(one.source)) for one in found),
        source="",
        habit="",
        is_alarm=False,
        warnings=(),
        rows=None,
        delays=None,
        reasons=None,
        changes=(),
        changes_said="",
        gaps=(),
        unknown_total=unknown.total(),
        state=None if found else _nothing(asked),
    )
    return view.render(asked, "valence/quality.html", page=page, title="Quality")


@view.page(section="data", act=rules.Act.SEE_QUALITY)
def source_quality(request: HttpRequest, asked: view.Asked, source: str) -> HttpResponse:
    """Show one source, day by day."""
    state = quality.state(source=source, now=asked.now)
    if state is None:
        raise Http404
    until = asked.now.date() + dt.timedelta(days=1)
    [found] = quality.read(since=until - dt.timedelta(days=asked.period.days), until=until, source=source)
    page = QualityPage(
        sources=(_line(asked, found, state),),
        source=source,
        habit=say.sentence(state.habit),
        is_alarm=state.is_alarm,
        warnings=state.warnings,
        rows=_rows(asked, found),
        delays=_delays(found) if found.delays else None,
        reasons=_reasons(asked, found) if found.reasons else None,
        changes=tuple(_changes(state.drift)),
        changes_said=_changes_said(state.drift),
        gaps=tuple(_gap(first, last) for first, last in found.gaps[-MOST_GAPS:]),
        unknown_total=unknown.total(),
        state=None,
    )
    crumbs = (parts.Crumb("Quality", asked.to("quality")), parts.Crumb(source))
    return view.render(asked, "valence/quality.html", page=page, title=f"Quality of {source}", crumbs=crumbs)


def _line(asked: view.Asked, one: quality.Quality, state: freshness.SourceState | None) -> SourceLine:
    found = state.drift if state else None
    return SourceLine(
        source=one.source,
        href=asked.to("source_quality", source=one.source),
        records=one.records,
        refused=one.refused,
        refused_share=one.refused / one.records if one.records else 0.0,
        refused_href=_refused_href(asked, one.source) if asked.may(rules.Act.IMPORT) else "",
        duplicate=one.duplicate,
        half_by=say.sentence(_half(one)),
        missing=sum((last - first).days + 1 for first, last in one.gaps),
        changed=len(found.drifts) + len(found.new_words) + len(found.gone_words) if found else 0,
    )


def _half(one: quality.Quality) -> str:
    """Say by when half of the records came."""
    if one.median_delay == details.DELAY_WORDS[-1]:
        return "half after more than 30 days"
    return f"half within {one.median_delay}" if one.median_delay else ""


def _refused_href(asked: view.Asked, source: str, **more: str) -> str:
    return asked.to("refused", number=0, query={"source": source, **more})


def _rows(asked: view.Asked, one: quality.Quality) -> Picture:
    shown = [days.DayCount(day=day.day, taken=day.records - day.refused, refused=day.refused) for day in one.days]
    active = sum(day.records > 0 for day in one.days)
    says = f"**{say.many(one.records, 'record')}** on {say.many(active, 'day')}; {say.count(one.refused)} refused,"
    says += f" {say.count(one.duplicate)} were in already, {say.count(one.revised)} corrected an earlier one."
    if not active:
        says = "Nothing came in these days."
    names = ("Day", "Records", "New", "In already", "Corrected", "Refused")
    body = tuple(
        (
            card.Cell(f"{day.day:%a %-d %b %Y}"),
            _records_cell(asked, day),
            _came_cell(asked, day, "created", day.created),
            _came_cell(asked, day, "duplicate", day.duplicate),
            _came_cell(asked, day, "revised", day.revised),
            _refused_cell(asked, day.source, day.day, day.refused),
        )
        for day in reversed(one.days)
        if day.records
    )
    columns = tuple(card.Column(name, numeric=at > 0) for at, name in enumerate(names))
    chart = days.bars(shown, label=says.replace("**", "")) if active else None
    return Picture("Records a day", says, chart, card.Table("Records a day", columns, body))


def _records_cell(asked: view.Asked, day: sources.Day) -> card.Cell:
    href = asked.to("arrivals", day=day.day.isoformat(), source=day.source)
    return card.Cell(say.count(day.records), href=href, count=day.records)


def _came_cell(asked: view.Asked, day: sources.Day, became: str, count: int) -> card.Cell:
    """Return a count that opens what brought these, and from there the interactions themselves."""
    if not count:
        return card.Cell(say.count(count), quiet=True)
    href = asked.to("arrivals", day=day.day.isoformat(), source=day.source, query={"became": became})
    return card.Cell(say.count(count), href=href, count=count)


def _refused_cell(asked: view.Asked, source: str, day: dt.date, refused: int) -> card.Cell:
    """Return a count that opens the refused records where they are still kept and may be seen."""
    kept = asked.now.date() - day < dt.timedelta(days=KEPT_DAYS) and asked.may(rules.Act.IMPORT)
    if not refused or not kept:
        return card.Cell(say.count(refused), quiet=not refused)
    there = received.refused_total(source=source, day=day)
    href = _refused_href(asked, source, day=day.isoformat())
    return card.Cell(say.count(refused), href=href, count=refused if there == refused else None)


def _delays(one: quality.Quality) -> Picture:
    within_day = sum(one.delays[:4])
    says = f"**{say.sentence(say.percent(within_day))}** came within a day of what they tell of; {_half(one)}."
    names = [f"within {words}" for words in details.DELAY_WORDS[:-1]] + ["later"]
    rows = [
        counts.Counted(name=name, count=round(100 * share), low=100 * share, high=100 * share)
        for name, share in zip(names, one.delays, strict=True)
    ]
    body = tuple((card.Cell(row.name.capitalize()), card.Cell(say.percent(row.low / 100))) for row in rows)
    table = card.Table("How late records come", (card.Column("They came"), card.Column("Share", numeric=True)), body)
    says += f" Looked at: {say.many(one.looked, 'record')}."
    label = says.replace("**", "") + " Shares in percent."
    return Picture("How late they come, in percent", says, counts.bars(rows, label=label), table)


def _reasons(asked: view.Asked, one: quality.Quality) -> Picture:
    [(first, most), *_] = one.reasons.items()
    total = sum(one.reasons.values())
    said = {reason: say.sentence(REASONS.get(reason, reason)) for reason in one.reasons}
    says = f"**{said[first]}**: {say.count(most)} of {say.many(total, 'refused record')}."
    rows = [
        counts.Counted(name=said[reason], count=count, low=count, high=count, strong=reason == first)
        for reason, count in one.reasons.items()
    ]
    body = tuple(
        (card.Cell(said[reason]), _reason_cell(asked, one.source, reason, count))
        for reason, count in one.reasons.items()
    )
    table = card.Table("Why records were refused", (card.Column("Reason"), card.Column("Records", numeric=True)), body)
    return Picture("Why records were refused", says, counts.bars(rows, label=says.replace("**", "")), table)


def _reason_cell(asked: view.Asked, source: str, reason: str, count: int) -> card.Cell:
    if not asked.may(rules.Act.IMPORT):
        return card.Cell(say.count(count))
    there = received.refused_total(source=source, reason=reason)
    href = _refused_href(asked, source, reason=reason) if there else ""
    return card.Cell(say.count(count), href=href, count=count if there == count else None)


def _changes_said(found: drift.Found) -> str:
    if not found.is_known:
        return "Whether its values changed cannot be said yet: that needs 200 records in seven days, and 400 before."
    if not (found.drifts or found.new_words or found.gone_words):
        return "Its values are as in the four weeks before; every column is as often empty as it was."
    return "The last seven days against the four weeks before; only what is more than chance and than its weeks differ."


def _changes(found: drift.Found) -> list[str]:
    new = [f"New {_one(change)}: {change.word} ({say.percent(change.now)} of records)" for change in found.new_words]
    gone = [f"No more {_one(change)}: {change.word} (was {say.percent(change.before)})" for change in found.gone_words]
    return [*new, *gone, *(_drift(one) for one in found.drifts)]


def _one(change: drift.Change) -> str:
    return {"facts": "fact"}.get(change.column, change.column)


def _drift(one: drift.Drift) -> str:
    change = one.changes[0] if one.changes else None
    if one.column == "amount" and change:
        return f"Amounts moved: the middle one was {say.decimal(change.before)}, it is {say.decimal(change.now)}"
    if one.column.startswith("empty ") and change:
        name = one.column.removeprefix("empty ").replace("_", " ")
        return f"Column {name} is empty in {say.percent(change.now)} of records, before in {say.percent(change.before)}"
    moved = [f"{each.word} {say.percent(each.before)} → {say.percent(each.now)}" for each in one.changes]
    return f"Another mix of {COLUMNS.get(one.column, one.column)} in {say.percent(one.measure)}: {'; '.join(moved)}"


def _gap(first: dt.date, last: dt.date) -> str:
    if first == last:
        return f"{first:%-d %b %Y}"
    return f"{first:%-d %b} – {last:%-d %b %Y}, {(last - first).days + 1} days"


def _nothing(asked: view.Asked) -> parts.State:
    return parts.State("store", "Nothing came in these days", "Choose a longer time, or bring data in.")
