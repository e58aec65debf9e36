"""The process that reads texts, at a lower priority than the server: `python -m valence.flows.read.reading_worker`.

There is one at a time in a data folder. It ends when nothing was left to read for a while: what it reads with takes
memory. Killed at any moment it loses nothing: what it read is stored together with having been read.
"""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, datetime
from types import FrameType

NICER = 10
BEAT = 0.3
ENDS_AFTER = 120.0
AFTER_FAILURE = 30.0


def main() -> None:
    """Be the reader, politely."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    import django

    django.setup()
    os.nice(NICER)
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    run(stop=stop)


def run(*, stop: threading.Event) -> None:
    """Read what waits until nothing came for a while; ends at once where another reader is at work."""
    from django.conf import settings

    from valence.flows.read import reading
    from valence.flows.run import alone

    with alone.trying(home=settings.HOME, name=reading.NAME) as is_alone:
        idle = 0.0
        while is_alone and not stop.is_set() and idle < ENDS_AFTER:
            pause = _step()
            idle = idle + pause if pause == BEAT else 0.0
            stop.wait(pause)


def _step() -> float:
    """Read some; return how long to wait for the next."""
    from django.conf import settings
    from django.db import close_old_connections

    from valence.flows.read import reading
    from valence.flows.run import failures

    now = datetime.now(UTC)
    close_old_connections()
    try:
        return 0.0 if reading.read_waiting(now=now) else BEAT
    except Exception as problem:
        failures.record(home=settings.HOME, name=reading.NAME, problem=problem, now=now)
        return AFTER_FAILURE


if __name__ == "__main__":
    main()
