"""A sheet on which the processes of the made-up operator write interactions, column by column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.demo import vocabulary

Columns = dict[str, NDArray[Any]]
Rows = NDArray[np.int64]

_WORDS = ("kind", "department", "channel", "touchpoint", "reason", "source", "promise", "scale", "topic")
_NUMBERS = ("wait_minutes", "duration_minutes", "outage_hours", "transfers", "amount", "expected_amount", "score")
_TYPES: dict[str, tuple[Any, Any]] = {
    "customer": (np.int64, -1),
    "at": (np.float64, np.nan),
    "facts": (np.int64, 0),
    "cause": (np.int64, -1),
    "promised_at": (np.float64, np.nan),
    "acts": (np.bool_, True),
    **dict.fromkeys(_WORDS, (np.int16, -1)),
    **dict.fromkeys(_NUMBERS, (np.float64, np.nan)),
}


class Sheet:
    """Collects blocks of rows. A row's number is its place in the sheet, so that a cause can be named before sorting.

    Columns: `customer` (row of the people), `at` and `promised_at` (days since 1970), word columns (codes of
    `vocabulary`), `facts` (bit mask), numbers (NaN unknown), `cause` (row number, -1 none), `acts` (False for what
    has no effect on leaving whatever it looks like).
    """

    def __init__(self) -> None:
        self._blocks: list[Columns] = []
        self._length = 0

    def add(self, *, customer: Rows, at: NDArray[np.float64], **given: Any) -> Rows:
        """Write one row per customer given; words may be given once for all. Returns the row numbers."""
        size = len(customer)
        block = {"customer": customer, "at": at}
        for name, value in given.items():
            kind, _ = _TYPES[name]
            known = vocabulary.code(column=name, word=value) if isinstance(value, str) else value
            block[name] = np.broadcast_to(np.asarray(known, dtype=kind), (size,))
        self._blocks.append(block)
        self._length += size
        return np.arange(self._length - size, self._length)

    def columns(self) -> Columns:
        """Return all rows as columns, in the order written."""
        return {name: self._column(name) for name in _TYPES}

    def _column(self, name: str) -> NDArray[Any]:
        kind, empty = _TYPES[name]
        parts = [block.get(name, np.full(len(block["at"]), empty, dtype=kind)) for block in self._blocks]
        return np.concatenate([np.asarray(part, dtype=kind) for part in parts]) if parts else np.empty(0, dtype=kind)


def kept(*, columns: Columns, order: Rows) -> Columns:
    """Return the rows named, in that order; a cause that is not among them becomes none."""
    place = np.full(len(columns["at"]) + 1, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    chosen = {name: column[order] for name, column in columns.items()}
    chosen["cause"] = place[chosen["cause"]]
    return chosen
