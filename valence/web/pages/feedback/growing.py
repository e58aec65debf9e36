"""New and growing: themes above expectation, what could be a theme, what only some are praised for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from valence.flows.read import emerging
from valence.insights import rising, say, text_words
from valence.ledger.queries.readings import Comment
from valence.people import rules
from valence.web import parts, view
from valence.web.pages.feedback import comment_rows, praised, theme_editor

FEWEST = 5
LONGEST = 240
MOST_LINKS = 60


@dataclass(frozen=True)
class RoseRow:
    """A theme that came up more. `weeks` with the range that was expected of the last, drawn."""

    label: str
    href: str
    digest_href: str
    count: int
    expected: str
    likely: str
    times: str
    is_new: bool
    bad: bool
    weeks: tuple[float, ...]
    low: float
    high: float
    words: str


@dataclass(frozen=True)
class Quote:
    """A comment in its own words; `href` opens it."""

    text: str
    href: str
    language: str
    direction: str
    at: datetime


@dataclass(frozen=True)
class ProposalRow:
    """Comments of one meaning that no theme gathers. `rest`: addresses of all of them."""

    title: str
    says: str
    grew: bool
    quotes: tuple[Quote, ...]
    rest: tuple[str, ...]
    rest_says: str
    edit_href: str


@dataclass(frozen=True)
class GrowingPage:
    """What the page shows. alarms_href: where alarms are, "" for who may not see them."""

    lead: str
    rose: tuple[RoseRow, ...]
    rose_says: str
    proposals: tuple[ProposalRow, ...]
    proposals_say: str
    stands: tuple[praised.StandsRow, ...]
    stands_say: str
    beside: tuple[praised.BesideRow, ...]
    beside_says: str
    alarms_href: str
    state: parts.State | None


@view.page(section="answers")
def growing_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what is new or growing as of this hour."""
    until = asked.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    found = emerging.look(scope=asked.scope, until=until, since=until - timedelta(days=asked.period.days))
    said = comment_rows.labels()
    rose = tuple(_rose(asked, one, said) for one in found.rising.rose if one.people >= FEWEST)
    page = GrowingPage(
        lead=_lead(asked, rose, found.rising),
        rose=rose,
        rose_says=_rose_says(found.rising, rose),
        proposals=tuple(_proposal(asked, one) for one in found.proposals),
        proposals_say=_proposals_say(found),
        stands=praised.stands(asked, found.standing, said),
        stands_say=praised.stands_say(asked, found.standing),
        beside=praised.beside(asked, found.beside, said),
        beside_says=praised.beside_says(asked, found.beside),
        alarms_href=asked.to("spots") if asked.may(rules.Act.CASES) else "",
        state=None if found.rising.latest or found.compared else _nothing(asked),
    )
    announce = say.many(len(rose), "theme grew", "themes grew")
    return view.render(asked, "valence/growing.html", page=page, title="New and growing", announce=announce)


def _lead(asked: view.Asked, rose: Sequence[RoseRow], found: rising.Rising) -> str:
    scope = f" {asked.scope_words}" if asked.scope_words else ""
    grew = say.many(len(rose), "theme came up", "themes came up") if rose else "No theme came up"
    return f"**{grew}** more in the last seven days than expected, of {say.many(found.latest, 'comment')}.{scope}"


def _rose(asked: view.Asked, one: rising.Rose, said: Mapping[str, str]) -> RoseRow:
    label = said.get(one.theme, text_words.plain(one.theme))
    grew, query = one.grew, {"theme": one.theme, "days": 7, **({"tone": "negative"} if one.bad else {})}
    return RoseRow(
        label=label,
        href=asked.to("comments", query=query),
        digest_href=asked.to("digest", query=query),
        count=grew.count,
        expected=f"{grew.expected:.0f}" if grew.expected >= 1 else "under 1",
        likely=f"{grew.low:.0f} to {grew.high:.0f}",
        times="new" if grew.is_new else say.times(grew.ratio),
        is_new=grew.is_new,
        bad=one.bad,
        weeks=tuple(float(week) for week in one.weeks),
        low=grew.low,
        high=grew.high,
        words=f"{label}: {', '.join(map(str, one.weeks))} by week, the last one last",
    )


def _rose_says(found: rising.Rising, rose: Sequence[RoseRow]) -> str:
    if found.weeks < 8:
        weeks = say.many(found.weeks, "whole week")
        return f"The past has {weeks} so far. From eight on it can be said what is more than usual."
    known = "two years are known, so the time of year counts"
    season = known if found.seasonal else "the time of year counts once two years are known"
    first = f"**{rose[0].label}** stands out most. " if rose else ""
    return (
        f"{first}Expected from {say.many(found.weeks, 'week')} before; {season}. {say.many(found.asked, 'theme')} "
        "looked at together: of those named, fewer than one in twenty is a false alarm."
    )


def _proposal(asked: view.Asked, one: emerging.Proposal) -> ProposalRow:
    times = say.many(len(one.numbers), "comment")
    themed = (
        f" {say.percent(one.themed)} touch some theme, but not all the same one."
        if one.themed
        else " No theme is told of any."
    )
    return ProposalRow(
        title=", ".join(one.words) or "Alike in meaning",
        says=f"{times} by {say.many(one.people, 'customer')}, {one.lately} of them in the last seven days.{themed}",
        grew=one.grew,
        quotes=tuple(quote(asked, each) for each in one.quotes),
        rest=tuple(asked.to("comment", number=number) for number in one.numbers[:MOST_LINKS]),
        rest_says=rest_says(len(one.numbers)),
        edit_href=_edit_href(asked, one) if asked.may(rules.Act.CHANGE_MODEL) else "",
    )


def _edit_href(asked: view.Asked, one: emerging.Proposal) -> str:
    """Return the editor with a new theme that holds the words and quotes of a proposal."""
    said, numbers = ",".join(one.words), ",".join(str(each.number) for each in one.quotes)
    return asked.to("theme_editor", query={"theme": theme_editor.NEW, "words": said, "quotes": numbers})


def rest_says(number: int) -> str:
    """Say how many of a group's comments are linked."""
    return f"All {number} of them" if number <= MOST_LINKS else f"The first {MOST_LINKS} of {say.count(number)}"


def quote(asked: view.Asked, one: Comment) -> Quote:
    """Return a comment as a quote that opens it."""
    return Quote(
        text=one.text if len(one.text) <= LONGEST else f"{one.text[:LONGEST]}…",
        href=asked.to("comment", number=one.number),
        language="" if one.language == "cannot_tell" else one.language,
        direction=comment_rows.direction(one.language),
        at=one.occurred_at,
    )


def _proposals_say(found: emerging.Emerging) -> str:
    if not found.proposals:
        return (
            f"{say.many(found.compared, 'comment')} of the last eight weeks were gathered by meaning. What they say "
            "together is gathered by themes already, or fewer than five people say it."
        )
    return (
        f"{say.many(found.compared, 'comment')} of the last eight weeks were gathered by meaning, whatever their "
        "language. These say much the same, and no one theme gathers them. Their words: said there more than elsewhere."
    )


def _nothing(asked: view.Asked) -> parts.State:
    told = "What is new shows itself as soon as people write for some weeks."
    return parts.State("bars", "No comments yet", told, asked.to("comments"), "Go to Comments")
