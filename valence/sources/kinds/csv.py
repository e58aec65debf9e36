"""CSV: UTF-8 with or without a byte order mark, a header, `,` `;` or tab between the fields."""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from valence.sources.files import (
    CHUNK,
    PIECE,
    Examined,
    Piece,
    Reading,
    WrongFile,
    named,
    refuse_other_kinds,
    translated,
)
from valence.terms import RawRecords, Refusal, Refused

LONGEST_LINE = 1 << 20
SHOWN = 5


def examine(*, path: Path) -> Examined:
    """Return the columns and the first records of a file. Raises WrongFile; reads all of it once, in little memory."""
    lines = _checked(path)
    csv.field_size_limit(LONGEST_LINE)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = csv.reader(file, delimiter=_delimiter(file))
            header = [name.strip() for name in next(rows, [])]
            first = tuple(tuple(row) for row in itertools.islice((row for row in rows if row), SHOWN))
        except csv.Error as problem:
            raise WrongFile(f"The file is not CSV: {problem}.") from None
    _check_header(header)
    if not first:
        raise WrongFile("The file has a header but no record.")
    return Examined(columns=tuple(header), first=first, records=max(lines - 1, len(first)))


def pieces(*, path: Path, reading: Reading, start: int) -> Iterator[Piece]:
    """Yield the records after the first `start`, in pieces of 5,000. Raises WrongFile where the file breaks off."""
    csv.field_size_limit(LONGEST_LINE)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = filter(None, csv.reader(file, delimiter=_delimiter(file)))
        names = named(columns=[name.strip() for name in next(rows)], reading=reading)
        done = sum(1 for _ in itertools.islice(rows, start))
        try:
            while piece := list(itertools.islice(rows, PIECE)):
                records = _records(names, piece, done, reading)
                done += len(piece)
                yield Piece(record_kind=reading.record_kind, records=records, resume_at=done)
        except csv.Error as problem:
            raise WrongFile(f"The file breaks off after record {done}: {problem}.") from None


def _records(names: list[str], rows: list[list[str]], done: int, reading: Reading) -> RawRecords:
    width = len(names)
    unreadable: dict[int, Refused] = {}
    if set(map(len, rows)) != {width}:
        for place, row in enumerate(rows):
            if len(row) != width:
                wrong = f"has {len(row)} fields where the header has {width}"
                unreadable[place] = Refused(done + place + 1, Refusal.NOT_AN_OBJECT, wrong)
                rows[place] = (row + [""] * width)[:width]
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return RawRecords(
        numbers=range(done + 1, done + len(rows) + 1),
        columns=translated(columns=columns, reading=reading, size=len(rows)),
        unreadable=unreadable,
    )


@dataclass
class _Seen:
    """What was seen of a file so far."""

    lines: int = 0
    quotes: int = 0
    tail: int = 0


def _checked(path: Path) -> int:
    """Return how many lines the file has, after a look at every byte. Raises WrongFile."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen = _Seen()
    with path.open("rb") as file:
        refuse_other_kinds(start=file.read(8))
        file.seek(0)
        while chunk := file.read(CHUNK):
            _look(chunk, seen)
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                raise WrongFile(f"The file is not UTF-8 (near line {seen.lines}). Save it as UTF-8.") from None
    if not seen.lines and not seen.tail:
        raise WrongFile("The file is empty.")
    if seen.quotes % 2:
        raise WrongFile('The file is broken: a quote (") is opened and never closed.')
    return seen.lines + (1 if seen.tail else 0)


def _look(chunk: bytes, seen: _Seen) -> None:
    if b"\0" in chunk:
        start = chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        what = "is UTF-16, not UTF-8. Save it as UTF-8" if start else "holds NUL bytes: it is not a text file"
        raise WrongFile(f"The file {what} (near line {seen.lines + 1}).")
    breaks = chunk.count(b"\n") or chunk.count(b"\r")
    if not breaks:
        seen.tail += len(chunk)
    else:
        seen.tail = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    if seen.tail >= LONGEST_LINE:
        raise WrongFile(f"Line {seen.lines + breaks + 1} is longer than {LONGEST_LINE:,} characters: it is not CSV.")
    seen.lines += breaks
    seen.quotes += chunk.count(b'"')


def _delimiter(file: TextIO) -> str:
    """Return what stands between the fields: whichever of `,` `;` tab the header has most of."""
    header = file.readline(LONGEST_LINE)
    file.seek(0)
    return max(",;\t", key=header.count)


def _check_header(header: list[str]) -> None:
    if not any(header):
        raise WrongFile("The first line names no columns.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise WrongFile(f"The header names these columns twice: {', '.join(twice)[:200]}.")
    if any(character in name for name in header for character in "\r\n"):
        raise WrongFile("The first line is not a header: a column's name holds a line break.")
