"""How an answer came: how long it took, and from which device, without telling whose that is.

The page carries a signed note of when it was shown; nothing is stored for looking. A device is a keyed hash of address
and browser under a key of the day: the same device is the same on one day, and nobody can be followed to the next.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from valence.home import Home
from valence.surveys.answer import Answers
from valence.surveys.survey import Survey

LONGEST = 3600.0
PURPOSE = "trace"


@dataclass(frozen=True)
class Trace:
    """How long answering took (None: not known, or longer than an hour), and the device of the day ("" not known)."""

    seconds: float | None = None
    device: str = ""


def shown(*, home: Home, now: datetime) -> str:
    """Return the note that a page carries: when it was shown, signed."""
    at = f"{now.timestamp():.1f}"
    return f"{at}.{_signature(home, at)}"


def read(*, home: Home, note: str, address: str, browser: str, now: datetime) -> Trace:
    """Return the trace of what was sent with a note. A note that is not ours counts as none."""
    at, _, signature = note.rpartition(".")
    seconds = None
    if at and hmac.compare_digest(signature.encode(), _signature(home, at).encode()):
        took = now.timestamp() - float(at)
        seconds = round(took, 1) if 0 <= took <= LONGEST else None
    return Trace(seconds=seconds, device=_device(home, address, browser, now) if address else "")


def marks(*, trace: Trace | None, survey: Survey, answers: Answers) -> dict[str, object]:
    """Return what an answer's attributes say of how it came; what is not known is not there."""
    found: dict[str, object] = {}
    if trace and trace.seconds is not None:
        found["seconds"] = trace.seconds
    if trace and trace.device:
        found["device"] = trace.device
    grids = [answers[one.id] for one in survey.questions if one.kind == "grid" and one.id in answers]
    rated = [tuple(grid.values()) for grid in grids if isinstance(grid, Mapping) and len(grid) > 2]
    if rated:
        found["straight"] = all(len(set(rows)) == 1 for rows in rated)
    return found


def _signature(home: Home, at: str) -> str:
    return hashlib.blake2b(at.encode(), key=home.key_for(PURPOSE), digest_size=9).hexdigest()


def _device(home: Home, address: str, browser: str, now: datetime) -> str:
    day = now.astimezone(UTC).date().isoformat()
    key = hashlib.blake2b(day.encode(), key=home.key_for(PURPOSE), digest_size=32).digest()
    return hashlib.blake2b(f"{address}\0{browser}".encode(), key=key, digest_size=8).hexdigest()
