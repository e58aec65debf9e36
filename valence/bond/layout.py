"""The layout of what is remembered: which column holds which decayed sum, and which pairs of families meet.

A customer's memory is one vector: the sum of every mark, each with its own half-life, then the sums of families (45
days).
A family's sum counts its marks by the expert's weights, in units of UNIT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from valence import packs, terms
from valence.bond import decay
from valence.bond.mark import Mark
from valence.bond.marks import Marked

PAIR_HALF_LIFE = 45.0
UNIT = 0.5


@dataclass(frozen=True)
class Layout:
    """Marks (m) with their half-lives (m), families (a) and pairs (k) of a model. Memory vectors have m + a columns."""

    marks: tuple[Mark, ...]
    half_lives: tuple[float, ...]
    families: tuple[str, ...]
    pairs: tuple[packs.Pair, ...]

    @property
    def own_size(self) -> int:
        """How many columns hold sums of single marks."""
        return len(self.marks)

    @property
    def size(self) -> int:
        """How many columns a memory vector has."""
        return self.own_size + len(self.families)

    @cached_property
    def column_half_lives(self) -> terms.Floats:
        """The half-life of each column, (size,)."""
        return np.concatenate([self.half_lives, np.full(len(self.families), PAIR_HALF_LIFE)])

    @cached_property
    def membership(self) -> terms.Floats:
        """How much one unit of each mark counts in each family, (m, a)."""
        place = {name: i for i, name in enumerate(self.families)}
        table = np.zeros((len(self.marks), len(self.families)))
        for number, mark in enumerate(self.marks):
            if mark.family in place:
                table[number, place[mark.family]] = abs(mark.weight) / UNIT
        return table

    @cached_property
    def pair_places(self) -> terms.Keys:
        """The two families of each pair, (k, 2)."""
        place = {name: i for i, name in enumerate(self.families)}
        return np.array([[place[name] for name in pair.families] for pair in self.pairs], np.int64).reshape(-1, 2)

    @cached_property
    def harms(self) -> terms.Floats:
        """1 for the columns (own + pairs) whose sum saturates: causes and pairs that are no praise, else 0."""
        own = [mark.is_cause and mark.sign is not packs.Sign.PRAISE for mark in self.marks]
        return np.array([*own, *(pair.sign is not packs.Sign.PRAISE for pair in self.pairs)], np.float64)

    @cached_property
    def causes(self) -> terms.Floats:
        """1 for marks that may be blamed, 0 for signals, (m,)."""
        return np.array([float(mark.is_cause) for mark in self.marks])

    def memory(
        self,
        *,
        marked: Marked,
        journeys: terms.Journeys,
        customers: terms.Keys,
        at: terms.Days,
        before: bool = False,
    ) -> terms.Floats:
        """Return the memory vectors of customers (positions) at moments, (n, size)."""
        sums = decay.sums(
            marked=marked,
            journeys=journeys,
            customers=customers,
            at=at,
            half_lives=np.stack([self.half_lives, np.full(len(self.marks), PAIR_HALF_LIFE)]),
            before=before,
        )
        return self.vectors(own=sums[:, 0], in_pairs=sums[:, 1])

    def vectors(self, *, own: terms.Floats | decay.Sums, in_pairs: terms.Floats | decay.Sums) -> terms.Floats:
        """Return memory vectors (n, size) of sums with the marks' own half-lives and with the pairs', (n, m) each."""
        return np.concatenate([own, in_pairs @ self.membership], axis=1)

    def pair_products(self, memory: terms.Floats) -> terms.Floats:
        """Return S_a * S_b of every pair, (n, k)."""
        families = memory[:, self.own_size :]
        return families[:, self.pair_places[:, 0]] * families[:, self.pair_places[:, 1]]


def layout(*, marks: Sequence[Mark], pack: packs.Pack, half_lives: Sequence[float]) -> Layout:
    """Return the layout for these marks with the pack's pairs."""
    members = {mark.family for mark in marks if mark.family and mark.is_cause}
    pairs = tuple(pair for pair in pack.pairs if set(pair.families) <= members)
    families = tuple(sorted({name for pair in pairs for name in pair.families}))
    return Layout(marks=tuple(marks), half_lives=tuple(half_lives), families=families, pairs=pairs)
