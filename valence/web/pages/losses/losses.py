"""Losses: who left by choice, whether that was ours, where it began and where it hurt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from valence import packs
from valence.customers import queries as customers
from valence.flows.weigh import minds
from valence.insights import say, story
from valence.ledger.queries import losses as ledger
from valence.people import audit, rules
from valence.terms import LossVerdict
from valence.web import csv_file, listing, parts, view
from valence.web.pages.losses import loss_filters

MOST = 10_000
EXPORT = (
    "customer_id", "left_at", "verdict", "attributable", "attributable_low", "attributable_high", "began_department",
    "began_words", "hurt_department", "hurt_words", "region", "segment", "monthly_value", "left_reason",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One loss as a row."""

    key: int
    name: str
    customer_id: str
    left_at: datetime
    verdict: LossVerdict
    share: str
    likely: str
    handoff: str
    words: str
    place: str
    monthly_value: float | None


@dataclass(frozen=True)
class Part:
    """One figure of the division of losses into verdicts, and the address of its rows."""

    count: int
    words: str
    href: str
    on: bool


@dataclass(frozen=True)
class LossesPage:
    """What the page shows. `total` is how many losses the filters leave; `rows` are the first of them."""

    lead: str
    division: tuple[Part, ...]
    without_choosing: int
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    rows: tuple[Row, ...]
    total: int
    more: parts.More
    export_href: str
    handoffs_href: str
    state: parts.State | None


@view.page(section="losses")
def losses(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the losses of the days and regions that are looked at."""
    pack, meant = minds.pack(), loss_filters.read(asked)
    shown = listing.shown(asked, most=MOST)
    totals = ledger.totals(scope=asked.scope, asked=meant)
    page = LossesPage(
        lead=_lead(asked) if meant == loss_filters.of_period(asked) else _filtered(asked, meant=meant),
        division=_division(asked, meant=meant),
        without_choosing=totals.without_choosing,
        chips=loss_filters.chips(asked, meant=meant, pack=pack),
        choices=loss_filters.choices(asked, pack=pack),
        rows=_rows(asked, meant=meant, pack=pack, limit=shown),
        total=totals.everyone,
        more=listing.more(asked, rows=min(shown, totals.everyone), total=totals.everyone, most=MOST),
        export_href=asked.to("losses_export")
        if not asked.query
        else f"{asked.to('losses_export').partition('?')[0]}?{asked.query.urlencode()}",
        handoffs_href=asked.to("handoffs"),
        state=_state(asked, meant=meant, total=totals.everyone),
    )
    announce = say.many(totals.everyone, "loss", "losses")
    return view.render(asked, "valence/losses.html", page=page, title="Losses", announce=announce)


@view.page(section="losses", act=rules.Act.EXPORT)
def export(request: HttpRequest, asked: view.Asked) -> HttpResponseBase:
    """Give the losses that the filters leave as a file for a spreadsheet."""
    rows = ledger.rows(scope=asked.scope, asked=loss_filters.read(asked), limit=None)
    names = customers.names(scope=asked.scope, keys=[row.key for row in rows])
    audit.record(who=asked.person.name, what="export", about="losses", now=asked.now)
    return csv_file.response(filename="losses.csv", heads=EXPORT, rows=(_line(row, names=names) for row in rows))


def _line(row: ledger.LossRow, *, names: Mapping[int, customers.Name]) -> list[object]:
    given = {**vars(row), "customer_id": names[row.key].customer_id if row.key in names else ""}
    return [value.isoformat() if isinstance(value, datetime) else value for value in map(given.__getitem__, EXPORT)]


def _lead(asked: view.Asked) -> str:
    totals = ledger.totals(scope=asked.scope, asked=loss_filters.of_period(asked))
    if not totals.everyone:
        return "Nobody left by choice in these days, as far as is known."
    share = say.percent(totals.ours / totals.everyone, of=totals.everyone)
    sentence = (
        f"{say.sentence(say.many(totals.everyone, 'customer'))} left by choice; **{share} of these losses were ours**."
    )
    handoffs = ledger.handoffs(scope=asked.scope, asked=loss_filters.of_period(asked))
    if handoffs and handoffs[0].losses > 1:
        pack = minds.pack()
        began, hurt = (
            pack.say_department(word) if word else "no department" for word in (handoffs[0].began, handoffs[0].hurt)
        )
        most = f"Most were lost within {began}" if began == hurt else f"The hand-off from {began} to {hurt} cost most"
        sentence += f" {most}: {handoffs[0].losses}."
    return sentence


def _filtered(asked: view.Asked, *, meant: ledger.Asked) -> str:
    """Say how many losses the filters leave, of how many there are in the same days."""
    whole = ledger.totals(scope=asked.scope, asked=loss_filters.of_period(asked))
    left = ledger.totals(scope=asked.scope, asked=meant)
    those = f"**{say.count(left.everyone)}** of the {say.many(whole.everyone, 'customer')} who left by choice"
    sentence = f"{those} {'fits' if left.everyone == 1 else 'fit'} these filters"
    if meant.verdict or not left.everyone:
        return f"{sentence}."
    share = say.percent(left.ours / left.everyone, of=left.everyone)
    return f"{sentence}; **{share} of these losses were ours**."


def _division(asked: view.Asked, *, meant: ledger.Asked) -> tuple[Part, ...]:
    whole = ledger.totals(scope=asked.scope, asked=ledger.Asked(**{**vars(meant), "verdict": ""}))
    figures = (
        ("", whole.everyone, "left by choice"),
        (LossVerdict.OURS, whole.ours, "ours"),
        (LossVerdict.NOT_OURS, whole.not_ours, "not ours"),
        (LossVerdict.CANNOT_SAY, whole.cannot_say, "cannot say"),
    )
    return tuple(
        Part(count=count, words=said, href=asked.here(verdict=verdict or None), on=verdict == meant.verdict)
        for verdict, count, said in figures
    )


def _rows(asked: view.Asked, *, meant: ledger.Asked, pack: packs.Pack, limit: int) -> tuple[Row, ...]:
    found = ledger.rows(scope=asked.scope, asked=meant, limit=limit)
    names = customers.names(scope=asked.scope, keys=[row.key for row in found])
    return tuple(_row(row, name=names.get(row.key), pack=pack) for row in found)


def _row(row: ledger.LossRow, *, name: customers.Name | None, pack: packs.Pack) -> Row:
    began, hurt = (
        pack.say_department(word) if word else "no department" for word in (row.began_department, row.hurt_department)
    )
    handoff = f"Within {began}" if began == hurt else f"{began} → {hurt}"
    return Row(
        key=row.key,
        name=name.said if name else "Customer",
        customer_id=name.customer_id if name else "",
        left_at=row.left_at,
        verdict=row.verdict,
        share=say.percent(row.attributable),
        likely=say.percents(row.attributable_low, row.attributable_high),
        handoff=handoff if row.verdict is LossVerdict.OURS else "",
        words=story.headline(loss=row),
        place=" · ".join(part for part in (row.segment, row.region) if part),
        monthly_value=row.monthly_value,
    )


def _state(asked: view.Asked, *, meant: ledger.Asked, total: int) -> parts.State | None:
    if total:
        return None
    if meant == loss_filters.of_period(asked):
        known = ledger.span(scope=asked.scope)
        ended = f" The last one that is known left on {say.full_date(known[1])}." if known else ""
        return parts.State(
            "leave",
            "No losses in these days",
            f"Nobody left by choice.{ended}",
            asked.here(days=730),
            "Look at 2 years",
        )
    return parts.State(
        "leave", "No loss fits these filters", "Take one away to see more.", asked.to("losses"), "Remove all filters"
    )
