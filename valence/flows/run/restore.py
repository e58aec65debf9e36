"""Restoring a backup into an empty data folder. Nothing of it is in force before all of it was checked."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from valence import home as homes
from valence.customers import erasures
from valence.flows.run import archive, sealed_key
from valence.flows.run.backup import HOME_IN_IT
from valence.home import Home
from valence.terms import Progress

Report = Callable[[Progress], None]


class CannotRestore(Exception):  # noqa: N818  named as people say it
    """Nothing was restored: the data folder is as empty as before. The text says why."""


@dataclass(frozen=True)
class Asked:
    """What to restore. `register`: one of erasures, from elsewhere; `without_register`: nobody was erased since."""

    path: Path
    passphrase: str = ""
    register: Path | None = None
    without_register: bool = False


@dataclass(frozen=True)
class Restored:
    """What was restored: when it was backed up, rows of the log, how many it held whom the register says are erased."""

    folder: Path
    made_at: str
    rows: int
    erased_again: int
    findings: tuple[tuple[str, str, str], ...]


def header_of(*, path: Path) -> dict[str, Any]:
    """Return what a backup says of itself. Raises CannotRestore."""
    try:
        return archive.header_of(path=path)
    except (archive.NotABackup, OSError) as problem:
        raise CannotRestore(f"{problem}.") from None


def run(*, asked: Asked, folder: Path, progress: Report = lambda _: None) -> Restored:
    """Restore a backup into an empty data folder. Raises CannotRestore, with nothing in force.

    1. Refuse a folder with data, a backup of a newer Valence, a key that does not fit, a missing register of erasures.
    2. Unpack into `.restoring` inside the folder and hold every file against the list of hashes. 3. There, in a process
    of its own: bring tables up to date, erase again who was erased since, look everything over as the doctor does.
    4. Where `DATABASE_URL` names an empty database, fill it. 5. Move everything into place, the database last. While
    `.restoring` is there, nothing else opens the folder; after a kill the next restore begins anew.
    """
    header = header_of(path=asked.path)
    _refuse_newer(header)
    key = _key(asked, folder, header)
    _take_register(asked, folder, header)
    with _staged(folder) as stage:
        _unpack(asked.path, stage, progress=progress)
        done = _settled(stage, folder=folder, key=key)
        if os.environ.get("DATABASE_URL"):
            _fill_database(stage, folder=folder, key=key)
        _keep_key(folder, key)
        _publish(stage, folder)
    return Restored(
        folder=folder,
        made_at=str(header["made_at"]),
        rows=int(header["log_rows"]),
        erased_again=done["erased_again"],
        findings=tuple((each["check"], each["health"], each["words"]) for each in done["findings"]),
    )


def _refuse_newer(header: dict[str, Any]) -> None:
    theirs, ours = str(header["version"]), homes.version()
    if homes.is_newer(theirs, than=ours):
        raise CannotRestore(f"The backup was made by Valence {theirs}, this is {ours}: upgrade first.")


def _key(asked: Asked, folder: Path, header: dict[str, Any]) -> bytes:
    """Return the key that opens what is in the backup: the one at its place here, else the sealed one inside."""
    path = homes.key_file(folder=folder)
    there = path is None or path.exists()
    key = Home.from_environment().master_key if there else _sealed(asked, path)
    if Home(folder=folder, master_key=key).secret("backup")[:32] != header["key_check"]:
        where = path if there and path else "VALENCE_KEY" if there else "The key in the backup"
        raise CannotRestore(f"{where} is not the key of this backup: nothing could be read with it. Put the right one.")
    return key


def _sealed(asked: Asked, path: Path | None) -> bytes:
    told = _sealed_in(asked.path)
    if told is None:
        raise CannotRestore(f"The key is not in the backup. Put the copy of it that you kept at {path}, mode 0600.")
    if not asked.passphrase:
        raise CannotRestore("The key in the backup is sealed: its passphrase is needed (VALENCE_BACKUP_PASSPHRASE).")
    try:
        return sealed_key.unseal(told=told, passphrase=asked.passphrase)
    except sealed_key.WrongPassphrase as problem:
        raise CannotRestore(str(problem)) from None


def is_sealed_in(*, path: Path) -> bool:
    """Say whether a backup holds a sealed key. Raises CannotRestore."""
    return _sealed_in(path) is not None


def _sealed_in(path: Path) -> dict[str, Any] | None:
    try:
        data = archive.second(path=path, name=sealed_key.NAME)
        found: dict[str, Any] | None = json.loads(data) if data else None
    except (archive.NotABackup, ValueError) as problem:
        raise CannotRestore(f"{problem}.") from None
    return found


def _take_register(asked: Asked, folder: Path, header: dict[str, Any]) -> None:
    """Make sure that whoever was erased since the backup stays erased."""
    ours = homes.erasures_file(folder=folder)
    try:
        if asked.register is not None:
            if not asked.register.exists():
                raise CannotRestore(f"There is no file {asked.register}.")
            known = {entry.id_hash for entry in erasures.read(path=ours)}
            theirs = erasures.read(path=asked.register)
            erasures.enter(path=ours, entries=[entry for entry in theirs if entry.id_hash not in known])
        entries = len(erasures.read(path=ours))
    except (erasures.Damaged, OSError) as problem:
        raise CannotRestore(f"{problem}.") from None
    if asked.without_register:
        return
    advice = "give it with --erased FILE; or say --without-register if nobody was erased since the backup"
    if not ours.exists():
        raise CannotRestore(
            f"There is no register of erasures at {ours}: whoever was erased since the backup would come back. "
            f"Copy it there from beside the key you kept, or {advice}."
        )
    if entries < int(header["erasures"]):
        raise CannotRestore(
            f"{ours} holds {entries:,} entries, fewer than when the backup was made ({header['erasures']:,}): "
            f"it is not the last one. Find that and {advice}."
        )


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """Give a new folder to unpack into, inside an empty data folder; it is gone afterwards, whatever happens."""
    stage = folder / homes.RESTORING
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / ".restore-lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if stage.exists():  # a restore was killed: whatever lies here is its own
            _empty(folder)
        _refuse_full(folder)
        stage.mkdir(mode=0o700)
        yield stage
    except BlockingIOError:
        raise CannotRestore(f"Something is being restored into {folder} already.") from None
    except OSError as problem:
        raise CannotRestore(f"{problem.filename or folder} cannot be written: {problem.strerror}.") from problem
    finally:
        if stage.exists() and not (folder / homes.DATABASE).exists():
            shutil.rmtree(stage, ignore_errors=True)
        (folder / ".restore-lock").unlink(missing_ok=True)
        os.close(descriptor)


def _empty(folder: Path) -> None:
    """Remove what a killed restore left, the mark of it last."""
    for path in folder.iterdir():
        if path.name in {homes.RESTORING, ".restore-lock", "lost+found"}:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(folder / homes.RESTORING)


def _refuse_full(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".restore-lock"]
    if files:
        raise CannotRestore(
            f"{folder} is not empty: {files[0].relative_to(folder)} lies there. Restore into a new folder "
            "(VALENCE_HOME), or move this one away first."
        )


def _unpack(path: Path, stage: Path, *, progress: Report) -> None:
    done = 0

    def report(size: int) -> None:
        nonlocal done
        done += size
        progress(Progress(done=done, total=0, words="Unpacking and checking"))

    def take(name: str, source: IO[bytes]) -> None:
        if name.startswith(f"{HOME_IN_IT}/"):
            _write(stage / name.removeprefix(f"{HOME_IN_IT}/"), source)
        else:
            archive.drain(name, source)

    try:
        archive.contents(path=path, take=take, report=report)
    except archive.NotABackup as problem:
        raise CannotRestore(f"{problem}.") from None


def _write(path: Path, source: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(source, file, archive.CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _settled(stage: Path, *, folder: Path, key: bytes) -> dict[str, Any]:
    """Let a process of its own bring the unpacked home up to date and look it over."""
    done = _apart("settle", stage, folder=folder, key=key, DATABASE_URL="")
    if done.returncode:
        raise CannotRestore(f"What was unpacked cannot be opened: {done.stderr.strip().splitlines()[-1:] or ''}")
    told: dict[str, Any] = json.loads(done.stdout)
    bad = [f"{each['check']}: {each['words']}" for each in told["findings"] if each["health"] == "bad"]
    if bad:
        raise CannotRestore(f"What was unpacked is not whole: {'; '.join(bad)}.")
    return told


def _fill_database(stage: Path, *, folder: Path, key: bytes) -> None:
    """Let a process of its own take the unpacked tables to the database that the environment names."""
    done = _apart("fill", stage, folder=folder, key=key)
    if done.returncode:
        raise CannotRestore(done.stderr.strip() or "The database that DATABASE_URL names could not be filled.")
    (stage / homes.DATABASE).unlink()


def _apart(flow: str, stage: Path, *, folder: Path, key: bytes, **more: str) -> subprocess.CompletedProcess[str]:
    surroundings = {
        **os.environ,
        "VALENCE_HOME": str(stage),
        "VALENCE_KEY": key.hex(),
        "VALENCE_ERASED_FILE": str(homes.erasures_file(folder=folder)),
        "DJANGO_SETTINGS_MODULE": "valence.settings",
        **more,
    }
    words = [sys.executable, "-m", f"valence.flows.run.{flow}"]
    return subprocess.run(words, env=surroundings, capture_output=True, text=True, check=False)


def _keep_key(folder: Path, key: bytes) -> None:
    path = homes.key_file(folder=folder)
    if path is not None and not path.exists():
        homes.write_key(path=path, key=key)


def _publish(stage: Path, folder: Path) -> None:
    """Move everything into place, the database last, and wait for the disk."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in {homes.RESTORING, "lost+found"}:
            shutil.rmtree(path)  # folders without a file
    for path in sorted(stage.iterdir(), key=lambda path: path.name.startswith(homes.DATABASE)):
        os.replace(path, folder / path.name)
    _sync(folder)
    stage.rmdir()
    _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
