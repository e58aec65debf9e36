"""CSV: as the data contract has it (UTF-8, a header, `,` `;` tab or `|` between the fields), or as a layout says."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from valence.sources import layouts, translating
from valence.sources.files import (
    CHUNK,
    PIECE,
    Examined,
    Layout,
    Piece,
    Reading,
    WrongFile,
    refuse_other_kinds,
)
from valence.terms import Refusal, Refused

LONGEST_LINE = 1 << 20
SHOWN = 5
LAST = 3
OTHERWISE = "If another system exported it so: the page Import, or `valence mapping FILE --save NAME`, reads it"
_QUOTED = re.compile(rb'(?:^|[,;\t|\r\n])[ ]?"')


def examine(*, path: Path, layout: Layout | None = None) -> Examined:
    """Return the columns and the first records of a file. Raises WrongFile; reads all of it once, in little memory."""
    lines = _checked(path, layout)
    with _rows(path, layout) as rows:
        try:
            header = next(rows, [])
            first = tuple(tuple(row) for row in itertools.islice(rows, SHOWN))
        except csv.Error as problem:
            raise WrongFile(f"The file is not CSV: {problem}.") from None
    header = layouts.unique(header=header) if layout else header
    _check_header(header)
    if not first:
        raise WrongFile("The file has a header but no record.")
    above = layout.header_line if layout else 1
    return Examined(columns=tuple(header), first=first, records=max(lines - above, len(first)))


def sample(*, path: Path, layout: Layout | None, most: int) -> list[list[str]]:
    """Return the first records of a file, each as wide as the header."""
    with _rows(path, layout) as rows:
        width = len(next(rows, []))
        try:
            return [(row + [""] * width)[:width] for row in itertools.islice(rows, most)]
        except csv.Error as problem:
            raise WrongFile(f"The file is not CSV: {problem}.") from None


def pieces(*, path: Path, reading: Reading, start: int) -> Iterator[Piece]:
    """Yield the records after the first `start`, in pieces of 5,000. Raises WrongFile where the file breaks off."""
    memory = translating.Memory()
    done = 0
    with _rows(path, reading.layout, memory.left_out) as rows:
        header = next(rows)
        names = layouts.unique(header=header) if reading.layout else header
        if not reading.id_from:  # ids are counted from the start: of equal rows the second is another one
            done = sum(1 for _ in itertools.islice(rows, start))
        try:
            while piece := list(itertools.islice(rows, PIECE)):
                read = _piece(names, piece, done, reading, memory)
                done += len(piece)
                if done > start:
                    yield read
        except csv.Error as problem:
            raise WrongFile(f"The file breaks off after record {done}: {problem}.") from None


def _piece(names: list[str], rows: list[list[str]], done: int, reading: Reading, memory: translating.Memory) -> Piece:
    width = len(names)
    unreadable: dict[int, Refused] = {}
    if set(map(len, rows)) != {width}:
        for place, row in enumerate(rows):
            if len(row) != width:
                if reading.layout is None or len(row) < width or any(row[width:]):  # one `;` too many is no harm
                    wrong = f"has {len(row)} fields where the header has {width}"
                    unreadable[place] = Refused(done + place + 1, Refusal.NOT_AN_OBJECT, wrong)
                rows[place] = (row + [""] * width)[:width]
    return translating.piece(
        columns=dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)),
        numbers=range(done + 1, done + len(rows) + 1),
        unreadable=unreadable,
        reading=reading,
        memory=memory,
        resume_at=done + len(rows),
    )


@contextmanager
def _rows(path: Path, layout: Layout | None, left_out: Counter[str] | None = None) -> Iterator[Iterator[list[str]]]:
    """Give the header, then the records of a file; empty lines are left out. `left_out` counts rows of totals."""
    left_out = Counter() if left_out is None else left_out
    csv.field_size_limit(LONGEST_LINE)
    encoding = layout.encoding if layout else "utf-8-sig"
    with path.open(encoding=encoding, newline="") as file:
        try:
            yield _header_first(
                _of_layout(file, layout, left_out) if layout else csv.reader(file, delimiter=_delimiter(file))
            )
        except UnicodeError:
            raise WrongFile(f"The file is not written in {encoding}.") from None
        except LookupError:
            raise WrongFile(f"There is no encoding {encoding!r}.") from None


def _header_first(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    return itertools.chain(_header(rows), filter(None, rows))  # row by row in C: this is read most


def _header(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for header in itertools.islice(rows, 1):
        yield [name.strip() for name in header]


def _of_layout(file: TextIO, layout: Layout, left_out: Counter[str]) -> Iterator[list[str]]:
    for _ in range(layout.header_line - 1):
        file.readline(LONGEST_LINE)
    rows = csv.reader(
        file,
        delimiter=layout.delimiter,
        quotechar=layout.quote or None,
        quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE,
        escapechar=layout.escape or None,
        doublequote=not layout.escape,
        skipinitialspace=True,
    )
    header = next(rows, [])
    yield header
    yield from _without_totals((row for row in rows if any(row)), len(header), left_out)


def _without_totals(rows: Iterator[list[str]], width: int, left_out: Counter[str]) -> Iterator[list[str]]:
    """Yield the records; of the last three rows, those that only sum up what stands above are left out."""
    held: deque[list[str]] = deque()
    for row in rows:
        held.append(row)
        if len(held) > LAST:
            yield held.popleft()
    while held and layouts.is_total(row=held[-1], width=width):
        left_out[translating.TOTALS] += any(map(str.strip, held.pop()))
    yield from held


@dataclass
class _Seen:
    """What was seen of a file so far. `lines` is the one that is being read, from 1."""

    lines: int = 1
    quotes: int = 0
    tail: int = 0
    opened: bool = False


def _checked(path: Path, layout: Layout | None) -> int:
    """Return how many lines the file has, after a look at every byte. Raises WrongFile."""
    encoding = layout.encoding if layout else "utf-8"
    decoder = _decoder(encoding)
    wide = encoding.startswith(("utf-16", "utf-32"))
    seen = _Seen()
    with path.open("rb") as file:
        refuse_other_kinds(start=file.read(8))
        file.seek(0)
        while chunk := file.read(CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                _refuse_nul(chunk, seen)
                known = "UTF-8" if encoding == "utf-8" else encoding
                raise WrongFile(f"The file is not {known} (near line {seen.lines}). {OTHERWISE}.") from None
            _look(text.encode() if wide else chunk, seen)
    if seen.lines == 1 and not seen.tail:
        raise WrongFile("The file is empty.")
    if seen.quotes % 2 and seen.opened and (layout is None or layout.quote == '"'):
        raise WrongFile('The file is broken: a quote (") is opened and never closed.')
    return seen.lines - 1 + (1 if seen.tail else 0)


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise WrongFile(f"There is no encoding {encoding!r}.") from None


def _refuse_nul(chunk: bytes, seen: _Seen) -> None:
    if b"\0" in chunk:
        start = chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        if start:
            raise WrongFile(f"The file is UTF-16, not UTF-8. {OTHERWISE}.")
        raise WrongFile(f"The file holds NUL bytes: it is not a text file (near line {seen.lines}).")


def _look(chunk: bytes, seen: _Seen) -> None:
    _refuse_nul(chunk, seen)
    breaks = chunk.count(b"\n") or chunk.count(b"\r")
    if not breaks:
        seen.tail += len(chunk)
    else:
        seen.tail = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    if seen.tail >= LONGEST_LINE:
        raise WrongFile(f"Line {seen.lines + breaks} is longer than {LONGEST_LINE:,} characters: it is not CSV.")
    seen.lines += breaks
    quotes = chunk.count(b'"')
    seen.quotes += quotes
    seen.opened = seen.opened or (quotes > 0 and _QUOTED.search(chunk) is not None)


def _delimiter(file: TextIO) -> str:
    """Return what stands between the fields: whichever of `,` `;` tab `|` the header has most of."""
    header = file.readline(LONGEST_LINE)
    file.seek(0)
    return max(",;\t|", key=header.count)


def _check_header(header: list[str]) -> None:
    if not any(header):
        raise WrongFile("The first line names no columns.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise WrongFile(f"The header names these columns twice: {', '.join(twice)[:200]}.")
    if any(character in name for name in header for character in "\r\n"):
        raise WrongFile("The first line is not a header: a column's name holds a line break.")
