"""The data folder and its keys: where everything that Valence stores lies, and the one secret that lies outside it."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

DEFAULT_FOLDER = "~/.local/share/valence"
FOLDERS = ("log", "uploads", "packs", "outbox", "logs")
DATABASE = "valence.sqlite3"
VERSION = ".version"
RESTORING = ".restoring"
KEY_BYTES = 32


class KeyMissing(RuntimeError):  # noqa: N818  named as people say it
    """There is data, but not the key that opens it. A new key would not help: nothing could be read with it."""


class NotOurs(RuntimeError):  # noqa: N818  named as people say it
    """The folder cannot be used by whoever runs this. The text says why."""


class _Making:
    """Whether opening a home may make folders and a key; a restore may not, before it knows what it restores."""

    allowed = True


def only_look() -> None:
    """Make nothing from now on in this process: no folder, no key."""
    _Making.allowed = False


def version() -> str:
    """Return the version of Valence that runs."""
    return metadata.version("valence")


def is_newer(version: str, *, than: str) -> bool:
    """Say whether a version comes after another one."""
    return _numbers(version) > _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])


def place() -> Path:
    """Return the data folder that the environment names."""
    return Path(os.environ.get("VALENCE_HOME") or DEFAULT_FOLDER).expanduser().resolve()


def key_file(*, folder: Path) -> Path | None:
    """Return the file that holds the master key of a data folder, None where the environment holds it."""
    if os.environ.get("VALENCE_KEY"):
        return None
    return Path(os.environ.get("VALENCE_KEY_FILE") or f"{folder}.key").expanduser()


def erasures_file(*, folder: Path) -> Path:
    """Return the register of erasures: outside the data folder and its backups, so that neither revives anybody."""
    return Path(os.environ.get("VALENCE_ERASED_FILE") or f"{folder}.erased").expanduser()


@dataclass(frozen=True)
class Home:
    """A data folder (`VALENCE_HOME`) and the master key that opens what is encrypted in it.

    The key comes from `VALENCE_KEY` (64 hexadecimal digits), else from the file `VALENCE_KEY_FILE`, else from
    `<folder>.key` beside the folder: outside it, so that a copy of the folder alone reveals nobody.
    """

    folder: Path
    master_key: bytes

    @classmethod
    def from_environment(cls) -> Home:
        """Open the home that the environment names, making folder and key on first use.

        Raises KeyMissing, and NotOurs where the folder cannot be written.
        """
        folder = place()
        try:
            if _Making.allowed:
                _refuse_unfinished(folder)
                make_folders(folder=folder)
            return cls(folder=folder, master_key=_master_key(folder))
        except OSError as problem:
            raise NotOurs(f"{problem.filename or folder} cannot be used: {problem.strerror}.") from None

    @property
    def log(self) -> Path:
        """The folder of the append-only log."""
        return self.folder / "log"

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.folder / DATABASE

    @property
    def erasures(self) -> Path:
        """The register of erasures, outside the folder."""
        return erasures_file(folder=self.folder)

    @property
    def packs(self) -> Path:
        """The folder of an analyst's changes to the industry packs."""
        return self.folder / "packs"

    def key_for(self, purpose: str) -> bytes:
        """Return a 32-byte key derived from the master key for one purpose."""
        return hmac.new(self.master_key, purpose.encode(), hashlib.sha256).digest()

    def secret(self, purpose: str) -> str:
        """Return a text secret derived from the master key for one purpose."""
        return self.key_for(purpose).hex()


def make_folders(*, folder: Path) -> None:
    """Make a data folder, readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True, mode=0o700)


def _refuse_unfinished(folder: Path) -> None:
    if (folder / RESTORING).exists():
        raise NotOurs(f"A backup is being restored into {folder}, or that was broken off: run valence restore again.")


def read_key(*, text: str, source: str) -> bytes:
    """Return a master key from its 64 hexadecimal digits. Raises KeyMissing."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyMissing(f"{source} holds no key: 64 hexadecimal digits are expected.")
    return key


def _master_key(folder: Path) -> bytes:
    path = key_file(folder=folder)
    if path is None:
        return read_key(text=os.environ["VALENCE_KEY"], source="VALENCE_KEY")
    try:
        return read_key(text=path.read_text(), source=str(path))
    except FileNotFoundError:
        if not _Making.allowed:
            return secrets.token_bytes(KEY_BYTES)
        if (folder / DATABASE).exists() or (folder / VERSION).exists():
            raise KeyMissing(f"{folder} holds data, but its key is not at {path}. Put it back there.") from None
        return _make_key(path)


def _make_key(path: Path) -> bytes:
    """Write a new key so that only its owner reads it; of two processes that start at once, one key wins."""
    key = secrets.token_bytes(KEY_BYTES)
    try:
        write_key(path=path, key=key)
    except FileExistsError:
        return read_key(text=path.read_text(), source=str(path))
    return key


def write_key(*, path: Path, key: bytes) -> None:
    """Write a key file that was not there, whole or not at all. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(key.hex())
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    finally:
        partial.unlink()
