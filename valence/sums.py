"""Sums over everybody: what took long to count is told again for a while, and counted anew beside.

The sums of a company of millions take seconds to count and hardly move within minutes. Whoever opens a page is told
what was counted last; a count that is old is made again in the background. What is counted quickly is never kept, so
that nothing changes for a company whose pages are quick. A page says when its oldest sum was counted. A process that
shows pages keeps what takes longest in files too (`sum_files`), so that nobody waits for it after a restart.
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
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar, get_type_hints

from django.conf import settings
from django.db import connections

from valence import sum_files

LONG_SECONDS = 0.1
LASTING_SECONDS = 1.0
FRESH_FOR = 20.0
OLD_AFTER = 600.0
JUST_NOW = 1.0
PATIENCE = 0.5
MOST = 500

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)
_kept: OrderedDict[tuple[Hashable, ...], _Sum] = OrderedDict()
_being_counted: dict[Hashable, Future[Any]] = {}
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
        if self.took > LASTING_SECONDS:
            return self.age() > sum_files.KEPT_FOR.total_seconds()
        return self.age() > min(60.0 * settings.SUM_MINUTES, OLD_AFTER * self.took)

    def is_fresh(self) -> bool:
        """Say whether it need not be counted anew yet: a twentieth of the time may go into counting, no more.

        Those that take long share it: each by itself, twenty of them would keep a core busy for good.
        """
        shared = _lasting_seconds() if self.took > LASTING_SECONDS else 0.0
        return self.age() <= FRESH_FOR * max(self.took, shared)


class _Files:
    """Whether this process keeps sums in files: one that shows pages does, and says when they were counted."""

    are_kept = False


@dataclass(frozen=True)
class _Question:
    """A sum that is asked for: its name, and the work that gives it; `told_by` is the function that says the kind.

    most: answers are so large that only so many are kept, and none in files; None: they are not.
    """

    name: tuple[Hashable, ...]
    count: Callable[[], Any]
    told_by: Callable[..., Any]
    most: int | None

    def kind(self) -> Any:
        return get_type_hints(self.told_by)["return"]

    def file(self) -> Path | None:
        """Return where the answer lies, None where this process keeps none in files, or the answer is a large one."""
        if not _Files.are_kept or not settings.SUM_MINUTES or self.most:
            return None
        return sum_files.path(folder=settings.HOME.folder, question=self.name[1:])


class Kept(Generic[P, T]):
    """A count that tells what it gave lately where that took longer than LONG_SECONDS.

    most: answers are large, and only so many of them are kept; patience: so many seconds `soon` waits, None: PATIENCE.
    """

    def __init__(self, count: Callable[P, T], *, most: int | None = None, patience: float | None = None) -> None:
        functools.update_wrapper(self, count)
        self._count, self._most, self._patience = count, most, patience

    def __call__(self, *args: P.args, **said: P.kwargs) -> T:
        """Return the sum, at once where it is known from lately."""
        value: T = _told(self._question(said, lambda: self._count(*args, **said)))
        return value

    def soon(self, *args: P.args, **said: P.kwargs) -> T | None:
        """Return the sum where it is known, or counted within some seconds; None while it is counted beside.

        For pages that can do without: whoever looks again a moment later finds it.
        """
        question = self._question(said, lambda: self._count(*args, **said))
        if not settings.SUM_MINUTES or _known(question):
            return self(*args, **said)
        counting = _count_beside(question, anew=False)
        if counting is None:
            return self(*args, **said)
        try:
            found: T = counting.result(timeout=PATIENCE if self._patience is None else self._patience)
        except TimeoutError:
            return None
        return found

    def _question(self, said: Mapping[str, object], count: Callable[[], T]) -> _Question:
        name = (settings.HOME.folder, self._count.__module__, self._count.__qualname__, *sorted(said.items()))
        return _Question(name, count, self._count, self._most)


def kept(count: Callable[P, T]) -> Kept[P, T]:
    """Let a count tell what it gave lately where that took longer than LONG_SECONDS.

    What it depends on besides the data are keywords that can be hashed. Kept for FRESH_FOR times what it took, then
    counted anew in the background; those that took longer than LASTING_SECONDS for so many times what all of them took.
    What is older than `settings.SUM_MINUTES`, or than OLD_AFTER times what it took, is counted while one waits; what
    took longer than LASTING_SECONDS when it is a day old. 0 minutes keep nothing.
    """
    return Kept(count)


def kept_so(*, most: int | None = None, patience: float | None = None) -> Callable[[Callable[P, T]], Kept[P, T]]:
    """Let a count tell what it gave lately as `kept` does.

    most: answers are so large that only the latest few are kept, and none in files; patience: so many seconds `soon`
    waits where a page has little to show without.
    """
    return lambda count: Kept(count, most=most, patience=patience)


def keep_files() -> None:
    """Keep what takes longest in files too, from now on in this process: it says how old the sums are that it tells."""
    _Files.are_kept = True


def are_kept() -> bool:
    """Say whether any sum took so long that it is kept."""
    with _lock:
        return bool(_kept)


def _lasting_seconds() -> float:
    """Return how long counting all that takes long took, of what may be told still."""
    with _lock:
        return sum(one.took for one in _kept.values() if one.took > LASTING_SECONDS and not one.is_old())


def _known(question: _Question) -> _Sum | None:
    """Return what was counted lately enough to be told: by this process, or by another one that kept it in a file."""
    with _lock:
        known = _kept.get(question.name)
    if known is not None and not known.is_old():
        return known
    return _filed(question)


def _filed(question: _Question) -> _Sum | None:
    file = question.file()
    found = sum_files.read(path=file, kind=question.kind()) if file else None
    if found is None:
        return None
    age = (datetime.now(UTC) - found.at).total_seconds()
    filed = _Sum(found.value, found.at, time.monotonic() - age, found.took)
    _keep(question, filed)
    return filed


def _keep(question: _Question, found: _Sum) -> None:
    with _lock:
        _kept[question.name] = found
        _kept.move_to_end(question.name)
        if question.most:
            for name in [name for name in _kept if name[:3] == question.name[:3]][: -question.most]:
                del _kept[name]
        while len(_kept) > MOST:
            _kept.popitem(last=False)


def _forget(question: _Question) -> None:
    with _lock:
        _kept.pop(question.name, None)
    if file := question.file():
        file.unlink(missing_ok=True)


def _told(question: _Question) -> Any:
    known = _known(question)
    if known is None:
        known = _counted(question)
    elif not known.is_fresh():
        _count_beside(question)
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


def _counted(question: _Question) -> _Sum:
    at, begun = datetime.now(UTC), time.monotonic()
    found = _Sum(question.count(), at, begun, time.monotonic() - begun)
    if found.took > LONG_SECONDS and settings.SUM_MINUTES:
        _keep(question, found)
    if found.took > LASTING_SECONDS and (file := question.file()):
        sum_files.write(path=file, found=sum_files.Sum(found.value, at, found.took))
    return found


def _count_beside(question: _Question, *, anew: bool = True) -> Future[Any] | None:
    """Have a sum counted in the background, once for all who ask; None where that has just ended but for `anew`."""
    with _lock:
        if question.name in _being_counted:
            return _being_counted[question.name]
        there = _kept.get(question.name)
        if not (anew or there is None or there.is_old()):
            return None
        return _being_counted.setdefault(question.name, _counting.submit(_count_quietly, question))


def _count_quietly(question: _Question) -> Any:
    try:
        return _counted(question).value
    except Exception:
        log.exception("a sum could not be counted anew")
        _forget(question)  # whoever asks next waits for it, and sees what is wrong
        raise
    finally:
        with _lock:
            _being_counted.pop(question.name, None)
        connections.close_all()
