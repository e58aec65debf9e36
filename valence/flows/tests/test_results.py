"""From files to results: train, score, export, explain."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from valence import interactions, terms
from valence.bond import states
from valence.customers import population as people
from valence.customers import queries as customers
from valence.customers.models import Customer
from valence.flows.find import explain, export
from valence.flows.gather import derived
from valence.flows.tests.conftest import NOW, Operator
from valence.flows.weigh import minds, population, score, scored, train
from valence.ledger.actions import scores as writing
from valence.ledger.actions import versions as keeping
from valence.ledger.queries import exports, losses, promises, versions

HALF_WAY = datetime(2025, 8, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def rows(name: str) -> list[dict[str, object]]:
    headings, found = export.table(name=name, now=NOW)
    return [dict(zip(headings, row, strict=True)) for row in found]


def read_file(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_training_keeps_a_model_that_says_until_when_it_knows(operator: Operator) -> None:
    assert operator.card.in_use
    assert operator.card.known_until <= NOW
    assert minds.in_use().model.version == operator.card.version


def test_everybody_who_is_a_customer_has_a_risk_and_everybody_who_chose_to_leave_a_loss(operator: Operator) -> None:
    people = customers.relationships()
    assert len(rows("risk")) == int(np.isnan(people.left).sum()) == operator.scored.customers
    assert len(rows("losses")) == int((people.voluntary & np.isfinite(people.left)).sum()) == operator.scored.losses


def test_results_end_where_the_data_ends_not_at_the_clock(operator: Operator) -> None:
    assert operator.scored.as_of < NOW
    assert operator.scored.as_of == population.latest_known(now=NOW)


def test_a_promise_counts_as_overdue_from_when_it_was_due_whether_or_not_anybody_noted_it(operator: Operator) -> None:
    found = promises.rows(scope=terms.EVERYTHING, asked=promises.Asked(), limit=None)
    waiting = [one for one in found if one.settled_at is None]
    hour = timedelta(hours=1)
    assert {one.state for one in waiting} == {"open", "overdue"}
    for one in waiting:
        due = one.due_at or one.made_at + timedelta(days=30)
        assert one.state == ("overdue" if operator.scored.as_of > due + hour else "open")


def test_chances_grow_with_the_days_and_lie_in_their_ranges(operator: Operator) -> None:
    for row in rows("risk"):
        assert 0 <= row["p_leave_30d"] <= row["p_leave_60d"] <= row["p_leave_90d"] <= 1
        assert row["p_low_30d"] <= row["p_leave_30d"] <= row["p_high_30d"]
        assert 0 <= row["bond"] <= 100


def test_every_share_is_an_interaction_of_that_customer_before_she_left(operator: Operator) -> None:
    with (operator.files / "interactions.csv").open(newline="") as file:
        known = {(row["customer_id"], row["source"], row["interaction_id"]): row for row in csv.DictReader(file)}
    shares = rows("blame")
    assert shares
    for share in shares:
        row = known[(share["customer_id"], share["source"], share["interaction_id"])]
        assert datetime.fromisoformat(row["occurred_at"]) <= share["left_at"]
        assert row["department"] == share["department"]
        assert share["p_low"] <= share["p_would_have_stayed"] <= share["p_high"]


def test_stored_states_are_those_of_the_batch(operator: Operator) -> None:
    people = customers.relationships()
    mind = minds.in_use()
    present = people.keys[np.isnan(people.left)]
    stored = versions.states(keys=present.tolist(), model=operator.card.version)
    journeys = derived.completed(journeys=interactions.journeys_of(keys=present.tolist())).aligned_to(present)
    batch = states.from_journeys(model=mind.model, journeys=journeys, as_of=terms.days(operator.scored.as_of))
    assert sorted(stored) == present.tolist()
    for place, key in enumerate(present.tolist()):
        memory = np.frombuffer(stored[key].sums, np.float32)
        assert memory == pytest.approx(batch.memory[place], rel=1e-5, abs=1e-6)


def test_a_look_back_uses_only_who_and_what_was_known_then(operator: Operator) -> None:
    model = train.fitted(until=HALF_WAY)
    keeping.keep_model(
        version="then", trained_at=NOW, known_until=HALF_WAY, pack="telco 1",
        parameters=model.to_bytes(), habits=b"", figures={}, use=False,
    )  # fmt: skip
    found = score.score(now=NOW, as_of=HALF_WAY)
    people = customers.relationships(as_of=HALF_WAY)
    assert (found.model, found.warning) == ("then", "")
    assert {row["as_of"] for row in rows("risk")} == {HALF_WAY}
    assert len(rows("risk")) == int(np.isnan(people.left).sum())
    assert all(row["left_at"] <= HALF_WAY for row in rows("losses"))


def test_a_look_back_before_any_model_knew_so_little_warns(operator: Operator) -> None:
    mind = minds.known_by(moment=HALF_WAY - timedelta(days=300))
    assert mind.card.version == operator.card.version
    assert "better than they could have been" in mind.warning


def test_a_score_that_fails_leaves_the_one_before(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows("risk")

    def fails(**_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(writing, "finish", fails)
    with pytest.raises(OSError, match="disk full"):
        score.score(now=NOW)
    assert rows("risk") == before
    monkeypatch.undo()


def test_another_model_can_be_used_again_and_one_that_is_not_there_changes_nothing(operator: Operator) -> None:
    keeping.use_model(version=operator.card.version)
    with pytest.raises(keeping.UnknownModel):
        keeping.use_model(version="nobody")
    assert versions.in_use().version == operator.card.version


@pytest.mark.parametrize("name", ["risk", "blame", "losses"])
def test_files_have_the_columns_of_the_contract_and_both_kinds_hold_the_same(
    operator: Operator, name: str, tmp_path: Path
) -> None:
    for ending in (".csv", ".parquet"):
        export.write(name=name, out=tmp_path / f"{name}{ending}", now=NOW)
    told = read_file(tmp_path / f"{name}.csv")
    table = pq.read_table(tmp_path / f"{name}.parquet")
    wanted = {"risk": exports.RISK, "blame": exports.BLAME, "losses": exports.LOSSES}[name]
    assert tuple(table.column_names) == ("customer_id", *wanted)
    assert [row["customer_id"] for row in told] == table["customer_id"].to_pylist()
    assert table.num_rows == len(rows(name)) > 0


def test_the_risk_file_holds_the_range_of_its_order_and_the_reason_in_words(operator: Operator, tmp_path: Path) -> None:
    export.write(name="risk", out=tmp_path / "risk.csv", now=NOW)
    told = read_file(tmp_path / "risk.csv")
    assert all(float(r["p_low_60d"]) <= float(r["p_leave_60d"]) <= float(r["p_high_60d"]) for r in told)
    assert told[0]["why"]
    assert told[0]["act_by"].endswith("Z")


def test_the_bonds_of_a_customer_have_a_row_for_every_stored_interaction(operator: Operator, tmp_path: Path) -> None:
    customer = str(rows("losses")[0]["customer_id"])
    out = tmp_path / "bonds.csv"
    with (operator.files / "interactions.csv").open(newline="") as file:
        stored = [row["interaction_id"] for row in csv.DictReader(file) if row["customer_id"] == customer]
    assert export.write(name="bonds", out=out, customer_id=customer, now=NOW).rows == len(stored)
    assert sorted(row["interaction_id"] for row in read_file(out)) == sorted(stored)


@pytest.mark.parametrize(
    ("name", "file", "customer", "why"),
    [
        ("risk", "risk.txt", "", "ends neither"),
        ("bonds", "b.csv", "", "--customer"),
        ("bonds", "b.csv", "nobody", "no customer"),
        ("risk", "no/such/folder/r.csv", "", "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_said_and_nothing_is_left(
    operator: Operator, tmp_path: Path, name: str, file: str, customer: str, why: str
) -> None:
    with pytest.raises(export.CannotExport, match=why):
        export.write(name=name, out=tmp_path / file, customer_id=customer, now=NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [("=1+1", "'=1+1"), ("-5", "'-5"), ("@x", "'@x"), ("'=1", "''=1"), ("'quoted", "'quoted"), ("a=b", "a=b")],
)
def test_a_text_that_a_spreadsheet_would_run_gets_one_apostrophe(text: str, written: str) -> None:
    assert export.neutral(text) == written
    assert export.neutral(-5.0) == -5.0


def test_a_loss_is_explained_with_verdict_story_and_root(operator: Operator) -> None:
    ours = losses.rows(scope=terms.EVERYTHING, asked=losses.Asked(verdict="ours"))[0]
    name = customers.names(scope=terms.EVERYTHING, keys=[ours.key])[ours.key].customer_id
    found = explain.explain(customer_id=name, now=NOW)
    assert found.loss is not None
    assert (found.loss.verdict, found.loss.root_department) == ("ours", ours.root_department)
    assert found.loss.top_interaction_id in {step.interaction_id for step in found.loss.story}
    assert found.chances == ()


def test_a_present_customer_is_explained_with_bond_and_chances(operator: Operator) -> None:
    row = rows("risk")[0]
    found = explain.explain(customer_id=str(row["customer_id"]), now=NOW)
    assert found.loss is None
    assert found.bond is not None
    assert found.bond.value == pytest.approx(row["bond"], abs=1.0)
    assert [each.value for each in found.chances] == pytest.approx(
        [row["p_leave_30d"], row["p_leave_60d"], row["p_leave_90d"]], rel=0.05
    )


def test_the_reason_a_company_recorded_for_leaving_is_never_a_feature(operator: Operator) -> None:
    """It is known after the fact: whatever it says, all that training and scoring read of a customer is the same."""
    before = people.read()
    assert Customer.objects.exclude(left_at=None).update(left_reason="because of everything") > 0
    after = people.read()
    assert np.array_equal(before.left, after.left, equal_nan=True)
    assert np.array_equal(before.voluntary, after.voluntary)
    assert set(before.words) | set(before.history) == set(after.words) | set(after.history)
    for name, words in before.words.items():
        assert words.vocabulary == after.words[name].vocabulary
        assert "because of everything" not in words.vocabulary
        assert np.array_equal(words.codes, after.words[name].codes)
    assert "left_reason" not in {*train.COLUMNS, *scored.COLUMNS}
