"""Marks: the facts of an interaction turned into numbers.

The pack's marks come first; every kind, fact and department that the pack does not know becomes a mark of its own,
with a free sign and shrunk towards nothing. A word that tells an intention (cancel, port, call ...) makes a signal:
people about to leave call first, so it foretells and is never blamed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from valence import packs, terms

COLUMNS = (
    "kind", "department", "reason", "channel", "touchpoint", "facts", "promise", "scale",
    "wait_minutes", "duration_minutes", "outage_hours", "transfers", "amount", "expected_amount",
    "promised_at", "score",
)  # fmt: skip
WORDS_COUNTED = {"kind": "kinds", "facts": "facts", "department": "departments"}
FORETELLING = ("reason", "touchpoint")
COUNTED = (*WORDS_COUNTED, *FORETELLING, "score", "scale")
KNOWN_SCALES = {name: (float(least), float(most)) for name, (least, most) in terms.SCALES.items()}
FEWEST = 10
MOST_UNKNOWN = 40
NEARLY_ALL = 0.8
FEWEST_FORETELLING = 100
MOST_FORETELLING = 16
PRIOR_SPREAD = 0.5
UNKNOWN_SPREAD = 0.35
FACT_SPREAD = 0.7
DEPARTMENT_SPREAD = 0.15
FORETELLING_SPREAD = 1.0
INTENTIONS = (
    "wants", "want", "wish", "wishes", "intent", "intends", "intention", "asked", "asks", "threat", "threatened",
    "threatens", "request", "requested", "enquiry", "inquiry", "considers", "considering", "thinks", "about",
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """One mark: which rows bear it, with what value, and what was believed of its weight beforehand.

    when / unless: field -> words; all of `when`, none of `unless`. ranges: scale -> (lowest, highest) for scores.
    tokens: for `leaving_words`. weight, spread: prior mean and standard deviation of its log-hazard per unit.
    """

    name: str
    words: str
    role: packs.Role
    sign: packs.Sign
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    value: str = ""
    per: float = 1.0
    cap: float = float("inf")
    shape: packs.Shape = packs.Shape.LINEAR
    family: str = ""
    weight: float = 0.0
    spread: float = PRIOR_SPREAD
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    over: float = 0.0
    label: str = ""

    @property
    def named(self) -> str:
        """How it stands in a list of marks, apart from others of the same words."""
        return self.label or self.words

    @property
    def is_cause(self) -> bool:
        """Whether this mark may be blamed."""
        return self.role is packs.Role.CAUSE

    @property
    def is_unknown_whole(self) -> bool:
        """Whether this mark is a whole kind or department that no pack knows, not something that went well or wrong."""
        return self.sign is packs.Sign.FREE and tuple(self.when) in (("kind",), ("department",))


@dataclass(frozen=True)
class Count:
    """How often a word was met: interactions, and different customers."""

    interactions: int
    customers: int

    def __add__(self, other: Count) -> Count:
        """Add counts of different customers."""
        return Count(self.interactions + other.interactions, self.customers + other.customers)


@dataclass(frozen=True)
class WordCounts:
    """How often words of kind, facts, department, reason and touchpoint were met; ranges of score scales. Mergeable."""

    words: Mapping[tuple[str, str], Count] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    interactions: int = 0

    def __add__(self, other: WordCounts) -> WordCounts:
        """Add the counts of other customers' interactions."""
        words = dict(self.words)
        for word, count in other.words.items():
            words[word] = words[word] + count if word in words else count
        ranges = dict(self.ranges)
        for scale, (low, high) in other.ranges.items():
            before = ranges.get(scale, (low, high))
            ranges[scale] = (min(low, before[0]), max(high, before[1]))
        return WordCounts(words=words, ranges=ranges, interactions=self.interactions + other.interactions)

    def unknown(self, *, pack: packs.Pack) -> list[tuple[str, str, Count]]:
        """Return column, word and count of what the pack does not know, most frequent first."""
        found = [
            (column, word, count)
            for (column, word), count in self.words.items()
            if column in WORDS_COUNTED and not pack.knows(WORDS_COUNTED[column], word)
        ]
        return sorted(found, key=lambda item: (-item[2].interactions, item[0], item[1]))

    def frequent(self, *, column: str) -> tuple[str, ...]:
        """Return the words of a column of FORETELLING that are frequent enough to foretell, most frequent first."""
        met: Counter[str] = Counter()
        for (name, word), count in self.words.items():
            if name == column:
                met[packs.plain_word(word)] += count.interactions
        order = sorted(met, key=lambda word: (-met[word], word))
        return tuple(word for word in order if met[word] >= FEWEST_FORETELLING)[:MOST_FORETELLING]


def vocabulary(*, pack: packs.Pack, counts: WordCounts) -> tuple[Mark, ...]:
    """Return the pack's marks, then one for every unknown kind, fact and department that is frequent enough.

    Frequent reasons and touchpoints are signals: they tell apart who asks and who is about to leave.
    """
    known = [_from_pack(mark, pack=pack, ranges=counts.ranges) for mark in pack.marks]
    met: dict[str, list[str]] = {"kind": [], "facts": [], "department": []}
    for column, word, count in counts.unknown(pack=pack):
        plain = packs.plain_word(word)
        if count.interactions >= FEWEST and len(met[column]) < MOST_UNKNOWN and plain not in met[column]:
            met[column].append(plain)
    coming = _kinds_that_foretell(pack, met["kind"])
    known = [_of_contacts_too(mark, coming) for mark in known]
    unknown = [_unknown(column, word, pack, coming) for column, words in met.items() for word in words]
    everything = _said_of_nearly_all(counts)
    unknown = [replace(mark, role=packs.Role.SIGNAL) if mark.name in everything else mark for mark in unknown]
    contacts = tuple(kind for kind in coming if kind != "feedback")
    calls = frozenset(kind for kind in contacts if not packs.has_token(word=kind, tokens=pack.leaving_words))
    why = [
        replace(_foretelling(column, word), when={column: (word,), "kind": contacts})
        for column in FORETELLING
        for word in counts.frequent(column=column)
    ]
    return tuple(_by_intent(mark, calls) for mark in known + unknown + why)


def foretells(*, pack: packs.Pack, word: str) -> bool:
    """Return whether a kind's name tells an intention to leave, or that the customer comes to us."""
    return packs.has_token(word=word, tokens=pack.leaving_words + pack.contact_words)


def intends(*, fact: str, leaving: tuple[str, ...]) -> bool:
    """Return whether a fact says what the customer intends, not what went wrong: "cancel", "asked_to_leave".

    A word of leaving alone is not enough: "port_fault" and "contract_error" are faults of ours.
    """
    plain = packs.plain_word(fact)
    return plain in leaving or (
        packs.has_token(word=plain, tokens=leaving) and packs.has_token(word=plain, tokens=INTENTIONS)
    )


def _kinds_that_foretell(pack: packs.Pack, unknown: list[str]) -> tuple[str, ...]:
    signals = [kind for kind in unknown if foretells(pack=pack, word=kind)]
    return (*sorted(pack.contact_kinds), "feedback", *signals)


def _said_of_nearly_all(counts: WordCounts) -> frozenset[str]:
    """Names of kinds and departments that nearly every interaction has: that one happened is no fault of itself."""
    return frozenset(
        f"{column}:{packs.plain_word(word)}"
        for (column, word), count in counts.words.items()
        if column in ("kind", "department") and count.interactions > NEARLY_ALL * counts.interactions
    )


def _by_intent(mark: Mark, calls: frozenset[str]) -> Mark:
    """A contact foretells unless our own fault explains it; where it speaks of leaving, nothing in it is to blame.

    Who calls to leave has decided before: how she was served then comes after.
    """
    if mark.is_cause:
        return replace(mark, unless={**mark.unless, terms.LEAVING: (terms.YES,)})
    kinds = mark.when.get("kind", ())
    if not kinds or calls.isdisjoint(kinds):
        return mark
    return replace(mark, unless={**mark.unless, terms.EXPLAINED: (terms.YES,)})


def _of_contacts_too(mark: Mark, coming: tuple[str, ...]) -> Mark:
    """What a plain contact foretells, unknown kinds in which the customer comes to us foretell too."""
    if mark.value != "nothing_said":
        return mark
    kinds = tuple(kind for kind in coming if kind != "feedback")
    return replace(mark, when={**mark.when, "kind": tuple(dict.fromkeys((*mark.when.get("kind", ()), *kinds)))})


def _from_pack(mark: packs.PackMark, *, pack: packs.Pack, ranges: Mapping[str, tuple[float, float]]) -> Mark:
    words = mark.words or (pack.say_fact(mark.when["facts"][0]) if "facts" in mark.when else packs.spaced(mark.name))
    return Mark(
        name=mark.name,
        words=words,
        role=mark.role,
        sign=mark.sign,
        when={column: _with_aliases(column, told, pack) for column, told in mark.when.items()},
        value=mark.value,
        per=mark.per,
        cap=mark.cap,
        over=mark.over,
        label=mark.label,
        shape=mark.shape,
        family=mark.family if mark.role is packs.Role.CAUSE else "",
        weight=mark.weight,
        ranges={**ranges, **KNOWN_SCALES} if mark.value.startswith("score") else {},
        tokens=pack.leaving_words if mark.value == "leaving_words" else (),
    )


def _with_aliases(column: str, words: tuple[str, ...], pack: packs.Pack) -> tuple[str, ...]:
    aliases = pack.aliases.get(WORDS_COUNTED.get(column, ""), {})
    return (*words, *(alias for alias, word in aliases.items() if word in words))


def _unknown(column: str, word: str, pack: packs.Pack, signal_kinds: tuple[str, ...]) -> Mark:
    """A kind or fact by itself; a department not where something merely foretells: it is not blamed for a call."""
    mark = Mark(
        name=f"{column}:{word}",
        words=packs.spaced(word),
        role=packs.Role.CAUSE,
        sign=packs.Sign.FREE,
        when={column: (word,)},
        spread=UNKNOWN_SPREAD,
    )
    if column == "department":
        return replace(mark, spread=DEPARTMENT_SPREAD, unless={"kind": signal_kinds})
    if column == "facts":
        mark = replace(mark, spread=FACT_SPREAD)
    if foretells(pack=pack, word=word) if column == "kind" else intends(fact=word, leaving=pack.leaving_words):
        return replace(mark, role=packs.Role.SIGNAL)
    return mark


def _foretelling(column: str, word: str) -> Mark:
    return Mark(
        name=f"{column}:{word}",
        words=packs.spaced(word),
        role=packs.Role.SIGNAL,
        sign=packs.Sign.FREE,
        when={column: (word,)},
        spread=FORETELLING_SPREAD,
    )
