"""Compressed files: what lies inside is unpacked beside the data, within bounds, and goes when it was read."""

from __future__ import annotations

import fnmatch
import gzip
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from valence.sources.files import CHUNK, WrongFile

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
FREE = 64 << 20
RATIO = 300
"""What is unpacked may be 64 MB, or 300 times what was packed: real exports stay far below, bombs do not."""
WORKBOOK = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
MOST_PARTS = 1_000
_HIDDEN = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db|~\$)")
_BESIDES = re.compile(r"(?i)(read.?me|licen[cs]e|liesmich|lisez|leame)[^/]*$|\.(pdf|docx?|html?|md|jpg|png|log)$")


@dataclass(frozen=True)
class Part:
    """What was taken out of a file: its name, and the names of all that lay there ("" and () for a plain file)."""

    path: Path
    name: str = ""
    names: tuple[str, ...] = ()


def is_packed(*, path: Path) -> bool:
    """Return whether a file is gzip, or a zip file that is not itself a workbook."""
    with path.open("rb") as file:
        start = file.read(4)
    return start.startswith(GZIP) or (start == ZIP and not _is_workbook(path))


@contextmanager
def opened(*, path: Path, folder: Path, part: str = "") -> Iterator[Part]:
    """Give the file that lies inside, unpacked into a folder of its own that goes afterwards; or the file itself.

    `part` names the file inside a zip file; `*` stands for anything, as in `tickets_*.csv`. Raises WrongFile.
    """
    if not is_packed(path=path):
        yield Part(path)
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix="unpacked-") as own:
        yield _unpacked(path, Path(own), part)


def names(*, path: Path) -> tuple[str, ...]:
    """Return the files that lie in a zip file and may hold records; none for any other file. Raises WrongFile."""
    with path.open("rb") as file:
        if file.read(4) != ZIP or _is_workbook(path):
            return ()
    try:
        with zipfile.ZipFile(path) as packed:
            return _parts(packed)
    except (zipfile.BadZipFile, NotImplementedError):
        raise WrongFile("The compressed file is broken or cut off.") from None


def pattern(*, name: str) -> str:
    """Return a name with `*` for its digits, so that next month's file is found: `tickets_*.csv`."""
    return re.sub(r"\d+([-_.]\d+)*", "*", name)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            return not set(WORKBOOK).isdisjoint(packed.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _unpacked(path: Path, folder: Path, part: str) -> Part:
    most = _most(path, folder)
    with path.open("rb") as file:
        is_gzip = file.read(2) == GZIP
    try:
        if is_gzip:
            name = path.name.removesuffix(".gz") or "unpacked"
            with gzip.open(path) as inside:
                return Part(_written(inside, folder / name, most), name)
        with zipfile.ZipFile(path) as packed:
            names = _parts(packed)
            name = _chosen(names, part)
            if packed.getinfo(name).flag_bits & 1:
                raise WrongFile("The zip file is locked with a password. Unpack it first.")
            with packed.open(name) as inside:
                return Part(_written(inside, folder / Path(name).name, most), name, names)
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise WrongFile("The compressed file is broken or cut off.") from None


def _most(path: Path, folder: Path) -> int:
    return min(max(FREE, RATIO * path.stat().st_size), shutil.disk_usage(folder).free // 2)


def _parts(packed: zipfile.ZipFile) -> tuple[str, ...]:
    """Return the files that may hold records; notes beside them count only where there is nothing else."""
    if len(packed.namelist()) > MOST_PARTS:
        raise WrongFile(f"The zip file holds more than {MOST_PARTS:,} files.")
    there = [one.filename for one in packed.infolist() if not one.is_dir() and not _HIDDEN.search(one.filename)]
    return tuple([name for name in there if not _BESIDES.search(name)] or there)


def _chosen(names: tuple[str, ...], part: str) -> str:
    found = [
        name for name in names if not part or fnmatch.fnmatch(name, part) or fnmatch.fnmatch(Path(name).name, part)
    ]
    if len(found) == 1:
        return found[0]
    if not names:
        raise WrongFile("The zip file is empty.")
    listed = ", ".join(names)[:400]
    if part and not found:
        raise WrongFile(f"The zip file holds no {part!r}. It holds: {listed}.")
    raise WrongFile(f"The zip file holds {len(names)} files. Say which one (part): {listed}.")


def _written(inside: IO[bytes] | gzip.GzipFile, path: Path, most: int) -> Path:
    done = 0
    with path.open("xb") as out:
        path.chmod(0o600)
        while chunk := inside.read(CHUNK):
            done += len(chunk)
            if done > most:
                raise WrongFile(f"The file unpacks to more than {most >> 20:,} MB: too much for its size or this disk.")
            out.write(chunk)
    return path
