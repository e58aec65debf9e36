"""What each role may do, and how long a name must wait after wrong passwords. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from valence.terms import Role

FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)


class Act(StrEnum):
    """Something that a member of staff may be allowed to do."""

    LOOK = "look"
    REACH = "reach"
    EXPORT = "export"
    SEE_MODEL = "see_model"
    CHANGE_MODEL = "change_model"
    SEE_DATA = "see_data"
    SEE_QUALITY = "see_quality"
    FEEDS = "feeds"
    IMPORT = "import"
    SEE_SURVEYS = "see_surveys"
    SEE_INTEGRITY = "see_integrity"
    CHANGE_SURVEYS = "change_surveys"
    SETTINGS = "settings"
    CASES = "cases"
    RULES = "rules"
    CORRECT = "correct"


_LOOK = frozenset({Act.LOOK})
_SERVE = _LOOK | {Act.REACH}
_MANAGE = _SERVE | {
    Act.CASES,
    Act.RULES,
    Act.CORRECT,
    Act.EXPORT,
    Act.SEE_MODEL,
    Act.SEE_QUALITY,
    Act.SEE_SURVEYS,
    Act.SEE_INTEGRITY,
}
_ANALYSE = _MANAGE | {Act.CHANGE_MODEL, Act.SEE_DATA, Act.IMPORT, Act.CHANGE_SURVEYS}
_ALLOWED = {
    Role.VIEWER: _LOOK,
    Role.CASE_OWNER: _SERVE | {Act.CASES},
    Role.MANAGER: _MANAGE,
    Role.ANALYST: _ANALYSE,
    Role.ADMINISTRATOR: _ANALYSE | {Act.SETTINGS, Act.FEEDS},
}
ROLE_WORDS = {
    Role.ADMINISTRATOR: "Administrator",
    Role.ANALYST: "Analyst",
    Role.MANAGER: "Manager of regions",
    Role.CASE_OWNER: "Case owner",
    Role.VIEWER: "Viewer",
}


def allowed(*, role: Role) -> frozenset[Act]:
    """Return everything that a role may do."""
    return _ALLOWED[role]


def next_try_at(*, failures: int, last_failed_at: datetime) -> datetime:
    """Return from when a name may be tried again after so many wrong passwords in a row.

    Five tries are free; each further one doubles the wait from two seconds to a quarter of an hour.
    """
    if failures < FREE_TRIES:
        return last_failed_at
    wait = timedelta(seconds=2.0 ** min(failures - FREE_TRIES + 1, 12))
    return last_failed_at + min(wait, LONGEST_WAIT)


def is_forgotten(*, last_failed_at: datetime, now: datetime) -> bool:
    """Say whether wrong passwords lie so far back that they no longer count."""
    return now - last_failed_at > 2 * LONGEST_WAIT


def is_last_administrator(*, role: Role, active: bool, other_administrators: int) -> bool:
    """Say whether a change to this role and state would leave nobody who may administer."""
    return other_administrators == 0 and not (role is Role.ADMINISTRATOR and active)
