"""Promises of a proposal: what a column answers is taken as it answers, yes and no alike."""

from __future__ import annotations

from valence.sources import profiles, proposing
from valence.sources.files import Layout

COLUMNS = ("interaction_id", "customer_id", "occurred_at", "kind", "facts")


def proposed(**columns: list[str]) -> proposing.Proposal:
    rows = list(zip(*columns.values(), strict=True))
    return proposing.propose(
        profiles=profiles.of_columns(names=list(columns), rows=rows, known=None),
        layout=Layout(),
        filename="visits.csv",
        known={"interactions": COLUMNS, "customers": ("customer_id", "joined_at")},
    )


def test_no_where_a_good_fact_is_asked_for_is_the_bad_one() -> None:
    answers = ["ja", "nein", "ja", "ja", "nein", ""] * 10
    found = proposed(
        Auftrag=[str(number) for number in range(60)],
        Kunde=[f"K{number}" for number in range(60)],
        Datum=[f"{number % 27 + 1:02d}.03.2026" for number in range(60)],
        Art=["Technikertermin"] * 60,
        Pünktlich=answers,
    ).mapped
    assert {name: fact.words for name, fact in found.facts.items()} == {"on_time": ("ja",), "late": ("nein",)}


def test_who_left_by_choice_and_who_without_is_said_apart() -> None:
    found = proposed(
        Kundennummer=[f"K{number}" for number in range(60)],
        Kunde_seit=["01.03.2020"] * 60,
        Kündigung_zum=["", "31.12.2025", "30.06.2025"] * 20,
        Gekündigt_durch=["", "Kunde", "Nichtzahlung"] * 20,
    )
    assert [words for words in found.said if words.startswith("Left")] == [
        "Left by their own choice: where Gekündigt_durch is “Kunde”.",
        "Left without choosing to: where Gekündigt_durch is “Nichtzahlung”.",
    ]
