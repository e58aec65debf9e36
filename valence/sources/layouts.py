"""How a text file is laid out: what stands between its fields, how they are quoted, which line names the columns.

Everything is tried on the first lines, and the way is taken in which most of them have the same number of fields.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valence.sources import encodings
from valence.sources.files import Layout
from valence.sources.notation import numbers, times

DELIMITERS = ";\t,|"
LINES = 400
LONGEST = 1 << 20
MOST_LETTERS = 4 << 20
TOTALS = re.compile(
    r"(?i)^\W*(summe|gesamt\w*|total\w*|totaal|razem|suma|soma|sub-?totals?|grand total|ende|end of (file|report)|"
    r"fin( du fichier)?|anzahl|records?|rows?|zeilen|lignes|registros|wiersz\w*|"
    r"\d+ (rows?|records?|zeilen|lignes|filas|wierszy))\b"
)  # fmt: skip
_SEP = re.compile(r"^\ufeff?sep=(.)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A layout, how sure that is, and what was decided, in words for people."""

    layout: Layout
    sure: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Way:
    """One way to split lines: into how many fields, and how many lines have that many."""

    delimiter: str
    quote: str
    escape: str
    width: int
    fitting: float


def find(*, path: Path) -> Found:
    """Return how a text file is laid out. Reads all of its bytes once; never raises for a strange file."""
    encoding = encodings.decide(path=path)
    lines = _first_lines(path, encoding.name)
    way = _way(lines)
    rows = list(_split(lines, way))
    header = header_at(rows=rows)
    layout = Layout(
        encoding=encoding.name,
        delimiter=way.delimiter,
        quote=way.quote,
        escape=way.escape,
        header_line=_line_of(lines, way, header),
    )
    return Found(layout=layout, sure=encoding.sure, words=_said(layout, encoding))


def header_at(*, rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the row that names the columns: the first as wide as most, of names and not of values."""
    widths = Counter(_filled(row) for row in rows if _filled(row) > 1)
    lengths = Counter(len(row) for row in rows if _filled(row) > 1)
    usual = lengths.most_common(1)[0][0] if lengths else 0
    most = max(widths, default=0)
    for place, row in enumerate(rows):
        if len(row) == usual and _filled(row) >= max(2, 0.6 * most) and _are_names(row):
            return place
    return next((place for place, row in enumerate(rows) if len(row) == usual), 0)


def unique(*, header: Sequence[str]) -> list[str]:
    """Return names for columns: without line breaks, `column 3` for an empty one, `Date (2)` for a second `Date`."""
    names: list[str] = []
    for number, said in enumerate(header, start=1):
        name = " ".join(str(said).split()) or f"column {number}"
        again = sum(one == name or re.fullmatch(re.escape(name) + r" \(\d+\)", one) is not None for one in names)
        names.append(f"{name} ({again + 1})" if again else name)
    return names


def is_total(*, row: Sequence[str], width: int) -> bool:
    """Return whether a last row sums up what stands above and is no record: `Summe;;;1.234,56`, `1200 rows`."""
    said = [cell for cell in row if str(cell).strip()]
    if not said:
        return True
    if TOTALS.match(str(said[0]).strip()):
        return len(said) <= max(2, width // 2)
    return width > 2 and len(row) == 1


def _filled(row: Sequence[str]) -> int:
    return sum(bool(str(cell).strip()) for cell in row)


def _are_names(row: Sequence[str]) -> bool:
    said = [str(cell).strip() for cell in row if str(cell).strip()]
    values = sum(numbers.looks_like(value=cell) or times.looks_like(value=cell) or len(cell) > 100 for cell in said)
    return values == 0 and len(set(said)) > 0.7 * len(said)


def _first_lines(path: Path, encoding: str) -> list[str]:
    """Return the first lines, and of what is no text with lines no more than a few millions of letters."""
    lines: list[str] = []
    left = MOST_LETTERS
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        while len(lines) < LINES and left > 0 and (line := file.readline(LONGEST)):
            lines.append(line)
            left -= len(line)
    return lines


def _way(lines: Sequence[str]) -> _Way:
    told = _SEP.match(lines[0]) if lines else None
    delimiters = told[1] if told else DELIMITERS
    quotes = ['"', "'"] if any("'" in line for line in lines) else ['"']
    escapes = ["", "\\"] if any('\\"' in line for line in lines) else [""]
    ways = [_tried(lines, *one) for one in itertools.product(delimiters, quotes, escapes)]
    return max(ways, key=lambda way: (way.width > 1, round(way.fitting, 2) > 0.5, way.fitting * min(way.width, 6)))


def _tried(lines: Sequence[str], delimiter: str, quote: str, escape: str) -> _Way:
    whole = _Way(delimiter, quote, escape, 0, 0.0)
    widths = Counter(len(row) for row in _split(lines, whole) if row)
    if not widths:
        return whole
    width, fitting = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
    return _Way(delimiter, quote, escape, width, fitting / widths.total())


def _split(lines: Sequence[str], way: _Way) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST)
    try:
        yield from _reader(lines, way)
    except csv.Error:
        return


def _reader(lines: Sequence[str], way: _Way) -> Any:
    return csv.reader(
        lines,
        delimiter=way.delimiter,
        quotechar=way.quote,
        escapechar=way.escape or None,
        doublequote=not way.escape,
    )


def _line_of(lines: Sequence[str], way: _Way, row: int) -> int:
    """Return the line, from 1, on which a row begins: a quoted field may hold line breaks."""
    reader = _reader(lines, way)
    for _ in range(row):
        next(reader)
    return int(reader.line_num) + 1


NAMES = {";": "semicolons", "\t": "tabs", ",": "commas", "|": "bars"}


def _said(layout: Layout, encoding: encodings.Decided) -> tuple[str, ...]:
    words = [f"Written in {encoding.name.upper()}: {encoding.why}."]
    words.append(f"Fields stand apart by {NAMES.get(layout.delimiter, layout.delimiter)}.")
    if layout.header_line > 1:
        words.append(f"Line {layout.header_line} names the columns; what stands above is left out.")
    if layout.quote == "'":
        words.append("Fields are quoted by '.")
    if layout.escape:
        words.append('A quote inside a field is written \\".')
    return tuple(words)
