from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import LazySettings

from valence import interactions
from valence.customers import queries as customers
from valence.customers.models import Customer
from valence.flows.gather import imports
from valence.interactions.models import Seen
from valence.sources import files, queries
from valence.sources.kinds import csv as csv_kind
from valence.sources.models import Import, RefusedRecord
from valence.terms import EVERYTHING, Progress

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
HEADER = "interaction_id,source,customer_id,occurred_at,kind,reason,text"


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home").mkdir()
    return settings.HOME.folder


def line(number: int, **more: str) -> str:
    said = {
        "id": f"i{number}",
        "customer": "C-1",
        "at": "2025-01-05T10:00:00Z",
        "kind": "contact",
        "reason": "moved",
        "text": "",
    }
    said |= more
    return f"{said['id']},crm,{said['customer']},{said['at']},{said['kind']},{said['reason']},{said['text']}"


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(content: str | bytes, name: str = "sent.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def bring(path: Path, **more: Any) -> imports.Imported:
    return imports.run(**{"kind": "csv", "path": path, "by": "alice", "now": NOW, **more})


def stored() -> tuple[int, int, int]:
    return Seen.objects.count(), Customer.objects.count(), Import.objects.count()


def test_a_file_is_stored_and_can_be_read_back(written: Any) -> None:
    done = bring(written("\n".join([HEADER, line(1), line(2, customer="C-2"), line(1)])))
    assert (done.record_kind, done.created, done.duplicate, done.refused) == ("interactions", 2, 1, 0)
    key = customers.key_of(scope=EVERYTHING, customer_id="C-1")
    journeys = interactions.journeys_of(keys=[key])
    assert journeys.texts["interaction_id"].tolist() == ["i1"]
    assert journeys.words["reason"].said() == ["moved"]


def test_what_is_refused_can_be_mended_and_then_only_that_enters(written: Any, tmp_path: Path) -> None:
    sent = [HEADER, line(1), line(2, at="soon"), line(3), line(3, kind="visit"), line(4, customer=""), "too,short"]
    done = bring(written("\n".join(sent)))
    assert (done.created, done.refused) == (2, 4)
    assert done.reasons == {"bad_time": 1, "conflict": 1, "missing_field": 1, "not_an_object": 1}
    imports.write_refused(number=done.number, out=tmp_path / "refused.csv")
    with (tmp_path / "refused.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["refused_record"] for row in rows] == ["2", "4", "5", "6"]
    assert rows[0]["reason"] == "moved"
    mended = [{**rows[0], "occurred_at": "2025-01-06"}, {**rows[2], "customer_id": "C-9"}]
    with (tmp_path / "mended.csv").open("w") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(mended)
    again = bring(tmp_path / "mended.csv")
    assert (again.created, again.duplicate, again.refused) == (2, 0, 0)
    assert bring(written("\n".join(sent))).created == 0


def test_refused_records_lie_encrypted_and_open_for_the_page(written: Any) -> None:
    done = bring(written("\n".join([HEADER, line(1), line(2, at="soon", text="I am Carla")])))
    [row] = RefusedRecord.objects.all()
    assert b"Carla" not in bytes(row.sealed)
    [shown] = queries.refused(number=done.number)
    assert (shown.reason, shown.fields["text"]) == ("bad_time", "I am Carla")


WRONG = {
    "empty": b"",
    "only a header": HEADER.encode(),
    "latin-1": f"{HEADER}\n{line(1, text='caf')}".encode() + b"\xe9\n",
    "utf-16": f"{HEADER}\n{line(1)}".encode("utf-16"),
    "a NUL": f"{HEADER}\n{line(1)}\n".encode() + b"\0\n",
    "a missing column": b"interaction_id,customer_id,kind\n1,C-1,contact\n",
    "a column twice": b"interaction_id,customer_id,kind,kind,occurred_at\n1,C-1,a,b,2025-01-01\n",
    "an open quote": f"{HEADER}\n{line(1, text=chr(34) + 'never closed')}\n".encode(),
    "the year 0": f"{HEADER}\n{line(1, at='0000-01-01')}\n{line(2, at='0000-00-00')}\n".encode(),
    "ids twice": f"{HEADER}\n{line(1)}\n{line(1, kind='visit')}\n".encode(),
    "not csv at all": b"\x89PNG\r\n\x1a\n\0\0\0",
    "one endless line": b"x" * (3 * files.CHUNK),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_named_and_changes_nothing(name: str, written: Any) -> None:
    path = written(WRONG[name])
    with pytest.raises(files.WrongFile) as said:
        bring(path)
    assert len(str(said.value)) > 15
    assert str(path) not in str(said.value)
    assert stored() == (0, 0, 0)


def test_an_import_that_broke_off_goes_on_where_it_was_safe(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_kind, "PIECE", 3)
    path = written("\n".join([HEADER, *(line(n, at="soon" if n == 2 else "2025-01-05") for n in range(1, 11))]))

    def pull_the_plug(step: Progress) -> None:
        if step.done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(path, progress=pull_the_plug)
    assert Import.objects.get().resume_at == 6
    done = bring(path)
    assert (done.resumed_at, done.created, done.duplicate, done.refused) == (6, 9, 0, 1)
    assert Import.objects.count() == 1


def test_columns_are_guessed_and_shown_and_a_mapping_is_followed(written: Any) -> None:
    path = written("Ticket No;Client ID;Timestamp;Event Type;Colour\n7;C-1;2025-01-05;Phone call;red\n")
    looked = imports.look(kind="csv", path=path)
    assert looked.record_kind == "interactions"
    assert {column.theirs: column.ours for column in looked.columns if column.guessed} == {
        "Ticket No": "interaction_id", "Client ID": "customer_id", "Timestamp": "occurred_at", "Event Type": "kind",
    }  # fmt: skip
    assert looked.unknown == ("Colour",)
    mapped = {"constants": {"source": "desk"}, "values": {"kind": {"Phone call": "contact"}}}
    bring(path, mapped=mapped)
    key = customers.key_of(scope=EVERYTHING, customer_id="C-1")
    journeys = interactions.journeys_of(keys=[key])
    assert (journeys.words["kind"].said(), journeys.words["source"].said()) == (["contact"], ["desk"])
    assert journeys.texts["attributes"].tolist() == ['{"Colour":"red"}']


@pytest.mark.parametrize(
    "mapped", [{"columns": {"nothing": "a"}}, {"columns": {"kind": "absent"}}, {"strange": 1}, {"columns": [1]}]
)
def test_a_wrong_mapping_is_named(mapped: Any, written: Any) -> None:
    with pytest.raises(files.WrongFile):
        bring(written("\n".join([HEADER, line(1)])), mapped=mapped)
    assert stored() == (0, 0, 0)


def test_customers_are_recognised_by_their_columns(written: Any) -> None:
    done = bring(written("\ufeffcustomer_id,joined_at,left_at,region,name\nC-1,2020-01-01,,North,Alice Berg\n"))
    assert (done.record_kind, done.created) == ("customers", 1)
    assert done.notices == {"time_without_offset": 1}


def test_parquet_of_any_types_is_read(tmp_path: Path) -> None:
    table = pa.table(
        {
            "interaction_id": pa.array([1, 2]),
            "customer_id": pa.array(["C-1", "C-2"]).dictionary_encode(),
            "occurred_at": pa.array([NOW, NOW], pa.timestamp("ns", tz="Europe/Berlin")),
            "kind": ["bill", "visit"],
            "amount": pa.array([0.0, None]),
            "promised_at": pa.array([None, NOW.date()]),
        }
    )
    pq.write_table(table, tmp_path / "sent.parquet")
    done = bring(tmp_path / "sent.parquet", kind="parquet")
    assert (done.created, done.refused) == (2, 0)
    key = customers.key_of(scope=EVERYTHING, customer_id="C-1")
    assert interactions.journeys_of(keys=[key]).numbers["amount"].tolist() == [0.0]
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "sent.parquet").read_bytes()[:-20])
    with pytest.raises(files.WrongFile):
        bring(tmp_path / "cut.parquet", kind="parquet")


def event(name: str, at: str, life: str = "complete", **more: str) -> str:
    said = {"concept:name": name, "time:timestamp": at, "lifecycle:transition": life, **more}
    return "<event>" + "".join(f'<string key="{key}" value="{value}"/>' for key, value in said.items()) + "</event>"


def log_of(*traces: tuple[str, str]) -> str:
    inside = "".join(f'<trace><string key="concept:name" value="{name}"/>{events}</trace>' for name, events in traces)
    return f'<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">{inside}</log>'


def test_an_event_log_becomes_journeys_and_losses(written: Any) -> None:
    first = (
        event("A_SUBMITTED", "2012-01-01T10:00:00+01:00")
        + event("W_Call", "2012-01-02T10:00:00Z", "schedule")
        + event("W_Call", "2012-01-02T10:30:00Z", "start", **{"org:resource": "7"})
        + event("W_Call", "2012-01-02T10:40:00Z", "complete", **{"org:resource": "7"})
        + event("A_CANCELLED", "2012-01-03T10:00:00Z")
    )
    second = event("Open", "2012-01-01T10:00:00Z", **{"org:group": "desk"}) + event(
        "W_Late", "2012-01-02T10:00:00Z", "schedule"
    )
    content = gzip.compress(log_of(("Case 1", first), ("Case 2", second)).encode())
    done = bring(written(content, "log.xes.gz"), kind="xes", lost_activity="A_CANCELLED")
    assert (done.created, done.refused) == (6, 0)
    key = customers.key_of(scope=EVERYTHING, customer_id="Case 1")
    profile = customers.profile(scope=EVERYTHING, key=key)
    assert (profile.left_at, profile.left_kind) == (datetime(2012, 1, 3, 10, tzinfo=UTC), "voluntary")
    journeys = interactions.journeys_of(keys=[key])
    assert journeys.words["kind"].said() == ["A_SUBMITTED", "W_Call"]
    assert journeys.words["department"].said() == ["A", "W"]
    assert journeys.numbers["wait_minutes"].tolist()[1] == 30.0
    assert journeys.numbers["duration_minutes"].tolist()[1] == 10.0
    other = interactions.journeys_of(keys=[customers.key_of(scope=EVERYTHING, customer_id="Case 2")])
    assert other.words["department"].said() == ["desk", "W"]
    assert bring(written(content, "again.xes.gz"), kind="xes", lost_activity="A_CANCELLED").created == 0


WRONG_LOGS = {
    "empty": "",
    "no trace": log_of(),
    "not xml": "interaction_id,kind\n",
    "cut off": log_of(("a", event("x", "2012-01-01T10:00:00Z")))[:-20],
    "a document type": '<!DOCTYPE log [<!ENTITY a "b">]>'
    + log_of(("&a;", event("x", "2012-01-01T10:00:00Z"))).partition("?>")[2],
    "no such activity": log_of(("a", event("x", "2012-01-01T10:00:00Z"))),
    "no times": log_of(("a", event("x", "never"))),
}


@pytest.mark.parametrize("name", WRONG_LOGS)
def test_a_wrong_event_log_is_named_and_changes_nothing(name: str, written: Any) -> None:
    with pytest.raises(files.WrongFile):
        bring(
            written(WRONG_LOGS[name], "log.xes"), kind="xes", lost_activity="gone" if name == "no such activity" else ""
        )
    assert stored() == (0, 0, 0)


def test_an_upload_goes_as_soon_as_it_is_in(home: Path) -> None:
    (home / "uploads").mkdir()
    path = home / "uploads" / "sent.csv"
    path.write_text("\n".join([HEADER, line(1)]))
    bring(path)
    assert not path.exists()


def test_sources_tell_how_fresh_they_are(written: Any) -> None:
    bring(written("\n".join([HEADER, line(1), line(2, at="soon")])))
    fresh: Iterator[Any] = iter(queries.freshness(now=NOW))
    [crm] = [one for one in fresh if one.source == "crm"]
    assert (crm.today, crm.refused_week) == (2, 1)
    assert crm.last_occurred_at == datetime(2025, 1, 5, 10, tzinfo=UTC)
