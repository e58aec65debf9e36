"""Promises of journeys as rows of the ledger: for a whole score, and for the few customers of whom something came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from valence import journeys as paths
from valence import packs, terms
from valence.journeys import promises, signs
from valence.ledger import rows

COLUMNS = signs.COLUMNS


def rows_of(
    *, journeys: terms.Journeys, now: float, pack: packs.Pack, heard: promises.Heard = promises.NOTHING_HEARD
) -> rows.Promises:
    """Return what was promised in these journeys and what became of it by `now` (days)."""
    found = paths.promises.settle(journeys=journeys, now=now, pack=pack, heard=heard)
    return rows.Promises(
        customer=journeys.keys[journeys.owners()[found.row]],
        **_named(journeys, found.row),
        department=_word(journeys, "department", found.row),
        words=_promised(journeys, found.row, pack),
        made_at=journeys.occurred[found.row],
        due_at=found.due,
        state=np.array(promises.STATES, object)[found.state],
        settled_at=found.settled,
        how=np.array(promises.HOWS, object)[found.how],
        **_named(journeys, found.settled_row, "settled_"),
        settled_department=_word(journeys, "department", found.settled_row),
        told_at=_at(journeys, found.told_row),
    )


def _promised(journeys: terms.Journeys, row: terms.Keys, pack: packs.Pack) -> Sequence[str]:
    """Say what was promised: the reason, else the kind of interaction that made it."""
    reasons, kinds = _word(journeys, "reason", row), _word(journeys, "kind", row)
    return [
        packs.capital(reason) if reason else pack.say_kind(kind) for reason, kind in zip(reasons, kinds, strict=True)
    ]


def _named(journeys: terms.Journeys, row: terms.Keys, prefix: str = "") -> dict[str, Any]:
    """The two columns by which an interaction is found again; "" where there is none."""
    return {f"{prefix}source": _word(journeys, "source", row), f"{prefix}interaction_id": _text(journeys, row)}


def _word(journeys: terms.Journeys, name: str, row: terms.Keys) -> rows.Texts:
    words = signs.column(journeys=journeys, name=name)
    said = np.array([*words.vocabulary, ""], object)
    return said[np.where(row >= 0, words.codes[row], -1)] if len(journeys) else np.full(len(row), "", object)


def _text(journeys: terms.Journeys, row: terms.Keys) -> rows.Texts:
    texts = journeys.texts["interaction_id"]
    return np.where(row >= 0, texts[row], "") if len(journeys) else np.full(len(row), "", object)


def _at(journeys: terms.Journeys, row: terms.Keys) -> terms.Days:
    return np.where(row >= 0, journeys.occurred[row], np.nan) if len(journeys) else np.full(len(row), np.nan)
