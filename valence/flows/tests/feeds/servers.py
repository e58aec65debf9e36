"""The real things on loopback, each in a private folder on a port of its own: PostgreSQL, MariaDB, an S3-like store."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

PATIENCE = 240.0  # a busy machine is slow, not wrong


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


@contextmanager
def postgres() -> Iterator[str]:
    """Start PostgreSQL and yield its address; skip where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = found[-1] if found else Path(shutil.which("initdb") or "")
    if not initdb.is_file():
        pytest.skip("no PostgreSQL on this machine: install the package `postgresql` to try the feed against it")
    with _place() as folder:
        user = _owner("postgres", folder)
        data, port = folder / "data", free_port()
        _run([initdb, "-D", data, "-U", "reader", "-A", "trust", "--no-sync"], user)
        words = [initdb.with_name("postgres"), "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"]
        with _served(words, user, folder):
            url = f"postgresql+psycopg://reader:feedpass@127.0.0.1:{port}/postgres"
            _wait_for(lambda: _answers(url))
            yield url


@contextmanager
def mariadb() -> Iterator[str]:
    """Start MariaDB and yield its address; skip where it is not installed."""
    server, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if not server or not install:
        pytest.skip("no MariaDB on this machine: install the package `mariadb-server` to try the feed against it")
    with _place() as folder:
        user = _owner("mysql", folder)
        data, port = folder / "data", free_port()
        _run([install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"], user)
        words = [
            server, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
            f"--socket={folder}/s.sock", f"--pid-file={folder}/pid", "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0",
        ]  # fmt: skip
        with _served(words, user, folder):
            root = f"mysql+pymysql://root@127.0.0.1:{port}"
            _wait_for(lambda: _answers(f"{root}/"))
            _execute(f"{root}/", "CREATE DATABASE crm", "CREATE USER reader@'%%' IDENTIFIED BY 'feedpass'",
                     "GRANT ALL ON crm.* TO reader@'%%'")  # fmt: skip
            yield f"mysql+pymysql://reader:feedpass@127.0.0.1:{port}/crm"


@contextmanager
def store() -> Iterator[str]:
    """Start an S3-like store and yield its address; skip where it is not installed."""
    pytest.importorskip("moto.server", reason="no moto in this environment: install `moto[server]` to try buckets")
    port = free_port()
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _place() as folder, _served(words, None, folder):
        _wait_for(lambda: _listens(port))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _place() -> Iterator[Path]:
    """Give a folder that stays open to a server of another user: pytest closes its own whenever a run begins."""
    with tempfile.TemporaryDirectory(prefix="valence-server-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _owner(name: str, folder: Path) -> str | None:
    """Return who may run a server that refuses to be run by root, and make the folder theirs."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, name, pwd.getpwnam(name).pw_gid)
    return name


def _run(words: list[object], user: str | None) -> None:
    subprocess.run(list(map(str, words)), check=True, capture_output=True, user=user, cwd="/")


@contextmanager
def _served(words: list[object], user: str | None, folder: Path) -> Iterator[None]:
    with (folder / "said").open("wb") as said:
        server = subprocess.Popen(list(map(str, words)), stdout=said, stderr=said, user=user, cwd="/")
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > until:
            pytest.fail("the server did not start")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    with suppress(sa.exc.SQLAlchemyError):
        _execute(url, "SELECT 1")
        return True
    return False


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _execute(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for words in statements:
            connection.exec_driver_sql(words)
    engine.dispose()
