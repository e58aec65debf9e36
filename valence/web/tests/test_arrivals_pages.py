"""What came in can be opened: each count of new rows, and of rows that were in already, down to the rows themselves."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from valence.flows.gather import flush, imports, ingest
from valence.flows.tests import brought
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
HEADER = "interaction_id,source,customer_id,occurred_at,kind"
ROW = "{},crm,C-{},2025-01-01T00:00:00Z,contact"
PEOPLE = "customer_id,joined_at,region\nC-1,2024-01-01,Coast\nC-2,2024-02-01,Valley\nC-3,2024-03-01,Coast\n"


@pytest.fixture
def folder(cast: Cast, settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    with brought.home(settings, tmp_path / "a") as place:
        yield place


def brought_in(folder: Path, name: str, text: str) -> int:
    (folder / name).write_text(text)
    return imports.run(kind="csv", path=folder / name, by="alice", now=datetime.now(UTC)).number


def calls(*numbers: int) -> str:
    return "\n".join([HEADER, *(ROW.format(number, number % 3 + 1) for number in numbers)])


def page(name: str, address: str) -> str:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def counted(text: str) -> list[tuple[str, int]]:
    """Return every number of a page that opens rows: where, and how many."""
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*data-count="(\d+)"', text)
    return [(html.unescape(href), int(count)) for href, count in links]


def rows_behind(address: str) -> int:
    found = re.search(r'data-total="(\d+)"', page("alice", address))
    assert found, f"{address} opens no rows"
    return int(found[1])


def walk(address: str) -> int:
    """Hold each number of a page against its rows, and return how many there were."""
    numbers = counted(page("alice", address))
    assert [(href, count, rows_behind(href)) for href, count in numbers if rows_behind(href) != count] == []
    return len(numbers)


@pytest.mark.parametrize("flushed", [False, True])
def test_what_is_new_and_what_was_in_already_opens_its_rows(folder: Path, flushed: bool) -> None:
    people = brought_in(folder, "people.csv", PEOPLE)
    first = brought_in(folder, "first.csv", calls(1, 2, 3, 4))
    second = brought_in(folder, "second.csv", calls(3, 4, 5))
    if flushed:
        flush.run(now=datetime.now(UTC), everything=True)
    assert [walk(f"/data/imports/{number}/") for number in (people, first, second)] == [1, 1, 2]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    assert {(href.partition("?")[0], count) for href, count in counted(page("alice", "/data/quality/crm/"))} == {
        (f"/data/arrivals/{day}/crm/", 7), (f"/data/arrivals/{day}/crm/", 5), (f"/data/arrivals/{day}/crm/", 2)
    }  # fmt: skip
    assert walk("/data/quality/crm/") == 3
    assert walk(f"/data/arrivals/{day}/crm/") == 3
    assert walk(f"/data/arrivals/{day}/crm/?became=duplicate") == 2


def test_what_a_system_sends_again_over_http_opens_its_rows(folder: Path) -> None:
    brought_in(folder, "first.csv", calls(1, 2))
    sent = [
        dict(zip(HEADER.split(","), ROW.format(number, number % 3 + 1).split(","), strict=True)) for number in (2, 9)
    ]
    known = interaction_intake.KNOWN
    records = objects.side_by_side(objects=sent, known=known, numbers=range(1, len(sent) + 1))
    ingest.take_interactions(records=records, desk=ingest.Desk(), now=datetime.now(UTC))
    text = page("alice", f"/data/arrivals/{datetime.now(UTC):%Y-%m-%d}/crm/")
    [address] = [href for href, count in counted(text) if "again=0" in href and count == 1]
    assert rows_behind(address) == 1
    assert "a system over HTTP" in page("alice", address)


def test_nobody_is_told_of_more_customers_than_they_may_see(folder: Path) -> None:
    brought_in(folder, "people.csv", PEOPLE)
    number = brought_in(folder, "calls.csv", calls(1, 2, 3, 4))
    everybody, mine = (page(name, f"/interactions/?brought={number}") for name in ("alice", "mark"))
    assert 'data-total="4"' in everybody
    assert 'data-total="2"' in mine, "those of Coast"
    assert "calls.csv" not in page("vera", f"/interactions/?brought={number}"), "who sees no sources"


def test_a_number_promises_no_more_rows_than_there_are(folder: Path) -> None:
    first = brought_in(folder, "first.csv", calls(1, 2))
    brought_in(folder, "second.csv", f"{HEADER},revision,reason\n{ROW.format(1, 2)},1,moved")
    text = page("alice", f"/data/imports/{first}/")
    assert f'href="/interactions/?brought={first}"' in text, "it opens what is left"
    assert counted(text) == [], "and promises nothing"
    assert rows_behind(f"/interactions/?brought={first}") == 1
