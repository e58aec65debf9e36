"""Whom what we sell does not fit: who leaves soon, or needs help far more often, although nothing went wrong. Pure.

Asked of what is known when somebody orders (plan, segment, what they came for, through which channel), and of nothing
a person is. Only calm days count, those with no fault of ours in the two months before: whom we drive away, and who
has to call because of us, says nothing about fit. Small groups are believed to be like all until they show otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from valence import packs, terms
from valence.insights import intervals, person_words, say
from valence.journeys import signs

COLUMNS = tuple(dict.fromkeys((*signs.COLUMNS, "channel")))
FIELDS: Mapping[str, str] = {"plan": "Plan", "segment": "Segment", "need": "Came for", "channel": "Ordered through"}
# With what customers begin, or take something on, in the words of every pack.
ORDERS = frozenset({"order", "application", "account", "signup", "membership", "booking"})
SOON_DAYS, CALM_AFTER_DAYS = 183.0, 60.0
AT_THE_ORDER_DAYS = 14.0
MONTH = 30.44
# In half-years of calm days: below this nothing is said.
FEWEST, FEWEST_LEFT = 30.0, 5
# A group is said not to fit where even the low end of its range is so many times what is usual.
MANY = 1.5
# How much groups can differ (shapes of a gamma law): at least by a tenth, whatever few groups seem to say.
SHAPES = np.geomspace(0.5, 100, 40)
LEAST_APART = 0.1


@dataclass(frozen=True)
class Began:
    """How customers began (c,), by position: what was known at the order, by name of FIELDS ("" unknown).

    known: the half-year is over, or they left. calm: so many calm days of it; left: by choice, on such a day; contacts:
    how often they got in touch on such days.
    """

    known: NDArray[np.bool_]
    calm: terms.Floats
    left: NDArray[np.bool_]
    contacts: terms.Floats
    words: Mapping[str, NDArray[np.object_]]


@dataclass(frozen=True)
class Tally:
    """What is added up over the customers of a group: how many, their calm days, who left on such, contacts on such.

    contacts2, both, calm2: sums of contacts squared, contacts times days, and days squared, for the range.
    """

    joined: int = 0
    calm: float = 0.0
    left: int = 0
    contacts: float = 0.0
    contacts2: float = 0.0
    both: float = 0.0
    calm2: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(one + more for one, more in zip(vars(self).values(), vars(other).values(), strict=True)))

    def __sub__(self, other: Tally) -> Tally:
        return Tally(*(one - less for one, less in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def half_years(self) -> float:
        """The calm days, in half-years."""
        return self.calm / SOON_DAYS


@dataclass(frozen=True)
class Likely:
    """A figure of a group as it is believed, shrunk towards what is usual, with its likely range; that of others."""

    value: float
    range: intervals.Range
    others: float

    @property
    def is_many(self) -> bool:
        """Whether it is surely far more than of others."""
        return self.range.low > MANY * self.others


@dataclass(frozen=True)
class Group:
    """Customers who have one thing in common that was known at their order.

    leaving: the share that leaves by choice within half a year of calm days; contacts: how often they get in touch a
    month of them.
    """

    field: str
    word: str
    tally: Tally
    leaving: Likely
    contacts: Likely

    @property
    def enough(self) -> bool:
        """Whether there are enough of them to say anything."""
        return self.tally.half_years >= FEWEST

    @property
    def may_not_fit(self) -> bool:
        """Whether what we sell may not fit them."""
        return self.enough and (self.leaves_soon or self.contacts.is_many)

    @property
    def leaves_soon(self) -> bool:
        """Whether they surely leave far more than others."""
        return self.leaving.is_many and self.tally.left >= FEWEST_LEFT


def is_personal(*, word: str) -> bool:
    """Say whether a group is called by what people are, not by what they need."""
    return person_words.of(word=word) != ""


def read(*, journeys: terms.Journeys, people: terms.Relationships, now: float, pack: packs.Pack) -> Began:
    """Return how the customers of some journeys began; people: the same customers, in the same order."""
    found = signs.read(journeys=journeys, pack=pack)
    owner = journeys.owners()
    until = np.fmin(people.joined + SOON_DAYS, np.fmin(people.left, now))
    early = (journeys.occurred >= people.joined[owner]) & (journeys.occurred <= until[owner])
    fault = np.flatnonzero(early & found.fault)
    whose, when = owner[fault], journeys.occurred[fault]
    ends = np.append(when[1:], np.inf)
    ends[:-1] = np.where(whose[1:] == whose[:-1], ends[:-1], np.inf)
    harmed = np.minimum(np.minimum(when + CALM_AFTER_DAYS, ends), until[whose]) - when
    calm = until - people.joined - np.bincount(whose, harmed, len(people))
    contact = np.flatnonzero(early & found.contact & ~found.fault)
    quiet = _is_calm(whose, when, owner[contact], journeys.occurred[contact])
    left = np.where(people.voluntary, people.left, np.nan)
    soon = left <= people.joined + SOON_DAYS
    soon[soon] = _is_calm(whose, when, np.flatnonzero(soon), left[soon])
    return Began(
        known=(people.joined + SOON_DAYS <= now) | (people.left <= now),
        calm=np.maximum(calm, 0.0),
        left=soon,
        contacts=np.bincount(owner[contact][quiet], minlength=len(people)).astype(float),
        words={**_of_people(people), **_of_orders(journeys, people, pack)},
    )


def _is_calm(whose: terms.Keys, when: terms.Days, owner: terms.Keys, at: terms.Days) -> NDArray[np.bool_]:
    """Return which moments have no fault of their owner in the days before them; faults in order of (whose, when)."""
    if not len(whose) or not len(at):
        return np.ones(len(at), np.bool_)
    begin = min(float(when.min()), float(at.min()))
    span = max(float(when.max()), float(at.max())) - begin + 1.0
    place = np.searchsorted(whose * span + (when - begin), owner * span + (at - begin), side="right") - 1
    last = np.maximum(place, 0)
    near: NDArray[np.bool_] = (place >= 0) & (whose[last] == owner) & (at - when[last] <= CALM_AFTER_DAYS)
    return ~near


def _of_people(people: terms.Relationships) -> dict[str, NDArray[np.object_]]:
    """Return plan and segment as they were first known: what somebody changed to later was not known at the order."""
    found: dict[str, NDArray[np.object_]] = {}
    for name in ("plan", "segment"):
        words = np.array(people.words[name].said(), object)
        past = people.history.get(name)
        if past is not None and len(past.row):
            row, first = np.unique(past.row, return_index=True)
            words[row] = np.array([*past.vocabulary, ""], object)[past.values[first].astype(np.int64)]
        found[name] = words
    return found


def _of_orders(
    journeys: terms.Journeys, people: terms.Relationships, pack: packs.Pack
) -> dict[str, NDArray[np.object_]]:
    """Return what customers came for and through which channel, from the order with which they began."""
    kind = signs.column(journeys=journeys, name="kind")
    order = signs.where(words=kind, holds=lambda word: pack.known_as("kinds", word) in ORDERS)
    began = journeys.occurred <= people.joined[journeys.owners()] + AT_THE_ORDER_DAYS
    rows = np.flatnonzero(order & began)
    owner, first = np.unique(journeys.owners()[rows], return_index=True)
    found = {}
    for name, column in (("need", "reason"), ("channel", "channel")):
        said = signs.column(journeys=journeys, name=column)
        words = np.full(len(journeys.keys), "", object)
        words[owner] = np.array([*said.vocabulary, ""], object)[said.codes[rows[first]]]
        found[name] = words
    return found


def of(*, began: Began, field: str, word: str) -> NDArray[np.bool_]:
    """Return which customers (c,) belong to a group: of whom enough is known."""
    found: NDArray[np.bool_] = began.known & (began.words[field] == word)
    return found


def tallied(*, began: Began, which: NDArray[np.bool_]) -> dict[tuple[str, str], Tally]:
    """Return what adds up over those of some customers of whom enough is known, by (field, word)."""
    found: dict[tuple[str, str], Tally] = {}
    for field, words in began.words.items():
        for word in sorted(set(words[which & began.known].tolist()) - {""}):
            mine = which & of(began=began, field=field, word=str(word))
            calm, contacts = began.calm[mine], began.contacts[mine]
            found[field, str(word)] = Tally(
                joined=int(mine.sum()),
                calm=float(calm.sum()),
                left=int(began.left[mine].sum()),
                contacts=float(contacts.sum()),
                contacts2=float((contacts**2).sum()),
                both=float((contacts * calm).sum()),
                calm2=float((calm**2).sum()),
            )
    return found


def groups(*, tallies: Mapping[tuple[str, str], Tally]) -> tuple[Group, ...]:
    """Return every group with its figures, those first that fit least; groups of what people are are left out."""
    found: list[Group] = []
    for field in FIELDS:
        mine = {word: tally for (of, word), tally in tallies.items() if of == field and not is_personal(word=word)}
        found += _of_field(field, mine)
    return tuple(sorted(found, key=lambda one: (not one.may_not_fit, -_times(one), one.field, one.word)))


def _times(one: Group) -> float:
    return one.leaving.range.low / max(one.leaving.others, 1e-9)


def _of_field(field: str, tallies: Mapping[str, Tally]) -> list[Group]:
    every = sum(tallies.values(), Tally())
    if len(tallies) < 2 or every.calm <= 0:
        return []  # without others there is nothing to compare with
    usual = (every.left + 0.5) / (every.calm + SOON_DAYS)
    shape = _shape(list(tallies.values()), usual)
    apart = _apart(list(tallies.values()))
    return [
        Group(field, word, tally, _leaving(tally, every - tally, usual, shape), _contacts(tally, every - tally, apart))
        for word, tally in tallies.items()
    ]


def _shape(tallies: Sequence[Tally], usual: float) -> float:
    """Return by how much groups differ in leaving, as the shape of a gamma law: the most likely one."""
    left = np.array([[tally.left] for tally in tallies], float)
    meant = np.array([[usual * tally.calm + 1e-9] for tally in tallies])
    fits = scipy.stats.nbinom.logpmf(left, SHAPES, SHAPES / (SHAPES + meant)).sum(axis=0)
    return float(SHAPES[int(np.argmax(fits))])


def _leaving(tally: Tally, others: Tally, usual: float, shape: float) -> Likely:
    law = scipy.stats.gamma(shape + tally.left, scale=1 / (shape / usual + tally.calm))
    rates = (law.mean(), law.ppf(0.025), law.ppf(0.975), others.left / others.calm if others.calm > 0 else math.inf)
    value, low, high, rest = (-math.expm1(-float(rate) * SOON_DAYS) for rate in rates)
    return Likely(value, intervals.Range(low, high), rest)


def _apart(tallies: Sequence[Tally]) -> tuple[float, float]:
    """Return contacts a day over all, and by how much groups differ in it, as a variance (DerSimonian and Laird)."""
    whole = sum(tallies, Tally())
    mean = whole.contacts / whole.calm
    some = [tally for tally in tallies if tally.calm > 0]
    weights = np.array([1 / _error(tally, mean) for tally in some])
    rates = np.array([tally.contacts / tally.calm for tally in some])
    distance = float((weights * (rates - np.average(rates, weights=weights)) ** 2).sum())
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    found = (distance - (len(some) - 1)) / scale if scale > 0 else 0.0
    return mean, max(found, (LEAST_APART * mean) ** 2, 1e-12)


def _error(tally: Tally, rate: float) -> float:
    """Return the variance of a group's contacts a day: of a ratio, over customers; never below that of chance."""
    spread = tally.contacts2 - 2 * rate * tally.both + rate**2 * tally.calm2
    return max(spread, rate * tally.calm, 1e-9) / tally.calm**2


def _contacts(tally: Tally, others: Tally, apart: tuple[float, float]) -> Likely:
    mean, between = apart
    own = tally.contacts / tally.calm if tally.calm > 0 else mean
    error = _error(tally, own) if tally.calm > 0 else math.inf
    weight = between / (between + error)
    value = mean + weight * (own - mean)
    half = 1.96 * math.sqrt(weight * error if math.isfinite(error) else between)
    usual = others.contacts / others.calm if others.calm > 0 else math.inf
    span = intervals.Range(max(0.0, value - half) * MONTH, (value + half) * MONTH)
    return Likely(value * MONTH, span, usual * MONTH)


def reason(*, group: Group, said: str) -> str:
    """Return why what we sell may not fit a group, in a sentence for whoever sells; said: the group in words."""
    parts = []
    if group.leaves_soon:
        span = say.percents(group.leaving.range.low, group.leaving.range.high)
        parts.append(
            f"{say.percent(group.leaving.value)} leave within half a year, nothing gone wrong "
            f"(likely {span}; of others {say.percent(group.leaving.others)})"
        )
    if group.contacts.is_many:
        parts.append(f"get in touch {group.contacts.value:.1f} times a month (others {group.contacts.others:.1f})")
    return f"{said}: of {say.count(group.tally.joined)}, {' and '.join(parts)}"
