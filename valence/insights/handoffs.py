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
ELSEWHERE = "several others"
REST = "Smaller ones"


@dataclass(frozen=True)
class Handoff:
    """One row of the table. `pairs` are the hand-offs in it: one, or the small ones together.

    `rate` is losses per 1,000 hand-offs with its range, None where the hand-offs were not counted, or fewer are known
    than customers were lost: then it is no share of anything.
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


@dataclass(frozen=True)
class Department:
    """How many losses that were ours began in a department, and how many hurt most there. `word` is "" for none."""

    word: str
    name: str
    began: int
    hurt: int


def by_department(*, losses: Sequence[HandoffLosses], names: Sequence[tuple[str, str]] = ()) -> tuple[Department, ...]:
    """Return every department of the hand-offs, the one where most began first; each column adds up to all losses."""
    said = dict(names)
    words = {word for loss in losses for word in (loss.began, loss.hurt)}
    found = [
        Department(
            word=word,
            name=said.get(word, word) or NOWHERE,
            began=_lost([loss for loss in losses if loss.began == word]),
            hurt=_lost([loss for loss in losses if loss.hurt == word]),
        )
        for word in words
    ]
    return tuple(sorted(found, key=lambda one: (-one.began, -one.hurt, one.name)))


def look(
    *, losses: Sequence[HandoffLosses], links: Sequence[HandoffLinks], names: Sequence[tuple[str, str]] = ()
) -> Picture:
    """Return the hand-offs, those that lost most first; fewer than 5 losses are counted together.

    `names` say departments: (word, how it is said). A loss without a hand-off is counted at "No department".
    """
    said = dict(names)
    passed = {(link.cause, link.effect): link for link in links}
    rows = [_row(group, passed=passed, said=said) for group in _groups(losses)]
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


def _groups(losses: Sequence[HandoffLosses]) -> list[tuple[HandoffLosses, ...]]:
    """Return the hand-offs as rows: those with 5 losses or more alone, then smaller ones together, most losses first.

    Smaller ones that began in the same department stand together where they are 5 or more, the rest in a last row.
    If that row is still under 5, the smallest of the others joins it, so that none can be worked out from the total.
    """
    ordered = sorted(losses, key=lambda loss: -loss.losses)
    alone = [(loss,) for loss in ordered if loss.losses >= FEWEST]
    begun: dict[str, list[HandoffLosses]] = {}
    for loss in ordered:
        if loss.losses < FEWEST:
            begun.setdefault(loss.began, []).append(loss)
    together = sorted((tuple(group) for group in begun.values() if _lost(group) >= FEWEST), key=lambda one: -_lost(one))
    rest = [loss for loss in ordered if loss.losses < FEWEST and _lost(begun[loss.began]) < FEWEST]
    while rest and _lost(rest) < FEWEST and (together or alone):
        rest = [*(together or alone).pop(), *rest]
    return [*alone, *together, *([tuple(rest)] if rest else [])]


def _lost(losses: Sequence[HandoffLosses]) -> int:
    return sum(loss.losses for loss in losses)


def _row(
    losses: tuple[HandoffLosses, ...], *, passed: dict[tuple[str, str], HandoffLinks], said: dict[str, str]
) -> Handoff:
    pairs = tuple((loss.began, loss.hurt) for loss in losses)
    lost = _lost(losses)
    links = sum(passed[pair].links for pair in pairs if pair in passed)
    counted = links >= max(lost, 1) and all(pair in passed for pair in pairs)
    share = intervals.of_share(lost, of=links) if counted else None
    merged = len(losses) > 1
    return Handoff(
        pairs=pairs,
        name=_merged_name(losses, said=said) if merged else name(*pairs[0], said=said),
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


def _merged_name(losses: Sequence[HandoffLosses], *, said: dict[str, str]) -> str:
    begun = {loss.began for loss in losses}
    if len(begun) > 1 or any(loss.losses >= FEWEST for loss in losses):
        return f"{say.sentence(say.small(len(losses)))} smaller hand-offs"
    first = next(iter(begun))
    return f"{said.get(first, first) or NOWHERE} → {ELSEWHERE}"


def _merged_words(losses: Sequence[HandoffLosses], *, said: dict[str, str]) -> str:
    names = [name(loss.began, loss.hurt, said=said) for loss in losses]
    rest = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"Fewer than {FEWEST} losses each, counted together: {', '.join(names[:4])}{rest}"


def finding(picture: Picture, *, before: int | None) -> str:
    """Return the page's first sentence: which lost the most, what it was before, which leaks most for its size."""
    if not picture.rows or not picture.ours:
        return "No loss of these days was ours, as far as the model can say."
    first = picture.rows[0]
    if first.merged:
        return f"No hand-off stands out among the {say.many(picture.ours, 'loss', 'losses')} that were ours."
    is_within = _is_within(first)
    earlier = "" if before is None else f"; {say.count(before)} in as many days before"
    sentence = (
        f"Most were lost **{first.name[:1].lower()}{first.name[1:]}**"
        if is_within
        else (f"**{first.name}** lost the most")
    )
    sentence += f": {say.count(first.losses)} of the {say.count(picture.ours)} that were ours"
    sentence += f" ({say.percent(first.losses / picture.ours, of=picture.ours)}{earlier})"
    sentence += f": {first.words[:1].lower()}{first.words[1:]}." if first.words else "."
    return f"{sentence} {_between(picture)}".strip()


def _between(picture: Picture) -> str:
    """Say which hand-off between departments leaks most: for its size where that is more than chance, else by count."""
    between = [row for row in picture.rows if not row.merged and not _is_within(row)]
    if not between:
        return ""
    first = picture.rows[0]
    row = max(between, key=lambda row: row.rate or 0.0)
    likely = row.rate_likely
    if row.rate is None or likely is None or picture.rate is None or likely.low <= picture.rate:
        if between[0] is first:
            return ""
        return f"Between departments **{between[0].name}** lost the most: {say.count(between[0].losses)}."
    how = "It leaks most for its size, too" if row is first else f"Between departments **{row.name}** leaks most"
    return (
        f"{how}: {say.decimal(row.rate)} lost of every 1,000 that passed through "
        f"(likely {say.decimal(likely.low)}–{say.decimal(likely.high)}); {say.decimal(picture.rate)} in all."
    )


def _is_within(row: Handoff) -> bool:
    return not row.merged and row.pairs[0][0] == row.pairs[0][1]


def ends(row: Handoff, *, said: dict[str, str]) -> tuple[str, str]:
    """Return where a row begins and where it ends in the picture; what is counted together ends in one place."""
    began, hurt = row.pairs[0]
    if not row.merged:
        return said.get(began, began) or NOWHERE, said.get(hurt, hurt) or NOWHERE
    if len({pair[0] for pair in row.pairs}) > 1:
        return REST, REST
    return said.get(began, began) or NOWHERE, REST
