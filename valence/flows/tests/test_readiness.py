"""Readiness counts what is there, and finds what was put wrong."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence.flows.gather import imports, readiness, rows
from valence.insights.holdings import Sureness, Weight
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 6, 1, tzinfo=UTC)
START = datetime(2024, 1, 1, tzinfo=UTC)
LOST = 40
PEOPLE = 120
Bring = Callable[[str, list[dict[str, str]]], None]


@pytest.fixture
def bring(settings: LazySettings, tmp_path: Path) -> Bring:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home").mkdir()

    def bring(name: str, rows: list[dict[str, str]]) -> None:
        path = tmp_path / f"{name}.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        imports.run(kind="csv", path=path, by="alice", now=NOW)

    return bring


def people(**more: str) -> list[dict[str, str]]:
    return [
        {
            "customer_id": f"C{n}",
            "joined_at": "2023-01-01T00:00:00Z",
            "left_at": left_at(n).isoformat() if n < LOST else "",
            **more,
        }
        for n in range(PEOPLE)
    ]


def left_at(number: int) -> datetime:
    return START + timedelta(days=200 + number)


def calls(source: str, **more: str) -> list[dict[str, str]]:
    return [
        {
            "interaction_id": f"{source}-{n}-{day}",
            "source": source,
            "customer_id": f"C{n}",
            "occurred_at": (START + timedelta(days=day, hours=n % 20)).isoformat(),
            "kind": "contact",
            "department": "care",
            "wait_minutes": "5",
            **more,
        }
        for n in range(PEOPLE)
        for day in (10, 60, 110)
    ]


def test_an_empty_home_says_what_to_bring(bring: Bring) -> None:
    found = readiness.look(now=NOW)
    assert "bring in customers" in found.short
    assert {one.sureness for one in found.answered} == {Sureness.NO}
    assert readiness.kept() == found


def test_it_says_what_is_there_and_what_one_more_column_would_open(bring: Bring) -> None:
    bring("customers", people())
    bring("calls", calls("ivr"))
    found = readiness.look(now=NOW)
    held = {one.name: one.number for one in found.held}
    assert (held["Customers"], held["Losses"], held["Interactions"]) == (PEOPLE, LOST, 3 * PEOPLE)
    said = {one.question: one for one in found.answered}
    assert said["Who is about to leave?"].sureness is Sureness.PARTLY
    assert "40 losses" in said["Who is about to leave?"].words
    assert said["Which promises do we break?"].sureness is Sureness.NO
    assert "caused_by" in {one.column for one in found.buys}
    assert "department" not in {one.column for one in found.buys}
    assert found.odd == ()


def test_a_word_that_announces_the_leaving_is_found_with_its_count(bring: Bring) -> None:
    bring("customers", people())
    said = [
        {
            "interaction_id": f"end-{n}",
            "source": "crm",
            "customer_id": f"C{n}",
            "occurred_at": (left_at(n) - timedelta(days=5)).isoformat(),
            "kind": "contact",
            "facts": "cancellation_requested|late",
        }
        for n in range(LOST)
    ]
    bring("ends", said)
    bring("calls", calls("ivr", facts="late"))
    [found] = [one for one in readiness.look(now=NOW).odd if one.weight is Weight.WRONG]
    assert (found.count, "cancellation_requested" in found.name) == (LOST, True)
    assert found.rows.query == {"fact": "cancellation_requested"}


def test_a_value_that_only_those_who_left_have_is_found(bring: Bring) -> None:
    rows = people(plan="basic")
    for row in rows[:LOST]:
        row["plan"] = "ended"
    bring("customers", rows)
    assert [one.name for one in readiness.look(now=NOW).odd] == ["Nearly everybody of plan “ended” left"]


def test_two_sources_that_tell_the_same_are_found(bring: Bring) -> None:
    bring("customers", people())
    bring("one", calls("ivr"))
    bring("two", calls("crm"))
    [found] = readiness.look(now=NOW).odd
    assert (found.count, found.name) == (3 * PEOPLE, "crm and ivr tell the same")


def test_seconds_among_minutes_and_cents_among_euros_are_found(bring: Bring) -> None:
    bring("customers", people())
    bring("one", calls("ivr", wait_minutes="5", amount="30"))
    bring("two", [{**row, "occurred_at": row["occurred_at"].replace(":00:00", ":30:00")}
                  for row in calls("crm", wait_minutes="300", amount="3000")])  # fmt: skip
    names = {one.name: one.words for one in readiness.look(now=NOW).odd}
    assert "look like seconds" in names["wait_minutes of crm: another unit?"]
    assert "look like cents" in names["amount of crm: another unit?"]


def test_what_happened_after_leaving_and_before_time_is_counted(bring: Bring) -> None:
    bring("customers", people())
    late = [{**row, "interaction_id": f"l{row['interaction_id']}", "occurred_at": "2025-05-01T00:00:00Z"}
            for row in calls("ivr")[:3]]  # fmt: skip
    old = [{**row, "interaction_id": f"o{row['interaction_id']}", "occurred_at": "1970-01-01T00:00:00Z"}
           for row in calls("ivr")[:2]]  # fmt: skip
    bring("late", late + old)
    found = {one.name: one.count for one in readiness.look(now=NOW).odd}
    assert found == {"Interactions after the customer left": 3, "Times before 1990": 2}


def test_causes_that_are_not_here_are_counted_and_each_number_opens_its_rows(bring: Bring) -> None:
    bring("customers", people())
    first = calls("ivr")
    bring("calls", first)
    answers = [
        {
            **row,
            "interaction_id": f"a-{at}",
            "source": "crm",
            "occurred_at": "2025-01-01T00:00:00Z" if at else "1980-01-01T00:00:00Z",
            "caused_by": row["interaction_id"] if at % 3 else f"gone-{at}",
        }
        for at, row in enumerate(first[:90])
    ]
    bring("answers", answers)
    found = readiness.look(now=NOW)
    odd = {one.name: one for one in found.odd}
    assert odd["Causes that are not here"].count == 30
    assert "33" in odd["Causes that are not here"].words
    for number, opened in [
        *((one.count, one.rows) for one in found.odd),
        *((one.number, one.rows) for one in found.held),
    ]:
        if opened.page == "interactions":
            meant = rows.Asked(**opened.query)
            assert rows.find(scope=EVERYTHING, asked=meant, limit=1, now=NOW).total == number, opened


def test_what_is_usual_is_the_median_to_a_hundredth_and_of_large_values_to_a_hundred(bring: Bring) -> None:
    bring("customers", people())
    bring("calls", [{**row, "wait_minutes": f"{0.25 * (n % 9)}", "amount": f"{12_000 + n}"}
                    for n, row in enumerate(calls("ivr"))])  # fmt: skip
    usual = {one.column: (one.median, one.values) for one in readiness._typical()}
    assert usual == {"wait_minutes": (1.0, 3 * PEOPLE), "amount": (12_200.0, 3 * PEOPLE)}


def test_moments_that_several_sources_tell_are_counted_by_the_first_and_last_of_them(bring: Bring) -> None:
    bring("people", people())
    for source, kind in (("crm", "contact"), ("ivr", "contact"), ("app", "contact"), ("shop", "visit")):
        bring(source, calls(source, kind=kind)[: 40 if source == "app" else None])
    found = readiness._pairs()
    assert [(pair.one, pair.other, pair.count) for pair in found] == [("crm", "ivr", 320), ("app", "ivr", 40)]
