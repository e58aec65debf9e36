"""What only one place, plan or segment is praised for, and who comes off better beside competitors: rows and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from valence.insights import intervals, say, text_words
from valence.insights import praised as insight
from valence.text.intents.rivals import Side
from valence.web import view

KINDS = {"place": "Place", "plan": "Plan", "segment": "Segment"}
FIELDS = {"place": "location", "plan": "plan", "segment": "segment"}
MANY = {"place": "places", "plan": "plans", "segment": "segments"}
EVEN = 0.5
MOST_TIMES = 50


@dataclass(frozen=True)
class StandsRow:
    """A theme for which one place, plan or segment is praised more than the others. `kind`: which of them."""

    kind: str
    value: str
    label: str
    href: str
    praised: int
    comments: str
    share: str
    others: str
    times: str
    likely: str


@dataclass(frozen=True)
class BesideRow:
    """A competitor on the whole (`label` "") or in a theme: how many comments say who comes off better.

    share: of those that say it, how many speak for us, with its range. tone: where it is beyond chance, else "".
    """

    rival: str
    label: str
    named: int
    named_href: str
    ours: int
    ours_href: str
    theirs: int
    theirs_href: str
    share: str
    likely: str
    tone: str
    tone_words: str


def stands(asked: view.Asked, found: insight.Standing, said: Mapping[str, str]) -> tuple[StandsRow, ...]:
    """Return what stands out as rows."""
    return tuple(_stands(asked, one, said) for one in found.stands)


def _stands(asked: view.Asked, one: insight.Stands, said: Mapping[str, str]) -> StandsRow:
    found = one.found
    return StandsRow(
        kind=KINDS[one.kind],
        value=one.value,
        label=said.get(one.theme, text_words.plain(one.theme)),
        href=asked.to("comments", query={"theme": one.theme, "tone": "positive", FIELDS[one.kind]: one.value}),
        praised=found.ours.praised,
        comments=say.count(found.ours.comments),
        share=say.percent(found.ours.praised / found.ours.comments),
        others=say.percent(found.others.praised / found.others.comments),
        times=_times(found.times),
        likely=f"{_times(found.low)} to {_times(found.high)}",
    )


def _times(odds: float) -> str:
    """Return odds; what is far from even is not known to a decimal."""
    return f"over ×{MOST_TIMES}" if odds > MOST_TIMES else say.times(odds)


def stands_say(asked: view.Asked, found: insight.Standing) -> str:
    """Say what was compared, and whether anything stands out."""
    compared = [f"{say.count(number)} {MANY[kind]}" for kind, number in found.compared.items() if number > 1]
    if not compared:
        return "Comments come from fewer than two places, plans or segments in these days: nothing to compare."
    each = f"{', '.join(compared[:-1])} and {compared[-1]}" if len(compared) > 1 else compared[0]
    if not found.stands:
        return f"Of {each} none is praised for anything beyond what chance would do."
    return (
        f"Of {each}, each against all others of its kind in the {asked.period.words.lower()}: what is praised there "
        "more often than elsewhere, beyond chance over all that was compared."
    )


def beside(asked: view.Asked, found: Sequence[insight.Against], said: Mapping[str, str]) -> tuple[BesideRow, ...]:
    """Return competitors and the themes in which they are compared as rows."""
    return tuple(_beside(asked, one, said) for one in found)


def _beside(asked: view.Asked, one: insight.Against, said: Mapping[str, str]) -> BesideRow:
    ours, told = len(one.ours), len(one.ours) + len(one.theirs)
    likely = intervals.of_share(ours, of=told)
    tone = "positive" if told and likely.low > EVEN else "negative" if told and likely.high < EVEN else ""
    query = {"competitor": one.rival, **({"theme": one.theme} if one.theme else {})}
    return BesideRow(
        rival=one.rival,
        label=said.get(one.theme, text_words.plain(one.theme)) if one.theme else "",
        named=one.named,
        named_href=asked.to("comments", query=query if not one.theme else {**query, "beside": "any"}),
        ours=ours,
        ours_href=asked.to("comments", query={**query, "beside": Side.OURS.value}),
        theirs=len(one.theirs),
        theirs_href=asked.to("comments", query={**query, "beside": Side.THEIRS.value}),
        share=say.percent(ours / told) if told else "nobody says",
        likely=f"{say.percents(likely.low, likely.high)} %" if told else "",
        tone=tone,
        tone_words={"positive": "we are ahead", "negative": "they are ahead"}.get(tone, ""),
    )


def beside_says(asked: view.Asked, found: Sequence[insight.Against]) -> str:
    """Say how often competitors are named, and what that is worth."""
    wholes = [one for one in found if not one.theme]
    if not wholes:
        return f"Fewer than five customers name any one competitor in the {asked.period.words.lower()}."
    ours, theirs = sum(len(one.ours) for one in wholes), sum(len(one.theirs) for one in wholes)
    named = sum(one.named for one in wholes)
    likely = intervals.of_share(ours, of=ours + theirs)
    told = (
        f"Of {say.count(ours + theirs)} that say who is better, **{say.percent(ours / (ours + theirs))}** speak for us "
        f"({say.percents(likely.low, likely.high)} %)."
        if ours + theirs
        else "None says who is better."
    )
    return (
        f"{say.many(len(wholes), 'competitor')} named in {say.many(named, 'comment')}. {told} Told by comparing words "
        "alone (“cheaper than”, “switching to”); the others only name them."
    )
