"""Rows that do not say who is responsible for them: taken by what else they say, or said to be nobody's."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from valence.intake import customers, interactions
from valence.sources import profiles, proposing
from valence.sources.files import Layout

KNOWN = {"customers": sorted(customers.KNOWN), "interactions": interactions.COLUMNS}


def nobody(words: Collection[str]) -> frozenset[str]:
    return frozenset()


def proposed(names: Sequence[str], rows: Sequence[Sequence[str]]) -> proposing.Proposal:
    seen = profiles.of_columns(names=names, rows=rows, known=nobody)
    return proposing.propose(profiles=seen, layout=Layout(), filename="export.csv", known=KNOWN)


def days(count: int) -> list[str]:
    return [f"{1 + place % 28:02d}/0{1 + place % 9}/2025 10:{place % 60:02d}" for place in range(count)]


def test_rows_that_say_how_a_visit_went_are_visits_and_their_type_is_why_somebody_came():
    names = ("Ordine di lavoro", "Codice cliente", "Arrivo tecnico", "Tipo intervento", "Puntuale", "Mancata visita")
    kinds, flags = ("Attivazione", "Guasto", "Secondo intervento"), ("Sì", "No")
    rows = [
        (f"OL-{n}", f"{4000 + n % 30}", day, kinds[n % 3], flags[n % 2], flags[n % 5 > 0])
        for n, day in enumerate(days(90))
    ]
    found = proposed(names, rows).mapped
    assert found.constants["kind"] == "visit"
    assert found.constants["department"] == "field"
    assert found.columns["reason"] == "Tipo intervento"
    assert "kind" not in found.columns


def test_calls_that_waited_are_those_of_care():
    names = ("N. chiamata", "Cliente", "Data e ora", "Attesa (sec)", "Operatore")
    rows = [(f"CH-{n}", f"{4000 + n % 30}", day, f"{n % 300}", f"A{n % 7}") for n, day in enumerate(days(90))]
    found = proposed(names, rows)
    assert found.mapped.constants["department"] == "care"
    assert any("care is taken" in said for said in found.said)


def test_where_nobody_can_be_named_it_says_what_that_costs_and_what_to_do():
    names = ("Ticket number", "Customer number", "Opened at", "Category")
    rows = [(f"T-{n}", f"{4000 + n % 30}", day, ("Complaint", "Order")[n % 2]) for n, day in enumerate(days(90))]
    found = proposed(names, rows)
    assert "department" not in found.mapped.constants
    assert any("laid to nobody" in said for said in found.said)
