"""valence init, as people and scripts run it: in processes of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

MAIN = [sys.executable, "-c", "from valence.management import main; main()"]


def valence(home: Path, *words: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VALENCE_")}
    return subprocess.run(
        [*MAIN, *words], env={**kept, "VALENCE_HOME": str(home), **more}, input=given,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def answer(home: Path, *words: str, given: str = "", **more: str) -> dict[str, Any]:
    ended = valence(home, *words, "--format", "json", given=given, **more)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a home was made, for those who begin where one is there: making it takes seconds."""
    folder = tmp_path_factory.mktemp("made")
    answer(folder / "home", "init", "--organisation", "Tessaly", "--region", "North")
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """Return a home of one's own that was made already, with its key beside it."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "home"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_time_makes_all_of_it_readable_by_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    told = answer(home, "init", "--organisation", "Tessaly", "--currency", "usd", "--time-zone", "Europe/Berlin")
    assert told["user"] == "admin"
    assert len(told["password"]) >= 20
    assert {each["check"] for each in told["findings"]} >= {
        "disk", "fsync", "locks", "clock", "memory", "permissions", "versions", "port",
    }  # fmt: skip
    assert told["organisation"]["currency"] == "USD"
    assert [mode(path) for path in (home, tmp_path / "home.key", tmp_path / "home.erased")] == [0o700, 0o600, 0o600]
    assert mode(home / "valence.sqlite3") == 0o600
    assert tomllib.loads((home / "valence.toml").read_text())["time_zone"] == "Europe/Berlin"


def test_again_it_changes_only_what_it_is_told(home: Path, tmp_path: Path) -> None:
    key, told = (tmp_path / "home.key").read_text(), (home / "valence.toml").read_text()
    again = answer(home, "init")
    assert (again["changed"], again["password"]) == ([], "")
    assert ((tmp_path / "home.key").read_text(), (home / "valence.toml").read_text()) == (key, told)
    changed = answer(home, "init", "--currency", "CHF")
    assert changed["changed"] == ["currency"]
    assert changed["organisation"]["regions"] == ["North"]


def test_a_password_comes_from_standard_input_or_the_environment_and_is_not_printed(tmp_path: Path) -> None:
    secret = "correct horse battery"
    one = valence(tmp_path / "a", "init", "--user", "ada", "--password-stdin", given=f"{secret}\n")
    other = valence(tmp_path / "b", "init", VALENCE_ADMIN_PASSWORD=secret)
    for ended in (one, other):
        assert ended.returncode == 0, ended.stderr
        assert secret not in ended.stdout + ended.stderr


def test_what_cannot_be_used_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for words in (["--currency", "EURO"], ["--time-zone", "Berlin"], ["--address", "valence"], ["--pack", "moon"]):
        ended = valence(home, "init", *words)
        assert ended.returncode == 2, ended.stdout
        assert "Nothing was changed" in ended.stderr
    assert valence(home, "init", "--password-stdin", given="short\n").returncode == 2
    assert not (home / "valence.toml").exists()
    assert answer(home, "init")["password"]


def test_a_home_whose_key_is_lost_is_not_opened_with_a_new_one(home: Path, tmp_path: Path) -> None:
    (tmp_path / "home.key").rename(tmp_path / "elsewhere")
    ended = valence(home, "doctor")
    assert ended.returncode == 2
    assert "its key is not at" in ended.stderr
    assert not (tmp_path / "home.key").exists()


def test_the_environment_wins_over_the_file(home: Path) -> None:
    answer(home, "init", "--currency", "CHF")
    assert answer(home, "init", VALENCE_CURRENCY="SEK")["organisation"]["currency"] == "SEK"
    assert tomllib.loads((home / "valence.toml").read_text())["currency"] == "CHF"
