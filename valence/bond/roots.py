"""Roots: rolling blame up the links, to the interaction with which the harm began.

A cause is followed only where something went wrong there, or before it: a faultless order is not the root of a late
visit. A bill above what was told is followed to what it came from, fault recorded or not: that is where it was not said.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.bond.mark import Mark
from valence.bond.marks import Marked

SURPRISES = ("bill_above", "bill_above_share", "bill_above_amount")


def roots(*, links: terms.Links, faulty: NDArray[np.bool_], surprising: NDArray[np.bool_]) -> terms.Keys:
    """Return for each row of journeys the row its harm began with, itself where nothing led to it, (n,).

    faulty, surprising (n,): where something went wrong; where a bill was above what was told.
    """
    rows = np.arange(len(faulty))
    parent = rows.copy()
    parent[links.effect] = links.cause
    begins = faulty.copy()
    told_there = links.effect[surprising[links.effect]]
    begins[parent[told_there]] = True
    return _furthest(parent, begins)


def _furthest(parent: terms.Keys, begins: NDArray[np.bool_]) -> terms.Keys:
    """Climb all chains step by step and keep the last row on the way that begins harm."""
    best = np.arange(len(parent))
    here = parent.copy()
    moving = here != best
    for _ in range(64):
        if not moving.any():
            break
        best = np.where(moving & begins[here], here, best)
        above = parent[here]
        moving = moving & (above != here)
        here = above
    return best


def faults(*, marks: tuple[Mark, ...], marked: Marked, rows: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where something went wrong by the marks (harm, or a cause of unknown sign with a fact), and surprises."""
    harmful = np.array([_is_fault(mark) for mark in marks], np.bool_)
    told = np.array([mark.value in SURPRISES for mark in marks], np.bool_)
    faulty, surprising = np.zeros(rows, np.bool_), np.zeros(rows, np.bool_)
    faulty[marked.row[harmful[marked.mark]]] = True
    surprising[marked.row[told[marked.mark]]] = True
    return faulty, surprising


def _is_fault(mark: Mark) -> bool:
    if not mark.is_cause:
        return False
    return mark.sign is packs.Sign.HARM or (mark.sign is packs.Sign.FREE and "facts" in mark.when)
