"""Today: what changed, what is at risk, who to call, losses that were ours, how fresh the data is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from valence import packs
from valence.cases import queries as case_queries
from valence.flows.run import freshness
from valence.flows.run import started as flow
from valence.insights import changes, intervals, say
from valence.ledger.queries import losses, promises, risks, weeks
from valence.people import rules
from valence.sources import queries as sources
from valence.sources import rules as source_rules
from valence.web import jobs_shown, parts, view, words
from valence.web.charts import card, counts
from valence.web.pages.cases import cases
from valence.web.pages.customers import customers
from valence.web.pages.start import started

CALLS = 5
CASES = 5
PAST_WEEKS = 78
SHOWN_WEEKS = 9
MOST_CHANGES = 4
FEWEST = 5
# A source may write monthly: only one that lies further behind than that is late.
BEHIND = timedelta(days=35)
NEW_DAYS = 7
STALE = timedelta(hours=36)


@dataclass(frozen=True)
class ChangeRow:
    """A change larger than chance: which way it goes ("up" strengthens, "down" weakens, "signal" neither), in words."""

    direction: str
    title: str
    says: str
    href: str
    count: int
    counts: tuple[int, ...]
    low: int
    high: int


@dataclass(frozen=True)
class SourceRow:
    """How fresh one source is, in words."""

    name: str
    said: str
    is_late: bool
    detail: str


@dataclass(frozen=True)
class TodayPage:
    """Everything Today shows. `ours` is None while there are no losses that were ours."""

    day: dt.date
    stale: datetime | None
    new_since_yesterday: int
    new_href: str
    worse: str
    worse_href: str
    tiles: tuple[parts.Tile, ...]
    calls: tuple[customers.Row, ...]
    at_risk: int
    at_risk_href: str
    changed: tuple[ChangeRow, ...]
    ours: OursCard | None
    sources: tuple[SourceRow, ...]
    late: int
    quality_href: str
    scale: float
    scope_words: str
    running: tuple[jobs_shown.JobShown, ...]
    cases: tuple[cases.Row, ...]
    cases_total: int
    mine: Mapping[str, str]
    empty: parts.State | None
    started: started.StartedPage | None


@dataclass(frozen=True)
class OursCard:
    """Losses that were ours by the department where they began, as chart and table."""

    says: str
    chart: card.Chart
    table: card.Table
    grouped: bool


@view.page(section="today")
def today(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what a person needs to know today."""
    return view.render(asked, "valence/today.html", page=_page(asked), title="Today")


def _page(asked: view.Asked) -> TodayPage:
    at_risk = risks.totals(scope=asked.scope, asked=risks.Asked(likely=True))
    present = risks.totals(scope=asked.scope, asked=risks.Asked()).customers
    yesterday = risks.Asked(likely=True, became_since=asked.period.until - timedelta(days=1))
    worse = _worse(asked)
    fresh = _fresh(asked)
    calls = customers.listed(rows=risks.to_call(scope=asked.scope, limit=CALLS), scope=asked.scope, now=asked.now)
    return TodayPage(
        day=say.local(asked.now).date(),
        stale=asked.period.until if asked.now - asked.period.until > STALE else None,
        new_since_yesterday=risks.totals(scope=asked.scope, asked=yesterday).customers,
        new_href=asked.to("customers", query={"likely": 1, "became_within": 1}),
        worse=worse[0],
        worse_href=worse[1],
        tiles=_tiles(asked, at_risk=at_risk, present=present),
        calls=calls,
        scale=customers.scale_of(calls),
        at_risk=at_risk.customers,
        at_risk_href=asked.to("customers", query={"likely": 1}),
        changed=_changed(asked),
        ours=_ours(asked),
        sources=fresh,
        late=sum(row.is_late for row in fresh),
        quality_href=asked.to("quality") if asked.may(rules.Act.SEE_QUALITY) else "",
        scope_words=asked.scope_words,
        running=jobs_shown.running(of_people=True),
        cases=cases.waiting(asked, limit=CASES) if asked.may(rules.Act.CASES) else (),
        cases_total=_cases_total(asked),
        mine={"list": "mine"},
        empty=_empty(asked, present=present),
        started=started.for_today(asked),
    )


def _cases_total(asked: view.Asked) -> int:
    if not asked.may(rules.Act.CASES):
        return 0
    return case_queries.needs(seer=cases.seer(asked), now=asked.now)


def _tiles(asked: view.Asked, *, at_risk: risks.Totals, present: int) -> tuple[parts.Tile, ...]:
    return (_at_risk_tile(asked, at_risk), _new_tile(asked), _lost_tile(asked, present=present), _promise_tile(asked))


def _at_risk_tile(asked: view.Asked, at_risk: risks.Totals) -> parts.Tile:
    return parts.Tile(
        title="Value at risk, 60 days",
        figure=say.money(at_risk.value_at_risk),
        unit="a month",
        under=f"{say.many(at_risk.customers, 'customer')} · likely {say.money(at_risk.low)}–{say.count(at_risk.high)}",
        href=asked.to("customers", query={"likely": 1}),
        count=at_risk.customers,
    )


def _new_tile(asked: view.Asked) -> parts.Tile:
    new = risks.Asked(likely=True, became_since=asked.period.until - timedelta(days=NEW_DAYS))
    totals = risks.totals(scope=asked.scope, asked=new)
    return parts.Tile(
        title=f"New in {NEW_DAYS} days",
        figure=say.count(totals.customers),
        under=f"became likely to leave · {say.money(totals.value_at_risk)} a month at risk",
        href=asked.to("customers", query={"likely": 1, "became_within": NEW_DAYS}),
        count=totals.customers,
    )


def _lost_tile(asked: view.Asked, *, present: int) -> parts.Tile:
    totals = losses.totals(scope=asked.scope, asked=_left(asked.period))
    divided = f"{totals.ours} ours, {totals.not_ours} not ours, {totals.cannot_say} cannot say"
    return parts.Tile(
        title=f"Lost in {_days(asked.period.days)}",
        figure=say.count(totals.everyone),
        under=f"of {say.count(present + totals.everyone)} · {divided}",
        href=asked.to("losses"),
        count=totals.everyone,
    )


def _promise_tile(asked: view.Asked) -> parts.Tile:
    until = asked.period.until
    overdue = promises.Asked(state="overdue", with_us=True)
    lately = replace(overdue, due_from=until - timedelta(days=NEW_DAYS))
    soon = promises.Asked(state="open", with_us=True, due_until=until + timedelta(days=1))
    unsaid = promises.Asked(state="unsaid", with_us=True)
    wanted = (overdue, lately, soon, unsaid)
    total, fresh, due, untold = (promises.totals(scope=asked.scope, asked=one).everyone for one in wanted)
    if untold and not total:
        return parts.Tile(
            title="Promises overdue",
            figure=say.UNKNOWN,
            under=f"cannot say: no source notes whether {say.many(untold, 'promise')} were kept",
            href=asked.to("promises", query={"state": "unsaid", "with_us": 1}),
            count=untold,
        )
    return parts.Tile(
        title="Promises overdue",
        figure=say.count(total),
        under=f"{say.count(fresh)} in the last {NEW_DAYS} days · {say.count(due)} more due within a day",
        href=asked.to("promises", query={"state": "overdue", "with_us": 1}),
        count=total,
    )


def _days(days: int) -> str:
    return {365: "a year", 730: "2 years"}.get(days, f"{days} days")


def _left(period: view.Period) -> losses.Asked:
    return losses.Asked(since=period.first_day, until=period.end_day)


def _worse(asked: view.Asked) -> tuple[str, str]:
    """Return the hand-off that grew most against the same number of days before, if it is more than chance."""
    now = losses.handoffs(scope=asked.scope, asked=_left(asked.period))
    earlier = losses.Asked(since=asked.period.before.first_day, until=asked.period.first_day)
    before = {(one.began, one.hurt): one.losses for one in losses.handoffs(scope=asked.scope, asked=earlier)}
    grown = [
        one
        for one in now
        if changes.grew(now=one.losses, before=before.get((one.began, one.hurt), 0), looked_at=len(now))
    ]
    if not grown:
        return "", ""
    one = max(grown, key=lambda handoff: handoff.losses - before.get((handoff.began, handoff.hurt), 0))
    pack = words.pack()
    return f"{pack.say_department(one.began)} to {pack.say_department(one.hurt)}", asked.to("handoffs")


def _changed(asked: view.Asked) -> tuple[ChangeRow, ...]:
    day = asked.period.until.date()
    monday = day - timedelta(days=day.weekday())
    pack = words.pack()
    told = pack.harmful_facts | pack.praised_facts
    series = [one for one in weeks.series(scope=asked.scope, until=monday, weeks=PAST_WEEKS) if _is_telling(one, told)]
    counted = [_counted(one) for one in series]
    found = changes.larger_than_chance(counted=counted, limit=MOST_CHANGES)
    return tuple(_change(asked, one, pack) for one in found)


def _is_telling(series: weeks.Series, told: frozenset[str]) -> bool:
    """Say whether a count is worth watching: what went right or wrong, or how often something happens at all."""
    return not series.fact or series.fact in told


def _counted(series: weeks.Series) -> changes.Counted:
    """Return a count with what it could have happened to: a fact among its kind, a kind alone."""
    begun = next((at for at, whole in enumerate(series.whole) if whole), 0)
    exposure = series.whole[begun:] if series.fact else ()
    return changes.Counted(label=series, counts=series.interactions[begun:], exposure=exposure)


def _change(asked: view.Asked, change: changes.Change, pack: packs.Pack) -> ChangeRow:
    series = change.label
    if not isinstance(series, weeks.Series):
        raise TypeError(series)
    week = series.weeks[-1]
    query = {"kind": series.kind, "department": series.department, "fact": series.fact}
    span = {"since": week.isoformat(), "until": (week + timedelta(days=7)).isoformat()}
    return ChangeRow(
        direction=_direction(series.fact, change, pack),
        title=_title(series, pack),
        says=f"**{say.many(change.last, 'time')}** last week, {say.many(series.customers[-1], 'customer')}; "
        f"{say.spread(change.low, change.high)} expected.",
        href=asked.to("interactions", query={**{name: word for name, word in query.items() if word}, **span}),
        count=change.last,
        counts=change.counts[-SHOWN_WEEKS:],
        low=change.low,
        high=change.high,
    )


def _title(series: weeks.Series, pack: packs.Pack) -> str:
    where = f"{pack.say_kind(series.kind)}, {pack.say_department(series.department)}".strip(", ")
    return f"{where}: {pack.say_fact(series.fact)}" if series.fact else where


def _direction(fact: str, change: changes.Change, pack: packs.Pack) -> str:
    if fact in pack.harmful_facts:
        return "down" if change.is_more else "up"
    if fact in pack.praised_facts:
        return "up" if change.is_more else "down"
    return "signal"


def _ours(asked: view.Asked) -> OursCard | None:
    """Return the losses that were ours by where they began; departments with fewer than five stand together."""
    asked_for = _left(asked.period)
    totals = losses.totals(scope=asked.scope, asked=asked_for)
    if not totals.ours:
        return None
    begun: dict[str, int] = {}
    for one in losses.handoffs(scope=asked.scope, asked=asked_for):
        begun[one.began] = begun.get(one.began, 0) + one.losses
    rows = _grouped(asked, begun)
    says = f"**{say.count(totals.ours)} of {say.count(totals.everyone)}** in {_days(asked.period.days)}. "
    most = [row.name for row in rows if row.href and row.count == rows[0].count]
    says += f"Most of these began in {say.listed(most)}." if most else ""
    earlier = losses.totals(scope=asked.scope, asked=losses.Asked()).ours - totals.ours
    says += " Earlier losses are not in it: choose more days above." if earlier > 0 else ""
    label = f"{totals.ours} losses that were ours, by department where it began: "
    label += ", ".join(f"{row.name} {row.count}, likely {row.low:.0f} to {row.high:.0f}" for row in rows)
    return OursCard(
        says=says,
        chart=counts.bars(rows, label=label),
        table=_table(asked, rows, ours=totals.ours),
        grouped=any(not row.href for row in rows),
    )


def _grouped(asked: view.Asked, begun: dict[str, int]) -> tuple[counts.Counted, ...]:
    pack = words.pack()
    ordered = sorted(begun.items(), key=lambda pair: (-pair[1], pair[0]))
    large = [(name, number) for name, number in ordered if number >= FEWEST]
    others = sum(number for _, number in ordered if number < FEWEST)
    rows = [
        _bar(
            pack.say_department(name) or "Unknown",
            number,
            strong=at == 0,
            href=asked.to("losses", query={"verdict": "ours", "began": name}) if name else "",
        )
        for at, (name, number) in enumerate(large)
    ]
    return (*rows, _bar("Others", others)) if others else tuple(rows)


def _bar(name: str, number: int, *, strong: bool = False, href: str = "") -> counts.Counted:
    likely = intervals.of_count(number)
    return counts.Counted(name=name, count=number, low=likely.low, high=likely.high, strong=strong, href=href)


def _table(asked: view.Asked, rows: Sequence[counts.Counted], *, ours: int) -> card.Table:
    body = tuple(
        (
            card.Cell(row.name),
            card.Cell(say.count(row.count), href=row.href, count=row.count if row.href else None),
            card.Cell(say.spread(row.low, row.high), quiet=True),
        )
        for row in rows
    )
    all_href = asked.to("losses", query={"verdict": "ours"})
    return card.Table(
        name="Losses that were ours, as a table",
        columns=(
            card.Column("Began in"),
            card.Column("Losses", numeric=True),
            card.Column("Likely range", numeric=True),
        ),
        rows=body,
        foot=(card.Cell("Ours"), card.Cell(say.count(ours), href=all_href, count=ours), card.Cell("")),
    )


def _fresh(asked: view.Asked) -> tuple[SourceRow, ...]:
    found = sources.freshness(now=asked.now)
    silences = freshness.silences(now=asked.now)
    newest = max((one.last_occurred_at for one in found if one.last_occurred_at), default=None)
    rows = [_source(asked, one, newest=newest, silence=silences.get(one.source)) for one in found]
    return tuple(sorted(rows, key=lambda row: not row.is_late))


def _source(
    asked: view.Asked, one: sources.SourceFreshness, *, newest: datetime | None, silence: source_rules.Silence | None
) -> SourceRow:
    name = say.sentence(one.source.replace("_", " "))
    if silence is not None and silence.level in (source_rules.Level.LATE, source_rules.Level.QUIET):
        words = say.sentence(freshness.words_of(silence, asked.now))
        said = "quiet" if silence.level is source_rules.Level.QUIET else "late"
        return SourceRow(name=name, said=said, is_late=True, detail=f"{words}. What came since is missing here.")
    if one.last_occurred_at is None or newest is None:
        came = f"came in {say.ago(one.last_received_at, now=asked.now)}" if one.last_received_at else "nothing yet"
        return SourceRow(name=name, said=came, is_late=False, detail="")
    behind = newest - one.last_occurred_at
    said = f"up to {say.date(one.last_occurred_at, now=asked.now)}"
    if behind < BEHIND:
        return SourceRow(name=name, said=said, is_late=False, detail="")
    detail = f"{behind.days} days behind the freshest source: what came since is missing from everything here."
    return SourceRow(name=name, said=said, is_late=True, detail=detail)


def _empty(asked: view.Asked, *, present: int) -> parts.State | None:
    if present or asked.own.regions is not None:
        return None
    way = flow.look()
    if way.customers and way.interactions and asked.may(rules.Act.CHANGE_MODEL):
        said = f"{say.many(way.customers, 'customer')} and {say.many(way.interactions, 'interaction')} are in. "
        said += "Train the model; then this page says who is leaving, and why."
        return parts.State("sliders", "Nothing is worked out yet", said, asked.to("model"), "Go to Model")
    said = "Bring in customers and their interactions; then this page says who is leaving, and why."
    if asked.may(rules.Act.IMPORT):
        return parts.State("store", "Nothing is known yet", said, asked.to("import"), "Import data")
    return parts.State("store", "Nothing is known yet", said)
