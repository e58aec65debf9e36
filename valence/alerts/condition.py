"""Conditions: a small language without code. Parsed once, put to many rows side by side, three-valued. Pure.

A condition is a table: `{"all": [..]}`, `{"any": [..]}`, `{"not": ..}`, or a field with one test, such as
`{"field": "wait_minutes", "above": 20}`. What a row does not tell is unknown: neither true nor false, so it matches
nothing, nor does its opposite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import re2
from numpy.typing import NDArray

from valence.alerts import fields
from valence.terms import Floats, Words

MOST_DEEP = 6
MOST_TESTS = 60
MOST_WORDS = 200
LONGEST_WORD = 200
LONGEST_TEXT = 5_000
PATTERN_MEMORY = 1 << 20
TRUE, FALSE, UNKNOWN = np.int8(1), np.int8(0), np.int8(-1)

Verdicts = NDArray[np.int8]


class WrongCondition(ValueError):  # noqa: N818  it is said to people as such
    """A condition that cannot be taken. The text says where and why."""


class Test(StrEnum):
    """What may be asked of a field."""

    IS = "is"
    IN = "in"
    HAS = "has"
    MATCHES = "matches"
    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"
    KNOWN = "known"


@dataclass(frozen=True)
class Leaf:
    """One test of one field. `value`: a number, a word, a flag, or a tuple of words."""

    field: str
    test: Test
    value: float | str | bool | tuple[str, ...]


@dataclass(frozen=True)
class AllOf:
    """Everything holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """It does not hold."""

    part: Condition


Condition: TypeAlias = Leaf | AllOf | AnyOf | Not


@dataclass(frozen=True)
class Table:
    """Rows that a condition is put to, by name of field; a field that is not there is unknown in every row.

    words, numbers (n,): as in terms; flags are numbers 0 and 1. texts (n,): object arrays of str.
    """

    size: int
    words: Mapping[str, Words]
    numbers: Mapping[str, Floats]
    texts: Mapping[str, NDArray[np.object_]]

    def taken(self, rows: NDArray[np.int64]) -> Table:
        """Return some of the rows, in the order in which they are given."""
        return Table(
            size=len(rows),
            words={name: replace(each, codes=each.codes[rows]) for name, each in self.words.items()},
            numbers={name: values[rows] for name, values in self.numbers.items()},
            texts={name: values[rows] for name, values in self.texts.items()},
        )


_TESTS: Mapping[fields.Shape, frozenset[Test]] = {
    fields.Shape.WORD: frozenset({Test.IS, Test.IN, Test.MATCHES, Test.KNOWN}),
    fields.Shape.SET: frozenset({Test.HAS, Test.KNOWN}),
    fields.Shape.TEXT: frozenset({Test.MATCHES, Test.KNOWN}),
    fields.Shape.NUMBER: frozenset({Test.IS, Test.ABOVE, Test.AT_LEAST, Test.BELOW, Test.AT_MOST, Test.KNOWN}),
    fields.Shape.FLAG: frozenset({Test.IS, Test.KNOWN}),
}


def parse(*, written: object, about: fields.About) -> Condition:
    """Return a condition as it was written. Raises WrongCondition."""
    tests = [0]
    return _parse(written, about, 1, tests)


def written(*, condition: Condition) -> dict[str, Any]:
    """Return a condition as it is written: `parse` gives it back."""
    if isinstance(condition, Leaf):
        value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
        return {"field": condition.field, condition.test.value: value}
    if isinstance(condition, Not):
        return {"not": written(condition=condition.part)}
    name = "all" if isinstance(condition, AllOf) else "any"
    return {name: [written(condition=part) for part in condition.parts]}


def evaluate(*, condition: Condition, table: Table) -> Verdicts:
    """Return for each row (n,) whether the condition holds: 1, 0, or -1 where the row does not tell."""
    if isinstance(condition, Leaf):
        return _tested(condition, table)
    if isinstance(condition, Not):
        inside = evaluate(condition=condition.part, table=table)
        return np.where(inside == UNKNOWN, UNKNOWN, 1 - inside).astype(np.int8)
    verdicts = [evaluate(condition=part, table=table) for part in condition.parts]
    decides = FALSE if isinstance(condition, AllOf) else TRUE
    decided = np.any([verdict == decides for verdict in verdicts], axis=0)
    open_ = np.any([verdict == UNKNOWN for verdict in verdicts], axis=0)
    return np.where(decided, decides, np.where(open_, UNKNOWN, 1 - decides)).astype(np.int8)


def fields_of(*, condition: Condition) -> frozenset[str]:
    """Return the names of the fields that a condition asks for."""
    if isinstance(condition, Leaf):
        return frozenset({condition.field})
    parts = (condition.part,) if isinstance(condition, Not) else condition.parts
    return frozenset().union(*(fields_of(condition=part) for part in parts))


def kinds_of(*, condition: Condition) -> frozenset[str] | None:
    """Return the kinds of interactions that a condition can hold for; None: any."""
    if isinstance(condition, Leaf):
        if condition.field != "kind" or condition.test not in (Test.IS, Test.IN):
            return None
        return frozenset(condition.value if isinstance(condition.value, tuple) else (str(condition.value),))
    if isinstance(condition, Not):
        return None
    found = [kinds_of(condition=part) for part in condition.parts]
    named = [kinds for kinds in found if kinds is not None]
    if isinstance(condition, AllOf):
        return frozenset.intersection(*named) if named else None
    return frozenset().union(*named) if len(named) == len(found) else None


def leaves_that_held(*, condition: Condition, table: Table, row: int) -> tuple[Leaf, ...]:
    """Return the tests that made a condition hold for one row: its reasons."""
    one = _row(table, row)
    return tuple(_held(condition, one, wanted=True))


def _held(condition: Condition, table: Table, *, wanted: bool) -> list[Leaf]:
    verdict = evaluate(condition=condition, table=table)[0]
    if verdict != (TRUE if wanted else FALSE):
        return []
    if isinstance(condition, Leaf):
        return [condition] if wanted else []
    if isinstance(condition, Not):
        return _held(condition.part, table, wanted=not wanted)
    return [leaf for part in condition.parts for leaf in _held(part, table, wanted=wanted)]


def _row(table: Table, row: int) -> Table:
    keep = slice(row, row + 1)
    return Table(
        size=1,
        words={name: Words(codes=each.codes[keep], vocabulary=each.vocabulary) for name, each in table.words.items()},
        numbers={name: each[keep] for name, each in table.numbers.items()},
        texts={name: each[keep] for name, each in table.texts.items()},
    )


def _parse(given: object, about: fields.About, depth: int, tests: list[int]) -> Condition:
    if not isinstance(given, Mapping) or not given:
        raise WrongCondition("A condition is a table with `all`, `any`, `not` or `field`.")
    if depth > MOST_DEEP:
        raise WrongCondition(f"Conditions lie at most {MOST_DEEP} deep in one another.")
    if "field" in given:
        tests[0] += 1
        if tests[0] > MOST_TESTS:
            raise WrongCondition(f"A rule has at most {MOST_TESTS} tests.")
        return _leaf(given, about)
    if len(given) != 1:
        raise WrongCondition(f"One of `all`, `any`, `not` stands alone, not {_listed(given)}.")
    [(name, inside)] = given.items()
    if name == "not":
        return Not(_parse(inside, about, depth + 1, tests))
    if name not in ("all", "any"):
        raise WrongCondition(f"There is no “{_short(name)}”; there are `all`, `any`, `not` and `field`.")
    if not isinstance(inside, Sequence) or isinstance(inside, str) or not inside:
        raise WrongCondition(f"`{name}` holds a list of conditions.")
    parts = tuple(_parse(part, about, depth + 1, tests) for part in inside)
    return AllOf(parts) if name == "all" else AnyOf(parts)


def _leaf(given: Mapping[str, Any], about: fields.About) -> Leaf:
    name = given["field"]
    field = fields.FIELDS.get(name) if isinstance(name, str) else None
    if field is None or about not in field.about:
        raise WrongCondition(f"There is no field “{_short(name)}” for a rule about {about.said}.")
    tests = [key for key in given if key != "field"]
    if len(tests) != 1 or tests[0] not in {test.value for test in _TESTS[field.shape]}:
        ways = ", ".join(sorted(test.value for test in _TESTS[field.shape]))
        raise WrongCondition(f"{field.name} takes one of these tests: {ways}.")
    test = Test(tests[0])
    return Leaf(field=field.name, test=test, value=_value(field, test, given[tests[0]]))


def _value(field: fields.Field, test: Test, value: object) -> float | str | bool | tuple[str, ...]:
    if test is Test.KNOWN or field.shape is fields.Shape.FLAG:
        return _flag(field, value)
    if field.shape is fields.Shape.NUMBER:
        return _number(field, value)
    if test in (Test.IN, Test.HAS):
        many = value if isinstance(value, list | tuple) else [value]
        if not 1 <= len(many) <= MOST_WORDS:
            raise WrongCondition(f"{field.name}: give 1 to {MOST_WORDS} words.")
        return tuple(_word(field, one) for one in many)
    word = _word(field, value)
    if test is Test.MATCHES:
        pattern(written=word)
    return word


def _flag(field: fields.Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongCondition(f"{field.name}: write true or false.")
    return value


def _number(field: fields.Field, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise WrongCondition(f"{field.name}: write a number.")
    return float(value)


def _word(field: fields.Field, value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_WORD:
        raise WrongCondition(f"{field.name}: write a word of at most {LONGEST_WORD} letters.")
    return value


def pattern(*, written: str) -> Callable[[str], bool]:
    """Return a test of texts. RE2: no pattern takes longer than its text is long. Raises WrongCondition."""
    options = re2.Options()
    options.case_sensitive, options.max_mem, options.log_errors = False, PATTERN_MEMORY, False
    try:
        compiled = re2.compile(written, options)
    except re2.error as problem:
        raise WrongCondition(f"“{_short(written)}” is no pattern: {_said(problem)}") from None
    return lambda text: compiled.search(text[:LONGEST_TEXT]) is not None


def _said(problem: Exception) -> str:
    words = problem.args[0] if problem.args else ""
    return (words.decode(errors="replace") if isinstance(words, bytes) else str(words))[:120]


def _tested(leaf: Leaf, table: Table) -> Verdicts:
    field = fields.FIELDS[leaf.field]
    if leaf.field in table.numbers:
        return _tested_numbers(leaf, table.numbers[leaf.field])
    if leaf.field in table.words:
        return _tested_words(leaf, table.words[leaf.field], field)
    if leaf.field in table.texts:
        return _tested_texts(leaf, table.texts[leaf.field])
    unknown = FALSE if leaf.test is Test.KNOWN and leaf.value else TRUE
    return np.full(table.size, unknown if leaf.test is Test.KNOWN else UNKNOWN, np.int8)


def _tested_numbers(leaf: Leaf, values: Floats) -> Verdicts:
    known = np.isfinite(values)
    if leaf.test is Test.KNOWN:
        told: Verdicts = (known == leaf.value).astype(np.int8)
        return told
    bound = float(leaf.value)  # type: ignore[arg-type]  # checked when it was parsed
    compare: Mapping[Test, Callable[..., Any]] = {
        Test.IS: np.equal,
        Test.ABOVE: np.greater,
        Test.AT_LEAST: np.greater_equal,
        Test.BELOW: np.less,
        Test.AT_MOST: np.less_equal,
    }
    holds = compare[leaf.test](np.where(known, values, 0.0), bound)
    return np.where(known, holds, UNKNOWN).astype(np.int8)


def _tested_words(leaf: Leaf, column: Words, field: fields.Field) -> Verdicts:
    """Ask once for each different word."""
    empty = FALSE if field.empty_is_told else UNKNOWN
    if leaf.test is Test.KNOWN:
        told: Verdicts = ((column.codes >= 0) == leaf.value).astype(np.int8)
        return told
    holds = _word_test(leaf)
    answers = np.array([TRUE if holds(word) else FALSE for word in column.vocabulary] + [empty], np.int8)
    found: Verdicts = answers[column.codes]
    return found


def _word_test(leaf: Leaf) -> Callable[[str], bool]:
    if leaf.test is Test.MATCHES:
        return pattern(written=str(leaf.value))
    wanted: Set[str] = frozenset(leaf.value if isinstance(leaf.value, tuple) else (str(leaf.value),))
    if leaf.test is Test.HAS:
        return lambda word: not wanted.isdisjoint(word.split("|"))
    return lambda word: word in wanted


def _tested_texts(leaf: Leaf, texts: NDArray[np.object_]) -> Verdicts:
    there = np.array([bool(text) for text in texts], np.bool_)
    if leaf.test is Test.KNOWN:
        told: Verdicts = (there == leaf.value).astype(np.int8)
        return told
    holds = pattern(written=str(leaf.value))
    return np.array([TRUE if text and holds(text) else FALSE for text in texts], np.int8).reshape(len(texts))


def _listed(given: Mapping[str, Any]) -> str:
    return ", ".join(_short(name) for name in list(given)[:5])


def _short(value: object) -> str:
    return str(value)[:40]
