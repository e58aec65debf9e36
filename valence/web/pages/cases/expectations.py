"""Expectations: what customers were told, what came, whether the same is taken worse by now, what telling is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from valence.flows.act import expected, expecting
from valence.insights import expecting_more, intervals, say
from valence.insights.expectations import AS_TOLD, NOT_TOLD, About, Reaction
from valence.insights.expecting_more import Count, Says
from valence.people import rules
from valence.web import listing, parts, view

SHOWN = 9
ABOUTS = {About.VISIT.value: "Visits", About.BILL.value: "Bills", About.PROMISE.value: "Other promises"}
THINGS = {
    About.VISIT.value: ("visits", "came at the time that was told"),
    About.BILL.value: ("bills", "were what was told or quoted (at most 5 % more)"),
    About.PROMISE.value: ("promises", "were kept by the moment that was told"),
}
NEVER = {
    About.VISIT.value: "came without a time that was told before",
    About.BILL.value: "came without an amount that was told or quoted before",
    About.PROMISE.value: "were made without a day",
}
REACTIONS = {
    Reaction.LEFT.value: "Left within 60 days",
    Reaction.AGAIN.value: "In touch again in 2 weeks",
    Reaction.LOW_SCORE.value: "Scored low in 2 weeks",
}
SAYS = {Says.MORE: "More", Says.LESS: "Less", Says.SAME: "About the same", Says.CANNOT_SAY: "Cannot say"}


@dataclass(frozen=True)
class Counted:
    """A number, and the address of its rows."""

    number: int
    href: str


@dataclass(frozen=True)
class Taken:
    """How something was taken: the share, of so many it followed after so many of them."""

    share: str
    so: Counted
    of: Counted


@dataclass(frozen=True)
class Row:
    """A quarter: how many came, how many of them were told before and came so, and how both were taken."""

    name: str
    came: Counted
    told: str
    told_rows: Counted
    as_told: str
    as_told_range: str
    otherwise: Counted
    after: Taken
    after_short: Taken
    times: str
    times_range: str


@dataclass(frozen=True)
class SpokenRow:
    """A quarter in customers' own words: in how many of so many texts it was less, the same or more than expected."""

    name: str
    texts: Counted
    short: Counted
    short_range: str
    as_expected: Counted
    beyond: Counted


@dataclass(frozen=True)
class ExpectationsPage:
    """One kind of expectation, quarter by quarter."""

    lead: str
    things: str
    reaction: str
    tiles: tuple[parts.Tile, ...]
    rows: tuple[Row, ...]
    trend: str
    worth: str
    spoken: tuple[SpokenRow, ...]
    choices: tuple[parts.Choices, ...]
    chips: tuple[parts.Chip, ...]
    scope_words: str
    measured_at: str
    may_cases: bool
    empty: parts.State | None


@view.page(section="handoffs")
def expectations_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what customers were led to expect, and how they take it where it comes otherwise."""
    found = expecting.measured()
    page = _page(asked, found.within(scope=asked.scope) if found else None)
    announce = say.many(len(page.rows), "quarter")
    return view.render(asked, "valence/expectations.html", page=page, title="Expectations", announce=announce)


def _page(asked: view.Asked, found: expecting.Measured | None) -> ExpectationsPage:
    about, reaction = _chosen(asked, "about", ABOUTS), _chosen(asked, "reaction", REACTIONS)
    cells = [one for one in found.cells if one.about == about] if found else []
    quarters = sorted({one.quarter for one in cells})[-SHOWN:]
    cells = [one for one in cells if one.quarter in quarters]
    trend = expecting_more.trend(counts=_by_short(cells, reaction))
    worth = expecting_more.worth(pairs=_pairs(cells, reaction))
    why = "It is counted after each score, from visits, bills and promises on record."
    return ExpectationsPage(
        lead=_lead(cells, about),
        things=THINGS[about][0],
        reaction=REACTIONS[reaction].lower(),
        tiles=_tiles(asked, cells, trend, worth) if cells else (),
        rows=tuple(_row(asked, quarter, cells, reaction) for quarter in reversed(quarters)),
        trend=_trend_words(trend, about, reaction),
        worth=_worth_words(worth, cells, about, reaction),
        spoken=_spoken(asked, found),
        choices=(
            listing.choices(asked, field="about", name="About", offered=ABOUTS),
            listing.choices(asked, field="reaction", name="How it was taken", offered=REACTIONS),
        ),
        chips=(
            *listing.chip(
                asked, field="about", name="About", value=ABOUTS[about].lower() if "about" in asked.query else ""
            ),
            *listing.chip(
                asked,
                field="reaction",
                name="Taken",
                value=REACTIONS[reaction].lower() if "reaction" in asked.query else "",
            ),
        ),
        scope_words=asked.scope_words,
        measured_at=say.clock(found.until) if found else "",
        may_cases=asked.may(rules.Act.CASES),
        empty=None if quarters else parts.State("clock", "Nothing was counted yet", why),
    )


def _chosen(asked: view.Asked, field: str, offered: dict[str, str]) -> str:
    value = asked.query.get(field, "")
    return value if value in offered else next(iter(offered))


def _all(cells: Sequence[expecting.Cell], *, told: bool | None = None, as_told: bool = False) -> int:
    kept = (one for one in cells if told is None or (one.short != NOT_TOLD) is told)
    return sum(one.all for one in kept if not as_told or one.short == AS_TOLD)


def _took(cells: Sequence[expecting.Cell], reaction: str) -> Count:
    return sum((one.took[reaction] for one in cells), Count())


def _by_short(cells: Sequence[expecting.Cell], reaction: str) -> dict[tuple[int, int], Count]:
    found: dict[tuple[int, int], Count] = {}
    for one in cells:
        if one.short != NOT_TOLD:
            key = (one.quarter, one.short)
            found[key] = found.get(key, Count()) + one.took[reaction]
    return found


def _pairs(cells: Sequence[expecting.Cell], reaction: str) -> list[tuple[Count, Count]]:
    """Return (not told, told) of each quarter and region."""
    places = sorted({(one.quarter, one.region) for one in cells})
    mine = {place: [one for one in cells if (one.quarter, one.region) == place] for place in places}
    return [
        tuple(_took([one for one in group if (one.short == NOT_TOLD) is none], reaction) for none in (True, False))  # type: ignore[misc]
        for group in mine.values()
    ]


def _row(asked: view.Asked, quarter: int, cells: Sequence[expecting.Cell], reaction: str) -> Row:
    mine = [one for one in cells if one.quarter == quarter]
    came, told, as_told = _all(mine), _all(mine, told=True), _all(mine, as_told=True)
    after = _took([one for one in mine if one.short == AS_TOLD], reaction)
    short = _took([one for one in mine if one.short > AS_TOLD], reaction)
    times = expecting_more.times(after=short, against=after)
    kept = intervals.of_share(as_told, of=told)
    where = {"about": mine[0].about, "quarter": quarter_name(quarter)}
    return Row(
        name=say_quarter(quarter),
        came=_opens(asked, came, where),
        told=say.percent(told / came, of=came) if came else say.UNKNOWN,
        told_rows=_opens(asked, told, where, came=expected.TOLD),
        as_told=say.percent(as_told / told, of=told) if told else say.UNKNOWN,
        as_told_range=say.percents(kept.low, kept.high) if told else "",
        otherwise=_opens(asked, told - as_told, where, came=expected.OTHERWISE),
        after=_taken(asked, after, {**where, "came": expected.AS_IT_WAS, "reaction": reaction}),
        after_short=_taken(asked, short, {**where, "came": expected.OTHERWISE, "reaction": reaction}),
        times=say.times(times.times) if times else "Cannot say",
        times_range=f"{say.times(times.low)} to {say.times(times.high)}" if times else "too few",
    )


def quarter_name(quarter: int) -> str:
    """Return a quarter as an address has it: `2026Q1`."""
    return f"{quarter // 4}Q{quarter % 4 + 1}"


def say_quarter(quarter: int) -> str:
    """Return a quarter as people say it."""
    return f"{quarter // 4} Q{quarter % 4 + 1}"


def _opens(asked: view.Asked, number: int, where: Mapping[str, str], **more: str) -> Counted:
    return Counted(number, asked.to("expected_rows", query={**where, **more}))


def _taken(asked: view.Asked, found: Count, where: Mapping[str, str]) -> Taken:
    return Taken(
        share=say.percent(found.share, of=found.of) if found.of else say.UNKNOWN,
        so=_opens(asked, found.number, where, took="1"),
        of=_opens(asked, found.of, where),
    )


def _lead(cells: Sequence[expecting.Cell], about: str) -> str:
    if not cells:
        return "What customers were led to expect, what came, and how they took it."
    told, kept = _all(cells, told=True), _all(cells, as_told=True)
    things, came = THINGS[about]
    none = _all(cells, told=False)
    never = f" **{say.count(none)}** {NEVER[about]}." if none else " Each of them was told beforehand."
    share = say.percent(kept / told, of=told) if told else say.UNKNOWN
    return f"Of **{say.count(told)}** {things} that were told beforehand, **{share}** {came}.{never}"


def _tiles(
    asked: view.Asked,
    cells: Sequence[expecting.Cell],
    trend: expecting_more.Trend,
    worth: expecting_more.Times | None,
) -> tuple[parts.Tile, ...]:
    came, told, kept = _all(cells), _all(cells, told=True), _all(cells, as_told=True)
    span = intervals.of_share(kept, of=told)
    grew = trend.a_year
    where = {"about": cells[0].about, "since": quarter_name(min(one.quarter for one in cells))}
    return (
        parts.Tile(
            "Told beforehand",
            say.percent(told / came, of=came),
            f"{say.count(told)} of {say.count(came)}",
            href=_opens(asked, told, where, came=expected.TOLD).href,
            count=told,
        ),
        parts.Tile(
            "Came as told",
            say.percent(kept / told, of=told) if told else say.UNKNOWN,
            f"{say.count(kept)}, likely {say.percents(span.low, span.high)}{say.THIN}%" if told else "nothing was told",
            href=_opens(asked, kept, where, came=expected.AS_IT_WAS).href,
            count=kept,
        ),
        parts.Tile(
            "Customers expect",
            SAYS[trend.says],
            f"the odds of it a year later: {say.times(grew.low)} to {say.times(grew.high)}"
            if grew
            else f"{say.many(trend.quarters, 'quarter')} with enough cases",
        ),
        parts.Tile(
            "Where nothing was told",
            say.times(worth.times) if worth else say.UNKNOWN,
            f"as likely; range {say.times(worth.low)} to {say.times(worth.high)}" if worth else "cannot say: too few",
        ),
    )


def _trend_words(trend: expecting_more.Trend, about: str, reaction: str) -> str:
    what = REACTIONS[reaction].lower()
    if trend.a_year is None:
        return (
            "Whether customers expect more than they did cannot be said: "
            f"{say.many(trend.quarters, 'quarter')} of at least {expecting_more.FEWEST_QUARTERS} with "
            f"{expecting_more.FEWEST} cases that came as told and as many that did not, or too little followed."
        )
    span = f"{say.times(trend.a_year.low)} to {say.times(trend.a_year.high)}"
    said = {
        Says.MORE: "Customers expect more: the same shortfall is taken worse than a year before",
        Says.LESS: "The same shortfall is taken more calmly than a year before",
        Says.SAME: "The same shortfall is taken about as it was a year before",
        Says.CANNOT_SAY: "The quarters do not tell whether the same shortfall is taken worse",
    }[trend.says]
    return f"{said}: within a year the odds of “{what}” after it change by {span} (likely range)."


def _worth_words(worth: expecting_more.Times | None, cells: Sequence[expecting.Cell], about: str, reaction: str) -> str:
    none = _all(cells, told=False)
    things = THINGS[about][0]
    if not none:
        return f"All {things} on record were told beforehand."
    begins = f"{say.count(none)} of {say.count(_all(cells))} {things} {NEVER[about]}."
    if worth is None:
        return f"{begins} What telling would be worth cannot be said: too few of one or the other."
    span = f"{say.times(worth.low)} to {say.times(worth.high)}"
    sure = "" if worth.low > 1 or worth.high < 1 else " The range holds 1: it may make no difference."
    return (
        f"{begins} There “{REACTIONS[reaction].lower()}” is {worth.times:.1f} times as likely as where something was "
        f"told, kept or not (likely {span}), compared within each quarter and region.{sure} Who is told nothing may "
        "differ in other ways too: try it with some of them before all."
    )


def _spoken(asked: view.Asked, found: expecting.Measured | None) -> tuple[SpokenRow, ...]:
    if found is None:
        return ()
    quarters = sorted({one.quarter for one in found.spoken})[-SHOWN:]
    rows = []
    for quarter in reversed(quarters):
        mine = [one for one in found.spoken if one.quarter == quarter]
        texts = sum(one.texts for one in mine)
        said = {name: sum(one.said[name] for one in mine) for name in ("short", "as_expected", "beyond")}
        span = intervals.of_share(said["short"], of=texts)
        where = {"about": expected.WORDS, "quarter": quarter_name(quarter)}
        rows.append(
            SpokenRow(
                name=say_quarter(quarter),
                texts=_opens(asked, texts, where),
                short=_opens(asked, said["short"], where, came="short"),
                short_range=f"{span.low * 100:.1f}–{span.high * 100:.1f}",
                as_expected=_opens(asked, said["as_expected"], where, came="as_expected"),
                beyond=_opens(asked, said["beyond"], where, came="beyond"),
            )
        )
    return tuple(rows)
