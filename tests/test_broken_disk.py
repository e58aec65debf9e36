"""A disk that is full or fails: 503 with Retry-After, reads stay up, nothing acknowledged is lost, it goes on alone.

The full disk is a small file system in memory (needs root). The failing disk answers every fsync with an error: the
server asks the kernel for that itself when the test says so (seccomp, Linux), and keeps it until it is started again.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import BIN, environment, free_port

ROOMY, SCANT = "260m", 400 << 10
CALLS = {"x86_64": (317, 74, 75), "aarch64": (277, 82, 83)}  # seccomp, fsync, fdatasync

FAILING = """
import ctypes, errno, os, signal, struct, sys
SECCOMP, FSYNC, FDATASYNC = map(int, sys.argv[1:4])
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
def fail(*_):
    steps = [(0x20, 0, 0, 0), (0x15, 1, 0, FSYNC), (0x15, 0, 1, FDATASYNC), (0x06, 0, 0, 0x50000 | errno.EIO),
             (0x06, 0, 0, 0x7FFF0000)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    every_thread = 1
    if libc.syscall(SECCOMP, 1, every_thread, ctypes.byref(Program(len(steps), code))):
        os._exit(99)
signal.signal(signal.SIGUSR1, fail)
from valence.management import main
sys.argv = ["valence", *sys.argv[4:]]
main()
"""


class Product:
    """A server on a home, and what it acknowledged."""

    def __init__(self, *, home: Path, start: Callable[[int], list[str | Path]]) -> None:
        self.surroundings = environment(home=home)
        self.token = json.loads(self.run("key", "create", "till", "--format", "json"))["key"]
        self.acknowledged: set[str] = set()
        self._start = start
        self._numbers = itertools.count()

    def run(self, *words: str) -> str:
        done = subprocess.run([BIN / "valence", *words], env=self.surroundings, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def served(self) -> Iterator[subprocess.Popen[bytes]]:
        port = free_port()
        process = subprocess.Popen(self._start(port), env=self.surroundings, start_new_session=True)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=240)
        try:
            wait(lambda: process.poll() is None and self.health() is not None, "the server does not come up")
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def health(self) -> dict[str, Any] | None:
        try:
            answer = self.http.get("/healthz")
        except httpx.HTTPError:
            return None
        return answer.json() if answer.status_code == 200 else None

    def send(self, *, size: int = 20) -> httpx.Response:
        ids = [f"i{next(self._numbers)}" for _ in range(size)]
        body = [
            {"interaction_id": one, "customer_id": "C-1", "occurred_at": "2025-03-01T12:00:00Z", "kind": "contact",
             "text": one * 300}
            for one in ids
        ]  # fmt: skip
        answer = self.http.post("/api/v1/interactions", json=body, headers={"authorization": f"Bearer {self.token}"})
        if answer.status_code == 202:
            assert {one["verdict"] for one in answer.json()} == {"created"}
            self.acknowledged.update(ids)
        return answer

    def refuses_for_now(self) -> None:
        """Check how it answers while nothing can be stored: told to come back, and everything that reads is up."""
        answer = self.send()
        assert (answer.status_code, answer.json()["error"]) == (503, "cannot_store")
        assert int(answer.headers["retry-after"]) > 0
        assert self.http.get("/api/v1/openapi.json").status_code == 200
        assert self.http.get("/signin/", follow_redirects=True).status_code == 200

    def stored(self) -> list[str]:
        rows = json.loads(self.run("sql", "select interaction_id from interactions", "--format", "json"))["rows"]
        return [row["interaction_id"] for row in rows]


def wait(is_so: Callable[[], bool], words: str) -> None:
    deadline = time.monotonic() + 240
    while not is_so():
        assert time.monotonic() < deadline, words
        time.sleep(0.1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOMY}", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here (needs root): a full disk is not tested")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def test_a_full_disk_takes_nothing_loses_nothing_and_goes_on_alone(small_disk: Path) -> None:
    product = Product(
        home=small_disk / "home",
        start=lambda port: [BIN / "valence", "serve", "--host", "127.0.0.1", "--port", str(port)],
    )
    with product.served():
        assert product.send().status_code == 202
        used = os.statvfs(small_disk)
        resize(small_disk, str((used.f_blocks - used.f_bfree) * used.f_frsize + SCANT))
        wait(lambda: product.send().status_code == 503, "the disk is never full")
        product.refuses_for_now()
        health = product.health()
        assert health is not None
        assert health["degraded"]
        assert any("disk" in why for why in health["why"])
        resize(small_disk, ROOMY)
        wait(lambda: product.send().status_code == 202, "it does not go on")
        wait(lambda: not any("disk" in why for why in (product.health() or {"why": ["disk"]})["why"]), "still degraded")
    found = product.stored()
    assert len(found) == len(set(found))
    assert set(found) == product.acknowledged


def test_a_failing_fsync_acknowledges_nothing_and_loses_nothing(tmp_path: Path) -> None:
    if platform.machine() not in CALLS or not sys.platform.startswith("linux"):
        pytest.skip("a failing fsync is only made on Linux, x86_64 or aarch64")
    calls = [str(number) for number in CALLS[platform.machine()]]
    product = Product(
        home=tmp_path / "home",
        start=lambda port: [
            sys.executable, "-c", FAILING, *calls, "serve", "--host", "127.0.0.1", "--port", str(port),
        ],
    )  # fmt: skip
    with product.served() as process:
        assert product.send().status_code == 202
        process.send_signal(signal.SIGUSR1)
        time.sleep(1)
        if process.poll() == 99:
            pytest.skip("the kernel does not let a process make its own fsync fail")
        product.refuses_for_now()
        product.refuses_for_now()
    with product.served():
        assert product.send().status_code == 202
    found = product.stored()
    assert len(found) == len(set(found))
    assert product.acknowledged <= set(found)
