"""What the steps of intake hand on to each other: records side by side, and what was found out about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from valence.terms import RawRecords, Refusal, Refused

Column = Sequence[Any]


class Bad(Exception):  # noqa: N818 - a value, not a failure: it becomes a Refused
    """One value cannot be taken. `wrong` says what is wrong with it, and never repeats it."""

    def __init__(self, reason: Refusal, wrong: str) -> None:
        super().__init__(wrong)
        self.reason = reason
        self.wrong = wrong


@dataclass(frozen=True)
class Given:
    """What intake may look up. `keys_of` returns the surrogate keys of ids; an id that was erased is absent.

    `source` is the default source, `sources` are those ever met.
    """

    now: datetime
    keys_of: Callable[[Collection[str]], Mapping[str, int]]
    source: str = "import"
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Batch:
    """Records on their way in. `refused`, `personal` and `written` are by position in the columns.

    `personal` holds values for the person's encrypted record, `written` the texts as they were before redaction.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Column]
    refused: Mapping[int, Refused] = field(default_factory=dict)
    personal: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    written: Mapping[int, str] = field(default_factory=dict)
    notices: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, name: str, default: Any = "") -> Column:
        """Return a column, or the default in every place where the source has none."""
        found = self.columns.get(name)
        return [default] * len(self) if found is None else found

    def with_columns(self, columns: Mapping[str, Column]) -> Batch:
        """Return the batch with some columns replaced."""
        return replace(self, columns={**self.columns, **columns})

    def with_refused(self, refused: Mapping[int, Refused]) -> Batch:
        """Return the batch with some records refused; the first reason of a record stays."""
        return replace(self, refused={**refused, **self.refused}) if refused else self

    def with_notice(self, name: str, count: int) -> Batch:
        """Return the batch with something counted that the sender should know."""
        return replace(self, notices={**self.notices, name: self.notices.get(name, 0) + count}) if count else self

    def refusing(self, position: int, reason: Refusal, detail: str) -> dict[int, Refused]:
        """Return a refusal of one record."""
        return {position: Refused(number=self.numbers[position], reason=reason, detail=detail)}


Step = Callable[[Batch, Given], Batch]


def start(records: RawRecords) -> Batch:
    """Return the batch of records as their source gave them."""
    return Batch(numbers=records.numbers, columns=records.columns, refused=records.unreadable)


def walk(*, batch: Batch, given: Given, steps: Sequence[Step]) -> Batch:
    """Return the batch after every step, in order."""
    for step in steps:
        batch = step(batch, given)
    return batch


def without_empty(*, batch: Batch, needed: Collection[str]) -> Batch:
    """Return the batch without columns in which nothing is said: many a source sends most of ours empty."""
    kept = {name: column for name, column in batch.columns.items() if name in needed or not _is_empty(column)}
    return replace(batch, columns=kept)


def _is_empty(column: Column) -> bool:
    return not any(column) and column.count("") + column.count(None) == len(column)


def put(batch: Batch, name: str, read: Callable[[Any], Any]) -> Batch:
    """Return the batch with every value of a column read; a value that cannot be taken refuses its record."""
    column = batch.columns.get(name)
    if column is None:
        return batch
    try:
        return batch.with_columns({name: list(map(read, column))})
    except (Bad, TypeError):
        getattr(read, "restart", int)()
        return _put_one_by_one(batch, name, read)


def _put_one_by_one(batch: Batch, name: str, read: Callable[[Any], Any]) -> Batch:
    values: list[Any] = []
    refused: dict[int, Refused] = {}
    for position, raw in enumerate(batch.columns[name]):
        try:
            values.append(read(raw))
        except Bad as bad:
            values.append("")
            refused |= batch.refusing(position, bad.reason, f"{name}: {bad.wrong}")
        except TypeError:
            values.append("")
            refused |= batch.refusing(position, Refusal.BAD_TEXT, f"{name}: one value is needed, not a list or object")
    return batch.with_columns({name: values}).with_refused(refused)
