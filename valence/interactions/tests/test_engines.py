"""Every engine keeps the same promises: this suite walks `interactions/engines/`."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from valence import interactions, terms
from valence.interactions import by_time, delta, engines, inbox, log, reading
from valence.interactions.tests.conftest import NOW
from valence.interactions.tests.test_reading import assert_same
from valence.terms import Interaction, Journeys, Progress

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log_folder")]
Maker = Callable[..., Interaction]
KEYS = [number * 37 for number in range(1, 40)]
MIDDLE = terms.days(NOW - timedelta(days=25))


@pytest.fixture(params=engines.names())
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    address = os.environ.get("VALENCE_SPARK", "") if request.param == "spark" else request.param
    if not address:
        pytest.skip("no Spark cluster: `make spark` starts one")
    monkeypatch.setenv("VALENCE_ENGINE", address)
    return str(request.param)


@pytest.fixture
def filled(made: Maker) -> None:
    """Fill sorted files, a loose file and the inbox, with revisions in each of them."""
    for step in range(3):
        rows = [made(f"{step}-{key}", key=key, day=step * 4 + key / 999, amount=float(key)) for key in KEYS]
        inbox.admit(interactions=rows, now=NOW)
        later = [made(f"0-{key}", key=key, day=1, known=2 + step, revision=step + 1) for key in KEYS[step::5]]
        inbox.admit(interactions=later, now=NOW)
        inbox.admit(interactions=[made(f"1-{KEYS[step]}", key=KEYS[5], day=9, revision=7)], now=NOW)
        if step < 2:
            log.flush()
        if step < 1:
            log.compact()


@pytest.mark.usefixtures("engine", "filled")
@pytest.mark.parametrize("as_of", [None, MIDDLE])
def test_buckets_hold_what_reading_by_key_finds(as_of: float | None) -> None:
    buckets = dict(interactions.per_customer(function=_with_bucket, as_of=as_of))
    assert sum(len(journeys) for journeys in buckets.values()) > len(KEYS)
    for bucket, journeys in buckets.items():
        keys = [key for key in KEYS if terms.bucket_of(key) == bucket]
        assert_same(journeys, interactions.journeys_of(keys=keys, as_of=as_of))


def test_a_large_bucket_comes_in_portions_of_whole_customers(
    made: Maker, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [5 + terms.BUCKETS * number for number in range(1, 7)]
    inbox.admit(interactions=[made(f"{key}-{n}", key=key, day=n) for key in keys for n in range(key % 5)], now=NOW)
    monkeypatch.setattr(terms, "ROWS_AT_ONCE", 3)
    parts = [journeys for _, journeys in interactions.per_customer(function=_with_bucket)]
    assert len(parts) > 2 or engine == "spark"  # its workers are processes of their own, where nothing was patched
    assert [key for part in parts for key in part.keys.tolist()] == [key for key in keys if key % 5]
    for part in parts:
        assert_same(part, interactions.journeys_of(keys=part.keys.tolist()))


@pytest.mark.usefixtures("engine", "filled")
@pytest.mark.parametrize("as_of", [None, MIDDLE])
def test_a_question_sees_the_same_rows(as_of: float | None) -> None:
    journeys = interactions.journeys_of(keys=KEYS, as_of=as_of)
    answer = interactions.ask(
        question=lambda rows: rows.aggregate(n=rows.count(), customers=rows.customer_key.nunique()), as_of=as_of
    )
    assert answer == [{"n": len(journeys), "customers": len(journeys.keys)}]


@pytest.mark.usefixtures("engine")
def test_an_empty_log_answers() -> None:
    assert list(interactions.per_customer(function=_with_bucket)) == []
    assert interactions.ask(question=lambda rows: rows.select("kind")) == []


@pytest.mark.usefixtures("engine", "filled")
def test_what_is_known_of_a_bucket_is_given_with_it() -> None:
    found = list(interactions.per_customer(function=interactions.Given(_with_given, lambda bucket: bucket + 100)))
    assert {bucket: known for bucket, known, _ in found} == {bucket: bucket + 100 for bucket, *_ in found}
    assert sum(rows for *_, rows in found) > len(KEYS)


@pytest.mark.usefixtures("engine", "filled")
def test_progress_is_said_bucket_by_bucket() -> None:
    said: list[Progress] = []
    list(interactions.per_customer(function=_with_bucket, columns=["kind"], progress=said.append))
    assert [progress.done for progress in said] == sorted({progress.done for progress in said})
    assert said[-1].total == terms.BUCKETS


def test_an_engine_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALENCE_ENGINE", "abacus")
    with pytest.raises(ValueError, match="abacus"):
        engines.chosen()


def _with_bucket(bucket: int, journeys: Journeys) -> tuple[int, Journeys]:
    return bucket, journeys


def _with_given(bucket: int, journeys: Journeys, known: int) -> tuple[int, int, int]:
    return bucket, known, len(journeys)


@pytest.fixture
def laid(filled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay by time what lies sorted, so that questions about some days read copies, files and inbox together."""
    monkeypatch.setattr(by_time, "MOST_UNLAID", 0)
    monkeypatch.setattr(by_time, "ROWS_A_PIECE", 7)
    assert log.lay_by_time() == sum(file.rows for file in log.state().files if file.bucket != delta.LOOSE) > 0


@pytest.mark.usefixtures("engine", "laid")
@pytest.mark.parametrize("as_of", [None, MIDDLE])
@pytest.mark.parametrize(("since", "until"), [(29, 25), (27, None), (None, 27), (40, 0)])
def test_a_question_about_some_days_sees_what_it_would_find_there_in_the_whole_log(
    as_of: float | None, since: int | None, until: int | None
) -> None:
    first, last = (None if days is None else NOW - timedelta(days=days) for days in (since, until))

    def told(rows: Any) -> Any:
        return rows.select("customer_key", "interaction_id", "occurred_at", "revision")

    def is_meant(row: dict[str, Any]) -> bool:
        return (not first or row["occurred_at"] >= first) and (not last or row["occurred_at"] < last)

    there = [row for row in interactions.ask(question=told, as_of=as_of) if is_meant(row)]
    found = interactions.ask(question=told, as_of=as_of, since=first, until=last)
    assert sorted(found, key=_named) == sorted(there, key=_named)
    assert there


@pytest.mark.usefixtures("engine", "laid")
@pytest.mark.parametrize("limit", [1, 5, 30, 500])
def test_the_latest_are_those_of_the_whole_log(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FIRST_ROWS", 2)

    def told(rows: Any) -> Any:
        seldom = rows.filter(rows.customer_key % 3 == 0)
        return seldom.order_by(seldom.occurred_at.desc(), seldom.source, seldom.interaction_id).limit(limit)

    assert interactions.latest(question=told, limit=limit) == interactions.ask(question=told)
    until = NOW - timedelta(days=26)
    before = interactions.ask(question=lambda rows: told(rows.filter(rows.occurred_at < until)))
    assert interactions.latest(question=told, limit=limit, until=until) == before
    since = NOW - timedelta(days=29)
    between = interactions.ask(
        question=lambda rows: told(rows.filter(rows.occurred_at < until, rows.occurred_at >= since))
    )
    assert interactions.latest(question=told, limit=limit, since=since, until=until) == between


def _named(row: dict[str, Any]) -> tuple[int, str]:
    return row["customer_key"], row["interaction_id"]
