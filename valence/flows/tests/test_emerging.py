"""What is new or growing is told from stored texts one may see; every quote of a digest is a real comment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from valence import home, interactions, terms
from valence.alerts import place_alarms
from valence.customers import actions as customers
from valence.customers.rules import CustomerRecord
from valence.flows.act import placing
from valence.flows.gather import ingest
from valence.flows.read import emerging, reading, rivalry, summing
from valence.flows.tests import readers
from valence.ledger.queries import readings
from valence.ledger.queries.readings import Asked
from valence.terms import EVERYTHING, Scope
from valence.text.encoders import usem3
from valence.text.intents.rivals import Side

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator whose customers write of bills every week, and of a dead signal in the last one."""
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    for name in home.FOLDERS:
        (tmp_path / name).mkdir(exist_ok=True)
    monkeypatch.setattr(reading, "reader", readers.telco)
    monkeypatch.setattr(usem3, "NAME", "pretended")
    emerging._look.cache_clear()
    customers.put(
        records=[
            CustomerRecord(
                customer_id=f"C-{number}",
                joined_at=NOON - timedelta(days=900),
                values={"region": "Coast" if number % 2 else "Hills", "plan": "Fibre" if number % 2 else "Cable"},
                personal={"name": "Ines Caldera"},
            )
            for number in range(30)
        ],
        now=NOON,
    )
    interactions.followers.position(name=reading.NAME)
    _arrive()
    reading.catch_up(now=NOON)
    reading.read_all(now=NOON)


def _arrive() -> None:
    said = [(week, f"The bill is too high {number}", "north") for week in range(12) for number in range(6)]
    said += [(0, f"No mobile signal at all, coverage is terrible {number}", "north") for number in range(24)]
    said += [(week, f"Lovely and kind staff in the shop {number}", "south") for week in range(4) for number in range(5)]
    said += [(0, f"Verizon is cheaper than you {number}", "") for number in range(6)]
    said += [(1, f"Your television is better than Verizon {number}", "") for number in range(5)]
    said += [(week, f"zebra parking garden {number}", "") for week in range(4) for number in range(4)]
    columns = {
        "interaction_id": [f"a{at}" for at in range(len(said))],
        "customer_id": [f"C-{at % 30}" for at in range(len(said))],
        "occurred_at": [(NOON - timedelta(days=7 * week + 1)).isoformat() for week, _, _ in said],
        "kind": ["feedback"] * len(said),
        "text": [text for _, text, _ in said],
        "location_id": [place for _, _, place in said],
    }
    raw = terms.RawRecords(numbers=list(range(1, len(said) + 1)), columns=columns)
    brought = ingest.take_interactions(records=raw, desk=ingest.Desk(), now=NOON)
    assert not brought.refused, brought.refused


def test_a_theme_that_came_up_in_the_last_week_is_named_and_one_of_every_week_is_not():
    found = emerging.look(scope=EVERYTHING, until=NOON, since=NOON - timedelta(days=90))
    rose = {one.theme: one for one in found.rising.rose}
    assert "bill" not in rose
    grown = next(one for name, one in rose.items() if one.grew.count == 24)
    assert grown.grew.is_new
    assert grown.people == 24
    assert found.rising.weeks >= 8


def test_what_no_theme_gathers_is_proposed_with_quotes_that_are_comments_of_it():
    found = emerging.look(scope=EVERYTHING, until=NOON, since=NOON - timedelta(days=90))
    zebras = [one for one in found.proposals if "zebra" in one.words]
    assert sum(len(one.numbers) for one in zebras) >= 10
    for one in zebras:
        assert all("zebra" in quote.text and quote.number in one.numbers for quote in one.quotes)
    assert not any("bill" in one.words for one in found.proposals)


def test_what_one_place_is_praised_for_is_told_with_places_and_plans_compared():
    found = emerging.look(scope=EVERYTHING, until=NOON, since=NOON - timedelta(days=90)).standing
    assert found.compared == {"place": 2, "plan": 2, "segment": 0}
    assert {(one.kind, one.value) for one in found.stands} == {("place", "south")}
    for one in found.stands:
        there = readings.rows(scope=EVERYTHING, asked=Asked(theme=one.theme, tone="positive", location_id="south"))
        assert one.found.ours.praised == len(there) >= 15


def test_who_comes_off_better_beside_a_competitor_opens_the_comments_that_say_so():
    whole, *themes = emerging.look(scope=EVERYTHING, until=NOON, since=NOON - timedelta(days=90)).beside
    assert (whole.rival, whole.named, len(whole.ours), len(whole.theirs)) == ("Verizon", 11, 5, 6)
    assert {one.theme for one in themes} >= {"tv"}
    asked = Asked(competitor="Verizon")
    ours = rivalry.numbers(scope=EVERYTHING, asked=asked, side=Side.OURS, theme="tv")
    rows = readings.rows(scope=EVERYTHING, asked=replace(asked, numbers=ours))
    assert len(rows) == 5
    assert all("better than Verizon" in one.text for one in rows)
    everything = rivalry.numbers(scope=EVERYTHING, asked=asked, side=None, theme="")
    assert len(everything) == readings.total(scope=EVERYTHING, asked=asked) == 11


def test_comments_are_found_by_plan():
    cable = readings.total(scope=EVERYTHING, asked=Asked(plan="Cable"))
    assert 0 < cable < readings.total(scope=EVERYTHING, asked=Asked())
    assert readings.total(scope=EVERYTHING, asked=Asked(segment="None such")) == 0


def test_nothing_is_told_of_customers_one_may_not_see():
    nobody = Scope(EVERYTHING.role, frozenset({"Nowhere"}))
    found = emerging.look(scope=nobody, until=NOON, since=NOON - timedelta(days=90))
    assert (found.rising.rose, found.proposals, found.compared, found.standing.stands, found.beside) == (
        (),
        (),
        0,
        (),
        (),
    )
    assert summing.look(scope=nobody, asked=Asked()).digest.number == 0


def test_a_digest_counts_what_was_asked_for_and_quotes_real_comments():
    told = summing.look(scope=EVERYTHING, asked=Asked(theme="bill"))
    assert told.is_told
    assert told.digest.number == told.total == readings.total(scope=EVERYTHING, asked=Asked(theme="bill"))
    stored = {str(one.number): one.text for one in readings.rows(scope=EVERYTHING, asked=Asked(), limit=None)}
    assert told.digest.quoted()
    for quote in told.digest.quoted():
        assert stored[quote.id] == quote.text
        assert told.comments[quote.id].text == quote.text


def test_a_digest_of_fewer_than_five_customers_holds_nothing():
    told = summing.look(scope=EVERYTHING, asked=Asked(words=("zebra", "3")))
    assert told.total
    assert not told.is_told
    assert told.digest.quoted() == ()


def test_a_theme_that_is_spoken_badly_of_as_never_before_raises_an_alarm_with_its_comments():
    assert placing.look(now=NOON) >= 1
    alarms = place_alarms.rows(scope=EVERYTHING)
    [alarm] = [one for one in alarms if (one.about, one.word) == ("theme", "coverage")]
    assert (alarm.zone, alarm.observed, alarm.cases) == ("north", 24, 24)
    assert "bill" not in {one.word for one in alarms}
    assert placing.look(now=NOON) == 0
