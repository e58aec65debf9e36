from __future__ import annotations

import errno
import os
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from valence import interactions
from valence.flows.gather import calendars
from valence.flows.run import doctor, machine
from valence.flows.run.doctor import Health
from valence.home import Home
from valence.terms import Interaction

NOW = datetime.now(UTC)
pytestmark = pytest.mark.django_db
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def home(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home with one row in the log and one in the inbox. Tests keep the database in memory: it is sound."""
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    monkeypatch.setattr(doctor.sql, "faults", list)
    for name in ("a", "b"):
        if name == "b":
            interactions.log.flush()
        row = Interaction(source="crm", interaction_id=name, customer_key=7, occurred_at=NOW, recorded_at=NOW, kind="x")
        interactions.inbox.admit(interactions=[row], now=NOW)
    return Home(folder=tmp_path, master_key=settings.HOME.master_key)


def health(home: Home, check: str, *, mend: bool = False, now: datetime | None = None) -> list[Health]:
    findings = doctor.examine(home=home, now=now or datetime.now(UTC), mend=mend)
    return [finding.health for finding in findings if finding.check == check]


def test_a_sound_home_is_good(home: Home) -> None:
    findings = doctor.examine(home=home, now=datetime.now(UTC))
    of_the_machine = ("disk", "memory", "fsync")
    assert [one for one in findings if one.health is not Health.GOOD and one.check not in of_the_machine] == []
    assert "2 rows were admitted, 2 are stored" in [finding.words for finding in findings]


def test_a_full_disk_is_bad(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: Usage(100, 100, 0))
    assert health(home, "disk") == [Health.BAD]


def test_a_disk_that_takes_no_writes_is_bad(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", failing)
    assert health(home, "fsync") == [Health.BAD]


def test_a_clock_behind_the_log_is_bad(home: Home) -> None:
    assert health(home, "clock", now=NOW - timedelta(days=2)) == [Health.BAD]
    assert health(home, "clock", now=datetime(1970, 1, 2, tzinfo=UTC)) == [Health.BAD]


def test_a_row_that_was_seen_and_is_nowhere_is_bad(home: Home) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO valence_seen VALUES (%s, %s, 0, 7)", [b"x" * 16, b"y" * 16])
    assert health(home, "nothing lost") == [Health.BAD]


def test_a_torn_commit_is_bad_until_it_is_mended(home: Home) -> None:
    torn = home.log / "_delta_log" / f"{2:020d}.json"
    torn.write_bytes(b"")
    assert health(home, "log") == [Health.BAD]
    assert health(home, "log", mend=True) == [Health.GOOD]
    assert health(home, "nothing lost") == [Health.GOOD]


def test_what_cannot_be_mended_is_said(home: Home) -> None:
    (home.log / "_delta_log" / f"{1:020d}.json").unlink()
    assert health(home, "mended", mend=True) == [Health.BAD]


def test_files_that_a_stopped_process_left_are_swept(home: Home) -> None:
    leftover = home.log / "bucket=-1" / "rows-left.parquet"
    leftover.write_bytes(b"")
    os.utime(leftover, (1, 1))
    assert health(home, "leftover files") == [Health.GOOD]
    assert health(home, "leftover files", mend=True) == []
    assert not leftover.exists()


@pytest.mark.parametrize(("country", "well"), [("", Health.GOOD), ("de", Health.GOOD), ("XX", Health.WARNING)])
def test_a_country_whose_holidays_nobody_knows_is_said(
    home: Home, settings: LazySettings, country: str, well: Health
) -> None:
    settings.COUNTRY = country
    assert health(home, "calendar") == [well]
    settings.HOURS = "always"
    assert health(home, "calendar")[0] is Health.WARNING


def test_a_country_counts_however_its_letters_are_written() -> None:
    days = calendars._holidays("de", 2026)
    assert days == calendars._holidays("DE", 2026)
    assert len(days) > 8
    assert calendars._holidays("XX", 2026) == frozenset()
