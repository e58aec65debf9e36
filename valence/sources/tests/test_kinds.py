"""Every kind of file keeps the contract of a kind: a new one in kinds/ needs a writer here, and has these tests."""

from __future__ import annotations

import csv
import gzip
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from valence.sources import files, kinds, registry
from valence.sources.files import Piece, Reading, WrongFile

Rows = Sequence[dict[str, str]]
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
ROWS = 12_345


def rows_of(count: int) -> Rows:
    return [
        {
            "interaction_id": f"i{number}", "customer_id": f"C-{number // 10}", "kind": "contact",
            "occurred_at": (BEGAN + timedelta(minutes=number)).isoformat(), "text": f'said "so", {number};\nand é',
        }
        for number in range(count)
    ]  # fmt: skip


def write_csv(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_parquet(path: Path, rows: Rows) -> None:
    pq.write_table(pa.Table.from_pylist(list(rows)), path, row_group_size=1_000)


def write_excel(path: Path, rows: Rows) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Tickets")
        for place, row in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            sheet.write_row(place, 0, row)


def write_xes(path: Path, rows: Rows) -> None:
    path.write_bytes(as_xes(rows))


def as_xes(rows: Rows) -> bytes:
    events: dict[str, list[str]] = {}
    for row in rows:
        said = {"concept:name": row["kind"], "concept:instance": row["interaction_id"], "text": row["text"]}
        inside = "".join(f"<string key={quoteattr(key)} value={quoteattr(value)}/>" for key, value in said.items())
        moment = f'<date key="time:timestamp" value="{row["occurred_at"]}"/>'
        events.setdefault(row["customer_id"], []).append(f"<event>{inside}{moment}</event>")
    traces = "".join(
        f'<trace><string key="concept:name" value="{name}"/>{"".join(own)}</trace>' for name, own in events.items()
    )
    return f'<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">{traces}</log>'.encode()


WRITERS: dict[str, Callable[[Path, Rows], None]] = {
    "csv": write_csv, "excel": write_excel, "parquet": write_parquet, "xes": write_xes,
}  # fmt: skip
every_kind = pytest.mark.parametrize("name", list(registry.KINDS))


def read(name: str, path: Path, start: int = 0) -> Iterator[Piece]:
    return registry.kind_of(name=name).pieces(path=path, reading=Reading(), start=start)


def met(pieces: Iterator[Piece]) -> list[tuple[Any, ...]]:
    """Return who met us, when and as what, in the order of the file."""
    columns = ("customer_id", "occurred_at", "kind")
    return [
        row
        for piece in pieces
        if piece.record_kind == "interactions"
        for row in zip(*(piece.records.columns[column] for column in columns), strict=True)
    ]


def test_every_module_of_kinds_is_registered_and_has_a_writer_here() -> None:
    there = {module.name for module in pkgutil.iter_modules(kinds.__path__)}
    assert there == set(registry.KINDS) == set(WRITERS)


@every_kind
def test_what_was_written_is_read_in_order_and_in_bounded_pieces(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"sent.{name}"
    rows = rows_of(ROWS)
    WRITERS[name](path, rows)
    before = path.read_bytes()
    examined = registry.kind_of(name=name).examine(path=path)
    pieces = list(read(name, path))
    assert examined.columns
    assert 0 < len(examined.first) <= 5
    assert examined.records > 0
    assert met(iter(pieces)) == [(row["customer_id"], row["occurred_at"], row["kind"]) for row in rows]
    assert max(len(piece.records) for piece in pieces) <= files.PIECE
    assert path.read_bytes() == before


@every_kind
def test_it_goes_on_after_any_piece_that_was_safe(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"sent.{name}"
    WRITERS[name](path, rows_of(ROWS))
    pieces = list(read(name, path))
    whole = met(iter(pieces))
    stops = [piece.resume_at for piece in pieces]
    assert stops == sorted(stops)
    for place, (here, following) in enumerate(pairwise([*pieces, None])):
        assert here is not None
        if following is None or following.resume_at > here.resume_at:
            done = met(iter(pieces[: place + 1]))
            assert done + met(read(name, path, here.resume_at)) == whole


@every_kind
def test_each_record_has_a_number_and_as_many_values_as_the_others(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"sent.{name}"
    WRITERS[name](path, rows_of(2_500))
    for piece in read(name, path):
        assert {len(column) for column in piece.records.columns.values()} == {len(piece.records.numbers)}
        assert len(set(piece.records.numbers)) == len(piece.records)


@every_kind
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 1000, "körper".encode("latin-1") * 9, b"PAR1" * 9, b"<log><trace>", b"\x1f\x8b\x08 cut"]
)
def test_a_wrong_file_is_named_in_words_for_people(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"sent.{name}"
    path.write_bytes(content)
    with pytest.raises(WrongFile) as wrong:
        registry.kind_of(name=name).examine(path=path)
    said = str(wrong.value)
    assert said.endswith(".")
    assert said[0].isupper()
    assert str(tmp_path) not in said


def test_a_compressed_event_log_is_the_same_log(tmp_path: Path) -> None:
    plain, packed = tmp_path / "sent.xes", tmp_path / "sent.xes.gz"
    write_xes(plain, rows_of(50))
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert met(read("xes", packed)) == met(read("xes", plain))


def test_a_kind_that_is_not_there_is_named() -> None:
    with pytest.raises(WrongFile, match="'xlsx' are not known; there are csv, excel, parquet, xes"):
        registry.kind_of(name="xlsx")
