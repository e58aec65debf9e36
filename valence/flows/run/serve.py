"""Everything that runs: pages and intake, background work, ticker. Together in one process, or each alone."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

from django.db import close_old_connections

from valence.flows.act import placing, telling
from valence.flows.ask import sending, spoken
from valence.flows.gather import following
from valence.flows.run import jobs, ticker, worker

PARTS = ("web", "jobs", "ticker")
BEAT = 1.0
SECONDS_TO_END = 15.0
APPLICATION = "valence.asgi:application"


class CannotListen(OSError):  # noqa: N818  named as people say it
    """The address is taken or is not ours."""


def run(*, host: str, port: int, only: str = "", ready: Callable[[], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. `only`: one of PARTS alone. `ready` is called just before requests are taken.

    Background work is done in a child process of lower priority, made when something waits: heavy work never slows
    pages or intake. On the way out requests at hand are answered, and work at hand breaks off at a safe point.
    Raises CannotListen before anything was started.
    """
    if only == "jobs":
        _alone(_work_in_lanes)
    elif only == "ticker":
        _alone(_tick_and_send)
    else:
        _web(host=host, port=port, together=not only, ready=ready)


def _web(*, host: str, port: int, together: bool, ready: Callable[[], None] | None) -> None:
    import uvicorn

    door = _door(host, port)
    stop = threading.Event()
    parts = (ticker.run, sending.run, telling.run, placing.run, _work_in_lanes) if together else ()
    threads = [threading.Thread(target=part, kwargs={"stop": stop}, name=part.__module__) for part in parts]
    threads += following.threads(stop=stop) if together else []
    for thread in threads:
        thread.start()
    spoken.served_at(host=host, port=port)
    if ready:
        ready()
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn ends at the first of them and raises it again afterwards: by then there is still work to end.
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        APPLICATION,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    try:
        uvicorn.Server(config).run(sockets=[door])
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=SECONDS_TO_END + BEAT)


def _door(host: str, port: int) -> socket.socket:
    """Take the address first: whoever cannot have it has started nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as problem:
        door.close()
        raise CannotListen(f"Cannot listen on {host} port {port}: {problem.strerror}.") from None
    return door


def _tick_and_send(*, stop: threading.Event) -> None:
    """Be the ticker, with what follows the inbox and what sends messages beside it."""
    beside = [threading.Thread(target=part, kwargs={"stop": stop}) for part in (sending.run, telling.run, placing.run)]
    beside += following.threads(stop=stop)
    for thread in beside:
        thread.start()
    ticker.run(stop=stop)
    for thread in beside:
        thread.join(timeout=SECONDS_TO_END)


def _alone(part: Callable[..., None]) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    part(stop=stop)


def _work_in_lanes(*, stop: threading.Event) -> None:
    """See to the work of every lane at once: what is fed in never waits for a training."""
    lanes = [threading.Thread(target=_work, kwargs={"stop": stop, "lane": lane}) for lane in jobs.LANES]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()


def _work(*, stop: threading.Event, lane: str) -> None:
    """Start a worker whenever something of a lane waits or was broken off, and end it with the server."""
    child: subprocess.Popen[bytes] | None = None
    while not stop.wait(BEAT):
        if (child is None or child.poll() is not None) and jobs.is_any(lane=lane) and not worker.is_there(lane=lane):
            child = subprocess.Popen([sys.executable, "-m", "valence.flows.run.worker", lane], stdin=subprocess.DEVNULL)
        close_old_connections()
    if child is not None and child.poll() is None:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()
