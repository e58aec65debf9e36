"""Who a loss is due to: shares by department that add up, and the chance of having stayed without each failure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from valence.insights import say

if TYPE_CHECKING:
    from valence.ledger.queries.losses import LossRow, ShareRow

LEAST_SHARE = 0.005


@dataclass(frozen=True)
class Part:
    """A share of the risk at the decision, 0..1, with its likely range."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class DepartmentShare:
    """What of a loss began in a department and what hurt there. None: nothing did."""

    department: str
    began: Part | None
    hurt: Part | None


@dataclass(frozen=True)
class Division:
    """How a loss divides. `began` of all departments add up to the verdict, as do `hurt`; with `not_ours` to 1."""

    departments: tuple[DepartmentShare, ...]
    ours: Part
    not_ours: Part


@dataclass(frozen=True)
class Without:
    """The chance, 0..1, that the customer would still have been there had something not happened."""

    words: str
    under: str
    part: Part
    everything: bool
    source: str = ""
    interaction_id: str = ""


def divide(*, loss: LossRow, shares: Sequence[ShareRow]) -> Division:
    """Return how a loss divides among departments.

    1. Effects on the log-hazard are summed by department: where each began (its root) and where it hurt.
    2. Departments whose sum did harm share what was ours (1 - exp(-sum of effects)) in proportion.
    3. Ranges are those of the sums (effects taken as independent), on the same scale.
    """
    hurt = _by(shares, lambda share: share.department)
    began = _by(shares, lambda share: share.root_department or share.department)
    began_parts, hurt_parts = _scaled(began, loss=loss), _scaled(hurt, loss=loss)
    names = sorted(
        {*began_parts, *hurt_parts},
        key=lambda name: (-_value(began_parts.get(name)), -_value(hurt_parts.get(name)), name),
    )
    ours = Part(value=loss.attributable, low=loss.attributable_low, high=loss.attributable_high)
    return Division(
        departments=tuple(DepartmentShare(name, began_parts.get(name), hurt_parts.get(name)) for name in names),
        ours=ours,
        not_ours=Part(value=1 - ours.value, low=1 - ours.high, high=1 - ours.low),
    )


def _value(part: Part | None) -> float:
    return part.value if part else 0.0


def _by(shares: Sequence[ShareRow], place: Callable[[ShareRow], str]) -> dict[str, Part]:
    """Return the sum of effects for each place, with the range of the sum."""
    groups: dict[str, list[ShareRow]] = {}
    for share in shares:
        groups.setdefault(place(share), []).append(share)
    return {name: _sum(group) for name, group in groups.items()}


def _sum(group: Sequence[ShareRow]) -> Part:
    value = sum(share.effect for share in group)
    below = math.hypot(*(share.effect - share.effect_low for share in group))
    above = math.hypot(*(share.effect_high - share.effect for share in group))
    return Part(value=value, low=value - below, high=value + above)


def _scaled(sums: dict[str, Part], *, loss: LossRow) -> dict[str, Part]:
    harmful = {name: part for name, part in sums.items() if part.value > 0}
    total = sum(part.value for part in harmful.values())
    if total <= 0:
        return {}
    scale = loss.attributable / total
    return {
        name: Part(value=part.value * scale, low=max(0.0, part.low * scale), high=min(1.0, part.high * scale))
        for name, part in harmful.items()
        if part.value * scale >= LEAST_SHARE
    }


def whole_percents(parts: Sequence[float], *, total: float) -> tuple[int, ...]:
    """Return shares as whole percents that add up to the rounded total (largest remainders get the odd points)."""
    scaled = [100 * part for part in parts]
    floors = [math.floor(value) for value in scaled]
    missing = round(100 * total) - sum(floors)
    order = sorted(range(len(parts)), key=lambda index: floors[index] - scaled[index])
    for index in order[: max(0, missing)]:
        floors[index] += 1
    return tuple(floors)


def without(
    *, loss: LossRow, shares: Sequence[ShareRow], say_department: Callable[[str], str], at_most: int = 7
) -> tuple[Without, ...]:
    """Return the chance of having stayed without any of our failures, without the root's whole chain, without each.

    The chain's chance is 1 - exp(-sum of the effects that began there), which can only be too low where failures
    are worse together than alone. It is told only where the chain has more than one link.
    """
    everything = Without(
        words="None of our failures", under="all of these together", part=_no_failure(loss, shares), everything=True
    )
    harmful = sorted((share for share in shares if share.effect > 0), key=lambda share: -share.p_would_have_stayed)
    rows = [_single(share, loss=loss, say_department=say_department) for share in harmful]
    chain = _chain(loss=loss, shares=harmful, say_department=say_department)
    told = [everything, *chain, *rows]
    return tuple(row for row in told[:at_most] if row.everything or row.part.value >= LEAST_SHARE)


def _no_failure(loss: LossRow, shares: Sequence[ShareRow]) -> Part:
    """Return the chance of having stayed had no failure happened, while what was done well stays.

    It is the verdict's figure where nothing was done well, else more.
    """
    failures = [share for share in shares if share.effect > 0]
    verdict = Part(value=loss.attributable, low=loss.attributable_low, high=loss.attributable_high)
    without = _stayed(_sum(failures)) if failures else verdict
    return without if without.value > verdict.value else verdict


def _stayed(total: Part) -> Part:
    return Part(*(max(0.0, 1 - math.exp(-value)) for value in (total.value, total.low, total.high)))


def _single(share: ShareRow, *, loss: LossRow, say_department: Callable[[str], str]) -> Without:
    return Without(
        words=say.sentence(say.told(share.words)) or say.sentence(share.kind),
        under=f"{say_department(share.department)}, {say.date(share.occurred_at, now=loss.left_at)}",
        part=Part(value=share.p_would_have_stayed, low=share.p_low, high=share.p_high),
        everything=False,
        source=share.source,
        interaction_id=share.interaction_id,
    )


def _chain(*, loss: LossRow, shares: Sequence[ShareRow], say_department: Callable[[str], str]) -> tuple[Without, ...]:
    root = (loss.root_source, loss.root_interaction_id)
    links = [share for share in shares if (share.root_source, share.root_interaction_id) == root]
    if len(links) < 2 or not root[1]:
        return ()
    part = _stayed(_sum(links))
    words = say.told(loss.began_words) or "what began it"
    department = say_department(loss.root_department) if loss.root_department else ""
    under = f"{department}, with the {say.small(len(links) - 1)} that followed from it"
    return (Without(words=say.sentence(words), under=under, part=part, everything=False),)
