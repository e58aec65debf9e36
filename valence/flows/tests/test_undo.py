"""An import that was undone leaves a home equal, row by row, to one in which it was never brought in."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from django.conf import LazySettings
from django.db import transaction

from valence.customers import sealing
from valence.customers.models import (
    Customer,
    Identity,
    NameToken,
    PersonalRecord,
    PersonalText,
    Said,
    ValueChange,
)
from valence.flows import erase, flush, imports, ingest, undo
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.interactions import columns, inbox, log, portions
from valence.interactions.models import Going, InboxRow, Seen
from valence.sources import sealed
from valence.sources.models import Import, RefusedRecord, SourceDay
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
PEOPLE = [f"C-{number}" for number in range(8)]
NAMES = ["Alice Berg", "Bob Carter", "Cleo Dahl", "Dan Eder"]
Table = list[tuple[Any, ...]]


@dataclass(frozen=True)
class File:
    """One file that a company brings: what it is called and what it holds."""

    name: str
    text: str


def customers_file(chance: random.Random, name: str) -> File:
    lines = ["customer_id,joined_at,left_at,recorded_at,segment,plan,monthly_value,name,email,attributes"]
    for person in chance.sample(PEOPLE, chance.randint(3, len(PEOPLE))):
        joined = f"202{chance.randint(0, 1)}-01-0{chance.randint(1, 3)}T00:00:00Z"
        left = chance.choice(["", "", "2025-02-01T00:00:00Z"])
        recorded = chance.choice(["", "2024-06-01T00:00:00Z", "2025-01-01T00:00:00Z"])
        called = chance.choice(["", *NAMES])
        email = f"{called.split()[0].lower()}@mail.example.org" if called else ""
        more = chance.choice(["", '"{""colour"":""red""}"', '"{""colour"":""blue"",""size"":2}"'])
        worth = chance.choice(["", "20", "30.5"])
        plan = chance.choice(["", "fibre", "mobile"])
        lines.append(
            f"{person},{joined},{left},{recorded},{chance.choice('AB')},{plan},{worth},{called},{email},{more}"
        )
    return File(name, "\n".join(lines))


def interactions_file(chance: random.Random, name: str, *, rows: int = 24) -> File:
    """Few ids, so that files repeat, contradict and revise each other all the time."""
    lines = ["interaction_id,source,customer_id,occurred_at,kind,revision,reason,text,attributes"]
    for _ in range(rows):
        number = chance.randint(1, 40)
        steady = random.Random(number)
        person, day = steady.choice([*PEOPLE, f"X-{number}"]), steady.randint(10, 28)
        revision, reason = chance.choice([0, 0, 0, 0, 1, 2]), chance.choice(["moved", "moved", "moved", "fault"])
        if chance.random() < 0.15:
            person = chance.choice([*PEOPLE, f"Y-{chance.randint(1, 5)}"])
        text = steady.choice(["", f"This is {NAMES[0]} - call me on +49 170 5550{number:03d}"])
        more = steady.choice(["", "", '"{""contact"":""alice@mail.example.org""}"'])
        kind = "bad kind" * 50 if chance.random() < 0.02 else "contact"
        at = f"2025-01-{day}T10:00:00Z"
        lines.append(
            f"i{number},{steady.choice(['crm', 'web'])},{person},{at},{kind},{revision},{reason},{text},{more}"
        )
    return File(name, "\n".join(lines))


def five(seed: int) -> list[File]:
    chance = random.Random(seed)
    return [
        customers_file(chance, "one.csv"),
        interactions_file(chance, "two.csv"),
        interactions_file(chance, "three.csv"),
        customers_file(chance, "four.csv"),
        interactions_file(chance, "five.csv"),
    ]


def over_http(seed: int, now: datetime) -> None:
    """Send some interactions over HTTP, as a system that runs beside the imports does."""
    file = interactions_file(random.Random(seed), "http", rows=6)
    names, *rows = (line.split(",") for line in file.text.splitlines())
    sent = [dict(zip(names[:7], row[:7], strict=True)) for row in rows if len(row[4]) < 100]
    sent = [{**one, "revision": int(one["revision"])} for one in sent]
    records = objects.side_by_side(objects=sent, known=interaction_intake.KNOWN, numbers=range(1, len(sent) + 1))
    ingest.take_interactions(records=records, desk=ingest.Desk(), now=now)


def bring(folder: Path, files: list[File], *, without: int | None = None, seed: int = 0) -> dict[int, str]:
    """Bring files in, one an hour, and something over HTTP between them; return what each import is called."""
    called = {}
    for place, file in enumerate(files):
        now = NOW + timedelta(hours=place)
        if place != without:
            path = folder / file.name
            path.write_text(file.text)
            called[imports.run(kind="csv", path=path, by="alice", now=now).number] = file.name
        over_http(seed * 10 + place, now + timedelta(minutes=30))
        if place % 2:
            flush.run(now=now + timedelta(minutes=40), everything=True)
    return called


@contextmanager
def home(settings: LazySettings, folder: Path) -> Iterator[Path]:
    """Have a home of its own, database and folder, and let go of it again."""
    before = settings.HOME
    (folder / "home").mkdir(parents=True)
    settings.HOME = replace(before, folder=folder / "home")
    try:
        with transaction.atomic():
            yield folder
            transaction.set_rollback(True)
    finally:
        settings.HOME = before


def everything(called: dict[int, str]) -> dict[str, Table]:
    """Return all that is stored, with surrogate keys and import numbers said by name."""
    rows = {row.key: row for row in Customer.objects.all()}
    who = sealing.customer_ids_of(rows)
    batch = {0: "http", **called}
    plain = ("updated_at", "wrapped_key", "key")
    stored: dict[str, Table] = {
        "customers": [
            (who[key], *(getattr(row, field.name) for field in row._meta.fields if field.name not in plain))
            for key, row in rows.items()
        ],
        "identities": [(bytes(row.id_hash), who[row.customer_id]) for row in Identity.objects.all()],
        "personal": [(who[key], sorted(said.items())) for key, said in sealing.personal_of(rows).items()],
        "records": [(who[row.customer_id],) for row in PersonalRecord.objects.all()],
        "tokens": [(bytes(row.token_hash), who[row.customer_id]) for row in NameToken.objects.all()],
        "texts": [(bytes(row.row_hash), who[row.customer_id]) for row in PersonalText.objects.all()],
        "changes": [
            (who[row.customer_id], row.field, row.value, row.known_since) for row in ValueChange.objects.order_by("pk")
        ],
        "said": [said_row(row, who, batch) for row in Said.objects.order_by("pk")],
        "imports": [
            (row.filename, row.state, row.created, row.duplicate, row.revised, row.refused)
            for row in Import.objects.filter(pk__in=called)
        ],
        "refused": [
            (batch[row.batch_id or 0], row.source, row.record_kind, row.reason, row.detail, bytes(row.id_hash or b""),
             sorted(known_fields(sealed.unseal(kept=bytes(row.sealed))).items()))
            for row in RefusedRecord.objects.all()
        ],
        "days": [
            (row.source, row.day, batch[row.batch], row.records, row.refused, row.last_occurred_at,
             row.last_received_at)
            for row in SourceDay.objects.all()
        ],
        "seen": [
            (bytes(row.row_hash), row.revision, who.get(row.customer_key))
            for table in (Seen, InboxRow)
            for row in table.objects.exclude(row_hash=None)
        ],
        "interactions": interactions(who, batch),
    }  # fmt: skip
    return {name: sorted(table, key=repr) for name, table in stored.items()}


def known_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what of a refused record is the same, whether it was put aside when it came or by an undo."""
    kept = ("interaction_id", "customer_id", "kind", "reason")
    said = {name: str(value) for name, value in fields.items() if name in kept}
    return said | {"revision": str(fields.get("revision") or 0)}


def said_row(row: Said, who: dict[int, str], batch: dict[int, str]) -> tuple[Any, ...]:
    person = sealing.keys_of({row.customer_id: row.customer})[row.customer_id]
    plain = sealing.vault.unseal(key=person.plain, sealed=bytes(row.sealed))
    again = portions.np.frombuffer(bytes(row.again), "<i4,<f8")
    said_again = [(batch[int(one[0])], float(one[1])) for one in again]
    return (who[row.customer_id], batch[row.batch], row.at, row.whole, msgspec.json.decode(plain), said_again)


def interactions(who: dict[int, str], batch: dict[int, str]) -> Table:
    """Return every row of log and inbox, superseded ones and withdrawals too, and which import it belongs to."""
    current = log.state()
    tables = [
        pq.read_table(current.folder / file.path, schema=columns.SCHEMA, partitioning=None) for file in current.files
    ]
    tables.append(columns.table_of(rows=inbox.rows_after(seq=current.watermark, limit=1 << 40)))
    found = []
    for table in tables:
        owners = portions.ranges().owners(table["seq"].to_numpy())
        for row, owner in zip(table.to_pylist(), owners.tolist(), strict=True):
            del row["seq"]
            row["customer_key"] = who[row["customer_key"]]
            found.append((batch[owner], *sorted((name, str(value)) for name, value in row.items())))
    return found


@pytest.fixture
def built(settings: LazySettings, tmp_path: Path) -> Callable[..., dict[str, Table]]:
    """Give what a home holds in which files were brought in, without one of them or with one of them undone."""

    def build(files: list[File], *, without: int | None = None, undone: int | None = None, seed: int = 0) -> Any:
        with home(settings, tmp_path / f"{without}-{undone}"):
            called = bring(tmp_path, files, without=without, seed=seed)
            if undone is not None:
                number = next(number for number, name in called.items() if name == files[undone].name)
                undo.run(number=number, by="alice", now=NOW + timedelta(days=1))
                del called[number]
                assert not Going.objects.exists()
                assert log.tally().whole
            return everything(called)

    return build


@pytest.mark.parametrize("which", range(5))
@pytest.mark.parametrize("seed", [2, 12])
def test_undone_is_as_if_never_brought_in(built: Callable[..., Any], seed: int, which: int) -> None:
    files = five(seed)
    undone, never = built(files, undone=which, seed=seed), built(files, without=which, seed=seed)
    for name, rows in never.items():
        assert undone[name] == rows, name


def test_what_was_refused_because_of_it_comes_in(settings: LazySettings, tmp_path: Path) -> None:
    with home(settings, tmp_path / "a"):
        first, second = two_that_contradict(tmp_path)
        assert RefusedRecord.objects.filter(batch_id=second).count() == 1
        done = undo.run(number=first, by="alice", now=NOW)
        assert (done.interactions, done.stayed, done.let_in, done.lost) == (1, 1, 1, 0)
        assert not RefusedRecord.objects.exists()
        assert Import.objects.get(pk=second).created == 3


def test_what_was_refused_too_long_ago_is_said_plainly(settings: LazySettings, tmp_path: Path) -> None:
    with home(settings, tmp_path / "a"):
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
    with home(settings, tmp_path / "a"):
        first, _ = two_that_contradict(tmp_path)
        undo.run(number=first, by="alice", now=NOW)
        with pytest.raises(undo.CannotUndo, match="already"):
            undo.run(number=first, by="alice", now=NOW)
        with pytest.raises(undo.CannotUndo, match="no import"):
            undo.run(number=first + 100, by="alice", now=NOW)


def test_the_same_file_comes_in_again_as_if_for_the_first_time(settings: LazySettings, tmp_path: Path) -> None:
    with home(settings, tmp_path / "a"):
        number = two_that_contradict(tmp_path)[1]
        undo.run(number=number, by="alice", now=NOW)
        again = imports.run(kind="csv", path=tmp_path / "second.csv", by="alice", now=NOW)
        assert (again.created, again.duplicate, again.refused, again.resumed_at) == (1, 1, 1, 0)


def test_one_who_is_being_brought_in_breaks_off(settings: LazySettings, tmp_path: Path) -> None:
    with home(settings, tmp_path / "a"):
        (tmp_path / "one.csv").write_text(five(1)[1].text)

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
    with home(settings, tmp_path / "a"):
        called = bring(tmp_path, five(1), seed=1)
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
from valence.flows import opening, undo
from valence.flows.tests import test_undo as cast
from valence.sources.models import Import
what, where, after = sys.argv[1], sys.argv[2], sys.argv[3] == "after"
opening.open_home(home=settings.HOME)
folder = settings.HOME.folder.parent
if what == "bring":
    cast.bring(folder, cast.five(3), without=int(where) if where else None, seed=3)
elif what == "undo":
    if where:
        module, name = where.rsplit(".", 1)
        owner = sys.modules.get(module) or getattr(sys.modules[module.rsplit(".", 1)[0]], module.rsplit(".", 1)[1])
        real = getattr(owner, name)
        def dying(*args, **more):
            if after:
                real(*args, **more)
            os.kill(os.getpid(), signal.SIGKILL)
        setattr(owner, name, dying)
    undo.run(number=Import.objects.get(filename="three.csv").pk, by="alice", now=cast.NOW)
else:
    called = {row.pk: row.filename for row in Import.objects.exclude(state="undone")}
    print(json.dumps(cast.everything(called), default=repr, sort_keys=True))
"""
DEATHS = (
    ("valence.flows.undo._carry_out", "after"),  # inside the transaction that decides
    ("valence.interactions.portions.decide", "after"),
    ("valence.flows.undo._decide", "after"),
    ("valence.flows.unpick._come_again", "after"),
    ("valence.flows.unpick.settle", "after"),
    ("valence.interactions.log.Change.replace", "before"),
    ("valence.interactions.log.Change.replace", "after"),
    ("valence.interactions.undoing.remove", "after"),
    ("valence.customers.undoing.take_back", "after"),
    ("valence.flows.undo._known_without", "after"),
    ("valence.sources.undoing.finish", "before"),
)


def test_killed_again_and_again_it_ends_the_same(tmp_path: Path) -> None:
    for name in ("undone", "never"):
        (tmp_path / name).mkdir()
    in_a_process(tmp_path / "undone", "bring", "")
    in_a_process(tmp_path / "never", "bring", "2")
    for where, when in DEATHS:
        died = in_a_process(tmp_path / "undone", "undo", where, when)
        assert died.returncode == -signal.SIGKILL, (where, died.stderr[-2000:])
    assert in_a_process(tmp_path / "undone", "undo", "").returncode == 0
    told = [in_a_process(tmp_path / name, "tell", "") for name in ("undone", "never")]
    assert json.loads(told[0].stdout) == json.loads(told[1].stdout)


def in_a_process(folder: Path, what: str, where: str, when: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "VALENCE_HOME": str(folder / "home"), "DJANGO_SETTINGS_MODULE": "valence.settings",
        "VALENCE_KEY": "ab" * 32, "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    command = [sys.executable, "-c", KILLED, what, where, when]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
