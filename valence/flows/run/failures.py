"""What failed unexpectedly: the full trace goes to a file of the data folder, people get a short reference to it."""

from __future__ import annotations

import os
import secrets
import traceback
from datetime import datetime, timedelta
from pathlib import Path

from valence.home import Home

KEPT_DAYS = 30


def record(*, home: Home, name: str, problem: BaseException, now: datetime) -> str:
    """Write the trace of a failure to `<home>/logs/<reference>.log` and return the reference.

    Arguments of the command are left out: they may name a customer. When the disk is full the reference is still
    returned, so that a failure to log never hides the failure itself.
    """
    reference = f"{now:%m%d}-{secrets.token_hex(3)}"
    trace = "".join(traceback.format_exception(problem))
    try:
        path = home.folder / "logs" / f"{reference}.log"
        path.touch(mode=0o600)
        path.write_text(f"{now.isoformat()} {name} (process {os.getpid()})\n\n{trace}")
    except OSError:
        pass
    return reference


def forget(*, home: Home, now: datetime) -> int:
    """Delete traces older than 30 days and return how many went."""
    oldest = (now - timedelta(days=KEPT_DAYS)).timestamp()
    old = [path for path in (home.folder / "logs").glob("*.log") if _written(path) < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
