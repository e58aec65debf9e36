"""A standard: which interactions count, which of them meet it, and what share should. Made from a plain table. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from valence.alerts import condition, fields
from valence.alerts.condition import FALSE, TRUE, Table, Verdicts

SLUG = re.compile(r"[a-z][a-z0-9_]{2,59}")
KEYS = frozenset({"name", "title", "words", "of", "met", "target"})
LEAST, MOST = 0.5, 0.999
# What is known only of a moment that is gone, or later, cannot be counted over the past.
NOT_COUNTED = fields.BOND | fields.CUSTOMER | fields.LATER | fields.JOURNEY | fields.AROUND


class WrongStandard(ValueError):  # noqa: N818  it is said to people as such
    """A standard that cannot be taken. The text says what to change."""


@dataclass(frozen=True)
class Standard:
    """What should happen, and how often. `of`: the interactions that count; `met`: those that meet it.

    Where an interaction does not tell whether it met the standard, it does not count. target: a share, 0..1.
    """

    name: str
    title: str
    words: str
    of: condition.Condition
    met: condition.Condition
    target: float
    version: int = 0

    @property
    def asks(self) -> frozenset[str]:
        """The fields that it asks for."""
        return condition.fields_of(condition=self.of) | condition.fields_of(condition=self.met)


def made(*, table: Mapping[str, Any], version: int = 0) -> Standard:
    """Return the standard that a table says. Raises WrongStandard or condition.WrongCondition."""
    unknown = sorted(set(table) - KEYS)
    if unknown:
        raise WrongStandard(f"A standard has no “{unknown[0][:40]}”.")
    name, title = _text(table, "name", 60), _text(table, "title", 120).strip()
    if not SLUG.fullmatch(name):
        raise WrongStandard("The name of a standard is made of small letters, digits and underscores, 3 to 60 of them.")
    if not title:
        raise WrongStandard("Give the standard a title that says what should happen.")
    of, met = (condition.parse(written=table.get(part), about=fields.About.INTERACTION) for part in ("of", "met"))
    found = Standard(name, title, _text(table, "words", 300), of, met, _share(table), version)
    wrong = sorted(found.asks & NOT_COUNTED)
    if wrong:
        raise WrongStandard(
            f"A standard asks only what an interaction itself tells, not {fields.FIELDS[wrong[0]].said}."
        )
    return found


def table_of(*, standard: Standard) -> dict[str, Any]:
    """Return a standard as it is written: `made` gives it back."""
    return {
        "name": standard.name,
        "title": standard.title,
        "words": standard.words,
        "of": condition.written(condition=standard.of),
        "met": condition.written(condition=standard.met),
        "target": standard.target,
    }


def aimed(*, standard: Standard, target: float) -> Standard:
    """Return the standard with another target. Raises WrongStandard."""
    return replace(standard, target=_share({"target": target}))


def judged(*, standard: Standard, table: Table) -> Verdicts:
    """Return for each row (n,) whether it met the standard: 1, 0, or -1 where it does not count."""
    counts = condition.evaluate(condition=standard.of, table=table) == TRUE
    met = condition.evaluate(condition=standard.met, table=table)
    verdicts: Verdicts = np.where(counts & (met != condition.UNKNOWN), np.where(met == TRUE, TRUE, FALSE), -1).astype(
        np.int8
    )
    return verdicts


def _text(given: Mapping[str, Any], field: str, most: int) -> str:
    value = given.get(field, "")
    if not isinstance(value, str) or len(value) > most:
        raise WrongStandard(f"{field}: write at most {most} letters.")
    return value


def _share(given: Mapping[str, Any]) -> float:
    value = given.get("target")
    if isinstance(value, bool) or not isinstance(value, int | float) or not LEAST <= value <= MOST:
        raise WrongStandard("target: write a share from 0.5 to 0.999, such as 0.95.")
    return float(value)
