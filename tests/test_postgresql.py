"""PostgreSQL instead of SQLite: a home moves there and back by backup and restore, equal row by row."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.conftest import BIN, environment
from tests.test_erasure import CUSTOMERS, HERS, INTERACTIONS
from valence.flows.tests.feeds import servers

# What every process writes anew when it opens a home or answers a question.
LIVING = {"django_migrations", "sqlite_sequence", "valence_auditentry", "django_content_type", "auth_permission"}


@dataclass(frozen=True)
class Company:
    """A folder with a key, and a PostgreSQL in which each home may have a database."""

    folder: Path
    server: str

    def database(self, name: str) -> str:
        """Make an empty database and return its address."""
        with sa.create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as door:
            door.execute(sa.text(f'CREATE DATABASE "{name}"'))
        return f"{self.server.replace('+psycopg', '').rpartition('/')[0]}/{name}"

    def run(self, *words: str | Path, home: Path, url: str = "") -> subprocess.CompletedProcess[str]:
        surroundings = environment(home=home) | {"VALENCE_KEY_FILE": str(self.folder / "key"), "DATABASE_URL": url}
        command = [BIN / "valence", *words, "--format", "json"]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)

    def told(self, *words: str | Path, home: Path, url: str = "") -> dict[str, Any]:
        ended = self.run(*words, home=home, url=url)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("company")
    (folder / "customers.csv").write_text(CUSTOMERS)
    (folder / "interactions.csv").write_text(INTERACTIONS)
    with servers.postgres() as server:
        yield Company(folder=folder, server=server)


def said(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row in which objects are equal whatever order their keys were written in."""
    return tuple(json.loads(cell) if isinstance(cell, str) and cell[:1] in "{[" and cell else cell for cell in row)


def tables_in(backup: Path, into: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of a backup, sorted."""
    with pa.CompressedInputStream(pa.OSFile(str(backup)), "zstd") as raw, tarfile.open(fileobj=raw, mode="r|") as tar:
        for member in tar:
            if member.name.endswith("valence.sqlite3"):
                with (into / backup.name).with_suffix(".sqlite3").open("wb") as file:
                    shutil.copyfileobj(tar.extractfile(member), file)  # type: ignore[arg-type]
    with closing(sqlite3.connect((into / backup.name).with_suffix(".sqlite3"))) as found:
        names = [name for (name,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(map(said, found.execute(f'SELECT * FROM "{name}"').fetchall()), key=repr)
            for name in names
            if name not in LIVING
        }


def files_in(backup: Path) -> dict[str, str]:
    """Return what the log's files in a backup are, by name: a hash of their bytes."""
    with pa.CompressedInputStream(pa.OSFile(str(backup)), "zstd") as raw, tarfile.open(fileobj=raw, mode="r|") as tar:
        return {
            member.name: hashlib.sha256(tar.extractfile(member).read()).hexdigest()  # type: ignore[union-attr]
            for member in tar
            if member.isfile() and "log/" in member.name
        }


def numbers_in(backup: Path, into: Path) -> dict[str, int]:
    with closing(sqlite3.connect((into / backup.name).with_suffix(".sqlite3"))) as found:
        return dict(found.execute("SELECT name, seq FROM sqlite_sequence WHERE name = 'valence_inboxrow'").fetchall())


def test_a_home_moves_to_postgresql_and_back_equal_row_by_row(company: Company, tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    for name in ("customers", "interactions"):
        company.told("import", "csv", company.folder / f"{name}.csv", home=first)
    company.told("doctor", home=first)
    url = company.database("moved")
    taken = {}
    for step, (home, where, onward, there) in enumerate(
        [(first, "", second, url), (second, url, third, ""), (third, "", None, "")]
    ):
        backup = tmp_path / f"{step}.backup"
        company.told("backup", backup, home=home, url=where)
        if onward:
            company.told("restore", backup, "--erased", f"{first}.erased", home=onward, url=there)
        taken[step] = (tables_in(backup, tmp_path), numbers_in(backup, tmp_path))
    assert not (second / "valence.sqlite3").exists()
    assert taken[0][0]["valence_seen"] or taken[0][0]["valence_inboxrow"]
    for name, rows in taken[0][0].items():
        assert (name, taken[1][0][name], taken[2][0][name]) == (name, rows, rows)
    assert taken[0][1] == taken[1][1] == taken[2][1]


def test_in_postgresql_the_same_id_again_changes_nothing_and_who_is_erased_is_gone(
    company: Company, tmp_path: Path
) -> None:
    home, url = tmp_path / "home", company.database("erasing")
    for name in ("customers", "interactions"):
        company.told("import", "csv", company.folder / f"{name}.csv", home=home, url=url)
    again = company.told("import", "csv", company.folder / "interactions.csv", home=home, url=url)
    assert (again["created"], again["duplicate"]) == (0, 60)
    company.told("erase", HERS["customer_id"], "--why", "asked", home=home, url=url)
    sent = company.run("import", "csv", company.folder / "customers.csv", home=home, url=url)
    assert json.loads(sent.stdout)["reasons"] == {"erased": 1}


def test_a_used_folder_is_not_opened_beside_an_empty_or_filled_by_a_full_database(
    company: Company, tmp_path: Path
) -> None:
    home, url = tmp_path / "home", company.database("first")
    company.told("import", "csv", company.folder / "customers.csv", home=home, url=url)
    wrong = company.run("doctor", home=home, url=company.database("second"))
    assert wrong.returncode != 0
    assert "was used before" in wrong.stdout + wrong.stderr
    company.told("backup", tmp_path / "one.backup", home=home, url=url)
    words = ("restore", tmp_path / "one.backup", "--erased", f"{home}.erased")
    full = company.run(*words, home=tmp_path / "other", url=url)
    assert full.returncode == 2
    assert "holds tables already" in full.stdout
    assert not (tmp_path / "other" / ".version").exists()
