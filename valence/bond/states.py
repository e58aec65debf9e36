"""The state of customers, folded as interactions arrive: O(new rows), in any order, equal to the batch.

A state is the memory vector at the time of the last update. To fold an interaction, what is remembered fades to the
later of both times, and the interaction's marks are added, faded since it occurred: sums add up, order is nothing.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from zipfile import BadZipFile

import numpy as np

from valence import terms
from valence.bond.marks import read
from valence.bond.model import Model


class StateError(ValueError):
    """The bytes are not states of this model."""


@dataclass(frozen=True)
class States:
    """States of customers, sorted by key. keys, at (c,); memory (c, size of the model's layout); model: its version."""

    keys: terms.Keys
    at: terms.Days
    memory: terms.Floats
    model: str

    def __len__(self) -> int:
        return len(self.keys)

    def memory_at(self, *, model: Model, as_of: float) -> terms.Floats:
        """Return the memory vectors faded to `as_of`, (c, size); raises StateError for another model's states."""
        self.check(model=model)
        return _faded(self.memory, np.maximum(0.0, as_of - self.at), model)

    def check(self, *, model: Model) -> None:
        """Raise StateError unless these are states of this model."""
        if self.model != model.version or self.memory.shape[1] != model.layout.size:
            raise StateError(f"states of model {self.model}, not of {model.version}: score again")

    def to_bytes(self) -> bytes:
        """Write the states; from_bytes gives equal ones."""
        buffer = io.BytesIO()
        np.savez(buffer, keys=self.keys, at=self.at, memory=self.memory, model=np.array(self.model))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, written: bytes) -> States:
        """Read states; raises StateError."""
        try:
            with np.load(io.BytesIO(written), allow_pickle=False) as arrays:
                return cls(arrays["keys"], arrays["at"], arrays["memory"], str(arrays["model"]))
        except (OSError, EOFError, KeyError, ValueError, BadZipFile) as problem:
            raise StateError("not states, or damaged ones") from problem


State = States


def empty(*, model: Model, keys: terms.Keys, at: float) -> States:
    """Return the states of customers of whom nothing is known at a moment."""
    memory = np.zeros((len(keys), model.layout.size))
    return States(keys=keys, at=np.full(len(keys), at), memory=memory, model=model.version)


def fold(*, states: States, model: Model, journeys: terms.Journeys) -> States:
    """Return the states with these new interactions in them; every one must be folded exactly once.

    journeys.keys must be among states.keys. A state moves to the latest of its time and the rows' times of
    occurring and of being recorded.
    """
    states.check(model=model)
    marked = read(marks=model.marks, journeys=journeys)
    place = np.searchsorted(states.keys, journeys.keys)
    owner = place[journeys.owners()]
    at = states.at.copy()
    np.maximum.at(at, owner, np.maximum(journeys.occurred, journeys.recorded))
    memory = _faded(states.memory, at - states.at, model)
    who = owner[marked.row]
    age = at[who] - journeys.occurred[marked.row]
    lives = np.array(model.layout.half_lives)
    np.add.at(memory, (who, marked.mark), marked.value * np.exp2(-age / lives[marked.mark]))
    families = model.layout.membership[marked.mark] * marked.value[:, None]
    first = model.layout.own_size
    for family, half_life in enumerate(model.layout.column_half_lives[first:]):
        np.add.at(memory[:, first + family], who, families[:, family] * np.exp2(-age / half_life))
    return States(keys=states.keys, at=at, memory=memory, model=states.model)


def from_journeys(*, model: Model, journeys: terms.Journeys, as_of: float) -> States:
    """Return the states worked out in one batch from everything known at a moment."""
    marked = read(marks=model.marks, journeys=journeys)
    at = np.full(len(journeys.keys), as_of)
    customers = np.arange(len(journeys.keys))
    memory = model.layout.memory(marked=marked, journeys=journeys, customers=customers, at=at)
    return States(keys=journeys.keys, at=at, memory=memory, model=model.version)


def _faded(memory: terms.Floats, days: terms.Floats, model: Model) -> terms.Floats:
    return np.asarray(memory * np.exp2(-days[:, None] / model.layout.column_half_lives))
