"""Backup and restore of the real product: whole while it runs, nothing half after a kill, nobody erased comes back."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BIN, environment
from tests.test_erasure import CUSTOMERS, HERS, INTERACTIONS, WORDS, places_of
from tests.test_postgresql import files_in, tables_in

WRITER = """
import os, sys
from datetime import UTC, datetime
import django
django.setup()
from valence import interactions
from valence.terms import Interaction

acknowledged = open(sys.argv[1], "a")
at, number = datetime(2025, 3, 1, tzinfo=UTC), 0
while True:
    ids = [f"w{number + step}" for step in range(200)]
    number += 200
    rows = [Interaction(source="crm", interaction_id=one, customer_key=hash(one) % 97 + 1, occurred_at=at,
                        recorded_at=at, kind="contact") for one in ids]
    interactions.inbox.admit(interactions=rows, now=at)
    acknowledged.write("".join(one + chr(10) for one in ids))
    acknowledged.flush()
    if number % 3_000 == 0:
        interactions.log.flush(limit=2_000)
    if number % 9_000 == 0:
        interactions.log.compact()
"""
JUDGE = """
import json
import django
django.setup()
from valence import interactions
stored = interactions.ask(question=lambda rows: rows.select("interaction_id"))
faults = [fault.words for fault in interactions.log.verify()]
interactions.log.flush(limit=10**9)
print(json.dumps({"ids": [row["interaction_id"] for row in stored], "faults": faults,
                  "whole": interactions.log.tally().whole}))
"""


@dataclass(frozen=True)
class Company:
    """A home with two customers and their interactions, and a backup of it."""

    folder: Path
    home: Path
    backup: Path

    def run(self, *words: str | Path, home: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        surroundings = environment(home=home or self.home) | {"VALENCE_KEY_FILE": str(self.folder / "key")} | more
        command = [BIN / "valence", *words, "--format", "json"]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)

    def told(self, *words: str | Path, home: Path | None = None, **more: str) -> dict[str, Any]:
        ended = self.run(*words, home=home, **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer

    def refusal(self, *words: str | Path, home: Path, **more: str) -> str:
        ended = self.run(*words, home=home, **more)
        assert ended.returncode == 2, ended.stdout + ended.stderr
        return str(json.loads(ended.stdout)["error"]["message"])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    made = Company(folder=folder, home=folder / "home", backup=folder / "monday.backup")
    (folder / "customers.csv").write_text(CUSTOMERS)
    (folder / "interactions.csv").write_text(INTERACTIONS)
    made.told("import", "csv", folder / "customers.csv")
    made.told("import", "csv", folder / "interactions.csv")
    (made.home / "packs" / "telco.toml").write_text("# ours\n")
    assert made.told("backup", made.backup)["with_key"] is False
    return made


def files_of(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()) if home.exists() else []


def test_a_restored_home_holds_the_same_and_answers_the_same(company: Company, tmp_path: Path) -> None:
    home = tmp_path / "home"
    register = Path(f"{company.home}.erased")
    done = company.told("restore", company.backup, "--erased", register, home=home)
    assert (done["erased_again"], [one for one in done["findings"] if one["health"] == "bad"]) == (0, [])
    assert (home / "packs" / "telco.toml").read_text() == "# ours\n"
    again = company.told("import", "csv", company.folder / "interactions.csv", home=home)
    assert (again["created"], again["duplicate"]) == (0, 60)


def test_whoever_was_erased_since_does_not_come_back(company: Company, tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    company.told("restore", company.backup, "--without-register", home=copy)
    company.told("erase", HERS["customer_id"], "--why", "asked", home=copy)
    done = company.told("restore", company.backup, "--erased", f"{copy}.erased", home=home)
    assert done["erased_again"] == 1
    assert places_of(home, WORDS) == []
    sent = company.run("import", "csv", company.folder / "customers.csv", home=home)
    assert json.loads(sent.stdout)["reasons"] == {"erased": 1}


def test_what_cannot_be_restored_safely_is_refused_and_leaves_nothing(company: Company, tmp_path: Path) -> None:
    home = tmp_path / "home"
    register = ("--erased", f"{company.home}.erased")
    assert "come back" in company.refusal("restore", company.backup, home=home)
    (tmp_path / "other").write_text("0" * 64)
    wrong = {"VALENCE_KEY_FILE": str(tmp_path / "other")}
    assert "is not the key" in company.refusal("restore", company.backup, *register, home=home, **wrong)
    absent = {"VALENCE_KEY_FILE": str(tmp_path / "absent")}
    assert "not in the backup" in company.refusal("restore", company.backup, *register, home=home, **absent)
    assert not (tmp_path / "absent").exists()
    torn = tmp_path / "torn"
    torn.write_bytes(company.backup.read_bytes()[:-500])
    assert "not" in company.refusal("restore", torn, *register, home=home)
    assert files_of(home) == []
    assert "not empty" in company.refusal("restore", company.backup, home=company.home)


def test_the_key_travels_under_a_passphrase(company: Company, tmp_path: Path) -> None:
    sealed, home, key = tmp_path / "sealed.backup", tmp_path / "home", tmp_path / "new" / "key"
    secret = {"VALENCE_BACKUP_PASSPHRASE": "a rather long passphrase"}
    assert company.told("backup", sealed, "--with-key", **secret)["with_key"] is True
    elsewhere = {"VALENCE_KEY_FILE": str(key)}
    words = ("restore", sealed, "--erased", f"{company.home}.erased")
    assert "passphrase" in company.refusal(*words, home=home, **elsewhere)
    company.told(*words, home=home, **elsewhere, **secret)
    assert key.read_text() == (company.folder / "key").read_text()


@contextmanager
def writing(*, surroundings: dict[str, str], ids: Path) -> Iterator[set[str]]:
    """Have a process write, flush and compact without a pause, and give what was acknowledged before."""
    told = surroundings | {"PYTHONHASHSEED": "0"}
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(ids)], env=told)
    try:
        while not ids.exists() or len(ids.read_text().split()) < 4_000:
            assert process.poll() is None
            time.sleep(0.1)
        yield set(ids.read_text().split("\n")[:-1])
    finally:
        process.kill()
        process.wait()


def assert_one_moment(*, first: Path, again: Path, before: set[str], surroundings: dict[str, str]) -> None:
    """Hold a backup, and the backup of what was restored from it, against each other and against what was written."""
    taken, restored = (tables_in(backup, first.parent) for backup in (first, again))
    assert {name for name, rows in taken.items() if rows != restored[name]} == set()
    assert len(taken["valence_seen"]) + len(taken["valence_inboxrow"]) >= len(before)  # moved to the log, and waiting
    assert files_in(first) == files_in(again)
    assert any(name.endswith(".parquet") for name in files_in(again))
    judged = subprocess.run([sys.executable, "-c", JUDGE], env=surroundings, capture_output=True, text=True, check=True)
    found = json.loads(judged.stdout)
    assert (found["faults"], found["whole"]) == ([], True)
    assert len(found["ids"]) == len(set(found["ids"]))
    assert before - set(found["ids"]) == set()
    numbers = sorted(int(one[1:]) for one in found["ids"])
    assert numbers == list(range(len(numbers)))


def test_a_backup_while_everything_is_written_is_one_moment_of_it_and_restored_equal_row_by_row(
    company: Company, tmp_path: Path
) -> None:
    busy, home = tmp_path / "busy", tmp_path / "home"
    more = {"VALENCE_KEY_FILE": str(company.folder / "key"), "DJANGO_SETTINGS_MODULE": "valence.settings"}
    company.told("doctor", home=busy)
    with writing(surroundings=environment(home=busy) | more, ids=tmp_path / "ids") as before:
        company.told("backup", tmp_path / "busy.backup", home=busy)
    company.told("restore", tmp_path / "busy.backup", "--erased", f"{busy}.erased", home=home)
    company.told("backup", tmp_path / "again.backup", home=home)
    assert_one_moment(
        first=tmp_path / "busy.backup", again=tmp_path / "again.backup", before=before,
        surroundings=environment(home=home) | more,
    )  # fmt: skip


def killed(company: Company, *words: str | Path, home: Path, after: float) -> int:
    surroundings = environment(home=home) | {"VALENCE_KEY_FILE": str(company.folder / "key")}
    process = subprocess.Popen(
        [BIN / "valence", *words], env=surroundings, start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


def test_a_killed_backup_or_restore_leaves_nothing_half(company: Company, tmp_path: Path) -> None:
    dice = random.Random(os.urandom(8))
    register = ("--erased", f"{company.home}.erased")
    began = time.monotonic()
    company.told("backup", tmp_path / "a.backup")
    took = time.monotonic() - began
    for _ in range(int(os.environ.get("VALENCE_KILLS", "3"))):
        target, home = tmp_path / "b.backup", tmp_path / "home"
        killed(company, "backup", target, home=company.home, after=dice.uniform(0.3, 1.0) * took)
        if target.exists():
            company.told("restore", target, *register, home=tmp_path / "sound")
            shutil.rmtree(tmp_path / "sound")
        killed(company, "restore", company.backup, *register, home=home, after=dice.uniform(0.3, 1.5) * took)
        if (home / "valence.sqlite3").exists() and not (home / ".restoring").exists():
            assert company.told("doctor", home=home)["healthy"]
            shutil.rmtree(home)
        company.told("restore", company.backup, *register, home=home)
        assert company.told("doctor", home=home)["healthy"]
        shutil.rmtree(home)
    company.told("backup", tmp_path / "b.backup")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
