"""What is erased is gone: everything in the data folder is decoded before anyone looks for it."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django import conf
from django.conf import LazySettings
from django.db import connection

from valence.customers import queries
from valence.flows.gather import flush, ingest
from valence.flows.protect import erase
from valence.flows.run import failures
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.people import audit
from valence.people.models import AuditEntry
from valence.sources.models import RefusedRecord
from valence.terms import EVERYTHING, RawRecords, Role, Scope, Verdict

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
HER_WORDS = ("CUST-ALICE-77", "Alice Bergmann", "alice@mail.example.org")
ALICE = {"customer_id": HER_WORDS[0], "joined_at": "2020-01-01T00:00:00Z", "name": HER_WORDS[1], "email": HER_WORDS[2]}
BOB = {"customer_id": "CUST-BOB-12", "joined_at": "2020-01-01T00:00:00Z", "name": "Bob Carter"}


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home" / "logs").mkdir(parents=True)
    (tmp_path / "home" / "uploads").mkdir()
    return settings.HOME.folder


def records(kind: str, *sent: object) -> RawRecords:
    known = customer_intake.KNOWN if kind == "customers" else interaction_intake.KNOWN
    return objects.side_by_side(objects=list(sent), known=known, numbers=range(1, len(sent) + 1))


def met(customer_id: str, number: int, **more: object) -> dict[str, object]:
    return {
        "interaction_id": f"{customer_id}-{number}", "customer_id": customer_id, "kind": "contact",
        "occurred_at": "2025-01-05T10:00:00Z", "text": f"This is {HER_WORDS[1]}, {HER_WORDS[2]}", **more,
    }  # fmt: skip


def fill() -> None:
    desk = ingest.Desk()
    ingest.take_customers(records=records("customers", ALICE, BOB), desk=desk, now=NOW)
    for number in range(3):
        sent = [met(ALICE["customer_id"], number), met(BOB["customer_id"], number, text="fine")]
        refused = met(ALICE["customer_id"], 100 + number, occurred_at="soon")
        ingest.take_interactions(records=records("interactions", *sent, refused), desk=desk, now=NOW)
        flush.run(now=NOW, everything=number < 2)


def every_reading(data: bytes) -> list[bytes]:
    """Return the bytes as they are, and what they hold in base64, hexadecimal, gzip and zlib."""
    found = [data]
    for match in re.finditer(rb"[A-Za-z0-9+/=_-]{12,}", data):
        for alphabet in (None, b"-_"):
            with suppress(ValueError):
                found.append(base64.b64decode(match.group() + b"==", altchars=alphabet))
    found += [bytes.fromhex(match.group().decode()) for match in re.finditer(rb"(?:[0-9a-fA-F]{2}){8,}", data)]
    for match in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x9c\xda]", data):
        head = data[match.start() :]
        with suppress(OSError, EOFError, zlib.error):
            found.append(gzip.decompress(head) if head[:1] == b"\x1f" else zlib.decompressobj().decompress(head))
    return found


def everything_stored(home: Path) -> bytes:
    """Return all that the database and the files hold, decoded."""
    texts: list[bytes] = []
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [value if isinstance(value, bytes) else str(value).encode() for row in cursor for value in row]
    if connection.settings_dict["NAME"] and Path(str(connection.settings_dict["NAME"])).exists():
        base = str(connection.settings_dict["NAME"])
        texts += [Path(base + end).read_bytes() for end in ("", "-wal", "-shm") if Path(base + end).exists()]
    for path in (path for path in home.rglob("*") if path.is_file()):
        texts += [path.name.encode(), *every_reading(path.read_bytes())]
        if path.suffix == ".parquet":
            texts.append(repr(pq.read_table(path, partitioning=None).to_pylist()).encode())
    return b"\n".join(reading for text in texts for reading in every_reading(text)).lower()


def test_who_is_erased_is_nowhere_and_everybody_else_is_still_there(home: Path) -> None:
    fill()
    failures.record(home=conf.settings.HOME, name="test", problem=ValueError(HER_WORDS[0]), now=NOW)
    before = everything_stored(home)
    assert HER_WORDS[0].lower().encode() in before
    why = f"asked by {HER_WORDS[1]} herself ({HER_WORDS[0]})"
    certificate = erase.run(customer_id=ALICE["customer_id"], why=why, who="bob", scope=EVERYTHING, now=NOW)
    after = everything_stored(home)
    for word in (*HER_WORDS, "Bergmann"):
        assert word.lower().encode() not in after, word
    assert b"cust-bob-12-0" in after
    assert certificate.removed["log"] + certificate.removed["inbox"] == 3
    assert certificate.removed["refused"] == 3


def test_a_replay_brings_nobody_back_and_keeps_nothing() -> None:
    fill()
    erase.run(customer_id=ALICE["customer_id"], why="asked", who="bob", scope=EVERYTHING, now=NOW)
    desk = ingest.Desk()
    brought = ingest.take_interactions(
        records=records("interactions", met(ALICE["customer_id"], 0)), desk=desk, now=NOW
    )
    assert (brought.verdicts[0], brought.refused[0].reason.value) == (Verdict.REFUSED, "erased")
    brought = ingest.take_customers(records=records("customers", ALICE), desk=desk, now=NOW)
    assert brought.refused[0].reason.value == "erased"
    assert {bytes(row.sealed) for row in RefusedRecord.objects.filter(reason="erased")} == {b""}
    with pytest.raises(queries.UnknownCustomer):
        queries.key_of(scope=EVERYTHING, customer_id=ALICE["customer_id"])


def test_a_desk_that_knew_her_key_notices_the_erasure() -> None:
    desk = ingest.Desk()
    ingest.take_interactions(records=records("interactions", met(ALICE["customer_id"], 0)), desk=desk, now=NOW)
    erase.run(customer_id=ALICE["customer_id"], why="asked", who="bob", scope=EVERYTHING, now=NOW)
    brought = ingest.take_interactions(
        records=records("interactions", met(ALICE["customer_id"], 1)), desk=desk, now=NOW
    )
    assert brought.refused[0].reason.value == "erased"


def test_it_is_on_record_without_a_name() -> None:
    fill()
    done = erase.run(customer_id=ALICE["customer_id"], why="letter of 2 May", who="bob", scope=EVERYTHING, now=NOW)
    entry = AuditEntry.objects.get(what="customer erased")
    assert (entry.who, entry.about) == ("bob", f"{done.number[:16]}: letter of 2 May")
    assert audit.examine().broken_at is None


def test_an_erasure_that_broke_off_can_be_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()

    def fail(**_: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as broken:
        broken.setattr(erase.log, "erase", fail)
        with pytest.raises(OSError, match="disk"):
            erase.run(customer_id=ALICE["customer_id"], why="asked", who="bob", scope=EVERYTHING, now=NOW)
    assert queries.search(scope=EVERYTHING, words="Bergmann") == []
    done = erase.run(customer_id=ALICE["customer_id"], why="asked", who="bob", scope=EVERYTHING, now=NOW)
    assert done.removed["Customer"] == 1


def test_who_is_out_of_scope_cannot_be_erased() -> None:
    fill()
    north = Scope(role=Role.MANAGER, regions=frozenset({"North"}))
    with pytest.raises(queries.UnknownCustomer):
        erase.run(customer_id=ALICE["customer_id"], why="asked", who="bob", scope=north, now=NOW)


def test_an_old_upload_goes_and_one_at_work_stays(home: Path) -> None:
    fill()
    upload = home / "uploads" / "sent.csv"
    upload.write_text(HER_WORDS[0])
    erase.run(customer_id=ALICE["customer_id"], why="asked", who="bob", scope=EVERYTHING, now=NOW)
    later = datetime.now(UTC) + timedelta(hours=2)
    erase.run(customer_id=BOB["customer_id"], why="asked", who="bob", scope=EVERYTHING, now=later)
    assert not upload.exists()
