"""Scores of everybody who is a customer now: bond, chances of leaving, value at risk and why, with likely ranges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond import calibration, effects, saying
from valence.bond.context import Context, Pressure, context
from valence.bond.marks import Marked, read
from valence.bond.model import Model
from valence.bond.states import States

Z = 1.959964
MONTH_BACK = 30.0
CONTEXT_MISFIT = 0.45
BOND_MISFIT = 0.25
SIXTY = 1
MONTHS_A_YEAR = 12.0
PIECE = 50_000


@dataclass(frozen=True)
class Scores:
    """One row for each customer present at as_of, (c,), sorted by key. p_* (c, 3): within 30, 60 and 90 days.

    bond_30d_ago: NaN where she was no customer then. p_clean_60d: the same customer with a clean record.
    value_at_risk: a year's value times the chance of leaving within 60 days (NaN: value unknown).
    why_row: the most harmful interaction that still acts, a row of journeys, -1 none; why_words says it.
    """

    keys: terms.Keys
    bond: terms.Floats
    bond_low: terms.Floats
    bond_high: terms.Floats
    bond_30d_ago: terms.Floats
    p_leave: terms.Floats
    p_low: terms.Floats
    p_high: terms.Floats
    p_clean_60d: terms.Floats
    value_at_risk: terms.Floats
    why_row: terms.Keys
    why_words: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Reading:
    """Bond and chances at some moments, with 95 % ranges: bond* (n,), p* (n, 3)."""

    bond: terms.Floats
    bond_low: terms.Floats
    bond_high: terms.Floats
    p_leave: terms.Floats
    p_low: terms.Floats
    p_high: terms.Floats


def score(
    *,
    model: Model,
    journeys: terms.Journeys,
    relationships: terms.Relationships,
    pressure: Pressure,
    as_of: float,
    marked: Marked | None = None,
) -> Scores:
    """Return the scores of the customers present at `as_of`, from what was recorded by then.

    journeys.keys must equal relationships.keys. `marked`: the marks of these journeys, where they were read before.
    """
    present = present_at(relationships=relationships, as_of=as_of)
    marked = read(marks=model.marks, journeys=journeys) if marked is None else marked
    at = np.full(len(present), as_of)
    memory = model.layout.memory(marked=marked, journeys=journeys, customers=present, at=at)
    earlier = model.layout.memory(marked=marked, journeys=journeys, customers=present, at=at - MONTH_BACK)
    why = _most_harmful(model, journeys, marked, present, at)
    words = saying.Teller(marks=model.marks, journeys=journeys, marked=marked).words(why)
    before = model.scale.bond(model.cause_part(earlier))
    before = np.where(relationships.joined[present] <= as_of - MONTH_BACK, before, np.nan)
    return _scores(model, relationships, pressure, present, as_of, memory, before, why, words)


def score_states(
    *, model: Model, states: States, relationships: terms.Relationships, pressure: Pressure, as_of: float
) -> Scores:
    """Return the scores from states folded online, without any journey; why and a month ago are then unknown.

    states.keys must equal relationships.keys.
    """
    present = present_at(relationships=relationships, as_of=as_of)
    memory = states.memory_at(model=model, as_of=as_of)[present]
    nothing = np.full(len(present), -1, np.int64)
    ago = np.full(len(present), np.nan)
    words = np.full(len(present), "", object)
    return _scores(model, relationships, pressure, present, as_of, memory, ago, nothing, words)


def present_at(*, relationships: terms.Relationships, as_of: float) -> terms.Keys:
    """Return the positions of those who are customers at this moment."""
    left = relationships.left
    return np.flatnonzero((relationships.joined <= as_of) & (np.isnan(left) | (left > as_of)))


def reading(*, model: Model, context: Context, memory: terms.Floats) -> Reading:
    """Return bond and chances of leaving for contexts and memories (n,), with their 95 % ranges."""
    columns = model.columns(memory)
    part = model.cause_part(memory)
    spread = _part_spread(model, columns, part)
    summed = calibration.log_summed_hazard(model=model, context=context, memory=memory)
    reach = Z * _log_hazard_spread(model, context, columns)[:, None]
    return Reading(
        bond=model.scale.bond(part),
        bond_low=model.scale.bond(part + Z * spread),
        bond_high=model.scale.bond(part - Z * spread),
        p_leave=model.calibration.chance(summed),
        p_low=model.calibration.chance(summed - reach),
        p_high=model.calibration.chance(summed + reach),
    )


def _part_spread(model: Model, columns: terms.Floats, part: terms.Floats) -> terms.Floats:
    drawn = (model.cause_draws - model.cause_draws.mean(0)).T
    return np.asarray(np.sqrt(np.var(model.sloped(columns) @ drawn, axis=1) + (BOND_MISFIT * part) ** 2))


def _log_hazard_spread(model: Model, context: Context, columns: terms.Floats) -> terms.Floats:
    """What draws leave open of the log-hazard, what the level of the calibration does, and what context misses."""
    rows = np.concatenate([np.ones((len(columns), 1)), model.plan.columns(context), model.sloped(columns)], axis=1)
    centred = model.draws - model.draws.mean(0)
    level = model.calibration.table[:, 2].mean()
    return np.asarray(np.sqrt(np.var(rows @ centred.T, axis=1) + level**2 + CONTEXT_MISFIT**2))


def _scores(
    model: Model,
    relationships: terms.Relationships,
    pressure: Pressure,
    present: terms.Keys,
    as_of: float,
    memory: terms.Floats,
    ago: terms.Floats,
    why: terms.Keys,
    words: NDArray[np.object_],
) -> Scores:
    at = np.full(len(present), as_of)
    surrounded = context(relationships=relationships, customers=present, at=at, pressure=pressure)
    read_now = _in_pieces(model, surrounded, memory)
    clean = calibration.log_summed_hazard(model=model, context=surrounded, memory=np.zeros_like(memory))
    return Scores(
        keys=relationships.keys[present],
        bond=read_now.bond,
        bond_low=read_now.bond_low,
        bond_high=read_now.bond_high,
        bond_30d_ago=ago,
        p_leave=read_now.p_leave,
        p_low=read_now.p_low,
        p_high=read_now.p_high,
        p_clean_60d=model.calibration.chance(clean)[:, SIXTY],
        value_at_risk=surrounded.value * MONTHS_A_YEAR * read_now.p_leave[:, SIXTY],
        why_row=why,
        why_words=words,
    )


def _in_pieces(model: Model, surrounded: Context, memory: terms.Floats) -> Reading:
    """Read in pieces, so that the draws of many customers never lie in memory at once."""
    pieces = [
        reading(
            model=model,
            context=surrounded.taken(np.arange(first, min(len(memory), first + PIECE))),
            memory=memory[first : first + PIECE],
        )
        for first in range(0, max(1, len(memory)), PIECE)
    ]
    names = ("bond", "bond_low", "bond_high", "p_leave", "p_low", "p_high")
    return Reading(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in names))


def _most_harmful(
    model: Model, journeys: terms.Journeys, marked: Marked, present: terms.Keys, at: terms.Days
) -> terms.Keys:
    found = effects.effects(model=model, journeys=journeys, marked=marked, customers=present, at=at, ranges=False)
    best = np.full(len(present), -1, np.int64)
    order = np.lexsort((found.share, found.sample))
    harmful = order[found.share[order] > effects.NOTICEABLE]
    best[found.sample[harmful]] = found.row[harmful]
    return best
