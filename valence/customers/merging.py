"""The population with customers of several keys as one row each. Values in, values out: nothing is read here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from valence.customers import rules_links
from valence.terms import Codes, Floats, History, Keys, Merged, Relationships, Words

_UNKNOWN = -1


@dataclass(frozen=True)
class _Past:
    """The values one field of one merged customer has had: since when (days), rising, and what."""

    since: list[float]
    values: list[float]


def as_one(*, people: Relationships, merged: Merged) -> Relationships:
    """Return the population with one row for each customer, several keys or not, under the key they are read by.

    What they joined, left and say together is told in rules_links.together; the past of a value is that of the same
    rule at every moment at which one of the lines began, ended or changed.
    """
    several = np.isin(people.keys, merged.keys)
    if not several.any():
        return people
    rows = np.flatnonzero(several)
    owner = merged.canonical_of(people.keys[rows])
    order = np.argsort(owner, kind="stable")
    ones, first = np.unique(owner[order], return_index=True)
    groups = np.split(rows[order], first[1:])
    return _joined(people, several, ones, groups)


def _joined(people: Relationships, several: NDArray[np.bool_], ones: Keys, groups: list[Keys]) -> Relationships:
    alone = people.taken(~several)
    keys = np.concatenate([alone.keys, ones])
    order = np.argsort(keys, kind="stable")
    latest = [_still(people, rows) for rows in groups]
    pasts = {name: _pasts(people, people.history[name], groups) for name in people.history}
    return Relationships(
        keys=keys[order],
        joined=np.concatenate([alone.joined, [people.joined[rows].min() for rows in groups]])[order],
        left=np.concatenate([alone.left, [people.left[lines[0]] for lines in latest]])[order],
        voluntary=np.concatenate([alone.voluntary, [bool(people.voluntary[lines[0]]) for lines in latest]])[order],
        monthly_value=np.concatenate([alone.monthly_value, [_added(people.monthly_value[one]) for one in latest]])[
            order
        ],
        words={
            name: Words(codes=_codes(people, name, alone, groups, latest)[order], vocabulary=words.vocabulary)
            for name, words in people.words.items()
        },
        history={name: _history(alone.history[name], past, order) for name, past in pasts.items()},
    )


def _still(people: Relationships, rows: Keys) -> Keys:
    """Return the lines a customer still has, the one they joined last first; where none is left, the last to leave."""
    left = np.where(np.isnan(people.left[rows]), np.inf, people.left[rows])
    still = rows[left == left.max()]
    return _latest_first(people, still)


def _latest_first(people: Relationships, rows: Keys) -> Keys:
    return rows[np.lexsort((people.keys[rows], people.joined[rows]))[::-1]]


def _codes(people: Relationships, name: str, alone: Relationships, groups: list[Keys], latest: list[Keys]) -> Codes:
    """Return a word of everybody: of the newest line that says it; whom they came from, of the first."""
    codes = people.words[name].codes
    asked = [_latest_first(people, rows)[::-1] for rows in groups] if name == "switched_from" else latest
    said = [_first_known(codes[lines]) for lines in asked]
    return np.concatenate([alone.words[name].codes, np.array(said, dtype=np.int32)])


def _first_known(values: NDArray[np.float64] | Codes) -> int:
    known = values[values != _UNKNOWN]
    return int(known[0]) if len(known) else _UNKNOWN


def _added(values: Floats) -> float:
    found = rules_links.added(None if np.isnan(value) else float(value) for value in values.tolist())
    return np.nan if found is None else found


def _pasts(people: Relationships, history: History, groups: list[Keys]) -> list[_Past]:
    bounds = np.searchsorted(history.row, np.arange(len(people.keys) + 1))
    tell: Callable[[Floats], float] = _added if history.values.dtype.kind == "f" else _first_known
    return [_past(people, history, rows, bounds, tell) for rows in groups]


def _past(people: Relationships, history: History, rows: Keys, bounds: Keys, tell: Callable[[Floats], float]) -> _Past:
    """Return the past of one field: the rule of today at every moment at which a line began, ended or changed."""
    lines = _latest_first(people, rows)
    pieces = [slice(bounds[line], bounds[line + 1]) for line in lines]
    moments = np.concatenate([people.joined[lines], people.left[lines], *(history.since[piece] for piece in pieces)])
    past = _Past(since=[], values=[])
    for moment in np.unique(moments[~np.isnan(moments)]).tolist():
        value = tell(_at(people, history, lines, pieces, moment))
        if not past.since or not _equal(past.values[-1], value):
            past.since.append(moment)
            past.values.append(value)
    return past


def _at(people: Relationships, history: History, lines: Keys, pieces: list[slice], moment: float) -> Floats:
    """Return the values of the lines that a customer had at a moment (days), of all that had begun where none was."""
    begun = people.joined[lines] <= moment
    ended = people.left[lines] <= moment
    there = (
        begun & ~ended if (begun & ~ended).any() else begun & (people.left[lines] == people.left[lines][begun].max())
    )
    found = []
    for piece in (piece for piece, is_there in zip(pieces, there, strict=True) if is_there):
        place = int(np.searchsorted(history.since[piece], moment, "right")) - 1
        found.append(history.values[piece][max(place, 0)] if piece.stop > piece.start else np.nan)
    return np.array(found)


def _equal(one: float, other: float) -> bool:
    return one == other or (np.isnan(one) and np.isnan(other))


def _history(alone: History, pasts: list[_Past], order: Keys) -> History:
    """Return the history of everybody, rows counted in the new order."""
    before = int(len(order) - len(pasts))
    row = np.concatenate([alone.row, *(np.full(len(past.since), before + at) for at, past in enumerate(pasts))])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    since = np.concatenate([alone.since, *(past.since for past in pasts)])
    new = np.array([value for past in pasts for value in past.values])
    values = np.concatenate([alone.values, new.astype(alone.values.dtype)])
    sorted_by = np.lexsort((since, place[row.astype(np.int64)]))
    return replace(alone, row=place[row.astype(np.int64)][sorted_by], since=since[sorted_by], values=values[sorted_by])
