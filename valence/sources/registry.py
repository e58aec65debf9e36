"""The kinds of files that can be brought in. A new kind is a module in kinds/ and a line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from valence.sources.files import Examined, Layout, Piece, Reading, WrongFile
from valence.sources.kinds import csv, excel, parquet, xes


class Kind(Protocol):
    """What a kind can do."""

    def examine(self, *, path: Path, layout: Layout | None = None) -> Examined:
        """Return what a file is, with nothing changed. `layout` None: as the data contract has it. Raises WrongFile."""

    def sample(self, *, path: Path, layout: Layout | None, most: int) -> list[list[Any]]:
        """Return the first records, each with a value for every column. Raises WrongFile."""

    def pieces(self, *, path: Path, reading: Reading, start: int) -> Iterator[Piece]:
        """Yield its records after the first `start`."""


KINDS: Mapping[str, Kind] = {"csv": csv, "excel": excel, "parquet": parquet, "xes": xes}

ENDINGS = {
    **dict.fromkeys(("csv", "txt", "tsv", "tab", "asc", "dat"), "csv"),
    **dict.fromkeys(("xlsx", "xlsm", "xlsb", "xls", "ods"), "excel"),
    **dict.fromkeys(("parquet", "pq"), "parquet"),
    "xes": "xes",
}
"""Which kind a file is by how its name ends."""


def kind_by_name(*, filename: str) -> str:
    """Return which kind a file is by its name, packed (`.gz`) or not; "" where the name does not say it."""
    lower = filename.lower().removesuffix(".gz")
    return ENDINGS.get(lower.rpartition(".")[2], "")


def kind_of(*, name: str) -> Kind:
    """Return a kind by its name. Raises WrongFile."""
    if name not in KINDS:
        raise WrongFile(f"Files of kind {name!r} are not known; there are {', '.join(KINDS)}.")
    return KINDS[name]
