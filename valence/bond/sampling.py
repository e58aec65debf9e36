"""Case-base sampling: every voluntary loss, random customer-days beside them, and the landmarks to test on.

Hanley & Miettinen 2009: with base moments drawn at a known rate from all days at risk, logistic regression with
that rate as offset estimates the log-hazard itself. Losses stay whole up to MOST_CASES; beyond, a known share of them.
Who is picked depends on each customer's lot alone: not on keys, nor on who is sampled beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond import decay, lots
from valence.bond import marks as reading
from valence.bond.context import Context, Pressure, context
from valence.bond.mark import Mark

HALF_LIVES = (8.0, 16.0, 32.0, 64.0, 128.0)
BASE_FOR_A_LOSS = 30.0
FEWEST_BASE = 4_000
MOST_CASES = 30_000
MOST_BASE = 170_000
LANDMARK_ROWS = 12_000
LANDMARK_LOSSES = 8_000
LANDMARK_LAGS = (30.0, 60.0, 90.0, 120.0, 150.0, 180.0)
LANDMARK_HORIZON = 90.0
CASE, BASE, LANDMARK, ANSWER = 1, 0, 2, 3


@dataclass(frozen=True)
class CaseBase:
    """Sampled moments of customers, in the order of lots and time, landmarks last.

    sums (n, h, marks) by HALF_LIVES; all else (n,).
    lot: the customer's.
    kind: CASE (a voluntary loss), BASE (a random day at risk), LANDMARK (a day on which everybody was looked at) or
    ANSWER (`answers`).
    offset: minus the log of the sampling rate. weight: customers a landmark row stands for.
    ends: days until the customer left (inf: not known to have left); voluntary: whether by choice.
    """

    lot: lots.Lots
    at: terms.Days
    kind: NDArray[np.int8]
    offset: terms.Floats
    weight: terms.Floats
    ends: terms.Floats
    voluntary: NDArray[np.bool_]
    sums: decay.Sums
    context: Context

    def __len__(self) -> int:
        return len(self.lot)

    def taken(self, which: NDArray[np.bool_] | terms.Keys | slice) -> CaseBase:
        """Return some of the rows; a slice copies nothing."""
        chosen: terms.Keys | slice
        if isinstance(which, slice):
            chosen = which
        else:
            chosen = np.flatnonzero(which) if which.dtype == np.bool_ else which.astype(np.int64)
        return CaseBase(
            lot=self.lot[chosen],
            at=self.at[chosen],
            kind=self.kind[chosen],
            offset=self.offset[chosen],
            weight=self.weight[chosen],
            ends=self.ends[chosen],
            voluntary=self.voluntary[chosen],
            sums=self.sums[chosen],
            context=self.context.taken(chosen),
        )

    def lean(self) -> CaseBase:
        """Return the same without the sums, for who has made rows of them already."""
        return replace(self, sums=np.empty((len(self), 0, 0), np.float32))

    def divided(self) -> tuple[CaseBase, CaseBase]:
        """Return what is learned from, and the landmarks. Nothing is copied."""
        cut = int(np.searchsorted(self.kind == LANDMARK, True))
        return self.taken(slice(cut)), self.taken(slice(cut, None))

    @classmethod
    def joined(cls, samples: list[CaseBase]) -> Self:
        """Return the samples of several buckets as one, the same however customers lay in buckets.

        `samples` is empty afterwards: each goes as soon as it is laid in, so that hardly more than one whole is held.
        """
        columns = {
            name: np.concatenate([getattr(sample, name) for sample in samples])
            for name in ("lot", "at", "kind", "offset", "weight", "ends", "voluntary")
        }
        order = np.lexsort((columns["kind"], columns["at"], columns["lot"], columns["kind"] == LANDMARK))
        return cls(
            context=_joined_contexts([sample.context for sample in samples]).taken(order),
            sums=_joined_sums(samples, order),
            **{name: values[order] for name, values in columns.items()},
        )


def _joined_contexts(contexts: Sequence[Context]) -> Context:
    words = {name: joined_words([each.words[name] for each in contexts]) for name in contexts[0].words}
    return Context(
        tenure=np.concatenate([each.tenure for each in contexts]),
        value=np.concatenate([each.value for each in contexts]),
        pressure=np.concatenate([each.pressure for each in contexts]),
        words=words,
    )


def _joined_sums(samples: list[CaseBase], order: terms.Keys) -> decay.Sums:
    """Return the sums of all samples in this order, laid where they belong at once: they are most of the memory."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    joined = np.empty((len(order), *samples[0].sums.shape[1:]), np.float32)
    first = 0
    while samples:
        part = samples.pop(0).sums
        joined[place[first : first + len(part)]] = part
        first += len(part)
    return joined


def joined_words(parts: Sequence[terms.Words]) -> terms.Words:
    """Return columns of words one after the other, as one column."""
    vocabulary = tuple(dict.fromkeys(word for part in parts for word in part.vocabulary))
    number = {word: i for i, word in enumerate(vocabulary)}
    codes = [np.array([*(number[word] for word in part.vocabulary), -1], np.int32)[part.codes] for part in parts]
    return terms.Words(np.concatenate(codes), vocabulary)


@dataclass(frozen=True)
class _Moments:
    customers: terms.Keys
    at: terms.Days
    kind: int
    offset: float
    weight: terms.Floats


def sample(
    *,
    journeys: terms.Journeys,
    relationships: terms.Relationships,
    marks: Sequence[Mark],
    pressure: Pressure,
    until: float,
    seed: int,
) -> CaseBase:
    """Return the cases, base moments and landmarks of these customers (of one bucket, or of all).

    1. Cases: voluntary losses in [pressure.begins, until], seen just before they left.
    2. Base: a systematic random sample of days at risk, at one rate for all buckets, known from `pressure`.
    3. Landmarks: every 30 days before `until`, about LANDMARK_LOSSES who left soon after and a share of the others.
    journeys.keys must equal relationships.keys. Only what was recorded by each moment counts.
    """
    drawn = lots.of(relationships=relationships, journeys=journeys)
    moments = [
        _cases(relationships, pressure, until, lots.chance(lots=drawn, of_what=seed)),
        _base(relationships, pressure, until, lots.chance(lots=drawn, of_what=seed + 1)),
        *_landmarks(relationships, pressure, until, drawn, seed),
    ]
    marked = reading.read(marks=marks, journeys=journeys)
    looked = [_seen(each, drawn, journeys, relationships, marked, len(marks), pressure, until) for each in moments]
    return CaseBase.joined(looked)


def _case_share(pressure: Pressure) -> float:
    return min(1.0, MOST_CASES / max(1, pressure.losses))


def _base_rate(pressure: Pressure) -> float:
    wanted = np.clip(BASE_FOR_A_LOSS * pressure.losses, FEWEST_BASE, MOST_BASE)
    return float(min(1.0, wanted / max(1.0, pressure.person_days)))


def _cases(relationships: terms.Relationships, pressure: Pressure, until: float, chance: terms.Floats) -> _Moments:
    left = relationships.left
    lost = relationships.voluntary & (left >= pressure.begins) & (left <= until)
    kept = np.flatnonzero(lost & (chance < _case_share(pressure)))
    offset = np.log(_case_share(pressure)) - np.log(_base_rate(pressure))
    return _Moments(kept, left[kept], CASE, float(offset), np.ones(len(kept)))


def _base(relationships: terms.Relationships, pressure: Pressure, until: float, chance: terms.Floats) -> _Moments:
    """A systematic sample: of each customer's days a point each 1 / rate days, the first as the lot says."""
    begins = np.maximum(relationships.joined, pressure.begins)
    ends = np.minimum(np.where(np.isnan(relationships.left), until, relationships.left), until)
    gap = 1.0 / _base_rate(pressure)
    points = np.ceil(np.maximum(0.0, ends - begins) / gap - chance).astype(np.int64)
    customers = np.repeat(np.arange(len(chance)), points)
    number = np.arange(len(customers)) - np.repeat(np.cumsum(points) - points, points)
    at = begins[customers] + (chance[customers] + number) * gap
    offset = np.log(_case_share(pressure)) - np.log(_base_rate(pressure))
    return _Moments(customers, at, BASE, float(offset), np.ones(len(at)))


def _landmarks(
    relationships: terms.Relationships, pressure: Pressure, until: float, drawn: lots.Lots, seed: int
) -> list[_Moments]:
    """Looks at everybody on a day; who stays is thinned to about LANDMARK_ROWS and carries the weight of the rest.

    So is who leaves, to about LANDMARK_LOSSES: what is learned from must not grow with the company.
    """
    share = min(1.0, LANDMARK_ROWS / max(1, pressure.customers))
    share_soon = _share_of_leavers(pressure, until)
    left = np.where(np.isnan(relationships.left), np.inf, relationships.left)
    looks = []
    for lag in LANDMARK_LAGS:
        day = until - lag
        if day < pressure.begins + 60.0:
            continue
        present = (relationships.joined <= day) & (left > day)
        soon = left <= np.minimum(day + LANDMARK_HORIZON, until)
        chance = lots.chance(lots=drawn, of_what=seed + int(lag))
        kept = np.flatnonzero(present & (chance < np.where(soon, share_soon, share)))
        weight = np.where(soon[kept], 1.0 / share_soon, 1.0 / share)
        looks.append(_Moments(kept, np.full(len(kept), day), LANDMARK, 0.0, weight))
    return looks


def _share_of_leavers(pressure: Pressure, until: float) -> float:
    """Return the share that leaves about LANDMARK_LOSSES of those who are lost within LANDMARK_HORIZON."""
    expected = pressure.losses * LANDMARK_HORIZON / max(LANDMARK_HORIZON, until - pressure.begins)
    return min(1.0, LANDMARK_LOSSES / max(1.0, expected))


def _seen(
    moments: _Moments,
    drawn: lots.Lots,
    journeys: terms.Journeys,
    relationships: terms.Relationships,
    marked: reading.Marked,
    size: int,
    pressure: Pressure,
    until: float,
) -> CaseBase:
    customers, at = moments.customers, moments.at
    remembered = decay.sums(
        marked=marked,
        journeys=journeys,
        customers=customers,
        at=at,
        half_lives=np.repeat(np.array(HALF_LIVES)[:, None], size, axis=1),
        before=moments.kind != LANDMARK,
    )
    left = relationships.left[customers]
    return CaseBase(
        lot=drawn[customers],
        at=at,
        kind=np.full(len(at), moments.kind, np.int8),
        offset=np.full(len(at), moments.offset),
        weight=moments.weight,
        ends=np.where(left <= until, left - at, np.inf),
        voluntary=relationships.voluntary[customers],
        sums=remembered,
        context=context(relationships=relationships, customers=customers, at=at, pressure=pressure),
    )
