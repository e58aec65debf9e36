"""Promises of a proposal for exports of an operator: contracts, tickets, visits, outages, answers as they come."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.sources import lexicon, profiles, proposing, translating
from valence.sources.files import Layout, Reading
from valence.sources.notation import zeros

FIELDS = {"interactions": interaction_intake.COLUMNS, "customers": sorted(customer_intake.KNOWN)}
DAYS = [f"{number % 27 + 1:02d}.{number % 12 + 1:02d}.2026" for number in range(60)]
KNOWN = {f"{number:08d}" for number in range(100_000, 100_060)}


def known(words: Collection[str]) -> Collection[str]:
    return [word for word in words if word in KNOWN]


def proposed(filename: str, **columns: list[str]) -> proposing.Proposal:
    rows = list(zip(*columns.values(), strict=True))
    seen = profiles.of_columns(names=list(columns), rows=rows, known=known)
    return proposing.propose(profiles=seen, layout=Layout(), filename=filename, known=FIELDS, zone="Europe/Berlin")


def contracts(customers: list[str]) -> proposing.Proposal:
    return proposed(
        "vertraege.csv",
        **{
            "Kd.-Nr.": customers,
            "Vertragsnr.": [f"V{number}" for number in range(60)],
            "Vertragsbeginn": ["01.03.2020"] * 60,
            "Vertragsende": ["", "31.12.2025", "30.06.2025"] * 20,
            "Kündigungsart": ["", "Kündigung durch Kunde", "Sperre wg. Nichtzahlung"] * 20,
        },
    )


def test_a_customer_with_two_contracts_is_one_customer_and_not_two_contracts() -> None:
    found = contracts([f"{number:08d}" for number in (*range(59), 3)])
    assert found.mapped.columns["customer_id"] == "Kd.-Nr."
    assert found.mapped.one_each


def test_who_left_by_choice_is_read_from_what_a_cell_says_beside_it() -> None:
    mapped = contracts([f"{number:08d}" for number in range(60)]).mapped
    assert mapped.columns["left_kind"] == "Kündigungsart"
    assert mapped.values["left_kind"] == {
        "Kündigung durch Kunde": "voluntary",
        "Sperre wg. Nichtzahlung": "involuntary",
    }


@pytest.mark.parametrize("said", ["Kündigung wegen Nichtzahlung", "Kündigung durch Anbieter", "verstorben (gekündigt)"])
def test_what_nobody_chooses_is_no_choice_whatever_else_is_said(said: str) -> None:
    assert lexicon.left(said=said) == "involuntary"


def visits() -> proposing.Proposal:
    return proposed(
        "Einsaetze.txt",
        Auftrag=[f"A-{number}" for number in range(60)],
        Kunde=[str(100_000 + number % 50) for number in range(60)],
        Einsatzart=["Installation", "Entstörung"] * 30,
        Zugesagt_bis=[f"{day} 12:00" for day in DAYS],
        Ankunft=[f"{day} 11:0{place % 10}" for place, day in enumerate(DAYS)],
        Dauer=[f"{30 + number * 2},00" for number in range(60)],
        Ergebnis=["erledigt", "Techniker nicht erschienen", "Folgetermin nötig"] * 20,
        Team=[f"nord-{number % 20}" for number in range(60)],
    )


def test_visits_are_the_departments_of_the_field_and_last_minutes() -> None:
    mapped = visits().mapped
    assert mapped.constants["department"] == "field"
    assert mapped.columns["team_id"] == "Team"
    assert "seconds" not in mapped.formats["duration_minutes"]
    assert {word: said["facts"] for word, said in mapped.sets["Ergebnis"].items()} == {
        "erledigt": "resolved",
        "Techniker nicht erschienen": "no_show",
        "Folgetermin nötig": "not_fixed",
    }


def test_customers_whose_number_lost_its_zeros_are_those_who_are_known() -> None:
    found = visits()
    assert found.mapped.formats["customer_id"] == "8 digits"
    assert any("Nobody is known as 1000" in words for words in found.said)
    assert zeros.reader(notation="8 digits")("100847") == "00100847"
    assert zeros.reader(notation=zeros.WITHOUT)("00100847") == "100847"


def test_numbers_that_are_known_as_they_stand_stay_as_they_are() -> None:
    assert zeros.found(values=sorted(KNOWN), known=known) == ""
    assert zeros.found(values=["A17", "B4"], known=known) == ""


def test_hours_without_a_line_are_an_outage_of_the_network() -> None:
    mapped = proposed(
        "export.csv", customer=[str(number % 9) for number in range(60)], start=DAYS, hours_down=["1.6", "2.5"] * 30
    ).mapped
    assert (mapped.constants["kind"], mapped.constants["department"]) == ("outage", "network")


def test_answers_are_feedback_and_what_is_said_is_no_reason() -> None:
    mapped = proposed(
        "NPS_results.csv",
        **{
            "Account": [str(number % 40) for number in range(60)],
            "Completed": DAYS,
            "How likely are you to recommend us? (0-10)": [str(number % 11) for number in range(60)],
            "Why?": [f"it took them {number} whole days to answer" for number in range(60)],
        },
    ).mapped
    assert (mapped.constants["kind"], mapped.constants["scale"]) == ("feedback", "nps")
    assert mapped.columns["text"] == "Why?"


def test_persons_of_another_system_are_customers() -> None:
    found = proposed(
        "shop.csv",
        **{
            "Shop-ID": [f"S{number}" for number in range(60)],
            "Vorname Nachname": [f"Ann Nr{number}" for number in range(60)],
            "Mail": [f"ANN.{number}@EXAMPLE.ORG" for number in range(60)],
            "Tel": [f"+44 7700 900{number:03d}" for number in range(60)],
            "erstellt": DAYS,
        },
    )
    assert (found.record_kind, found.mapped.columns["customer_id"]) == ("customers", "Shop-ID")


def test_local_times_written_as_iso_are_local_also_where_nothing_else_is_changed() -> None:
    reading = Reading(record_kind="interactions", columns={"occurred_at": "day"}, layout=Layout(zone="Europe/Berlin"))
    piece = translating.piece(
        columns={"day": ["2026-07-01 00:00:00"]}, numbers=[1], unreadable={}, reading=reading,
        memory=translating.Memory(), resume_at=1,
    )  # fmt: skip
    assert piece.records.columns["occurred_at"] == ["2026-06-30T22:00:00+00:00"]
