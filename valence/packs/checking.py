"""From the table of a pack file to a Pack, refusing what is wrong with the line and the field that is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from valence.packs.pack import (
    LinkRule,
    Pack,
    PackError,
    PackMark,
    Pair,
    Role,
    Shape,
    Side,
    Sign,
    Spoken,
    Stage,
    plain_word,
)

TOP_FIELDS = frozenset(
    [
        "name",
        "version",
        "kinds",
        "departments",
        "channels",
        "facts",
        "stages",
        "aliases",
        "signals",
        "marks",
        "pairs",
        "links",
    ]
)
MARK_FIELDS = frozenset(
    ["name", "words", "label", "when", "value", "over", "per", "cap", "shape", "role", "sign", "family", "weight"]
)
PAIR_FIELDS = frozenset({"families", "words", "sign", "weight"})
LINK_FIELDS = frozenset(["name", "words", "effect", "cause", "same", "within_days", "typical_days", "weight"])
SIDE_FIELDS = frozenset({"kinds", "departments", "facts", "reasons", "state"})
WHEN_FIELDS = frozenset(["kind", "department", "facts", "reason", "channel", "touchpoint", "promise", "scale"])
VALUES = frozenset(
    [
        "wait_minutes",
        "duration_minutes",
        "outage_hours",
        "transfers",
        "amount",
        "expected_amount",
        "score",
        "bill_above",
        "bill_above_share",
        "bill_above_amount",
        "overrun_hours",
        "score_low",
        "score_high",
        "leaving_words",
        "nothing_said",
    ]
)
STATES = frozenset({"", "failed", "surprise", "made_promise", "broke_promise"})
LARGEST_WEIGHT = 5.0


@dataclass(frozen=True)
class Source:
    """A file that is being read: its name for messages, and its text to find the line."""

    name: str
    text: str

    def error(self, what: str, problem: str) -> PackError:
        """Return the error that names this file, the line where `what` is first written, and the problem."""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if what and what in line:
                return PackError(f"{self.name} line {number}: {what}: {problem}")
        return PackError(f"{self.name}: {what}: {problem}")


def pack_of(*, table: Mapping[str, Any], source: Source) -> Pack:
    """Return the Pack a parsed table describes; raises PackError."""
    refuse_unknown(table, known=TOP_FIELDS, where="the top level", source=source)
    signals = table.get("signals", {})
    refuse_unknown(signals, known=frozenset({"leaving", "contact"}), where="signals", source=source)
    marks = tuple(_mark(item, source) for item in _unique(table.get("marks", []), "marks", source))
    pack = Pack(
        name=_text(table, "name", source),
        version=_text(table, "version", source),
        kinds=_spoken(table.get("kinds", {}), "kinds", source),
        departments=_spoken(table.get("departments", {}), "departments", source),
        channels=_spoken(table.get("channels", {}), "channels", source),
        facts=_spoken(table.get("facts", {}), "facts", source),
        stages=tuple(_stage(name, item, source) for name, item in table.get("stages", {}).items()),
        aliases=_aliases(table.get("aliases", {}), source),
        leaving_words=tuple(plain_word(word) for word in _words(signals, "leaving", source)),
        contact_words=tuple(plain_word(word) for word in _words(signals, "contact", source)),
        marks=marks,
        pairs=tuple(_pair(item, marks, source) for item in table.get("pairs", [])),
        links=tuple(_link(item, source) for item in _unique(table.get("links", []), "links", source)),
    )
    if not marks:
        raise source.error("marks", "a pack needs at least one mark")
    return pack


def refuse_unknown(table: Any, *, known: frozenset[str], where: str, source: Source) -> None:
    """Raise PackError for a field that a pack does not have: a mistyped field must not be ignored."""
    if not isinstance(table, Mapping):
        raise source.error(where, "must be a table")
    for field in table:
        if field not in known:
            raise source.error(field, f"unknown field in {where}; known: {', '.join(sorted(known))}")


def _unique(items: Any, part: str, source: Source) -> list[Mapping[str, Any]]:
    seen: set[str] = set()
    for item in items:
        name = _text(item, "name", source)
        if name in seen:
            raise source.error(name, f"twice in {part}")
        seen.add(name)
    return list(items)


def _mark(item: Mapping[str, Any], source: Source) -> PackMark:
    name = _text(item, "name", source)
    refuse_unknown(item, known=MARK_FIELDS, where=f"mark {name}", source=source)
    when = item.get("when", {})
    refuse_unknown(when, known=WHEN_FIELDS, where=f"when of mark {name}", source=source)
    value = item.get("value", "")
    if value and value not in VALUES:
        raise source.error(name, f"value {value!r} is not a number that rows have; known: {', '.join(sorted(VALUES))}")
    if not when and not value:
        raise source.error(name, "a mark needs `when` or `value`")
    conditions = {field: tuple(plain_word(word) for word in _words(when, field, source)) for field in when}
    return PackMark(
        name=name,
        words=str(item.get("words", "")),
        when=conditions,
        value=value,
        per=_number(item, "per", name, source, otherwise=1.0, above=0.0),
        cap=_number(item, "cap", name, source, otherwise=math.inf, above=0.0),
        shape=Shape(_choice(item, "shape", name, [*Shape], source, otherwise="linear")),
        role=Role(_choice(item, "role", name, [*Role], source, otherwise="cause")),
        sign=Sign(_choice(item, "sign", name, [*Sign], source, otherwise="free")),
        family=str(item.get("family", "")),
        weight=_weight(item, name, source),
        over=_number(item, "over", name, source, otherwise=0.0, above=-math.inf),
        label=str(item.get("label", "")),
    )


def _pair(item: Mapping[str, Any], marks: tuple[PackMark, ...], source: Source) -> Pair:
    refuse_unknown(item, known=PAIR_FIELDS, where="pairs", source=source)
    families = _words(item, "families", source)
    known = {mark.family for mark in marks if mark.family and mark.role is Role.CAUSE}
    if len(families) != 2 or not set(families) <= known:
        raise source.error("families", f"name two families of causes, of {', '.join(sorted(known))}")
    name = " x ".join(families)
    sign = Sign(_choice(item, "sign", name, [*Sign], source, otherwise="free"))
    weight = _weight(item, name, source)
    first, second = families
    return Pair(families=(first, second), words=str(item.get("words", name)), sign=sign, weight=weight)


def _link(item: Mapping[str, Any], source: Source) -> LinkRule:
    name = _text(item, "name", source)
    refuse_unknown(item, known=LINK_FIELDS, where=f"link {name}", source=source)
    return LinkRule(
        name=name,
        words=str(item.get("words", "after")),
        effect=_side(item.get("effect", {}), name, source),
        cause=_side(item.get("cause", {}), name, source),
        same=_words(item, "same", source),
        within_days=_number(item, "within_days", name, source, otherwise=30.0, above=0.0),
        typical_days=_number(item, "typical_days", name, source, otherwise=7.0, above=0.0),
        weight=_number(item, "weight", name, source, otherwise=1.0, above=0.0),
    )


def _side(item: Any, name: str, source: Source) -> Side:
    refuse_unknown(item, known=SIDE_FIELDS, where=f"link {name}", source=source)
    state = str(item.get("state", ""))
    if state not in STATES:
        raise source.error(name, f"state {state!r} must be one of {', '.join(sorted(STATES - {''}))}")
    lists = {field: _words(item, field, source) for field in SIDE_FIELDS - {"state"}}
    return Side(state=state, **lists)


def _stage(name: str, item: Any, source: Source) -> Stage:
    refuse_unknown(item, known=frozenset({"label", "kinds"}), where=f"stage {name}", source=source)
    return Stage(name=name, label=str(item.get("label", name)), kinds=_words(item, "kinds", source))


def _spoken(words: Mapping[str, Any], part: str, source: Source) -> dict[str, Spoken]:
    spoken = {}
    for word, item in words.items():
        refuse_unknown(item, known=frozenset({"label", "phrase"}), where=f"{part}.{word}", source=source)
        label = str(item.get("label") or word.replace("_", " ").capitalize())
        spoken[plain_word(word)] = Spoken(label=label, phrase=str(item.get("phrase") or label.lower()))
    return spoken


def _aliases(table: Any, source: Source) -> dict[str, dict[str, str]]:
    refuse_unknown(table, known=frozenset({"kinds", "facts", "departments"}), where="aliases", source=source)
    return {
        column: {plain_word(alias): plain_word(str(word)) for alias, word in words.items()}
        for column, words in table.items()
    }


def _text(item: Mapping[str, Any], field: str, source: Source) -> str:
    value = item.get(field)
    if not isinstance(value, str) or not value.strip():
        raise source.error(field, "is missing or empty")
    return value


def _words(item: Mapping[str, Any], field: str, source: Source) -> tuple[str, ...]:
    value = item.get(field, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise source.error(field, "must be a list of words")
    return tuple(value)


def _number(item: Mapping[str, Any], field: str, name: str, source: Source, *, otherwise: float, above: float) -> float:
    value = item.get(field, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value <= above:
        raise source.error(name, f"{field} must be a number above {above:g}")
    return float(value)


def _weight(item: Mapping[str, Any], name: str, source: Source) -> float:
    value = _number(item, "weight", name, source, otherwise=0.0, above=-math.inf)
    if abs(value) > LARGEST_WEIGHT:
        raise source.error(name, f"weight must lie between -{LARGEST_WEIGHT:g} and {LARGEST_WEIGHT:g}")
    wrong = {"harm": value < 0, "praise": value > 0}.get(str(item.get("sign")), False)
    if wrong:
        raise source.error(name, f"weight {value:g} is against its sign, {item['sign']}")
    return value


def _choice(
    item: Mapping[str, Any], field: str, name: str, known: Iterable[str], source: Source, *, otherwise: str
) -> str:
    value = item.get(field, otherwise)
    choices = [str(choice) for choice in known]
    if value not in choices:
        raise source.error(name, f"{field} must be one of {', '.join(choices)}")
    return str(value)
