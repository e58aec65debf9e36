"""Departments and hand-offs: which ones lose customers, how often of how many, and by how much that may vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from valence.insights import intervals, say

if TYPE_CHECKING:
    from valence.ledger.queries.handoffs import HandoffLinks
    from valence.ledger.queries.losses import HandoffLosses

FEWEST = 5
NOWHERE = "No department"


@dataclass(frozen=True)
class Handoff:
    """One row of the table. `pairs` are the hand-offs in it: one, or the small ones together.

    `rate` is losses per 1,000 hand-offs with its range, None where the hand-offs were not counted.
    """

    pairs: tuple[tuple[str, str], ...]
    name: str
    words: str
    losses: int
    likely: intervals.Range
    links: int
    rate: float | None
    rate_likely: intervals.Range | None
    monthly_value: float
    merged: bool


@dataclass(frozen=True)
class Picture:
    """What the page shows: rows that add up to `ours`, the finding, and how much of the links is inferred."""

    rows: tuple[Handoff, ...]
    ours: int
    links: int
    inferred_share: float | None
    monthly_value: float
    rate: float | None


def look(
    *, losses: Sequence[HandoffLosses], links: Sequence[HandoffLinks], names: Sequence[tuple[str, str]] = ()
) -> Picture:
    """Return the hand-offs, those that lost most first; fewer than 5 losses are counted together.

    `names` say departments: (word, how it is said). A loss without a hand-off is counted at "No department".
    """
    said = dict(names)
    passed = {(link.cause, link.effect): link for link in links}
    large, small = _split(losses)
    rows = [_row((loss,), passed=passed, said=said) for loss in large]
    if small:
        rows.append(_row(tuple(small), passed=passed, said=said))
    ours = sum(loss.losses for loss in losses)
    every = sum(link.links for link in links)
    return Picture(
        rows=tuple(rows),
        ours=ours,
        links=every,
        inferred_share=sum(link.inferred for link in links) / every if every else None,
        monthly_value=sum(loss.monthly_value for loss in losses),
        rate=1000 * ours / every if every else None,
    )


def _split(losses: Sequence[HandoffLosses]) -> tuple[list[HandoffLosses], list[HandoffLosses]]:
    """Return the hand-offs shown alone and those shown together.

    Those under 5 are merged; if they are still under 5 together, the smallest of the others joins them, so that
    none can be worked out from the total.
    """
    ordered = sorted(losses, key=lambda loss: -loss.losses)
    large = [loss for loss in ordered if loss.losses >= FEWEST]
    small = [loss for loss in ordered if loss.losses < FEWEST]
    while small and large and sum(loss.losses for loss in small) < FEWEST:
        small.insert(0, large.pop())
    return large, small


def _row(
    losses: tuple[HandoffLosses, ...], *, passed: dict[tuple[str, str], HandoffLinks], said: dict[str, str]
) -> Handoff:
    pairs = tuple((loss.began, loss.hurt) for loss in losses)
    lost = sum(loss.losses for loss in losses)
    links = sum(passed[pair].links for pair in pairs if pair in passed)
    counted = bool(links) and all(pair in passed for pair in pairs)
    share = intervals.of_share(min(lost, links), of=links) if counted else None
    merged = len(losses) > 1
    return Handoff(
        pairs=pairs,
        name=_merged_name(len(losses)) if merged else name(*pairs[0], said=said),
        words=_merged_words(losses, said=said) if merged else _told(losses[0].words),
        losses=lost,
        likely=intervals.of_count(lost),
        links=links,
        rate=1000 * lost / links if counted else None,
        rate_likely=intervals.Range(low=1000 * share.low, high=1000 * share.high) if share else None,
        monthly_value=sum(loss.monthly_value for loss in losses),
        merged=merged,
    )


def _told(words: str) -> str:
    said = [say.told(part) for part in words.split(", then ")]
    return say.sentence(", then ".join(dict.fromkeys(part for part in said if part)))


def name(began: str, hurt: str, *, said: dict[str, str]) -> str:
    """Return how a hand-off is called: `Sales → Billing`, `Within Care`."""
    first, second = (said.get(word, word) or NOWHERE for word in (began, hurt))
    return f"Within {first}" if began == hurt else f"{first} → {second}"


def _merged_name(number: int) -> str:
    return f"{say.sentence(say.small(number))} smaller hand-offs"


def _merged_words(losses: Sequence[HandoffLosses], *, said: dict[str, str]) -> str:
    names = [name(loss.began, loss.hurt, said=said) for loss in losses]
    rest = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"Fewer than {FEWEST} losses each, counted together: {', '.join(names[:4])}{rest}"


def finding(picture: Picture, *, before: int | None) -> str:
    """Return the page's first sentence: where most of it began and hurt, its share, what it was before."""
    if not picture.rows or not picture.ours:
        return "No loss of these days was ours, as far as the model can say."
    first = picture.rows[0]
    if first.merged:
        return f"No hand-off stands out among the {say.many(picture.ours, 'loss', 'losses')} that were ours."
    share = say.percent(first.losses / picture.ours, of=picture.ours)
    began, _, hurt = first.name.partition(" → ")
    where = f"began in **{began}** and hurt in **{hurt}**" if hurt else f"began and hurt within **{began[7:]}**"
    sentence = f"{share} of the losses that were ours {where}"
    sentence += f": {first.words[:1].lower()}{first.words[1:]}." if first.words else "."
    if before is not None:
        sentence += f" It was {say.count(before)} in as many days before."
    return sentence
