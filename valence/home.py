"""The data folder and its keys: where everything that Valence stores lies, and the one secret that lies outside it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

DEFAULT_FOLDER = "~/.local/share/valence"
FOLDERS = ("log", "uploads", "packs", "outbox", "logs")


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
        """Open the home that the environment names, making folder and key on first use."""
        folder = Path(os.environ.get("VALENCE_HOME") or DEFAULT_FOLDER).expanduser().resolve()
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(folder=folder, master_key=_master_key(folder))

    @property
    def log(self) -> Path:
        """The folder of the append-only log."""
        return self.folder / "log"

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


def _master_key(folder: Path) -> bytes:
    given = os.environ.get("VALENCE_KEY")
    if given:
        return bytes.fromhex(given)
    path = Path(os.environ.get("VALENCE_KEY_FILE") or f"{folder}.key")
    try:
        return bytes.fromhex(path.read_text().strip())
    except FileNotFoundError:
        return _make_key(path)


def _make_key(path: Path) -> bytes:
    """Write a new key so that only its owner reads it; of two processes that start at once, one key wins."""
    key = secrets.token_bytes(32)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text().strip())
    with os.fdopen(descriptor, "w") as file:
        file.write(key.hex())
        file.flush()
        os.fsync(file.fileno())
    return key
