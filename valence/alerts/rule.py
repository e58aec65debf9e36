"""A rule: a condition with what is to be done where it holds. Made from a plain table, checked, compiled once. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from valence.alerts import condition, fields

SLUG = re.compile(r"[a-z][a-z0-9_]{2,59}")
NUMBERS = {"severity": (1, 3), "cool_down_days": (0, 365), "fresh_days": (1, 90), "reply_hours": (1, 240)}
USUAL: Mapping[str, Any] = {
    "about": "interaction", "words": "", "severity": 2, "cool_down_days": 14, "fresh_days": 3, "reply_hours": 9,
    "department": "", "playbook": "", "skill": "",
}  # fmt: skip


class WrongRule(ValueError):  # noqa: N818  it is said to people as such
    """A rule that cannot be taken. The text says what to change."""


@dataclass(frozen=True)
class Rule:
    """What raises an alert, and for whom.

    severity: 1 can wait, 2 usual, 3 urgent. cool_down_days: how long it is quiet about a customer after it fired.
    fresh_days: about what lies further back than that it says nothing. reply_hours: within how many business hours
    somebody has to act. department: whose it is, "" the one that was responsible. skill: what who takes it must know.
    """

    name: str
    title: str
    about: fields.About
    condition: condition.Condition
    words: str
    severity: int
    cool_down_days: int
    fresh_days: int
    reply_hours: int
    department: str
    playbook: str
    skill: str
    version: int = 0

    @property
    def asks(self) -> frozenset[str]:
        """The fields that its condition asks for."""
        return condition.fields_of(condition=self.condition)

    @property
    def kinds(self) -> frozenset[str] | None:
        """The kinds of interactions that it can fire for; None: any."""
        return condition.kinds_of(condition=self.condition)


@dataclass(frozen=True)
class Wrong:
    """A rule that cannot be taken, by the name it gives itself, and what to change."""

    name: str
    why: str


def sorted_out(*, tables: Sequence[Mapping[str, Any]]) -> tuple[tuple[Rule, ...], tuple[Wrong, ...]]:
    """Return the rules that tables say, and those that cannot be taken: one wrong rule keeps no other out."""
    taken: list[Rule] = []
    wrong: list[Wrong] = []
    for table in tables:
        try:
            taken.append(made(table=table))
        except (WrongRule, condition.WrongCondition) as problem:
            wrong.append(Wrong(name=str(table.get("name", ""))[:60], why=str(problem)))
    return tuple(taken), tuple(wrong)


def made(*, table: Mapping[str, Any], version: int = 0) -> Rule:
    """Return the rule that a table says. Raises WrongRule or condition.WrongCondition."""
    unknown = sorted(set(table) - set(USUAL) - {"name", "title", "when"})
    if unknown:
        raise WrongRule(f"A rule has no “{unknown[0][:40]}”.")
    given = {**USUAL, **table}
    name, title = _text(given, "name", 60), _text(given, "title", 120)
    if not SLUG.fullmatch(name):
        raise WrongRule("The name of a rule is made of small letters, digits and underscores, 3 to 60 of them.")
    if not title.strip():
        raise WrongRule("Give the rule a title that says what happened.")
    if given["about"] not in set(fields.About):
        raise WrongRule("A rule is about interactions, customers or promises.")
    about = fields.About(given["about"])
    return Rule(
        name=name,
        title=title.strip(),
        about=about,
        condition=condition.parse(written=given.get("when"), about=about),
        words=_text(given, "words", 300),
        department=_text(given, "department", 100),
        playbook=_text(given, "playbook", 60),
        skill=_text(given, "skill", 60),
        version=version,
        **{field: _whole(given, field) for field in NUMBERS},
    )


def table_of(*, rule: Rule) -> dict[str, Any]:
    """Return a rule as it is written: `made` gives it back."""
    plain = {name: getattr(rule, name) for name in USUAL if name != "about"}
    when = condition.written(condition=rule.condition)
    return {"name": rule.name, "title": rule.title, "about": rule.about.value, **plain, "when": when}


def numbered(*, rule: Rule, version: int) -> Rule:
    """Return the rule as a version of it."""
    return replace(rule, version=version)


def _text(given: Mapping[str, Any], field: str, most: int) -> str:
    value = given.get(field, "")
    if not isinstance(value, str) or len(value) > most:
        raise WrongRule(f"{field}: write at most {most} letters.")
    return value


def _whole(given: Mapping[str, Any], field: str) -> int:
    low, high = NUMBERS[field]
    value = given[field]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise WrongRule(f"{field}: write a whole number from {low} to {high}.")
    return value
