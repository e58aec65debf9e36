"""The scheduled query, against PostgreSQL and MariaDB: late rows, ties, corrections, times, and what may go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from valence import interactions
from valence.flows.gather import feeds
from valence.flows.tests.feeds.worlds import Database, Row
from valence.sources.feeds import actions, queries, setup
from valence.sources.feeds.contract import WrongFeed

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["postgresql", "mariadb"])
def crm(
    request: pytest.FixtureRequest, server: Callable[[str], str], settings: LazySettings, tmp_path: Path
) -> Database:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("log", "uploads", "logs"):
        (tmp_path / "home" / name).mkdir(parents=True)
    return Database(server(request.param))


def add(crm: Database, **said: Any) -> None:
    setup.write(name="crm", said={**crm.said, "sql": {**crm.said["sql"], **said}})


def run() -> feeds.Ran:
    return feeds.run(name="crm", by="alice", now=datetime.now(UTC))


def rows(numbers: range, changed: float) -> list[Row]:
    return [Row(number=number, changed=changed) for number in numbers]


def amounts() -> dict[str, float]:
    return {row["interaction_id"]: row["amount"] for row in interactions.ask(question=lambda table: table)}


def test_rows_that_were_committed_late_are_found_in_the_window_that_is_read_again(crm: Database) -> None:
    add(crm)
    crm.put([Row(number=number, changed=number) for number in range(300)])
    run()
    crm.put([Row(number=900, changed=250), Row(number=901, changed=10), Row(number=902, changed=301)])
    late = run()
    assert (late.created, late.duplicate) == (2, 0), "one lies before the window of two hours, and only that is missed"


def test_many_rows_of_one_moment_are_cut_into_pieces_and_none_is_missed(crm: Database) -> None:
    add(crm, overlap="", piece=40)
    crm.put(rows(range(100), changed=5))
    assert (run().pieces, len(amounts())) == (3, 100)
    crm.put(rows(range(100, 110), changed=5))
    assert (run().created, len(amounts())) == (10, 110)


def test_a_corrected_row_takes_the_place_of_what_was_said_before(crm: Database) -> None:
    add(crm)
    crm.put(rows(range(10), changed=5))
    run()
    crm.put([Row(number=3, changed=6, amount=99.0)])
    corrected = run()
    assert (corrected.created, corrected.revised, corrected.refused) == (0, 1, 0)
    assert (amounts()["t-3"], amounts()["t-4"]) == (99.0, 10.0)
    assert run().words == "Nothing new."


def test_the_time_of_change_is_no_part_of_the_record_unless_the_mapping_says_so(crm: Database) -> None:
    add(crm)
    crm.put(rows(range(3), changed=5))
    run()
    assert {row["attributes"] for row in interactions.ask(question=lambda table: table)} <= {None, ""}
    crm.put(rows(range(2), changed=9))
    touched = run()
    assert (touched.created, touched.refused) == (0, 0)
    setup.remove(name="crm")
    actions.forget(name="crm")
    mapped = {"kind": "interactions", "columns": {"recorded_at": "updated_at"}}
    setup.write(name="crm", said={**crm.said, "mapping": mapped, "source": "other"})
    crm.put(rows(range(10, 12), changed=5))
    run()
    known = {row["interaction_id"]: row["recorded_at"] for row in interactions.ask(question=lambda table: table)}
    assert known["t-10"].isoformat().startswith("2026-01-05T09:05")


def test_rows_without_a_time_of_change_are_read_each_time_and_come_once(crm: Database) -> None:
    add(crm, revision="")
    crm.put(rows(range(5), changed=5))
    run()
    crm.put(rows(range(5, 8), changed=5))
    crm.execute("UPDATE tickets SET updated_at = NULL WHERE interaction_id IN ('t-5', 't-6')")
    assert run().created == 3
    assert run().words == "Nothing new."


def test_a_table_without_a_cursor_is_read_whole_and_brings_only_what_changed(crm: Database) -> None:
    add(crm, cursor="", overlap="", id="")
    crm.put(rows(range(30), changed=5))
    assert run().created == 30
    crm.put([Row(number=7, changed=9, amount=1.0), Row(number=50, changed=9)])
    again = run()
    assert (again.created, again.revised, again.duplicate) == (1, 1, 0)


def test_a_row_that_changes_this_very_second_waits_for_the_next_run(crm: Database) -> None:
    add(crm)
    now = datetime.now(UTC)
    minutes = (now - datetime(2026, 1, 5, 9, tzinfo=UTC)).total_seconds() / 60
    crm.put([Row(number=1, changed=5), Row(number=2, changed=minutes)])
    assert feeds.run(name="crm", by="alice", now=now).created == 1
    assert run().created + feeds.run(name="crm", by="alice", now=now.replace(year=now.year + 1)).created == 1


def test_a_number_that_counts_up_is_a_cursor_too(crm: Database) -> None:
    number = "CAST(SUBSTRING(interaction_id, 3) AS DECIMAL(9))"
    add(crm, query=f"SELECT t.*, {number} AS no FROM tickets t", cursor="no", id="", overlap="3", revision="")
    crm.put(rows(range(10), changed=5))
    run()
    crm.put(rows(range(20, 23), changed=5))
    assert run().created == 3


def test_nothing_can_be_written_through_a_feed(crm: Database) -> None:
    for query in ("DELETE FROM tickets", "SELECT 1; DROP TABLE tickets", "UPDATE tickets SET kind = 'x'"):
        with pytest.raises(WrongFeed, match="query: is one SELECT"):
            add(crm, query=query)
    if "postgresql" in crm.url:
        crm.execute("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM tickets; SELECT 1'")
        add(crm, query="SELECT *, f() AS gone FROM tickets")
        crm.put(rows(range(2), changed=5))
        with pytest.raises(WrongFeed, match="read-only"):
            run()


def test_what_is_wrong_is_said_in_plain_words_without_the_password(crm: Database) -> None:
    add(crm, cursor="nothing", overlap="")
    with pytest.raises(WrongFeed, match="nothing"):
        run()
    setup.remove(name="crm")
    add(crm, url=crm.url.replace("reader:feedpass@127.0.0.1", "stranger:feedpass@127.0.0.1"))
    if "mysql" in crm.url:
        with pytest.raises(WrongFeed, match=r"The database said: .*[Aa]ccess denied") as said:
            run()
        assert "feedpass" not in str(said.value)
    setup.remove(name="crm")
    add(crm, url="postgresql+psycopg://reader:feedpass@127.0.0.1:1/crm")
    with pytest.raises(WrongFeed, match="refused") as said:
        run()
    assert "feedpass" not in str(said.value) + queries.runs()[0].words


def test_a_password_comes_from_the_environment(crm: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    add(crm, url=crm.url.replace("feedpass", "${CRM_PASSWORD}"))
    crm.put(rows(range(3), changed=5))
    with pytest.raises(WrongFeed, match="CRM_PASSWORD is not set"):
        run()
    monkeypatch.setenv("CRM_PASSWORD", "feedpass")
    assert run().created == 3


def test_rows_of_which_nothing_can_be_taken_stop_the_feed_and_are_read_again(crm: Database) -> None:
    add(crm, query="SELECT interaction_id, updated_at, kind, source FROM tickets", id="", overlap="")
    crm.put(rows(range(3), changed=5))
    with pytest.raises(WrongFeed, match="customer_id"):
        run()
    setup.remove(name="crm")
    add(crm)
    assert run().created == 3
