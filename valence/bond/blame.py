"""Blame: why customers who left by choice did, in closed form, with what began it and where it hurt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond import effects, roots, saying, verdicts
from valence.bond.context import Pressure, context
from valence.bond.effects import Effects
from valence.bond.marks import Marked, read
from valence.bond.model import Model

Objects = NDArray[np.object_]
SMALLEST = 1e-4
TOTAL_MISFIT = 0.4
TOTAL_UNSEEN = 0.15


@dataclass(frozen=True)
class Losses:
    """One row for each customer who left by choice, (l,). Rows refer to journeys, -1 is none; words are str.

    customer: position in journeys.keys. Departments are the words of the rows' column.
    """

    customer: terms.Keys
    key: terms.Keys
    left: terms.Days
    attributable: terms.Floats
    attributable_low: terms.Floats
    attributable_high: terms.Floats
    verdict: Objects
    margin: terms.Floats
    top_row: terms.Keys
    top_department: Objects
    root_row: terms.Keys
    root_department: Objects
    began_department: Objects
    hurt_department: Objects
    hurt_row: terms.Keys
    began_words: Objects
    hurt_words: Objects
    competitor_pressure: terms.Floats

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True)
class Shares:
    """One row for each interaction with a share in a loss, (s,), by (loss, row). loss: position in Losses."""

    loss: terms.Keys
    row: terms.Keys
    department: Objects
    words: Objects
    effect: terms.Floats
    effect_low: terms.Floats
    effect_high: terms.Floats
    deletion: terms.Floats
    p_would_have_stayed: terms.Floats
    p_low: terms.Floats
    p_high: terms.Floats
    root_row: terms.Keys
    root_department: Objects

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Blame:
    """What lost the customers of one batch."""

    losses: Losses
    shares: Shares


def blame(
    *,
    model: Model,
    journeys: terms.Journeys,
    relationships: terms.Relationships,
    pressure: Pressure,
    links: terms.Links,
) -> Blame:
    """Return the blame for every voluntary leaver of these relationships.

    1. Effects of every interaction that was known before the customer left, on the log-hazard at that moment.
    2. Roots: up the links, to where the harm began.
    3. Shares with 95 % ranges; verdict from the attributable fraction 1 - exp(-sum of effects).
    4. The loss is counted once, from where it began to where it hurt most.
    journeys.keys must equal relationships.keys.
    """
    leavers = np.flatnonzero(relationships.voluntary & np.isfinite(relationships.left))
    at = relationships.left[leavers]
    marked = read(marks=model.marks, journeys=journeys)
    found = effects.effects(model=model, journeys=journeys, marked=marked, customers=leavers, at=at, before=True)
    root = roots.roots(links=links, rows=len(journeys))
    teller = saying.Teller(marks=model.marks, journeys=journeys, marked=marked)
    shares = _shares(found, journeys, root, teller)
    surrounded = context(relationships=relationships, customers=leavers, at=at, pressure=pressure)
    losses = _losses(model, journeys, relationships, leavers, marked, found, root, teller, surrounded.pressure)
    return Blame(losses=losses, shares=shares)


def _shares(found: Effects, journeys: terms.Journeys, root: terms.Keys, teller: saying.Teller) -> Shares:
    kept = np.flatnonzero((np.abs(found.share) > SMALLEST) | (np.abs(found.deletion) > SMALLEST))
    row = found.row[kept]
    low, high = effects.likely(effect=found.share[kept], spread=found.share_spread[kept])
    gone_low, gone_high = effects.likely(effect=found.deletion[kept], spread=found.deletion_spread[kept])
    return Shares(
        loss=found.sample[kept],
        row=row,
        department=department_of(journeys, row),
        words=teller.words(row),
        effect=found.share[kept],
        effect_low=low,
        effect_high=high,
        deletion=found.deletion[kept],
        p_would_have_stayed=effects.stays(found.deletion[kept]),
        p_low=effects.stays(gone_low),
        p_high=effects.stays(gone_high),
        root_row=root[row],
        root_department=department_of(journeys, root[row]),
    )


def _losses(
    model: Model,
    journeys: terms.Journeys,
    relationships: terms.Relationships,
    leavers: terms.Keys,
    marked: Marked,
    found: Effects,
    root: terms.Keys,
    teller: saying.Teller,
    pressure: terms.Floats,
) -> Losses:
    left = relationships.left[leavers]
    memory = model.layout.memory(marked=marked, journeys=journeys, customers=leavers, at=left, before=True)
    attributable, drawn = _attributable(model, memory)
    verdict, margin = verdicts.verdicts(attributable=attributable, drawn=drawn)
    top = _greatest(found.sample, found.row, found.share, len(leavers))
    began, hurt = _began_and_hurt(found, root, len(leavers))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1) if len(leavers) else (attributable, attributable)
    return Losses(
        customer=leavers,
        key=relationships.keys[leavers],
        left=left,
        attributable=attributable,
        attributable_low=np.minimum(low, attributable),
        attributable_high=np.maximum(high, attributable),
        verdict=verdict,
        margin=margin,
        top_row=top,
        top_department=department_of(journeys, top),
        root_row=began,
        root_department=department_of(journeys, began),
        began_department=department_of(journeys, began),
        hurt_department=department_of(journeys, hurt),
        hurt_row=hurt,
        began_words=teller.words(began),
        hurt_words=teller.words(hurt),
        competitor_pressure=np.exp(pressure[:, 0]),
    )


def _attributable(model: Model, memory: terms.Floats) -> tuple[terms.Floats, terms.Floats]:
    """Return 1 - exp(-sum of effects) (n,) and its draws (n, d), which carry what no draw of weights knows as well.

    Every loss meets the same chances: what is said of it does not depend on who else is worked out with it.
    """
    columns = model.columns(memory)
    total = model.cause_part(memory)
    random = np.random.default_rng(0)
    drawn = total[:, None] + model.sloped(columns) @ (model.cause_draws - model.cause_draws.mean(0)).T
    struck = np.exp(TOTAL_MISFIT * random.standard_normal(drawn.shape[1]))
    unseen = TOTAL_UNSEEN * random.standard_normal(drawn.shape[1])
    return effects.stays(total), effects.stays(drawn * struck + unseen)


def _began_and_hurt(found: Effects, root: terms.Keys, losses: int) -> tuple[terms.Keys, terms.Keys]:
    """Return the root that most harm rolls up to, and of that harm the interaction that hurt most; -1 is none."""
    if not len(found):
        none = np.full(losses, -1)
        return none, none.copy()
    began_at = root[found.row]
    pair = np.stack([found.sample, began_at], axis=1)
    distinct, group = np.unique(pair, axis=0, return_inverse=True)
    harm: terms.Floats = np.bincount(group.ravel(), weights=np.maximum(found.share, 0.0)).astype(np.float64)
    began = _greatest(distinct[:, 0], distinct[:, 1], harm, losses)
    of_it = began_at == began[found.sample]
    return began, _greatest(found.sample[of_it], found.row[of_it], found.share[of_it], losses)


def _greatest(sample: terms.Keys, row: terms.Keys, value: terms.Floats, count: int) -> terms.Keys:
    """Return for each sample the row with the greatest value above SMALLEST, -1 where there is none."""
    order = np.lexsort((value, sample))
    best = np.full(count, -1, np.int64)
    harmful = order[value[order] > SMALLEST]
    best[sample[harmful]] = row[harmful]
    return best


def department_of(journeys: terms.Journeys, rows: terms.Keys) -> Objects:
    """Return the departments of rows as str; "" where unknown or the row is -1."""
    words = journeys.words.get("department")
    if words is None or not len(journeys):
        return np.full(len(rows), "", object)
    names = np.array([*words.vocabulary, ""], object)
    return names[np.where(rows >= 0, words.codes[rows], -1)]
