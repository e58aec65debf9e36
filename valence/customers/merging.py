"""The population with customers of several keys as one row each. Values in, values out: nothing is read here.

The lines of one customer are few: plain lists are ten times as quick for them as arrays.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from valence.customers import rules_links
from valence.terms import History, Keys, Merged, Relationships, Words

UNKNOWN = -1
Tell = Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class _Line:
    """One key's part of a merged customer: its row in the population, and from when to when (days, inf: still)."""

    row: int
    joined: float
    left: float


Group = list[_Line]
"""The lines of one customer, the one they joined last first."""


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
    order = np.lexsort((people.keys[rows], people.joined[rows], owner))[::-1]
    ones, groups = _grouped(people, owner[order].tolist(), rows[order].tolist())
    return _joined(people, several, np.array(ones, np.int64), groups)


def _grouped(people: Relationships, owners: list[int], rows: list[int]) -> tuple[list[int], list[Group]]:
    joined, left = people.joined.tolist(), np.where(np.isnan(people.left), np.inf, people.left).tolist()
    found: dict[int, Group] = {}
    for owner, row in zip(owners, rows, strict=True):
        found.setdefault(owner, []).append(_Line(row, joined[row], left[row]))
    return list(found), list(found.values())


def _joined(people: Relationships, several: NDArray[np.bool_], ones: Keys, groups: Sequence[Group]) -> Relationships:
    alone = people.taken(~several)
    keys = np.concatenate([alone.keys, ones])
    order = np.argsort(keys, kind="stable")
    still = [_still(lines) for lines in groups]
    left = np.array([lines[0].left for lines in still])
    value = people.monthly_value.tolist()
    added = np.array([_added([value[line.row] for line in lines]) for lines in still])
    leads = np.array([lines[0].row for lines in still], np.int64)
    return Relationships(
        keys=keys[order],
        joined=np.concatenate([alone.joined, [lines[-1].joined for lines in groups]])[order],
        left=np.concatenate([alone.left, np.where(np.isinf(left), np.nan, left)])[order],
        voluntary=np.concatenate([alone.voluntary, people.voluntary[leads]])[order],
        monthly_value=np.concatenate([alone.monthly_value, added])[order],
        words={
            name: _words(words, alone.words[name], name, groups, still, order) for name, words in people.words.items()
        },
        history={
            name: _history(alone.history[name], _pasts(past, groups), order) for name, past in people.history.items()
        },
    )


def _still(lines: Group) -> Group:
    """Return the lines a customer still has, the one they joined last first; where none is left, the last to leave."""
    end = max(line.left for line in lines)
    return [line for line in lines if line.left == end]


def _words(
    words: Words, alone: Words, name: str, groups: Sequence[Group], still: Sequence[Group], order: Keys
) -> Words:
    """Return a word of everybody: of the newest line that says it; whom they came from, of the first."""
    codes = words.codes.tolist()
    asked = [lines[::-1] for lines in groups] if name == "switched_from" else still
    said = np.array([_first_known([codes[line.row] for line in lines]) for lines in asked], np.int32)
    return Words(codes=np.concatenate([alone.codes, said])[order], vocabulary=words.vocabulary)


def _first_known(values: Sequence[float]) -> float:
    return next((value for value in values if value != UNKNOWN), UNKNOWN)


def _added(values: Sequence[float]) -> float:
    found = rules_links.added(None if math.isnan(value) else value for value in values)
    return math.nan if found is None else found


def _pasts(history: History, groups: Sequence[Group]) -> list[list[tuple[float, float]]]:
    """Return for each customer the values one field has had, as (since, value), since rising."""
    tell: Tell = _added if history.values.dtype.kind == "f" else _first_known
    since, values = history.since.tolist(), history.values.tolist()
    starts = np.searchsorted(history.row, [line.row for lines in groups for line in lines])
    ends = np.searchsorted(history.row, [line.row for lines in groups for line in lines], "right")
    pieces = iter(zip(starts.tolist(), ends.tolist(), strict=True))
    pasts = []
    for lines in groups:
        bounds = [next(pieces) for _ in lines]
        each = [(since[start:end], values[start:end]) for start, end in bounds]
        pasts.append(_past(lines, each, tell))
    return pasts


def _past(lines: Group, said: Sequence[tuple[list[float], list[float]]], tell: Tell) -> list[tuple[float, float]]:
    """Return the past of one field: the rule of today at every moment at which a line began, ended or changed."""
    moments = {line.joined for line in lines} | {line.left for line in lines if line.left != math.inf}
    moments.update(moment for since, _ in said for moment in since)
    past: list[tuple[float, float]] = []
    for moment in sorted(moments):
        value = tell([values[max(bisect_right(since, moment) - 1, 0)] for since, values in _there(lines, said, moment)])
        if not past or not _equal(past[-1][1], value):
            past.append((moment, value))
    return past


def _there(
    lines: Group, said: Sequence[tuple[list[float], list[float]]], moment: float
) -> list[tuple[list[float], list[float]]]:
    """Return what the lines say that a customer had at a moment (days); where none was left, those that left last."""
    there = [each for line, each in zip(lines, said, strict=True) if line.joined <= moment < line.left]
    if there:
        return there
    end = max(line.left for line in lines if line.joined <= moment)
    return [each for line, each in zip(lines, said, strict=True) if line.joined <= moment and line.left == end]


def _equal(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _history(alone: History, pasts: Sequence[list[tuple[float, float]]], order: Keys) -> History:
    """Return the history of everybody, rows counted in the new order."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    before = len(order) - len(pasts)
    owners = np.repeat(np.arange(before, len(order)), [len(past) for past in pasts])
    row = place[np.concatenate([alone.row.astype(np.int64), owners])]
    since = np.concatenate([alone.since, [moment for past in pasts for moment, _ in past]])
    new = np.array([value for past in pasts for _, value in past])
    values = np.concatenate([alone.values, new.astype(alone.values.dtype)])
    by = np.lexsort((since, row))
    return replace(alone, row=row[by], since=since[by], values=values[by])
