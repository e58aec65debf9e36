"""Short phrases for interactions: "Visit: came late, left a mess"; made from the pack's words and the model's marks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.bond.mark import Mark
from valence.bond.marks import Marked

LONGEST = 200
MOST_PHRASES = 4


@dataclass
class Teller:
    """Says rows of journeys; what it said once it says the same way again."""

    marks: tuple[Mark, ...]
    journeys: terms.Journeys
    marked: Marked
    said: dict[tuple[str, tuple[int, ...]], str] = field(default_factory=dict)

    def words(self, rows: terms.Keys) -> NDArray[np.object_]:
        """Return what happened in these rows as object array of str; "" for the row -1."""
        low = np.searchsorted(self.marked.row, rows)
        high = np.searchsorted(self.marked.row, rows, side="right")
        kinds = self.journeys.words.get("kind")
        told = np.empty(len(rows), object)
        for place, row in enumerate(rows.tolist()):
            code = int(kinds.codes[row]) if kinds is not None and row >= 0 else -1
            kind = kinds.vocabulary[code] if kinds is not None and code >= 0 else ""
            told[place] = (
                self._say(kind, tuple(self.marked.mark[low[place] : high[place]].tolist())) if row >= 0 else ""
            )
        return told

    def _say(self, kind: str, numbers: tuple[int, ...]) -> str:
        key = (kind, numbers)
        if key not in self.said:
            self.said[key] = self._made(kind, numbers)
        return self.said[key]

    def _made(self, kind: str, numbers: tuple[int, ...]) -> str:
        phrases = dict.fromkeys(
            self.marks[number].words
            for number in numbers
            if (self.marks[number].is_cause and "kind" not in self.marks[number].when)
        )
        told = ", ".join(list(phrases)[:MOST_PHRASES])
        name = packs.capital(kind)
        if told and name and told.lower().startswith(name.lower()):
            return packs.capital(told)[:LONGEST]
        return (f"{name}: {told}" if told and name else told or name)[:LONGEST]
