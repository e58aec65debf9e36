"""Two ways of asking side by side, and shares that follow who answers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command

from valence.flows.ask import asking, dry_run, listening, sampling, triggering, ways
from valence.flows.tests.test_asking import DAY, START, VISITS, arrive, customers, happened, home, launched
from valence.surveys import actions, actions_asking, queries_asking
from valence.surveys.asking import Channel, Policy, Trigger
from valence.surveys.drawing import Sampling, Way
from valence.surveys.values import End
from valence.surveys.values_asking import Tried

pytestmark = pytest.mark.django_db
__all__ = ["home"]
PLAIN = replace(VISITS, shares={"": 1.0}, sampling=Sampling())
HOUR = timedelta(hours=1)


def answers(way: Way, *, asked: int, answered: int) -> list[Tried]:
    return [Tried(way, START + number * HOUR, number < answered) for number in range(asked)]


def test_nothing_is_concluded_before_each_way_had_as_many_as_were_planned() -> None:
    early = ways.found_in(
        asked=[*answers(Way.USUAL, asked=500, answered=50), *answers(Way.OTHER, asked=399, answered=300)], needed=400
    )
    assert early.difference is None
    assert (early.usual.of, early.other.of) == (400, 399)
    assert "399 of the 400" in ways.verdict(early)


def test_what_comes_after_the_planned_number_changes_nothing() -> None:
    first = [*answers(Way.USUAL, asked=400, answered=60), *answers(Way.OTHER, asked=400, answered=100)]
    done = ways.found_in(asked=first, needed=400)
    assert done == ways.found_in(asked=[*first, *answers(Way.OTHER, asked=300, answered=0)], needed=400)
    assert "10.0 more" in ways.verdict(done)
    same = [*answers(Way.USUAL, asked=400, answered=60), *answers(Way.OTHER, asked=400, answered=64)]
    assert "No difference" in ways.verdict(ways.found_in(asked=same, needed=400))


def test_each_moment_is_asked_in_the_way_it_drew_and_counts_there_once_it_had_a_week() -> None:
    customers(40)
    launched(PLAIN)
    actions_asking.put_policy(policy=Policy(rest_after_asking=DAY))
    ways.begin(slug="visits", after_hours=5, channels=["sms", "email"], by="anna", now=START)
    sent = [happened(number, customer=number, at=START + 10 * HOUR) for number in range(40)]
    arrive(sent, now=START + 10 * HOUR)
    for hours in (12, 15, 24, 36):
        asking.ask_due(now=START + hours * HOUR)
    stored = [one for one in queries_asking.decisions() if one.at is not None]
    by = Counter(one.way for one in stored)
    assert min(by[Way.USUAL], by[Way.OTHER]) >= 5
    assert all(one.due_at == START + (15 if one.way == Way.OTHER else 12) * HOUR for one in stored)
    late, soon = [one for one in stored if one.way == Way.OTHER][:2]
    actions.end(number=late.invitation, how=End.ANSWERED, now=START + 3 * DAY)
    actions.end(number=soon.invitation, how=End.ANSWERED, now=START + 12 * DAY)
    trigger = queries_asking.trigger(slug="visits").trigger
    fresh = ways.look(trigger=trigger, now=START + 3 * DAY)
    assert fresh is not None
    assert fresh.other.of == 0
    ripe = ways.look(trigger=trigger, now=START + 20 * DAY)
    assert ripe is not None
    assert (ripe.other.number, ripe.other.of, ripe.usual.of) == (1, by[Way.OTHER], by[Way.USUAL])


def test_kinds_after_which_nobody_is_asked_are_named_the_most_frequent_first() -> None:
    customers(4)
    sent = [happened(number, customer=1, at=START, kind="bill") for number in range(3)]
    sent += [happened(10, customer=1, at=START, kind="visit"), happened(11, customer=1, at=START, kind="outage")]
    arrive([*sent, happened(12, customer=1, at=START - 200 * DAY, kind="order")], now=START + DAY)
    assert listening.silent(triggers=[], now=START + DAY) == ("bill", "outage", "visit")
    assert listening.silent(triggers=[PLAIN], now=START + DAY) == ("bill", "outage")
    assert listening.silent(triggers=[replace(PLAIN, when={})], now=START + DAY) == ()


def test_a_trial_is_begun_and_read_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    launched(PLAIN)
    call_command("surveys", "try", "visits", "--after", "26", "--channels", "sms,email", "--format", "json")
    assert json.loads(capsys.readouterr().out)["trial"]["usual"]["asked"] == 0
    call_command("surveys", "trial", "visits", "--keep", "--format", "json")
    capsys.readouterr()
    kept = queries_asking.trigger(slug="visits").trigger
    assert (kept.other, kept.after, kept.channels) == (None, 26 * HOUR, (Channel.SMS, Channel.EMAIL))


def test_only_one_other_way_is_tried_and_its_end_is_on_record() -> None:
    launched(PLAIN)
    with pytest.raises(ways.WrongTrial, match="same"):
        ways.begin(slug="visits", after_hours=2, channels=["email", "sms"], by="anna", now=START)
    ways.begin(slug="visits", after_hours=26, channels=["email"], by="anna", now=START)
    with pytest.raises(ways.WrongTrial, match="already"):
        ways.begin(slug="visits", after_hours=3, channels=["email"], by="anna", now=START)
    ways.end(slug="visits", adopt=False, by="anna", now=START + DAY)
    kept = queries_asking.trigger(slug="visits").trigger
    assert (kept.other, kept.after) == (None, PLAIN.after)
    with pytest.raises(ways.WrongTrial):
        ways.end(slug="visits", adopt=True, by="anna", now=START + DAY)


def test_a_trigger_that_is_saved_again_goes_on_trying_and_remembers_what_it_drew() -> None:
    launched(PLAIN)
    ways.begin(slug="visits", after_hours=26, channels=["sms"], by="anna", now=START)
    said = triggering.Said(survey="visit", name="After a visit", when=PLAIN.when, share=0.4, slug="visits")
    triggering.put(said=said, by="anna", now=START + DAY)
    kept = queries_asking.trigger(slug="visits").trigger
    assert kept.other is not None
    assert kept.other.channels == (Channel.SMS,)
    assert (kept.shares, kept.sampling.before[0].shares) == ({"": 0.4}, {"": 1.0})


def test_shares_are_worked_out_anew_each_week_from_who_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    launched(replace(PLAIN, within=5.0))
    seen: list[Trigger] = []

    def shares(*, trigger: Trigger, **_: object) -> tuple[dict[str, float], int]:
        seen.append(trigger)
        return {"private": 0.3, "": 1.0}, 100

    monkeypatch.setattr(dry_run, "shares", shares)
    assert sampling.is_due(now=START)
    assert sampling.look(now=START) == 1
    assert not sampling.is_due(now=START + 6 * DAY)
    assert sampling.look(now=START + 6 * DAY) == 0
    assert sampling.look(now=START + 8 * DAY) == 1
    kept = queries_asking.trigger(slug="visits").trigger
    assert kept.shares == {"private": 0.3, "": 1.0}
    assert [one.shares for one in kept.sampling.before] == [{"": 1.0}], "shares that stayed leave nothing behind"
    assert kept.sampling.since == START + 8 * DAY
