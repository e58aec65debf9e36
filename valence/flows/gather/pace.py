"""How fast something may happen: per code, link or place, never per address, since many people share one."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

MOST_REMEMBERED = 10_000


class TooFast(Exception):  # noqa: N818 - named as people say it
    """It happens too often just now; nothing was kept. Try again later."""


@dataclass
class _Bucket:
    left: float
    filled_at: float


class Pace:
    """At most `burst` at once, and `a_minute` in the long run, for each name. One process counts for itself."""

    def __init__(self, *, a_minute: float, burst: float) -> None:
        self._a_second, self._burst = a_minute / 60, burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str) -> None:
        """Count one more. Raises TooFast."""
        with self._lock:
            now = time.monotonic()
            bucket = self._buckets.setdefault(name, _Bucket(self._burst, now))
            self._buckets.move_to_end(name)
            if len(self._buckets) > MOST_REMEMBERED:
                self._buckets.popitem(last=False)
            bucket.left = min(self._burst, bucket.left + (now - bucket.filled_at) * self._a_second)
            bucket.filled_at = now
            if bucket.left < 1:
                raise TooFast
            bucket.left -= 1
