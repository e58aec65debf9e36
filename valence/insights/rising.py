"""Which themes came up more in the last week than their past and their season let expect, counted from texts.

Also how much of each is spoken of badly: a theme may be no more frequent and yet turn sour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valence.terms import Days, Keys, Words
from valence.text import discovery

WEEK = 7.0
MOST_WEEKS = 120
YEAR = 52
SHOWN_WEEKS = 13
BAD = ("negative", "mixed")


@dataclass(frozen=True)
class Rose:
    """A theme that came up more. `bad`: it is its bad mentions that did.

    weeks: mentions of the last SHOWN_WEEKS weeks, oldest first. people: customers behind those of the last week.
    """

    theme: str
    bad: bool
    grew: discovery.Growing
    weeks: tuple[int, ...]
    people: int


@dataclass(frozen=True)
class Rising:
    """What rose. `weeks`: how many whole weeks the past has; `seasonal`: two years are known, so the season counts."""

    rose: tuple[Rose, ...]
    weeks: int
    latest: int
    asked: int
    seasonal: bool


def rising(*, at: Days, customer: Keys, of: Keys, named: Words, toned: Words, until: float) -> Rising:
    """Return which themes rose in the seven days before `until`.

    at, customer (n,): texts; of, named, toned (m,): what is named in them. Every theme is asked about twice, all its
    mentions and its bad ones, and the share of false alarms is held over all of them together.
    """
    weeks = int(min((until - at.min()) // WEEK, MOST_WEEKS)) if len(at) else 0
    ago = np.floor((until - at) / WEEK).astype(int)
    inside = (ago >= 0) & (ago < weeks)
    totals = np.bincount(weeks - 1 - ago[inside], minlength=weeks)[:weeks] if weeks else np.zeros(0, int)
    bad = np.isin(toned.codes, [code for code, word in enumerate(toned.vocabulary) if word in BAD])
    rows = {
        (theme, sour): of[(named.codes == code) & (bad if sour else True) & inside[of]]
        for code, theme in enumerate(named.vocabulary)
        for sour in (False, True)
    }
    counts = {key: np.bincount(weeks - 1 - ago[rows[key]], minlength=weeks)[:weeks] for key in rows} if weeks else {}
    seasonal = weeks > 2 * YEAR
    grown = discovery.growing(
        counts={_joined(key): each.tolist() for key, each in counts.items()},
        totals=totals.tolist(),
        season=YEAR if seasonal else 0,
    )
    apart = {_joined(key): key for key in counts}
    rose = tuple(_rose(apart[one.theme], one, counts, rows, customer, ago) for one in grown)
    return Rising(
        rose=tuple(one for one in rose if not (one.bad and _says_the_same(one, rose))),
        weeks=max(weeks - 1, 0),
        latest=int(totals[-1]) if weeks else 0,
        asked=len(named.vocabulary),
        seasonal=seasonal,
    )


def _joined(key: tuple[str, bool]) -> str:
    return f"{key[0]}{'|bad' if key[1] else ''}"


def _rose(
    key: tuple[str, bool],
    grew: discovery.Growing,
    counts: dict[tuple[str, bool], np.ndarray],
    rows: dict[tuple[str, bool], Keys],
    customer: Keys,
    ago: np.ndarray,
) -> Rose:
    latest = rows[key][ago[rows[key]] == 0]
    return Rose(
        theme=key[0],
        bad=key[1],
        grew=grew,
        weeks=tuple(int(count) for count in counts[key][-SHOWN_WEEKS:]),
        people=len(np.unique(customer[latest])),
    )


def _says_the_same(one: Rose, others: tuple[Rose, ...]) -> bool:
    """Return whether the theme rose as a whole no less than its bad mentions did: one row says it."""
    return any(other.theme == one.theme and not other.bad and other.grew.ratio >= one.grew.ratio for other in others)
