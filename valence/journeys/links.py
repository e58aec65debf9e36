"""What led to what: recorded links first, and for the rest the likeliest cause by rules of time and promise."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

import numpy as np

from valence import packs, terms
from valence.journeys import follow, recorded, rules, signs

COLUMNS = signs.COLUMNS
RECORDED = "recorded"
STATES = {"": (), "made_promise": ("promising",), "broke_promise": ("broke",)}


@dataclass(frozen=True)
class _Case:
    """What the rules look at."""

    journeys: terms.Journeys
    pack: packs.Pack
    signs: signs.Signs


def infer(*, journeys: terms.Journeys, pack: packs.Pack, harmful: Set[str] = frozenset()) -> terms.Links:
    """Return at most one cause for each row: the recorded one, else the best that a rule finds.

    Needs the columns of COLUMNS; those that are missing count as unknown. `harmful` names facts beyond the pack's
    that a model found to do harm. A cause never comes later, and following causes always ends.
    """
    chosen = rules_for(pack=pack)
    found = signs.read(journeys=journeys, pack=pack, harmful=harmful)
    known = recorded.causes(journeys=journeys)
    guessed, why = _best(_Case(journeys=journeys, pack=pack, signs=found), chosen)
    guessed[known[known > np.arange(len(known))]] = -1
    cause = np.where(known >= 0, known, guessed)
    effect = np.flatnonzero(cause >= 0)
    inferred = known[effect] < 0
    return terms.Links(
        effect=effect,
        cause=cause[effect],
        inferred=inferred,
        rule=np.where(inferred, why[effect] + 1, 0).astype(np.int32),
        rules=(RECORDED, *(rule.words for rule in chosen)),
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


def _best(case: _Case, chosen: tuple[rules.Rule, ...]) -> tuple[terms.Keys, terms.Keys]:
    """Return for each row the cause with the highest score of all rules and the position of that rule, -1 for none."""
    occurred = case.journeys.occurred
    best = np.zeros(len(occurred))
    cause = np.full(len(occurred), -1, np.int64)
    why = np.full(len(occurred), -1, np.int64)
    for place, rule in enumerate(chosen):
        earlier = _earlier(case, rule)
        gap = np.where(earlier >= 0, occurred - occurred[earlier], np.inf)
        score = np.where(gap <= rule.within_days, rule.weight * np.exp(-gap / rule.typical_days), 0.0)
        better = score > best
        best[better], cause[better], why[better] = score[better], earlier[better], place
    return cause, why


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
