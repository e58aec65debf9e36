"""How often Python's collector looks for what nobody needs: rarely, for rows come and go by the thousand here."""

from __future__ import annotations

import gc
import time

COLLECTED_AFTER = (50_000, 20, 20)
LARGE_SECONDS = 0.25
APART_SECONDS = 1.0

_last = 0.0


def rarely() -> None:
    """Let the collector look after 50,000 new objects: after every 700 it took an eighth of an import."""
    gc.set_threshold(*COLLECTED_AFTER)


def rarely_and_little() -> None:
    """The same; and what is there by now stays: the collector need not walk through it again and again."""
    gc.freeze()
    rarely()


def after(*, seconds: float) -> bool:
    """Collect at once what an answer that took so long leaves behind; returns whether it did.

    What asks the log holds tables of a hundred megabytes, some of them in circles that only the collector takes apart.
    It looks by how many objects there are, and such tables are few: they would fill gigabytes before it came.
    """
    global _last
    now = time.monotonic()
    if seconds < LARGE_SECONDS or now - _last < APART_SECONDS:
        return False
    _last = now
    gc.collect()
    return True
