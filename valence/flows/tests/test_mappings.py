"""An export nobody described: found out, proposed, kept, tried and brought in; nothing is changed silently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import xlsxwriter
from django.conf import LazySettings

from valence import interactions
from valence.customers import queries as customers
from valence.flows.gather import derived, imports, mappings, preview
from valence.interactions.models import Seen
from valence.sources import mapping_file
from valence.sources.files import Layout, WrongFile
from valence.sources.models import Import
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 2, 1, tzinfo=UTC)
GERMAN = """Kundenverwaltung;;;;;;;;
Vorgangsnr;Kundennummer;Angelegt am;Zugesagt bis;Vorgangsart;Abteilung;Wartezeit (Sek.);Verspätet;Bemerkung
V-1;K100;31.12.2025 14:05;02.01.2026 12:00;Störung;Kundenservice;125;ja;Kunde wartet seit drei Tagen
V-2;K101;01.01.2026 09:00;;Anruf;Kundenservice;33;nein;Fragt nach der Rechnung für März
V-3;K100;03.01.2026 10:11;;Technikerbesuch;Technischer Außendienst;;ja;Kam zu spät
Summe;3;;;;;;;
"""
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home").mkdir()
    return settings.HOME.folder


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(text: str = GERMAN, name: str = "crm.csv", encoding: str = "cp1252") -> Path:
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return write


def bring(path: Path, **more: object) -> imports.Imported:
    return imports.run(**{"kind": "csv", "path": path, "by": "alice", "now": NOW, **more})


def journey(customer: str) -> object:
    return interactions.journeys_of(keys=[customers.key_of(scope=EVERYTHING, customer_id=customer)])


def test_a_german_export_is_proposed_whole_tried_and_brought_in_as_proposed(written: Write) -> None:
    path = written()
    seen = mappings.see(
        kind="csv", path=path, said=Layout(encoding="", delimiter="", header_line=0, zone="Europe/Berlin")
    )
    assert seen.mapped.columns == {
        "interaction_id": "Vorgangsnr", "customer_id": "Kundennummer", "occurred_at": "Angelegt am",
        "promised_at": "Zugesagt bis", "kind": "Vorgangsart", "department": "Abteilung",
        "wait_minutes": "Wartezeit (Sek.)", "text": "Bemerkung",
    }  # fmt: skip
    assert seen.proposal.questions == ()
    mapped = msgspec.to_builtins(seen.mapped)
    trial = preview.run(kind="csv", path=path, mapped=mapped, now=NOW)
    assert (trial.rows, trial.records, trial.admitted, trial.customer) == (3, 3, 3, "K100")
    assert [(one.kind, one.reason, one.facts) for one in trial.journey] == [
        ("contact", "fault", ("late",)), ("visit", "", ("late",)),
    ]  # fmt: skip
    assert Seen.objects.count() == 0
    done = bring(path, mapped=mapped)
    assert (done.created, done.refused) == (3, 0)
    told = journey("K100")
    assert told.words["department"].said() == ["care", "field"]
    assert told.numbers["wait_minutes"][0] == pytest.approx(125 / 60)
    assert told.occurred[0] == pytest.approx(
        (datetime(2025, 12, 31, 13, 5, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86_400
    )


def test_a_kept_mapping_is_used_for_the_next_file_with_the_same_columns(written: Write, home: Path) -> None:
    seen = mappings.see(kind="csv", path=written())
    text = mappings.text_of(seen=seen).replace('Anruf = "contact"', 'Anruf = "message"')
    path = mapping_file.save(folder=home, name="crm", text=text)
    assert "% sure" in path.read_text()
    assert mapping_file.named(folder=home, said="crm") == path
    again = mappings.see(kind="csv", path=written(GERMAN.replace("V-", "W-"), name="next.csv"))
    assert (again.saved, again.mapped.values["kind"]["Anruf"]) == ("crm", "message")
    assert mappings.see(kind="csv", path=written(), as_new=True).saved == ""


def test_a_file_in_another_encoding_is_read_only_where_somebody_said_so(written: Write) -> None:
    path = written()
    with pytest.raises(WrongFile, match="not UTF-8"):
        bring(path)
    assert Import.objects.count() == 0
    assert bring(path, guess=True).created == 3


def test_a_day_that_may_be_a_month_is_asked_and_never_picked(written: Write) -> None:
    text = "Ticket ID,Client ID,Opened Date,Contact Type\n" + "".join(
        f"t{n},c{n % 3},0{n}/0{n + 1}/2025,call\n" for n in range(1, 8)
    )
    path = written(text, encoding="utf-8")
    seen = mappings.see(kind="csv", path=path)
    [asked] = seen.proposal.questions
    assert (asked.place, set(asked.answers)) == ("formats.occurred_at", {"day-month-year", "month-day-year"})
    for mapped in (None, msgspec.to_builtins(seen.mapped)):
        with pytest.raises(WrongFile, match="more than one way"):
            bring(path, mapped=mapped)
    assert Seen.objects.count() == 0
    decided = msgspec.to_builtins(seen.mapped)
    decided["formats"]["occurred_at"] = "day-month-year"
    assert bring(path, mapped=decided).created == 7


def test_sheets_that_hold_something_else_are_named_and_read_by_themselves(home: Path) -> None:
    path = home / "assistenza.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, columns, rows in (("Chiamate", ("N. chiamata", "Cliente", "Data"), 12), ("Visite", ("OL", "Kd"), 5)):
            sheet = book.add_worksheet(name)
            for place in range(rows + 1):
                sheet.write_row(place, 0, [f"{column}{place or ''}" for column in columns])
    assert (
        "Others are to be read by themselves: Visite (5 rows)."
        in mappings.see(kind="excel", path=path).layout_words[-1]
    )
    other = mappings.see(kind="excel", path=path, said=Layout(sheet="Visite", encoding="", delimiter="", header_line=0))
    assert other.columns == ("OL", "Kd")
    assert "Chiamate (12 rows)" in other.layout_words[-1]


def test_a_contract_file_with_local_numbers_and_times_is_read_too(written: Write) -> None:
    header = "interaction_id;customer_id;occurred_at;kind;amount\n"
    text = f"{header}1;C-1;31.12.2025 14:05;bill;1.234,50\n2;C-1;01.01.2026;bill;3,10\n"
    done = bring(written(text, encoding="utf-8"))
    assert (done.created, done.refused) == (2, 0)
    assert journey("C-1").numbers["amount"].tolist() == [1234.5, 3.1]


def test_months_of_tenure_count_back_from_the_day_of_the_export(written: Write) -> None:
    text = "Customer ID,Tenure in Months,Churn Label,Monthly Charge\n" + "".join(
        f"c{n},{n + 12},{'Yes' if n % 2 else 'No'},{20 + n}.5\n" for n in range(8)
    )
    path = written(text, encoding="utf-8")
    assert [one.place for one in mappings.see(kind="csv", path=path).proposal.questions] == ["file.as_of"]
    said = Layout(encoding="", delimiter="", header_line=0, as_of="2025-12-31")
    seen = mappings.see(kind="csv", path=path, said=said)
    assert bring(path, mapped=msgspec.to_builtins(seen.mapped)).created == 8
    profile = customers.profile(scope=EVERYTHING, key=customers.key_of(scope=EVERYTHING, customer_id="c1"))
    assert (profile.left_at, profile.left_kind) == (datetime(2025, 12, 31, tzinfo=UTC), "voluntary")
    assert profile.joined_at is not None
    assert profile.joined_at.date().isoformat() == "2024-11-30"


def test_a_table_of_contracts_gives_one_customer_who_left_with_the_last_of_them(written: Write) -> None:
    text = "Client ID,Contract Start,Contract End,Plan\n" + "".join(
        f"{who},{start},{end},{plan}\n"
        for who, start, end, plan in [
            ("a", "2020-01-01", "2021-01-01", "Old"), ("a", "2021-01-01", "", "New"),
            ("b", "2020-01-01", "2021-01-01", "Old"), ("b", "2020-06-01", "2022-05-01", "Two"),
        ]
    )  # fmt: skip
    path = written(text, encoding="utf-8")
    seen = mappings.see(kind="csv", path=path, record_kind="customers")
    assert seen.mapped.one_each
    assert bring(path, mapped=msgspec.to_builtins(seen.mapped), record_kind="customers").created == 2
    stayed, left = (
        customers.profile(scope=EVERYTHING, key=customers.key_of(scope=EVERYTHING, customer_id=who)) for who in "ab"
    )
    assert (stayed.left_at, stayed.joined_at) == (None, datetime(2020, 1, 1, tzinfo=UTC))
    assert left.left_at == datetime(2022, 5, 1, tzinfo=UTC)


def test_rules_of_a_mapping_are_put_in_force_for_its_source(written: Write, home: Path) -> None:
    mapped = {
        "constants": {"source": "crm", "kind": "contact"},
        "derive": {"repeat": "same reason within 7 days"},
    }
    text = "interaction_id,customer_id,occurred_at,reason\n1,C-1,2025-01-01,fault\n2,C-1,2025-01-04,fault\n"
    bring(written(text, encoding="utf-8"), mapped=mapped)
    assert derived.said() == {"crm": {"repeat": "same reason within 7 days"}}
    assert derived.put(journeys=journey("C-1")).words["facts"].said() == ["", "repeat"]
    with pytest.raises(WrongFile, match="is no rule"):
        bring(written(text, encoding="utf-8"), mapped={**mapped, "derive": {"repeat": "often"}})


@pytest.mark.parametrize("text", ["kind = 5", "only = maybe", "strange = 1"])
def test_a_mapping_that_cannot_be_read_is_not_kept(text: str, home: Path) -> None:
    with pytest.raises(WrongFile):
        mapping_file.save(folder=home, name="crm", text=text)
    assert mapping_file.every(folder=home) == ()


def test_a_mapping_survives_being_written_and_read(written: Write) -> None:
    seen = mappings.see(kind="csv", path=written())
    assert mapping_file.read(text=mappings.text_of(seen=seen), name="x") == seen.mapped
