"""Sums over everybody: what took long to count is told again for a while, and counted anew beside.

The sums of a company of millions take seconds to count and hardly move within minutes. Whoever opens a page is told
what was counted last; a count that is old is made again in the background. What is counted quickly is never kept, so
that nothing changes for a company whose pages are quick. A page says when its oldest sum was counted.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, ParamSpec, TypeVar

from django.conf import settings
from django.db import connections

LONG_SECONDS = 0.1
FRESH_FOR = 20.0
OLD_AFTER = 600.0
JUST_NOW = 1.0
PATIENCE = 0.5
MOST = 500

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)
_kept: OrderedDict[Hashable, _Sum] = OrderedDict()
_being_counted: set[Hashable] = set()
_lock = threading.Lock()
_counting = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sums")
_oldest: ContextVar[datetime | None] = ContextVar("oldest", default=None)


@dataclass(frozen=True)
class _Sum:
    """What was counted, when it began (clock and monotonic seconds), and how long it took in seconds."""

    value: Any
    at: datetime
    begun: float
    took: float

    def age(self) -> float:
        return time.monotonic() - self.begun

    def is_old(self) -> bool:
        """Say whether nobody should be told it any more: what is counted quickly is never told for long."""
        return self.age() > min(60.0 * settings.SUM_MINUTES, OLD_AFTER * self.took)


class Kept(Generic[P, T]):
    """A count that tells what it gave lately where that took longer than LONG_SECONDS."""

    def __init__(self, count: Callable[P, T]) -> None:
        functools.update_wrapper(self, count)
        self._count = count

    def __call__(self, *args: P.args, **said: P.kwargs) -> T:
        """Return the sum, at once where it is known from lately."""
        value: T = _told(self._name(said), lambda: self._count(*args, **said))
        return value

    def soon(self, *args: P.args, **said: P.kwargs) -> T | None:
        """Return the sum where it is known, or counted within PATIENCE seconds; None while it is counted beside.

        For pages that can do without: whoever looks again a moment later finds it.
        """
        name = self._name(said)
        if not settings.SUM_MINUTES or _is_known(name):
            return self(*args, **said)
        counting = _count_beside(name, lambda: self._count(*args, **said))
        if counting is None:
            return None
        try:
            found: T = counting.result(timeout=PATIENCE)
        except TimeoutError:
            return None
        return found

    def _name(self, said: Mapping[str, object]) -> Hashable:
        return (settings.HOME.folder, self._count.__module__, self._count.__qualname__, *sorted(said.items()))


def kept(count: Callable[P, T]) -> Kept[P, T]:
    """Let a count tell what it gave lately where that took longer than LONG_SECONDS.

    What it depends on besides the data are keywords that can be hashed. Kept for FRESH_FOR times what it took, then
    counted anew in the background; older than OLD_AFTER times what it took, or than `settings.SUM_MINUTES`, it is
    counted while one waits. 0 keeps nothing.
    """
    return Kept(count)


def are_kept() -> bool:
    """Say whether any sum took so long that it is kept."""
    with _lock:
        return bool(_kept)


def _is_known(name: Hashable) -> bool:
    with _lock:
        known = _kept.get(name)
    return known is not None and not known.is_old()


def _told(name: Hashable, count: Callable[[], Any]) -> Any:
    with _lock:
        known = _kept.get(name)
    if known is None or known.is_old():
        known = _counted(name, count)
    elif known.age() > FRESH_FOR * known.took:
        _count_beside(name, count)
    if known.took > LONG_SECONDS and known.age() > known.took + JUST_NOW:
        _note(known.at)
    return known.value


def begin() -> None:
    """Forget when sums were counted: another page begins."""
    _oldest.set(None)


def counted_at() -> datetime | None:
    """Return when the oldest sum that this page was told was counted, None where all were counted for it."""
    return _oldest.get()


def _note(at: datetime) -> None:
    before = _oldest.get()
    _oldest.set(at if before is None else min(at, before))


def _counted(name: Hashable, count: Callable[[], Any]) -> _Sum:
    at, begun = datetime.now(UTC), time.monotonic()
    found = _Sum(count(), at, begun, time.monotonic() - begun)
    if found.took > LONG_SECONDS and settings.SUM_MINUTES:
        with _lock:
            _kept[name] = found
            _kept.move_to_end(name)
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return found


def _count_beside(name: Hashable, count: Callable[[], Any]) -> Future[Any] | None:
    """Have a sum counted in the background; None where that is under way already."""
    with _lock:
        if name in _being_counted:
            return None
        _being_counted.add(name)
    return _counting.submit(_count_quietly, name, count)


def _count_quietly(name: Hashable, count: Callable[[], Any]) -> Any:
    try:
        return _counted(name, count).value
    except Exception:
        log.exception("a sum could not be counted anew")
        with _lock:
            _kept.pop(name, None)  # whoever asks next waits for it, and sees what is wrong
        raise
    finally:
        with _lock:
            _being_counted.discard(name)
        connections.close_all()
