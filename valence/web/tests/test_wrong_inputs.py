"""Promises of what somebody types into an address: no page breaks, whatever stands in it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
FIELDS = (
    "act_within", "all", "became_within", "began", "chance", "day", "days", "department", "fact", "handoff", "hurt",
    "id", "journey", "kind", "likely", "over", "q", "reason", "region", "row", "segment", "shown", "since", "sort",
    "source", "start", "state", "survey", "theme", "tone", "until", "verdict", "week", "who", "with_us",
)  # fmt: skip
WRONG = {
    "below nothing": "-1",
    "huge": "9" * 30,
    "no number": "1e999",
    "not a day": "0000-13-45",
    "the end of time": "9999-12-31",
    "a NUL": "a\0b",
    "long": "x" * 3_000,
    "a hand-off of nothing": "~",
    "letters of others": "Ünïcödé 😀 ‮ %s {} <b>",
}
KEYS = (
    {},
    {"key": 1},
    {"number": 1},
    {"pk": 1},
    {"slug": "abc"},
    {"source": "a\nb"},
    {"token": "x" * 500},
    {"name": "x"},
)
STRANGE = ("0", "-1", "9223372036854775808", "9" * 40, "abc", "%00", "x" * 3_000)
NOT_LOOKED_AT = {"signout", "healthz"}


def pages() -> list[str]:
    """Return an address of every page that can be asked for by an address alone, or with a sample of what it takes."""
    found = []
    for pattern in get_resolver().url_patterns:
        name = getattr(pattern, "name", None) or ""
        if isinstance(pattern, URLPattern) and name and name not in NOT_LOOKED_AT:
            for sample in KEYS:
                try:
                    found.append(reverse(name, kwargs=sample))
                    break
                except NoReverseMatch:
                    continue
    return found


@pytest.fixture
def client(told: Cast) -> Client:
    client = Client(raise_request_exception=False)
    client.post("/signin/", {"username": "alice", "password": the_cast.PASSWORD})
    return client


@pytest.mark.parametrize("turn", range(0, len(WRONG), 3))
def test_no_page_breaks_on_filters_that_make_no_sense(client: Client, turn: int) -> None:
    """Each field holds another kind of nonsense in each turn."""
    kinds = list(WRONG.values())
    said = urlencode({name: kinds[(place + turn) % len(kinds)] for place, name in enumerate(FIELDS)})
    broken = [path for path in pages() if client.get(f"{path}?{said}").status_code >= 500]
    assert broken == []


def test_no_page_breaks_on_a_nul_in_any_filter(client: Client) -> None:
    said = urlencode(dict.fromkeys(FIELDS, WRONG["a NUL"]))
    lists = (
        "/",
        "/customers/",
        "/losses/",
        "/handoffs/",
        "/interactions/",
        "/promises/",
        "/search/",
        "/data/refused/0/",
    )
    assert {path: client.get(f"{path}?{said}").status_code for path in lists} == dict.fromkeys(lists, 200)


def test_no_page_breaks_on_what_is_not_there(client: Client) -> None:
    places = ("customers", "losses", "identities", "data/imports", "cases", "import")
    paths = [f"/{place}/{one}/" for place in places for one in STRANGE] + [f"/data/quality/{one}/" for one in STRANGE]
    answers = {path[:40]: client.get(path).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status >= 500} == {}
