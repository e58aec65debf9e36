"""Writes about links between keys: suggest, record, decide. What follows for merged customers is worked out at once."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import Q

from valence.customers import identities, rules_links
from valence.customers.models import (
    Counter,
    Customer,
    IdSystem,
    Link,
    LinkChange,
    LinkSaid,
    MergedCustomer,
    MergedKey,
)
from valence.customers.rules_links import Line, Relation, State
from valence.terms import Keys, Merged

STEP = 2_000
COUNTED = "links"
EVIDENCE = "evidence"
VALUES = ("key", "joined_at", "left_at", "left_kind", "left_reason", "switched_from", "monthly_value")


class UnknownLink(LookupError):  # noqa: N818 - named as people say it
    """There is no such link, or one of its customers was erased."""


class NotPossible(ValueError):  # noqa: N818 - named as people say it
    """The step cannot be done; the message says why, for people."""


@dataclass(frozen=True)
class Said:
    """What a source or the evidence says of two keys. `decided`: it is taken as it is, nobody is asked.

    `system`: which one knows the id of `b`, where that is said.
    """

    a: int
    b: int
    relation: Relation
    evidence: str
    reason: str
    confidence: float
    decided: bool = False
    guessed: bool = False
    system: str = ""


@dataclass(frozen=True)
class Told:
    """What became of what was said: links by number for what is new or changed, None else; whose reading changes."""

    numbers: tuple[int | None, ...]
    refused: Mapping[int, str]
    affected: frozenset[int]


@transaction.atomic
def tell(*, said: Sequence[Said], by: str, now: datetime, batch: int = 0) -> Told:
    """Write what is said of pairs of keys, in order, and join whom it decides.

    1. A pair of which nothing was known becomes a link. 2. What somebody decided stays: evidence changes only what is
    still a suggestion. 3. A pair that somebody said is not the same stays parted, also by way of others. 4. What was
    said is kept, with the import (`batch`) that said it, so that it can be taken back.
    """
    told = told_again(said=said, by=by, now=now)
    kept = [(one, number is not None) for one, number in zip(said, told.numbers, strict=True)]
    _keep([(one, taught) for one, taught in kept if batch or taught], by, now, batch)
    name_systems(systems={one.b: one.system for one in said})
    return told


def told_again(*, said: Sequence[Said], by: str, now: datetime) -> Told:
    """Write what is said of pairs of keys without keeping that it was said: `tell`, of what is kept already."""
    _hold()
    known = _links_of(said)
    numbers: list[int | None] = []
    for one in said:
        link = known.get(_pair(one))
        if one.a == one.b or (link is not None and not _teaches(link, one)):
            numbers.append(None)
            continue
        link = known[_pair(one)] = _written(link, one, by, now)
        numbers.append(link.pk)
    pairs = {_pair(one) for one, number in zip(said, numbers, strict=True) if number and one.relation is Relation.SAME}
    decided = {key for pair in pairs for key in pair if known[pair].state == State.CONFIRMED}
    torn = _part_again(decided, {number for number in numbers if number}, by, now)
    refused = {place: "not the same" for place, number in enumerate(numbers) if number in torn}
    return Told(numbers=tuple(numbers), refused=refused, affected=regroup(seeds=decided))


def _keep(said: Sequence[tuple[Said, bool]], by: str, now: datetime, batch: int) -> None:
    LinkSaid.objects.bulk_create(
        (
            LinkSaid(
                a_id=one.a, b_id=one.b, batch=batch, at=now, by=by[:150], relation=one.relation,
                evidence=one.evidence[:100], reason=one.reason[:300], confidence=one.confidence, decided=one.decided,
                guessed=one.guessed, system=one.system[:60], taught=taught,
            )
            for one, taught in said
        ),
        batch_size=STEP,
    )  # fmt: skip


@transaction.atomic
def take_back(*, numbers: Sequence[int], by: str, why: str, now: datetime) -> frozenset[int]:
    """Undo what a source or the evidence said and nobody decided on, so that it may be said again.

    Returns the keys whose reading changes.
    """
    _hold()
    keys: set[int] = set()
    for part in _steps(sorted(numbers)):
        found = Link.objects.filter(pk__in=part)
        keys.update(key for pair in found.filter(state=State.CONFIRMED).values_list("a_id", "b_id") for key in pair)
        relations = dict(found.values_list("pk", "relation"))
        found.update(state=State.UNDONE, decided_by="", decided_at=now)
        for number, relation in relations.items():
            _note([number], State.UNDONE, Relation(relation), by, why, now)
    return regroup(seeds=keys)


@transaction.atomic
def decide(*, number: int, state: State, relation: Relation | None, by: str, why: str, now: datetime) -> frozenset[int]:
    """Let a link take a step, put it on record, and return the keys whose reading changes.

    Raises UnknownLink; NotPossible where the step is none, or would join two of whom it was said that they are not
    the same.
    """
    _hold()
    link = Link.objects.filter(pk=number, a__wrapped_key__isnull=False, b__wrapped_key__isnull=False).first()
    if link is None:
        raise UnknownLink(str(number))
    before = State(link.state)
    wanted = relation or Relation(link.relation)
    if state not in rules_links.STEPS[before] and not (state is before and wanted != link.relation):
        raise NotPossible(f"A link that is {before} cannot become {state}.")
    link.relation, link.decided_by, link.decided_at = wanted, by, now
    link.state = state
    link.save(update_fields=["relation", "state", "decided_by", "decided_at"])
    LinkChange.objects.create(link=link, at=now, who=by, state=state, relation=wanted, why=why[:300])
    if state is State.CONFIRMED and wanted is Relation.SAME:
        _refuse_if_parted({link.a_id, link.b_id})
    return regroup(seeds={link.a_id, link.b_id})


def learned(*, keys: Collection[int]) -> None:
    """Work out merged customers again of whose lines something new is known. Nobody merged: one small question.

    Mostly only what they say together changes; where a line joined before the others, they get its key.
    """
    merged = identities.merged()
    if not len(merged):
        return
    touched = np.intersect1d(np.fromiter(keys, np.int64, len(keys)), merged.keys)
    if not len(touched):
        return
    _hold()
    groups = _groups_of(merged, touched)
    lines = _lines({key for group in groups.values() for key in group})
    known = {read: [lines[key] for key in group if key in lines] for read, group in groups.items()}
    found = {read: rules_links.together(lines=theirs) for read, theirs in known.items() if theirs}
    if len(found) < len(groups) or any(read != line.key for read, line in found.items()):
        regroup(seeds=touched.tolist())
    else:
        _write_merged(list(found.values()))


def _groups_of(merged: Merged, keys: Keys) -> dict[int, list[int]]:
    theirs = np.isin(merged.canonical, merged.canonical_of(keys))
    groups: dict[int, list[int]] = {}
    for key, read in zip(merged.keys[theirs].tolist(), merged.canonical[theirs].tolist(), strict=True):
        groups.setdefault(read, []).append(key)
    return groups


def forgotten() -> None:
    """Say that somebody was forgotten, and with them how they were known."""
    if identities.version():
        _count()


@transaction.atomic
def name_systems(*, systems: Mapping[int, str]) -> None:
    """Keep which system knows the ids of keys."""
    rows = [IdSystem(customer_id=key, system=system[:60]) for key, system in systems.items() if system]
    IdSystem.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["system"], unique_fields=["customer_id"], batch_size=STEP
    )


@transaction.atomic
def regroup(*, seeds: Collection[int]) -> frozenset[int]:
    """Work out again who is one customer around some keys, and return everybody whose reading may have changed.

    1. Everybody who was one customer with them. 2. Everybody whom confirmed links lead to. 3. Their old grouping goes.
    4. Whoever belongs together is written under the key of the line that joined first, with what all lines say.
    """
    if not seeds:
        return frozenset()
    nodes, pairs = _reached({*seeds, *_read_with(seeds)})
    groups = [group for group in rules_links.components(pairs=pairs, alone=nodes) if len(group) > 1]
    for part in _steps(sorted(nodes)):
        MergedCustomer.objects.filter(Q(customer_id__in=part)).delete()
        MergedKey.objects.filter(customer_id__in=part).delete()
    _write_groups(groups)
    _count()
    return frozenset(nodes)


def _write_groups(groups: Sequence[frozenset[int]]) -> None:
    lines = _lines({key for group in groups for key in group})
    found = [(rules_links.together(lines=[lines[key] for key in group]), group) for group in groups]
    _write_merged([line for line, _ in found])
    keys = [MergedKey(customer_id=key, merged_id=line.key) for line, group in found for key in sorted(group)]
    MergedKey.objects.bulk_create(keys, batch_size=STEP)


def _write_merged(lines: Sequence[Line]) -> None:
    MergedCustomer.objects.bulk_create(
        [_merged(line) for line in lines],
        update_conflicts=True,
        update_fields=[*VALUES[1:], *rules_links.WORDS],
        unique_fields=["customer"],
        batch_size=STEP,
    )


def _merged(line: Line) -> MergedCustomer:
    return MergedCustomer(
        customer_id=line.key,
        joined_at=line.joined_at,
        left_at=line.left_at,
        left_kind=line.left_kind,
        left_reason=line.left_reason,
        switched_from=line.switched_from,
        monthly_value=line.monthly_value,
        **line.words,
    )


def _lines(keys: Collection[int]) -> dict[int, Line]:
    found = {}
    for part in _steps(sorted(keys)):
        for row in Customer.objects.filter(key__in=part).values(*VALUES, *rules_links.WORDS):
            plain = {name: row[name] for name in VALUES}
            found[row["key"]] = Line(**plain, words={name: row[name] for name in rules_links.WORDS})
    return found


def _reached(seeds: set[int]) -> tuple[set[int], list[tuple[int, int]]]:
    """Return everybody whom confirmed links lead to from some keys, step by step, and the pairs of those links."""
    nodes, fresh = set(seeds), set(seeds)
    pairs: set[tuple[int, int]] = set()
    sure = Link.objects.filter(relation=Relation.SAME, state=State.CONFIRMED)
    while fresh:
        around: set[tuple[int, int]] = set()
        for part in _steps(sorted(fresh)):
            around.update(sure.filter(a_id__in=part).values_list("a_id", "b_id"))
            around.update(sure.filter(b_id__in=part).values_list("a_id", "b_id"))
        pairs |= around
        fresh = {key for pair in around for key in pair} - nodes
        nodes |= fresh
    return nodes, sorted(pairs)


def _read_with(keys: Collection[int]) -> set[int]:
    """Return everybody who was read as one customer with some keys."""
    merged: set[int] = set()
    for part in _steps(sorted(keys)):
        merged.update(MergedKey.objects.filter(customer_id__in=part).values_list("merged_id", flat=True))
    found: set[int] = set()
    for part in _steps(sorted(merged)):
        found.update(MergedKey.objects.filter(merged_id__in=part).values_list("customer_id", flat=True))
    return found


def _refuse_if_parted(keys: set[int]) -> None:
    nodes, _ = _reached(keys)
    if _parted_in(nodes):
        raise NotPossible("Somebody said of two of these ids that they are not the same person. Undo that first.")


def _parted_in(nodes: set[int]) -> tuple[int, int] | None:
    refused: list[tuple[int, int]] = []
    for part in _steps(sorted(nodes)):
        said = Link.objects.filter(relation=Relation.SAME, state=State.REFUSED, a_id__in=part)
        refused.extend(said.values_list("a_id", "b_id"))
    return rules_links.parted(members=nodes, refused=refused)


def _part_again(keys: set[int], numbers: set[int], by: str, now: datetime) -> set[int]:
    """Turn links that were just confirmed, and would join a parted pair, back into suggestions; return their numbers.

    One question says whether there is anything to look at: most sources never contradict what people decided.
    """
    if not keys or not Link.objects.filter(relation=Relation.SAME, state=State.REFUSED).exists():
        return set()
    nodes, pairs = _reached(keys)
    back: set[int] = set()
    for group in rules_links.components(pairs=pairs, alone=nodes):
        if _parted_in(set(group)):
            sure = Link.objects.filter(relation=Relation.SAME, state=State.CONFIRMED, a_id__in=group, b_id__in=group)
            back.update(numbers.intersection(sure.values_list("pk", flat=True)))
    for part in _steps(sorted(back)):
        Link.objects.filter(pk__in=part).update(state=State.SUGGESTED, decided_by="", decided_at=None)
        _note(part, State.SUGGESTED, Relation.SAME, by, "It would join two who are not the same.", now)
    return back


def _teaches(link: Link, one: Said) -> bool:
    """Whether what is said changes a link: what a person decided, or undid, stays whatever is sent again.

    A suggestion changes where it is decided now or something else speaks for it; evidence never takes the place of
    what a source recorded.
    """
    if link.state == State.SUGGESTED:
        new = (link.relation, link.evidence, link.confidence) != (one.relation, one.evidence, one.confidence)
        return one.decided or (new and (one.guessed is (link.suggested_by == EVIDENCE)))
    return link.state == State.UNDONE and not link.decided_by


def _written(link: Link | None, one: Said, by: str, now: datetime) -> Link:
    a, b = _pair(one)
    state = State.CONFIRMED if one.decided else State.SUGGESTED
    is_new = link is None
    link = link or Link(a_id=a, b_id=b, suggested_by=by[:150], suggested_at=now)
    link.relation, link.state, link.evidence = one.relation, state, one.evidence[:100]
    link.reason, link.confidence = one.reason[:300], one.confidence
    if one.decided:
        link.decided_by, link.decided_at = by[:150], now
    link.save()
    if is_new or one.decided:
        _note([link.pk], state, one.relation, by, one.reason, now)
    return link


def _note(numbers: Iterable[int], state: State, relation: Relation, by: str, why: str, now: datetime) -> None:
    LinkChange.objects.bulk_create(
        LinkChange(link_id=number, at=now, who=by[:150], state=state, relation=relation, why=why[:300])
        for number in numbers
    )


def _links_of(said: Sequence[Said]) -> dict[tuple[int, int], Link]:
    wanted = {_pair(one) for one in said}
    found: dict[tuple[int, int], Link] = {}
    for part in _steps(sorted({a for a, _ in wanted})):
        for link in Link.objects.filter(a_id__in=part):
            if (link.a_id, link.b_id) in wanted:
                found[link.a_id, link.b_id] = link
    return found


def _pair(one: Said) -> tuple[int, int]:
    return min(one.a, one.b), max(one.a, one.b)


def _steps(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + STEP] for start in range(0, len(keys), STEP))


def _hold() -> None:
    """Let nobody else join or part anybody until this transaction ends."""
    Counter.objects.get_or_create(name=COUNTED)
    Counter.objects.select_for_update().get(name=COUNTED)


def _count() -> None:
    """Say that links changed: another number than ever before, so that no memory of a transaction that failed fits."""
    Counter.objects.update_or_create(name=COUNTED, defaults={"value": secrets.randbits(62)})
