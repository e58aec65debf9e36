"""What led to what: recorded links first, and for the rest the likeliest cause by rules of time and promise."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.journeys import follow, habits, recorded, rules, signs

COLUMNS = signs.COLUMNS
RECORDED = "recorded"
USUAL = "as usual after"
# A rule's cause is so many times as likely as one that only the company's habits know.
RULED = 1.5
# How often a rule's cause is believed to lead to its effect, and how many causes must be seen to believe the counts.
TRIGGERS = 0.3
DAYS_BELIEVED = 20.0
CERTAIN = 1e9
STATES = {"": (), "made_promise": ("promising",), "broke_promise": ("broke",)}


@dataclass(frozen=True)
class _Case:
    """What the rules look at."""

    journeys: terms.Journeys
    pack: packs.Pack
    signs: signs.Signs


def infer(
    *,
    journeys: terms.Journeys,
    pack: packs.Pack,
    harmful: Set[str] = frozenset(),
    known_habits: habits.Habits | None = None,
) -> terms.Links:
    """Return at most one cause for each row: the recorded one, else the likeliest that rules and habits find.

    Needs the columns of COLUMNS; those that are missing count as unknown. `harmful` names facts beyond the pack's
    that a model found to do harm; `known_habits` are what was learned of what follows what in this company. A cause
    never comes later, and following causes always ends.
    """
    chosen = rules_for(pack=pack)
    found = signs.read(journeys=journeys, pack=pack, harmful=harmful)
    known = recorded.causes(journeys=journeys)
    guessed, why = _best(_Case(journeys=journeys, pack=pack, signs=found), chosen, known_habits)
    guessed[known[known > np.arange(len(known))]] = -1
    cause = np.where(known >= 0, known, guessed)
    effect = np.flatnonzero(cause >= 0)
    inferred = known[effect] < 0
    return terms.Links(
        effect=effect,
        cause=cause[effect],
        inferred=inferred,
        rule=np.where(inferred, why[effect] + 1, 0).astype(np.int32),
        rules=(RECORDED, *(rule.words for rule in chosen), USUAL),
    )


def to_faults(
    *, journeys: terms.Journeys, links: terms.Links, pack: packs.Pack, harmful: Set[str] = frozenset()
) -> terms.Links:
    """Return the links as blame follows them: from each row to its nearest earlier row where something went wrong.

    What came between and was faultless (a visit's order, the call that promised a revisit) is stepped over. Of a
    surprising bill the direct cause is at fault even where its source recorded nothing: it did not tell the cost.
    Needs the columns of COLUMNS; `inferred` is True where a link on the way was.
    """
    found = signs.read(journeys=journeys, pack=pack, harmful=harmful)
    fault = found.fault | _hid_a_cost(found, links)
    parent = np.full(len(journeys), -1, np.int64)
    parent[links.effect] = links.cause
    guessed = np.zeros(len(journeys), np.bool_)
    guessed[links.effect] = links.inferred
    why = np.zeros(len(journeys), np.int32)
    why[links.effect] = links.rule
    while (faultless := (parent >= 0) & ~fault[parent]).any():
        guessed = np.where(faultless, guessed | (guessed[parent] & (parent[parent] >= 0)), guessed)
        parent = np.where(faultless, parent[parent], parent)
    effect = np.flatnonzero(parent >= 0)
    return replace(links, effect=effect, cause=parent[effect], inferred=guessed[effect], rule=why[effect])


def roots(*, links: terms.Links, rows: int) -> terms.Keys:
    """Return for each row (rows,) the first one of its chain of causes: itself where it has no cause."""
    root = np.arange(rows)
    root[links.effect] = links.cause
    while not np.array_equal(further := root[root], root):
        root = further
    return root


def _hid_a_cost(found: signs.Signs, links: terms.Links) -> signs.Flags:
    hid = np.zeros(len(found.surprise), np.bool_)
    hid[links.cause[found.surprise[links.effect]]] = True
    return hid & ~found.surprise


def rules_for(*, pack: packs.Pack) -> tuple[rules.Rule, ...]:
    """Return the pack's rules and the generic ones."""
    return (*(_from_pack(rule) for rule in pack.links), *rules.GENERIC)


@dataclass
class _Found:
    """The best cause of each row so far: how strongly it leads there (a day), its row, and the place of its rule."""

    strength: terms.Floats
    cause: terms.Keys
    why: terms.Keys

    def offer(self, strength: terms.Floats, cause: terms.Keys, why: int) -> None:
        """Take another cause where it is stronger."""
        better = strength > self.strength
        self.strength[better], self.cause[better], self.why[better] = strength[better], cause[better], why


def _best(case: _Case, chosen: tuple[rules.Rule, ...], known: habits.Habits | None) -> tuple[terms.Keys, terms.Keys]:
    """Return for each row the cause that leads there most strongly and the place of its rule, -1 for none.

    A cause has to be stronger than what comes anyway. Rules are what is believed before the company's own habits
    show: they fade as counts grow, but still decide between causes that always come together.
    """
    size = len(case.journeys)
    usual = _Usual(case, known) if known is not None and len(known.types) else None
    floor = usual.anyway() if usual else np.zeros(size)
    best = _Found(floor, np.full(size, -1, np.int64), np.full(size, -1, np.int64))
    for place, rule in enumerate(chosen):
        earlier = _earlier(case, rule)
        gap = follow.gap(occurred=case.journeys.occurred, earlier=earlier)
        believed = np.where(gap <= rule.within_days, rule.weight * np.exp(-gap / rule.typical_days), 0.0)
        strength = believed
        if usual:
            strength = usual.strength(believed=believed / rule.typical_days, earlier=earlier, gap=gap)
            strength = np.where(believed > 0, strength * RULED * rule.weight, 0.0)
        if rule.by_date:
            strength = np.where(believed > 0, CERTAIN, 0.0)
        best.offer(strength, earlier, place)
    if usual:
        usual.offer_all(best, why=len(chosen))
    return best.cause, best.why


class _Usual:
    """The habits of a company, applied to some journeys."""

    def __init__(self, case: _Case, known: habits.Habits) -> None:
        self._case = case
        self._known = known
        words, codes = habits.types(journeys=case.journeys, pack=case.pack, found=case.signs)
        number = {name: place for place, name in enumerate(known.types)}
        self._type = np.array([*(number.get(word, -1) for word in words), -1], np.int64)[codes]

    def anyway(self) -> terms.Floats:
        """How often a row like this one comes a day without a cause, (n,); 0 for a type that was never met."""
        return np.where(self._type >= 0, self._known.anyway[self._type], 0.0)

    def strength(self, *, believed: terms.Floats, earlier: terms.Keys, gap: terms.Days) -> terms.Floats:
        """How strongly (a day) the earlier rows lead to these, from what was counted and what a rule believes."""
        place = habits.bins(gap=gap, far=False)
        counted = (earlier >= 0) & (place >= 0) & (self._type >= 0)
        counted &= np.where(counted, self._type[earlier] >= 0, False)
        cause, effect, bin_ = self._type[earlier[counted]], self._type[counted], place[counted]
        days = self._known.days[cause, bin_]
        surplus = self._known.surplus[cause, effect, bin_]
        strength = np.where(earlier >= 0, believed * TRIGGERS, 0.0)
        weight = days / (days + DAYS_BELIEVED * _width(bin_))
        strength[counted] = weight * surplus + (1.0 - weight) * strength[counted]
        return strength

    def offer_all(self, best: _Found, *, why: int) -> None:
        """Offer every cause that usually leads to rows of this type, where a rule need not know of it."""
        journeys = self._case.journeys
        may = np.flatnonzero((self._type >= 0) & self._may_follow())
        owners, kinds = journeys.owners(), self._kinds()
        for cause in np.flatnonzero(self._known.surplus.any(axis=(1, 2))).tolist():
            is_cause = self._type == cause
            if not is_cause.any():
                continue
            earlier = follow.latest_before(cause=is_cause, group=owners)[may]
            gap = np.where(earlier >= 0, journeys.occurred[may] - journeys.occurred[earlier], np.inf)
            place = habits.bins(gap=gap, far=False)
            counted = (place >= 0) & ((kinds[may] != kinds[earlier]) | self._case.signs.contact[may])
            strength = np.zeros(len(journeys))
            strength[may[counted]] = self._known.surplus[cause, self._type[may[counted]], place[counted]]
            row = np.full(len(journeys), -1, np.int64)
            row[may] = earlier
            best.offer(strength, row, why)

    def _kinds(self) -> terms.Codes:
        return signs.column(journeys=self._case.journeys, name="kind").codes

    def _may_follow(self) -> signs.Flags:
        """Rows that somebody could have caused: acts of customers and failures.

        What we send by the calendar is not, nor an outage; and what comes regularly (bill after bill) is no chain.
        """
        found, pack = self._case.signs, self._case.pack
        kind = signs.column(journeys=self._case.journeys, name="kind")
        own = signs.where(words=kind, holds=lambda word: not pack.knows("kinds", word))
        outage = signs.where(words=kind, holds=lambda word: pack.known_as("kinds", word) == "outage")
        return (found.contact | found.visit | found.fault | found.promising | found.kept | own) & ~outage


def _width(place: NDArray[np.int64]) -> terms.Floats:
    edges = np.array(habits.EDGES)
    return np.diff(edges)[place]


def _earlier(case: _Case, rule: rules.Rule) -> terms.Keys:
    group = follow.groups(journeys=case.journeys, same=rule.same)
    cause = _holds(case, rule.cause)
    if rule.by_date:
        promised = signs.number(journeys=case.journeys, name="promised_at")
        day = np.where(np.isfinite(promised), promised, case.journeys.occurred)
        earlier = follow.due_at(day=day, promised=promised, cause=cause, group=group)
    else:
        earlier = follow.latest_before(cause=cause, group=group)
    return np.where(_holds(case, rule.effect), earlier, -1)


def _holds(case: _Case, side: rules.Side) -> signs.Flags:
    holds = np.ones(len(case.journeys), np.bool_)
    for state in side.states:
        holds &= getattr(case.signs, state)
    for name, wanted in (("kind", side.kinds), ("department", side.departments), ("reason", side.reasons)):
        if wanted:
            holds &= _one_of(case, name, wanted)
    if side.facts:
        holds &= _has_fact(case, side.facts)
    return holds


def _one_of(case: _Case, name: str, wanted: tuple[str, ...]) -> signs.Flags:
    words = signs.column(journeys=case.journeys, name=name)
    return signs.where(words=words, holds=lambda word: word in wanted or case.pack.known_as(f"{name}s", word) in wanted)


def _has_fact(case: _Case, wanted: tuple[str, ...]) -> signs.Flags:
    def told(facts: str) -> bool:
        return any(case.pack.known_as("facts", fact) in wanted for fact in facts.split("|"))

    return signs.where(words=signs.column(journeys=case.journeys, name="facts"), holds=told)


def _from_pack(rule: packs.LinkRule) -> rules.Rule:
    return rules.Rule(
        words=rule.words,
        effect=_side_from_pack(rule.effect),
        cause=_side_from_pack(rule.cause),
        same=rule.same,
        within_days=rule.within_days,
        typical_days=rule.typical_days,
        weight=rule.weight,
    )


def _side_from_pack(side: packs.Side) -> rules.Side:
    return rules.Side(
        states=STATES.get(side.state, (side.state,)),
        kinds=side.kinds,
        departments=side.departments,
        reasons=side.reasons,
        facts=side.facts,
    )
