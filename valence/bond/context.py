"""Context: what may confound and is never blamed. Tenure, price, segment, and the pressure of region and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from valence import terms
from valence.bond import decay

WORDS = ("segment", "region", "plan")
MOST_WORDS = 12
FEWEST_ROWS = 50
PRESSURE_HALF_LIVES = (10.0, 40.0)
PRESSURE_PRIOR_LOSSES = 4.0
KNOTS = (30.0, 90.0, 180.0, 365.0, 730.0, 1460.0)
BUMPS = ((365.0, 12.0), (365.0, 35.0), (730.0, 25.0))
TENURE_COLUMNS = len(KNOTS) + len(BUMPS)


@dataclass(frozen=True)
class Pressure:
    """How much more was lost lately, by region and everywhere, from the whole population, using only earlier days.

    regional (r + 1, days, h), general (days, h): log ratios of losses to what the long-run rate expects; the last
    region is the unknown one. begins: first day that is observed. losses, person_days: voluntary losses and days
    at risk in [begins, until).
    """

    regions: tuple[str, ...]
    begins: float
    until: float
    regional: terms.Floats
    general: terms.Floats
    losses: int
    person_days: float
    customers: int

    def rows(self, *, region: terms.Words, at: terms.Days) -> terms.Floats:
        """Return the columns of pressure for customers of these regions at these moments, (n, 2 * half-lives)."""
        number = {name: i for i, name in enumerate(self.regions)}
        where = np.array([number.get(name, len(self.regions)) for name in (*region.vocabulary, "")])[region.codes]
        day = np.clip(np.floor(at - self.begins).astype(np.int64), 0, self.general.shape[0] - 1)
        return np.concatenate([self.regional[where, day], self.general[day]], axis=1)


@dataclass(frozen=True)
class Context:
    """What surrounded customers at some moments, before it becomes columns of a model. All (n,), pressure (n, 2 h)."""

    tenure: terms.Floats
    value: terms.Floats
    pressure: terms.Floats
    words: Mapping[str, terms.Words]

    def taken(self, which: terms.Keys | slice) -> Context:
        """Return the context of some rows only."""
        words = {name: terms.Words(codes=w.codes[which], vocabulary=w.vocabulary) for name, w in self.words.items()}
        return Context(self.tenure[which], self.value[which], self.pressure[which], words)


def pressure(*, relationships: terms.Relationships, until: float) -> Pressure:
    """Return the pressure of regions and time, as known at `until`, from the whole population."""
    begins = observation_begins(relationships=relationships, until=until)
    region = relationships.words.get("region", terms.Words(np.full(len(relationships), -1, np.int32), ()))
    days = max(1, int(np.ceil(until - begins)))
    where = np.where(region.codes >= 0, region.codes, len(region.vocabulary))
    lost = _lost_by(relationships, until)
    losses = np.zeros((len(region.vocabulary) + 1, days))
    day = np.floor(relationships.left[lost] - begins).astype(np.int64)
    inside = (day >= 0) & (day < days)
    np.add.at(losses, (where[lost][inside], day[inside]), 1.0)
    present = _present(relationships, where, begins=begins, days=days, regions=len(losses))
    rate = losses.sum() / max(1.0, present.sum())
    general = _trailing_ratio(losses.sum(0), present.sum(0) * rate)
    expected = present * rate * np.exp(_trailing_ratio(losses.sum(0), present.sum(0) * rate)[..., 0])
    return Pressure(
        regions=region.vocabulary,
        begins=begins,
        until=until,
        regional=_trailing_ratio(losses, expected),
        general=general,
        losses=int(losses.sum()),
        person_days=float(present.sum()),
        customers=int(np.sum(relationships.joined < until)),
    )


def observation_begins(*, relationships: terms.Relationships, until: float) -> float:
    """Return from when on losses would have been seen: those who left earlier are not in the company's data.

    Joining may be years older than the data; days at risk count from about the first leaving that is known.
    """
    joined = relationships.joined[relationships.joined < until]
    left = np.sort(relationships.left[relationships.left <= until])
    if not len(joined):
        return until - 1.0
    if not len(left):
        return float(max(joined.min(), until - 365.0))
    gap = (left[-1] - left[0]) / len(left)
    return float(np.floor(min(until - 1.0, max(joined.min(), left[0] - gap))))


def _lost_by(relationships: terms.Relationships, until: float) -> terms.Keys:
    return np.flatnonzero(relationships.voluntary & (relationships.left <= until))


def _present(
    relationships: terms.Relationships, where: terms.Keys, *, begins: float, days: int, regions: int
) -> terms.Floats:
    """Return how many customers each region had on each day, (regions, days)."""
    change = np.zeros((regions, days + 1))
    left = np.where(np.isnan(relationships.left), np.inf, relationships.left)
    comes = np.clip(np.floor(relationships.joined - begins), 0, days).astype(np.int64)
    goes = np.clip(np.floor(left - begins), 0, days).astype(np.int64)
    np.add.at(change, (where, np.minimum(comes, goes)), 1.0)
    np.add.at(change, (where, goes), -1.0)
    return np.cumsum(change[:, :days], axis=1)


def _trailing_ratio(losses: terms.Floats, expected: terms.Floats) -> terms.Floats:
    """Return log((losses + k) / (expected + k)) of exponentially weighted earlier days, one column a half-life."""
    columns = []
    for half_life in PRESSURE_HALF_LIVES:
        seen, thought = _earlier(losses, half_life), _earlier(expected, half_life)
        columns.append(np.log((seen + PRESSURE_PRIOR_LOSSES) / (thought + PRESSURE_PRIOR_LOSSES)))
    return np.stack(columns, axis=-1)


def _earlier(daily: terms.Floats, half_life: float) -> terms.Floats:
    """Return the exponentially weighted sum of the days strictly before each day, along the last axis."""
    keep = 0.5 ** (1.0 / half_life)
    earlier = np.zeros_like(daily)
    for day in range(1, daily.shape[-1]):
        earlier[..., day] = keep * (earlier[..., day - 1] + daily[..., day - 1])
    return earlier


def context(
    *, relationships: terms.Relationships, customers: terms.Keys, at: terms.Days, pressure: Pressure
) -> Context:
    """Return what surrounded the customers (positions, (n,)) at these moments, using values known by then."""
    words = {name: _word_at(relationships, name, customers, at) for name in WORDS}
    return Context(
        tenure=np.maximum(0.0, at - relationships.joined[customers]),
        value=_value_at(relationships, customers, at),
        pressure=pressure.rows(region=words["region"], at=at),
        words=words,
    )


def _word_at(relationships: terms.Relationships, name: str, customers: terms.Keys, at: terms.Days) -> terms.Words:
    history = relationships.history.get(name)
    if history is not None and len(history.row):
        place, known = _place(history, customers, at)
        return terms.Words(np.where(known, history.values[place], -1).astype(np.int32), history.vocabulary)
    words = relationships.words.get(name)
    if words is None:
        return terms.Words(np.full(len(customers), -1, np.int32), ())
    return terms.Words(words.codes[customers], words.vocabulary)


def _value_at(relationships: terms.Relationships, customers: terms.Keys, at: terms.Days) -> terms.Floats:
    history = relationships.history.get("monthly_value")
    if history is None or not len(history.row):
        return relationships.monthly_value[customers]
    place, known = _place(history, customers, at)
    return np.where(known, history.values[place], np.nan).astype(np.float64)


def _place(
    history: terms.History, customers: terms.Keys, at: terms.Days
) -> tuple[terms.Keys, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    low = np.searchsorted(history.row, customers)
    high = np.searchsorted(history.row, customers, side="right")
    place = decay.bisect(values=history.since, low=low, high=high, at=at) - 1
    return np.maximum(place, 0), place >= low


@dataclass(frozen=True)
class ContextPlan:
    """How context becomes columns: which words stand alone, where prices lie. Part of a model."""

    words: Mapping[str, tuple[str, ...]]
    log_value: float
    log_value_spread: float

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        told = tuple(f"{column} {word}" for column, words in self.words.items() for word in words)
        tenure = (
            *(f"tenure to {knot:g} d" for knot in KNOTS),
            *(f"tenure {day:g}±{width:g} d" for day, width in BUMPS),
        )
        places = ("in the region", "everywhere")
        pressure = (f"pressure {place}, {life:g} d" for place in places for life in PRESSURE_HALF_LIVES)
        return (*tenure, "price", "price squared", "price unknown", *pressure, *told)

    def columns(self, context: Context) -> terms.Floats:
        """Return the columns of the context, (n, len(names)); all of them of the order of 1."""
        parts = [_tenure(context.tenure), self._price(context.value), context.pressure]
        for column, words in self.words.items():
            parts.append(_indicators(context.words[column], words))
        return np.concatenate(parts, axis=1)

    def weighed_ahead(self, context: Context, *, weights: terms.Floats, ahead: terms.Floats) -> terms.Floats:
        """Return columns @ weights so many days ahead, (n, len(ahead)): only the tenure is another then."""
        columns, aging = self.columns(context), TENURE_COLUMNS
        rest = columns[:, aging:] @ weights[aging:]
        tenure = _tenure(np.add.outer(context.tenure, ahead).ravel()) @ weights[:aging]
        return np.asarray(rest[:, None] + tenure.reshape(len(rest), len(ahead)))

    def _price(self, value: terms.Floats) -> terms.Floats:
        known = np.isfinite(value) & (value > 0)
        z = np.where(known, (np.log(np.where(known, value, 1.0)) - self.log_value) / self.log_value_spread, 0.0)
        z = np.clip(z, -3.0, 3.0)
        return np.stack([z, (z**2 - 1.0) * known / 2.0, ~known], axis=1)


def plan(*, context: Context) -> ContextPlan:
    """Return the plan of columns for a sample: its frequent words, the middle and spread of its prices."""
    value = context.value[np.isfinite(context.value) & (context.value > 0)]
    logs = np.log(value) if len(value) else np.zeros(1)
    words = {name: _frequent(context.words[name]) for name in WORDS}
    return ContextPlan(words=words, log_value=float(np.median(logs)), log_value_spread=float(max(0.05, logs.std())))


def _frequent(words: terms.Words) -> tuple[str, ...]:
    counts = np.bincount(words.codes[words.codes >= 0], minlength=len(words.vocabulary))
    order = sorted(range(len(counts)), key=lambda code: (-counts[code], words.vocabulary[code]))[:MOST_WORDS]
    return tuple(words.vocabulary[code] for code in order if counts[code] >= FEWEST_ROWS)


def _indicators(words: terms.Words, wanted: Sequence[str]) -> terms.Floats:
    number = {word: i for i, word in enumerate(wanted)}
    column = np.array([number.get(word, -1) for word in (*words.vocabulary, "")])[words.codes]
    return np.asarray(column[:, None] == np.arange(len(wanted)), np.float64)


def _tenure(tenure: terms.Floats) -> terms.Floats:
    """Piecewise-linear steps in the square root of time, and bumps around one and two years."""
    edges = np.sqrt(np.array([0.0, *KNOTS]))
    root = np.sqrt(np.maximum(tenure, 0.0))
    steps = [(np.clip(root, low, high) - low) / (high - low) for low, high in pairwise(edges)]
    bumps = [np.exp(-0.5 * ((tenure - day) / width) ** 2) for day, width in BUMPS]
    return np.stack([*steps, *bumps], axis=1)
