"""Promises of the watch over places: few cases suffice, calm days stay calm, what is usual is learned."""

from __future__ import annotations

import numpy as np
import pytest

from valence.insights.places import expected, once, scan, watching
from valence.terms import Floats

DAYS = expected.Calendar(year=365.25, week=7)
PLACES = [f"p{number}" for number in range(8)]
ZONES = scan.zones(places=PLACES, regions=["north"] * 4 + ["south"] * 4)
EVEN = np.ones(8)
WATCH = watching.Watch(spans=(1, 2, 3, 7))


def calm(*, days: int = 120, seed: int = 1, a_day: float = 0.4) -> Floats:
    """Return counts of eight places that share a quiet week, weekends quieter."""
    rng = np.random.default_rng(seed)
    week = np.where(np.arange(days) % 7 < 5, 1.2, 0.5)
    return rng.poisson(a_day * week[:, None] * np.ones(8)).astype(float)


def look(counts: Floats, **given: object) -> scan.Cluster | None:
    return watching.look(counts=counts, exposure=EVEN, zones=ZONES, calendar=DAYS, watch=WATCH, **given)  # type: ignore[arg-type]


def test_a_place_a_region_and_all_together_are_zones() -> None:
    assert [zone.name for zone in ZONES[-3:]] == ["north", "south", "everywhere"]
    assert scan.zones(places=["only"], regions=[""]) == (scan.Zone("only", (0,)),)


def test_few_cases_in_one_place_suffice() -> None:
    counts = calm()
    counts[-1, 2] += 6
    found = look(counts)
    assert found is not None
    assert (ZONES[found.zone].name, found.span) == ("p2", 1)
    assert found.observed >= 6
    assert found.expected < 1


def test_several_places_of_a_region_that_have_a_little_each_are_one_cluster() -> None:
    counts = calm(a_day=0.1)
    counts[-2:, 4:] += 1
    found = look(counts)
    assert found is not None
    assert ZONES[found.zone].name == "south"


def test_a_busy_season_is_usual_and_the_same_number_in_a_quiet_one_is_not() -> None:
    steps = np.arange(800)
    season = 3 * np.exp(1.2 * np.sin(2 * np.pi * steps / 365.25))
    counts = np.random.default_rng(3).poisson(season[:, None]).astype(float)
    summer, winter = 730 + 91, 730 - 91
    high = np.full((7, 1), np.round(season[summer % 365]))
    one = scan.zones(places=["only"], regions=[""])

    def seen(until: int) -> scan.Cluster | None:
        record = np.concatenate([counts[: until - 7], high])
        return watching.look(counts=record, exposure=np.ones(1), zones=one, calendar=DAYS, watch=WATCH)

    assert seen(456) is None  # a summer
    assert seen(winter) is not None


@pytest.mark.parametrize("spread", [0.0, 0.08])
def test_calm_days_raise_about_as_many_false_alarms_as_were_allowed(spread: float) -> None:
    rng = np.random.default_rng(5)
    counts = calm(days=330, seed=6, a_day=0.8)
    if spread:
        counts = rng.poisson(0.8 * rng.gamma(1 / spread, spread, (330, 1)) * np.ones(8)).astype(float)
    loud = watching.Watch(a_month=2.0, spans=(1, 3, 7))
    alarms = watching.through(counts=counts, exposure=EVEN, zones=ZONES, calendar=DAYS, watch=loud, since=230)
    assert len(alarms) <= 13  # 6.6 are expected in 100 days


def test_what_goes_on_is_said_once_and_again_only_when_it_grew_much() -> None:
    counts = calm()
    counts[100:106, 2] += 5

    def alarms(record: Floats) -> list[int]:
        found = watching.through(counts=record, exposure=EVEN, zones=ZONES, calendar=DAYS, watch=WATCH, since=95)
        return [alarm.step for alarm in found]

    assert alarms(counts)[0] == 100
    assert len(alarms(counts)) <= 3


def test_the_morning_is_not_compared_with_whole_days() -> None:
    counts = calm(a_day=4.0)
    counts[-1] = np.round(counts[-8:-1].mean(axis=0) * 0.3)
    counts[-1, 1] = 8
    morning, evening = look(counts, so_far=0.2), look(counts, so_far=1.0)
    assert morning is not None
    assert evening is None or morning.chance < evening.chance


def test_the_same_record_and_seed_give_the_same_answer() -> None:
    counts = calm()
    counts[-1, 2] += 6
    assert look(counts) == look(counts)


def test_a_record_too_short_to_know_what_is_usual_says_nothing() -> None:
    assert look(calm(days=20)) is None


def test_who_calls_three_times_about_the_same_is_one_case_and_counts_anew_after_two_quiet_weeks() -> None:
    day = np.array([40, 0, 3, 16, 17, 3])
    key = np.array([1, 1, 1, 1, 1, 2])
    one = np.zeros(6, np.int64)
    assert once.new_cases(key=key, day=day, stream=one).tolist() == [True, True, False, False, False, True]
    other = np.array([0, 0, 0, 1, 1, 0])  # about something else it is a case of its own
    assert once.new_cases(key=key, day=day, stream=other).tolist() == [True, True, False, True, False, True]


def test_what_a_few_busy_customers_repeat_is_no_cluster_and_as_many_different_ones_are() -> None:
    rng = np.random.default_rng(8)
    day, place = np.arange(120).repeat(3), rng.integers(8, size=360)

    def seen(latest: list[int]) -> scan.Cluster | None:
        whose, when = np.concatenate([np.arange(360), latest]), np.concatenate([day, np.full(len(latest), 119)])
        when[-len(latest) :] -= np.arange(len(latest)) % 3
        new = once.new_cases(key=whose, day=when, stream=np.zeros(len(when), np.int64))
        counts = np.zeros((120, 8))
        np.add.at(counts, (when[new], np.concatenate([place, np.full(len(latest), 2)])[new]), 1.0)
        return look(counts)

    assert seen([1000, 1000, 1000, 1001, 1001, 1001]) is None
    assert seen(list(range(1000, 1012))) is not None


@pytest.mark.parametrize("a_day", [0.002, 0.01, 0.1, 1.0])
def test_of_something_rare_no_less_is_expected_than_comes(a_day: float) -> None:
    counts = np.random.default_rng(6).poisson(a_day, (400, 8)).astype(float)
    usual = expected.expected(counts=counts, exposure=EVEN, calendar=DAYS, ahead=14, guard=0)
    assert usual.mean.sum() / 14 == pytest.approx(counts.sum() / 400, rel=0.25)


def test_an_old_outbreak_is_not_expected_again() -> None:
    calm_days = np.random.default_rng(6).poisson(0.1, (400, 8)).astype(float)
    counts = calm_days.copy()
    counts[200:207, 3] += 8
    before, after = (
        expected.expected(counts=one, exposure=EVEN, calendar=DAYS, ahead=14, guard=0).mean.sum()
        for one in (calm_days, counts)
    )
    assert after < 1.15 * before  # the outbreak alone makes 18 % of all cases


@pytest.mark.parametrize("a_day", [0.002, 0.01, 0.03])
def test_three_cases_of_something_rare_are_no_rarer_than_chance_makes_them(a_day: float) -> None:
    counts = np.random.default_rng(4).poisson(a_day, (400, 8)).astype(float)
    counts[-14:] = 0.0
    counts[[-1, -6, -12], [0, 3, 6]] = 1.0
    usual = expected.expected(counts=counts[:-14], exposure=EVEN, calendar=DAYS, ahead=14, guard=0)
    found = scan.strongest(counts=counts[-14:], usual=usual, zones=ZONES, seed=1)
    if found is not None:
        by_chance = np.random.default_rng(5).poisson(found.expected, 200_000)
        assert found.chance >= 0.8 * float((by_chance >= found.observed).mean())
