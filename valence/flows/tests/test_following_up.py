"""Promises of bad encounters: found once, followed up or not, said by a rule or not; a person opens cases for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from valence.alerts import actions as alert_actions
from valence.alerts import queries as alerts
from valence.alerts.models import Alert
from valence.cases import bad_encounters, withdrawing
from valence.customers import actions as customers
from valence.flows.act import casework, following_up
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON
from valence.terms import EVERYTHING, Role, Scope

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EVERY = bad_encounters.Asked()


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers of three customers: two at the bottom of the scale, one above; no rule is on."""
    acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=["T-1", "T-2", "T-3"])
    for one in alerts.every(now=NOON):
        alert_actions.switch(name=one.rule.name, on=False, by="test", now=NOON)
    acting.arrives(
        acting.answer(1, "T-1", at=NOON - 9 * DAY, score=0),
        acting.answer(2, "T-2", at=NOON - 8 * DAY, score=2),
        acting.answer(3, "T-3", at=NOON - 7 * DAY, score=5),
        acting.answer(4, "T-1", at=NOON - 200 * DAY, score=0),
    )


def measured() -> bad_encounters.Totals:
    following_up.measure(now=NOON)
    return bad_encounters.totals(scope=EVERYTHING, asked=EVERY)


def rows(asked: bad_encounters.Asked = EVERY, scope: Scope = EVERYTHING) -> tuple[bad_encounters.Row, ...]:
    return bad_encounters.rows(scope=scope, asked=asked)


def test_each_is_found_once_and_measuring_again_changes_nothing() -> None:
    assert measured() == measured() == bad_encounters.Totals(everyone=2, followed=0, covered=0)
    assert {row.encounter.interaction_id for row in rows()} == {"a1", "a2"}
    assert {row.encounter.whys for row in rows()} == {("lowest_score",)}
    assert {row.encounter.offered for row in rows()} == {"angry_answer"}


def test_a_rule_that_is_on_covers_what_it_says() -> None:
    alert_actions.switch(name="angry_answer", on=True, by="test", now=NOON)
    assert measured().covered == 2
    assert {row.encounter.rule for row in rows()} == {"angry_answer"}


def test_only_of_the_regions_that_one_may_see() -> None:
    measured()
    elsewhere = Scope(role=Role.MANAGER, regions=frozenset({"Hills"}))
    assert rows(scope=elsewhere) == ()
    assert bad_encounters.totals(scope=elsewhere, asked=EVERY).everyone == 0
    assert bad_encounters.some(scope=elsewhere, pks=[row.pk for row in rows()]) == ()
    [coast] = bad_encounters.parts(scope=EVERYTHING, asked=EVERY, by="region")
    assert (coast.name, coast.everyone) == ("Coast", 2)


def test_those_marked_become_cases_once_and_count_as_followed_up() -> None:
    measured()
    first, second = rows()
    done = following_up.open_cases(rows=[first], by="mark", now=NOON)
    assert (done.asked, done.opened) == (1, 1)
    [case] = acting.every_case()
    assert case.row.title == "A very low score"
    assert case.playbook is not None
    assert case.playbook.name == "angry_answer"
    [followed] = rows(bad_encounters.Asked(followed=True))
    assert (followed.pk, followed.followed) == (first.pk, "case")
    both = following_up.open_cases(rows=rows(), by="mark", now=NOON + DAY)
    assert (both.asked, both.opened) == (1, 1)
    assert len(acting.every_case()) == 2
    assert second.pk in {row.pk for row in rows(bad_encounters.Asked(followed=True))}


def test_where_no_rule_would_say_it_the_case_is_called_by_what_was_bad() -> None:
    measured()
    row = rows()[0]
    found = bad_encounters.Encounter(**{**vars(row.encounter), "offered": ""})
    bad_encounters.put(parts=[([found.key], [found])])
    following_up.open_cases(rows=rows(), by="mark", now=NOON)
    [case] = acting.every_case()
    assert case.row.title == "A very low score that nobody answered"
    assert not any(one.rule.name.startswith("hand_") for one in alerts.every(now=NOON))
    assert [one.rule.name for one in alerts.in_force(about=alerts.About.INTERACTION, now=NOON)] == []


def test_an_alert_counts_as_followed_up_only_when_somebody_acted_on_it() -> None:
    alert_actions.switch(name="angry_answer", on=True, by="test", now=NOON)
    measured()
    acting.arrives(acting.answer(5, "T-3", at=NOON - DAY, score=0))
    rule = alerts.one(name="angry_answer").rule
    alert_actions.raise_alerts(
        found=[alert_actions.Raise(rule, rows()[0].encounter.key, "import", "a2", "care", NOON - 8 * DAY, ())], now=NOON
    )
    assert measured().followed == 0
    Alert.objects.update(acted_at=NOON)
    assert [row.followed for row in rows(bad_encounters.Asked(followed=True))] == ["alert"]


def test_what_is_taken_back_is_forgotten() -> None:
    measured()
    withdrawing.withdraw(ids=[(rows()[0].encounter.source, "a1")], now=NOON)
    assert [row.encounter.interaction_id for row in rows()] == ["a2"]


def test_nobody_asked_for_opens_nothing() -> None:
    assert casework.open_by_hand(found=[], by="mark", now=NOON).opened == 0


def test_who_is_erased_takes_their_bad_encounters_along() -> None:
    measured()
    customers.forget(keys=[rows()[0].encounter.key])
    assert [row.encounter.interaction_id for row in rows()] == ["a1"]
