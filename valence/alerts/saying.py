"""Conditions and reasons in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from valence.alerts import fields
from valence.alerts.condition import AllOf, Condition, Leaf, Not, Table, Test
from valence.insights import say
from valence.packs import Pack

_COMPARED: Mapping[Test, str] = {
    Test.ABOVE: "above",
    Test.AT_LEAST: "at least",
    Test.BELOW: "below",
    Test.AT_MOST: "at most",
    Test.IS: "exactly",
}
_TEN = 10.0
# Fields whose words are sentences already.
_SENTENCES = frozenset({"may_not_fit"})


def condition(*, said: Condition, pack: Pack) -> str:
    """Return a condition as a sentence says it."""
    return _said(said, pack, outer=True)


def reason(*, leaf: Leaf, table: Table, row: int, pack: Pack) -> str:
    """Return why a test held for a row: the field with its own value where that says more. Never quotes a text."""
    field = fields.FIELDS[leaf.field]
    if leaf.field in table.numbers and field.shape is fields.Shape.NUMBER:
        return _numbered(field, _number(float(table.numbers[leaf.field][row]), field))
    if leaf.test is Test.HAS and leaf.field in table.words:
        words = table.words[leaf.field]
        there = words.vocabulary[words.codes[row]].split("|") if words.codes[row] >= 0 else []
        met = [word for word in there if word in _many(leaf)]
        return ", ".join(_word(field, word, pack) for word in met) or _leaf(leaf, pack)
    if field.shape is fields.Shape.WORD and leaf.field in table.words and table.words[leaf.field].codes[row] >= 0:
        words = table.words[leaf.field]
        word = _word(field, words.vocabulary[words.codes[row]], pack)
        return field.reads.format(word) if field.reads else word
    return _leaf(leaf, pack)


def place_what(*, about: str, word: str, pack: Pack) -> str:
    """Return what is counted in an alarm about a place: a fact, a kind of interaction, a theme, contacts' reason."""
    if about == "fact":
        return pack.label_fact(word)
    if about == "theme":
        return f"Bad comments about {word.replace('_', ' ')}"
    return pack.say_kind(word) if about == "kind" else f"Contacts about {word.replace('_', ' ')}"


def place_where(*, zone: str, region: str) -> str:
    """Return where an alarm about a place is, with its region where that says more."""
    where = zone[:1].upper() + zone[1:]
    return where if region in ("", zone) else f"{where}, {region}"


def _said(given: Condition, pack: Pack, *, outer: bool = False) -> str:
    if isinstance(given, Leaf):
        return _leaf(given, pack)
    if isinstance(given, Not):
        return f"not ({_said(given.part, pack, outer=True)})"
    joint = " and " if isinstance(given, AllOf) else " or "
    words = joint.join(_said(part, pack) for part in given.parts)
    return words if outer or len(given.parts) == 1 else f"({words})"


def _leaf(leaf: Leaf, pack: Pack) -> str:
    field = fields.FIELDS[leaf.field]
    if leaf.test is Test.KNOWN:
        return f"{field.said} is {'known' if leaf.value else 'not known'}"
    if field.shape is fields.Shape.FLAG:
        return field.said if leaf.value else f"not {field.said}"
    if leaf.test is Test.MATCHES:
        return f"{field.said} matches “{leaf.value}”"
    if field.shape is fields.Shape.NUMBER:
        return _numbered(field, f"{_COMPARED[leaf.test]} {_number(float(str(leaf.value)), field)}")
    words = " or ".join(_word(field, word, pack) for word in _many(leaf))
    return f"{field.said}: {words}"


def _many(leaf: Leaf) -> tuple[str, ...]:
    return leaf.value if isinstance(leaf.value, tuple) else (str(leaf.value),)


def _word(field: fields.Field, word: str, pack: Pack) -> str:
    speak: Mapping[str, Callable[[str], str]] = {
        "kind": pack.say_kind,
        "department": pack.say_department,
        "promise_department": pack.say_department,
        "facts": pack.say_fact,
    }
    if field.name in _SENTENCES:
        return word
    known = speak.get(field.name)
    return (known(word) if known else word.replace("_", " ")).lower()


def _numbered(field: fields.Field, number: str) -> str:
    return field.reads.format(number) if field.reads else f"{field.said} {number}"


def _number(value: float, field: fields.Field) -> str:
    if field.name in {"p_leave_60d", "over_expected_share"}:
        return say.percent(value)
    if field.unit == "money":
        return say.money(value)
    enough = 2.0 if field.unit in {"days", "months"} else _TEN
    figure = f"{value:,.0f}" if abs(value) >= enough or value == int(value) else f"{value:.1f}"
    figure = figure.replace("-", say.MINUS)
    return f"{figure} {field.unit}" if field.unit else figure
