"""Whose an alert is, and by when: nothing is ever without an owner, clocks run only when people are there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from valence.alerts import rules
from valence.alerts.rules import Calendar, Clerk, Need
from valence.terms import Role

COAST = frozenset({"Coast"})
OFFICE = Calendar(
    zone=ZoneInfo("Europe/Vienna"),
    hours={day: (time(9), time(18)) for day in range(5)},
    holidays=frozenset({date(2026, 5, 14)}),
)


def _clerk(pk: int, name: str, role: Role = Role.CASE_OWNER, **more: object) -> Clerk:
    return Clerk(**{"pk": pk, "name": name, "role": role, "regions": None, **more})  # type: ignore[arg-type]


ALICE = _clerk(1, "alice", Role.ADMINISTRATOR)
MARK = _clerk(2, "mark", Role.MANAGER, regions=COAST)
CARL = _clerk(3, "carl", regions=COAST, departments=frozenset({"billing"}))
DORA = _clerk(4, "dora", regions=COAST, departments=frozenset({"field"}), languages=frozenset({"es"}))
STAFF = (ALICE, MARK, CARL, DORA)


def _owner(need: Need, staff: tuple[Clerk, ...] = STAFF) -> int:
    found = rules.route(need=need, staff=staff)
    assert found is not None
    return found.pk


def test_it_goes_to_the_department_in_the_region():
    assert _owner(Need(region="Coast", department="billing")) == CARL.pk
    assert _owner(Need(region="Coast", department="field")) == DORA.pk


def test_where_nobody_of_the_region_fits_a_manager_takes_it_and_else_an_administrator():
    assert _owner(Need(region="Coast", department="network")) == MARK.pk
    assert _owner(Need(region="Hills", department="billing")) == ALICE.pk
    assert _owner(Need()) == ALICE.pk


def test_language_and_skill_decide_where_the_department_does_not():
    erin = _clerk(5, "erin", departments=frozenset({"field"}), skills=frozenset({"fibre"}))
    assert _owner(Need(region="Coast", department="field", language="es"), (*STAFF, erin)) == DORA.pk
    assert _owner(Need(region="Coast", department="billing", skill="fibre"), (*STAFF, erin)) == erin.pk


def test_who_is_away_is_stood_in_for():
    away = _clerk(3, "carl", regions=COAST, departments=frozenset({"billing"}), is_away=True, stands_in=4)
    assert _owner(Need(region="Coast", department="billing"), (ALICE, away, DORA)) in {ALICE.pk, DORA.pk}
    alone = _clerk(3, "carl", regions=COAST, is_away=True)
    assert _owner(Need(region="Coast"), (alone,)) == alone.pk


def test_who_has_enough_for_today_gets_only_what_is_urgent():
    full = _clerk(3, "carl", departments=frozenset({"billing"}), daily_cases=2, taken=2)
    usual = rules.route(need=Need(department="billing", severity=2), staff=(full,))
    urgent = rules.route(need=Need(department="billing", severity=3), staff=(full,))
    assert usual
    assert usual.held
    assert urgent
    assert not urgent.held


def test_of_two_who_fit_alike_the_one_with_less_to_do_takes_it():
    busy, idle = (_clerk(pk, name, load=load) for pk, name, load in ((7, "ann", 9), (8, "ben", 1)))
    assert _owner(Need(), (busy, idle)) == idle.pk


def test_the_ladder_goes_over_a_manager_of_the_region_to_an_administrator():
    first = rules.above(level=0, region="Coast", staff=STAFF)
    second = rules.above(level=1, region="Coast", staff=STAFF)
    elsewhere = rules.above(level=0, region="Hills", staff=STAFF)
    assert (first, second, elsewhere) == (MARK, ALICE, ALICE)


def test_a_clock_rests_at_night_at_the_weekend_and_on_holidays():
    def due(start: datetime, hours: float) -> datetime:
        return rules.due_at(start=start, hours=hours, calendar=OFFICE)

    tuesday = datetime(2026, 5, 12, 8, tzinfo=UTC)  # 10:00 in Vienna
    assert due(tuesday, 4) == datetime(2026, 5, 12, 12, tzinfo=UTC)
    assert due(datetime(2026, 5, 12, 15, tzinfo=UTC), 4) == datetime(2026, 5, 13, 10, tzinfo=UTC)
    assert due(datetime(2026, 5, 13, 15, tzinfo=UTC), 2) == datetime(2026, 5, 15, 8, tzinfo=UTC)  # over a holiday
    assert due(datetime(2026, 5, 15, 20, tzinfo=UTC), 1) == datetime(2026, 5, 18, 8, tzinfo=UTC)  # over a weekend


def test_where_nobody_is_ever_there_hours_count_by_the_clock():
    never = Calendar(zone=ZoneInfo("UTC"), hours={})
    start = datetime(2026, 5, 12, 8, tzinfo=UTC)
    assert rules.due_at(start=start, hours=5, calendar=never) == datetime(2026, 5, 12, 13, tzinfo=UTC)


def test_a_rule_fires_once_for_an_interaction_or_for_a_customer_in_a_window():
    def slot(at: datetime, cool: int, name: str = "v1") -> str:
        return rules.slot(customer=7, source="crm", interaction_id=name, at=at, cool_down_days=cool)

    day = datetime(2026, 5, 12, 8, tzinfo=UTC)
    assert slot(day, 0) == slot(day, 0) != slot(day, 0, "v2")
    assert slot(day, 14) == slot(day, 14, "v2")
    assert len(slot(day, 0, "x" * 200)) <= 100
