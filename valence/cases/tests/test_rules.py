"""Cases: which changes are allowed, what may be granted, what proves that one was put right, what a draft says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from valence.cases import drafting, playbook, recovery, rules
from valence.cases.recovery import Promised, Recovery, Since
from valence.cases.rules import Stakes, State
from valence.packs import acting

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
CLOSED = Since(replied_at=NOON, closed_at=NOON, bond_to_reach=50.0, bond_now=40.0)
BOOKS = [playbook.made(table=table) for table in acting.playbooks(name="telco")]


@pytest.mark.parametrize(("old", "new"), list(product(State, State)))
def test_a_case_never_goes_back_to_new_and_a_closed_one_is_only_taken_up_again(old: State, new: State):
    allowed = rules.may_become(old=old, new=new)
    assert not (allowed and (old is new or new is State.NEW))
    assert old is not State.CLOSED or allowed == (new is State.ACTIVE)


def test_what_is_urgent_worth_more_or_due_earlier_comes_first():
    usual = rules.priority(stakes=Stakes(severity=2, monthly_value=40, p_leave_60d=0.1), due_at=NOON)
    assert rules.priority(stakes=Stakes(severity=3, monthly_value=40, p_leave_60d=0.1), due_at=NOON) > usual
    assert rules.priority(stakes=Stakes(severity=2, monthly_value=90, p_leave_60d=0.3), due_at=NOON) > usual
    earlier = NOON - timedelta(hours=3)
    assert rules.priority(stakes=Stakes(severity=2, monthly_value=40, p_leave_60d=0.1), due_at=earlier) > usual


def test_what_may_be_granted_is_bounded_by_the_person_and_by_the_playbook():
    def grant(amount: float, granted: float = 0) -> rules.Grant:
        return rules.may_grant(amount=amount, granted=granted, most_own=20, most_playbook=60)

    assert grant(20).at_once
    assert grant(20, granted=5).asks
    assert not grant(20, granted=5).at_once
    assert not grant(61).asks
    assert grant(61).why
    assert not grant(0).at_once


def _verdict(since: Since, *, after: int) -> Recovery:
    return recovery.verify(since=since, quiet_days=30, now=NOON + timedelta(days=after)).recovery


def test_closed_is_not_recovered_before_the_window_closes():
    good = replace(CLOSED, bond_now=60.0)
    assert _verdict(good, after=10) is Recovery.WAITING
    assert _verdict(good, after=31) is Recovery.RECOVERED


def test_without_a_sign_of_the_customers_own_nobody_can_say():
    assert _verdict(CLOSED, after=31) is Recovery.CANNOT_SAY


def test_the_same_trouble_a_low_score_a_broken_promise_or_leaving_says_no_at_once():
    due = Promised("call back", due_at=NOON + timedelta(days=1))
    for since in (
        replace(CLOSED, contacts_again=1),
        replace(CLOSED, failures_again=2),
        replace(CLOSED, score=("nps", 2.0)),
        replace(CLOSED, promises=(replace(due, broken_at=NOON),)),
        replace(CLOSED, promises=(due,)),
        replace(CLOSED, left=True, bond_now=90.0),
    ):
        assert _verdict(since, after=3) is Recovery.NOT_RECOVERED


def test_who_was_gone_is_won_back_only_by_coming_back():
    back = replace(CLOSED, is_back=True)
    assert _verdict(back, after=3) is Recovery.WAITING
    assert _verdict(back, after=31) is Recovery.RECOVERED
    assert _verdict(replace(CLOSED, is_back=False, score=("nps", 9.0)), after=31) is Recovery.NOT_RECOVERED


def test_a_kept_promise_is_a_sign_that_counts():
    kept = Promised("call back", due_at=NOON + timedelta(days=1), kept_at=NOON + timedelta(hours=5))
    assert _verdict(replace(CLOSED, promises=(kept,)), after=31) is Recovery.RECOVERED


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_every_playbook_reads_back_and_drafts_in_each_of_its_languages(book: playbook.Playbook):
    assert playbook.made(table=playbook.table_of(playbook=book)) == book
    facts = {"name": "Ines Caldera", "owner": "Carl", "company": "Tessaly", "date": "4 May", "amount": "€49"}
    for language in book.letters:
        draft = drafting.draft(playbook=book, language=language, facts=facts, number=4)
        assert draft.language == language
        assert "Ines Caldera" in draft.text
        assert "Tessaly" in draft.text
        assert "{" not in draft.text + draft.subject
        assert draft.subject


def test_not_everybody_reads_the_same_and_what_is_not_known_is_not_said():
    book = next(one for one in BOOKS if one.name == "late_visit")
    facts = {"name": "Ines", "owner": "Carl", "company": "Tessaly", "date": "4 May"}
    texts = {drafting.draft(playbook=book, language="en", facts=facts, number=number).text for number in range(12)}
    assert len(texts) >= 4
    assert not any("credited" in text for text in texts)
    without = drafting.draft(playbook=book, language="xx", facts={}, number=1)
    assert without.language == "en"
    assert "amount" in without.missing


@pytest.mark.parametrize("broken", [{}, {"name": "x"}, {"name": "good_name", "title": "T", "steps": [{"act": "fly"}]}])
def test_what_is_no_playbook_is_refused_in_words(broken: dict[str, object]):
    with pytest.raises(playbook.WrongPlaybook):
        playbook.made(table=broken)
