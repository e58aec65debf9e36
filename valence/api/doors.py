"""Who may come in: keys are looked up once in a few seconds, and each may send only so fast."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass

from valence.api.replies import Error, Refusal
from valence.people import keys
from valence.people.keys import MachineKey

REMEMBERED_SECONDS = 3.0
MOST_REMEMBERED = 10_000
REQUESTS_A_MINUTE = int(os.environ.get("VALENCE_API_RATE") or 600_000)


@dataclass
class _Bucket:
    left: float
    filled_at: float


class Door:
    """Lets machines in by key and scope."""

    def __init__(self, *, requests_a_minute: int = REQUESTS_A_MINUTE) -> None:
        self._most = float(requests_a_minute)
        self._known: dict[str, tuple[float, MachineKey | None]] = {}
        self._buckets: dict[int, _Bucket] = {}
        self._lock = threading.Lock()

    def remembered(self, *, authorization: str) -> MachineKey | None:
        """Return the key of a header if it was looked up lately. Raises Refusal where the header holds none."""
        found = self._known.get(_token(authorization))
        return found[1] if found and found[0] > time.monotonic() else None

    def look_up(self, *, authorization: str) -> MachineKey:
        """Return the key of a header; reads the database. Raises Refusal where it is not known."""
        token = _token(authorization)
        found = self._known.get(token)
        if not found or found[0] <= time.monotonic():
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            found = self._known[token] = (time.monotonic() + REMEMBERED_SECONDS, keys.find(token=token))
        if found[1] is None:
            raise Refusal(Error.BAD_KEY)
        return found[1]

    def pass_through(self, *, key: MachineKey, scope: str) -> None:
        """Raise Refusal where a key may not do this, or sends too fast."""
        if scope not in key.scopes:
            raise Refusal(Error.NOT_ALLOWED, detail=f"It needs the scope {scope}.")
        with self._lock:
            now = time.monotonic()
            bucket = self._buckets.setdefault(key.number, _Bucket(left=self._most, filled_at=now))
            bucket.left = min(self._most, bucket.left + (now - bucket.filled_at) * self._most / 60)
            bucket.filled_at = now
            if bucket.left < 1:
                raise Refusal(Error.TOO_FAST, retry_after=max(1, round(60 / self._most)))
            bucket.left -= 1


def _token(authorization: str) -> str:
    word, _, token = authorization.strip().partition(" ")
    if word.lower() != "bearer" or not token.strip():
        raise Refusal(Error.NO_KEY)
    return token.strip()[:200]


DOOR = Door()
