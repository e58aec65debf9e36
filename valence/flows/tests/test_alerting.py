"""From what arrives to a case that was put right: once only, owned by somebody, every step on the timeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from valence import home, interactions, terms
from valence.alerts import actions as alert_actions
from valence.alerts import queries as alerts
from valence.alerts.models import Alert
from valence.cases import actions, queries, rules
from valence.channels import queries as messages
from valence.channels.values import Purpose
from valence.customers import actions as customer_actions
from valence.customers import lookup
from valence.customers.rules import CustomerRecord
from valence.flows.act import alerting, casework, recovering, replies
from valence.flows.gather import flush, ingest
from valence.people import actions as people
from valence.terms import Role

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """An operator with an administrator, a manager and a case owner of Coast, two customers, and the rules on."""
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
            ("carl", Role.CASE_OWNER, frozenset({"Coast"})),
        )
    }
    customer_actions.put(
        records=[
            CustomerRecord(
                customer_id=customer_id,
                joined_at=NOON - timedelta(days=400),
                values={"region": "Coast", "language": "en", "monthly_value": 60.0},
                personal={"name": "Ines Caldera", "email": "ines@example.org"},
            )
            for customer_id in ("C-1", "C-2")
        ],
        now=NOON,
    )
    casework.install(now=NOON, on=True)
    interactions.followers.position(name=alerting.NAME)
    return staff


def _arrives(*records: dict[str, Any], now: datetime = NOON) -> None:
    names = list(dict.fromkeys(name for record in records for name in record))
    raw = terms.RawRecords(
        numbers=list(range(1, len(records) + 1)),
        columns={name: [record.get(name) for record in records] for name in names},
    )
    brought = ingest.take_interactions(records=raw, desk=ingest.Desk(), now=now)
    assert not brought.refused, brought.refused


def _broken(number: int = 1, customer: str = "C-1", at: datetime = NOON) -> dict[str, Any]:
    return {
        "interaction_id": f"p{number}",
        "customer_id": customer,
        "occurred_at": at.isoformat(),
        "kind": "promise",
        "promise": "broken",
        "department": "billing",
        "reason": "fee",
    }


def _seer(pk: int, role: Role = Role.CASE_OWNER) -> queries.Seer:
    return queries.Seer(pk=pk, scope=terms.Scope(role=role, regions=frozenset({"Coast"})))


def _only_case(company: dict[str, int]) -> queries.Whole:
    [row] = queries.rows(seer=_seer(company["carl"]), asked=queries.Asked())
    return queries.whole(seer=_seer(company["carl"]), pk=row.pk)


def test_a_broken_promise_becomes_one_alert_and_a_case_of_whoever_has_the_region(company: dict[str, int]):
    _arrives(_broken())
    assert alerting.follow(now=NOON).raised == 1
    assert casework.open_cases(now=NOON) == 1
    case = _only_case(company)
    assert case.row.owner_name == "carl"
    assert case.row.title == "A promise was broken"
    assert case.playbook is not None
    assert case.playbook.name == "broken_promise"
    assert len(case.tasks) == len(case.playbook.steps)
    assert "€60 a month" in case.row.why
    assert case.reason == "fee"


def test_the_same_again_a_killed_step_and_another_within_the_cool_down_raise_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
):
    _arrives(_broken())
    real = alert_actions.raise_alerts

    def dies(**given: Any) -> int:
        real(**given)
        raise KeyboardInterrupt

    monkeypatch.setattr(alert_actions, "raise_alerts", dies)
    with pytest.raises(KeyboardInterrupt):
        alerting.follow(now=NOON)
    assert Alert.objects.count() == 0  # what was thought is undone with the position
    monkeypatch.setattr(alert_actions, "raise_alerts", real)
    assert alerting.follow(now=NOON).raised == 1
    assert alerting.follow(now=NOON).rows == 0
    _arrives(_broken(2, at=NOON + timedelta(days=1)), now=NOON + timedelta(days=1))
    assert alerting.follow(now=NOON + timedelta(days=1)).raised == 0
    _arrives(_broken(3, at=NOON + timedelta(days=9)), now=NOON + timedelta(days=9))
    assert alerting.follow(now=NOON + timedelta(days=9)).raised == 1


def test_a_position_that_another_process_moved_writes_nothing():
    _arrives(_broken())
    before = interactions.followers.position(name=alerting.NAME)
    with interactions.followers.moving(name=alerting.NAME, before=before, after=before + 1) as is_mine:
        assert is_mine
    with interactions.followers.moving(name=alerting.NAME, before=before, after=before + 1) as is_mine:
        assert not is_mine


def test_rows_leave_the_inbox_only_after_the_rules_read_them():
    _arrives(_broken())
    moved = flush.run(now=NOON + timedelta(minutes=5), everything=True)
    assert moved.rows == 1
    assert Alert.objects.count() == 1


def test_rules_that_fail_hold_rows_back_and_lose_nothing(monkeypatch: pytest.MonkeyPatch):
    _arrives(_broken())
    monkeypatch.setattr(alerting, "look", lambda **given: 1 / 0)
    assert flush.run(now=NOON + timedelta(minutes=5), everything=True).rows == 0
    monkeypatch.undo()
    assert interactions.inbox.waiting().rows == 1


def test_a_rule_that_asks_for_what_came_before_sees_the_whole_journey():
    calls = [
        {
            "interaction_id": f"c{day}",
            "customer_id": "C-2",
            "occurred_at": (NOON - timedelta(days=day)).isoformat(),
            "kind": "contact",
            "reason": "bill",
            "department": "care",
        }
        for day in (6, 3)
    ]
    _arrives(*calls)
    assert alerting.follow(now=NOON).raised == 0
    _arrives({**calls[0], "interaction_id": "c0", "occurred_at": NOON.isoformat()})
    assert alerting.follow(now=NOON).raised == 1
    [alert] = alerts.waiting(limit=5)
    assert alert.rule == "comes_back_again"
    assert any("3" in reason for reason in alert.reasons)


def test_a_second_alert_joins_the_open_case(company: dict[str, int]):
    _arrives(_broken())
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    answer = {
        "interaction_id": "a1",
        "customer_id": "C-1",
        "occurred_at": NOON.isoformat(),
        "kind": "feedback",
        "score": 1,
        "scale": "nps",
    }
    _arrives(answer)
    alerting.follow(now=NOON)
    assert casework.open_cases(now=NOON) == 0
    case = _only_case(company)
    assert len(case.alerts) == 2


def test_what_nobody_acted_on_goes_up_the_ladder(company: dict[str, int]):
    _arrives(_broken())
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    casework.look_after(now=NOON + timedelta(days=2))
    [row] = queries.rows(seer=_seer(company["mark"], Role.MANAGER), asked=queries.Asked())
    assert row.owner_name == "mark"
    casework.look_after(now=NOON + timedelta(days=3))
    [row] = queries.rows(seer=_seer(company["mark"], Role.MANAGER), asked=queries.Asked())
    assert row.owner_name == "alice"


def test_reply_promise_kept_recovery_verified_customer_told(company: dict[str, int]):
    _arrives(_broken())
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    case = _only_case(company)
    promise = replies.Promise("€49 on the next bill", due_at=NOON + timedelta(days=5))
    reply = replies.Reply("email", "What we owed you", "Dear Ines, it is done.", (promise,))
    replies.send(case=case, reply=reply, by="carl", now=NOON + timedelta(hours=1))
    case = _only_case(company)
    assert case.row.state == "active"
    [queued] = messages.of(purpose=Purpose.REPLY, reference=f"case-{case.row.pk}-1")
    assert queued.state == "queued"
    [owed] = case.promises
    replies.settle(case=case, promise=owed.pk, kept=True, by="carl", now=NOON + timedelta(days=2))
    actions.change_state(
        pk=case.row.pk,
        old=rules.State.ACTIVE,
        new=rules.State.CLOSED,
        by="carl",
        now=NOON + timedelta(days=3),
        why="done",
    )
    recovering.look(now=NOON + timedelta(days=4))
    assert _only_case(company).row.recovery == "waiting"
    recovering.look(now=NOON + timedelta(days=40))
    case = _only_case(company)
    assert case.row.recovery == "recovered"
    told = replies.Reply("email", "Done", "What we owed you is done.", told=True)
    replies.send(case=case, reply=told, by="carl", now=NOON + timedelta(days=41))
    case = _only_case(company)
    assert case.row.told_at is not None
    steps = [line.what for line in reversed(case.lines)]
    way = ["opened", "replied", "promised", "kept", "closed", "verified", "told"]
    assert [step for step in steps if step in way] == way
    key = next(iter(lookup.keys_of(customer_ids=["C-1"]).values()))
    journey = interactions.journeys_of(keys=[int(str(key))])
    assert journey.words["promise"].said() == ["broken", "", "made", "kept", ""]


def test_what_was_written_in_a_case_is_sealed_and_goes_with_the_customer(company: dict[str, int]):
    _arrives(_broken())
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    case = _only_case(company)
    actions.note(pk=case.row.pk, key=case.row.key, by="carl", text="Ines prefers evenings", now=NOON)
    assert "Ines prefers evenings" in [line.text for line in _only_case(company).lines]
    stored = b"".join(bytes(line.sealed) for line in queries.Happening.objects.all())
    assert stored
    assert b"Ines" not in stored
    customer_actions.destroy_keys(keys=[case.row.key], now=NOON)
    customer_actions.forget(keys=[case.row.key])
    assert not queries.Case.objects.exists()


def test_a_grant_above_ones_limit_waits_for_somebody_else(company: dict[str, int]):
    _arrives(_broken())
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    pk = _only_case(company).row.pk
    decided = actions.grant(pk=pk, amount=49, most_own=20, by="carl", words="€49", now=NOON)
    assert decided.asks
    with pytest.raises(actions.NotAllowed):
        actions.approve(pk=pk, yes=True, most_own=30, by="mark", words="€49", now=NOON)
    actions.approve(pk=pk, yes=True, most_own=100, by="mark", words="€49", now=NOON)
    assert _only_case(company).granted == 49


def test_somebody_elses_case_cannot_be_told_from_none(company: dict[str, int]):
    _arrives(_broken())
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    pk = _only_case(company).row.pk
    stranger = queries.Seer(pk=999, scope=terms.Scope(role=Role.CASE_OWNER, regions=None))
    elsewhere = queries.Seer(pk=998, scope=terms.Scope(role=Role.MANAGER, regions=frozenset({"Hills"})))
    for seer in (stranger, elsewhere):
        assert queries.total(seer=seer, asked=queries.Asked()) == 0
        with pytest.raises(queries.NoSuchCase):
            queries.whole(seer=seer, pk=pk)


def test_one_wrong_rule_of_a_pack_keeps_no_other_out_and_is_said(monkeypatch: pytest.MonkeyPatch):
    good = {"name": "good_rule", "title": "Good", "when": {"field": "wait_minutes", "above": 5}}
    wrong = {"name": "wrong_rule", "title": "Wrong", "when": {"field": "no_such_field", "above": 5}}
    monkeypatch.setattr(casework.acting, "rules", lambda *, name: (wrong, good))
    assert casework.install(now=NOON, on=True) == 1
    assert alerts.one(name="good_rule").state == alerts.ON
    with pytest.raises(alerts.NoSuchRule):
        alerts.one(name="wrong_rule")
    [said] = casework.wrong_rules()
    assert said.name == "wrong_rule"
    assert "no_such_field" in said.why
