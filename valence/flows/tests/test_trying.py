"""Trials at work: who is given what is drawn and kept, ends are read on their day, a person decides about the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from valence.alerts.models import Alert
from valence.cases import actions, queries, trial, trials
from valence.cases.models import Assignment
from valence.flows.act import alerting, casework, trying
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON
from valence.people.models import AuditEntry

pytestmark = pytest.mark.django_db
MANY = 12


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    staff = acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=[f"C-{n}" for n in range(MANY)])
    usual = queries.playbook_in_force(name="late_visit")
    assert usual is not None
    actions.put_playbook(playbook=replace(usual[1], name="late_visit_b", title="Call first"), by="mark", now=NOON)
    return staff


def _start(**change: object) -> trial.Trial:
    wanted = replace(trial.Trial(arms=("late_visit", "late_visit_b"), share=0.5, floor=0.2), **change)  # type: ignore[arg-type]
    trials.start(wanted=wanted, by="mark", now=NOON)
    found = trials.running(playbook="late_visit")
    assert found is not None
    return found


def _all_wait(n: int = MANY) -> None:
    acting.arrives(*(acting.late_visit(number, f"C-{number}") for number in range(n)))
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)


def test_cases_get_what_was_drawn_and_the_chances_are_kept():
    _start()
    _all_wait()
    given = {row.customer_id: row for row in Assignment.objects.all()}
    cases = acting.every_case()
    assert len(given) == len(cases) == MANY
    for case in cases:
        row = given[case.row.key]
        assert case.row.playbook == row.arm
        assert row.case_id == case.row.pk
        assert sum(row.chances.values()) == pytest.approx(1)
        assert row.chances[row.arm] > 0


def test_a_customer_stays_with_what_they_were_given(monkeypatch: pytest.MonkeyPatch):
    running = _start()
    _all_wait(1)
    before = Assignment.objects.get()
    matter = trying.Matter(before.customer_id, trial.About(2, "interaction"), "field", "", None)
    for point in (0.0, 0.5, 0.99):
        monkeypatch.setattr(trying, "_dice", _Fixed(point))
        again = trying.given(playbook="late_visit", matter=matter, now=NOON)
        assert again == trying.Given(running.pk, before.arm)
    assert Assignment.objects.count() == 1


class _Fixed:
    def __init__(self, point: float) -> None:
        self.point = point

    def random(self) -> float:
        return self.point


def test_to_who_is_held_out_nobody_goes_unless_something_is_owed(monkeypatch: pytest.MonkeyPatch):
    _start(arms=("late_visit",), held_out=0.2)
    monkeypatch.setattr(trying, "_dice", _Fixed(0.999))
    _all_wait(1)
    assert acting.every_case() == ()
    assert Alert.objects.get().state == "apart"
    broken = {"kind": "promise", "promise": "broken", "department": "field", "reason": "installation"}
    acting.arrives({"interaction_id": "p1", "customer_id": "C-0", "occurred_at": NOON.isoformat(), **broken})
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    [case] = acting.every_case()
    assert case.row.playbook == "broken_promise"


def test_ends_are_read_on_their_day_for_all_alike():
    running = _start(window_days=30)
    _all_wait()
    trouble = NOON + timedelta(days=12)
    acting.arrives(acting.late_visit(99, "C-0", at=trouble), now=trouble)
    assert trying.look(now=NOON + timedelta(days=29)) == 0
    assert trying.look(now=NOON + timedelta(days=31)) == MANY
    ends = {row.case.customer_id: row.recovered for row in Assignment.objects.select_related("case") if row.case}
    assert sum(not well for well in ends.values()) == 1
    tallies = trying.compared(of=running, now=NOON + timedelta(days=31))
    assert sum(one.tally.read for one in tallies) == MANY
    assert all(one.effect is None for one in tallies)  # too few to say anything


def test_a_better_one_is_put_in_force_by_a_person_and_goes_on_record():
    running = _start()
    before = queries.playbook_in_force(name="late_visit")
    number = trials.take(pk=running.pk, arm="late_visit_b", by="mark", now=NOON)
    after = queries.playbook_in_force(name="late_visit")
    assert before is not None
    assert after is not None
    assert number == before[1].number + 1
    assert after[1].title == "Call first"
    assert trials.running(playbook="late_visit") is None
    assert AuditEntry.objects.filter(what="alternative put in force", who="mark").exists()
    with pytest.raises(trial.WrongTrial):
        trials.take(pk=running.pk, arm="late_visit_b", by="mark", now=NOON)


def test_only_one_trial_of_a_playbook_runs_at_a_time():
    running = _start()
    with pytest.raises(trial.WrongTrial, match="running already"):
        _start()
    assert trials.end(pk=running.pk, by="mark", why="enough", now=NOON)
    assert not trials.end(pk=running.pk, by="mark", why="enough", now=NOON)
    _start()


def test_what_is_shown_to_harm_is_given_to_nobody_any_more():
    running = _start()
    keys = [case.row.key for case in acting.every_case()]
    assert keys == []
    trials.stop_arm(pk=running.pk, arm="late_visit_b", now=NOON)
    stopped = trials.running(playbook="late_visit")
    assert stopped is not None
    assert trials.chances(of=stopped) == {"late_visit": 1.0, "late_visit_b": 0.0}
    _all_wait(3)
    assert {case.row.playbook for case in acting.every_case()} == {"late_visit"}
