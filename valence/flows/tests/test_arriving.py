"""Interactions that arrive between two scores."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection

from valence import interactions, terms
from valence.customers import actions as customer_actions
from valence.flows.gather import stale
from valence.flows.tests.conftest import NOW, Operator
from valence.flows.weigh import minds, score, state
from valence.ledger.actions.taking_place import sqlite
from valence.ledger.queries import exports, versions
from valence.ledger.queries import risks as listed

pytestmark = pytest.mark.django_db


def risks() -> dict[int, tuple[object, ...]]:
    return {key: values for key, *values in exports.risk(scope=terms.EVERYTHING)}


def arrives(
    key: int, name: str, *, revision: int = 0, kind: str = "visit", facts: str = "no_show", days: float = 0.0
) -> terms.Interaction:
    at = NOW - timedelta(days=days, hours=1)
    made = terms.Interaction(
        source="crm", interaction_id=name, customer_key=key, occurred_at=at, recorded_at=at,
        kind=kind, department="field", facts=facts, revision=revision,
    )  # fmt: skip
    interactions.inbox.admit(interactions=[made], now=NOW, folded=state.folded)
    return made


def test_only_the_customer_for_whom_something_arrived_is_worked_out_again(operator: Operator) -> None:
    before = risks()
    key = next(iter(before))
    arrives(key, "new-1")
    assert versions.newer_ones(limit=10) == [key]
    assert state.refresh(now=NOW) == 1
    after = risks()
    assert {other for other in before if before[other] != after[other]} == {key}
    assert after[key][1] < before[key][1], "a visit that never came weakens the bond"


def test_what_was_folded_is_what_a_score_of_everybody_says(operator: Operator) -> None:
    key = list(risks())[1]
    arrives(key, "new-2")
    arrives(key, "new-3", facts="late", days=3)
    folded = memory_of(key)
    state.refresh(now=NOW)
    fresh = risks()[key]
    score.score(now=NOW)
    assert memory_of(key) == pytest.approx(folded, rel=1e-4, abs=1e-5)
    assert risks()[key][1:6] == pytest.approx(fresh[1:6], rel=0.05), "only the pressure of the day differs"


def memory_of(key: int) -> np.ndarray:
    """Return the decayed sums of a customer, faded to NOW."""
    model = minds.in_use().model
    stored = versions.states(keys=[key], model=versions.version_in_use())
    return state._states(stored, model).memory_at(model=model, as_of=terms.days(NOW))[0]


def test_a_contact_is_read_beside_the_fault_that_explains_it(operator: Operator) -> None:
    key = list(risks())[2]
    arrives(key, "new-4", days=2)
    before = memory_of(key)
    arrives(key, "new-5", kind="contact", facts="")
    state.refresh(now=NOW)
    fresh = memory_of(key)
    contacted = [mark.name for mark in minds.in_use().model.marks].index("contacted")
    assert fresh[contacted] == pytest.approx(before[contacted]), "who calls because nobody came shows no wish to leave"
    score.score(now=NOW)
    assert memory_of(key) == pytest.approx(fresh, rel=1e-4, abs=1e-5)


def test_whoever_becomes_likely_to_leave_is_told_why_at_once(operator: Operator) -> None:
    key = max(risks(), key=lambda key: risks()[key][1])
    for number in range(12):
        arrives(key, f"bad-{number}", facts="no_show|left_mess|not_fixed")
    state.refresh(now=NOW)
    row = next(row for row in listed.every(scope=terms.EVERYTHING, asked=listed.Asked(likely=True)) if row.key == key)
    assert row.why_interaction_id.startswith("bad-")
    assert row.became_likely_at is not None


def test_a_customer_who_is_met_for_the_first_time_is_worked_out_from_the_journey(operator: Operator) -> None:
    [key] = customer_actions.identify(customer_ids=["brand-new"], now=NOW)
    arrives(key, "first")
    assert versions.newer_ones(limit=10) == [key]
    state.refresh(now=NOW)
    assert versions.newer_ones(limit=10) == [], "nothing is known of the relationship: there is no risk to tell"
    assert key not in risks()


def test_a_revision_is_worked_out_from_the_journey(operator: Operator) -> None:
    key = list(risks())[2]
    arrives(key, "new-4")
    state.refresh(now=NOW)
    weak = risks()[key]
    arrives(key, "new-4", revision=1, facts="on_time")
    state.refresh(now=NOW)
    assert risks()[key][1] > weak[1], "it turned out that the visit came in time"


def test_nothing_to_do_costs_nothing(operator: Operator) -> None:
    assert state.refresh(now=NOW) == 0


def test_a_bulk_import_marks_results_stale_until_the_next_score(operator: Operator) -> None:
    stale.mark([arrives(list(risks())[3], "new-5")])
    assert versions.scored().stale_since is not None
    score.score(now=NOW)
    assert versions.scored().stale_since is None


def test_a_score_leaves_no_waiting_table_whether_it_ends_or_breaks_off(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "ROWS_AWAY_AT_ONCE", 7)
    score.score(now=NOW)
    assert waiting() == []
    before = risks()

    def broken(**said: object) -> None:
        assert waiting(), "rows wait beside the old ones"
        raise interactions.StoreUnavailable("the disk is full")

    monkeypatch.setattr(score.writing, "finish", broken)
    with pytest.raises(interactions.StoreUnavailable):
        score.score(now=NOW)
    assert waiting() == []
    assert risks() == before


def waiting() -> list[str]:
    return [name for name in connection.introspection.table_names() if name.endswith(("_next", "_old"))]
