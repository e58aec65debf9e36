"""A head: taught members, how they are blended, when a label is told, and how good it was on held-out texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.text.heads import blending, material, members

FORM = 1
"""Of the stored head. One of a higher number was written by a later Valence."""

PARTS = 3
MANY = 120_000
"""Texts times labels from which on one part in three is held out once, in place of three times."""
STRENGTHS = (0.05, 0.15)
STRENGTHS_MANY = (0.3, 1.0)
MANY_LABELS = 20
FEWEST = 8
"""Examples without which nothing is learned."""


class TooFewExamples(ValueError):  # noqa: N818  said to people as it is
    """There is too little to learn from. Says how many examples there are and how many are needed."""


@dataclass(frozen=True)
class Head:
    """Labels, the members that score them, and their blend.

    `one`: every text carries exactly one of the labels (tone), else any number of them (themes).
    `encoders`: names of the encoders whose vectors it reads, in order. `card`: what it learned from and how good it is.
    """

    labels: tuple[str, ...]
    one: bool
    encoders: tuple[str, ...]
    members: Mapping[str, members.Parts]
    blend: blending.Blend
    card: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _readers(self) -> dict[str, Any]:
        return {name: members.LEARNERS[name][1](parts) for name, parts in self.members.items()}

    def chances(self, *, stuff: material.Material) -> NDArray[np.float64]:
        """Return the chance of every label for every text, calibrated on held-out texts: [n, labels]."""
        scores = {name: reader.scores(stuff) for name, reader in self._readers.items()}
        return self.blend.chances(scores=scores, given=stuff.given)

    def told(self, *, chances: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which labels are told, given their chances: [n, labels]; exactly one a row where `one`."""
        return self.blend.told(chances=chances)


def learn(
    *,
    stuff: material.Material,
    truth: members.Truth,
    labels: Sequence[str],
    one: bool,
    encoders: Sequence[str],
    seed: int = 0,
) -> Head:
    """Learn a head from examples.

    1. Part of the examples is held out in turn, and every kind of learner is taught on the rest.
    2. On what was held out, the strength of the straight line is chosen, then the blend, its calibration, and the
       chance from which on each label is told.
    3. All learners are taught again on all examples.

    truth: [n, labels] of 0 and 1. Raises TooFewExamples.
    """
    if len(stuff) < FEWEST or len(stuff) < len(labels):
        raise TooFewExamples(f"{len(stuff)} examples for {len(labels)} labels; at least {FEWEST} are needed")
    held_out = parts(truth=truth, one=one, seed=seed, count=min(PARTS, len(truth)))
    held_out = held_out[:1] if truth.size >= MANY else held_out
    strength, first = _strength(stuff=stuff, truth=truth, one=one, part=held_out[0])
    held: dict[str, NDArray[np.float64]] = {}
    out = np.concatenate([part for _, part in held_out])
    for kind in members.LEARNERS:
        known = [first] if kind == "straight" else []
        rest = held_out[len(known) :]
        held[kind] = np.concatenate([*known, *(_held_out(kind, stuff, truth, one, strength, part) for part in rest)])
    blend = blending.learn(scores=held, given=stuff.given[out], truth=truth[out], one=one)
    taught = {
        kind: learner(stuff=stuff, truth=truth, one=one, strength=_strength_of(kind, strength))
        for kind, (learner, _) in members.LEARNERS.items()
        if blend.uses(member=kind)
    }
    return Head(labels=tuple(labels), one=one, encoders=tuple(encoders), members=taught, blend=blend)


def carded(*, head: Head, **facts: Any) -> Head:
    """Return the head with more facts on its card."""
    return replace(head, card={**head.card, **facts})


def _held_out(
    kind: str,
    stuff: material.Material,
    truth: members.Truth,
    one: bool,
    strength: float,
    part: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> NDArray[np.float64]:
    learner, reader = members.LEARNERS[kind]
    known, asked = part
    taught = learner(stuff=stuff.at(places=known), truth=truth[known], one=one, strength=_strength_of(kind, strength))
    return reader(taught).scores(stuff.at(places=asked))


def _strength_of(kind: str, strength: float) -> float:
    return strength if kind == "straight" else 0.5


def _strength(
    *, stuff: material.Material, truth: members.Truth, one: bool, part: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> tuple[float, NDArray[np.float64]]:
    """Return the strength of the straight line that does best on one held-out part, and its scores there."""
    choices = STRENGTHS_MANY if truth.shape[1] > MANY_LABELS else STRENGTHS
    tried = {strength: _held_out("straight", stuff, truth, one, strength, part) for strength in choices}

    def goodness(strength: float) -> float:
        guessed = blending.guessed(scores=tried[strength], one=one)
        return blending.macro_and_micro(truth=truth[part[1]], told=guessed)

    best = max(choices, key=goodness)
    return best, tried[best]


def parts(*, truth: members.Truth, one: bool, seed: int, count: int) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return `count` pairs of places (to learn from, to measure on): every label in every part, if it can be."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(truth))
    kinds = truth.argmax(axis=1) if one else truth @ (1 << np.arange(truth.shape[1]) % 40)
    order = order[np.argsort(kinds[order], kind="stable")]
    part = np.empty(len(truth), dtype=int)
    part[order] = np.arange(len(truth)) % count
    return [(np.flatnonzero(part != number), np.flatnonzero(part == number)) for number in range(count)]
