"""Drift: found where values changed, not where chance did it, and sums that add up."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from valence.sources import details, drift
from valence.sources.details import Sums
from valence.terms import Interaction

NOW = datetime(2026, 3, 20, 12, 5, tzinfo=UTC)
KINDS = {"contact": 0.5, "visit": 0.3, "bill": 0.15, "outage": 0.05}


def one(
    number: int, *, kind: str = "contact", amount: float | None = None, department: str = "care", **more: str
) -> Interaction:
    at = NOW - timedelta(hours=2)
    return Interaction(
        source="crm", interaction_id=str(number), customer_key=1, occurred_at=at, recorded_at=at, kind=kind,
        department=department, amount=amount, **more,
    )  # fmt: skip


def week(
    dice: random.Random, count: int, kinds: Mapping[str, float] = KINDS, *, scale: float = 1, empty: float = 0.1
) -> Sums:
    total = Sums()
    for start in range(0, count, 200):
        rows = [
            one(
                start + n,
                kind=dice.choices(list(kinds), list(kinds.values()))[0],
                amount=scale * dice.lognormvariate(4, 0.3),
                department="" if dice.random() < empty else "care",
            )
            for n in range(200)
        ]
        total = details.added(total, details.looked_at(fresh=rows, reasons={}, now=NOW))
    return total


def test_four_weeks_alike_and_a_fifth_hold_no_drift_but_for_rare_chance() -> None:
    false = 0
    for seed in range(60):
        dice = random.Random(seed)
        weeks = [week(dice, 1_000) for _ in range(4)]
        found = drift.find(now=week(dice, 1_000), weeks=weeks)
        assert found.is_known
        false += bool(found.drifts)
    assert false <= 1


def test_another_mix_of_kinds_is_found_and_said() -> None:
    dice = random.Random(1)
    mixed = {"contact": 0.3, "visit": 0.3, "bill": 0.15, "outage": 0.25}
    found = drift.find(now=week(dice, 2_000, mixed), weeks=[week(dice, 2_000) for _ in range(4)])
    assert [(d.column, {c.word for c in d.changes[:2]}) for d in found.drifts] == [("kind", {"contact", "outage"})]
    assert found.drifts[0].measure == pytest.approx(0.2, abs=0.06)


def test_a_new_word_a_gone_word_an_emptied_column_and_another_unit_are_found() -> None:
    dice = random.Random(2)
    renamed = {"contact": 0.5, "site visit": 0.3, "bill": 0.15, "outage": 0.05}
    found = drift.find(
        now=week(dice, 2_000, renamed, scale=100, empty=0.9), weeks=[week(dice, 2_000) for _ in range(4)]
    )
    assert [change.word for change in found.new_words] == ["site visit"]
    assert [change.word for change in found.gone_words] == ["visit"]
    by_column = {one.column: one.changes[0] for one in found.drifts}
    assert by_column["empty department"].now == pytest.approx(0.9, abs=0.05)
    assert by_column["amount"].now / by_column["amount"].before == pytest.approx(100, rel=0.3)


def test_weeks_that_always_differ_are_this_sources_habit() -> None:
    dice = random.Random(3)
    a, b = {"contact": 0.7, "visit": 0.3}, {"contact": 0.4, "visit": 0.6}
    weeks = [week(dice, 2_000, kinds) for kinds in (a, b, a, b)]
    assert drift.find(now=week(dice, 2_000, a), weeks=weeks).drifts == ()


def test_too_few_records_say_nothing() -> None:
    dice = random.Random(4)
    assert not drift.find(now=week(dice, 200), weeks=[week(dice, 1_000) for _ in range(4)]).is_known


def test_sums_add_up_in_any_order_and_keep_their_size() -> None:
    rows = [one(n, kind=f"kind {n % 90}", facts="late|no_show", reason="x") for n in range(400)]
    parts = [details.looked_at(fresh=rows[at : at + 40], reasons={"bad_time": 2}, now=NOW) for at in range(0, 400, 40)]
    forwards, backwards = Sums(), Sums()
    for part in parts:
        forwards = details.added(forwards, part)
    for part in reversed(parts):
        backwards = details.added(backwards, part)
    assert forwards.looked == backwards.looked == 400
    assert forwards.reasons == {"bad_time": 20}
    assert sum(forwards.words["kind"].values()) == 400
    assert len(forwards.words["kind"]) == details.MOST_WORDS
    assert forwards.words["facts"] == {"late": 400, "no_show": 400}
    assert forwards.delays == [0, 0, 400, 0, 0, 0, 0]
    assert details.unpacked(details.packed(forwards)) == forwards
    assert len(details.packed(forwards)) < 3_000
    assert details.minutes_in(details.minutes_of(details.packed(forwards))) == [12 * 60 + 5]


def test_what_may_be_personal_is_never_kept_as_a_word() -> None:
    rows = [one(n, kind="anna@example.org", department="call 0043 664123456") for n in range(5)]
    assert details.looked_at(fresh=rows, reasons={}, now=NOW).words["kind"] == {details.OTHER: 5}
    assert details.looked_at(fresh=rows, reasons={}, now=NOW).words["department"] == {details.OTHER: 5}
