"""Which interactions a survey could ask about: matched alike as they arrive and over a period that is past. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.surveys import asking, becoming
from valence.surveys.asking import Candidate, Trigger
from valence.surveys.values_asking import Moment

OF_INTERACTION = (
    "kind", "department", "touchpoint", "channel", "reason", "facts", "promise", "source", "team_id", "location_id",
)  # fmt: skip
OF_CUSTOMER = ("segment", "plan", "region", "language")
KEPT = ("kind", "facts", "source", *becoming.HANDED_ON)
COLUMNS = (*OF_INTERACTION, "agent_id", "amount", "expected_amount", "interaction_id")
ABOVE_WHAT_WAS_TOLD = 1.1
ENDLESS = timedelta(days=1)


@dataclass(frozen=True)
class Words:
    """What the industry pack says of words: other names of kinds and facts, and which facts did harm."""

    kinds: Mapping[str, str]
    facts: Mapping[str, str]
    harmful: frozenset[str]

    @classmethod
    def of(cls, pack: packs.Pack) -> Words:
        """Return what a pack says."""
        return cls(pack.aliases.get("kinds", {}), pack.aliases.get("facts", {}), pack.harmful_facts)


def arrived(
    interactions: Iterable[terms.Interaction], *, triggers: Sequence[Trigger], words: Words, key: bytes, now: datetime
) -> list[Moment]:
    """Return the moments that triggers match in what just arrived; what is long past makes none.

    key: by which it is drawn in which way somebody is asked while two are tried.
    """
    asks = [(trigger, _of_interaction(trigger), _longest(trigger) + trigger.lasts + ENDLESS) for trigger in triggers]
    kinds = _kinds(triggers)
    found: list[Moment] = []
    for one in interactions:
        if one.source == becoming.SOURCE or not (kinds is None or {one.kind, words.kinds.get(one.kind)} & kinds):
            continue
        fields = fields_of(one, words)
        bare = Candidate(customer_key=0, ref="", occurred_at=one.occurred_at, fields=fields)
        found += [
            _moment(one, trigger, fields, words, key)
            for trigger, meant, most in asks
            if now - one.occurred_at <= most and asking.matches(meant, bare)
        ]
    return found


def fields_of(one: terms.Interaction, words: Words) -> dict[str, str]:
    """Return the fields of an interaction that triggers match on, each word with the pack's own name beside it."""
    fields = {name: getattr(one, name) for name in OF_INTERACTION}
    return _with_own_names(fields, words)


def went_wrong(fields: Mapping[str, str], *, amount: float | None, expected: float | None, words: Words) -> bool:
    """Say whether something went wrong: a fact that did harm, a broken promise, an outage, more billed than told."""
    if not words.harmful.isdisjoint(fields["facts"].split("|")) or fields["promise"] == "broken":
        return True
    if "outage" in fields["kind"].split("|"):
        return True
    return bool(amount and expected and amount > expected * ABOVE_WHAT_WAS_TOLD)


def past(
    journeys: terms.Journeys, *, triggers: Sequence[Trigger], words: Words, since: datetime, until: datetime
) -> Iterator[Candidate]:
    """Yield the interactions of journeys that triggers match and that come due from `since` until before `until`.

    What is known of the customer is not in them yet. An interaction that several triggers match is yielded once.
    """
    longest = max(map(_longest, triggers), default=timedelta(0))
    low, high = terms.days(since - longest), terms.days(until)
    recent = (np.maximum(journeys.occurred, journeys.recorded) >= low) & (journeys.occurred < high)
    said = {name: journeys.words[name] for name in OF_INTERACTION}
    not_answers = np.array([one != becoming.SOURCE for one in said["source"].vocabulary] + [True], np.bool_)
    recent &= not_answers[said["source"].codes]
    wanted = np.zeros(len(journeys), np.bool_)
    for trigger in triggers:
        wanted |= _meant(said, trigger, words)
    owners = journeys.owners()
    for row in np.flatnonzero(wanted & recent).tolist():
        yield _candidate(journeys, row, int(journeys.keys[owners[row]]), words)


def with_customer(candidate: Candidate, **known: str) -> Candidate:
    """Return a candidate with fields of the customer among those that triggers match on."""
    return replace(candidate, fields={**candidate.fields, **{name: known.get(name, "") for name in OF_CUSTOMER}})


def _of_interaction(trigger: Trigger) -> Trigger:
    """Return a trigger without what it asks of the customer, which is looked at when its time has come."""
    return replace(trigger, when={name: words for name, words in trigger.when.items() if name in OF_INTERACTION})


def _kinds(triggers: Sequence[Trigger]) -> frozenset[str] | None:
    """Return the kinds that any of the triggers looks at, None where one looks at all: most rows are passed by."""
    if any("kind" not in trigger.when for trigger in triggers):
        return None
    return frozenset[str]().union(*(trigger.when["kind"] for trigger in triggers))


def _longest(trigger: Trigger) -> timedelta:
    return max(trigger.after, trigger.other.after) if trigger.other else trigger.after


def _moment(one: terms.Interaction, trigger: Trigger, fields: Mapping[str, str], words: Words, key: bytes) -> Moment:
    ref = f"{one.source}:{one.interaction_id}"
    unhappy = went_wrong(fields, amount=one.amount, expected=one.expected_amount, words=words)
    candidate = Candidate(0, ref, one.occurred_at, fields, unhappy=unhappy, known_at=one.recorded_at)
    about = {name: getattr(one, name) for name in KEPT if getattr(one, name)}
    more = {name: fields[name] for name in ("channel", "promise") if fields[name]}
    return Moment(
        trigger=trigger.slug,
        ref=ref,
        customer_key=one.customer_key,
        occurred_at=one.occurred_at,
        due_at=asking.due_at(candidate, trigger=asking.as_tried(trigger, candidate=candidate, key=key)),
        about={
            **about,
            **more,
            "ref": ref,
            "occurred_at": one.occurred_at.isoformat(),
            "trigger": trigger.slug,
            **_tried(trigger, candidate, key),
        },
        unhappy=unhappy,
        team_id=one.team_id,
    )


def _tried(trigger: Trigger, candidate: Candidate, key: bytes) -> dict[str, str]:
    """Return which trial a moment is in and which way it drew; nothing where none is tried on it."""
    way = asking.way_of(trigger, candidate=candidate, key=key)
    return {"trial": trial_of(trigger), "way": way.value} if way else {}


def trial_of(trigger: Trigger) -> str:
    """Return the name of the trial that goes on: when it began; "" where there is none."""
    return trigger.other.since.isoformat() if trigger.other else ""


def way_drawn(about: Mapping[str, str], *, trigger: Trigger) -> str:
    """Return which way a kept moment drew, "" where the trial that it drew in does not go on."""
    return about.get("way", "") if about.get("trial", "") == trial_of(trigger) else ""


def of_about(about: Mapping[str, str], *, words: Words) -> dict[str, str]:
    """Return the fields of a moment that was kept, as triggers match on them."""
    return _with_own_names({name: about.get(name, "") for name in OF_INTERACTION}, words)


def _with_own_names(fields: dict[str, str], words: Words) -> dict[str, str]:
    for name, aliases in (("kind", words.kinds), ("facts", words.facts)):
        own = [aliases[word] for word in fields[name].split("|") if word in aliases]
        if own:
            fields[name] = "|".join([fields[name], *own])
    return fields


def _meant(said: Mapping[str, terms.Words], trigger: Trigger, words: Words) -> NDArray[np.bool_]:
    """Say of every row whether a trigger matches it: each vocabulary is looked at once, not each row."""
    meant: NDArray[np.bool_] | None = None
    for name, wanted in trigger.when.items():
        if name not in said:
            continue
        aliases = {"kind": words.kinds, "facts": words.facts}.get(name, {})
        fits = [_fits(one, wanted, aliases) for one in said[name].vocabulary]
        own = np.array([*fits, False], np.bool_)[said[name].codes]
        meant = own if meant is None else meant & own
    rows = len(next(iter(said.values())).codes)
    return np.ones(rows, np.bool_) if meant is None else meant


def _fits(one: str, wanted: frozenset[str], aliases: Mapping[str, str]) -> bool:
    parts = one.split("|")
    return not wanted.isdisjoint([*parts, *(aliases.get(part, "") for part in parts)])


def _candidate(journeys: terms.Journeys, row: int, key: int, words: Words) -> Candidate:
    said = {name: _word(journeys.words[name], row) for name in OF_INTERACTION}
    fields = _with_own_names(dict(said), words)
    amount, expected = (float(journeys.numbers[name][row]) for name in ("amount", "expected_amount"))
    return Candidate(
        customer_key=key,
        ref=f"{said['source']}:{journeys.texts['interaction_id'][row]}",
        occurred_at=_moment_of(journeys.occurred[row]),
        known_at=_moment_of(journeys.recorded[row]),
        fields=fields,
        unhappy=went_wrong(
            fields,
            amount=None if np.isnan(amount) else amount,
            expected=None if np.isnan(expected) else expected,
            words=words,
        ),
    )


def _word(words: terms.Words, row: int) -> str:
    code = int(words.codes[row])
    return words.vocabulary[code] if code >= 0 else ""


def _moment_of(day: float) -> datetime:
    """Return the moment of a day count to the millisecond: days as numbers hold no more."""
    at = terms.moment(float(day))
    return at.replace(microsecond=0) + timedelta(milliseconds=round(at.microsecond / 1000))
