"""The file of a backup: a tar in a zstd stream, said what it is at its beginning and what it holds at its end.

Written and read front to back in bounded memory. Without its last part it is not a backup: nothing half passes for one.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa

FORMAT = 1
HEADER, MANIFEST = "valence-backup.json", "manifest.json"
CHUNK = 1 << 20
MOST_JSON = 256 << 20


class NotABackup(ValueError):  # noqa: N818  named as people say it
    """The file is no backup of Valence, or not a whole one. The text says what is wrong."""


@dataclass(frozen=True)
class Held:
    """One file that a backup holds."""

    size: int
    sha256: str


@dataclass
class Writer:
    """Adds files to a backup, noting what it wrote. `report` gets the bytes of each chunk."""

    _tar: tarfile.TarFile
    _report: Callable[[int], None]
    _held: dict[str, Held] = field(default_factory=dict)

    def add(self, *, name: str, source: IO[bytes], size: int) -> None:
        """Add `size` bytes of an open file. Raises NotABackup where it has fewer by now."""
        counting = _Counting(source, self._report)
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        try:
            self._tar.addfile(info, counting)
        except (OSError, tarfile.TarError) as problem:
            if "unexpected end" in str(problem):
                raise NotABackup(f"{name} was cut short while it was copied: try again") from None
            raise
        self._held[name] = Held(size=size, sha256=counting.digest.hexdigest())

    def add_json(self, *, name: str, value: object) -> None:
        """Add a small file of JSON."""
        data = json.dumps(value, indent=1).encode()
        self.add(name=name, source=io.BytesIO(data), size=len(data))

    @property
    def held(self) -> Mapping[str, Held]:
        """What was added so far."""
        return self._held

    def close(self) -> None:
        """Add the list of what is inside, which makes it a backup."""
        files = {name: [one.size, one.sha256] for name, one in self._held.items()}
        self.add_json(name=MANIFEST, value={"format": FORMAT, "files": files})


@contextmanager
def writing(*, path: Path, header: Mapping[str, object], report: Callable[[int], None]) -> Iterator[Writer]:
    """Begin a backup; it is whole when this ends without an error."""
    with pa.OSFile(str(path), "wb") as raw, pa.CompressedOutputStream(raw, "zstd") as squeezed:
        tar = tarfile.open(fileobj=squeezed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=CHUNK)  # noqa: SIM115
        writer = Writer(tar, report)
        try:
            writer.add_json(name=HEADER, value={"format": FORMAT, **header})
            yield writer
            writer.close()
            tar.close()
        except BaseException:
            tar.fileobj.closed = True  # type: ignore[attr-defined]  # it would write its end later
            raise


def header_of(*, path: Path) -> dict[str, Any]:
    """Return what a backup says of itself. Raises NotABackup."""
    with _reading(path) as tar:
        return _header(tar, next(iter(tar), None))


def second(*, path: Path, name: str) -> bytes | None:
    """Return the file right after the header where it has this name, else None. Raises NotABackup."""
    with _reading(path) as tar:
        members = iter(tar)
        _header(tar, next(members, None))
        member = next(members, None)
        return _file(tar, member).read(CHUNK) if member and member.name == name else None


def contents(
    *, path: Path, take: Callable[[str, IO[bytes]], None], report: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """Give each file of a backup to `take`, then hold everything against the list at the end; return the header.

    `take` reads its file to the end. Raises NotABackup where anything is missing, added or changed.
    """
    found: dict[str, Held] = {}
    listed: dict[str, Held] | None = None
    with _reading(path) as tar:
        members = iter(tar)
        header = _header(tar, next(members, None), found)
        for member in members:
            if listed is not None or not _is_plain(member):
                raise NotABackup(f"{path} holds what no backup holds: {member.name}")
            if member.name == MANIFEST:
                listed = _listed(tar, member)
                continue
            source = _Counting(_file(tar, member), report)
            take(member.name, source)  # type: ignore[arg-type]
            found[member.name] = Held(size=member.size, sha256=source.digest.hexdigest())
    if listed is None:
        raise NotABackup(f"{path} is not whole: its end is missing")
    for name in found.keys() | listed.keys():
        if found.get(name) != listed.get(name):
            raise NotABackup(f"{path} is damaged: {name} is not what was written")
    return header


def drain(_: str, source: IO[bytes]) -> None:
    """Read a file to its end, keeping nothing: to verify a backup."""
    while source.read(CHUNK):
        pass


@dataclass
class _Counting:
    """A file that hashes what is read from it."""

    source: IO[bytes]
    report: Callable[[int], None]
    digest: Any = field(default_factory=hashlib.sha256)

    def read(self, size: int = -1) -> bytes:
        data = self.source.read(size)
        self.digest.update(data)
        self.report(len(data))
        return data


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            pa.OSFile(str(path), "rb") as raw,
            pa.CompressedInputStream(raw, "zstd") as opened,
            tarfile.open(fileobj=opened, mode="r|", bufsize=CHUNK) as tar,
        ):
            yield tar
    except FileNotFoundError:
        raise NotABackup(f"There is no file {path}") from None
    except (tarfile.TarError, pa.ArrowInvalid, EOFError, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        raise NotABackup(f"{path} is not a whole backup of Valence") from None


def _header(
    tar: tarfile.TarFile, member: tarfile.TarInfo | None, found: dict[str, Held] | None = None
) -> dict[str, Any]:
    if member is None or member.name != HEADER or member.size > CHUNK:
        raise NotABackup("The file is no backup of Valence")
    data = _file(tar, member).read()
    if found is not None:
        found[HEADER] = Held(size=member.size, sha256=hashlib.sha256(data).hexdigest())
    header = _json(data)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise NotABackup("The backup was made by a newer Valence: restore it with that one")
    return header


def _listed(tar: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Held]:
    if member.size > MOST_JSON:
        raise NotABackup("The list of what the backup holds is too long")
    return {name: Held(*one) for name, one in _json(_file(tar, member).read())["files"].items()}


def _file(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    if file is None:
        raise NotABackup(f"The backup holds what is no file: {member.name}")
    return file


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise NotABackup("The backup is damaged") from None


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Say whether a member is a file that stays where it is put."""
    parts = PurePosixPath(member.name).parts
    return member.isreg() and bool(parts) and not member.name.startswith("/") and ".." not in parts
