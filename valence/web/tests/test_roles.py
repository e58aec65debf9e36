"""Promises of roles: whatever address somebody types, no page gives more than the role may have."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db

# What everybody who is signed in may open, whatever the role: looking, and one's own account.
LOOKING = {
    "today", "customers", "customer", "interaction", "losses", "loss", "handoffs", "promises", "interactions",
    "search", "answers", "scores", "account", "theme", "card", "signin", "signout", "started", "prospects",
    "comments", "comment", "themes", "growing", "digest", "expectations", "expected_rows", "fit", "fit_rows", "plans",
}  # fmt: skip
# Who answers a survey is no member of staff and proves it by a signed link: tested beside those pages.
NOT_STAFFS = (
    "healthz",
    "survey_decline",
    "survey_privacy",
    "invitation",
    "respond",
    "paper_",
    "stop_link",
    "text_",
    "changes",
)
SAMPLES = (
    {},
    {"slug": "abc"},
    {"slug": "abc", "name": "x"},
    {"slug": "abc", "language": "en"},
    {"key": 1},
    {"number": 1},
    {"pk": 1},
    {"token": "abc"},
    {"code": "abc"},
    {"name": "abc"},
    {"team": "abc"},
)


def addresses() -> Iterator[tuple[str, str]]:
    """Yield name and address of every page that is not for everybody."""
    for pattern in get_resolver().url_patterns:
        name = getattr(pattern, "name", None) or ""
        if not isinstance(pattern, URLPattern) or name in {*LOOKING, "survey"} or name.startswith(NOT_STAFFS):
            continue
        for sample in SAMPLES:
            try:
                yield name, reverse(name, kwargs=sample)
                break
            except NoReverseMatch:
                continue


# Whose work cases are, opens the list of them; each case is asked for by its number.
WORKING = {"cases", "initiatives", "my_digest", "spots", "standards", "bad_encounters", "win_back"}


@pytest.mark.parametrize(("person", "works"), [("vera", set()), ("carl", WORKING)])
def test_who_may_only_look_gets_nothing_else_by_any_address(cast: Cast, person: str, works: set[str]) -> None:
    client = Client()
    client.post("/signin/", {"username": person, "password": the_cast.PASSWORD})
    found = [(name, address) for name, address in addresses() if name not in works]
    assert len(found) > 15
    for name, address in found:
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in {403, 404, 405}, (name, address, answer.status_code)


def test_nobody_gets_anything_without_signing_in(cast: Cast) -> None:
    for name, address in addresses():
        answer = Client().get(address)
        assert answer.status_code in {302, 404, 405}, (name, address, answer.status_code)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/signin/"), name


def test_a_section_opens_the_first_of_its_pages_that_somebody_may_see(cast: Cast) -> None:
    opened = {}
    for person in ("alice", "mark", "vera"):
        client = Client()
        client.post("/signin/", {"username": person, "password": the_cast.PASSWORD})
        link = re.search(r'href="([^"]+)" data-go="data"', client.get("/").content.decode())
        opened[person] = link[1] if link else ""
    assert opened == {"alice": reverse("data"), "mark": reverse("quality"), "vera": ""}
