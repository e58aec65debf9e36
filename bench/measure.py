"""Measure a piece of work as a process of its own, beside its peers, and say it as one JSON line.

Every file in `bench/` answers one question and is run from the root of the checkout: `python -m bench.NAME`.
It calls `measured` once for Valence and once for each peer, then `say`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """How long a piece of work took (wall clock), the most memory its process held (resident), what it computed.

    cpu_seconds: of all threads, 0 where that is not known. Other work on the machine changes it least.
    """

    seconds: float
    memory_mb: float
    cpu_seconds: float = 0.0


class WorkError(Exception):
    """The measured work raised an error in its process."""


def measured(*, work: Callable[[], object], rounds: int = 1) -> Figure:
    """Run the work `rounds` times, each in a fresh child process, and return the median of each figure.

    Prepare data and import modules before, and open databases inside `work`: the child is a fork.
    Where `work` returns a float, that is taken for the seconds instead of the wall clock around it; where it returns
    what `timed` gave, seconds and seconds of the processor are taken from there.
    """
    figures = [_once(work) for _ in range(rounds)]
    return Figure(
        seconds=median(figure.seconds for figure in figures),
        memory_mb=median(figure.memory_mb for figure in figures),
        cpu_seconds=median(figure.cpu_seconds for figure in figures),
    )


def timed(*, work: Callable[[], T]) -> tuple[T, Figure]:
    """Return what a piece of work returned, and what it took in this process; the memory is not known yet."""
    begin, used = time.perf_counter(), time.process_time()
    found = work()
    return found, Figure(time.perf_counter() - begin, 0.0, time.process_time() - used)


def size_of(*, small: int, large: int = 0) -> int:
    """Return the number of rows that `--size small|NUMBER|NUMBERM` asks this question for; `large` caps it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="small")
    asked = parser.parse_args().size
    rows = small if asked == "small" else rows_said(asked)
    return min(rows, large) if large else rows


def rows_said(size: str) -> int:
    """Return a size as a number: 300000, 1M, 1.65M."""
    return round(float(size[:-1]) * 1_000_000) if size.endswith("M") else int(size)


def say(*, question: str, size: int, ours: Figure, peers: Mapping[str, Figure], **more: object) -> None:
    """Print one JSON line. A ratio above 1: Valence is faster; a memory ratio below 1: it takes less."""
    line = {
        "question": question,
        "size": size,
        "seconds": round(ours.seconds, 6),
        "memory_mb": round(ours.memory_mb, 1),
        **({"cpu_seconds": round(ours.cpu_seconds, 3)} if ours.cpu_seconds else {}),
        "peers": [_beside(name, ours, peer) for name, peer in peers.items()],
    }
    print(json.dumps(line | more), flush=True)


def _beside(name: str, ours: Figure, peer: Figure) -> dict[str, object]:
    both = ours.cpu_seconds and peer.cpu_seconds
    return {
        "name": name,
        "ratio": round(peer.seconds / ours.seconds, 3),
        "memory_ratio": round(ours.memory_mb / peer.memory_mb, 3),
        **({"cpu_ratio": round(peer.cpu_seconds / ours.cpu_seconds, 3)} if both else {}),
    }


def _once(work: Callable[[], object]) -> Figure:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(work, there))
    child.start()
    there.close()
    try:
        answer = here.recv()
    except EOFError:
        answer = "the process died without an answer"
    child.join()
    if isinstance(answer, str):
        raise WorkError(answer)
    return Figure(*answer)


def _child(work: Callable[[], object], answer: Connection) -> None:
    try:
        said, around = timed(work=work)
    except BaseException:
        answer.send(traceback.format_exc())
        sys.exit(1)
    found = said if isinstance(said, Figure) else around
    seconds, used = (said, 0.0) if isinstance(said, float) else (found.seconds, found.cpu_seconds)
    answer.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, used))
