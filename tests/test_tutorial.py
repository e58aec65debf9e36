"""The tutorial's commands work as written, and say what the tutorial says they say."""

import csv

from tests.conftest import Operator


def test_the_losses_file_has_the_columns_of_the_contract(operator: Operator):
    with (operator.folder / "losses.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "customer_id", "left_at", "attributable", "verdict", "top_department", "top_interaction_id", "root_department",
        "root_interaction_id", "margin",
    ]  # fmt: skip
    assert {row["verdict"] for row in rows} <= {"ours", "not_ours", "cannot_say"}
    assert all(0 <= float(row["attributable"]) <= 1 for row in rows)


def test_sending_the_same_file_again_changes_nothing(operator: Operator):
    again = operator.run("import", "csv", "operator/customers.csv", "--format", "json")
    assert again.returncode == 0
    assert '"created":0' in again.stdout.replace(" ", "")


def test_the_explanation_names_a_department_and_a_likely_range(operator: Operator):
    words = operator.printed["valence explain $customer"]
    assert "Ours" in words
    assert "likely" in words


def test_the_curve_has_a_row_for_every_interaction_of_the_customer(operator: Operator):
    with (operator.folder / "losses.csv").open() as file:
        customer = next(row["customer_id"] for row in csv.DictReader(file) if row["verdict"] == "ours")
    with (operator.folder / "operator/interactions.csv").open() as file:
        sent = {row["interaction_id"] for row in csv.DictReader(file) if row["customer_id"] == customer}
    with (operator.folder / "bond.csv").open() as file:
        drawn = {row["interaction_id"] for row in csv.DictReader(file)}
    assert drawn >= sent
    assert sent
