"""Every number on every page opens the rows behind it, and their count equals the number."""

from collections.abc import Iterator

import httpx
import pytest
from lxml import html

STARTS = ["/", "/customers/", "/losses/", "/handoffs/", "/model/", "/data/", "/data/quality/", "/interactions/"]


def _numbers(page: httpx.Response) -> Iterator[tuple[str, int]]:
    for link in html.fromstring(page.text).xpath("//a[@data-count]"):
        yield link.get("href"), int(link.get("data-count"))


def _rows_behind(client: httpx.Client, page: httpx.Response, href: str) -> int:
    behind = client.get(page.url.join(href))
    assert behind.status_code == 200, href
    totals = html.fromstring(behind.text).xpath("//*[@data-total]/@data-total")
    assert totals, f"{href} opens no rows"
    return int(totals[0])


@pytest.mark.parametrize("start", STARTS)
def test_each_number_equals_the_count_of_its_rows(signed_in: httpx.Client, start: str):
    page = signed_in.get(start)
    assert page.status_code == 200
    wrong = [
        (href, count, rows)
        for href, count in dict.fromkeys(_numbers(page))
        if (rows := _rows_behind(signed_in, page, href)) != count
    ]
    assert wrong == []


def test_a_customers_and_a_losses_numbers_open_their_rows_too(signed_in: httpx.Client):
    for start in ("/customers/", "/losses/"):
        rows = html.fromstring(signed_in.get(start).text).xpath("//table//th[@scope='row']//a/@href")
        page = signed_in.get(rows[0])
        for href, count in dict.fromkeys(_numbers(page)):
            assert _rows_behind(signed_in, page, href) == count, href


def test_what_came_in_opens_its_rows_from_the_pages_of_imports_and_of_each_source(signed_in: httpx.Client):
    walked = 0
    for start, within in (("/data/", "/data/imports/"), ("/data/quality/", "/data/quality/")):
        links = html.fromstring(signed_in.get(start).text).xpath("//main//table//th[@scope='row']//a/@href")
        for address in [link for link in links if link.startswith(within)][:3]:
            page = signed_in.get(address)
            for href, count in list(dict.fromkeys(_numbers(page)))[:8]:
                assert _rows_behind(signed_in, page, href) == count, href
                walked += 1
    assert walked >= 4


def test_there_are_numbers_to_walk(signed_in: httpx.Client):
    assert sum(len(list(_numbers(signed_in.get(start)))) for start in STARTS) >= 12
