"""What undoing is tested with: files that repeat, contradict and revise each other, and all that a home holds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
from django.conf import LazySettings
from django.db import transaction

from valence.customers import sealing
from valence.customers.models import (
    Customer,
    Identity,
    IdSystem,
    Link,
    LinkChange,
    MergedKey,
    NameToken,
    PersonalRecord,
    PersonalText,
    Said,
    ValueChange,
)
from valence.flows.gather import flush, identities, imports, ingest
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.interactions import columns, inbox, log, portions
from valence.interactions.models import InboxRow, Seen
from valence.sources import sealed
from valence.sources.models import Import, RefusedRecord, SourceDay

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


def bring(folder: Path, files: Sequence[File], *, without: int | None = None, seed: int = 0) -> dict[int, str]:
    """Bring files in, one an hour, and something over HTTP between them; return what each import is called."""
    called = {}
    for place, file in enumerate(files):
        now = NOW + timedelta(hours=place)
        if place != without:
            path = folder / file.name
            path.write_text(file.text)
            called[_brought(path, now)] = file.name
        over_http(seed * 10 + place, now + timedelta(minutes=30))
        if place % 2:
            flush.run(now=now + timedelta(minutes=40), everything=True)
    return called


def _brought(path: Path, now: datetime) -> int:
    if path.name.startswith("ids"):
        return identities.bring(path=path, by="alice", now=now).number
    return imports.run(kind="csv", path=path, by="alice", now=now).number


def identities_file(chance: random.Random, name: str, *, rows: int = 10) -> File:
    """Ids that several files name again, sure or not, some of people and some that nobody else knows."""
    lines = ["customer_id,other_id,system,relation,confidence,reason"]
    for _ in range(rows):
        one, other = chance.sample([*PEOPLE, *(f"W-{number}" for number in range(6))], 2)
        sure, how = chance.choice(["", "", "", "0.6"]), chance.choice(["same", "same", "household"])
        lines.append(f"{one},{other},{chance.choice(['', 'web', 'shop'])},{how},{sure},")
    return File(name, "\n".join(lines))


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
        "links": [
            (*sorted((who[row.a_id], who[row.b_id])), row.relation, row.state, row.evidence, row.reason, row.confidence,
             _by(row.suggested_by, batch), row.suggested_at, _by(row.decided_by, batch), row.decided_at)
            for row in Link.objects.all()
        ],
        "steps": [
            (*sorted((who[row.link.a_id], who[row.link.b_id])), row.at, _by(row.who, batch), row.state, row.relation)
            for row in LinkChange.objects.select_related("link")
        ],
        "systems": [(who[row.customer_id], row.system) for row in IdSystem.objects.all()],
        "read as one": read_as_one(who),
    }  # fmt: skip
    return {name: sorted(table, key=repr) for name, table in stored.items()}


def read_as_one(who: dict[int, str]) -> Table:
    """Return who is read as one customer. Under which of the ids is by lot where no line of them ever joined."""
    groups: dict[int, list[str]] = {}
    for row in MergedKey.objects.all():
        groups.setdefault(row.merged_id, []).append(who[row.customer_id])
    return [tuple(sorted(names)) for names in groups.values()]


def _by(origin: str, batch: dict[int, str]) -> str:
    """Return who said something of a link, an import by its name."""
    number = origin.removeprefix("import ")
    return batch[int(number)] if number.isdecimal() else origin


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
