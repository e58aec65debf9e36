"""What the made-up operator writes is what the contract says, and the same seed writes it again."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from valence import terms
from valence.demo import memory, simulator, world
from valence.demo.tests import conftest

CUSTOMERS = {
    "customer_id", "joined_at", "left_at", "left_kind", "left_reason", "segment", "plan", "region", "location_id",
    "language", "monthly_value", "switched_from", "name", "email", "phone", "attributes",
}  # fmt: skip


def rows(folder: Path, name: str) -> list[dict[str, object]]:
    return list(memory.table(folder=folder, name=name).to_pylist())


@pytest.fixture(scope="session", params=["additive", "saturating"])
def folder(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(request.param))


def test_the_same_seed_writes_the_same_bytes(additive: Path, tmp_path: Path) -> None:
    again = conftest.simulated(tmp_path, law="additive")
    for path in sorted(additive.rglob("*.*")):
        assert (again / path.relative_to(additive)).read_bytes() == path.read_bytes(), path.name


def test_another_seed_is_another_world(additive: Path, tmp_path: Path) -> None:
    other = json.loads(
        (conftest.simulated(tmp_path, law="additive", seed=6, customers=5) / "truth/law.json").read_text()
    )
    own = json.loads((additive / "truth/law.json").read_text())
    for name in ("weights", "half_lives", "pairs", "pair_half_life"):
        assert other["effects"][name] != own["effects"][name]
    assert other["habits"] != own["habits"]


def test_parquet_holds_the_same_as_csv(tmp_path: Path) -> None:
    csv = conftest.simulated(tmp_path / "csv", law="additive", customers=60)
    parquet = conftest.simulated(tmp_path / "parquet", law="additive", customers=60, files="parquet")
    assert rows(csv, "customers") == rows(parquet, "customers")
    assert rows(csv, "interactions") == rows(parquet, "interactions")


def test_columns_are_the_contracts(folder: Path) -> None:
    assert set(memory.table(folder=folder, name="customers").column_names) == CUSTOMERS
    known = {"interaction_id", "recorded_at", "customer_id", "occurred_at", *terms.WORD_COLUMNS, *terms.NUMBER_COLUMNS,
             *terms.TEXT_COLUMNS} - {"attributes"}  # fmt: skip
    assert set(memory.table(folder=folder, name="interactions").column_names) == known


def test_customers_are_valid(folder: Path) -> None:
    found = rows(folder, "customers")
    assert len({row["customer_id"] for row in found}) == len(found) == 700
    for row in found:
        joined = datetime.fromisoformat(str(row["joined_at"]))
        assert joined.tzinfo is not None
        assert (row["left_at"] is None) == (row["left_kind"] is None)
        if row["left_at"]:
            assert row["left_kind"] in ("voluntary", "involuntary")
            assert joined < datetime.fromisoformat(str(row["left_at"]))
        assert float(str(row["monthly_value"])) > 0
        assert isinstance(json.loads(str(row["attributes"])), dict)
        assert "@example." in str(row["email"])


def test_interactions_are_valid(folder: Path) -> None:
    people = {row["customer_id"]: row for row in rows(folder, "customers")}
    found = rows(folder, "interactions")
    assert len({(row["source"], row["interaction_id"]) for row in found}) == len(found)
    ids = {row["interaction_id"]: row for row in found}
    for row in found:
        person = people[row["customer_id"]]
        assert str(person["joined_at"]) <= str(row["occurred_at"]) < "2026-01-01"
        assert person["left_at"] is None or str(row["occurred_at"]) <= str(person["left_at"])
        assert row["recorded_at"] is None or str(row["occurred_at"]) <= str(row["recorded_at"]) < "2026-01-01"
        assert row["promise"] in (None, "made", "kept", "broken")
        assert (row["promised_at"] is not None) or row["promise"] is None
        if row["caused_by"]:
            cause = ids[str(row["caused_by"]).rpartition(":")[2]]
            assert cause["customer_id"] == row["customer_id"]
            assert str(cause["occurred_at"]) <= str(row["occurred_at"])


def test_numbers_stay_in_their_ranges(folder: Path) -> None:
    top = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
    for row in rows(folder, "interactions"):
        for name in ("wait_minutes", "duration_minutes", "outage_hours", "transfers", "amount"):
            assert row[name] is None or float(str(row[name])) >= 0
        if row["score"] is not None:
            low, high = top[str(row["scale"])]
            assert low <= float(str(row["score"])) <= high
        assert (row["score"] is None) == (row["scale"] is None)


def test_an_operator_has_all_that_a_demo_needs(folder: Path) -> None:
    found = rows(folder, "interactions")
    assert {row["kind"] for row in found} == {
        "contact", "visit", "order", "bill", "outage", "campaign", "message", "feedback", "promise", "renewal",
    }  # fmt: skip
    assert len({row["department"] for row in found if row["department"]}) == 8
    assert {row["language"] for row in found if row["text"]} >= {"en", "es", "de"}
    assert {row["scale"] for row in found if row["scale"]} == {"nps", "csat", "ces"}
    due = [str(row["promised_at"]) for row in found if row["promise"] == "made"]
    assert any(day > "2026-01-01" for day in due), "no promise is open at the end"


def test_chains_run_across_departments(folder: Path) -> None:
    found = {row["interaction_id"]: row for row in rows(folder, "interactions")}
    said = set()
    for link in rows(folder, "truth/links"):
        cause, effect = found[link["caused_by"]], found[link["interaction_id"]]
        said.add((cause["kind"], cause["department"], effect["kind"], effect["department"]))
    assert ("order", "sales", "bill", "billing") in said
    assert ("order", "sales", "visit", "field") in said
    assert ("visit", "field", "contact", "care") in said
    assert ("promise", "care", "visit", "field") in said
    assert ("contact", "care", "bill", "billing") in said
    assert ("bill", "billing", "contact", "care") in said
    assert ("outage", "network", "contact", "care") in said
    assert ("promise", "care", "promise", "billing") in said


def test_some_links_are_missing_from_the_record(folder: Path) -> None:
    recorded = sum(1 for row in rows(folder, "interactions") if row["caused_by"])
    true = len(rows(folder, "truth/links"))
    assert 0.2 * true < recorded < 0.8 * true


def test_the_unhappy_keep_silent(tmp_path: Path) -> None:
    folder = conftest.simulated(tmp_path, law="additive", customers=1800)
    lost = {row["customer_id"] for row in rows(folder, "truth/losses") if float(str(row["attributable"])) > 0.5}
    asked = {"lost": 0, "others": 0}
    answered = dict(asked)
    for row in rows(folder, "interactions"):
        group = "lost" if row["customer_id"] in lost else "others"
        asked[group] += row["kind"] in ("contact", "visit")
        answered[group] += row["touchpoint"] in ("contact_survey", "visit_survey")
    assert answered["lost"] / asked["lost"] < 0.8 * answered["others"] / asked["others"]


def test_it_ends_where_told_and_stays_small_when_asked(tmp_path: Path) -> None:
    made = simulator.simulate(
        customers=3, months=3, seed=1, law=world.Law.ADDITIVE, end=20_000.0, out=tmp_path, files="csv",
        report=lambda progress: None,
    )  # fmt: skip
    operator = memory.read(folder=tmp_path)
    assert made.customers == len(operator.relationships) == 3
    assert made.interactions == len(operator.journeys)
    assert np.nanmax(operator.journeys.occurred) < 20_000.0
