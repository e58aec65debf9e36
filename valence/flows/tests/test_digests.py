"""The digest: on the chosen days at the chosen time of one's own zone, once, without names, and none for nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from valence.cases import digests, staff_words
from valence.cases.digests import Schedule
from valence.channels import queries as messages
from valence.channels.values import Purpose
from valence.flows.act import alerting, casework
from valence.flows.act import reminding as flow
from valence.flows.ask import letters
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON
from valence.people import actions as people_actions
from valence.people.models import Person

WORKDAYS = (0, 1, 2, 3, 4)


def _schedule(zone: str, minute: int = 480, **more: object) -> Schedule:
    return Schedule(person=1, weekdays=WORKDAYS, minute=minute, zone=zone, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Europe/Berlin", datetime(2026, 5, 12, 6, 0, tzinfo=UTC), date(2026, 5, 12)),
        ("Europe/Berlin", datetime(2026, 5, 12, 5, 59, tzinfo=UTC), None),
        ("Europe/Berlin", datetime(2026, 5, 12, 12, 1, tzinfo=UTC), None),
        ("Pacific/Auckland", datetime(2026, 5, 11, 20, 30, tzinfo=UTC), date(2026, 5, 12)),
        ("Pacific/Auckland", datetime(2026, 5, 15, 20, 30, tzinfo=UTC), None),
        ("America/New_York", datetime(2026, 11, 2, 13, 0, tzinfo=UTC), date(2026, 11, 2)),
    ],
)
def test_it_comes_on_the_day_and_at_the_time_of_ones_own_zone(zone: str, at: datetime, day: date | None):
    assert digests.due_for(schedule=_schedule(zone), now=at) == day


def test_a_time_that_the_clock_leaps_over_comes_after_the_leap_and_one_that_comes_twice_once():
    leap = Schedule(1, (6,), 150, "Europe/Berlin")
    assert digests.due_for(schedule=leap, now=datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == date(2026, 3, 29)
    twice = Schedule(1, (6,), 150, "Europe/Berlin", date(2026, 10, 25))
    assert digests.due_for(schedule=twice, now=datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) is None


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    staff = acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=["C-1"])
    Person.objects.filter(name__in=["mark", "carl"]).update(email="staff@example.org")
    return staff


@pytest.mark.django_db
def test_it_names_cases_and_no_customer_and_comes_once(company: dict[str, int]):
    carl = company["carl"]
    digests.put(schedule=Schedule(carl, (1,), 13 * 60, "Europe/Berlin"))
    acting.arrives(acting.late_visit(1, "C-1"))
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    assert flow.send_due(now=NOON) == 1
    assert flow.send_due(now=NOON + timedelta(minutes=1)) == 0
    [message] = messages.of(purpose=Purpose.DIGEST, reference=f"digest-{carl}-2026-05-12")
    to, content = messages.content(message=message)
    assert to == "staff@example.org"
    assert content["subject"] == "Cases that need you: 1"
    assert "A visit came late" in content["text"]
    assert "Ines" not in content["text"]


@pytest.mark.django_db
def test_for_nothing_none_comes_and_who_chose_no_days_gets_none(company: dict[str, int]):
    mark = company["mark"]
    digests.put(schedule=Schedule(mark, (1,), 12 * 60, "UTC"))
    assert flow.send_due(now=NOON) == 0
    digests.put(schedule=Schedule(mark, (), 12 * 60, "UTC"))
    assert digests.of(person=mark) is None
    with pytest.raises(digests.WrongDigest):
        digests.put(schedule=Schedule(mark, (1,), 12 * 60, "Mars/Base"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "subject", "due"),
    [("de", "Fälle, die Sie brauchen: 1", "fällig am 13. Mai 2026"), ("ar", "حالات تنتظرك: 1", "موعدها 13 مايو، 2026")],
)
def test_it_speaks_the_language_of_whoever_reads_it(company: dict[str, int], language: str, subject: str, due: str):
    carl = company["carl"]
    people_actions.set_language(pk=carl, language=language)
    digests.put(schedule=Schedule(carl, (1,), 13 * 60, "Europe/Berlin"))
    acting.arrives(acting.late_visit(1, "C-1"))
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    assert flow.send_due(now=NOON) == 1
    [message] = messages.of(purpose=Purpose.DIGEST, reference=f"digest-{carl}-2026-05-12")
    _, content = messages.content(message=message)
    assert content["subject"] == subject
    assert due in content["text"]
    assert content["language"] == language
    letter = letters.written(message=message, content=content, to="staff@example.org", now=NOON)
    assert letter.subject == subject
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in letter.html


def test_every_language_says_everything_with_the_same_gaps():
    english = staff_words.of(language="en")
    assert set(staff_words.NAMES) == set(staff_words.all_words())
    for language, words in staff_words.all_words().items():
        assert set(words) == set(english), language
        for name, said in words.items():
            assert sorted(re.findall(r"\{\w+\}", said)) == sorted(re.findall(r"\{\w+\}", english[name])), (
                language,
                name,
            )


def test_a_language_that_is_not_spoken_gets_its_base_else_english():
    assert [staff_words.spoken(language=tag) for tag in ("de-CH", "fr", "xx", "")] == ["de", "fr", "en", "en"]
