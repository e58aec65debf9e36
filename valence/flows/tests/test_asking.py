"""Asking by itself: never twice, always with a reason, and just as the dry run said it would."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings

from valence import interactions
from valence.channels import queries as channels
from valence.channels.values import Purpose
from valence.customers import consent, lookup
from valence.flows.ask import answering, asking, dry_run, surveying
from valence.flows.gather import ingest
from valence.flows.protect import erase
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.surveys import actions, actions_asking, queries, queries_asking, templates
from valence.surveys.asking import Channel, Decision, OtherWay, Policy, Trigger, Why
from valence.surveys.drawing import Held, Sampling
from valence.surveys.values import End, Invitee
from valence.surveys.values_asking import Decided
from valence.terms import EVERYTHING, RawRecords

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
LATER = timedelta(hours=5)
VISITS = Trigger(
    survey_id="visit",
    slug="visits",
    name="After a visit",
    when={"kind": frozenset({"visit"})},
    shares={"": 0.7},
    sampling=Sampling(before=(Held(START + 9 * DAY, {"": 0.3}),), since=START + 9 * DAY),
)
BILLS = Trigger(
    survey_id="bill",
    slug="bills",
    name="After a bill",
    when={"kind": frozenset({"bill"})},
    shares={"": 1.0},
    other=OtherWay(after=LATER, channels=(Channel.SMS, Channel.EMAIL), since=START + 7 * DAY, needed=200),
)


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home" / "logs").mkdir(parents=True)
    (tmp_path / "home" / "uploads").mkdir()
    return settings.HOME.folder


def records(known: frozenset[str], sent: list[dict[str, object]]) -> RawRecords:
    return objects.side_by_side(objects=sent, known=known, numbers=range(1, len(sent) + 1))


def customers(number: int) -> None:
    consents = ("", "feedback:-email|feedback:-sms", "feedback:email", "")
    sent: list[dict[str, object]] = [
        {
            "customer_id": f"c{place}",
            "joined_at": "2020-01-01T00:00:00Z",
            "name": f"Person {place}",
            **({"email": f"p{place}@example.org"} if place % 7 else {"phone": f"+4930123{place:04}"}),
            "segment": ("private", "business")[place % 2],
            "consent": consents[place % 4],
            "attributes": {"time_zone": ("Asia/Dubai", "Europe/Berlin", "America/Lima")[place % 3]},
        }
        for place in range(number)
    ]
    ingest.take_customers(records=records(customer_intake.KNOWN, sent), desk=ingest.Desk(), now=START - DAY)


def happened(number: int, *, customer: int, at: datetime, kind: str = "visit", facts: str = "") -> dict[str, object]:
    return {
        "interaction_id": f"{number:05}",
        "source": "crm",
        "customer_id": f"c{customer}",
        "occurred_at": at.isoformat(),
        "kind": kind,
        "department": "field",
        "team_id": f"team {number % 3}",
        "facts": facts,
    }


def arrive(sent: list[dict[str, object]], *, now: datetime) -> None:
    ingest.take_interactions(records=records(interaction_intake.KNOWN, sent), desk=ingest.Desk(), now=now)


def launched(*triggers: Trigger) -> None:
    for trigger in triggers:
        actions.put_draft(
            slug=trigger.survey_id, survey=templates.load(name=trigger.survey_id), by="test", now=START - DAY
        )
        actions.launch(slug=trigger.survey_id, by="test", now=START - DAY)
        actions_asking.put_trigger(trigger=trigger, by="test", now=START - DAY)
        actions_asking.switch(slug=trigger.slug, active=True, now=START - DAY)


def as_dry(one: Decision) -> tuple[object, ...]:
    return (one.candidate.ref, one.trigger, one.why.value, one.detail, one.channel and one.channel.value, one.at)


def as_stored(one: Decided) -> tuple[object, ...]:
    return (one.ref, one.trigger, one.why, one.detail, one.channel or None, one.at)


def a_month(dice: np.random.Generator, *, people: int) -> list[dict[str, object]]:
    """Return a month of visits, bills and calls, in the order they happened."""
    moments = np.sort(dice.uniform(0, 30 * 86_400, 180).round())
    return [
        happened(
            number,
            customer=int(dice.integers(people)),
            at=START + timedelta(seconds=float(moment)),
            kind=("visit", "bill", "visit", "contact")[number % 4],
            facts="late|left_mess" if dice.random() < 0.2 else "",
        )
        for number, moment in enumerate(moments)
    ]


def lived_through(sent: list[dict[str, object]], dice: np.random.Generator) -> None:
    """Let a month happen: each interaction arrives when it happens, each candidate is decided when it is due.

    Some of those who are asked answer or decline an hour later.
    """
    times = [datetime.fromisoformat(str(one["occurred_at"])) for one in sent]
    lived: set[str] = set()
    waits = {"visit": [VISITS.after], "bill": [BILLS.after, LATER]}
    due = {at + wait for one, at in zip(sent, times, strict=True) for wait in waits.get(str(one["kind"]), [])}
    for now in sorted({*times, *due}):
        came = [one for one, at in zip(sent, times, strict=True) if at == now]
        if came:
            arrive(came, now=now)
        if asking.ask_due(now=now):
            known = {one.invitation for one in queries_asking.decisions() if one.invitation}
            for number in sorted(known - lived):
                act(number, dice.random())
            lived |= known


def act(number: str, luck: float) -> None:
    invitation = queries.by_number(number=number)
    assert invitation is not None
    an_hour_later = invitation.asked_at + timedelta(hours=1)
    if luck < 0.3:
        actions.end(number=number, how=answering.End.ANSWERED, now=an_hour_later)
    elif luck < 0.4:
        answering.decline(invitation=invitation, now=an_hour_later)


def test_a_dry_run_says_just_what_then_happens_in_the_same_period() -> None:
    """Answers, refusals, quiet hours in three time zones, consent, a budget over two surveys, shares that changed and
    another way of asking that was begun meanwhile: decision by decision."""
    dice = np.random.default_rng(4)
    customers(24)
    launched(VISITS, BILLS)
    actions_asking.put_policy(policy=Policy(most=2, rest_after_asking=7 * DAY))
    lived_through(a_month(dice, people=24), dice)
    stored = queries_asking.decisions(since=START, until=START + 31 * DAY)
    planned = dry_run.run(triggers=[VISITS, BILLS], since=START, until=START + 31 * DAY)
    assert [as_dry(one) for one in planned.decisions] == [as_stored(one) for one in stored]
    assert {one.why for one in planned.decisions} >= {
        Why.ASKED, Why.ASKED_UNHAPPY, Why.NOT_DRAWN, Why.NO_CONSENT, Why.ASKED_BEFORE, Why.ANSWERED_BEFORE,
        Why.DECLINED, Why.BUDGET_SPENT,
    }  # fmt: skip
    assert {one.way for one in stored if one.trigger == "bills"} == {"", "usual", "other"}


def test_before_anybody_was_asked_a_dry_run_tells_costs_and_precision() -> None:
    customers(60)
    actions.put_draft(slug="visit", survey=templates.load(name="visit"), by="test", now=START)
    arrive(a_month(np.random.default_rng(4), people=60), now=START + 31 * DAY)
    planned = dry_run.run(triggers=[VISITS], since=START, until=START + 31 * DAY)
    assert planned.assumed
    assert planned.response == dry_run.ASSUMED_RESPONSE
    assert sum(planned.messages.values()) == len(planned.asked) > 20
    assert planned.hours > 0
    assert planned.precision[0].segment == ""
    assert not queries_asking.decisions()


def test_an_interaction_that_arrives_twice_or_is_asked_about_again_after_a_crash_is_asked_about_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customers(4)
    launched(BILLS)
    sent = [happened(1, customer=2, at=START + 10 * timedelta(hours=1), kind="bill")]
    arrive(sent, now=START + DAY / 2)
    arrive(sent, now=START + DAY / 2)
    with monkeypatch.context() as patch:
        patch.setattr(actions_asking, "settle", lambda **given: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            asking.ask_due(now=START + DAY / 2)
    assert not queries_asking.decisions()
    for _ in range(3):
        asking.ask_due(now=START + DAY / 2)
    [decided] = queries_asking.decisions()
    assert decided.why == "asked"
    [message] = channels.of(purpose=Purpose.INVITATION, reference=decided.invitation)
    assert message.customer_key == decided.customer_key
    assert queries_asking.waiting() == 0


def test_history_that_is_brought_in_late_makes_nobody_be_asked() -> None:
    customers(4)
    launched(VISITS)
    arrive([happened(1, customer=2, at=START)], now=START + 10 * DAY)
    assert queries_asking.waiting() == 0


def test_who_withdraws_before_the_time_comes_is_not_asked_and_the_reason_is_kept() -> None:
    customers(4)
    launched(BILLS)
    at = START + timedelta(hours=10)
    arrive([happened(1, customer=2, at=at, kind="bill")], now=at)
    key = lookup.keys_of(customer_ids=["c2"])["c2"]
    assert isinstance(key, int)
    for channel in ("email", "sms"):
        consent.withdraw(customer_key=key, purpose="feedback", channel=channel, source="call", now=at)
    asking.ask_due(now=at + DAY / 8)
    [decided] = queries_asking.decisions()
    assert (decided.why, decided.detail) == ("no_consent", "has not agreed to be asked")


def test_a_trigger_looks_at_facts_channel_and_segment_and_knows_a_packs_other_words() -> None:
    customers(8)
    late = replace(VISITS, when={"facts": frozenset({"late"}), "segment": frozenset({"business"})}, shares={})
    launched(late)
    at = START + timedelta(hours=10)
    sent = [
        happened(1, customer=1, at=at, kind="technician_visit", facts="came_late"),
        happened(2, customer=2, at=at, facts="late"),
        happened(3, customer=3, at=at, facts="friendly"),
        happened(5, customer=5, at=at, facts="friendly|late"),
    ]
    arrive(sent, now=at)
    asking.ask_due(now=at + DAY / 8)
    assert [one.ref for one in queries_asking.decisions()] == ["crm:00001", "crm:00005"]
    assert queries_asking.waiting() == 0


def test_answers_are_never_asked_about() -> None:
    customers(4)
    launched(replace(VISITS, when={}))
    arrive([{**happened(1, customer=2, at=START), "source": "survey", "kind": "feedback"}], now=START)
    assert queries_asking.waiting() == 0


def test_who_is_left_out_is_counted_by_team() -> None:
    customers(8)
    launched(BILLS)
    at = START + timedelta(hours=10)
    arrive([happened(number, customer=number, at=at, kind="bill") for number in range(6)], now=at)
    asking.ask_due(now=at + DAY / 8)
    counted = Counter((one.team_id, one.why) for one in queries_asking.by_team(since=START, until=START + DAY))
    assert counted["team 1", "no_consent"] == 1
    assert sum(one.number for one in queries_asking.by_team(since=START, until=START + DAY)) == 6


@pytest.mark.django_db(transaction=True)
def test_what_waits_about_a_person_goes_with_the_person() -> None:
    customers(4)
    launched(BILLS)
    at = START + timedelta(hours=10)
    arrive([happened(1, customer=2, at=at, kind="bill")], now=at)
    erase.run(customer_id="c2", why="asked", who="test", scope=EVERYTHING, now=at)
    assert queries_asking.waiting() == 0
    asking.ask_due(now=at + DAY)
    assert queries_asking.decisions() == ()


def test_a_trigger_that_is_switched_off_asks_nobody_who_waited() -> None:
    customers(4)
    launched(BILLS)
    at = START + timedelta(hours=10)
    arrive([happened(1, customer=2, at=at, kind="bill")], now=at)
    actions_asking.switch(slug="bills", active=False, now=at)
    asking.ask_due(now=at + DAY)
    assert queries_asking.decisions() == ()
    arrive([happened(2, customer=2, at=at, kind="bill")], now=at)
    assert queries_asking.waiting() == 0


def test_the_channel_that_a_customer_prefers_is_taken() -> None:
    sent: list[dict[str, object]] = [
        {
            "customer_id": "c1", "joined_at": "2020-01-01T00:00:00Z", "email": "a@example.org",
            "phone": "+49301234567", "preferred_channel": "sms",
        }
    ]  # fmt: skip
    ingest.take_customers(records=records(customer_intake.KNOWN, sent), desk=ingest.Desk(), now=START)
    launched(BILLS)
    at = START + timedelta(hours=10)
    arrive([happened(1, customer=1, at=at, kind="bill")], now=at)
    asking.ask_due(now=at + DAY / 8)
    assert queries_asking.decisions()[0].channel == Channel.SMS


def test_a_message_waits_for_the_hour_at_which_somebody_usually_answers() -> None:
    customers(4)
    launched(BILLS)
    [key] = lookup.keys_of(customer_ids=["c3"]).values()
    for days in (200, 400):
        before = START - days * DAY
        person = Invitee(key, "email", "en", {}, {}, before + DAY, asked_at=before)
        [asked] = actions.invite(slug="bill", people=[person], now=before)
        actions.end(number=asked.number, how=End.ANSWERED, now=before + timedelta(hours=15))
    at = START + timedelta(hours=9)
    arrive([happened(1, customer=3, at=at, kind="bill")], now=at)
    asking.ask_due(now=at + BILLS.after)
    [decision] = queries_asking.decisions()
    assert decision.at == at + BILLS.after
    [message] = channels.of(purpose=Purpose.INVITATION, reference=decision.invitation)
    assert message.next_try_at == START + timedelta(hours=15)


def test_who_is_asked_by_hand_is_counted_apart_and_speaks_for_no_team() -> None:
    customers(4)
    launched(VISITS)
    at = START + timedelta(hours=10)
    made = surveying.invite(slug="visit", customer_id="c1", channel="link", scope=EVERYTHING, by="boss", now=at)
    standing = answering.opened(token=made.token)
    assert standing is not None
    form = {"satisfied": {"": ("5",)}}
    answering.given(standing=standing, form=form, language="en", send=True, call_me=False, now=at)
    assert queries_asking.by_hand(since=START, until=START + DAY) == (1, 1)
    [answer] = interactions.ask(question=lambda log: log.filter(log.kind == "feedback"))
    assert (answer["team_id"], answer["department"], answer["caused_by"]) in {(None, None, None), ("", "", "")}
    assert queries_asking.by_team(since=START, until=START + DAY) == ()
