"""Promises of the watch over places: one alarm with its cases, somebody's, said once, gone with what it rested on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from valence import home, terms
from valence.alerts import place_alarms, telling
from valence.alerts.channels import slack
from valence.channels import queries as messages
from valence.channels.values import Purpose
from valence.customers import actions as customer_actions
from valence.customers.rules import CustomerRecord
from valence.flows.act import placing, reminding
from valence.flows.gather import ingest
from valence.people import actions as people
from valence.people import queries as people_queries
from valence.people.models import Person
from valence.terms import EVERYTHING, Role, Scope

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
COAST = Scope(role=Role.MANAGER, regions=frozenset({"Coast"}))
VALLEY = Scope(role=Role.MANAGER, regions=frozenset({"Valley"}))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Two places of Coast and two of Valley, ten customers each, and a calm year: a late visit now and then."""
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    for name in home.FOLDERS:
        (tmp_path / name).mkdir(exist_ok=True)
    monkeypatch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
    staff = {
        name: people.create_person(
            name=name, password="correct horse battery", role=role, by="test", now=NOON, regions=regions
        )
        for name, role, regions in (
            ("alice", Role.ADMINISTRATOR, None),
            ("mark", Role.MANAGER, frozenset({"Coast"})),
        )
    }
    places = {"quay": "Coast", "pier": "Coast", "mill": "Valley", "farm": "Valley"}
    records = [
        CustomerRecord(
            customer_id=f"{place}-{number}",
            joined_at=NOON - timedelta(days=900),
            values={"region": region, "location_id": place},
        )
        for place, region in places.items()
        for number in range(10)
    ]
    customer_actions.put(records=records, now=NOON)
    rng = np.random.default_rng(2)
    arrives([(f"{place}-{rng.integers(10)}", NOON - timedelta(days=float(day)))
             for place in places for day in rng.uniform(15, 200, 12)])  # fmt: skip
    return staff


def arrives(visits: list[tuple[str, datetime]]) -> None:
    columns = {
        "interaction_id": [f"{who}-{at.isoformat()}" for who, at in visits],
        "customer_id": [who for who, _ in visits],
        "occurred_at": [at.isoformat() for _, at in visits],
        "kind": ["visit"] * len(visits),
        "facts": ["late"] * len(visits),
        "department": ["field"] * len(visits),
    }
    raw = terms.RawRecords(numbers=list(range(1, len(visits) + 1)), columns=columns)
    assert not ingest.take_interactions(records=raw, desk=ingest.Desk(), now=NOON).refused


def late(place: str, count: int, hours: float = 2.0) -> list[tuple[str, datetime]]:
    return [(f"{place}-{number}", NOON - timedelta(hours=hours + number / 10)) for number in range(count)]


def test_a_calm_day_raises_nothing() -> None:
    assert placing.look(now=NOON) == 0


def test_several_cases_in_one_place_are_one_alarm_with_its_cases_of_the_regions_manager(company) -> None:
    arrives(late("quay", 6))
    assert placing.look(now=NOON) == 1
    [alarm] = place_alarms.rows(scope=COAST)
    assert (alarm.zone, alarm.region, alarm.word, alarm.department) == ("quay", "Coast", "late", "field")
    assert (alarm.owner_name, alarm.cases, alarm.observed) == ("mark", 6, 6)
    assert alarm.expected < 1
    assert {case.place for case in place_alarms.cases(scope=COAST, pk=alarm.pk)} == {"quay"}
    assert place_alarms.rows(scope=VALLEY) == ()


def test_its_owner_is_written_to_and_receivers_are_told_once(company) -> None:
    Person.objects.filter(name="mark").update(email="mark@example.org", language="de")
    chosen = {"kind": "slack", "said": {"url": "https://hooks.example.org/chat"}, "events": ["place.raised"]}
    telling.add(name="chat", by="alice", now=NOON, **chosen)
    arrives(late("quay", 6))
    assert placing.look(now=NOON) == 1
    arrives(late("quay", 9, hours=1.0))
    assert placing.look(now=NOON) == 0
    [alarm] = place_alarms.rows(scope=COAST)
    [message] = messages.of(purpose=Purpose.DIGEST, reference=f"place-{alarm.pk}")
    to, content = messages.content(message=message)
    assert to == "mark@example.org"
    assert content["language"] == "de"
    assert "6 Fälle nah beieinander" in content["subject"]
    assert f"/cases/places/{alarm.pk}/" in content["text"]
    [due] = telling.due(now=NOON, limit=10)
    assert (due.event.kind, due.customer) == ("place.raised", None)
    assert due.event.data["observed"] == 6
    said = slack.made(settings=due.settings, event=due.event, now=NOON).body.decode()
    assert "Several cases close together: " in said
    assert "quay-" not in said


def test_a_digest_names_the_places_that_are_ones_own(company) -> None:
    arrives(late("quay", 6))
    placing.look(now=NOON)
    mark, alice = (people_queries.one(pk=company[name]) for name in ("mark", "alice"))
    said = reminding.written(person=mark, now=NOON)
    assert said is not None
    assert "Quay, Coast: 6, to be expected were" in said[1]
    assert reminding.written(person=alice, now=NOON) is None


def test_what_goes_on_stays_one_alarm_and_grows() -> None:
    arrives(late("quay", 6))
    assert placing.look(now=NOON) == 1
    arrives(late("quay", 9, hours=1.0))
    assert placing.look(now=NOON) == 0
    [alarm] = place_alarms.rows(scope=EVERYTHING)
    assert alarm.cases > 6


def test_a_customer_with_three_rows_of_a_day_is_one_case() -> None:
    arrives([("quay-1", NOON - timedelta(minutes=minutes)) for minutes in range(20, 140, 20)])
    assert placing.look(now=NOON) == 0


def test_an_alarm_is_taken_ticked_and_put_right_and_stays_so_while_the_same_goes_on(company) -> None:
    arrives(late("quay", 6))
    placing.look(now=NOON)
    [alarm] = place_alarms.rows(scope=COAST)
    assert place_alarms.settle(pk=alarm.pk, old="new", new="taken", by="mark", person=company["mark"], now=NOON)
    assert not place_alarms.settle(pk=alarm.pk, old="new", new="dismissed", by="alice", person=1, now=NOON)
    place_alarms.tick(pk=alarm.pk, step=0, done=True)
    assert place_alarms.settle(pk=alarm.pk, old="taken", new="put_right", by="mark", person=company["mark"], now=NOON)
    assert placing.look(now=NOON) == 0
    row = place_alarms.one(scope=COAST, pk=alarm.pk)
    assert (row.state, row.steps) == ("put_right", (0,))


def test_cases_whose_interactions_are_undone_go_and_an_alarm_without_any_goes_too() -> None:
    arrives(late("quay", 6))
    placing.look(now=NOON)
    [alarm] = place_alarms.rows(scope=COAST)
    ids = [(case.source, case.interaction_id) for case in place_alarms.cases(scope=COAST, pk=alarm.pk)]
    place_alarms.withdraw(ids=ids[:2])
    assert place_alarms.one(scope=COAST, pk=alarm.pk).observed == 4
    place_alarms.withdraw(ids=ids)
    assert place_alarms.rows(scope=COAST) == ()


def test_what_did_not_show_for_two_weeks_is_over() -> None:
    arrives(late("quay", 6))
    placing.look(now=NOON)
    place_alarms.end_quiet(now=NOON + timedelta(days=15))
    assert [row.state for row in place_alarms.rows(scope=COAST)] == ["over"]
