"""A data folder of another version: an older one is backed up and brought up to date, a newer one is left alone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import BIN, environment

BACK = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from valence.flows.run import opening
opening.open_home(home=settings.HOME)
last = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "valence")[-2:]
call_command("migrate", "valence", last[0] if len(last) > 1 else "zero", verbosity=0)
"""


def valence(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "valence", *words], env=environment(home=home), capture_output=True, text=True, check=False
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that was used by version 0.0.1, whose tables lack the last change."""
    place = tmp_path / "home"
    surroundings = environment(home=place) | {"DJANGO_SETTINGS_MODULE": "valence.settings"}
    subprocess.run([sys.executable, "-c", BACK], env=surroundings, check=True)
    (place / ".version").write_text("0.0.1")
    return place


def test_an_older_home_is_backed_up_beside_itself_before_its_tables_change(home: Path) -> None:
    assert valence(home, "doctor").returncode == 0
    [kept] = home.parent.glob("home.before-*.backup")
    assert (home / ".version").read_text() != "0.0.1"
    again = subprocess.run(
        [BIN / "valence", "restore", kept, "--erased", f"{home}.erased"], capture_output=True, text=True, check=False,
        env=environment(home=home.parent / "again") | {"VALENCE_KEY_FILE": f"{home}.key"},
    )  # fmt: skip
    assert again.returncode == 0, again.stderr


def test_a_home_of_a_newer_version_is_refused_with_a_sentence_and_not_touched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert valence(home, "doctor").returncode == 0
    (home / ".version").write_text("99.1")
    with closing(sqlite3.connect(home / "valence.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('valence', '0999_later', '2099-01-01')"
        )
    ended = valence(home, "doctor")
    assert ended.returncode == 2
    assert "was used by Valence 99.1" in ended.stderr
    assert (home / ".version").read_text() == "99.1"
