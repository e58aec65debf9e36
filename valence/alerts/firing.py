"""Which rules fire for which rows: many rules put to many rows, only those that can hold. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from valence import packs, terms
from valence.alerts import condition, fields, saying
from valence.alerts.condition import Table
from valence.alerts.rule import Rule

LONGEST_REASON = 200
MOST_REASONS = 8
TELLS_LITTLE = frozenset({"kind", "scale", "source"})


@dataclass(frozen=True)
class Fired:
    """A rule held for a row, and why, in words."""

    rule: Rule
    row: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Ruleset:
    """Rules of one kind in force, compiled, found by the kinds of interactions they can fire for."""

    rules: tuple[Rule, ...]

    def asks(self) -> frozenset[str]:
        """Return every field that any of the rules asks for."""
        return frozenset().union(*(rule.asks for rule in self.rules)) if self.rules else frozenset()

    def possible(self, *, kinds: frozenset[str]) -> tuple[Rule, ...]:
        """Return the rules that can fire for interactions of these kinds."""
        return tuple(rule for rule in self.rules if rule.kinds is None or not rule.kinds.isdisjoint(kinds))


def candidates(*, rules: Sequence[Rule], table: Table) -> terms.Keys:
    """Return the rows for which a rule could still hold once what came before is known: those to look at in whole."""
    open_ = np.zeros(table.size, np.bool_)
    for rule in rules:
        if not rule.asks.isdisjoint(fields.JOURNEY):
            open_ |= condition.evaluate(condition=rule.condition, table=table) == condition.UNKNOWN
    return np.flatnonzero(open_)


def fired(*, rules: Sequence[Rule], table: Table, pack: packs.Pack, age_days: terms.Floats) -> list[Fired]:
    """Return what fires; age_days (n,): how long ago each row happened. Each rule looks only at what is fresh."""
    found: list[Fired] = []
    for rule in rules:
        holds = condition.evaluate(condition=rule.condition, table=table) == condition.TRUE
        rows = np.flatnonzero(holds & (age_days <= rule.fresh_days)).tolist()
        found += [Fired(rule, row, reasons(rule=rule, table=table, row=row, pack=pack)) for row in rows]
    return found


def reasons(*, rule: Rule, table: Table, row: int, pack: packs.Pack) -> tuple[str, ...]:
    """Return why a rule held for a row, in words."""
    held = condition.leaves_that_held(condition=rule.condition, table=table, row=row)
    telling = [leaf for leaf in held if leaf.field not in TELLS_LITTLE] or held
    said = (saying.reason(leaf=leaf, table=table, row=row, pack=pack) for leaf in telling)
    return tuple(dict.fromkeys(words[:LONGEST_REASON] for words in said if words))[:MOST_REASONS]
