"""One server of each sort for all tests of this folder, and a source on it for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from valence.flows.tests.feeds import servers, worlds

NUMBERS = itertools.count(1)
SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "postgresql": servers.postgres,
    "mariadb": servers.mariadb,
    "store": servers.store,
}
KINDS = {
    "folder": "folder",
    "sql on PostgreSQL": "postgresql",
    "sql on MariaDB": "mariadb",
    "bucket": "store",
}


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[str], str]]:
    """Start servers when they are first asked for, and end them with the tests."""
    opened: dict[str, tuple[AbstractContextManager[str], str]] = {}

    def start(name: str) -> str:
        if name not in opened:
            manager = SERVERS[name]()
            opened[name] = (manager, manager.__enter__())
        return opened[name][1]

    yield start
    for manager, _ in opened.values():
        manager.__exit__(None, None, None)


@pytest.fixture(params=list(KINDS))
def world(request: pytest.FixtureRequest, server: Callable[[str], str], tmp_path: Path) -> worlds.World:
    """A source of each kind, empty."""
    return make_world(KINDS[request.param], server, tmp_path)


def make_world(name: str, server: Callable[[str], str], folder: Path) -> worlds.World:
    if name == "folder":
        return worlds.Folder(folder / "drop")
    if name == "store":
        return worlds.Bucket(server(name), f"crm-{next(NUMBERS)}")
    return worlds.Database(server(name))
