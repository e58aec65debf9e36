"""The log laid by time, beside it: copies of data files of which a page reads the newest days and leaves the rest.

A data file is sorted by customer, so each part of it holds every day there was. Its copy is cut into pieces by time,
and a piece says in its name which time it holds. Nothing is lost with copies: what has none is read from the log
itself. A copy goes with its data file, at once where somebody is erased.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from valence.interactions import columns, delta
from valence.interactions.delta import LogFile, Snapshot
from valence.terms import EPOCH, Progress

NEWER = "newer.parquet"
ROWS_A_PIECE = 131_072
MOST_UNLAID = 100_000
"""So many rows of the log may have no copy: a question reads them whole, in a fraction of a second."""
STEPS = 60


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in microseconds since 1970: at or after `since`, before `until`; None is without end."""

    since: int | None = None
    until: int | None = None

    @property
    def is_all(self) -> bool:
        """Say whether it has neither beginning nor end."""
        return self.since is None and self.until is None


EVER = Stretch()


def between(*, since: datetime | None, until: datetime | None) -> Stretch:
    """Return the stretch of time at or after a moment and before another; None is without end."""
    first, end = (None if at is None else round((at - EPOCH) / timedelta(microseconds=1)) for at in (since, until))
    return Stretch(first, end)


@dataclass(frozen=True)
class Piece:
    """A part of a copy: where it lies, its first and last microsecond since 1970, how many rows it holds."""

    path: str
    low: int
    high: int
    rows: int


@dataclass(frozen=True)
class Copy:
    """A data file by time. newer: where its rows lie that may supersede others, "" where there are none."""

    pieces: tuple[Piece, ...]
    newer: str


@dataclass(frozen=True)
class Near:
    """What to read for a stretch of time: pieces of copies, and whole data files that have none.

    newer: where to look for what supersedes a row, whenever it happened: the same data files, and what copies say.
    """

    paths: tuple[str, ...]
    newer: tuple[str, ...]


def lay(*, folder: Path, most: int | None = None, progress: Callable[[Progress], None] | None = None) -> int:
    """Copy data files by time, the largest first, until few rows are without; return how many rows were copied.

    most: no further file is begun once so many rows were copied. Safe in any process at any time; memory is that of
    one data file.
    """
    current = delta.snapshot(folder=folder)
    without = sorted((file for file in _sorted(current) if not of(folder, file)), key=lambda file: -file.rows)
    left, done = sum(file.rows for file in without), 0
    total = max(0, left - MOST_UNLAID)
    for file in without:
        if left <= MOST_UNLAID or (most is not None and done >= most):
            break
        if _laid(folder, file):
            done += file.rows
        left -= file.rows
        if progress:
            progress(Progress(done=min(done, total), total=total, words="Laying the log by time"))
    return done


def of(folder: Path, file: LogFile) -> Copy | None:
    """Return the copy of a data file, None where there is none yet."""
    place = delta.copy_of(folder=folder, path=file.path)
    return _read(place) if place.is_dir() else None


def near(*, current: Snapshot, within: Stretch) -> Near:
    """Return what to read of the log for a stretch of time."""
    paths, newer = [], []
    for file in current.files:
        copy = of(current.folder, file)
        if copy is None:
            paths.append(str(current.folder / file.path))
            newer += [paths[-1]] if file.revised else []
            continue
        paths += [piece.path for piece in copy.pieces if _overlaps(piece, within)]
        newer += [copy.newer] if copy.newer else []
    return Near(tuple(paths), tuple(newer))


def begin_of(*, current: Snapshot, until: int | None, rows: int) -> int | None:
    """Return since when about so many rows that have a copy happened, before `until`; None where that is about all."""
    pieces = [piece for file in current.files if (copy := of(current.folder, file)) for piece in copy.pieces]
    low, high, number = (np.array([getattr(one, name) for one in pieces], float) for name in ("low", "high", "rows"))
    if not len(pieces):
        return None
    end = float(until) if until is not None else float(high.max()) + 1
    long = np.maximum(high - low, 1.0)

    def after(since: float) -> float:
        return float((number * np.clip((np.minimum(high, end) - np.maximum(low, since)) / long, 0, 1)).sum())

    first, last = float(low.min()), end
    if after(first) <= 2 * rows:
        return None
    for _ in range(STEPS):
        middle = (first + last) / 2
        first, last = (middle, last) if after(middle) > rows else (first, middle)
    return int(first)


def _sorted(current: Snapshot) -> Iterator[LogFile]:
    """Give the data files that stay for a while: loose ones are soon sorted into others."""
    return (file for file in current.files if file.bucket != delta.LOOSE)


def _laid(folder: Path, file: LogFile) -> bool:
    """Copy one data file; False where it is gone meanwhile, or somebody else was quicker.

    The copy appears whole or not at all. Who deletes a data file deletes its copy after it: where the file is gone by
    the time the copy is there, nobody else would.
    """
    place = delta.copy_of(folder=folder, path=file.path)
    begun = place.with_name(f"{delta.BEGUN}{uuid.uuid4().hex}")
    begun.mkdir(parents=True)
    try:
        _write(begun, folder / file.path)
        begun.rename(place)
    except (FileNotFoundError, FileExistsError):
        return False
    except OSError:
        if place.is_dir():
            return False
        raise
    finally:
        shutil.rmtree(begun, ignore_errors=True)
    delta.sync_folder(path=place.parent)
    if not (folder / file.path).exists():
        shutil.rmtree(place, ignore_errors=True)
        return False
    return True


def _write(place: Path, path: Path) -> None:
    coded = [name for name in delta.DICTIONARIES if columns.TYPES.get(name) == columns.TEXT]
    with pq.ParquetFile(path, read_dictionary=coded, memory_map=True) as file:
        table = file.read()
    at = table["occurred_at"].cast(pa.int64()).to_numpy()
    order = np.argsort(at, kind="stable")
    for start in range(0, len(order), ROWS_A_PIECE):
        part = order[start : start + ROWS_A_PIECE]
        name = f"{at[part[0]]}_{at[part[-1]]}_{len(part)}.parquet"
        delta.put(path=place / name, table=table.take(part).cast(delta.PARQUET_SCHEMA), statistics=["occurred_at"])
    newer = table.filter(pc.greater(table["revision"], 0))
    if len(newer):
        delta.put(path=place / NEWER, table=newer.cast(delta.PARQUET_SCHEMA), statistics=["occurred_at"])
    delta.sync_folder(path=place)


@lru_cache(maxsize=4_096)
def _read(place: Path) -> Copy:
    """Read once what a copy is made of: like its data file it never changes."""
    names = sorted(path.name for path in place.iterdir())
    pieces = tuple(_piece(place, name) for name in names if name != NEWER)
    return Copy(pieces, str(place / NEWER) if NEWER in names else "")


def _piece(place: Path, name: str) -> Piece:
    low, high, rows = (int(part) for part in name.removesuffix(".parquet").split("_"))
    return Piece(str(place / name), low, high, rows)


def _overlaps(piece: Piece, within: Stretch) -> bool:
    after = within.since is None or piece.high >= within.since
    return after and (within.until is None or piece.low < within.until)
