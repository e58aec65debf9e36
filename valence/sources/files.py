"""What every kind of file gives: a look at it before anything is changed, then its records piece by piece."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from valence.terms import RawRecords

RecordKind = Literal["customers", "interactions"]
PIECE = 5_000
CHUNK = 1 << 20


class WrongFile(Exception):  # noqa: N818 - it is said to people as "wrong file"
    """The file cannot be brought in, and nothing was changed. The text says why, to the person who sent it."""


@dataclass(frozen=True)
class Examined:
    """What a file is before its records are read. `records` is about how many there are, 0 where unknown."""

    columns: tuple[str, ...]
    first: tuple[tuple[Any, ...], ...]
    records: int


@dataclass(frozen=True)
class Piece:
    """Some records of a file. Once they are safe, the file may be resumed at `resume_at`."""

    record_kind: RecordKind
    records: RawRecords
    resume_at: int


@dataclass(frozen=True)
class Reading:
    """How a file is to be read: which of our columns is which of theirs, and what is the same in every record.

    `values` replaces words by words, by our column. `lost_activity` names the activity of an event log that ends a
    relationship.
    """

    record_kind: RecordKind = "interactions"
    columns: Mapping[str, str] | None = None
    constants: Mapping[str, str] | None = None
    values: Mapping[str, Mapping[str, str]] | None = None
    lost_activity: str = ""


MAGIC = {
    b"PAR1": "The file is Parquet, not CSV: import it as `parquet`",
    b"PK\x03\x04": "The file is a zip file or a workbook of a spreadsheet, not CSV. Save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "The file is a workbook of a spreadsheet, not CSV. Save the sheet as CSV",
    b"\x1f\x8b": "The file is compressed. Unpack it first",
    b"<?xml": "The file is XML, not CSV: an event log is imported as `xes`",
}


def refuse_other_kinds(*, start: bytes) -> None:
    """Raise WrongFile where the first bytes of what should be CSV are those of another kind of file."""
    for magic, words in MAGIC.items():
        if start.startswith(magic):
            raise WrongFile(f"{words}.")


def fingerprint(*, path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def named(*, columns: Sequence[str], reading: Reading) -> list[str]:
    """Return our name for each column of a file; a column that is none of ours keeps its own."""
    ours = {theirs: our for our, theirs in (reading.columns or {}).items()}
    taken = set(ours.values()) | set(reading.constants or ())
    names = []
    for column in columns:
        name = ours.get(column, column.strip())
        names.append(f"{name} (theirs)" if column not in ours and name in taken else name)
    return names


def translated(*, columns: Mapping[str, Sequence[Any]], reading: Reading, size: int) -> dict[str, Sequence[Any]]:
    """Return the columns with constants added, words replaced, and the columns of a refused file left out."""
    kept = {name: column for name, column in columns.items() if not name.startswith("refused_")}
    kept |= {name: [value] * size for name, value in (reading.constants or {}).items()}
    for name, words in (reading.values or {}).items():
        if name in kept:
            kept[name] = [words.get(value, value) if isinstance(value, str) else value for value in kept[name]]
    return kept
