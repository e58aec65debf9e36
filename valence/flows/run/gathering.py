"""What several threads ask for at the same time is done in one go: whoever comes first does it for all who wait.

A commit waits for the disk, however little it holds. So those who come while one commits wait together, and the next
transaction holds what all of them asked for. One alone waits for nobody.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

SECONDS_TO_JOIN = 0.005
"""How long others may join where several came the last time: a moment of waiting saves many a transaction."""

T = TypeVar("T")
Refused = Exception | None


class Broken(Exception):  # noqa: N818 - named as people say it
    """Who did it for all was broken off: nothing was done."""


@dataclass
class _Waiting(Generic[T]):
    wish: T
    refused: Refused = None
    leads: bool = False
    woken: threading.Event = field(default_factory=threading.Event)


class Gathering(Generic[T]):
    """Wishes that are fulfilled together.

    act: fulfils some in one transaction, and returns for each None, or the exception that tells why not. Where it
    raises, nothing of that was done, and each is tried alone. name: wishes of the same name are never done together.
    """

    def __init__(
        self, *, act: Callable[[Sequence[T]], Sequence[Refused]], name: Callable[[T], Hashable], most: int
    ) -> None:
        self._act = act
        self._name = name
        self._most = most
        self._queue: deque[_Waiting[T]] = deque()
        self._joining = threading.Lock()
        self._is_led = False
        self._was_joined = False

    def ask(self, *, wish: T) -> None:
        """Fulfil a wish, with those of others that wait meanwhile. Raises what `act` says or raises of it.

        1. Join those who wait; where nobody leads, lead. 2. Else wait until it is done, or until it is one's turn to
        lead. 3. Who leads fulfils all that wait, and hands on to the first of those who came meanwhile.
        """
        mine = _Waiting(wish)
        with self._joining:
            self._queue.append(mine)
            mine.leads, self._is_led = not self._is_led, True
        if not mine.leads:
            mine.woken.wait()
        if mine.leads:
            self._lead()
        if mine.refused is not None:
            raise mine.refused

    def alone(self, *, wish: T) -> None:
        """Fulfil a wish inside the caller's own transaction, which nobody else's may hang on."""
        [refused] = self._act([wish])
        if refused is not None:
            raise refused

    def _lead(self) -> None:
        if self._was_joined:
            time.sleep(SECONDS_TO_JOIN)
        taken = self._take()
        self._was_joined = len(taken) > 1
        try:
            self._fulfil(taken)
        finally:
            self._hand_on()

    def _hand_on(self) -> None:
        with self._joining:
            if self._queue:
                self._queue[0].leads = True
                self._queue[0].woken.set()
            else:
                self._is_led = False

    def _take(self) -> list[_Waiting[T]]:
        """Return those who came first, each name once; the others go on waiting."""
        taken: OrderedDict[Hashable, _Waiting[T]] = OrderedDict()
        with self._joining:
            staying: deque[_Waiting[T]] = deque()
            while self._queue and len(taken) < self._most:
                one = self._queue.popleft()
                if taken.setdefault(self._name(one.wish), one) is not one:
                    staying.append(one)
            self._queue.extendleft(reversed(staying))
        return list(taken.values())

    def _fulfil(self, taken: Sequence[_Waiting[T]]) -> None:
        try:
            refused = self._act([one.wish for one in taken])
        except Exception as problem:
            if len(taken) > 1:
                for one in taken:
                    self._fulfil([one])
                return
            refused = [problem]
        except BaseException:  # the process is being ended: nobody may wait for ever
            self._tell(taken, [Broken()] * len(taken))
            raise
        self._tell(taken, refused)

    def _tell(self, taken: Sequence[_Waiting[T]], refused: Sequence[Refused]) -> None:
        for one, why in zip(taken, refused, strict=True):
            one.refused = why
            one.woken.set()
