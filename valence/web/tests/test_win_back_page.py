"""Promises of the page of winning back: every number opens its rows; a manager opens cases for those marked."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from valence.cases.models import Case
from valence.flows.act import casework, winning_back
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
PATH = "/losses/winback/"


@pytest.fixture(autouse=True)
def playbooks(cast: Cast) -> None:
    casework.install(now=NOON)


def client(name: str = "alice") -> Client:
    found = Client()
    found.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return found


def total(who: Client, address: str) -> int:
    found = re.search(r'data-total="(\d+)"', who.get(address.replace("&amp;", "&")).content.decode())
    assert found, address
    return int(found[1])


@pytest.mark.parametrize(("group", "number"), [("lost", 7), ("leaving", 12), ("unhappy", 0)])
def test_every_number_opens_its_rows(group: str, number: int) -> None:
    alice = client()
    address = f"{PATH}?group={group}&days=730"
    assert total(alice, address) == number
    text = alice.get(address).content.decode()
    links = re.findall(r'href="([^"]+)"[^>]*data-count="(\d+)"', text)
    assert len(links) == 4
    for href, count in links:
        assert total(alice, href) == int(count), href


@pytest.mark.parametrize(("group", "among"), [("lost", "the latest 3"), ("leaving", "the first 3")])
def test_where_there_are_more_than_it_looks_at_the_page_says_so(
    group: str, among: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = client().get(f"{PATH}?group={group}&days=730").content.decode()
    monkeypatch.setattr(winning_back, "MOST", 3)
    text = client().get(f"{PATH}?group={group}&days=730").content.decode()
    assert among in text
    assert among not in whole
    assert total(client(), f"{PATH}?group={group}&days=730") <= 3


def test_a_manager_opens_cases_of_their_regions_and_a_case_owner_none(cast: Cast) -> None:
    everybody = {"key": [str(key) for key in (*cast.gone, *cast.present)]}
    assert client("carl").post(PATH, everybody).status_code == 403
    assert client("vera").get(PATH).status_code == 403
    mine = total(client("mark"), PATH)
    assert 0 < mine < 7
    client("mark").post(f"{PATH}?days=730", everybody)
    assert Case.objects.count() == mine
    assert set(Case.objects.values_list("customer__region", flat=True)) == {"Coast"}
    assert "In a case" in client("mark").get(PATH).content.decode()


def test_what_makes_no_sense_is_left_out() -> None:
    assert total(client(), f"{PATH}?group=x&cause=y&now=7&days=730") == 7
    assert client().post(PATH, {"key": ["x", "9" * 40]}).status_code == 302
