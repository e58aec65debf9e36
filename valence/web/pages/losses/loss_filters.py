"""How the addresses of Losses and of hand-offs say which losses are meant, and how filters are shown."""

from __future__ import annotations

from dataclasses import replace

from valence import packs
from valence.ledger.queries import losses
from valence.terms import LossVerdict
from valence.web import listing, parts, view

BETWEEN = "~"
VERDICTS = {LossVerdict.OURS: "Ours", LossVerdict.NOT_OURS: "Not ours", LossVerdict.CANNOT_SAY: "Cannot say"}


def read(asked: view.Asked) -> losses.Asked:
    """Return which losses an address means. What it does not understand it leaves out."""
    query = asked.query
    verdict = query.get("verdict", "")
    pairs = (tuple(text.split(BETWEEN)) for text in query.getlist("handoff") if text.count(BETWEEN) == 1)
    return losses.Asked(
        verdict=verdict if verdict in VERDICTS else "",
        department=query.get("department", ""),
        began=query.get("began", ""),
        hurt=query.get("hurt", ""),
        handoffs=tuple((first, second) for first, second in pairs),
        segment=query.get("segment", ""),
        since=asked.period.first_day,
        until=asked.period.end_day,
    )


def of_period(asked: view.Asked) -> losses.Asked:
    """Return all losses of the days that are looked at, whatever else is filtered."""
    return replace(losses.Asked(), since=asked.period.first_day, until=asked.period.end_day)


def handoff_words(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    """Return hand-offs as an address says them."""
    return [f"{began}{BETWEEN}{hurt}" for began, hurt in pairs]


def _handoffs(meant: losses.Asked, *, pack: packs.Pack) -> str:
    if len(meant.handoffs) > 1:
        return f"{len(meant.handoffs)} smaller ones"
    began, hurt = (pack.say_department(word) if word else "no department" for word in meant.handoffs[0])
    return f"within {began}" if began == hurt else f"{began} → {hurt}"


def chips(asked: view.Asked, *, meant: losses.Asked, pack: packs.Pack) -> tuple[parts.Chip, ...]:
    """Return the filters in force, each with the address without it."""
    verdict = VERDICTS[LossVerdict(meant.verdict)] if meant.verdict else ""
    departments = (
        listing.chip(asked, field=field, name=name, value=pack.say_department(word) if word else "")
        for field, name, word in (
            ("department", "Began or hurt in", meant.department),
            ("began", "Began in", meant.began),
            ("hurt", "Hurt in", meant.hurt),
        )
    )
    return (
        *listing.chip(asked, field="verdict", name="Verdict", value=verdict),
        *(one for found in departments for one in found),
        *listing.chip(
            asked, field="handoff", name="Hand-off", value=_handoffs(meant, pack=pack) if meant.handoffs else ""
        ),
        *listing.chip(asked, field="segment", name="Segment", value=meant.segment),
    )


def choices(asked: view.Asked, *, pack: packs.Pack) -> tuple[parts.Choices, ...]:
    """Return the filters that can be added."""
    can = losses.choices(scope=asked.scope)
    departments = {word: pack.say_department(word) for word in can.departments}
    verdicts = {verdict.value: words for verdict, words in VERDICTS.items()}
    return listing.settable(
        listing.choices(asked, field="verdict", name="Verdict", offered=verdicts),
        listing.choices(asked, field="began", name="Began in", offered=departments),
        listing.choices(asked, field="hurt", name="Hurt in", offered=departments),
        segments(asked, can=can),
    )


def segments(asked: view.Asked, *, can: losses.Choices) -> parts.Choices:
    """Return the filter by segment."""
    return listing.choices(asked, field="segment", name="Segment", offered=can.segments)
