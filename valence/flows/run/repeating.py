"""Work that is done again and again beside the pages, until somebody says stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.db import close_old_connections

from valence.flows.run import failures

log = logging.getLogger("valence.repeating")

QUIET = 30.0


def again_and_again(*, step: Callable[[], float], stop: threading.Event, name: str) -> None:
    """Do a step until `stop` is set; each says how many seconds to wait for the next.

    One that fails is written down under `name` and done again after half a minute.
    """
    while not stop.is_set():
        try:
            pause = step()
        except Exception as problem:
            reference = failures.record(home=settings.HOME, name=name, problem=problem, now=datetime.now(UTC))
            log.warning("%s failed, reference %s", name, reference)
            pause = QUIET
        close_old_connections()
        stop.wait(pause)
