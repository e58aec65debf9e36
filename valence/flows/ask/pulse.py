"""The pulse of employees: a staff list is asked by links that tell nobody apart, and only groups are ever shown.

A link holds the group (`department`, `location_id`), which an answer hands on. Who got which link is told once, in the
file that is written, and kept nowhere: an answer can be traced to no one. Groups are asked only where they are large
enough; smaller ones are asked as part of everybody.
"""

from __future__ import annotations

import csv
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from valence import organisation
from valence.home import Home
from valence.people import audit
from valence.surveys import actions, queries
from valence.surveys.survey import Purpose, SurveyError
from valence.surveys.values import Invitee

FEWEST = 5
MOST = 100_000
OPEN_FOR = timedelta(days=21)
GROUPS = ("department", "location_id")


class WrongList(ValueError):  # noqa: N818 - named as people say it
    """A staff list that cannot be used; the message says why."""


@dataclass(frozen=True)
class Member:
    """Somebody on a staff list: how the link is handed on (`whom`, told only in the file), and their groups."""

    whom: str
    language: str
    groups: Mapping[str, str]


def read(*, path: Path) -> list[Member]:
    """Return the people of a CSV file with the columns `whom`, and `language`, `department`, `location_id`.

    Raises WrongList.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise WrongList(f"{path.name} cannot be read: {problem}") from None
    if not rows or "whom" not in rows[0]:
        raise WrongList(f"{path.name} has no column `whom`, or nobody in it.")
    if not FEWEST <= len(rows) <= MOST:
        raise WrongList(f"{path.name} holds {len(rows)} people; a pulse needs {FEWEST} to {MOST:,}.")
    if len({row["whom"] for row in rows}) < len(rows):
        raise WrongList(f"{path.name} names somebody twice.")
    return [Member((row["whom"] or "").strip(), (row.get("language") or "").strip(), _groups_of(row)) for row in rows]


def groups(staff: Sequence[Member]) -> dict[str, int]:
    """Return how many people are asked in each group that is large enough to be shown."""
    counted = Counter(f"{name}: {word}" for one in _large(staff) for name, word in one.groups.items())
    return dict(counted.most_common())


def invite(
    *, survey: str, staff: Sequence[Member], by: str, now: datetime, home: Home | None = None
) -> list[dict[str, Any]]:
    """Make a link for each of a staff list and return whom it goes to, told only here. Raises SurveyError.

    Invitations are stored in an order that tells nobody apart.
    """
    named = queries.one(slug=survey)
    if named.survey.purpose is not Purpose.STAFF:
        raise SurveyError(f"{survey} is not for staff: make one from the template `pulse`.")
    shuffled = secrets.SystemRandom().sample(_large(staff), len(staff))
    people = [
        Invitee(
            customer_key=None, channel="link", language=one.language, about=one.groups, known=one.groups,
            ends_at=now + OPEN_FOR,
        )
        for one in shuffled
    ]  # fmt: skip
    invited = actions.invite(slug=survey, people=people, now=now)
    audit.record(who=by, what="staff asked", about=f"{survey}: {len(invited)} people", now=now)
    address = organisation.of(folder=home.folder).address if home else ""
    links = {one.whom: f"{address}/s/{two.token}/" for one, two in zip(shuffled, invited, strict=True)}
    return [{"whom": one.whom, "link": links[one.whom]} for one in staff]


def _large(staff: Sequence[Member]) -> list[Member]:
    """Return the staff with only those groups that hold enough people to be shown."""
    counted = Counter((name, word) for one in staff for name, word in one.groups.items())
    return [
        Member(
            whom=one.whom,
            language=one.language,
            groups={name: word for name, word in one.groups.items() if counted[name, word] >= FEWEST},
        )
        for one in staff
    ]


def _groups_of(row: Mapping[str, str | None]) -> dict[str, str]:
    return {name: word for name in GROUPS if (word := (row.get(name) or "").strip())}
