"""Whom to ask and when: one budget, rest after asking, quiet hours, the unhappy always, the same again on a rerun."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from valence.surveys import asking, drawing, hours
from valence.surveys.asking import Candidate, Channel, OtherWay, Past, Policy, Trigger, Why
from valence.surveys.drawing import Held, Sampling, Way

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
KEY = b"k" * 32
VISITS = Trigger("visit", "After a visit", {"kind": frozenset({"visit"})})
BILLS = Trigger("bill", "After a bill", {"kind": frozenset({"bill"})})


def mary(**changed: object) -> Candidate:
    kind = changed.pop("kind", "visit")
    given = Candidate(1, "field:1", NOON, {"kind": str(kind)}, reachable=(Channel.EMAIL,))
    return replace(given, **changed)  # type: ignore[arg-type]


def decided(
    *candidates: Candidate, past: Past | None = None, triggers: tuple[Trigger, ...] = (VISITS, BILLS), **more: object
) -> list[asking.Decision]:
    known = {1: past} if past else {}
    given = {"policy": Policy(), "key": KEY, **more}
    return list(asking.plan(candidates=candidates, triggers=triggers, past=known, **given))  # type: ignore[arg-type]


def test_an_interaction_that_matches_is_asked_about_after_the_time_the_trigger_waits() -> None:
    (decision,) = decided(mary())
    assert decision.why is Why.ASKED
    assert decision.at == NOON + timedelta(hours=2)
    assert decision.channel is Channel.EMAIL


def test_an_interaction_that_matches_no_trigger_is_no_candidate() -> None:
    assert decided(mary(kind="outage")) == []


@pytest.mark.parametrize(
    ("changed", "past", "why", "words"),
    [
        ({"left_at": NOON}, None, Why.GONE, "no longer"),
        ({"consent": False}, None, Why.NO_CONSENT, "agreed"),
        ({"reachable": (Channel.WIDGET,)}, None, Why.NO_CHANNEL, "no address"),
        ({}, Past(declined=(NOON - timedelta(days=100),)), Why.DECLINED, "100 days ago"),
        ({}, Past(answered=(NOON - timedelta(days=40),)), Why.ANSWERED_BEFORE, "40 days ago"),
        (
            {},
            Past(asked=((NOON - timedelta(days=12), "billing", "x"),)),
            Why.ASKED_BEFORE,
            "asked by billing 12 days ago",
        ),
        ({}, Past(asked=((NOON - timedelta(days=60), "a", "field:1"),)), Why.ALREADY_ABOUT_THIS, "about this by a"),
        (
            {},
            Past(asked=tuple((NOON - timedelta(days=days), "a", "x") for days in (300, 200, 100))),
            Why.BUDGET_SPENT,
            "asked 3 times in 365 days",
        ),
    ],
)
def test_whoever_is_not_asked_has_a_reason_in_words(
    changed: dict[str, object], past: Past | None, why: Why, words: str
) -> None:
    (decision,) = decided(mary(**changed), past=past)
    assert decision.why is why
    assert words in decision.detail
    assert not decision.asks


def test_rest_ends() -> None:
    long_ago = Past(asked=((NOON - timedelta(days=31), "a", "x"),), answered=(NOON - timedelta(days=91),))
    assert decided(mary(), past=long_ago)[0].asks


def test_one_budget_holds_for_all_departments() -> None:
    first, second = decided(mary(), mary(ref="billing:1", kind="bill", occurred_at=NOON + timedelta(days=3)))
    assert first.asks
    assert second.why is Why.ASKED_BEFORE
    assert second.detail == "asked by visit 3 days ago"


def test_unhappy_moments_are_always_in_the_sample() -> None:
    nobody = replace(VISITS, shares={"": 0.0})
    happy, unhappy = decided(mary(), mary(customer_key=2, unhappy=True), triggers=(nobody,))
    assert happy.why is Why.NOT_DRAWN
    assert unhappy.why is Why.ASKED_UNHAPPY


def test_the_sample_is_the_share_that_was_set_by_segment() -> None:
    some = replace(VISITS, shares={"business": 0.5, "": 0.1})
    people = [
        mary(customer_key=key, ref=f"field:{key}", segment="business" if key % 2 else "private")
        for key in range(20_000)
    ]
    asked = Counter(one.candidate.segment for one in decided(*people, triggers=(some,)) if one.asks)
    assert asked["business"] == pytest.approx(5_000, abs=200)
    assert asked["private"] == pytest.approx(1_000, abs=120)


def test_the_same_period_gives_the_same_decisions_in_whatever_order_it_came() -> None:
    dice = np.random.default_rng(2)
    some = replace(VISITS, shares={"": 0.4})
    people = [
        mary(
            customer_key=int(dice.integers(1, 300)),
            ref=f"field:{number}",
            occurred_at=NOON + timedelta(hours=float(dice.uniform(0, 2_000))),
        )
        for number in range(1_000)
    ]
    first = decided(*people, triggers=(some,))
    assert decided(*reversed(people), triggers=(some,)) == first
    assert {one.why for one in first} >= {Why.ASKED, Why.NOT_DRAWN, Why.ASKED_BEFORE}


def test_a_launch_day_by_day_decides_as_the_dry_run_did() -> None:
    dice = np.random.default_rng(3)
    people = [
        mary(
            customer_key=int(dice.integers(1, 200)),
            ref=f"field:{number:04}",
            occurred_at=NOON + timedelta(days=float(dice.uniform(0, 60))),
        )
        for number in range(800)
    ]
    at_once = decided(*people)
    past: dict[int, Past] = {}
    daily: list[asking.Decision] = []
    for day in range(62):
        today = [
            one for one in people if day <= (one.occurred_at + VISITS.after - NOON).total_seconds() / 86_400 < day + 1
        ]
        for one in asking.plan(candidates=today, triggers=(VISITS,), policy=Policy(), past=past, key=KEY):
            daily.append(one)
            if one.asks:
                past[one.candidate.customer_key] = asking.asked_too(past.get(one.candidate.customer_key), one)
    assert daily == at_once


@pytest.mark.parametrize(
    ("zone", "hour", "expected"),
    [
        ("UTC", 12, "20 12:00"),
        ("UTC", 21, "21 09:00"),
        ("UTC", 3, "20 09:00"),
        ("Asia/Dubai", 17, "21 05:00"),
        ("America/Lima", 12, "20 14:00"),
        ("No/Where", 12, "20 12:00"),
    ],
)
def test_nobody_is_written_to_in_the_quiet_hours_of_where_they_live(zone: str, hour: int, expected: str) -> None:
    at = asking.awake(NOON.replace(hour=hour), zone=zone, policy=Policy())
    assert at.strftime("%d %H:%M") == expected


def test_what_came_due_too_long_ago_is_not_asked_any_more() -> None:
    (decision,) = decided(mary(), now=NOON + timedelta(days=9))
    assert decision.why is Why.TOO_LATE


def test_the_preferred_channel_is_taken() -> None:
    (decision,) = decided(mary(reachable=(Channel.SMS, Channel.EMAIL), prefers=True))
    assert decision.channel is Channel.SMS


def test_who_prefers_none_and_never_answered_is_asked_by_the_triggers_first() -> None:
    both = mary(reachable=(Channel.EMAIL, Channel.SMS))
    for first, second in ((Channel.SMS, Channel.EMAIL), (Channel.EMAIL, Channel.SMS)):
        (decision,) = decided(both, triggers=(replace(VISITS, channels=(first, second)),))
        assert decision.channel is first


def test_half_of_the_happy_moments_are_asked_in_the_other_way_while_it_is_tried() -> None:
    late = OtherWay(after=timedelta(hours=26), channels=(Channel.SMS, Channel.EMAIL), since=NOON, needed=100)
    tried = replace(VISITS, shares={"": 1.0}, other=late)
    people = [
        mary(customer_key=number, ref=f"field:{number}", reachable=(Channel.EMAIL, Channel.SMS))
        for number in range(400)
    ]
    found = decided(*people, triggers=(tried,))
    other = [one for one in found if one.channel is Channel.SMS]
    assert 160 <= len(other) <= 240
    assert {one.at for one in other} == {NOON + late.after}
    assert [one.candidate.ref for one in decided(*people, triggers=(tried,)) if one.channel is Channel.SMS] == [
        one.candidate.ref for one in other
    ]


def test_nothing_is_tried_on_who_had_a_bad_time_nor_on_what_was_before() -> None:
    late = OtherWay(after=timedelta(hours=26), channels=(Channel.SMS,), since=NOON, needed=100)
    tried = replace(VISITS, shares={"": 1.0}, other=late)
    before = NOON - timedelta(hours=1)
    people = [
        *(mary(customer_key=number, ref=f"field:{number}", unhappy=True) for number in range(20)),
        *(mary(customer_key=number, ref=f"old:{number}", occurred_at=before) for number in range(20, 40)),
    ]
    assert all(one.channel is Channel.EMAIL for one in decided(*people, triggers=(tried,)))


def test_which_way_is_drawn_says_nothing_of_who_is_drawn() -> None:
    late = OtherWay(after=timedelta(hours=26), channels=(Channel.SMS,), since=NOON, needed=100)
    some = replace(VISITS, shares={"": 0.5}, other=late)
    people = [mary(ref=f"field:{number}") for number in range(2000)]
    drawn = [one for one in people if asking.drawn(one, trigger=some, key=KEY, at=NOON)]
    other = [one for one in drawn if asking.way_of(some, candidate=one, key=KEY) is Way.OTHER]
    assert 0.45 <= len(other) / len(drawn) <= 0.55


def test_what_was_drawn_by_earlier_shares_stays_drawn_by_them() -> None:
    worked_out = Sampling(before=(Held(until=NOON + timedelta(days=1), shares={"": 0.0}),), since=NOON)
    now_all = replace(VISITS, shares={"": 1.0}, sampling=worked_out)
    early, later = mary(ref="field:1"), mary(ref="field:2", occurred_at=NOON + timedelta(days=2))
    assert [one.why for one in decided(early, later, triggers=(now_all,))] == [Why.NOT_DRAWN, Why.ASKED]


def test_a_segment_that_answers_less_is_drawn_more() -> None:
    response = drawing.responses(of={"young": (300, 30), "old": (300, 120), "new": (2, 2)}, usual=0.25)
    assert response["young"] < response[""] < response["old"] < 0.4
    assert response["new"] == pytest.approx(0.25, abs=0.05), "two people say little"
    many = dict.fromkeys(("young", "old"), 10_000)
    found = drawing.shares(happy=many, unhappy={}, needed=100, response=response)
    for name in many:
        assert found[name] * 10_000 * response[name] == pytest.approx(100, rel=0.02)


def test_who_prefers_no_channel_is_asked_by_the_one_they_answered_by_last() -> None:
    both = mary(reachable=(Channel.EMAIL, Channel.SMS))
    long_ago, later = NOON - timedelta(days=300), NOON - timedelta(days=200)
    past = Past(heard=((later, "sms"), (long_ago, "email")))
    assert decided(both, past=past)[0].channel is Channel.SMS
    assert decided(replace(both, prefers=True), past=past)[0].channel is Channel.EMAIL
    assert decided(both, past=Past(heard=((NOON + timedelta(days=9), "sms"),)))[0].channel is Channel.EMAIL
    assert decided(mary(), past=past)[0].channel is Channel.EMAIL


def test_somebody_is_written_to_at_the_hour_at_which_they_usually_answer() -> None:
    in_the_evening = NOON.replace(hour=17, minute=30)
    evenings = tuple((in_the_evening - timedelta(days=days), "email") for days in (100, 120))
    in_berlin = mary(zone="Europe/Berlin")
    (decision,) = decided(in_berlin, past=Past(heard=evenings))
    assert decision.at == NOON + timedelta(hours=2)
    assert decision.write_at == in_the_evening
    assert decided(replace(in_berlin, unhappy=True), past=Past(heard=evenings))[0].write_at == decision.at
    assert decided(in_berlin, past=Past(heard=evenings[:1]))[0].write_at == decision.at
    scattered = (*evenings, (NOON.replace(hour=5) - timedelta(days=110), "email"))
    assert decided(in_berlin, past=Past(heard=scattered))[0].write_at == decision.at
    soon = replace(VISITS, lasts=timedelta(hours=3))
    assert decided(in_berlin, past=Past(heard=evenings), triggers=(soon,))[0].write_at == decision.at


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((), None),
        (("10:00",), None),
        (("10:00", "12:00"), 11.0),
        (("23:30", "00:30"), 0.0),
        (("06:00", "18:00"), None),
        (("10:00", "10:10", "22:00"), None),
    ],
)
def test_the_usual_hour_is_that_around_which_answers_lie(times: tuple[str, ...], expected: float | None) -> None:
    heard = [datetime.fromisoformat(f"2026-03-0{day + 1}T{time}+00:00") for day, time in enumerate(times)]
    found = hours.usual(heard=heard, zone="UTC")
    assert found == expected if expected is None or found is None else abs((found - expected + 12) % 24 - 12) < 1e-6


def test_the_hour_is_that_of_their_own_day_whatever_the_clocks_do() -> None:
    eve = datetime(2026, 3, 28, 19, tzinfo=UTC)
    assert hours.following(eve, hour=18.5, zone="Europe/Berlin") == datetime(2026, 3, 29, 16, 30, tzinfo=UTC)
    assert hours.following(eve, hour=20.0, zone="Europe/Berlin") == eve
