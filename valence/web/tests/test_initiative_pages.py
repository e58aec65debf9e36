"""Initiatives on screen: begun, gathered from cases, done, told; and what everybody may read of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from valence.alerts import actions, queries
from valence.cases import initiatives
from valence.flows.act import casework
from valence.people.models import Person
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
FORM = {
    "act": "change",
    "title": "Every fee is named before it is billed",
    "words": "Nobody told us about the fee.",
    "department": "billing",
    "change_en": "We name every fee in the order now.",
}


def _in(name: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(name=name))
    return client


@pytest.fixture
def begun(told: Cast) -> int:
    """An initiative of Mark's, and a case about Ines of Coast that it is about."""
    now = datetime.now(UTC)
    casework.install(now=now, on=True)
    rule = queries.one(name="promise_broken").rule
    found = actions.Raise(rule, told.present[0], "", "", "billing", now, ("promise: broken",))
    actions.raise_alerts(found=[found], now=now)
    casework.open_cases(now=now)
    owner = str(Person.objects.get(name="mark").pk)
    made = _in("mark").post("/cases/initiatives/new/", {**FORM, "owner": owner})
    assert made.status_code == 302, made.content.decode()[:2000]
    return int(re.search(r"/initiatives/(\d+)/", made["Location"])[1])  # type: ignore[index]


def test_it_goes_from_what_they_said_to_everybody_knowing(begun: int):
    mark, page = _in("mark"), f"/cases/initiatives/{begun}/"
    assert mark.post(page, {"act": "tell"}).status_code == 422
    assert mark.post(page, {"act": "gather", "days": "90", "cases": "1"}).status_code == 302
    shown = mark.get(page).content.decode()
    assert "Ines Caldera" in shown
    assert "We name every fee in the order now." in shown
    assert Client().get("/changes/").status_code == 404
    for act in ({"act": "settle", "state": "done"}, {"act": "tell"}, {"act": "publish", "on": "1"}):
        assert mark.post(page, act).status_code == 302
    assert initiatives.one(pk=begun).telling_from is not None
    public = Client().get("/changes/")
    assert public.status_code == 200
    assert "We name every fee" in public.content.decode()
    assert "Ines" not in public.content.decode()
    assert public["Cache-Control"] == "public, max-age=300"


def test_a_case_joins_an_initiative_from_its_own_page(begun: int):
    mark = _in("mark")
    [case] = re.findall(r"/cases/(\d+)/", mark.get("/cases/").content.decode())
    assert mark.post(f"/cases/{case}/act/", {"act": "join", "initiative": str(begun)}).status_code == 302
    assert "Every fee is named" in mark.get(f"/cases/{case}/").content.decode()
    assert initiatives.counts(pks=[begun])[begun].voices == 1


def test_case_owners_look_and_change_nothing(begun: int):
    carl, page = _in("carl"), f"/cases/initiatives/{begun}/"
    assert carl.get(page).status_code == 200
    assert carl.post(page, {"act": "settle", "state": "done"}).status_code == 403
    assert _in("vera").get(page).status_code == 403


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(begun: int):
    wrong = _in("mark").post(f"/cases/initiatives/{begun}/", {**FORM, "owner": "0", "title": "Kept words"})
    assert wrong.status_code == 422
    assert "Choose who changes it" in wrong.content.decode()
    assert "Kept words" in wrong.content.decode()
