"""Exports of other systems: how they are packed, laid out and encoded is found out, and what is not certain is said."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valence.sources import encodings, files, layouts, lexicon, translating, unpacking
from valence.sources.files import Event, Fact, Layout, Reading, WrongFile
from valence.sources.kinds import csv as csv_kind
from valence.sources.kinds import excel

TEXTS = {
    "cp1252": "Störung, Kündigung, Größe, 5 €; Málaga: ¿Qué?", "cp1250": "Zgłoszenie: łąka, żółw, święto, część",
    "iso-8859-2": "Zgłoszenie: łąka, żółw, święto, część", "cp850": "Störung, Kündigung, Größe, Straße",
    "cp1251": "Жалоба клиента на связь", "cp1253": "Παράπονο πελάτη για τη γραμμή",
}  # fmt: skip
ROWS = [["Nr.", "Kunde", "Wann"], ["1", "K1", "31.12.2025"], ["2", "K2", "01.01.2026"], ["3", "K1", "02.01.2026"]]


def written(path: Path, rows: list[list[str]], **how: str) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=how.get("delimiter", ";"), quotechar=how.get("quote", '"')).writerows(rows)
    path.write_bytes(
        (how.get("above", "") + text.getvalue() + how.get("below", "")).encode(how.get("encoding", "utf-8"))
    )
    return path


def read(path: Path) -> list[list[str]]:
    found = layouts.find(path=path)
    examined = csv_kind.examine(path=path, layout=found.layout)
    return [list(examined.columns), *csv_kind.sample(path=path, layout=found.layout, most=1000)]


@pytest.mark.parametrize("name", [*TEXTS, "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_decided_from_the_bytes(name: str, tmp_path: Path) -> None:
    text = (TEXTS.get(name, TEXTS["cp1252"]) + "\n") * 5
    (tmp_path / "sent.csv").write_bytes(text.encode(name))
    decided = encodings.decide(path=tmp_path / "sent.csv")
    assert text.encode(name).decode(decided.name) == text
    assert decided.sure or name in TEXTS


@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_every_delimiter_in_every_encoding_is_read_as_it_was_written(
    delimiter: str, encoding: str, tmp_path: Path
) -> None:
    rows = [*ROWS, ["4", f'Müller {delimiter} "Söhne"', "03.01.2026"]]
    assert read(written(tmp_path / "sent.csv", rows, delimiter=delimiter, encoding=encoding)) == rows


CELLS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]), max_size=12).map(str.strip)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.tuples(st.integers(1, 99_999), CELLS, CELLS), min_size=3, max_size=30),
    delimiter=st.sampled_from(";\t,|"),
)
def test_whatever_was_written_is_read_or_said_to_be_unsure(
    cells: list[tuple[int, str, str]], delimiter: str, tmp_path: Path
) -> None:
    rows = [["Number", "First text", "Second text"], *([str(n), one, other or "x"] for n, one, other in cells)]
    path = written(tmp_path / "sent.csv", rows, delimiter=delimiter, encoding="cp1252")
    found = layouts.find(path=path)
    assert read(path) == rows or not found.sure


def test_lines_above_the_header_and_totals_below_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "sent.csv", ROWS, above="Export;;\nZeitraum: alle\n\n", below="Summe;3;\n;;\n")
    assert read(path) == ROWS
    reading = Reading(record_kind="customers", layout=layouts.find(path=path).layout)
    pieces = list(csv_kind.pieces(path=path, reading=reading, start=0))
    assert sum(piece.notices.get(translating.TOTALS, 0) for piece in pieces) == 1


def test_what_is_wrong_is_said_with_its_line_from_one_on(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_bytes("Nr;Ort\n1;Köln\n".encode("cp1252"))
    with pytest.raises(WrongFile, match="near line 1"):
        csv_kind.examine(path=path)


def test_a_quote_inside_a_field_is_no_quote(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text('Nr;Kunde;Text\n1;K1;5" Rohr\n2;K2;heil\n3;K3;auch\n')
    assert read(path)[1] == ["1", "K1", '5" Rohr']


def test_a_quote_that_never_closes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text('Nr;Kunde;Text\n1;K1;"offen\n2;K2;heil\n')
    with pytest.raises(WrongFile, match="never closed"):
        csv_kind.examine(path=path, layout=Layout(delimiter=";"))


def test_columns_without_a_name_or_with_one_name_twice_get_their_own() -> None:
    assert layouts.unique(header=["Datum", "", "Datum", " A \n B "]) == ["Datum", "column 2", "Datum (2)", "A B"]


def test_one_delimiter_too_many_at_the_end_is_no_harm_and_a_field_too_few_is(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text("interaction_id;kind\n1;a;\n2\n")
    layout = Layout(delimiter=";")
    [piece] = csv_kind.pieces(path=path, reading=Reading(layout=layout), start=0)
    assert list(piece.records.unreadable) == [1]


def zipped(path: Path, **inside: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in inside.items():
            packed.writestr(name.replace("_csv", ".csv").replace("_txt", ".txt"), content)
    return path


def test_what_lies_in_gzip_and_zip_is_unpacked_and_goes_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"x;y\n1;2\n"))
    zipped(tmp_path / "b.zip", table_csv=b"x;y\n1;2\n", README_txt=b"a note", **{"__MACOSX/._table.csv": b"x"})
    for name in ("a.csv.gz", "b.zip"):
        with unpacking.opened(path=tmp_path / name, folder=tmp_path / "unpacked") as inside:
            assert inside.path.read_bytes() == b"x;y\n1;2\n"
            assert inside.path.stat().st_mode & 0o077 == 0
        assert list((tmp_path / "unpacked").iterdir()) == []


def test_of_several_files_in_a_zip_one_must_be_named_also_by_what_stays_from_month_to_month(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", tickets_2025_csv=b"tickets", bills_2025_csv=b"bills")
    with (
        pytest.raises(WrongFile, match=r"holds 2 files. Say which one"),
        unpacking.opened(path=path, folder=tmp_path / "u"),
    ):
        pass
    assert unpacking.pattern(name="tickets_2025-12.csv") == "tickets_*.csv"
    with unpacking.opened(path=path, folder=tmp_path / "u", part="tickets_*.csv") as inside:
        assert inside.path.read_bytes() == b"tickets"


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "FREE", 1 << 20)
    for path in (zipped(tmp_path / "b.zip", a_csv=b"0" * (20 << 20)), tmp_path / "b.csv.gz"):
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(b"0" * (20 << 20)))
        with pytest.raises(WrongFile, match="unpacks to more than"), unpacking.opened(path=path, folder=tmp_path / "u"):
            pass
    assert list((tmp_path / "u").iterdir()) == []


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut off", b"\x1f\x8b\x08 cut off"])
def test_a_broken_package_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(content)
    with (
        pytest.raises(WrongFile, match="broken or cut off"),
        unpacking.opened(path=tmp_path / "sent", folder=tmp_path / "u"),
    ):
        pass


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return path


DAYS = [datetime(2025, 1, 2), datetime(2025, 1, 3)]  # noqa: DTZ001
MONTH = [["Factures"], [], ["N°", "Client", "Date"], [1, "C1", DAYS[0]], [2, "C2", DAYS[1]]]


def test_sheets_of_the_same_columns_are_one_table_with_dates_as_dates_and_no_totals(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", Note=[["Read me"]], Jan=[*MONTH, ["Total", "", ""]], Fev=MONTH)
    examined = excel.examine(path=path, layout=Layout(sheet="*"))
    assert examined.columns == ("N°", "Client", "Date")
    assert examined.records == 5
    rows = excel.sample(path=path, layout=Layout(sheet="*"), most=10)
    assert [row[0] for row in rows] == [1, 2, 1, 2]
    assert rows[0][2] == DAYS[0]


def test_of_different_sheets_one_must_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", Jan=MONTH, Clients=[["Client", "Nom"], ["C1", "Alice"]])
    with pytest.raises(WrongFile, match=r"2 sheets. Say which one: Jan, Clients"):
        excel.examine(path=path)
    assert excel.examine(path=path, layout=Layout(sheet="Clients")).columns == ("Client", "Nom")


def piece(reading: Reading, **columns: list[object]) -> files.Piece:
    size = len(next(iter(columns.values())))
    return translating.piece(
        columns=columns, numbers=range(1, size + 1), unreadable={}, reading=reading, memory=translating.Memory(),
        resume_at=size,
    )  # fmt: skip


def test_one_word_of_theirs_may_set_several_of_ours_and_facts_add_up() -> None:
    reading = Reading(
        columns={"kind": "Art"},
        sets={"Art": {"Störung": {"kind": "contact", "reason": "fault", "facts": "unresolved"}}},
        facts={"late": Fact(column="Spät", words=("ja",))}, values={"kind": {"Anruf": "contact"}},
    )  # fmt: skip
    columns = piece(reading, Art=["Störung", "Anruf"], Spät=["JA", "nein"]).records.columns
    assert (columns["kind"], columns["reason"], columns["facts"]) == (
        ["contact", "contact"], ["fault", ""], ["unresolved|late", ""],
    )  # fmt: skip


def test_rows_without_ids_get_the_same_ids_each_time_and_equal_rows_different_ones() -> None:
    reading = Reading(id_from=("who", "when"))
    first = piece(reading, who=["a", "b", "a"], when=["1", "1", "1"]).records.columns["interaction_id"]
    again = piece(reading, who=["a", "b", "a"], when=["1", "1", "1"]).records.columns["interaction_id"]
    assert first == again
    assert len(set(first)) == 3
    assert first[2] == f"{first[0]}-2"
    assert (
        piece(reading, who=["ab"], when=[""]).records.columns["interaction_id"]
        != piece(reading, who=["a"], when=["b"]).records.columns["interaction_id"]
    )


def test_a_row_that_tells_of_two_interactions_gives_both_with_ids_of_their_own() -> None:
    reading = Reading(
        columns={"interaction_id": "Nr", "kind": "Art"},
        events=(
            Event(name="opened", occurred_at="Auf"),
            Event(name="visit", occurred_at="Termin", constants={"kind": "visit"}),
        ),
    )  # fmt: skip
    made = piece(reading, Nr=["7", "8"], Art=["contact"] * 2, Auf=["2025-01-01"] * 2, Termin=["2025-01-05", ""])
    told = list(zip(*(made.records.columns[name] for name in ("interaction_id", "occurred_at", "kind")), strict=True))
    assert told == [
        ("7#opened", "2025-01-01", "contact"), ("8#opened", "2025-01-01", "contact"),
        ("7#visit", "2025-01-05", "visit"),
    ]  # fmt: skip


def test_a_value_that_is_not_written_as_its_column_is_refused_and_not_reinterpreted() -> None:
    reading = Reading(formats={"amount": "1.234,56", "occurred_at": "day-month-year"})
    found = piece(reading, amount=["1.234,50", "12.5", "3"], occurred_at=["31.12.2025", "31.12.2025", "12/31/2025"])
    assert found.records.columns["amount"][0] == "1234.50"
    assert {place: why.detail.partition(":")[0] for place, why in found.records.unreadable.items()} == {
        1: "amount", 2: "occurred_at",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Kundennummer", "customer"), ("N° client", "customer"), ("Numer klienta", "customer"),
        ("CustomerID", "customer"),
        ("Nº de cliente", "customer"), ("Codice cliente", "customer"), ("Klantnummer", "customer"),
        ("Rechnungsdatum", "bill"), ("Data zgłoszenia", "ticket"), ("Kündigungsgrund", "left"),
    ],
)  # fmt: skip
def test_parts_of_columns_names_are_understood_in_many_languages(name: str, meaning: str) -> None:
    assert any(meaning in word for word in lexicon.concepts(name=name))
