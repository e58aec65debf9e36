"""Departments and hand-offs: from where losses that were ours began to where they hurt, and how often of how many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse

from valence import packs
from valence.flows.weigh import minds
from valence.insights import handoffs as insight
from valence.insights import intervals, say
from valence.ledger.queries import handoffs as links
from valence.ledger.queries import losses
from valence.web import listing, parts, view
from valence.web.charts import flows
from valence.web.charts.card import Chart
from valence.web.pages.losses import loss_filters

UNKNOWN_DAYS = 14


@dataclass(frozen=True)
class Row:
    """One hand-off of the table. `scale` is the end of the count axis, shared by all rows; `first` is the finding's."""

    name: str
    words: str
    losses: int
    likely: intervals.Range
    rate: str
    rate_likely: str
    links: int
    monthly_value: float
    href: str
    first: bool


@dataclass(frozen=True)
class DepartmentRow:
    """One department: how many losses began there and how many hurt there, each with the address of its rows."""

    name: str
    began: int
    began_href: str
    hurt: int
    hurt_href: str


@dataclass(frozen=True)
class HandoffsPage:
    """What the page shows. The rows add up to `totals.ours`."""

    lead: str
    says: str
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    totals: losses.Totals
    hrefs: dict[str, str]
    chart: Chart | None
    rows: tuple[Row, ...]
    scale: float
    rate: str
    links: int
    monthly_value: float
    inferred: str
    departments: tuple[DepartmentRow, ...]
    elsewhere: int
    state: parts.State | None


@view.page(section="handoffs")
def handoffs(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the hand-offs that lost customers in the days and regions that are looked at."""
    pack = minds.pack()
    meant = replace(loss_filters.read(asked), verdict="", began="", hurt="", department="", handoffs=())
    totals = losses.totals(scope=asked.scope, asked=meant)
    lost = losses.handoffs(scope=asked.scope, asked=meant)
    picture, said = _picture(asked, lost=lost, meant=meant, pack=pack)
    rows = tuple(_row(row, asked=asked, first=index == 0) for index, row in enumerate(picture.rows))
    page = HandoffsPage(
        lead=insight.finding(picture, before=_before(asked, meant=meant, picture=picture)),
        says=_says(picture),
        chips=loss_filters.chips(asked, meant=meant, pack=pack),
        choices=listing.settable(loss_filters.segments(asked, can=losses.choices(scope=asked.scope))),
        totals=totals,
        hrefs=_hrefs(asked, meant=meant),
        chart=_chart(picture, said=said, asked=asked),
        rows=rows,
        scale=max((row.likely.high for row in rows), default=1.0),
        rate=_rate(picture.rate),
        links=picture.links,
        monthly_value=picture.monthly_value,
        inferred=say.percent(picture.inferred_share, of=picture.links) if picture.inferred_share is not None else "",
        departments=tuple(
            _department(row, asked=asked) for row in insight.by_department(losses=lost, names=tuple(said.items()))
        ),
        elsewhere=losses.heavier_elsewhere(scope=asked.scope, asked=meant),
        state=_state(asked, totals=totals),
    )
    return view.render(asked, "valence/handoffs.html", page=page, title="Hand-offs that lose customers")


def _picture(
    asked: view.Asked, *, lost: Sequence[losses.HandoffLosses], meant: losses.Asked, pack: packs.Pack
) -> tuple[insight.Picture, dict[str, str]]:
    """Return what the page shows, and how its departments are said."""
    passed = links.links(scope=asked.scope, since=asked.period.first_day, until=asked.period.end_day)
    named = {word for loss in lost for word in (loss.began, loss.hurt)}
    said = {word: pack.say_department(word) for word in named if word}
    return insight.look(losses=lost, links=() if meant.segment else passed, names=tuple(said.items())), said


def _before(asked: view.Asked, *, meant: losses.Asked, picture: insight.Picture) -> int | None:
    """Return how many the first hand-off lost in as many days before, None where nothing was known then."""
    if not picture.rows or picture.rows[0].merged:
        return None
    earlier = replace(meant, since=asked.period.before.first_day, until=asked.period.before.end_day)
    known = losses.span(scope=asked.scope)
    if known is None or known[0].date() > asked.period.before.first_day + dt.timedelta(days=UNKNOWN_DAYS):
        return None
    pairs = picture.rows[0].pairs
    return losses.totals(scope=asked.scope, asked=replace(earlier, handoffs=pairs)).ours


def _says(picture: insight.Picture) -> str:
    if not picture.rows:
        return ""
    first = picture.rows[0]
    likely = say.spread(first.likely.low, first.likely.high)
    return (
        f"Width is the number of lost customers. **{first.name}** is {say.count(first.losses)} "
        f"of {say.count(picture.ours)} (likely {likely})."
    )


def _row(row: insight.Handoff, *, asked: view.Asked, first: bool) -> Row:
    likely = row.rate_likely
    return Row(
        name=row.name,
        words=row.words,
        losses=row.losses,
        likely=row.likely,
        rate=_rate(row.rate),
        rate_likely=f"{likely.low:.1f}–{likely.high:.1f}" if likely else "",
        links=row.links,
        monthly_value=row.monthly_value,
        href=_read_href(asked, row.pairs),
        first=first and not row.merged,
    )


def _department(row: insight.Department, *, asked: view.Asked) -> DepartmentRow:
    segment = {"segment": asked.query["segment"]} if asked.query.get("segment") else {}
    began, hurt = (
        asked.to("losses", query={side: row.word, "verdict": "ours", **segment}) if row.word else ""
        for side in ("began", "hurt")
    )
    return DepartmentRow(name=row.name, began=row.began, began_href=began, hurt=row.hurt, hurt_href=hurt)


def _read_href(asked: view.Asked, pairs: tuple[tuple[str, str], ...]) -> str:
    query = {"handoff": loss_filters.handoff_words(pairs), "verdict": "ours"}
    segment = asked.query.get("segment", "")
    return asked.to("losses", query={**query, "segment": segment} if segment else query)


def _hrefs(asked: view.Asked, *, meant: losses.Asked) -> dict[str, str]:
    kept = {"segment": meant.segment} if meant.segment else {}
    hrefs = {name: asked.to("losses", query={**kept, "verdict": name}) for name in ("ours", "not_ours", "cannot_say")}
    return {**hrefs, "everyone": asked.to("losses", query=kept)}


def _rate(rate: float | None) -> str:
    return say.UNKNOWN if rate is None else say.decimal(rate)


def _chart(picture: insight.Picture, *, said: dict[str, str], asked: view.Asked) -> Chart | None:
    """Return the Sankey; hand-offs counted together stand as one band of their own."""
    if not picture.rows:
        return None
    drawn = []
    for index, row in enumerate(picture.rows):
        began, hurt = insight.ends(row, said=said)
        drawn.append(
            flows.Flow(
                began=began,
                hurt=hurt,
                losses=row.losses,
                meant=index == 0 and not row.merged,
                href=_read_href(asked, row.pairs),
                words=f"{row.name}: {say.many(row.losses, 'loss', 'losses')}\n{row.words}",
            )
        )
    largest = ", ".join(f"{row.name} {row.losses}" for row in picture.rows[:3])
    label = (
        f"Hand-offs that lost {picture.ours} customers, from the department where it began to the one where it hurt."
    )
    return flows.chart(drawn, label=f"{label} Largest: {largest}. The table below lists all {len(drawn)}.")


def _state(asked: view.Asked, *, totals: losses.Totals) -> parts.State | None:
    if totals.ours:
        return None
    title = "No loss was ours" if totals.everyone else "No losses in these days"
    told = "Hand-offs are counted for losses that were ours. Look at more days, or read the losses one by one."
    return parts.State("path", title, told, asked.here(days=730), "Look at 2 years")
