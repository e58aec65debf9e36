"""One loss as its page shows it: the stored verdict and shares, and the journey that led to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from valence import terms
from valence.flows.find import customer
from valence.insights import story
from valence.ledger.queries import losses


@dataclass(frozen=True)
class Lost:
    """A loss, its shares, and who was lost. `same_handoff` counts the losses of that hand-off in the days given."""

    loss: losses.LossRow
    shares: tuple[losses.ShareRow, ...]
    known: customer.Known
    same_handoff: int


def read(*, scope: terms.Scope, key: int, days: losses.Asked, now: datetime) -> Lost:
    """Return one loss. Raises losses.NoSuchLossError where there is none that the scope may see."""
    loss = losses.one(scope=scope, key=key)
    same = losses.Asked(handoffs=((loss.began_department, loss.hurt_department),), since=days.since, until=days.until)
    shares = losses.shares(scope=scope, key=key)
    known = customer.read(scope=scope, key=key, now=now)
    judged = story.judged(encounters=known.encounters, shares=shares)
    return Lost(
        loss=loss,
        shares=shares,
        known=replace(known, encounters=judged),
        same_handoff=losses.totals(scope=scope, asked=same).ours,
    )
