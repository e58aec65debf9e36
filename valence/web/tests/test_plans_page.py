"""Promises of the page of plans: every number opens its runs, only of the regions that somebody may see."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from valence.alerts import kept_plans
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
PATH = "/plans/?plan=order_to_service"


def client(name: str = "alice") -> Client:
    found = Client()
    found.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return found


def total(who: Client, address: str) -> int:
    found = re.search(r'data-total="(\d+)"', who.get(address.replace("&amp;", "&")).content.decode())
    assert found, address
    return int(found[1])


@pytest.fixture
def runs(cast: Cast) -> Cast:
    """Twelve runs: every third late, one of these with a customer who left after; the last is not over."""
    found = [
        kept_plans.Run(
            key=key, plan="order_to_service", source="crm", interaction_id=f"o{n}",
            begun_at=NOON - timedelta(days=100 + n), department=("sales", "store")[n % 2],
            place=f"shop-{n % 2}" if n % 4 else "",
            slips=(("connected", "late"),) if n % 3 == 0 else (), is_open=n == 11, left_after=n == 0,
        )
        for n, key in enumerate(cast.present[:12])
    ]  # fmt: skip
    kept_plans.put(parts=[(cast.present, found)])
    return cast


def test_every_number_opens_its_runs(runs: Cast) -> None:
    alice = client()
    for by in ("department", "place", "region"):
        text = alice.get(f"{PATH}&by={by}").content.decode()
        links = [(href, number) for number, href in re.findall(r'data-count="(\d+)" href="([^"]+)"', text)]
        links += re.findall(r'href="([^"]+)"[^>]*data-count="(\d+)"', text)
        assert len(links) >= (12 if by == "place" else 10)
        for address, number in links:
            assert total(alice, address) == int(number), address
    assert "36" in alice.get(PATH).content.decode()  # 4 of 11 that are over


def test_only_runs_of_ones_own_regions_count(runs: Cast) -> None:
    assert total(client(), f"{PATH}&slipped=any") == 12
    assert total(client("mark"), f"{PATH}&slipped=any") == 4
    assert "Only Coast: your regions" in client("mark").get(PATH).content.decode()


def test_parts_of_an_address_that_make_no_sense_are_left_out(runs: Cast) -> None:
    assert total(client(), "/plans/?plan=nothing&slip=x:y&slipped=7&by=colour") == 0
    assert total(client(), f"{PATH}&slip=x:y&slipped=7&by=colour") == 12
