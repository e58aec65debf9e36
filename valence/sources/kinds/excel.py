"""Workbooks of spreadsheets (xlsx, xlsb, xls, ods): dates as dates, one sheet or all that have the same columns."""

from __future__ import annotations

import datetime as dt
import fnmatch
import itertools
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine

from valence.sources import layouts, translating
from valence.sources.files import PIECE, Examined, Layout, Piece, Reading, WrongFile
from valence.terms import Refused

SHOWN = 5
LOOKED = 60
LARGEST = 2 << 30
STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
EVERY = "*"
BAR = "|"

Row = list[Any]


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds a table: its name, which row (from 1) names the columns, and their names."""

    name: str
    header_line: int
    columns: tuple[str, ...]
    rows: int


def sheets(*, path: Path) -> tuple[Sheet, ...]:
    """Return the sheets that hold a table, in their order. Raises WrongFile."""
    book = _book(path)
    found = (_sheet(name, _table(book, name)) for name in book.sheet_names)
    return tuple(one for one in found if one is not None)


def examine(*, path: Path, layout: Layout | None = None) -> Examined:
    """Return the columns and the first records of the sheet or sheets that are meant. Raises WrongFile."""
    meant = chosen(there=sheets(path=path), layout=layout)
    columns, rows = _records(_book(path), meant, layout)
    first = tuple(tuple(row) for row in itertools.islice(rows, SHOWN))
    if not first:
        raise WrongFile("The sheet has a header but no record.")
    return Examined(columns=columns, first=first, records=max(len(first), sum(one.rows for one in meant)))


def sample(*, path: Path, layout: Layout | None, most: int) -> list[Row]:
    """Return the first records of the sheet or sheets that are meant."""
    meant = chosen(there=sheets(path=path), layout=layout)
    return list(itertools.islice(_records(_book(path), meant, layout)[1], most))


def pieces(*, path: Path, reading: Reading, start: int) -> Iterator[Piece]:
    """Yield the records after the first `start`, in pieces of 5,000."""
    memory = translating.Memory()
    meant = chosen(there=sheets(path=path), layout=reading.layout)
    columns, rows = _records(_book(path), meant, reading.layout, memory.left_out)
    done = 0 if reading.id_from else sum(1 for _ in itertools.islice(rows, start))
    nothing: dict[int, Refused] = {}
    while piece := list(itertools.islice(rows, PIECE)):
        read = translating.piece(
            columns=dict(zip(columns, map(list, zip(*piece, strict=True)), strict=True)),
            numbers=range(done + 1, done + len(piece) + 1),
            unreadable=nothing,
            reading=reading,
            memory=memory,
            resume_at=done + len(piece),
        )
        done += len(piece)
        if done > start:
            yield read


def chosen(*, there: Sequence[Sheet], layout: Layout | None) -> tuple[Sheet, ...]:
    """Return the sheets that are meant: those a layout names, else the only one. Raises WrongFile that names them."""
    if not there:
        raise WrongFile("No sheet of the workbook holds a table.")
    listed = ", ".join(one.name for one in there)[:300]
    wanted = layout.sheet if layout else ""
    if not wanted:
        alike = {one.columns for one in there}
        if len(there) > 1 and len(alike) > 1:
            raise WrongFile(f"The workbook holds {len(there)} sheets. Say which one: {listed}.")
        return tuple(there)
    names = [wanted, *wanted.split(BAR)]
    found = tuple(one for one in there if any(one.name == name or fnmatch.fnmatch(one.name, name) for name in names))
    if not found:
        raise WrongFile(f"The workbook has no sheet {wanted!r}. It has: {listed}.")
    return tuple(one for one in found if one.columns == found[0].columns)


def _book(path: Path) -> Any:
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise WrongFile("The file is empty.")
    if start not in STARTS:
        raise WrongFile("The file is no workbook of a spreadsheet.")
    try:
        if start == STARTS[0]:
            _check_size(path)
        return calamine.load_workbook(path)
    except (calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise WrongFile("The workbook is broken, locked with a password, or cut off.") from None


def _check_size(path: Path) -> None:
    """Raise WrongFile where a workbook would unpack to more than any spreadsheet holds."""
    with zipfile.ZipFile(path) as packed:
        size = sum(one.file_size for one in packed.infolist())
    if size > min(LARGEST, max(256 << 20, 300 * path.stat().st_size)):
        raise WrongFile(f"The workbook unpacks to {size >> 20:,} MB: too much.")


def _table(book: Any, name: str) -> Iterator[Row]:
    try:
        sheet = book.get_sheet_by_name(name)
        yield from ([_plain(cell) for cell in row] for row in sheet.iter_rows())
    except calamine.CalamineError:
        return


def _sheet(name: str, rows: Iterator[Row]) -> Sheet | None:
    first = list(itertools.islice(rows, LOOKED))
    place = layouts.header_at(rows=[[_text(cell) for cell in row] for row in first])
    header = _trimmed(first[place]) if first else []
    below = len(first) - place - 1 + sum(1 for _ in rows)
    if len(header) < 2 or below < 1:
        return None
    return Sheet(name=name, header_line=place + 1, columns=tuple(layouts.unique(header=header)), rows=below)


def _records(
    book: Any, meant: Sequence[Sheet], layout: Layout | None, left_out: Counter[str] | None = None
) -> tuple[tuple[str, ...], Iterator[Row]]:
    line = layout.header_line if layout and layout.header_line > 1 else 0

    def rows() -> Iterator[Row]:
        for sheet in meant:
            table = _table(book, sheet.name)
            below = itertools.islice(table, line or sheet.header_line, None)
            width = len(sheet.columns)
            said = [(row + [""] * width)[:width] for row in below if any(_said(row))]
            yield from _without_totals(said, width, Counter() if left_out is None else left_out)

    return meant[0].columns, rows()


def _without_totals(rows: list[Row], width: int, left_out: Counter[str]) -> list[Row]:
    while rows and layouts.is_total(row=[_text(cell) for cell in rows[-1]], width=width):
        rows.pop()
        left_out[translating.TOTALS] += 1
    return rows


def _said(row: Row) -> Iterator[bool]:
    return (cell not in ("", None) for cell in row)


def _trimmed(row: Row) -> list[str]:
    """Return the names of columns; empty cells at the end are none."""
    names = [_text(cell) for cell in row]
    while names and not names[-1].strip():
        names.pop()
    return names


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _plain(cell: Any) -> Any:
    """Return a cell as text, number or time; whole numbers, which workbooks keep as 7.0, without a point."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a local day, the zone comes with the file
    return cell
