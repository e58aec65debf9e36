"""What would become of the first records of a file: the same steps as an import, with nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from valence.flows import imports
from valence.intake import batch as intake_batch
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.sources import mapping, registry
from valence.terms import RawRecords, Refused

SHOWN = 10


@dataclass(frozen=True)
class Tried:
    """One record: its number in the file, its fields under our names, and why it would be refused (None: it fits)."""

    number: int
    fields: Mapping[str, str]
    refused: Refused | None


def first(
    *, kind: str, path: Path, record_kind: str | None, mapped: Mapping[str, Any] | None, now: datetime
) -> tuple[Tried, ...]:
    """Return the first records with what would become of each. Raises sources.files.WrongFile."""
    source = registry.kind_of(name=kind)
    columns = source.examine(path=path).columns
    chosen = mapping.choose(
        columns=columns, known=imports.KNOWN, mapped=mapping.checked(mapped), kind=record_kind or ""
    )
    if chosen.missing:
        return ()
    piece = next(iter(source.pieces(path=path, reading=chosen.reading(), start=0)), None)
    if piece is None:
        return ()
    records = _cut(piece.records)
    given = intake_batch.Given(now=now, keys_of=lambda ids: dict.fromkeys(ids, 1))
    admit = interaction_intake.admit if piece.record_kind == "interactions" else customer_intake.admit
    refused = admit(records=records, given=given).refused
    return tuple(
        Tried(number=number, fields=_said(records, place), refused=refused.get(place))
        for place, number in enumerate(records.numbers)
    )


def _cut(records: RawRecords) -> RawRecords:
    return RawRecords(
        numbers=records.numbers[:SHOWN],
        columns={name: column[:SHOWN] for name, column in records.columns.items()},
        unreadable={place: why for place, why in records.unreadable.items() if place < SHOWN},
    )


def _said(records: RawRecords, place: int) -> dict[str, str]:
    said = {name: column[place] for name, column in records.columns.items()}
    return {
        name: str(value)[:80] for name, value in said.items() if isinstance(value, str | int | float) and value != ""
    }
