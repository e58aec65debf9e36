"""The process that does the work of jobs of one lane, one after the other, so that pages and intake stay quick.

`python -m valence.flows.run.worker [LANE]` does what waits and ends; with `--stay` it waits for more. There is
one of each lane at a time in a data folder, whoever starts it.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from types import FrameType

from valence.flows.run import alone

NICER = 10
LOCK = "worker"
USUAL = "default"


def main() -> None:
    """Be the worker, politely: at a lower priority than the server."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    import django

    django.setup()
    lane = next((word for word in sys.argv[1:] if not word.startswith("-")), USUAL)
    run(stay="--stay" in sys.argv[1:], lane=lane)


def run(*, stay: bool, lane: str = USUAL) -> None:
    """Do everything that waits; with `stay`, go on until SIGTERM or SIGINT. Ends at once if another worker is there.

    A signal lets the work at hand break off at its next safe point; it is taken up by the next worker.
    """
    from django.conf import settings
    from django_tasks_db.management.commands import db_worker

    from valence.flows.run import jobs

    with alone.trying(home=settings.HOME, name=_lock(lane)) as is_alone:
        if not is_alone:
            return
        jobs.take_up_again(now=datetime.now(UTC), lane=lane)
        os.nice(NICER)  # only now: on a busy machine what loads politely takes minutes until it is at work
        worker = db_worker.Worker(
            queue_names=[lane],
            excluded_queue_names=[],
            interval=1.0,
            batch=not stay,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{lane}-{os.getpid()}",
        )

        def end(number: int, frame: FrameType | None) -> None:
            jobs.end_soon()
            worker.running = False

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        worker.run()


def is_there(*, lane: str = USUAL) -> bool:
    """Say whether a worker of a lane is at work on this home."""
    from django.conf import settings

    return alone.is_held(home=settings.HOME, name=_lock(lane))


def _lock(lane: str) -> str:
    return LOCK if lane == USUAL else f"{LOCK}-{lane}"


if __name__ == "__main__":
    main()
