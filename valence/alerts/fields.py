"""The fields that a rule may ask for: what each is, and whether more than one row is needed to tell. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class About(StrEnum):
    """What a rule looks at."""

    INTERACTION = "interaction"
    CUSTOMER = "customer"
    PROMISE = "promise"

    @property
    def said(self) -> str:
        """As people say it."""
        return {"interaction": "interactions", "customer": "how a customer stands", "promise": "promises"}[self.value]


class Shape(StrEnum):
    """What a field holds."""

    WORD = "word"
    SET = "set"
    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"


class Group(StrEnum):
    """Where a field comes from.

    JOURNEY fields need what came before, AROUND what happened to others; LATER ones may come after the interaction.
    """

    INTERACTION = "The interaction"
    JOURNEY = "What came before"
    AROUND = "What happened there lately"
    CUSTOMER = "The customer"
    BOND = "The bond"
    PROMISE = "The promise"
    LATER = "What was read in the text"


@dataclass(frozen=True)
class Field:
    """One field. `said`: its name for people; `empty_is_told`: an empty value means none, not unknown.

    reads: how a value of it is said, where a name with a number after it reads badly, or a word alone says too little.
    """

    name: str
    said: str
    shape: Shape
    group: Group
    about: frozenset[About]
    unit: str = ""
    empty_is_told: bool = False
    reads: str = ""


_INTERACTION = frozenset({About.INTERACTION})
_PROMISE = frozenset({About.PROMISE})
_EVERY = frozenset(About)
_CUSTOMER = frozenset({About.CUSTOMER})


_READS: Mapping[str, str] = {
    "over_expected": "billed {} above what was told",
    "over_expected_share": "billed {} more than was told",
    "minutes_late": "{} later than promised",
    "monthly_value": "{} a month",
    "months_with_us": "{} with us",
    "days_since_left": "left {} ago",
    "contacts_7d": "{} contacts in 7 days",
    "contacts_14d": "{} contacts in 14 days",
    "contacts_30d": "{} contacts in 30 days",
    "same_reason_14d": "{} contacts about the same in 14 days",
    "wait_minutes": "waited {}",
    "bond_change_30d": "bond changed by {} in 30 days",
    "promise": "promise {}",
    "promise_state": "promise {}",
}


def _fields(group: Group, about: frozenset[About], *rows: tuple[str, str, Shape, str]) -> list[Field]:
    told = {"facts", "promise", "text"}
    return [
        Field(name, said, shape, group, about, unit=unit, empty_is_told=name in told, reads=_READS.get(name, ""))
        for name, said, shape, unit in rows
    ]


_W, _S, _N, _F, _T = Shape.WORD, Shape.SET, Shape.NUMBER, Shape.FLAG, Shape.TEXT
_ALL = (
    *_fields(
        Group.INTERACTION,
        _INTERACTION,
        ("kind", "kind", _W, ""),
        ("source", "source", _W, ""),
        ("department", "department", _W, ""),
        ("touchpoint", "touchpoint", _W, ""),
        ("channel", "channel", _W, ""),
        ("reason", "reason", _W, ""),
        ("facts", "what went right or wrong", _S, ""),
        ("promise", "promise", _W, ""),
        ("team_id", "team", _W, ""),
        ("location_id", "place", _W, ""),
        ("written_in", "language it is written in", _W, ""),
        ("wait_minutes", "wait", _N, "minutes"),
        ("duration_minutes", "duration", _N, "minutes"),
        ("outage_hours", "outage", _N, "hours"),
        ("transfers", "hand-overs", _N, ""),
        ("amount", "amount billed", _N, "money"),
        ("expected_amount", "amount told or usual", _N, "money"),
        ("over_expected", "billed above what was told", _N, "money"),
        ("over_expected_share", "billed above what was told, as a share", _N, ""),
        ("minutes_late", "later than promised", _N, "minutes"),
        ("score", "score", _N, ""),
        ("scale", "scale of the score", _W, ""),
        ("text", "what was written", _T, ""),
    ),
    *_fields(
        Group.JOURNEY,
        _INTERACTION,
        ("contacts_7d", "contacts in 7 days", _N, ""),
        ("contacts_14d", "contacts in 14 days", _N, ""),
        ("contacts_30d", "contacts in 30 days", _N, ""),
        ("same_reason_14d", "contacts about the same reason in 14 days", _N, ""),
        ("failures_30d", "times something went wrong in 30 days", _N, ""),
        ("days_since_before", "days since the interaction before", _N, "days"),
        ("contradicts_told", "the bill contradicts what was told", _F, ""),
    ),
    *_fields(
        Group.AROUND,
        _INTERACTION,
        ("place_failures_1d", "customers for whom something went wrong at the place in a day", _N, ""),
        ("place_failures_7d", "customers a day for whom something went wrong at the place, in 7 days", _N, ""),
        ("place_contacts_1d", "customers of the place who got in touch in a day", _N, ""),
        ("place_contacts_7d", "customers a day of the place who got in touch, in 7 days", _N, ""),
        ("team_failures_1d", "customers for whom something went wrong with the team in a day", _N, ""),
        ("team_failures_7d", "customers a day for whom something went wrong with the team, in 7 days", _N, ""),
        ("team_contacts_1d", "customers who got in touch with the team in a day", _N, ""),
        ("team_contacts_7d", "customers a day who got in touch with the team, in 7 days", _N, ""),
    ),
    *_fields(
        Group.CUSTOMER,
        _EVERY,
        ("region", "region", _W, ""),
        ("segment", "segment", _W, ""),
        ("plan", "plan", _W, ""),
        ("language", "language", _W, ""),
        ("monthly_value", "money a month", _N, "money"),
        ("months_with_us", "months with us", _N, "months"),
    ),
    *_fields(Group.CUSTOMER, _INTERACTION, ("may_not_fit", "why the order may not fit", _W, "")),
    *_fields(Group.CUSTOMER, _CUSTOMER, ("days_since_left", "days since they left", _N, "days")),
    *_fields(
        Group.BOND,
        _EVERY,
        ("bond", "bond", _N, ""),
        ("bond_change_30d", "change of the bond in 30 days", _N, ""),
        ("p_leave_60d", "chance of leaving within 60 days", _N, ""),
        ("likely_to_leave", "likely to leave", _F, ""),
        ("value_at_risk", "value at risk", _N, "money"),
        ("days_silent", "days since the last contact", _N, "days"),
    ),
    *_fields(
        Group.PROMISE,
        _PROMISE,
        ("promise_state", "state of the promise", _W, ""),
        ("promise_department", "department that promised", _W, ""),
        ("hours_until_due", "hours until it is due", _N, "hours"),
        ("promise_kept_by", "department that can keep it", _W, ""),
        ("promise_how", "how it was made", _W, ""),
        ("promise_told", "the customer was told how it stands", _F, ""),
    ),
    *_fields(
        Group.LATER,
        _INTERACTION,
        ("tone", "tone of the text", _W, ""),
        ("themes", "themes of the text", _S, ""),
        ("themes_bad", "themes spoken badly of", _S, ""),
        ("themes_good", "themes spoken well of", _S, ""),
        ("intents", "what the text asks for", _S, ""),
        ("feelings", "feelings in the text", _S, ""),
    ),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}


def of_group(*, group: Group) -> frozenset[str]:
    """Return the names of the fields of a group."""
    return frozenset(field.name for field in _ALL if field.group is group)


JOURNEY = of_group(group=Group.JOURNEY)
AROUND = of_group(group=Group.AROUND)
BOND = of_group(group=Group.BOND)
CUSTOMER = of_group(group=Group.CUSTOMER)
LEFT = "days_since_left"  # a rule that asks for it is about those who are gone
LATER = of_group(group=Group.LATER)
