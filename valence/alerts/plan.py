"""Plans: what should come after what, and within how many days, as a pack or a file says it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.alerts import condition, fields
from valence.alerts.condition import TRUE, Table

SLUG = re.compile(r"[a-z][a-z0-9_]{2,59}")
KEYS = frozenset({"name", "title", "words", "begins", "window_days", "step"})
STEP_KEYS = frozenset({"name", "title", "of", "within_days", "once"})
MOST_STEPS, MOST_DAYS = 12, 365
# What a plan may not ask for: it is read from interactions alone.
ASKED = fields.of_group(group=fields.Group.INTERACTION)


class WrongPlan(ValueError):  # noqa: N818  it is said to people as such
    """A plan that cannot be taken. The text says what to change."""


@dataclass(frozen=True)
class Step:
    """A step: the interactions that are it, within how many days from the beginning, whether a second one is a slip."""

    name: str
    title: str
    of: condition.Condition
    within_days: int
    once: bool


@dataclass(frozen=True)
class Plan:
    """What should come after what. `begins`: the interactions with which a run begins; it lasts `window_days`."""

    name: str
    title: str
    words: str
    begins: condition.Condition
    window_days: int
    steps: tuple[Step, ...]


def made(*, table: Mapping[str, Any]) -> Plan:
    """Return the plan that a table says. Raises WrongPlan or condition.WrongCondition."""
    _known(table, KEYS, "A plan")
    steps = table.get("step")
    if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_STEPS:
        raise WrongPlan(f"A plan has 1 to {MOST_STEPS} steps.")
    made_ = tuple(_step(step) for step in steps)
    if len({one.name for one in made_}) < len(made_):
        raise WrongPlan("Two steps have the same name.")
    window = _days(table, "window_days", "A plan")
    if window < max(one.within_days for one in made_):
        raise WrongPlan("window_days: a step may come later than the plan lasts.")
    return Plan(*_named(table, "A plan"), _text(table, "words", 300), _asking(table.get("begins")), window, made_)


def table_of(*, plan: Plan) -> dict[str, Any]:
    """Return a plan as it is written: `made` gives it back."""
    return {
        "name": plan.name,
        "title": plan.title,
        "words": plan.words,
        "window_days": plan.window_days,
        "begins": condition.written(condition=plan.begins),
        "step": [
            {
                "name": one.name,
                "title": one.title,
                "within_days": one.within_days,
                "once": one.once,
                "of": condition.written(condition=one.of),
            }
            for one in plan.steps
        ],
    }


def sorted_out(*, tables: Sequence[Mapping[str, Any]]) -> tuple[tuple[Plan, ...], tuple[tuple[str, str], ...]]:
    """Return the plans that tables say, and those (name, why) that cannot be taken: one wrong plan keeps no other out.

    Of two with the same name the later one counts.
    """
    taken: dict[str, Plan] = {}
    wrong = []
    for table in tables:
        try:
            one = made(table=table)
            taken[one.name] = one
        except (WrongPlan, condition.WrongCondition) as problem:
            wrong.append((str(table.get("name", ""))[:60], str(problem)))
    return tuple(taken.values()), tuple(wrong)


def holds(*, asked: condition.Condition, table: Table) -> NDArray[np.bool_]:
    """Return for each row (n,) whether it is what was asked for; what it does not tell is not."""
    found: NDArray[np.bool_] = condition.evaluate(condition=asked, table=table) == TRUE
    return found


def _step(given: object) -> Step:
    if not isinstance(given, dict):
        raise WrongPlan("A step is a table.")
    _known(given, STEP_KEYS, "A step")
    once = given.get("once", False)
    if not isinstance(once, bool):
        raise WrongPlan("once: write true or false.")
    return Step(*_named(given, "A step"), _asking(given.get("of")), _days(given, "within_days", "A step"), once)


def _asking(written: object) -> condition.Condition:
    found = condition.parse(written=written, about=fields.About.INTERACTION)
    beyond = sorted(condition.fields_of(condition=found) - ASKED)
    if beyond:
        raise WrongPlan(f"A plan asks only what an interaction itself tells, not {fields.FIELDS[beyond[0]].said}.")
    return found


def _known(given: Mapping[str, Any], keys: frozenset[str], what: str) -> None:
    unknown = sorted(set(given) - keys)
    if unknown:
        raise WrongPlan(f"{what} has no “{unknown[0][:40]}”.")


def _named(given: Mapping[str, Any], what: str) -> tuple[str, str]:
    name, title = _text(given, "name", 60), _text(given, "title", 120).strip()
    if not SLUG.fullmatch(name):
        raise WrongPlan(f"{what} has a name of small letters, digits and underscores, 3 to 60 of them.")
    if not title:
        raise WrongPlan(f"{what} has a title that says what should happen.")
    return name, title


def _text(given: Mapping[str, Any], field: str, most: int) -> str:
    value = given.get(field, "")
    if not isinstance(value, str) or len(value) > most:
        raise WrongPlan(f"{field}: write at most {most} letters.")
    return value


def _days(given: Mapping[str, Any], field: str, what: str) -> int:
    value = given.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_DAYS:
        raise WrongPlan(f"{what} has {field}: a whole number from 1 to {MOST_DAYS}.")
    return value
