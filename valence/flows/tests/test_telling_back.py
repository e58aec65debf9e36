"""You said, we did: who said it is gathered once and told once, where they allow it; it comes back to us."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from valence import interactions
from valence.cases import changed, initiatives
from valence.cases.changed import Initiative, State
from valence.channels import queries as messages
from valence.channels.models import Outgoing
from valence.channels.values import Purpose
from valence.customers import consent
from valence.flows.act import alerting, casework, telling_back
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON

pytestmark = pytest.mark.django_db
CHANGE = {"en": "We call before we come."}


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    return acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=["C-1", "C-2", "C-3"])


def _late_visits() -> None:
    text = {"text": "Waited all day, nobody came", "language": "en"}
    acting.arrives(*(acting.late_visit(n, f"C-{n}") | text for n in (1, 2)))
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)


def _begun(owner: int) -> int:
    about = Initiative(title="Visits that come in time", owner=owner, department="field", change=CHANGE)
    return initiatives.make(wanted=about, by="mark", now=NOON)


def _gather(pk: int) -> int:
    return telling_back.gather(pk=pk, seer=acting.MACHINE, since=NOON - timedelta(days=1), cases_too=True)


def test_each_customer_counts_once_however_often_they_are_gathered(company: dict[str, int]):
    _late_visits()
    pk = _begun(company["mark"])
    assert _gather(pk) == 2
    assert _gather(pk) == 0
    assert initiatives.counts(pks=[pk])[pk].voices == 2


def test_each_is_told_once_in_their_words_and_it_comes_back_as_an_interaction(company: dict[str, int]):
    _late_visits()
    pk = _begun(company["mark"])
    _gather(pk)
    assert telling_back.tell(now=NOON) == 0
    initiatives.settle(pk=pk, state=State.DONE, by="mark", now=NOON)
    assert telling_back.tell(now=NOON) == 0
    initiatives.begin_telling(pk=pk, by="mark", now=NOON)
    assert telling_back.tell(now=NOON) == 2
    assert telling_back.tell(now=NOON) == 0
    assert Outgoing.objects.count() == 2
    message = messages.of(purpose=Purpose.REPLY, reference=Outgoing.objects.order_by("pk")[0].reference)[0]
    _, content = messages.content(message=message)
    assert "Waited all day, nobody came" in content["text"]
    assert CHANGE["en"] in content["text"]
    key = message.customer_key
    journey = interactions.journeys_of(keys=[key or 0])
    assert "you said, we did" in journey.words["touchpoint"].said()
    assert initiatives.counts(pks=[pk])[pk].told == 2


def test_who_does_not_want_to_be_written_to_is_not_and_the_page_says_why(company: dict[str, int]):
    _late_visits()
    pk = _begun(company["mark"])
    _gather(pk)
    [first, _] = acting.every_case()
    consent.withdraw(customer_key=first.row.key, purpose="service", source="test", now=NOON)
    initiatives.settle(pk=pk, state=State.DONE, by="mark", now=NOON)
    initiatives.begin_telling(pk=pk, by="mark", now=NOON)
    assert telling_back.tell(now=NOON) == 1
    counts = initiatives.counts(pks=[pk])[pk]
    assert (counts.told, counts.cannot) == (1, 1)


def test_telling_begins_only_when_it_is_done_and_written(company: dict[str, int]):
    pk = _begun(company["mark"])
    with pytest.raises(changed.WrongInitiative):
        initiatives.begin_telling(pk=pk, by="mark", now=NOON)
    with pytest.raises(changed.WrongInitiative):
        initiatives.publish(pk=pk, on=True, by="mark", now=NOON)
