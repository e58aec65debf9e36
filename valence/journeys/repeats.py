"""Repeat contacts: a customer has to come back about the same matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valence import packs, terms
from valence.journeys import follow, signs

COLUMNS = ("kind", "reason", "facts")
WITHIN_DAYS = 14.0


@dataclass(frozen=True)
class Repeats:
    """Contacts (r,) that come back to an earlier one: both rows, and the days between them."""

    row: terms.Keys
    first: terms.Keys
    after_days: terms.Days


def find(*, journeys: terms.Journeys, pack: packs.Pack, within_days: float = WITHIN_DAYS) -> Repeats:
    """Return every contact that follows a contact of the same customer and reason within so many days.

    A contact without a reason repeats nothing: nobody can tell what it was about.
    """
    contact = signs.read(journeys=journeys, pack=pack).contact
    earlier = follow.latest_before(cause=contact, group=follow.groups(journeys=journeys, same=("reason",)))
    gap = journeys.occurred - journeys.occurred[earlier]
    row = np.flatnonzero(contact & (earlier >= 0) & (gap <= within_days))
    return Repeats(row=row, first=earlier[row], after_days=gap[row])
