"""Beside a long import, what it brought moves to the log in a process of its own: two cores share the work.

`python -m valence.flows.gather.beside` moves until its input ends, which it does with whoever started it, however that
ended. Where it fails, the import moves what is due itself, and says why that cannot be done.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from valence.flows.run import collecting

ROWS_WORTH_IT = 100_000
MOST_WAITING = 300_000
PAUSE = 0.2

Moved = Callable[[datetime], None]


def main() -> None:
    """Move what is due, again and again, until the input ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    import django

    django.setup()
    collecting.rarely()
    from valence.flows.gather import flush

    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        flush.run(now=datetime.now(UTC))


@contextmanager
def moving(*, rows: int) -> Iterator[Moved]:
    """Give what an import calls after each piece, with its time: it sees to it that what was brought moves to the log.

    rows: how many come. For few a process is not worth its start: they move between the pieces.
    """
    if rows < ROWS_WORTH_IT:
        yield _move
        return
    process = subprocess.Popen([sys.executable, "-m", "valence.flows.gather.beside"], stdin=subprocess.PIPE)
    try:
        yield partial(_keep_up, process)
    finally:
        process.communicate()


def _move(now: datetime) -> None:
    from valence.flows.gather import flush

    flush.run(now=now)


def _keep_up(process: subprocess.Popen[bytes], now: datetime) -> None:
    """Wait where too much waits: the inbox stays small, however long the import is."""
    from valence.interactions import inbox

    while process.poll() is None and inbox.waiting_at_most().rows > MOST_WAITING:
        time.sleep(PAUSE)
    if process.poll() is not None:
        _move(now)


if __name__ == "__main__":
    main()
