"""Looking for ids that name one person: what can be compared is kept as keyed hashes, and pairs are judged by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

import msgspec
import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Count

from valence.customers import bulk, hashes, links, rules_evidence, sealing
from valence.customers.models import Counter, Customer, Link, Trait
from valence.customers.rules_evidence import Case
from valence.customers.rules_links import Relation, State
from valence.terms import Progress

STEP = 2_000
BY = links.EVIDENCE
LOOKED, SEEN = "looked", "looked_at"
MARGIN = timedelta(days=1)
REST = timedelta(minutes=30)
LEFT: Mapping[tuple[str, str], tuple[Case, ...]] = {
    (State.CONFIRMED, Relation.SAME): (Case.PERSON,),
    (State.CONFIRMED, Relation.HOUSEHOLD): (Case.HOUSEHOLD,),
    (State.REFUSED, Relation.SAME): (Case.HOUSEHOLD, Case.STRANGERS),
    (State.REFUSED, Relation.HOUSEHOLD): (Case.PERSON, Case.STRANGERS),
}
"""Which cases are left for a pair after what people decided."""
Report = Callable[[Progress], None]
Hashes = Mapping[str, bytes]


@dataclass(frozen=True)
class Looked:
    """What a look for the same people found. `affected`: whose reading changed, where links confirm themselves."""

    compared: int
    suggested: int
    confirmed: int
    affected: frozenset[int]


def look(*, now: datetime, above: float | None, country: str, progress: Report = lambda step: None) -> Looked:
    """Compare who may be the same, and write suggestions; from the chance `above` on they confirm themselves.

    1. What can be compared of whoever is new or changed becomes keyed hashes. 2. Pairs that share an e-mail, a phone,
    or a name with birth date or address are compared; what more than a few share is compared by nobody. 3. How much
    each thing says is learned from all pairs and from what people decided. 4. What nobody decided is written or, where
    nothing speaks for it any more, taken back.
    """
    _note_traits(now=now, country=country, progress=progress)
    pairs = _candidates()
    said = _judge(pairs, above, progress)
    with transaction.atomic():
        told = links.tell(said=said, by=BY, now=now)
        _take_back({(one.a, one.b) for one in said}, now)
    confirmed = sum(one.decided for one, number in zip(said, told.numbers, strict=True) if number)
    fresh = sum(number is not None for number in told.numbers)
    return Looked(len(pairs), fresh - confirmed, confirmed, told.affected)


def is_due(*, now: datetime) -> bool:
    """Say whether customers came or changed since the last look, which lies some time back: it reads many rows."""
    counts = dict(Counter.objects.filter(name__in=("customers", SEEN, LOOKED)).values_list("name", "value"))
    rested = now.timestamp() - counts.get(LOOKED, 0) >= REST.total_seconds()
    return rested and counts.get("customers", 0) != counts.get(SEEN, 0)


def _note_traits(*, now: datetime, country: str, progress: Report) -> None:
    """Hash what can be compared of everybody who changed since the last look; an import may have begun before it."""
    since = Counter.objects.filter(name=LOOKED).values_list("value", flat=True).first()
    changed = Customer.objects.exclude(wrapped_key=None)
    if since:
        changed = changed.filter(updated_at__gte=datetime.fromtimestamp(since, UTC) - MARGIN)
    count = Counter.objects.filter(name="customers").values_list("value", flat=True).first() or 0
    keys = list(changed.order_by("key").values_list("key", flat=True))
    for start in range(0, len(keys), STEP):
        progress(Progress(done=start, total=len(keys), words="Looking who may be the same"))
        _note(keys[start : start + STEP], country)
    Counter.objects.update_or_create(name=LOOKED, defaults={"value": int(now.timestamp())})
    Counter.objects.update_or_create(name=SEEN, defaults={"value": count})


def _note(keys: Sequence[int], country: str) -> None:
    """Hash what can be compared of some customers. What takes long is done before the transaction: others write too."""
    rows = {row.key: row for row in Customer.objects.filter(key__in=keys).exclude(wrapped_key=None)}
    records = sealing.personal_of(rows)
    found = [
        (key, kind, value)
        for key, record in records.items()
        for kind, value in rules_evidence.traits(
            record=record, attributes=_attributes(rows[key].attributes), country=country
        ).items()
    ]
    hashed = hashes.of_traits(home=settings.HOME, traits=[(kind, value) for _, kind, value in found])
    traits = [(key, kind, value) for (key, kind, _), value in zip(found, hashed, strict=True)]
    with transaction.atomic():
        Trait.objects.filter(customer_id__in=keys).delete()
        there = set(Customer.objects.filter(key__in=keys).exclude(wrapped_key=None).values_list("key", flat=True))
        rows_now = [row for row in traits if row[0] in there]  # who was erased meanwhile is noted no more
        bulk.insert(table=Trait, columns=("customer_id", "kind", "value_hash"), rows=rows_now)


def _attributes(text: str) -> dict[str, object]:
    return msgspec.json.decode(text, type=dict[str, object]) if text else {}


def _candidates() -> list[tuple[int, int]]:
    """Return the pairs that are compared at all, each once."""
    pairs: set[tuple[int, int]] = set()
    for kind in rules_evidence.BLOCKS:
        shared = Trait.objects.filter(kind=kind).values("value_hash").annotate(n=Count("pk"))
        few = shared.filter(n__gt=1, n__lte=rules_evidence.MOST_SHARING).values_list("value_hash", flat=True)
        owners: dict[bytes, list[int]] = {}
        rows = Trait.objects.filter(kind=kind, value_hash__in=few.order_by())
        for value, key in rows.values_list("value_hash", "customer_id").iterator(chunk_size=STEP):
            owners.setdefault(bytes(value), []).append(key)
        pairs.update(pair for keys in owners.values() for pair in combinations(sorted(keys), 2))
    return sorted(pairs)


def _judge(pairs: Sequence[tuple[int, int]], above: float | None, progress: Report) -> list[links.Said]:
    keys = sorted({key for pair in pairs for key in pair})
    traits = _traits_of(keys)
    sharing = _sharing(traits)
    progress(Progress(done=0, total=0, words="Comparing"))
    levels = [
        rules_evidence.compared(one=traits.get(a, {}), other=traits.get(b, {}), sharing=sharing) for a, b in pairs
    ]
    table = np.array(levels, dtype=np.int8).reshape(len(pairs), len(rules_evidence.FIELDS))
    found = rules_evidence.judged(levels=table, known=_decided(pairs))
    running = _running(keys)
    said = []
    for (a, b), level, chance in zip(pairs, levels, found.chance.tolist(), strict=True):
        both_run = a in running and b in running and running[a] != running[b]
        proposal = rules_evidence.proposed(chance=chance, both_run=both_run)
        if proposal is not None:
            relation, sure = proposal
            said.append(_said(a, b, relation, sure, level, above))
    return said


def _said(a: int, b: int, relation: Relation, sure: float, levels: Sequence[int], above: float | None) -> links.Said:
    return links.Said(
        a=a,
        b=b,
        relation=relation,
        evidence="|".join(rules_evidence.evidence(levels=levels)),
        reason=rules_evidence.reason(levels=levels),
        confidence=min(round(sure, 4), 0.9999),
        guessed=True,
        decided=above is not None and relation is Relation.SAME and sure >= above,
    )


def _traits_of(keys: Sequence[int]) -> dict[int, dict[str, bytes]]:
    found: dict[int, dict[str, bytes]] = {}
    for part in _steps(keys):
        rows = Trait.objects.filter(customer_id__in=part).values_list("customer_id", "kind", "value_hash")
        for key, kind, value in rows:
            found.setdefault(key, {})[kind] = bytes(value)
    return found


def _sharing(traits: Mapping[int, Hashes]) -> dict[bytes, int]:
    """Return how many ids have each e-mail and phone, of all and not only of those compared."""
    wanted = sorted({found[kind] for found in traits.values() for kind in ("email", "phone") if kind in found})
    counted: dict[bytes, int] = {}
    for start in range(0, len(wanted), STEP):
        rows = Trait.objects.filter(kind__in=("email", "phone"), value_hash__in=wanted[start : start + STEP])
        shared = rows.order_by().values_list("value_hash").annotate(n=Count("pk"))
        counted |= {bytes(value): n for value, n in shared}
    return counted


def _decided(pairs: Sequence[tuple[int, int]]) -> list[tuple[Case, ...]]:
    """Return which cases are left for each pair after what people decided."""
    rows = Link.objects.filter(state__in=(State.CONFIRMED, State.REFUSED)).exclude(decided_by=BY)
    said = {
        (a, b): (state, relation) for a, b, state, relation in rows.values_list("a_id", "b_id", "state", "relation")
    }
    return [LEFT.get(said.get(pair, ("", "")), tuple(Case)) for pair in pairs]


def _running(keys: Sequence[int]) -> dict[int, float]:
    """Return what the contracts cost that run now, by key."""
    found: dict[int, float] = {}
    for part in _steps(keys):
        rows = Customer.objects.filter(key__in=part, left_at=None).exclude(monthly_value=None).exclude(joined_at=None)
        found |= {key: value for key, value in rows.values_list("key", "monthly_value") if value is not None}
    return found


def _take_back(pairs: set[tuple[int, int]], now: datetime) -> None:
    """Take back suggestions of the evidence for which nothing speaks any more."""
    open_ones = Link.objects.filter(state=State.SUGGESTED, suggested_by=BY).values_list("pk", "a_id", "b_id")
    gone = [number for number, a, b in open_ones if (a, b) not in pairs]
    links.take_back(numbers=gone, by=BY, why="They share it no more.", now=now)


def _steps(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + STEP] for start in range(0, len(keys), STEP))
