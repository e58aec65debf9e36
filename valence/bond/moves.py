"""What moves a customer now: how many times each interaction, and each pair, raises or lowers the hazard of leaving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond import effects, saying
from valence.bond.context import Pressure
from valence.bond.marks import Marked, read
from valence.bond.model import Model


@dataclass(frozen=True)
class Moves:
    """Strongest first, (m,). times: factor on the hazard (above 1 raises), with its 95 % range low..high.

    row: the interaction, -1 for a pair beyond the sum of its parts. signal: foretells only. words says it.
    """

    row: terms.Keys
    words: NDArray[np.object_]
    times: terms.Floats
    low: terms.Floats
    high: terms.Floats
    signal: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.row)


def moves(
    *,
    model: Model,
    journeys: terms.Journeys,
    relationships: terms.Relationships,
    pressure: Pressure,
    as_of: float,
    marked: Marked | None = None,
) -> Moves:
    """Return what moves the one customer in these journeys at a moment; own effects apart from those of pairs.

    `marked`: the marks of these journeys, where they were read before.
    """
    marked = read(marks=model.marks, journeys=journeys) if marked is None else marked
    nobody, now = np.zeros(1, np.int64), np.array([as_of])
    memory = model.layout.memory(marked=marked, journeys=journeys, customers=nobody, at=now)[0]
    alone = _without_pairs(model)
    causes, both = (
        effects.effects(model=alone, journeys=journeys, marked=marked, customers=nobody, at=now, signals=signals)
        for signals in (False, True)
    )
    signal = ~np.isin(both.row, causes.row)
    spread = both.share_spread.copy()
    low, high = effects.likely(effect=both.share, spread=spread)
    pair, pair_low, pair_high = _pairs(model, memory)
    told = saying.Teller(marks=model.marks, journeys=journeys, marked=marked).words(both.row)
    effect = np.concatenate([both.share, pair])
    order = np.argsort(-np.abs(effect), kind="stable")
    order = order[np.abs(effect[order]) > effects.NOTICEABLE]
    pair_words = np.array([p.words for p in model.layout.pairs], object)
    return Moves(
        row=np.concatenate([both.row, np.full(len(pair), -1)])[order],
        words=np.concatenate([told, pair_words])[order],
        times=np.exp(effect)[order],
        low=np.exp(np.concatenate([low, pair_low]))[order],
        high=np.exp(np.concatenate([high, pair_high]))[order],
        signal=np.concatenate([signal, np.zeros(len(pair), np.bool_)])[order],
    )


def _without_pairs(model: Model) -> Model:
    weights, draws = model.weights.copy(), model.draws.copy()
    count = len(model.layout.pairs)
    if count:
        weights[-count:], draws[:, -count:] = 0.0, 0.0
    return model.replaced(weights=weights, draws=draws)


def _pairs(model: Model, memory: terms.Floats) -> tuple[terms.Floats, terms.Floats, terms.Floats]:
    """Return the pairs' parts of the log-hazard and their 95 % ranges, (k,) each."""
    count = len(model.layout.pairs)
    if not count:
        return np.empty(0), np.empty(0), np.empty(0)
    # What a pair does on top of the rest, where harm saturates.
    columns = model.columns(memory[None, :])
    together = model.sloped(columns)[0, -count:]
    spread = together * model.draws[:, -count:].std(0)
    low, high = effects.likely(effect=together * model.pair, spread=spread)
    return together * model.pair, low, high
