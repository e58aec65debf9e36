"""Promises of the pages Expectations and Fit: what was counted with its ranges, one's own regions, never a refusal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from valence.flows.act import expecting, fitting
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db

UNTIL = "2026-05-12T12:00:00+00:00"


def read(path: str, name: str = "alice") -> str:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client.get(path).content.decode()


def keep(name: str, **said: object) -> None:
    Path(settings.HOME.folder / name).write_text(json.dumps({"until": UNTIL, **said}), encoding="utf-8")


def visits() -> None:
    """Keep what nine quarters tell: of Coast's visits a third came late, and late ones are taken worse each year."""
    cells, spoken = [], []
    for place, quarter in enumerate(range(8096, 8105)):
        for region, times in (("Coast", 1), ("Valley", 2)):
            late = round(200 * (0.10 + 0.04 * place))
            cells.append(["visit", quarter, region, 0, 400 * times, 20 * times, 400 * times, 0, 0, 0, 0, ""])
            cells.append(["visit", quarter, region, 1, 200 * times, late * times, 200 * times, 0, 0, 0, 0, ""])
            cells.append(["visit", quarter, region, -1, 50 * times, 10 * times, 50 * times, 0, 0, 0, 0, ""])
            spoken.append([quarter, region, 40 * times, {"short": 4 * times, "as_expected": 2, "beyond": 1}, {}])
    keep("expectations.json", cells=cells, spoken=spoken)


def test_expectations_say_what_was_told_what_came_and_that_the_same_is_taken_worse(cast: Cast) -> None:
    assert "Nothing was counted yet" in read("/expectations/")
    visits()
    page = read("/expectations/")
    assert "Of <b>16,200</b> visits that were told beforehand, <b>66.7" in page
    assert "Customers expect more: the same shortfall is taken worse than a year before" in page
    assert "2026 Q1" in page
    assert "2024 Q1" in page
    assert "times as likely as where something was told" in page
    assert "All answers" not in page
    assert 'data-count="120"' in page  # answers and comments of a quarter


def opened(page: str, *, who: str = "alice") -> int:
    """Open every number of a page that leads to rows, and return how many there were."""
    links = re.findall(r'data-count="(\d+)" href="([^"]+)"', page)
    links += [(number, href) for href, number in re.findall(r'href="([^"]+)"[^>]*data-count="(\d+)"', page)]
    for number, href in links:
        if "rows" in href or "customers" in href:
            assert f'data-total="{number}"' in read(href.replace("&amp;", "&"), who), href
    return len(links)


def test_every_number_of_expectations_opens_its_rows(told: Cast) -> None:
    expecting.measure(now=the_cast.NOON)
    for about in ("visit", "bill", "promise"):
        assert opened(read(f"/expectations/?about={about}&reaction=again")) >= 8
    rows = read("/expectations/rows/?about=bill&came=otherwise")
    assert 'data-total="2"' in rows
    assert "Ines Caldera" in rows
    assert "Far from told" in rows
    assert "Nobody told me about the fee" in read("/expectations/rows/?about=words")
    assert 'data-total="1"' in read("/expectations/rows/?about=bill", "carl")  # the other one is of another region
    assert 'data-total="2"' in read("/expectations/rows/?about=bill&quarter=never&came=x&reaction=y&since=1")


def test_every_number_of_fit_opens_its_customers(told: Cast) -> None:
    fitting.measure(now=the_cast.NOON)
    rows = read("/losses/fit/customers/?field=segment&word=Business")
    assert 'data-total="16"' in rows
    assert "Stayed half a year" in rows
    assert 'data-total="0"' in read("/losses/fit/customers/?field=segment&word=Senior")
    assert 'data-total="17"' in read("/losses/fit/customers/?field=plan&word=Fibre 500", "mark")


def test_a_manager_sees_the_expectations_of_their_regions_only(cast: Cast) -> None:
    visits()
    assert "Of <b>5,400</b> visits that were told beforehand" in read("/expectations/", "mark")


def test_where_too_little_is_known_nothing_is_said(cast: Cast) -> None:
    visits()
    page = read("/expectations/?about=bill&reaction=again")
    assert "Nothing was counted yet" in page
    page = read("/expectations/?reaction=low_score")
    assert "cannot be said" in page
    assert read("/expectations/?about=nonsense&reaction=nonsense") != ""


def groups() -> None:
    def row(word: str, left: int) -> list[object]:
        days = 183.0
        return ["plan", word, "Coast", 200, 200 * days, left, 60.0, 80.0, 60 * days, 200 * days**2, ""]

    keep("fit.json", tallies=[row("Flex", 60), row("Basic", 6), row("Plus", 8), row("Senior", 90)])


def test_fit_names_whom_it_may_not_suit_and_never_what_people_are(cast: Cast) -> None:
    assert "Nothing can be said yet" in read("/losses/fit/")
    groups()
    page = read("/losses/fit/")
    assert "<b>1 of 3 groups</b> leaves far sooner" in page
    assert page.index("Flex") < page.index("Basic")
    assert "Senior" not in page
    assert "Nothing is ever refused by itself" in page
    assert "Nothing can be said yet" in read("/losses/fit/?by=channel")
