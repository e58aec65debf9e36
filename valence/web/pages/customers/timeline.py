"""A journey as a list: the latest first, each interaction with its cause and its effect, filters in the address."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from valence.flows.find import customer as flow
from valence.insights import say
from valence.insights.encounters import Encounter, Sign
from valence.web import parts, view
from valence.web.pages.feedback import comment_rows

UNMOVED = {
    Sign.SIGNAL: "signal, not a cause",
    Sign.NONE: "bond unchanged",
    Sign.HARM: "weakened, at the end of the scale",
    Sign.PRAISE: "strengthened, at the end of the scale",
}
LEAST_SHOWN = 0.5
MARKS = {Sign.HARM: "down", Sign.PRAISE: "up", Sign.SIGNAL: "signal", Sign.NONE: "signal"}


@dataclass(frozen=True)
class Item:
    """One interaction of the list. `effect` is its change of the bond, None where there is nothing to draw."""

    one: Encounter
    href: str
    at: datetime
    mark: str
    mark_words: str
    effect: float | None
    effect_words: str
    details: str
    cause_href: str
    read: comment_rows.Tags | None = None


@dataclass(frozen=True)
class Timeline:
    """The list. `total` is how many interactions the filter leaves; `earlier` of them are not shown yet."""

    items: tuple[Item, ...]
    total: int
    everything: int
    earlier: int
    scale: float
    weakened: bool
    weakened_href: str
    all_href: str
    answers_href: str
    earlier_href: str
    chips: tuple[parts.Chip, ...]


def of(asked: view.Asked, *, known: flow.Known, shown: int) -> Timeline:
    """Return the journey as the address asks for it: `journey=weakened` only that, `all=1` every one of them."""
    weakened = asked.query.get("journey") == "weakened"
    kept = [one for one in known.encounters if one.sign is Sign.HARM] if weakened else list(known.encounters)
    limit = len(kept) if asked.query.get("all") else shown
    latest = list(reversed(kept))[:limit]
    chips = (parts.Chip("Only", "what weakened", asked.here(journey=None, all=None)),) if weakened else ()
    read = comment_rows.beside(asked, [(one.source, one.interaction_id) for one in latest if one.quote])
    return Timeline(
        items=tuple(
            replace(_item(one, known=known, asked=asked), read=read.get((one.source, one.interaction_id)))
            for one in latest
        ),
        total=len(kept),
        everything=len(known.encounters),
        earlier=len(kept) - len(latest),
        scale=max([1.0, *(abs(one.change) for one in known.encounters)]),
        weakened=weakened,
        weakened_href=asked.here(journey="weakened", all=1),
        all_href=asked.here(journey=None, all=1),
        answers_href=asked.to("answers", query={"customer": known.profile.key, "days": 730}),
        earlier_href=asked.here(all=1),
        chips=chips,
    )


def href_of(one: Encounter, *, key: int, asked: view.Asked) -> str:
    """Return the address of an interaction's own page, with the chosen regions and days.

    Written by hand: a page has hundreds of them, and `asked.to` reads the whole query each time.
    """
    carried = [(name, value) for name in view.CARRIED for value in asked.query.getlist(name)]
    query = urlencode([*carried, ("source", one.source), ("id", one.interaction_id)])
    return f"{_page_of(key)}?{query}"


@functools.lru_cache(maxsize=256)
def _page_of(key: int) -> str:
    return reverse("interaction", kwargs={"key": key})


def change_words(one: Encounter) -> str:
    """Return what an interaction did to the bond, in words."""
    moved = one.sign in {Sign.HARM, Sign.PRAISE} and abs(one.change) >= LEAST_SHOWN
    return f"{say.signed(one.change)} bond" if moved else UNMOVED[one.sign]


def _item(one: Encounter, *, known: flow.Known, asked: view.Asked) -> Item:
    key = known.profile.key
    moved = one.sign in {Sign.HARM, Sign.PRAISE} and abs(one.change) >= LEAST_SHOWN
    cause = _by_row(known.encounters, one.cause.row) if one.cause else None
    return Item(
        one=one,
        href=href_of(one, key=key, asked=asked),
        at=one.at,
        mark=MARKS[one.sign],
        mark_words="bond unchanged" if one.sign is Sign.NONE and not known.objected else "",
        effect=one.change if moved else None,
        effect_words="" if one.sign is Sign.NONE and known.objected else UNMOVED[one.sign],
        details=" · ".join((one.said_department, *one.details)),
        cause_href=href_of(cause, key=key, asked=asked) if cause else "",
    )


def _by_row(encounters: Sequence[Encounter], row: int) -> Encounter | None:
    return encounters[row] if 0 <= row < len(encounters) else None


def of_stretch(asked: view.Asked, *, known: flow.Known, encounters: Sequence[Encounter]) -> Timeline:
    """Return part of a journey in the order in which it happened: the story where lanes have no room."""
    return Timeline(
        items=tuple(_item(one, known=known, asked=asked) for one in encounters),
        total=len(encounters),
        everything=len(known.encounters),
        earlier=0,
        scale=max([1.0, *(abs(one.change) for one in encounters)]),
        weakened=False,
        weakened_href="",
        all_href=asked.to("customer", key=known.profile.key, query={"all": 1}),
        earlier_href="",
        answers_href="",
        chips=(),
    )
