"""An import that was undone leaves a home equal, row by row, to one in which it was never brought in."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings

from valence.customers.models import (
    Customer,
    Said,
)
from valence.flows.gather import imports, undo
from valence.flows.protect import erase
from valence.flows.tests import brought
from valence.interactions import log, portions
from valence.interactions.models import Going, Seen
from valence.sources.models import Import, RefusedRecord
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
NOW = brought.NOW


@pytest.fixture
def built(settings: LazySettings, tmp_path: Path) -> Callable[..., dict[str, brought.Table]]:
    """Give what a home holds in which files were brought in, without one of them or with one of them undone."""

    def build(
        files: list[brought.File], *, without: int | None = None, undone: int | None = None, seed: int = 0
    ) -> Any:
        with brought.home(settings, tmp_path / f"{without}-{undone}"):
            called = brought.bring(tmp_path, files, without=without, seed=seed)
            if undone is not None:
                number = next(number for number, name in called.items() if name == files[undone].name)
                undo.run(number=number, by="alice", now=NOW + timedelta(days=1))
                del called[number]
                assert not Going.objects.exists()
                assert log.tally().whole
            return brought.everything(called)

    return build


@pytest.mark.parametrize("which", range(5))
@pytest.mark.parametrize("seed", [2, 12])
def test_undone_is_as_if_never_brought_in(built: Callable[..., Any], seed: int, which: int) -> None:
    files = brought.five(seed)
    undone, never = built(files, undone=which, seed=seed), built(files, without=which, seed=seed)
    for name, rows in never.items():
        assert undone[name] == rows, name


def three_of_identities(seed: int) -> list[brought.File]:
    """Identities before and after what brings the people; others repeat, contradict and name ids nobody else knows."""
    chance = random.Random(seed)
    return [
        brought.identities_file(chance, "ids one.csv"),
        brought.customers_file(chance, "people.csv"),
        brought.identities_file(chance, "ids two.csv"),
        brought.interactions_file(chance, "calls.csv", rows=8),
        brought.identities_file(chance, "ids three.csv"),
    ]


@pytest.mark.parametrize("which", [0, 2, 4])
@pytest.mark.parametrize("seed", [3, 4])
def test_undone_identities_are_as_if_never_brought_in(built: Callable[..., Any], seed: int, which: int) -> None:
    files = three_of_identities(seed)
    undone, never = built(files, undone=which, seed=seed), built(files, without=which, seed=seed)
    assert never["links"], "there is something to compare"
    for name, rows in never.items():
        assert undone[name] == rows, name


def test_what_was_refused_because_of_it_comes_in(settings: LazySettings, tmp_path: Path) -> None:
    with brought.home(settings, tmp_path / "a"):
        first, second = two_that_contradict(tmp_path)
        assert RefusedRecord.objects.filter(batch_id=second).count() == 1
        done = undo.run(number=first, by="alice", now=NOW)
        assert (done.interactions, done.stayed, done.let_in, done.lost) == (1, 1, 1, 0)
        assert not RefusedRecord.objects.exists()
        assert Import.objects.get(pk=second).created == 3


def test_what_was_refused_too_long_ago_is_said_plainly(settings: LazySettings, tmp_path: Path) -> None:
    with brought.home(settings, tmp_path / "a"):
        first, second = two_that_contradict(tmp_path)
        later = NOW + timedelta(days=31)
        undo.remember_contradictions(before=later - timedelta(days=30), now=later)
        RefusedRecord.objects.all().delete()
        done = undo.run(number=first, by="alice", now=later)
        assert (done.let_in, done.lost) == (0, 1)
        assert "bring those files in again" in undo.words(done=done)
        assert Import.objects.get(pk=second).state == "done"


def two_that_contradict(folder: Path) -> tuple[int, int]:
    """Bring two files in: the second repeats one row of the first, contradicts one, and brings one of its own."""
    header = "interaction_id,source,customer_id,occurred_at,kind,reason"
    files = {
        "first.csv": ["1,crm,C-1,2025-01-01T00:00:00Z,contact,a", "2,crm,C-2,2025-01-01T00:00:00Z,contact,a",
                      "3,crm,C-3,2025-01-01T00:00:00Z,contact,a"],
        "second.csv": ["1,crm,C-1,2025-01-01T00:00:00Z,contact,a", "2,crm,C-2,2025-01-01T00:00:00Z,contact,other",
                       "4,crm,C-3,2025-01-01T00:00:00Z,contact,a"],
    }  # fmt: skip
    numbers = []
    for name, lines in files.items():
        (folder / name).write_text("\n".join([header, *lines]))
        numbers.append(imports.run(kind="csv", path=folder / name, by="alice", now=NOW).number)
    return numbers[0], numbers[1]


def test_an_import_is_undone_once_and_only_one_that_is_there(settings: LazySettings, tmp_path: Path) -> None:
    with brought.home(settings, tmp_path / "a"):
        first, _ = two_that_contradict(tmp_path)
        undo.run(number=first, by="alice", now=NOW)
        with pytest.raises(undo.CannotUndo, match="already"):
            undo.run(number=first, by="alice", now=NOW)
        with pytest.raises(undo.CannotUndo, match="no import"):
            undo.run(number=first + 100, by="alice", now=NOW)


def test_the_same_file_comes_in_again_as_if_for_the_first_time(settings: LazySettings, tmp_path: Path) -> None:
    with brought.home(settings, tmp_path / "a"):
        number = two_that_contradict(tmp_path)[1]
        undo.run(number=number, by="alice", now=NOW)
        again = imports.run(kind="csv", path=tmp_path / "second.csv", by="alice", now=NOW)
        assert (again.created, again.duplicate, again.refused, again.resumed_at) == (1, 1, 1, 0)


def test_one_who_is_being_brought_in_breaks_off(settings: LazySettings, tmp_path: Path) -> None:
    with brought.home(settings, tmp_path / "a"):
        (tmp_path / "one.csv").write_text(brought.five(1)[1].text)

        def undo_it(step: Any) -> None:
            if step.words == "Reading":
                undo.sources.begin(number=Import.objects.get().pk, by="bob")

        before = imports.files.PIECE
        try:
            imports.files.PIECE = imports.registry.csv.PIECE = 6
            with pytest.raises(imports.actions.BeingUndone):
                imports.run(kind="csv", path=tmp_path / "one.csv", by="alice", now=NOW, progress=undo_it)
        finally:
            imports.files.PIECE = imports.registry.csv.PIECE = before
        undo.run(number=Import.objects.get().pk, by="bob", now=NOW)
        assert not Seen.objects.exists()
        assert not Customer.objects.exists()


def test_everything_can_be_undone_also_after_somebody_was_erased(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase.actions, "wipe_traces", lambda: None)  # there is no journal inside a transaction
    with brought.home(settings, tmp_path / "a"):
        called = brought.bring(tmp_path, brought.five(1), seed=1)
        erase.run(customer_id="C-1", why="asked", who="bob", scope=EVERYTHING, now=NOW)
        assert not Said.objects.exclude(customer_id__in=Customer.objects.values("key")).exists()
        for each in sorted(called):
            undo.run(number=each, by="alice", now=NOW)
        assert not Said.objects.exclude(batch=0).exists()
        assert not portions.ranges().batch.any()
        assert log.tally().whole


KILLED = """
import json, os, signal, sys
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from django.conf import settings
from valence.flows.gather import undo; from valence.flows.run import opening
from valence.flows.tests import brought as cast
from valence.sources.models import Import
folder = settings.HOME.folder.parent
def bring(without):
    opening.open_home(home=settings.HOME)
    cast.bring(folder, cast.five(3), without=int(without) if without else None, seed=3)
def take_back(where, when):
    opening.open_home(home=settings.HOME)
    if where:
        module, name = where.rsplit(".", 1)
        owner = sys.modules.get(module) or getattr(sys.modules[module.rsplit(".", 1)[0]], module.rsplit(".", 1)[1])
        real = getattr(owner, name)
        def dying(*args, **more):
            if when == "after":
                real(*args, **more)
            os.kill(os.getpid(), signal.SIGKILL)
        setattr(owner, name, dying)
    undo.run(number=Import.objects.get(filename="three.csv").pk, by="alice", now=cast.NOW)
def tell():
    called = {row.pk: row.filename for row in Import.objects.exclude(state="undone")}
    (folder / "told").write_text(json.dumps(cast.everything(called), default=repr, sort_keys=True))
for what, *words in json.loads(sys.argv[1]):
    process = os.fork()  # a process of its own for each, that need not read in the product again
    if not process:
        {"bring": bring, "undo": take_back, "tell": tell}[what](*words)
        sys.stderr.flush()
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    print(json.dumps([what, *words, ended]), flush=True)
"""
DEATHS = (
    ("valence.flows.gather.undo._carry_out", "after"),  # inside the transaction that decides
    ("valence.interactions.portions.decide", "after"),
    ("valence.flows.gather.undo._decide", "after"),
    ("valence.flows.gather.unpick._come_again", "after"),
    ("valence.flows.gather.unpick.settle", "after"),
    ("valence.interactions.log.Change.replace", "before"),
    ("valence.interactions.log.Change.replace", "after"),
    ("valence.interactions.undoing.remove", "after"),
    ("valence.customers.undoing.take_back", "after"),
    ("valence.flows.gather.undo._known_without", "after"),
    ("valence.sources.undoing.finish", "before"),
)


def test_killed_again_and_again_it_ends_the_same(tmp_path: Path) -> None:
    deaths = [["undo", *death] for death in DEATHS]
    undone = in_processes(tmp_path / "undone", [["bring", ""], *deaths, ["undo", "", ""], ["tell"]])
    killed = -signal.SIGKILL
    assert undone == [["bring", "", 0], *([*death, killed] for death in deaths), ["undo", "", "", 0], ["tell", 0]]
    assert in_processes(tmp_path / "never", [["bring", "2"], ["tell"]]) == [["bring", "2", 0], ["tell", 0]]
    told = [(tmp_path / name / "told").read_text() for name in ("undone", "never")]
    assert json.loads(told[0]) == json.loads(told[1])


def in_processes(folder: Path, steps: list[list[str]]) -> list[list[Any]]:
    """Do steps on a home of their own, each in a process of its own; return each with how it ended."""
    folder.mkdir()
    environment = {
        **os.environ, "VALENCE_HOME": str(folder / "home"), "DJANGO_SETTINGS_MODULE": "valence.settings",
        "VALENCE_KEY": "ab" * 32, "OMP_NUM_THREADS": "1", "DATABASE_URL": database_for(folder.name),
    }  # fmt: skip
    command = [sys.executable, "-c", KILLED, json.dumps(steps)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def database_for(name: str) -> str:
    """Make a database that only this home has, and return its address; none where SQLite lies in the folder."""
    address = os.environ.get("DATABASE_URL", "")
    if not address:
        return ""
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "home_{name}"')
    return f"{address.rpartition('/')[0]}/home_{name}"
