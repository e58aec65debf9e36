from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from valence import interactions, terms
from valence.interactions import delta, inbox, log, reading
from valence.interactions.tests.conftest import ALICE, BOB, CARLA, NOW
from valence.terms import Interaction, Journeys

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log_folder")]
Maker = Callable[..., Interaction]
DAY_0 = terms.days(NOW - timedelta(days=30))


def admit(*rows: Interaction) -> None:
    inbox.admit(interactions=rows, now=NOW)


def facts_at(day: float | None) -> list[str]:
    as_of = None if day is None else DAY_0 + day
    return interactions.journeys_of(keys=[ALICE], columns=["facts"], as_of=as_of).words["facts"].said()


def test_journeys_lie_side_by_side_in_order(made: Maker) -> None:
    admit(made("b", day=2, wait_minutes=4), made("a", day=1), made("z", key=CARLA, reason="price"))
    journeys = interactions.journeys_of(keys=[ALICE, CARLA, 12_345])
    assert journeys.keys.tolist() == sorted([ALICE, CARLA])
    assert journeys.texts["interaction_id"].tolist() == ["z", "a", "b"]
    assert journeys.starts.tolist() == [0, 1, 3]
    assert journeys.words["reason"].said() == ["price", "", ""]
    assert journeys.occurred.tolist() == [DAY_0, DAY_0 + 1, DAY_0 + 2]
    assert np.array_equal(journeys.numbers["wait_minutes"], [np.nan, np.nan, 4], equal_nan=True)


def test_only_the_columns_asked_for_are_there(made: Maker) -> None:
    admit(made("a"))
    journeys = interactions.journeys_of(keys=[ALICE], columns=["kind", "amount"])
    assert (set(journeys.words), set(journeys.numbers), set(journeys.texts)) == ({"kind"}, {"amount"}, set())
    with pytest.raises(ValueError, match="moood"):
        interactions.journeys_of(keys=[ALICE], columns=["moood"])


def test_looking_back_shows_what_was_known_then(made: Maker) -> None:
    admit(made("a", day=1, facts="first"), made("b", day=2, known=6, facts="late word"))
    admit(made("a", day=1, known=4, facts="second", revision=1), made("a", day=8, known=9, facts="moved", revision=2))
    for move in (lambda: None, log.flush, log.compact):
        move()
        assert facts_at(0.5) == []
        assert facts_at(3) == ["first"]
        assert facts_at(4) == ["second"]
        assert facts_at(7) == ["second", "late word"]
        assert facts_at(9) == ["late word", "moved"]
        assert facts_at(None) == ["late word", "moved"]


def test_what_was_known_to_happen_later_has_not_happened_yet(made: Maker) -> None:
    admit(made("a", day=1, facts="first"), made("a", day=8, known=2, facts="put off", revision=1))
    assert facts_at(1.5) == ["first"]
    assert facts_at(3) == []
    assert facts_at(8) == ["put off"]


def test_another_sources_revision_supersedes_nothing_of_ours(made: Maker) -> None:
    admit(made("a", facts="ours"), made("a", source="ivr", facts="theirs"), made("a", source="ivr", revision=1))
    assert facts_at(None) == ["ours", ""]


def test_an_interaction_comes_back_as_it_was_admitted(made: Maker) -> None:
    whole = made(
        "a", day=3, known=4, revision=2, touchpoint="hotline", channel="phone", facts="late|no_show", wait_minutes=1.5,
        transfers=2.0, promised_at=NOW, promise="made", score=7.0, scale="nps", text="so late", caused_by="crm:b",
        attributes='{"x":1}',
    )  # fmt: skip
    admit(whole, made("a", key=BOB, source="ivr"))
    for move in (lambda: None, log.flush, log.compact):
        move()
        assert interactions.point(source="crm", interaction_id="a", customer_key=ALICE) == whole
    assert interactions.point(source="crm", interaction_id="zzz", customer_key=ALICE) is None


def test_rows_that_just_came_in_read_like_stored_ones(made: Maker) -> None:
    rows = [made("b", day=2, facts="late"), made("a", day=1, amount=3.0), made("z", key=CARLA)]
    admit(*rows)
    assert_same(interactions.as_journeys(interactions=rows), interactions.journeys_of(keys=[ALICE, CARLA]))


def test_a_file_that_goes_away_under_the_reader_is_no_error(made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    admit(made("a"))
    log.flush()
    stale = log.state()
    log.compact()
    delta.sweep(current=log.state(), older_than=0.0)
    answers = [stale]
    real = delta.snapshot
    monkeypatch.setattr(delta, "snapshot", lambda **asked: answers.pop() if answers else real(**asked))
    reading._footer.cache_clear()
    assert len(interactions.journeys_of(keys=[ALICE])) == 1
    answers.append(stale)
    assert interactions.ask(question=lambda rows: rows.count().as_table())[0] == {"CountStar()": 1}


def test_a_row_that_moves_while_it_is_read_is_read_once(made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    admit(made("a"), made("b", day=1))
    real = delta.snapshot

    def moving(**asked: object) -> delta.Snapshot:
        monkeypatch.setattr(delta, "snapshot", real)
        log.flush(limit=1)
        return real(folder=log.folder())

    monkeypatch.setattr(delta, "snapshot", moving)
    assert len(interactions.journeys_of(keys=[ALICE])) == 2


def assert_same(left: Journeys, right: Journeys) -> None:
    assert left.keys.tolist() == right.keys.tolist()
    assert left.starts.tolist() == right.starts.tolist()
    assert np.array_equal(left.occurred, right.occurred)
    assert np.array_equal(left.recorded, right.recorded)
    assert {name: words.said() for name, words in left.words.items()} == {
        name: words.said() for name, words in right.words.items()
    }
    for name, numbers in left.numbers.items():
        assert np.array_equal(numbers, right.numbers[name], equal_nan=True)
    for name, texts in left.texts.items():
        assert texts.tolist() == right.texts[name].tolist()
