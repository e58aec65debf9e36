"""Promises of winning back: only who left because of us, with a named cause, and does not object; asked once a year."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from valence.cases import queries
from valence.cases.models import Case
from valence.customers import actions as customers
from valence.customers import consent
from valence.customers.rules import CustomerRecord
from valence.flows.act import recovering, winning_back
from valence.flows.act.winning_back import LEAVING, LOST
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON
from valence.insights.winning_back import Attempts, Mended
from valence.ledger.models import Loss, WeekCount
from valence.terms import EVERYTHING, Role, Scope

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAMES = ("came_late", "no_cause", "theirs", "objects", "no_offers")


@pytest.fixture(autouse=True)
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Five who left a hundred days ago: for a late visit, for nothing named, for no fault of ours, two who object.

    Late visits became rarer since.
    """
    acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=[])
    left = NOON - 100 * DAY
    customers.put(records=[_record(name) for name in NAMES], now=NOON)
    keys = dict(zip(NAMES, (int(key) for key in customers.identify(customer_ids=list(NAMES), now=NOON)), strict=True))
    for name, key in keys.items():
        told = "" if name == "no_cause" else "Visit: came late"
        Loss.objects.create(
            customer_id=key, model="m", left_at=left, attributable=0.8, attributable_low=0.7, attributable_high=0.9,
            verdict="not_ours" if name == "theirs" else "ours", margin=0.3, began_department="field",
            hurt_department="care", began_words=told,
        )  # fmt: skip
    for name, purpose in (("objects", "service"), ("no_offers", "marketing")):
        consent.withdraw(customer_key=keys[name], purpose=purpose, source="mail", now=NOON - 50 * DAY)
    for week in range(30):
        monday = (NOON - timedelta(days=NOON.weekday(), weeks=week)).date()
        for fact, count in (("", 50), ("late", 2 if week < 10 else 20)):
            WeekCount.objects.create(
                week=monday, region="Coast", kind="visit", department="field", fact=fact, interactions=count,
                customers=count,
            )  # fmt: skip
    return keys


def _record(name: str, *, gone: bool = True) -> CustomerRecord:
    return CustomerRecord(
        customer_id=name,
        joined_at=NOON - 900 * DAY,
        left_at=NOON - 100 * DAY if gone else None,
        left_said=True,
        values={"region": "Coast", "language": "en", "monthly_value": 80.0, "left_kind": "voluntary" if gone else ""},
        personal={"name": name, "email": f"{name}@example.org"},
    )


def found(scope: Scope = EVERYTHING, group: str = LOST) -> winning_back.Found:
    return winning_back.find(scope=scope, group=group, since=NOON - 365 * DAY, now=NOON)


def test_only_whom_we_lost_by_a_named_cause_and_who_does_not_object(gone: dict[str, int]) -> None:
    [one] = found().candidates
    assert (one.key, one.cause, one.department, one.value) == (gone["came_late"], "Visit: came late", "field", 80.0)
    assert found().objected == 2
    assert not one.may_offer
    assert found(Scope(role=Role.MANAGER, regions=frozenset({"Hills"}))).candidates == ()
    assert found(group=LEAVING).candidates == ()


def test_a_cause_that_became_rarer_is_called_so() -> None:
    assert found().candidates[0].mended is Mended.MENDED
    WeekCount.objects.filter(fact="late").update(interactions=20)
    assert found().candidates[0].mended is Mended.STANDS
    WeekCount.objects.all().delete()
    assert found().candidates[0].mended is Mended.CANNOT_SAY


def test_a_case_is_opened_once_a_year_and_coming_back_is_what_counts(gone: dict[str, int]) -> None:
    done = winning_back.open_cases(found=found(), keys=set(gone.values()), by="mark", now=NOON)
    assert (done.asked, done.opened) == (1, 1)
    [case] = acting.every_case()
    assert case.playbook is not None
    assert case.playbook.name == "win_back"
    again = found()
    assert not again.candidates[0].can_ask(now=NOON)
    assert winning_back.open_cases(found=again, keys=set(gone.values()), by="mark", now=NOON).asked == 0
    Case.objects.update(state="closed", closed_at=NOON)
    assert not found().candidates[0].can_ask(now=NOON + DAY)
    assert found().candidates[0].can_ask(now=NOON + 366 * DAY)
    customers.put(records=[_record("came_late", gone=False)], now=NOON + DAY)
    told = recovering.evidence(case=acting.every_case()[0], now=NOON + DAY)
    assert told.evidence[0].words == "Is a customer again"


def test_what_asking_brought_is_counted_from_cases() -> None:
    winning_back.open_cases(found=found(), keys={found().candidates[0].key}, by="mark", now=NOON)
    Case.objects.update(state="closed", closed_at=NOON, recovery="recovered", granted=30.0)
    seer = queries.Seer(pk=0, scope=EVERYTHING)
    assert winning_back.attempts(seer=seer, group=LOST) == Attempts(back=1, not_back=0, watched=0, granted=30.0)
    nobody = queries.Seer(pk=0, scope=Scope(role=Role.MANAGER, regions=frozenset({"Hills"})))
    assert winning_back.attempts(seer=nobody, group=LOST).known == 0
