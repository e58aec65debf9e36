"""What the data holds, what it answers and how surely, what one more column would buy, what looks wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from valence.insights import answerable, oddities, say
from valence.insights.holdings import Answered, Buys, Held, Holdings, Oddity, Rows, Sureness, Weight

HELD = (
    ("with a department", "department"),
    ("with facts", "facts"),
    ("with a cause", "caused_by"),
    ("with a promise", "promised_at"),
    ("with a score", "score"),
    ("with text", "text"),
)


@dataclass(frozen=True)
class Readiness:
    """What the data is good for."""

    at: datetime
    short: str
    held: tuple[Held, ...]
    answered: tuple[Answered, ...]
    buys: tuple[Buys, ...]
    odd: tuple[Oddity, ...]


def read(*, holdings: Holdings) -> Readiness:
    """Return in words what the data holds, what it answers and how surely, what it lacks and what looks wrong."""
    answered = tuple(ask(holdings) for ask in answerable.QUESTIONS)
    odd = tuple(found for check in oddities.CHECKS for found in check(holdings))
    return Readiness(
        at=holdings.at,
        short=_short(holdings, answered, odd),
        held=tuple(_held(holdings)),
        answered=answered,
        buys=tuple(answerable.buys(holdings=holdings)),
        odd=odd,
    )


def _short(have: Holdings, answered: Sequence[Answered], odd: Sequence[Oddity]) -> str:
    """Return one line: what there is and what can be asked of it."""
    if not have.customers:
        return "Nobody is known yet: bring in customers with the day they joined, and the day they left."
    said = {one.question: one.sureness for one in answered}
    sure = sum(level is Sureness.YES for level in said.values())
    partly = sum(level is Sureness.PARTLY for level in said.values())
    wrong = sum(one.weight is Weight.WRONG for one in odd)
    parts = [
        f"{say.count(have.losses)} losses among {say.count(have.customers)} customers over {have.months:.0f} months:",
        f"{sure} of {len(said)} questions can be answered, {partly} partly.",
    ]
    return " ".join([*parts, f"{wrong} things look wrong." if wrong else ""]).strip()


def _held(have: Holdings) -> Iterator[Held]:
    span = f"{have.first:%-d %b %Y} to {have.last:%-d %b %Y}" if have.first and have.last else "no time yet"
    yield Held(
        "Customers", have.customers, f"{say.count(have.prospects)} more are known by an id only", Rows("customers")
    )
    yield Held("Losses", have.losses, f"{say.count(have.involuntary)} more left against their will", Rows("losses"))
    sources = ", ".join(sorted(have.sources)[:6])
    yield Held("Interactions", have.interactions, f"{span}; from {sources or 'nowhere'}", Rows("interactions"))
    for name, column in HELD:
        yield Held(
            f"… {name}",
            have.filled.get(column, 0),
            say.percent(have.share(column)),
            Rows("interactions", {"says": column}),
        )
