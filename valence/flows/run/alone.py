"""Locks of a data folder: what only one process may do at a time. A lock goes with the process that holds it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from valence.home import Home


@contextmanager
def waiting(*, home: Home, name: str) -> Iterator[None]:
    """Hold a lock, after whoever holds it now."""
    with (home.folder / f".{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def trying(*, home: Home, name: str) -> Iterator[bool]:
    """Hold a lock if it is free; gives whether it was."""
    with (home.folder / f".{name}").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def is_held(*, home: Home, name: str) -> bool:
    """Say whether somebody holds a lock."""
    with trying(home=home, name=name) as free:
        return not free
