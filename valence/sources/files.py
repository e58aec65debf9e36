"""What every kind of file gives: a look at it before anything is changed, then its records piece by piece."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

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
    """Some records of a file. Once they are safe, the file may be resumed at `resume_at`.

    `notices` counts what was read after a rule, such as times in an hour that came twice.
    """

    record_kind: RecordKind
    records: RawRecords
    resume_at: int
    notices: Mapping[str, int] = field(default_factory=dict)


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a file is laid out, where it is not as the data contract has it.

    part: the file inside a zip file. sheet: of a workbook; `*` means all that have the same columns. encoding as Python
    names it. delimiter, quote ("" where quotes mean nothing), escape: of CSV. header_line: which line names the
    columns, from 1; what stands above is left out. zone: of times without an offset, as "Europe/Berlin". as_of: the day
    of the export, from which "12 months" counts back.
    """

    part: str = ""
    sheet: str = ""
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    header_line: int = 1
    zone: str = ""
    as_of: str = ""


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact that holds where a column of theirs holds one of some words."""

    column: str
    words: tuple[str, ...]


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of several interactions that a row tells of: when it was (a column of theirs), and what is different in it.

    name: makes its id different from the row's. columns: ours = theirs, in place of the row's; constants: the same in
    each.
    """

    name: str
    occurred_at: str
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}


@dataclass(frozen=True)
class Reading:
    """How a file is to be read: which of our columns is which of theirs, and what is the same in every record.

    values: words replaced by words, by our column. lost_activity: the activity of an event log that ends a
    relationship. layout: None is the data contract's own. joined: ours = columns of theirs that are written one after
    the other. formats: ours = how its values are written. empties: words that mean that nothing is said. sets: by
    column and word of theirs, which of ours are what. facts: by fact. id_from: columns of theirs whose values make a
    stable id. events: several interactions of one row. one_each: rows of a customer are put together into one.
    """

    record_kind: RecordKind = "interactions"
    columns: Mapping[str, str] | None = None
    constants: Mapping[str, str] | None = None
    values: Mapping[str, Mapping[str, str]] | None = None
    lost_activity: str = ""
    layout: Layout | None = None
    joined: Mapping[str, Sequence[str]] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    empties: tuple[str, ...] = ()
    sets: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    id_from: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    one_each: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether names, words and constants are all that is changed: the data contract's own files."""
        zone = self.layout.zone if self.layout else ""
        more = (self.joined, self.formats, self.empties, self.sets, self.facts, self.id_from, self.events, zone)
        return not any(more) and not self.one_each


MAGIC = {
    b"PAR1": "The file is Parquet, not CSV: import it as `parquet`",
    b"PK\x03\x04": "The file is a workbook of a spreadsheet, not CSV: import it as `excel`",
    b"\xd0\xcf\x11\xe0": "The file is a workbook of a spreadsheet, not CSV: import it as `excel`",
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
