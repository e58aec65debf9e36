"""Promises: what the ledger says of each, as days go by, against what really became of it."""

from __future__ import annotations

import numpy as np

from valence import terms
from valence.journeys import promises, signs
from valence.management.acting import made

SETTLED_WITHIN = 7.0
KEPT, BROKEN, UNTOLD = 1, 0, -1


def counts(*, operator: made.Made) -> dict[str, float]:
    """Return how often kept and broken were said and true, and the days from the truth until it was said.

    A promise is looked at a week after it was due, by then everything about it lies in the files.
    """
    journeys = operator.journeys
    truth, at = _truth(operator)
    found = promises.settle(journeys=journeys, now=operator.end, pack=operator.pack)
    row = found.row
    due = np.where(np.isfinite(found.due), found.due, np.inf)
    judged = (truth[row] != UNTOLD) & (due + SETTLED_WITHIN < operator.end)
    said_kept = judged & (found.state == promises.KEPT)
    said_broken = judged & ((found.state == promises.BROKEN) | (found.state == promises.OVERDUE))
    is_kept, is_broken = truth[row] == KEPT, truth[row] == BROKEN
    told = _told_at(found, journeys)
    late = (told - np.maximum(at[row], 0))[said_broken & is_broken & (found.state == promises.BROKEN)]
    return {
        "promises": float(judged.sum()),
        "said_kept": float(said_kept.sum()),
        "said_broken": float(said_broken.sum()),
        "kept_right": float((said_kept & is_kept).sum()),
        "broken_right": float((said_broken & is_broken).sum()),
        "truly_kept": float((judged & is_kept).sum()),
        "truly_broken": float((judged & is_broken).sum()),
        "delay_days": float(np.maximum(late, 0).sum()),
        "delays": float(len(late)),
    }


def _told_at(found: promises.Promises, journeys: terms.Journeys) -> terms.Days:
    """Return when the ledger could say it: when the row that settled it was recorded."""
    known = found.settled_row >= 0
    return np.where(known, journeys.recorded[np.where(known, found.settled_row, 0)], np.nan)


def _truth(operator: made.Made) -> tuple[terms.Codes, terms.Days]:
    """Return for each row (n,) what became of the promise it made, and when: by what it truly led to."""
    journeys, cause = operator.journeys, operator.cause
    truth = np.full(len(journeys), UNTOLD, np.int32)
    at = np.full(len(journeys), np.nan)
    told = signs.column(journeys=journeys, name="promise")
    kept = signs.where(words=told, holds=lambda word: word == "kept")
    broke = signs.where(words=told, holds=lambda word: word == "broken")
    kind = signs.column(journeys=journeys, name="kind")
    visit = signs.where(words=kind, holds=lambda word: word == "visit")
    due = signs.number(journeys=journeys, name="promised_at")
    for effect in np.flatnonzero((cause >= 0) & (kept | broke | visit)).tolist():
        maker = int(cause[effect])
        late = visit[effect] and journeys.occurred[effect] > due[effect] + promises.GRACE_DAYS
        truth[maker] = BROKEN if broke[effect] or late else KEPT
        at[maker] = journeys.occurred[effect]
    return truth, at


def figures(*, total: dict[str, float]) -> dict[str, float | None]:
    """Return precision and recall of kept and broken, and the mean delay."""
    whole = {name: int(value) for name, value in total.items()}
    return {
        "promises": total["promises"],
        "kept_precision": made.share(whole["kept_right"], whole["said_kept"]),
        "kept_recall": made.share(whole["kept_right"], whole["truly_kept"]),
        "broken_precision": made.share(whole["broken_right"], whole["said_broken"]),
        "broken_recall": made.share(whole["broken_right"], whole["truly_broken"]),
        "broken_delay_days": total["delay_days"] / total["delays"] if total["delays"] else None,
    }
