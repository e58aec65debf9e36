"""Taking an import's word about links back: what everybody else said of the same pairs is told again, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from valence.customers import links
from valence.customers.models import IdSystem, Link, LinkChange, LinkSaid
from valence.customers.rules_links import Relation, State
from valence.terms import Verdict

STEP = 500
Pair = tuple[int, int]


@dataclass(frozen=True)
class Unsaid:
    """What taking back did: links that went or changed, keys named in it, whose reading changes, verdicts of others."""

    links: int
    keys: frozenset[int]
    affected: frozenset[int]
    moved: dict[int, Counter[Verdict]]


@transaction.atomic
def unsay(*, batch: int) -> Unsaid:
    """Leave out what an import said of links, as if it had never been said. A second time there is nothing to do.

    1. A pair on which a person decided stays as they left it. 2. Of the others the link goes, and what everybody else
    said of the pair comes again, in order. 3. Ids are of the system that was named last. 4. Who is read as one
    customer is worked out again.
    """
    own = list(LinkSaid.objects.filter(batch=batch).order_by("pk"))
    keys = frozenset(key for row in own for key in (row.a_id, row.b_id))
    systems = {row.b_id for row in own if row.system}
    LinkSaid.objects.filter(batch=batch).delete()
    changed, affected, moved = 0, set[int](), dict[int, Counter[Verdict]]()
    pairs = sorted({(min(row.a_id, row.b_id), max(row.a_id, row.b_id)) for row in own})
    for start in range(0, len(pairs), STEP):
        part = _undecided(pairs[start : start + STEP], own)
        changed += len(part)
        affected |= _gone(part)
        for row in _others(part):
            affected |= _again(row, moved)
    _name_again(systems)
    return Unsaid(changed, keys, frozenset(affected | links.regroup(seeds=affected)), moved)


def _undecided(pairs: Sequence[Pair], own: Sequence[LinkSaid]) -> list[Pair]:
    """Return the pairs on whose links no person ever decided."""
    steps = LinkChange.objects.filter(_of(pairs, "link__")).values_list("link__a_id", "link__b_id", "who")
    told = set(LinkSaid.objects.filter(_either(pairs)).values_list("by", flat=True))
    told |= {links.EVIDENCE, *(row.by for row in own)}
    decided = {(a, b) for a, b, who in steps if who not in told}
    return [pair for pair in pairs if pair not in decided]


def _gone(pairs: Sequence[Pair]) -> set[int]:
    """Delete the links of pairs and return the keys of those that joined somebody."""
    if not pairs:
        return set()
    found = Link.objects.filter(_of(pairs))
    joined = found.filter(state=State.CONFIRMED, relation=Relation.SAME).values_list("a_id", "b_id")
    keys = {key for pair in joined for key in pair}
    found.delete()
    return keys


def _others(pairs: Sequence[Pair]) -> list[LinkSaid]:
    return list(LinkSaid.objects.filter(_either(pairs)).order_by("pk")) if pairs else []


def _again(row: LinkSaid, moved: dict[int, Counter[Verdict]]) -> set[int]:
    """Let something that was said come again; note where another import's record is new now, or is not any more."""
    said = links.Said(
        a=row.a_id, b=row.b_id, relation=Relation(row.relation), evidence=row.evidence, reason=row.reason,
        confidence=row.confidence, decided=row.decided, guessed=row.guessed, system=row.system,
    )  # fmt: skip
    told = links.told_again(said=[said], by=row.by, now=row.at)
    taught = told.numbers[0] is not None
    if taught != row.taught:
        counted = moved.setdefault(row.batch, Counter())
        counted[Verdict.CREATED if taught else Verdict.DUPLICATE] += 1
        counted[Verdict.DUPLICATE if taught else Verdict.CREATED] -= 1
        LinkSaid.objects.filter(pk=row.pk).update(taught=taught)
    return set(told.affected)


def _name_again(keys: Collection[int]) -> None:
    """Let ids be of the system that was named last for them, or of none."""
    last = dict(LinkSaid.objects.filter(b_id__in=keys).exclude(system="").order_by("pk").values_list("b_id", "system"))
    IdSystem.objects.filter(customer_id__in=set(keys) - last.keys()).delete()
    links.name_systems(systems=last)


def _of(pairs: Sequence[Pair], path: str = "") -> Q:
    found = Q(pk__in=())
    for a, b in pairs:
        found |= Q(**{f"{path}a_id": a, f"{path}b_id": b})
    return found


def _either(pairs: Sequence[Pair]) -> Q:
    return _of(pairs) | _of([(b, a) for a, b in pairs])
