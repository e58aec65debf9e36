"""How the addresses of Losses and of hand-offs say which losses are meant, and how filters are shown."""

from __future__ import annotations

from dataclasses import replace

from valence import packs
from valence.ledger.queries import losses
from valence.terms import LossVerdict
from valence.web import parts, view

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


def chips(asked: view.Asked, *, meant: losses.Asked, pack: packs.Pack) -> tuple[parts.Chip, ...]:
    """Return the filters in force, each with the address without it."""
    given: list[parts.Chip] = []
    if meant.verdict:
        given.append(parts.Chip("Verdict", VERDICTS[LossVerdict(meant.verdict)], asked.here(verdict=None)))
    for name, value in (("department", meant.department), ("began", meant.began), ("hurt", meant.hurt)):
        if value:
            shown = {"department": "Began or hurt in", "began": "Began in", "hurt": "Hurt in"}[name]
            given.append(parts.Chip(shown, pack.say_department(value), asked.here(**{name: None})))
    if meant.handoffs:
        given.append(parts.Chip("Hand-off", _handoffs(meant, pack=pack), asked.here(handoff=None)))
    if meant.segment:
        given.append(parts.Chip("Segment", meant.segment, asked.here(segment=None)))
    return tuple(given)


def _handoffs(meant: losses.Asked, *, pack: packs.Pack) -> str:
    if len(meant.handoffs) > 1:
        return f"{len(meant.handoffs)} smaller ones"
    began, hurt = (pack.say_department(word) if word else "no department" for word in meant.handoffs[0])
    return f"within {began}" if began == hurt else f"{began} → {hurt}"


def choices(asked: view.Asked, *, meant: losses.Asked, pack: packs.Pack) -> tuple[parts.Choices, ...]:
    """Return the filters that can be added."""
    can = losses.choices(scope=asked.scope)
    verdicts = tuple(
        parts.Choice(words, asked.here(verdict=verdict.value), verdict == meant.verdict)
        for verdict, words in VERDICTS.items()
    )
    began, hurt = (
        tuple(
            parts.Choice(pack.say_department(word), asked.here(**{name: word}), word == value)
            for word in can.departments
        )
        for name, value in (("began", meant.began), ("hurt", meant.hurt))
    )
    segments = tuple(parts.Choice(word, asked.here(segment=word), word == meant.segment) for word in can.segments)
    named = (("Verdict", verdicts), ("Began in", began), ("Hurt in", hurt), ("Segment", segments))
    return tuple(parts.Choices(name, one) for name, one in named if one)
