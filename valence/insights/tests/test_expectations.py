"""Promises of expectations: what was told beforehand, how far from it things came, and how each was taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from valence import packs, terms
from valence.insights import expectations
from valence.insights.expectations import A_LITTLE, AS_TOLD, FAR, NOT_TOLD, About
from valence.text import expecting

PACK = packs.load(name="telco")
NOW = 20_000.0


def journeys(rows: list[dict[str, Any]], *, customers: int = 1) -> terms.Journeys:
    """Return journeys of rows in order of (customer, at)."""
    rows = sorted(rows, key=lambda row: (row.get("of", 0), row["at"]))
    owner = np.array([row.get("of", 0) for row in rows])

    def words(name: str) -> terms.Words:
        said = [row.get(name, "") for row in rows]
        vocabulary = sorted(set(said) - {""})
        return terms.Words(
            np.array([vocabulary.index(one) if one else -1 for one in said], np.int32), tuple(vocabulary)
        )

    def number(name: str) -> terms.Floats:
        return np.array([row.get(name, np.nan) for row in rows], float)

    at = np.array([row["at"] for row in rows], float)
    return terms.Journeys(
        keys=np.arange(customers),
        starts=np.searchsorted(owner, np.arange(customers + 1)),
        occurred=at,
        recorded=at,
        words={name: words(name) for name in terms.WORD_COLUMNS},
        numbers={name: number(name) for name in terms.NUMBER_COLUMNS},
        texts={
            "interaction_id": np.array([str(place) for place in range(len(rows))], object),
            "caused_by": np.full(len(rows), "", object),
        },
    )


def read(rows: list[dict[str, Any]], *, left: float = np.nan) -> expectations.Happened:
    return expectations.read(journeys=journeys(rows), left=np.array([left]), now=NOW, since=NOW - 900, pack=PACK)


def of(found: expectations.Happened, about: About) -> list[int]:
    return found.short[found.about == expectations.ABOUTS.index(about)].tolist()


def test_a_visit_is_held_against_the_moment_that_was_told() -> None:
    visits = [
        {"at": NOW - 400, "kind": "visit", "promised_at": NOW - 400},
        {"at": NOW - 390 + 0.2, "kind": "visit", "promised_at": NOW - 390},
        {"at": NOW - 380, "kind": "visit", "promised_at": NOW - 380, "facts": "no_show"},
        {"at": NOW - 370, "kind": "visit"},
    ]
    assert of(read(visits), About.VISIT) == [AS_TOLD, A_LITTLE, FAR, NOT_TOLD]


def test_a_visit_knows_the_time_that_an_earlier_contact_promised() -> None:
    rows = [
        {"at": NOW - 410, "kind": "contact", "promise": "made", "promised_at": NOW - 400},
        {"at": NOW - 400, "kind": "visit"},
    ]
    found = read(rows)
    assert of(found, About.VISIT) == [AS_TOLD]
    assert of(found, About.PROMISE) == []  # the visit stands for it: nothing is counted twice


def test_a_bill_is_held_against_what_it_was_said_to_be_and_the_usual_one_was_told_by_nobody() -> None:
    told = [
        {"at": NOW - 300 + 30 * place, "kind": "bill", "amount": 50.0 * over, "expected_amount": 50.0}
        for place, over in enumerate((1.0, 1.1, 1.5))
    ]
    assert of(read(told), About.BILL) == [AS_TOLD, A_LITTLE, FAR]
    usual = [{"at": NOW - 300 + 30 * place, "kind": "bill", "amount": 50.0} for place in range(5)]
    assert set(of(read(usual), About.BILL)) == {NOT_TOLD}


def test_how_it_was_taken_waits_until_it_can_be_told() -> None:
    rows = [
        {"at": NOW - 200, "kind": "visit", "promised_at": NOW - 200},
        {"at": NOW - 195, "kind": "feedback", "score": 2.0, "scale": "nps"},
        {"at": NOW - 190, "kind": "contact"},
        {"at": NOW - 5, "kind": "visit", "promised_at": NOW - 5},
    ]
    found = read(rows, left=NOW - 150)
    assert found.took[0].tolist() == [1.0, 1.0, 1.0]
    assert np.isnan(read(rows).took[1]).all()
    assert np.isnan(read(rows, left=NOW - 2).took[1, 0])  # who left already must not be all that counts
    assert read(rows).took[0, 0] == 0.0


def test_a_customer_counts_once_a_quarter_for_how_it_was_taken() -> None:
    rows = [
        {"at": NOW - 400 + 10 * place, "kind": "visit", "promised_at": NOW - 400 + 10 * place} for place in range(3)
    ]
    found = read(rows)
    assert found.first.sum() == len(set(found.quarter.tolist()))
    assert expectations.quarter_of(day=np.array([0.0, 89.9, 90.0])).tolist() == [7880, 7880, 7881]


def test_nobody_with_nothing_is_read_as_nothing() -> None:
    assert len(read([]).at) == 0


def test_customers_say_in_their_own_words_what_they_had_expected() -> None:
    said = {
        "It went faster than I expected": "beyond",
        "Der Termin war schneller als erwartet.": "beyond",
        "He was supposed to come at nine, nobody told us.": "short",
        "Das war nicht wie ich es erwartet hatte": "short",
        "C’est plus cher que prévu, personne ne m’a prévenu": "short",
        "Fue peor de lo que esperaba": "short",
        "Exactly what I expected": "as_expected",
        "Alles wie versprochen": "as_expected",
        "كان أسوأ مما توقعت": "short",
        "The router is broken again": None,
        "I expect a call": None,
    }
    assert {text: expecting.expected(text=text) for text in said} == said
