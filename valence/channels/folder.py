"""Where messages go while no server is set: files in the data folder, to look at and to try things out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from valence.home import Home

PLACES = {"email": ("mail", ".eml"), "sms": ("sms", ".txt")}


def write(*, home: Home, kind: str, number: str, content: bytes) -> None:
    """Write a message as a file named for its number, whole or not at all, readable by the owner only."""
    name, ending = PLACES[kind]
    place = home.folder / name
    place.mkdir(exist_ok=True, mode=0o700)
    partial = place / f".{number}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.replace(partial, place / f"{number}{ending}")


def remove(*, home: Home, numbers: Sequence[str]) -> None:
    """Delete the files of messages."""
    for name, ending in PLACES.values():
        for number in numbers:
            (home.folder / name / f"{number}{ending}").unlink(missing_ok=True)


def remove_older(*, home: Home, than: datetime) -> None:
    """Delete the files of messages that were written before a moment."""
    for name, ending in PLACES.values():
        for path in (home.folder / name).glob(f"*{ending}"):
            if path.stat().st_mtime < than.timestamp():
                path.unlink(missing_ok=True)
