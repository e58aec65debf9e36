"""The kinds of files that can be brought in. A new kind is a module in kinds/ and a line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from valence.sources.files import Examined, Piece, Reading, WrongFile
from valence.sources.kinds import csv, parquet, xes


class Kind(Protocol):
    """What a kind can do."""

    def examine(self, *, path: Path) -> Examined:
        """Return what a file is, with nothing changed. Raises WrongFile."""

    def pieces(self, *, path: Path, reading: Reading, start: int) -> Iterator[Piece]:
        """Yield its records after the first `start`."""


KINDS: Mapping[str, Kind] = {"csv": csv, "parquet": parquet, "xes": xes}


def kind_of(*, name: str) -> Kind:
    """Return a kind by its name. Raises WrongFile."""
    if name not in KINDS:
        raise WrongFile(f"Files of kind {name!r} are not known; there are {', '.join(KINDS)}.")
    return KINDS[name]
