"""Themes: what customers talk about, in which tone, with which scores, and what those who left had talked about."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.http import HttpRequest, HttpResponse

from valence.insights import intervals, say, text_words
from valence.insights import themes as insight
from valence.ledger.queries import readings
from valence.ledger.queries import themes as stored
from valence.people import rules
from valence.terms import days
from valence.web import listing, parts, view
from valence.web.charts import card, counts
from valence.web.pages.feedback import comment_rows

FEWEST = 5
SHOWN = 12
SCALES = {"nps": "recommendation score, 0 to 10", "csat": "satisfaction, 1 to 5", "ces": "effort, 1 to 7"}
BAD = ("negative", "mixed")


@dataclass(frozen=True)
class ThemeRow:
    """One theme. Figures are "" where fewer than five people stand behind them."""

    name: str
    label: str
    texts: int
    href: str
    people: int
    bad: str
    bad_href: str
    bad_count: int
    bad_share: float
    bad_low: float
    bad_high: float
    weeks: tuple[int, ...]
    weeks_low: float
    weeks_high: float
    trend: str
    effect: str
    effect_range: str
    effect_value: float
    effect_told: bool


@dataclass(frozen=True)
class LeavingRow:
    """What some talked about, how many of them left soon, and how often that is beside others."""

    label: str
    tone: str
    tone_words: str
    href: str
    people: int
    share: str
    likely: str
    times: str
    times_likely: str
    beyond_chance: bool
    score: str
    bond: str


@dataclass(frozen=True)
class ThemesPage:
    """What the page shows."""

    lead: str
    chart: card.Chart | None
    table: card.Table | None
    chart_says: str
    rows: tuple[ThemeRow, ...]
    largest: float
    scale_words: str
    effect_says: str
    leaving: tuple[LeavingRow, ...]
    leaving_says: str
    scales: tuple[parts.Choices, ...]
    may_edit: bool
    state: parts.State | None


@view.page(section="answers")
def themes_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what was talked about in the days and regions chosen."""
    return view.render(asked, "valence/themes.html", page=_page(asked), title="Themes")


def _page(asked: view.Asked) -> ThemesPage:
    since, until = asked.now - timedelta(days=asked.period.days), asked.now + timedelta(minutes=1)
    found = stored.texts(scope=asked.scope, asked=readings.Asked(since=since, until=until))
    texts = insight.Texts(
        found.customer, found.at, found.score, found.scale, found.left, found.gone_otherwise, found.bond,
        found.of, found.named, found.toned,
    )  # fmt: skip
    said = comment_rows.labels()
    volumes = insight.volumes(texts=texts, since=days(since), until=days(until))
    scale = asked.query.get("scale", "")
    scale = scale if scale in found.scale.vocabulary else insight.usual_scale(texts=texts)
    effects = {one.name: one for one in insight.effects(texts=texts, scale=scale)}
    known_until = asked.worked_out_at or asked.now
    leaving = insight.leaving(texts=texts, until=days(known_until))
    rest = {theme.name for theme in comment_rows.themes() if theme.rest}
    aside = {*rest, "cannot_tell"}
    before = tuple(one for one in leaving if one.people >= FEWEST and aside.isdisjoint((one.name, one.tone)))
    volumes = tuple(sorted(volumes, key=lambda one: one.name in rest))
    rows = tuple(_row(asked, one, effects.get(one.name), said) for one in volumes)
    shown = [one for one in volumes if one.people >= FEWEST and one.name not in rest][:SHOWN]
    return ThemesPage(
        lead=_lead(asked, found, texts, rest),
        chart=_chart(asked, shown, said) if shown else None,
        table=_table(asked, shown, said) if shown else None,
        chart_says=_chart_says(shown, said),
        rows=rows,
        largest=max((abs(one.effect_value) for one in rows), default=1.0) or 1.0,
        scale_words=SCALES.get(scale, ""),
        effect_says=_effect_says(effects, said, scale),
        leaving=tuple(_leaving_row(asked, one, said) for one in before)[:SHOWN],
        leaving_says=_leaving_says(before, said),
        scales=listing.settable(listing.choices(asked, field="scale", name="Score", offered=found.scale.vocabulary)),
        may_edit=asked.may(rules.Act.CHANGE_MODEL),
        state=None if len(found) else _nothing(asked),
    )


def _lead(asked: view.Asked, found: stored.Texts, texts: insight.Texts, rest: Set[str]) -> str:
    scope = f" {asked.scope_words}" if asked.scope_words else ""
    named = np.array([name not in rest for name in texts.named.vocabulary], np.bool_)
    touched = len(np.unique(texts.of[named[texts.named.codes]])) if len(named) else 0
    latest = f", the latest of {say.count(found.total)}" if found.total > len(found) else ""
    share = f" **{say.percent(touched / len(found))}** speak of something in particular." if len(found) else ""
    return f"**{say.many(len(found), 'comment')}** in the {asked.period.words.lower()}{latest}.{share}{scope}"


def _row(asked: view.Asked, one: insight.Volume, effect: insight.Effect | None, said: Mapping[str, str]) -> ThemeRow:
    few = one.people < FEWEST
    bad = one.tones[0]
    within = intervals.of_share(bad, of=one.texts)
    before = one.weeks[:-1]
    usual = sum(before) / len(before) if before else 0.0
    spread = intervals.of_count(round(usual))
    return ThemeRow(
        name=one.name,
        label=said.get(one.name, text_words.plain(one.name)),
        texts=one.texts,
        href=_comments(asked, theme=one.name),
        people=one.people,
        bad="" if few else say.percent(bad / one.texts),
        bad_href=_comments(asked, theme=one.name, tone="negative"),
        bad_count=bad,
        bad_share=bad / one.texts if one.texts else 0.0,
        bad_low=within.low,
        bad_high=within.high,
        weeks=one.weeks[-26:],
        weeks_low=spread.low,
        weeks_high=spread.high,
        trend=f"{one.weeks[-1]} in the last week, usually {usual:.0f}" if len(one.weeks) > 1 else "",
        effect="" if few or effect is None else _points(effect.value),
        effect_range="" if few or effect is None else f"{_points(effect.range.low)} to {_points(effect.range.high)}",
        effect_value=effect.value if effect and not few else 0.0,
        effect_told=bool(effect and effect.beyond_chance and not few),
    )


def _leaving_row(asked: view.Asked, one: insight.Leaving, said: Mapping[str, str]) -> LeavingRow:
    likely = one.ratio_range
    return LeavingRow(
        label=said.get(one.name, text_words.plain(one.name)),
        tone=one.tone,
        tone_words=text_words.tone(one.tone).lower(),
        href=_comments(asked, theme=one.name, tone=one.tone),
        people=one.people,
        share=say.percent(one.share) if one.left else "nobody",
        likely=f"{say.percents(one.range.low, one.range.high)} %" if one.left else _at_most(one.range),
        times=_times(one),
        times_likely=f"{say.times(likely.low)} to {say.times(likely.high)}" if one.ratio and likely else _no_times(one),
        beyond_chance=bool(likely and (likely.low > 1 or likely.high < 1)),
        score="" if one.score is None else f"{one.score:.1f}",
        bond="" if one.bond is None else f"{one.bond:.0f}",
    )


def _at_most(likely: intervals.Range) -> str:
    return f"at most {say.percent(likely.high)}"


def _times(one: insight.Leaving) -> str:
    """Return how many times as often these left: of whom nobody left, only the most that it could be can be said."""
    if one.ratio is not None:
        return say.times(one.ratio)
    return f"at most {say.times(one.ratio_range.high)}" if one.ratio_range else "cannot say"


def _no_times(one: insight.Leaving) -> str:
    if one.ratio_range:
        return "nobody of them left"
    return "fewer than five others" if one.others < FEWEST else "nobody of the others left"


def _chart(asked: view.Asked, shown: list[insight.Volume], said: Mapping[str, str]) -> card.Chart:
    worst = max(shown, key=lambda one: one.tones[0]).name
    rows = []
    for one in shown:
        within = intervals.of_count(one.texts)
        label = said.get(one.name, one.name)
        href = _comments(asked, theme=one.name)
        rows.append(counts.Counted(label, one.texts, within.low, within.high, strong=one.name == worst, href=href))
    return counts.bars(tuple(rows), label="How many comments speak of each theme")


def _table(asked: view.Asked, shown: list[insight.Volume], said: Mapping[str, str]) -> card.Table:
    columns = (card.Column("Theme"), *(card.Column(name, numeric=True) for name in ("Comments", "People", "Negative")))
    rows = tuple(
        (
            card.Cell(said.get(one.name, one.name)),
            card.Cell(say.count(one.texts), href=_comments(asked, theme=one.name), count=one.texts),
            card.Cell(say.count(one.people)),
            card.Cell(say.percent(one.tones[0] / one.texts)),
        )
        for one in shown
    )
    return card.Table("Comments by theme, table", columns, rows)


def _chart_says(shown: list[insight.Volume], said: Mapping[str, str]) -> str:
    if not shown:
        return "No theme is spoken of by five people or more in these days."
    worst = max(shown, key=lambda one: one.tones[0])
    label = said.get(worst.name, worst.name)
    return (
        f"**{label}** is complained of most: {say.many(worst.tones[0], 'comment')} of "
        f"{say.count(worst.texts)} speak badly of it. A comment may touch several themes."
    )


def _effect_says(effects: Mapping[str, insight.Effect], said: Mapping[str, str], scale: str) -> str:
    if not effects:
        return "Too few comments come with a score on one scale to say what goes with it."
    worst = min(effects.values(), key=lambda one: one.value)
    label = said.get(worst.name, worst.name)
    return (
        f"Who speaks of {label.lower()} scores **{_points(worst.value)}** points, likely "
        f"{_points(worst.range.low)} to {_points(worst.range.high)}, other themes being equal. "
        "A correlation: it does not say what would change if the theme went away."
    )


def _leaving_says(leaving: tuple[insight.Leaving, ...], said: Mapping[str, str]) -> str:
    told = [one for one in leaving if one.ratio is not None and one.ratio_range and one.ratio_range.low > 1]
    if not any(one.people for one in leaving):
        return "Nobody can be followed for 60 days yet: choose more days above, or look again later."
    if not told:
        return "Of nobody who spoke of one thing it can be said that they left more often than others who wrote."
    first = max(told, key=lambda one: one.ratio or 0.0)
    assert first.ratio is not None
    label, tone = said.get(first.name, first.name).lower(), text_words.tone(first.tone).lower()
    return (
        f"Who spoke of {label} ({tone}) left within 60 days **{say.times(first.ratio)}** as often as others who wrote: "
        f"{say.count(first.left)} of {say.count(first.people)}. Correlation, not cause."
    )


def _comments(asked: view.Asked, **query: object) -> str:
    return asked.to("comments", query=query)


def _points(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _nothing(asked: view.Asked) -> parts.State:
    told = "Themes appear by themselves as soon as somebody writes or says something in words."
    return parts.State("bars", "No comments in these days", told, asked.to("comments"), "Go to Comments")
