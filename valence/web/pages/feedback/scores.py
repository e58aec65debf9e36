"""Scores: the whole distribution and its tails first, the mean last; only what was asked alike is added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from valence.flows.ask import results
from valence.insights import intervals, responses, say, scores, speaking_for
from valence.web import listing, parts, view, words
from valence.web.charts import card, counts
from valence.web.pages.feedback import answers, integrity
from valence.web.pages.feedback.score_rows import GroupRow, Part, RateRow, ScoresPage

MEASURES = {
    scores.Measure.NET: "Recommendation score",
    scores.Measure.TOP: "Satisfied",
    scores.Measure.MEAN: "Mean",
}
BY = {"department": "Department", "touchpoint": "Touchpoint", "team_id": "Team", "location_id": "Location"}
GROUPS = {"segment": "Segment", "region": "Region", "moment": "Kind of moment"}
MOST_GROUPS = 40


@view.page(section="answers")
def scores_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what was answered on scales, in the days chosen."""
    return view.render(asked, "valence/scores.html", page=_page(asked), title="Scores")


def _page(asked: view.Asked) -> ScoresPage:
    length = timedelta(days=asked.period.days)
    meant = answers.meant_by(asked)
    whole = results.Meant(since=meant.since, until=meant.until)
    cells = results.cells(scope=asked.scope, meant=whole)
    before = results.cells(scope=asked.scope, meant=results.Meant(meant.since - length, meant.since))
    by_asked = results.parts(cells)
    chosen = _chosen(asked, by_asked)
    invited = results.invited(scope=asked.scope, since=meant.since, until=meant.until, survey=_survey_of(chosen))
    by = asked.query.get("by", "department")
    by = by if by in BY else "department"
    own = [one for one in cells if chosen and one.asked == chosen]
    earlier = [one for one in before if chosen and one.asked == chosen]
    told = _told(asked, chosen, own, earlier)
    groups = _groups(asked, own, by, told.measure)
    return ScoresPage(
        lead=_lead(asked, by_asked),
        questions=_parts(asked, by_asked, chosen),
        apart=_apart(by_asked),
        title=told.title,
        tiles=told.tiles,
        says=told.says,
        chart=told.chart,
        table=told.table,
        change=told.change,
        needed=told.needed,
        by_choices=(listing.choices(asked, field="by", name="Group by", offered=BY),),
        by_name=BY[by],
        by_says=_by_says(groups, by),
        groups=groups,
        reference=_unit(told.value, told.measure, chosen),
        funnel=responses.funnel(invited) if invited else (),
        funnel_says=_funnel_says(invited),
        rates=_rates(invited),
        speaks=_speaks(invited),
        weighed=_weighed(asked, chosen, invited, told),
        chips=_chips(asked, chosen),
        state=None if by_asked else _nothing(asked),
        integrity_href=integrity.href(asked, chosen.scale) if chosen else "",
    )


@dataclass(frozen=True)
class _Told:
    """What is said of one comparable set of answers."""

    title: str = ""
    tiles: tuple[parts.Tile, ...] = ()
    says: str = ""
    chart: card.Chart | None = None
    table: card.Table | None = None
    change: str = ""
    needed: str = ""
    measure: scores.Measure = scores.Measure.TOP
    value: float = 0.0


def _told(
    asked: view.Asked,
    chosen: scores.Asked | None,
    own: Sequence[results.Cell],
    earlier: Sequence[results.Cell],
) -> _Told:
    if chosen is None:
        return _Told()
    given = results.answers(own, scale=chosen.scale)
    title = answers.title_of(chosen.question, results.names(), scale=chosen.scale)
    measure = results.usual_measure(chosen.scale)
    if given.number < scores.FEWEST:
        few = f"{say.many(given.number, 'answer')}; figures are shown from {scores.FEWEST}."
        return _Told(title=title, says=few, measure=measure)
    main = scores.figure(answers=given, measure=measure)
    return _Told(
        title=title,
        tiles=_tiles(asked, chosen, given, main),
        says=_tails(main, given.scale),
        chart=_chart(asked, chosen, given),
        table=_table(asked, chosen, given),
        change=_change(results.answers(earlier, scale=chosen.scale), given, measure),
        needed=_needed(given, measure),
        measure=measure,
        value=main.value,
    )


def _tiles(
    asked: view.Asked, chosen: scores.Asked, given: scores.Answers, main: scores.Figure
) -> tuple[parts.Tile, ...]:
    """Return the tails first, then the figure, the mean last."""
    scale = given.scale
    bottom = int(scale.least + (scale.most - scale.least) / 3)
    low = sum(int(times) for point, times in zip(scale.points, given.counts, strict=True) if point <= bottom)
    top = sum(int(times) for point, times in zip(scale.points, given.counts, strict=True) if point >= scale.top)
    mean = scores.figure(answers=given, measure=scores.Measure.MEAN)
    tail = [
        _tail(asked, chosen, f"{scale.least} to {bottom}", low, given.number, most=bottom),
        _tail(asked, chosen, f"{scale.top} to {scale.most}", top, given.number, least=scale.top),
    ]
    net = parts.Tile(
        MEASURES[main.measure],
        _figure(main.measure, main.value),
        f"of {say.many(given.number, 'answer')}, likely {_range(main.measure, main.range)}",
    )
    average = parts.Tile("Mean", f"{mean.value:.1f}", f"of {scale.most}, likely {_range(mean.measure, mean.range)}")
    return (*tail, net, average) if main.measure is scores.Measure.NET else (*tail, average)


def _tail(asked: view.Asked, chosen: scores.Asked, title: str, number: int, of: int, **point: int) -> parts.Tile:
    within = intervals.of_share(number, of=of)
    return parts.Tile(
        f"Gave {title}",
        say.percent(number / of),
        f"{say.count(number)} of {say.count(of)}, likely {say.percents(within.low, within.high)} %",
        href=_rows_href(asked, chosen, **point),
        count=number,
    )


def _rows_href(asked: view.Asked, chosen: scores.Asked, **points: object) -> str:
    said = {"question": chosen.question, "scale": chosen.scale, "channel": chosen.channel, **points}
    return asked.to("answers", query={name: value for name, value in said.items() if value != ""})


def _tails(main: scores.Figure, scale: scores.Scale) -> str:
    bottom = int(scale.least + (scale.most - scale.least) / 3)
    return (
        f"**{say.percent(main.lowest)}** gave {scale.least} to {bottom}, **{say.percent(main.highest)}** gave "
        f"{scale.top} to {scale.most}."
    )


def _chart(asked: view.Asked, chosen: scores.Asked, given: scores.Answers) -> card.Chart:
    rows = []
    for point, times in zip(given.scale.points, given.counts, strict=True):
        within = intervals.of_count(int(times))
        href = _rows_href(asked, chosen, least=point, most=point)
        rows.append(counts.Counted(str(point), int(times), within.low, within.high, href=href))
    label = f"How often each point from {given.scale.least} to {given.scale.most} was given"
    return counts.bars(tuple(reversed(rows)), label=label)


def _table(asked: view.Asked, chosen: scores.Asked, given: scores.Answers) -> card.Table:
    rows = tuple(
        (
            card.Cell(str(point)),
            card.Cell(say.count(times), href=_rows_href(asked, chosen, least=point, most=point), count=int(times)),
            card.Cell(say.percent(times / given.number)),
        )
        for point, times in zip(reversed(given.scale.points), reversed(given.counts.tolist()), strict=True)
    )
    foot = (card.Cell("All"), card.Cell(say.count(given.number)), card.Cell("100 %"))
    columns = (card.Column("Given"), card.Column("Answers", numeric=True), card.Column("Share", numeric=True))
    return card.Table("Answers by point, table", columns, rows, foot)


def _change(before: scores.Answers, after: scores.Answers, measure: scores.Measure) -> str:
    if before.number < scores.FEWEST:
        return f"Too few answers in the days before to compare with ({before.number})."
    moved = scores.change(before=before, after=after, measure=measure)
    unit = " points" if measure is not scores.Measure.MEAN else ""
    by = _figure(measure, moved.value, signed=True).removesuffix(" %")
    words_of = "more than chance would do" if moved.beyond_chance else "not more than chance would do"
    return (
        f"**{by}{unit}** against the {say.many(before.number, 'answer')} of as many days before, likely "
        f"{_range(measure, moved.range)}: {words_of}."
    )


def _needed(given: scores.Answers, measure: scores.Measure) -> str:
    unit = 1.0 if measure is scores.Measure.NET else 100.0
    now = scores.within(answers=given, measure=measure, number=given.number) * unit
    wanted = 5.0
    if now <= wanted:
        return f"These answers tell it within {now:.0f} points."
    more = scores.needed(answers=given, measure=measure, within=wanted / unit)
    return f"These answers tell it within {now:.0f} points; within {wanted:.0f} takes about {say.count(more)}."


def _groups(asked: view.Asked, own: Sequence[results.Cell], by: str, measure: scores.Measure) -> tuple[GroupRow, ...]:
    named: dict[str, list[results.Cell]] = {}
    for one in own:
        named.setdefault(getattr(one, by), []).append(one)
    named.pop("", None)
    if not named or not own:
        return ()
    scale = own[0].scale
    found = scores.groups(
        answers={name: results.answers(each, scale=scale) for name, each in named.items()}, measure=measure
    )
    rows = [(one.name, _group_row(one, by, measure, scale)) for one in found[:MOST_GROUPS]]
    if any(one.purpose == results.STAFF for one in own):
        return tuple(row for _, row in rows)
    return tuple(
        replace(row, href=_rows_href(asked, own[0].asked, **{by: name})) if row.own else row for name, row in rows
    )


def _group_row(one: scores.Group, by: str, measure: scores.Measure, scale: str) -> GroupRow:
    name = words.pack().say_department(one.name) if by == "department" else one.name
    if one.own is None or one.shrunk is None or one.range is None:
        return GroupRow(name, one.number, "", "", "", 0, 0, 0)
    asked = scores.Asked("", scale, "")
    return GroupRow(
        name=name,
        number=one.number,
        own=_figure(measure, one.own.value),
        shrunk=_figure(measure, one.shrunk),
        range=_range(measure, one.range),
        low=_unit(one.range.low, measure, asked),
        middle=_unit(one.shrunk, measure, asked),
        high=_unit(one.range.high, measure, asked),
    )


def _by_says(groups: tuple[GroupRow, ...], by: str) -> str:
    if not groups:
        return f"No answer says which {BY[by].lower()} it is about."
    shown = [one for one in groups if one.own]
    hidden = len(groups) - len(shown)
    less = f" {say.many(hidden, 'group')} with fewer than five answers {'is' if hidden == 1 else 'are'} not shown."
    told = "Each figure is drawn towards that of all, the more the fewer its answers: that foretells best."
    return f"{told}{less if hidden else ''}"


def _parts(
    asked: view.Asked, by_asked: Mapping[scores.Asked, scores.Answers], chosen: scores.Asked | None
) -> tuple[Part, ...]:
    names, found = results.names(), []
    for one, given in by_asked.items():
        measure = results.usual_measure(one.scale)
        main = scores.figure(answers=given, measure=measure) if given.number >= scores.FEWEST else None
        said = {"question": one.question, "scale": one.scale, "channel": one.channel}
        found.append(
            Part(
                href=asked.to("scores", query={name: value for name, value in said.items() if value}),
                question=answers.title_of(one.question, names, scale=one.scale),
                scale=f"{given.scale.least} to {given.scale.most}",
                channel=one.channel or "unknown",
                number=given.number,
                answers_href=_rows_href(asked, one),
                figure=_figure(measure, main.value) if main else "",
                range=_range(measure, main.range) if main else "",
                on=one == chosen,
            )
        )
    return tuple(found)


def _apart(by_asked: Mapping[scores.Asked, scores.Answers]) -> str:
    differ = scores.combine(parts=by_asked).differ_in
    if not differ:
        return ""
    return f"Not added up: they differ in {say.listed(differ)}, so a sum would compare what was asked differently."


def _lead(asked: view.Asked, by_asked: Mapping[scores.Asked, scores.Answers]) -> str:
    number = sum(one.number for one in by_asked.values())
    scope = f" {asked.scope_words}" if asked.scope_words else ""
    return f"**{say.many(number, 'score')}** in the {asked.period.words.lower()}.{scope}"


def _chosen(asked: view.Asked, by_asked: Mapping[scores.Asked, scores.Answers]) -> scores.Asked | None:
    wanted = scores.Asked(*(asked.query.get(name, "") for name in ("question", "scale", "channel")))
    if wanted in by_asked:
        return wanted
    if same := next((one for one in by_asked if one.question == wanted.question), None):
        return same
    own = next((one for one in by_asked if not one.question.startswith(results.FROM)), None)
    return own or next(iter(by_asked), None)


def _survey_of(chosen: scores.Asked | None) -> str:
    return chosen.question if chosen and not chosen.question.startswith(results.FROM) else ""


def _funnel_says(invited: Sequence[responses.Invited]) -> str:
    if not invited:
        return "Nobody was asked by a survey of yours in these days."
    steps = {one.name: one for one in responses.funnel(invited)}
    return (
        f"**{say.percent(steps['begun'].share)}** of the {say.count(len(invited))} who were asked answered something."
    )


def _rates(invited: Sequence[responses.Invited]) -> tuple[RateRow, ...]:
    found = []
    for group, title in GROUPS.items():
        for one in responses.rates(invited, group=group)[:8]:
            shown = one.share is not None and one.range is not None
            found.append(
                RateRow(
                    kind=title,
                    name=one.word,
                    asked=one.asked,
                    answered=say.count(one.answered) if shown else say.UNKNOWN,
                    share=say.percent(one.share) if one.share is not None else say.UNKNOWN,
                    range=f"{say.percents(one.range.low, one.range.high)} %" if one.range else "fewer than five asked",
                    differs=one.differs,
                )
            )
    return tuple(found)


def _speaks(invited: Sequence[responses.Invited]) -> str:
    off = [one.word for group in GROUPS for one in responses.rates(invited, group=group) if one.differs]
    if not invited:
        return ""
    if not off:
        return "No group answers more or less often than chance allows: nothing says that the silent think otherwise."
    lean = "The figures lean towards those who answer."
    return f"Answer more or less often than chance allows: {say.listed(off[:6])}. {lean}"


def _weighed(asked: view.Asked, chosen: scores.Asked | None, invited: Sequence[responses.Invited], told: _Told) -> str:
    """Say what the figure would be if those groups that differ the most had answered alike."""
    if chosen is None or not told.tiles or not invited:
        return ""
    meant = replace(answers.meant_by(asked), question=chosen.question, scale=chosen.scale, channel=chosen.channel)
    given = results.by_invitation(scope=asked.scope, meant=meant)
    scale = scores.SCALES[chosen.scale]
    several = [
        speaking_for.weighed(invited, given=given, group=group, scale=scale, measure=told.measure) for group in GROUPS
    ]
    found = max(filter(None, several), key=lambda one: abs(one.value - told.value), default=None)
    if found is None:
        return ""
    unspoken = f" Of {say.count(found.unspoken)} asked no group answered often enough." if found.unspoken else ""
    return (
        f"If every {GROUPS[found.group].lower()} had answered as often as it was asked: "
        f"**{_figure(told.measure, found.value)}** (likely {_range(told.measure, found.range)}), as answered "
        f"{_figure(told.measure, told.value)}.{unspoken}"
    )


def _chips(asked: view.Asked, chosen: scores.Asked | None) -> tuple[parts.Chip, ...]:
    if chosen is None or not asked.query.get("question"):
        return ()
    name = answers.title_of(chosen.question, results.names(), scale=chosen.scale)
    return (parts.Chip("Question", name, asked.here(question=None, scale=None, channel=None)),)


def _figure(measure: scores.Measure, value: float, *, signed: bool = False) -> str:
    if measure is scores.Measure.MEAN:
        return f"{value:+.1f}".replace("-", "−") if signed else f"{value:.1f}"
    points = value if measure is scores.Measure.NET else 100 * value
    if signed or measure is scores.Measure.NET:
        return say.signed(points)
    return f"{points:.0f} %"


def _range(measure: scores.Measure, within: intervals.Range) -> str:
    if measure is scores.Measure.MEAN:
        return f"{within.low:.1f} to {within.high:.1f}".replace("-", "−")
    unit = 1 if measure is scores.Measure.NET else 100
    return f"{within.low * unit:.0f} to {within.high * unit:.0f}".replace("-", "−")


def _unit(value: float, measure: scores.Measure, asked: scores.Asked | None) -> float:
    """Return where a figure stands on a line from 0 to 1: NET runs from -100 to 100."""
    return (value + 100) / 200 if measure is scores.Measure.NET else value


def _nothing(asked: view.Asked) -> parts.State:
    told = "Scores appear as soon as somebody answers a question on a scale, or a file brings scores."
    return parts.State("bars", "No scores in these days", told, asked.to("surveys"), "Go to Surveys")
