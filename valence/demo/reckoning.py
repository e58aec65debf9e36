"""The truth about a chunk of customers, as tables: what the law did, and what it would name from recorded facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.demo import hazard, leaving, marks, people, recording, responsibility, sheet, world

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Table = Mapping[str, NDArray[Any]]

CAUSES = ("interactions", "life", "rival", "year", "price", "nothing")
REASONS = ("service", "moved in with someone", "competitor", "price", "price", "other")


@dataclass(frozen=True)
class Chunk:
    """A chunk of customers and all that happened to them until they left."""

    operator: world.World
    who: people.People
    columns: sheet.Columns
    pushes: marks.Pushes
    courses: hazard.Courses
    base: leaving.Base
    leaving: leaving.Leaving
    recorded: recording.Recorded

    def decided(self) -> Floats:
        """Return the midnight before each voluntary leaving, NaN for the others (c,)."""
        left = np.isfinite(self.leaving.at) & self.leaving.voluntary
        start = self.operator.start
        return np.where(left, np.floor(np.where(left, self.leaving.at, start) - start) + start, np.nan)


def landmarks(*, chunk: Chunk, days: Floats) -> Table:
    """Return a row per landmark and customer who is there then: hazard a day, true chances, what came."""
    tables = [_landmark(chunk=chunk, which=which, day=day) for which, day in enumerate(days)]
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]} if tables else {}


def _landmark(*, chunk: Chunk, which: int, day: float) -> Table:
    there = np.flatnonzero((chunk.who.begins < day) & (chunk.leaving.at > day))
    row = int(day - chunk.operator.start)
    hazards = np.exp(chunk.courses.log_hazard[row, there].astype(float) + chunk.base.intercept)
    table: dict[str, NDArray[Any]] = {"customer": there, "landmark": np.full(len(there), day), "hazard": hazards}
    left, voluntary = chunk.leaving.at[there], chunk.leaving.voluntary[there]
    for number, horizon in enumerate(hazard.HORIZONS):
        foreseen = chunk.courses.ahead[which, number, there]
        table[f"p_{horizon}d"] = chunk.base.chance(horizon=number, foreseen=foreseen)
        came = (left < day + horizon) & voluntary
        table[f"left_{horizon}d"] = np.where(day + horizon <= chunk.operator.end, came.astype(float), np.nan)
    return table


@dataclass(frozen=True)
class Losses:
    """The truth about voluntary leavers: `losses` one row each, `effects` one row per interaction that had any."""

    losses: Table
    effects: Table


def losses(*, chunk: Chunk, rng: np.random.Generator) -> Losses:
    """Reckon for every voluntary leaver what did it."""
    operator, columns = chunk.operator, chunk.columns
    decided = chunk.decided()
    true = responsibility.effects(operator=operator, columns=columns, pushes=chunk.pushes, decided=decided, rng=rng)
    seen = recording.known(seen=chunk.recorded.columns)
    plain = marks.pushes(operator=operator, who=chunk.who, columns=seen, severity=np.ones(len(columns["at"])))
    named = responsibility.effects(operator=operator, columns=columns, pushes=plain, decided=decided, rng=rng)
    root = responsibility.roots(columns=columns)
    lost = np.flatnonzero(np.isfinite(decided))
    table = {"customer": lost, "left_at": chunk.leaving.at[lost]}
    table |= _verdict(chunk=chunk, lost=lost, decided=decided, harm=true.harm, named_harm=named.harm, rng=rng)
    table |= _firsts(prefix="", columns=columns, effects=true, root=root, lost=lost)
    table |= _firsts(prefix="named_", columns=columns, effects=named, root=root, lost=lost)
    return Losses(losses=table, effects=_effects(columns=columns, true=true, named=named, root=root))


def _verdict(
    *, chunk: Chunk, lost: Ints, decided: Floats, harm: Floats, named_harm: Floats, rng: np.random.Generator
) -> dict[str, NDArray[Any]]:
    """Return the true attributable fraction, the one from recorded facts, and a cause drawn in proportion."""
    attributable = -np.expm1(-np.maximum(harm[lost], 0))
    around, who = chunk.operator.around, chunk.who
    tenure = decided[lost] - who.joined[lost]
    height, centre, width = around.bump
    week = (decided[lost] - chunk.operator.start).astype(int) // 7
    other = np.stack([
        around.intent * (decided[lost] >= who.intent_at[lost]),
        np.maximum(around.rivals[week, who.region[lost]] * who.pressed[lost], 0),
        height * np.exp(-0.5 * ((tenure - centre) / width) ** 2),
        np.maximum(around.price * np.log(who.price[lost] / 40), 0),
        np.full(len(lost), 0.5),
    ], axis=1)  # fmt: skip
    weights = other / other.sum(axis=1, keepdims=True)
    drawn = 1 + (np.cumsum(weights, axis=1) < rng.random(len(lost))[:, None]).sum(axis=1)
    cause = np.where(rng.random(len(lost)) < attributable, 0, np.minimum(drawn, len(CAUSES) - 1))
    return {
        "attributable": attributable, "named_attributable": -np.expm1(-np.maximum(named_harm[lost], 0)), "cause": cause,
        "intent": decided[lost] >= who.intent_at[lost],
    }  # fmt: skip


def _firsts(
    *, prefix: str, columns: sheet.Columns, effects: responsibility.Effects, root: Ints, lost: Ints
) -> dict[str, NDArray[Any]]:
    """Return for each loss the most harmful interaction and the root with most harm, as rows (-1: none)."""
    harmful = effects.effect > 0
    row, effect = effects.row[harmful], effects.effect[harmful]
    owner = columns["customer"][row]
    top = _largest(owner=owner, row=row, weight=effect, lost=lost)
    begun, place = np.unique(root[row], return_inverse=True)
    summed: Floats = np.bincount(place, weights=effect, minlength=len(begun)).astype(np.float64)
    first = _largest(owner=columns["customer"][begun], row=begun, weight=summed, lost=lost)
    return {f"{prefix}top": top, f"{prefix}root": first, f"{prefix}top_root": np.where(top >= 0, root[top], -1)}


def _largest(*, owner: Ints, row: Ints, weight: Floats, lost: Ints) -> Ints:
    order = np.lexsort((-row, weight, owner))
    last = np.full(int(max(lost.max(initial=0), owner.max(initial=0))) + 1, -1)
    last[owner[order]] = row[order]
    return np.asarray(last[lost])


def _effects(
    *, columns: sheet.Columns, true: responsibility.Effects, named: responsibility.Effects, root: Ints
) -> dict[str, NDArray[Any]]:
    """Return one row per interaction with an effect, true or named."""
    rows = np.union1d(true.row, named.row)
    table: dict[str, NDArray[Any]] = {"row": rows, "root": root[rows]}
    for prefix, found in (("", true), ("named_", named)):
        place = np.searchsorted(rows, found.row)
        for name, values in (("effect", found.effect), ("deletion", found.deletion)):
            table[prefix + name] = np.zeros(len(rows))
            table[prefix + name][place] = values
    table["p_would_have_stayed"] = np.maximum(-np.expm1(-table["deletion"]), 0)
    table["customer"] = columns["customer"][rows]
    return table


def reasons(*, chunk: Chunk, found: Losses, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return what the company wrote down as the reason (c,): often price, whatever it was; None while active."""
    said = np.full(len(chunk.who), None, dtype=object)
    said[np.isfinite(chunk.leaving.at)] = "non-payment"
    rows = found.losses["customer"]
    drawn = rng.random(len(rows))
    honest = np.array(REASONS, dtype=object)[found.losses["cause"]]
    said[rows] = np.where(drawn < 0.5, honest, np.where(drawn < 0.85, "price", "not stated"))
    return said


def departments(*, columns: sheet.Columns, rows: Ints) -> Ints:
    """Return the department codes of rows; -1 stays -1."""
    return np.asarray(np.where(rows >= 0, columns["department"][rows], -1), dtype=np.int64)
