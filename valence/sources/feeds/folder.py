"""A watched folder: files that stopped growing are brought in once, in their order; bad ones are set aside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from valence.sources.feeds import arriving, copying
from valence.sources.feeds.contract import FileMet, Found, Piece, Reading, Waiting, WrongFeed

SECONDS_WITHOUT_END = 600
NEWLINES = b"\n\r"
ENDS: Mapping[str, tuple[int, bytes]] = {".parquet": (4, b"PAR1"), ".pq": (4, b"PAR1"), ".xes": (64, b"</log>")}
IN, ASIDE = "in", "set-aside"


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part `[folder]` of a feed's file. `settle` is in seconds."""

    path: str
    pattern: str = "*"
    order: str = "time"
    settle: float = 60.0
    file_kind: str = ""
    after: str = "keep"
    marker: str = ""


def check(*, said: Mapping[str, Any]) -> None:
    """Raise WrongFeed where the part `[folder]` cannot be used."""
    folder = _said(said)
    if not Path(folder.path).is_absolute():
        raise WrongFeed("path: write the whole path of the folder, from /.")
    if folder.order not in ("time", "name"):
        raise WrongFeed("order: is time or name.")
    if folder.after not in ("keep", "move"):
        raise WrongFeed("after: is keep or move.")


def read(*, reading: Reading, kind_of: arriving.KindOf) -> Iterator[Found]:
    """Yield what is new in the folder, oldest first; from the first file that may still grow on, files wait.

    1. List. 2. Leave out what was met. 3. Wait for what was written just now, and for what stands after it: the order
    is kept. 4. Copy, and look whether the file changed meanwhile. 5. The same content under another name is passed by.
    """
    folder = _said(reading.said)
    order = arriving.new(
        listed=_listed(folder), known=reading.known, pattern=folder.pattern, order=folder.order
    )  # fmt: skip
    contents = dict(reading.known.contents)
    for one in order:
        why = _unsettled(folder, one, reading.now.timestamp())
        if why:
            yield Waiting(name=one.name, why=why)
            return
        found = _taken(folder, one, reading, kind_of, contents)
        yield found
        if isinstance(found, Waiting):
            return
        if isinstance(found, Piece) and found.met:
            contents[found.met.content_hash] = one.name


def done(*, said: Mapping[str, Any], name: str, is_aside: bool, why: str = "") -> None:
    """Move a file that is in, or set aside, out of the way where the feed wants that; the reason goes beside it."""
    folder = _said(said)
    path = Path(folder.path) / name
    if folder.after != "move" or not path.exists():
        return
    target = path.parent / (ASIDE if is_aside else IN)
    try:
        target.mkdir(exist_ok=True)
        moved = _free(target / path.name)
        path.rename(moved)
        if is_aside:
            moved.with_name(f"{moved.name}.why.txt").write_text(f"{why}\n", encoding="utf-8")
    except OSError:
        return  # whoever may only read the folder keeps the files where they are; they are not met again


def _said(said: Mapping[str, Any]) -> Said:
    try:
        return msgspec.convert(said, Said, strict=False)
    except msgspec.ValidationError as problem:
        raise WrongFeed(f"[folder] is wrong: {problem}.") from None


def _listed(folder: Said) -> list[arriving.Listed]:
    try:
        with os.scandir(folder.path) as entries:
            files = [(entry.name, entry.stat()) for entry in entries if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        raise WrongFeed(f"There is no folder {folder.path}.") from None
    except OSError as problem:
        raise WrongFeed(f"The folder {folder.path} cannot be read: {problem.strerror}.") from None
    names = {name for name, _ in files}
    return [
        arriving.Listed(name=name, size=stat.st_size, changed=stat.st_mtime_ns)
        for name, stat in files
        if not folder.marker or (name + folder.marker in names and not name.endswith(folder.marker))
    ]


def _unsettled(folder: Said, one: arriving.Listed, now: float) -> str:
    """Say why a file may still grow, "" where it does not.

    The time of the last change of its inode is the machine's own: a program that copies times cannot set it back.
    """
    if folder.marker:
        return ""
    path = Path(folder.path) / one.name
    try:
        still = now - max(path.stat().st_ctime, one.changed / 1e9 if one.changed / 1e9 <= now else 0)
        whole = _looks_whole(path)
    except OSError as problem:
        return f"cannot be read yet: {problem.strerror}"
    if still < folder.settle:
        return f"was written {max(still, 0):.0f} s ago; it is taken after {folder.settle:.0f} s without a change"
    if not whole and still < SECONDS_WITHOUT_END + folder.settle:
        return "has no end yet, as if it was not written to its end"
    return ""


def _looks_whole(path: Path) -> bool:
    """Say whether a file ends as one of its kind does: text with a line end, Parquet with its mark."""
    size, mark = ENDS.get(path.suffix.lower(), (1, b""))
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(file.tell() - size, 0))
        end = file.read()
    if mark:
        return mark in end
    return path.suffix.lower() not in (".csv", ".tsv", ".txt") or (end != b"" and end in NEWLINES)


def _taken(
    folder: Said, one: arriving.Listed, reading: Reading, kind_of: arriving.KindOf, contents: Mapping[str, str]
) -> Found:
    path = Path(folder.path) / one.name
    kind = folder.file_kind or kind_of(one.name)
    # The name that people gave is kept in its ending only: kinds of files look at it.
    copy = reading.into / f"piece{''.join(Path(one.name).suffixes[-2:])[-20:]}"
    try:
        with path.open("rb") as file:
            content_hash, size = _copied(file, copy, one)
            now_there = os.fstat(file.fileno())
        gone = not path.exists()
    except OSError as problem:
        return Waiting(name=one.name, why=f"cannot be read yet: {problem.strerror}")
    if gone or (now_there.st_size, now_there.st_mtime_ns) != (one.size, one.changed) or size != one.size:
        copy.unlink(missing_ok=True)
        return Waiting(name=one.name, why="changed while it was read")
    met = FileMet(name=one.name, stamp=one.stamp, content_hash=content_hash)
    if passed := arriving.passed_by(met=met, contents=contents, kind=kind):
        copy.unlink()
        return passed
    return Piece(path=copy, kind=kind, name=one.name, met=met)


def _copied(file: BinaryIO, copy: Path, one: arriving.Listed) -> tuple[str, int]:
    try:
        return copying.take(source=file, path=copy, size=one.size)
    except copying.NoRoom as full:
        raise WrongFeed(f"{full} {one.name} waits.") from None


def _free(path: Path) -> Path:
    """Return a path at which nothing lies: the name, or the name with a number."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
