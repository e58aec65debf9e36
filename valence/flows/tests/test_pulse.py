"""Employees are asked without anybody being told apart: only groups that are large enough ride on a link."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence.flows.ask import answering, pulse, surveying
from valence.surveys import queries
from valence.surveys.survey import SurveyError

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def listed(folder: Path, *, field: int = 6, store: int = 2) -> Path:
    people = [f"p{number}@x,de,field" for number in range(field)] + [f"s{number}@x,en,store" for number in range(store)]
    path = folder / "staff.csv"
    path.write_text("\n".join(["whom,language,department", *people]), encoding="utf-8")
    return path


def test_only_groups_of_five_or_more_are_told(tmp_path: Path) -> None:
    assert pulse.groups(pulse.read(path=listed(tmp_path))) == {"department: field": 6}


@pytest.mark.parametrize("text", ["whom\na\nb", "who\na\nb\nc\nd\ne", "whom\na\na\nb\nc\nd", ""])
def test_a_list_that_is_too_short_or_names_somebody_twice_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(pulse.WrongList):
        pulse.read(path=path)


@pytest.mark.django_db
def test_each_gets_a_link_in_their_language_and_no_row_names_anybody(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home").mkdir()
    slug = surveying.draft(template="pulse", name="Pulse", channel="", by="test", now=NOW)
    surveying.launch(slug=slug, by="test", now=NOW)
    staff = pulse.read(path=listed(tmp_path))
    links = pulse.invite(survey=slug, staff=staff, by="test", now=NOW)
    assert [row["whom"] for row in links] == [one.whom for one in staff]
    opened = [answering.opened(token=row["link"].strip("/").split("/")[-1]) for row in links]
    invitations = [one.invitation for one in opened if one]
    assert [one.language for one in invitations] == ["de"] * 6 + ["en"] * 2
    assert {one.customer_key for one in invitations} == {None}
    assert [dict(one.about) for one in invitations[-2:]] == [{}, {}]
    assert queries.one(slug=slug).survey.purpose == "staff"


@pytest.mark.django_db
def test_staff_are_not_asked_what_customers_are(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home").mkdir()
    slug = surveying.draft(template="nps", name="For customers", channel="", by="test", now=NOW)
    surveying.launch(slug=slug, by="test", now=NOW)
    with pytest.raises(SurveyError):
        pulse.invite(survey=slug, staff=pulse.read(path=listed(tmp_path)), by="test", now=NOW)
