"""What a bond's curve shows, in a sentence; and how a customer stands, in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from valence.insights import say
from valence.insights.encounters import Encounter, Sign

RECENT_DAYS = 90
NOTABLE = 6.0
ALONE = 0.6
NEARLY_ALL, SMALL = 0.95, 0.1
YEAR = 365.25


def finding(
    *, level: float, low: float, high: float, earlier: float | None, encounters: Sequence[Encounter], at: datetime
) -> str:
    """Return how the bond stands against 90 days ago, and who moved it.

    `level` with `low`..`high` is the bond at `at`; `earlier` is the bond 90 days before, None for a new customer.
    """
    likely = f"(likely {say.spread(low, high)})"
    if earlier is None:
        return f"It stands at **{level:.0f}** {likely}, where 75 is a clean record."
    if abs(level - earlier) < NOTABLE:
        return f"It stands at **{level:.0f}** {likely}, about as {RECENT_DAYS} days before, where 75 is a clean record."
    fell = level < earlier
    recent = [one for one in encounters if at - one.at <= timedelta(days=RECENT_DAYS)]
    movers = [one for one in recent if one.sign is (Sign.HARM if fell else Sign.PRAISE)]
    verb = "took" if fell else "brought"
    what = say.sentence(say.many(len(movers), "interaction")) if movers else "Fading"
    sentence = f"{what} in the last {RECENT_DAYS} days {verb} it from **{earlier:.0f}** to **{level:.0f}** {likely}."
    return f"{sentence} {_by_whom(movers)}".strip() if fell else sentence


def _by_whom(movers: Sequence[Encounter]) -> str:
    """Return whether one department did most of it."""
    sums: dict[str, float] = {}
    for one in movers:
        sums[one.said_department] = sums.get(one.said_department, 0.0) - one.change
    if len(movers) < 2:
        return ""
    worst = max(sums, key=lambda name: sums[name])
    if len(sums) == 1:
        return f"All of it was {worst}."
    if sums[worst] >= ALONE * sum(sums.values()):
        return f"Most of it was {worst}."
    return "No department did it alone."


def tenure(*, joined: datetime, until: datetime) -> str:
    """Return how long somebody has been a customer, and a year's end when it is near."""
    days = (until - joined).days
    years = round(days / YEAR)
    gap = round(years * YEAR) - days
    if years >= 1 and 0 < gap <= 30:
        return f"**{say.many(years, 'year')}** in {say.many(gap, 'day')}"
    return f"Customer for **{say.lasting(days)}**"


def chance(*, value: float, days: int, sooner: float | None = None) -> str:
    """Return the chance of leaving as people say it; `sooner` is the one within 30 days: nearly all of it, or not."""
    said = f"{say.sentence(say.one_in(value))} within {days} days"
    if sooner is not None and sooner >= NEARLY_ALL * value >= SMALL:
        return f"{said}, nearly all of it within 30."
    return f"{said}."
