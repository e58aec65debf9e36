"""A backup of PostgreSQL while everything is written: one moment of it, and restored elsewhere equal row by row."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import environment
from tests.test_backup import assert_one_moment, writing
from tests.test_postgresql import Company
from valence.flows.tests.feeds import servers

pytestmark = pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="`make postgresql` tries it")


def test_a_backup_of_postgresql_under_load_is_one_moment_of_it_and_restored_in_another_database_equal(
    tmp_path: Path,
) -> None:
    busy, home = tmp_path / "busy", tmp_path / "home"
    more = {"VALENCE_KEY_FILE": str(tmp_path / "key"), "DJANGO_SETTINGS_MODULE": "valence.settings"}
    with servers.postgres() as server:
        company = Company(folder=tmp_path, server=server)
        url, there = company.database("busy"), company.database("there")
        company.told("doctor", home=busy, url=url)
        with writing(
            surroundings=environment(home=busy) | more | {"DATABASE_URL": url}, ids=tmp_path / "ids"
        ) as before:
            company.told("backup", tmp_path / "busy.backup", home=busy, url=url)
        company.told("restore", tmp_path / "busy.backup", "--erased", f"{busy}.erased", home=home, url=there)
        company.told("backup", tmp_path / "again.backup", home=home, url=there)
        assert_one_moment(
            first=tmp_path / "busy.backup", again=tmp_path / "again.backup", before=before,
            surroundings=environment(home=home) | more | {"DATABASE_URL": there},
        )  # fmt: skip
