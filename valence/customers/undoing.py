"""Taking an import's word about customers back: what is known is worked out again from what everybody else said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from valence.customers import accounts, actions, hashes, journal, links, rules_replay, sealing
from valence.customers.models import (
    Customer,
    Identity,
    IdSystem,
    Link,
    Membership,
    NameToken,
    PersonalText,
    Said,
    ValueChange,
)
from valence.customers.rules_replay import Entry, Replayed
from valence.terms import Verdict

STEP = 500


@transaction.atomic
def take_back(*, keys: Sequence[int], batches: Collection[int], now: datetime) -> dict[int, Counter[Verdict]]:
    """Leave out what some imports said about customers, and return by how much other imports' verdicts change.

    1. Leave their word out. 2. Work out what is known from the rest. 3. Write it: values and since when each was
    known, what is personal, the words to search by, accounts, and who is read as one. Doing it again changes nothing.
    """
    rows = {row.key: row for row in Customer.objects.filter(key__in=keys).exclude(wrapped_key=None)}
    before = journal.entries_of(customers=list(rows.values()))
    after = {key: rules_replay.without(entries=said, batches=batches) for key, said in before.items()}
    changed = [key for key in rows if after[key] != before[key]]
    if not changed:
        return {}
    for key in changed:
        journal.rewrite(before=before[key], after=after[key])
    _write({key: rows[key] for key in changed}, {key: rules_replay.replay(entries=after[key]) for key in changed}, now)
    actions.count_change(name="customers")
    return _moved([(before[key], after[key]) for key in changed], batches)


def speaks_of(*, batches: Collection[int]) -> list[int]:
    """Return the keys of the customers of whom imports said something first."""
    return sorted({key for batch in batches for key in journal.spoken_of(batch=batch)})


@transaction.atomic
def let_go(*, keys: Sequence[int], mentioned: Collection[int], refused: Collection[bytes]) -> int:
    """Delete those customers of whom nothing speaks any more, and return how many went.

    `mentioned`: keys that an interaction names; `refused`: keyed hashes of ids that a record kept aside names. Whoever
    was said anything about, or was linked by a source or a person, stays.
    """
    asked = set(keys) - set(mentioned)
    stay = set(Said.objects.filter(customer_id__in=asked).values_list("customer_id", flat=True))
    stay |= set(IdSystem.objects.filter(customer_id__in=asked).values_list("customer_id", flat=True))
    for a, b in Link.objects.filter(Q(a_id__in=asked) | Q(b_id__in=asked)).values_list("a_id", "b_id"):
        stay |= {a, b}
    named = Identity.objects.filter(customer_id__in=asked - stay)
    stay |= {key for key, id_hash in named.values_list("customer_id", "id_hash") if bytes(id_hash) in refused}
    gone = Customer.objects.filter(key__in=asked - stay, joined_at=None)
    count = gone.count()
    if count:
        gone.delete()
        actions.count_change(name="customers")
        actions.count_change(name="erased")  # whoever remembers their keys forgets them
    return count


def still_there(*, keys: Sequence[int]) -> list[int]:
    """Return those keys that are customers' still."""
    return list(Customer.objects.filter(key__in=keys).values_list("key", flat=True))


def keys_of_hashes(*, id_hashes: Sequence[bytes]) -> list[int]:
    """Return the keys of customers by the keyed hashes of their ids."""
    found: list[int] = []
    for start in range(0, len(id_hashes), STEP):
        rows = Identity.objects.filter(id_hash__in=id_hashes[start : start + STEP])
        found += rows.values_list("customer_id", flat=True)
    return found


def drop_texts(*, rows: Sequence[tuple[str, str, int]]) -> None:
    """Delete the texts as written of interactions given as (source, interaction_id, revision)."""
    hashed = hashes.of_rows(home=settings.HOME, rows=rows)
    for start in range(0, len(hashed), STEP):
        PersonalText.objects.filter(row_hash__in=hashed[start : start + STEP]).delete()


def _write(rows: Mapping[int, Customer], replayed: Mapping[int, Replayed], now: datetime) -> None:
    keys, ids = sealing.keys_of(rows), sealing.customer_ids_of(rows)
    known = {key: found.known for key, found in replayed.items()}
    for table in (ValueChange, NameToken, Membership):
        table.objects.filter(customer_id__in=list(rows)).delete()
    actions.write_known(known=known, keys=keys, now=now)
    actions.write_changes([(key, change) for key, found in replayed.items() for change in found.changes])
    sealing.add_tokens(customer_ids=ids, personal={key: ({}, *found.personal) for key, found in replayed.items()})
    sealing.write_personal(keys=keys, customer_ids=ids, personal={key: one.personal for key, one in known.items()})
    accounts.keep(known=known)
    links.learned(keys=known)


def _moved(
    pairs: Sequence[tuple[Sequence[Entry], Sequence[Entry]]], batches: Collection[int]
) -> dict[int, Counter[Verdict]]:
    moved: dict[int, Counter[Verdict]] = {}
    for before, after in pairs:
        for batch, counted in rules_replay.moved(before=before, after=after, batches=batches).items():
            total = moved.setdefault(batch, Counter())
            for verdict, count in counted.items():
                total[verdict] += count
    return moved
