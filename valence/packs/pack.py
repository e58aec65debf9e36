"""What an industry pack holds: words and how they are said, marks, pairs, rules for links. Frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PackError(ValueError):
    """A pack or an overlay is wrong. The message names the file, the line where it can be told, and the field."""


class Role(StrEnum):
    """Whether a mark may be blamed (cause) or only foretells (signal)."""

    CAUSE = "cause"
    SIGNAL = "signal"


class Sign(StrEnum):
    """Which way a mark may move the hazard of leaving."""

    HARM = "harm"
    PRAISE = "praise"
    FREE = "free"


class Shape(StrEnum):
    """How a number becomes the value of a mark."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True)
class Spoken:
    """How a word is said: `label` names it in a list, `phrase` tells it in a story."""

    label: str
    phrase: str


@dataclass(frozen=True)
class PackMark:
    """A mark as the pack defines it: which rows bear it and with what value.

    words tell it in a story, label names it in a list of marks ("" is the words). when: field -> words, all fields must
    hold one of their words. value: number of the row ("" is 1), counted from `over` on, divided by `per`, at most
    `cap` after `shape`. weight: the expert's log-hazard of one unit just after.
    """

    name: str
    words: str
    when: Mapping[str, tuple[str, ...]]
    value: str
    per: float
    cap: float
    shape: Shape
    role: Role
    sign: Sign
    family: str
    weight: float
    over: float = 0.0
    label: str = ""


@dataclass(frozen=True)
class Pair:
    """Two families of marks whose joint effect is more (or less) than the sum."""

    families: tuple[str, str]
    words: str
    sign: Sign
    weight: float


@dataclass(frozen=True)
class Side:
    """One end of a link rule. Empty means any. state: "", failed, surprise, made_promise or broke_promise."""

    kinds: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True)
class LinkRule:
    """What usually leads to what: used where the source does not say. `same`: columns whose words must agree."""

    name: str
    words: str
    effect: Side
    cause: Side
    same: tuple[str, ...]
    within_days: float
    typical_days: float
    weight: float


@dataclass(frozen=True)
class Stage:
    """A part of the relationship, and the kinds of interactions that belong to it."""

    name: str
    label: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Pack:
    """An industry pack with the analyst's changes already in it. `version` names both, as in "1+3fa9c2"."""

    name: str
    version: str
    kinds: Mapping[str, Spoken]
    departments: Mapping[str, Spoken]
    channels: Mapping[str, Spoken]
    facts: Mapping[str, Spoken]
    stages: tuple[Stage, ...]
    aliases: Mapping[str, Mapping[str, str]]
    leaving_words: tuple[str, ...]
    contact_words: tuple[str, ...]
    marks: tuple[PackMark, ...]
    pairs: tuple[Pair, ...]
    links: tuple[LinkRule, ...] = field(default=())

    @property
    def harmful_facts(self) -> frozenset[str]:
        """The facts that are marks of harm, with every other name they are known by."""
        return self._facts_of(sign=Sign.HARM)

    @property
    def praised_facts(self) -> frozenset[str]:
        """The facts that are marks of praise, with every other name they are known by."""
        return self._facts_of(sign=Sign.PRAISE)

    @property
    def contact_kinds(self) -> frozenset[str]:
        """The kinds in which the customer comes to us."""
        same = {alias for alias, word in self.aliases.get("kinds", {}).items() if word == "contact"}
        return frozenset({"contact"} | same)

    def _facts_of(self, *, sign: Sign) -> frozenset[str]:
        own = {fact for mark in self.marks if mark.sign is sign for fact in mark.when.get("facts", ())}
        same = {alias for alias, fact in self.aliases.get("facts", {}).items() if fact in own}
        return frozenset(own | same)

    def known_as(self, column: str, word: str) -> str:
        """Return the pack's word for a word of `column` (kinds, facts, departments), else the word itself."""
        plain = plain_word(word)
        return self.aliases.get(column, {}).get(plain, plain)

    def knows(self, column: str, word: str) -> bool:
        """Return whether the pack has this word, or another name for it, among its kinds, facts or departments."""
        words: Mapping[str, Spoken] = {"kinds": self.kinds, "facts": self.facts, "departments": self.departments}[
            column
        ]
        return self.known_as(column, word) in words

    def say_fact(self, fact: str) -> str:
        """Say a fact as a short phrase: "came late"; an unknown one as it is written, without underscores."""
        spoken = self.facts.get(self.known_as("facts", fact))
        return spoken.phrase if spoken else spaced(fact)

    def label_fact(self, fact: str) -> str:
        """Name a fact for a list: "No-show"."""
        spoken = self.facts.get(self.known_as("facts", fact))
        return spoken.label if spoken else capital(fact)

    def say_kind(self, kind: str) -> str:
        """Name a kind of interaction: "Visit"."""
        spoken = self.kinds.get(plain_word(kind))
        return spoken.label if spoken else capital(kind)

    def say_department(self, department: str) -> str:
        """Name a department: "Field"."""
        spoken = self.departments.get(plain_word(department))
        return spoken.label if spoken else capital(department)

    def say_channel(self, channel: str) -> str:
        """Name a channel: "Phone"."""
        spoken = self.channels.get(plain_word(channel))
        return spoken.label if spoken else capital(channel)


def plain_word(word: str) -> str:
    """Return a word as it is compared: lower case, underscores for what separates."""
    return "_".join(word.strip().lower().replace("-", " ").replace("_", " ").replace("/", " ").split())


def has_token(*, word: str, tokens: Iterable[str]) -> bool:
    """Return whether one of the tokens stands in the word, between underscores."""
    padded = f"_{plain_word(word)}_"
    return any(f"_{token}_" in padded for token in tokens)


def spaced(word: str) -> str:
    """Return a word with spaces for underscores."""
    return " ".join(word.replace("_", " ").split())


def capital(word: str) -> str:
    """Return a word with spaces for underscores and a capital first letter."""
    plain = spaced(word)
    return plain[:1].upper() + plain[1:]
