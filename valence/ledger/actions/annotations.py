"""Writes about texts: what waits to be read, what was read, what a person put right. One verb, one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from valence.customers.models import Customer
from valence.ledger.annotated import Annotated, Said, names_in, packed, put_right, said_of, unpacked
from valence.ledger.models import Annotation, Correction, Meaning, Mention, Unread

AT_ONCE = 500
Waiting = tuple[bytes, int, int, bytes]
"""An interaction that waits: the hash of its source and id, its customer, its revision, itself as MessagePack."""


@transaction.atomic
def wait(*, unread: Sequence[Waiting], wordless: Sequence[bytes] = ()) -> int:
    """Keep interactions whose texts are to be read; return how many. Call it in the transaction of their follower.

    wordless: interactions of which a newer revision has no text any more: what was read in them goes.
    """
    _drop(wordless)
    for start in range(0, len(wordless), AT_ONCE):
        Unread.objects.filter(row_hash__in=list(wordless[start : start + AT_ONCE])).delete()
    newest = {row[0]: row for row in sorted(unread, key=lambda row: row[2])}
    alive = _alive({row[1] for row in newest.values()})
    rows = [Unread(row_hash=h, customer_id=k, revision=r, payload=p) for h, k, r, p in newest.values() if k in alive]
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        Unread.objects.bulk_create(
            part,
            update_conflicts=True,
            unique_fields=["row_hash"],
            update_fields=["customer", "revision", "payload"],
        )
    return len(rows)


@transaction.atomic
def put(*, read: Sequence[Annotated], now: datetime, taken: Sequence[tuple[int, int]] = ()) -> int:
    """Store what was read in place of what stood there, and let go of what waited; return how many were stored.

    taken: number and revision of what waited; where a newer revision arrived meanwhile, it waits on. A revision lower
    than the stored one is left out, and so is who was erased. What a person put right stays so. All of it or nothing.
    """
    newest = {one.row_hash: one for one in sorted(read, key=lambda one: one.interaction.revision)}
    higher = _higher(newest)
    alive = _alive({one.interaction.customer_key for one in newest.values()})
    stored = [one for key, one in newest.items() if key not in higher and one.interaction.customer_key in alive]
    right = _right([one.row_hash for one in stored])
    _drop([one.row_hash for one in stored])
    rows = Annotation.objects.bulk_create([_row(one, right.get(one.row_hash, ()), now) for one in stored])
    Mention.objects.bulk_create([mention for row in rows for mention in _mentions(row)])
    Meaning.objects.bulk_create(
        [Meaning(annotation=row, encoder=one.encoder, vector=one.vector) for row, one in zip(rows, stored, strict=True)]
    )
    for revision in {revision for _, revision in taken}:
        numbers = [number for number, own in taken if own == revision]
        for start in range(0, len(numbers), AT_ONCE):
            Unread.objects.filter(pk__in=numbers[start : start + AT_ONCE], revision=revision).delete()
    return len(stored)


@transaction.atomic
def correct(*, number: int, said: Said, by: str, now: datetime) -> int | None:
    """Keep what a person says is right of one text, and show it so at once; return its new number, None: it is gone."""
    row = Annotation.objects.select_for_update().filter(pk=number).first()
    if row is None:
        return None
    before = unpacked(bytes(row.found))
    was = Correction.objects.filter(row_hash=row.row_hash, part=said.part).values_list("was", flat=True).first()
    Correction.objects.update_or_create(
        row_hash=row.row_hash,
        part=said.part,
        defaults={
            "customer_id": row.customer_id,
            "said": said.said,
            "was": said_of(before, part=said.part) if was is None else was,
            "text": row.text,
            "language": row.language,
            "by": by,
            "at": now,
        },
    )
    return _rewritten(row, put_right(before, [said]), now)


@transaction.atomic
def take_back(*, number: int, part: str, found: bytes, now: datetime) -> int | None:
    """Forget a correction; `found`: what Valence reads in the text by itself. Return the new number, None: gone."""
    row = Annotation.objects.select_for_update().filter(pk=number).first()
    if row is None:
        return None
    Correction.objects.filter(row_hash=row.row_hash, part=part).delete()
    return _rewritten(row, put_right(unpacked(found), _right([bytes(row.row_hash)]).get(bytes(row.row_hash), ())), now)


@transaction.atomic
def forget_of(*, customers: Sequence[int]) -> int:
    """Delete what was read, and what waits to be read, of some customers; return how many annotations went."""
    gone = 0
    for start in range(0, len(customers), AT_ONCE):
        some = list(customers[start : start + AT_ONCE])
        Unread.objects.filter(customer_id__in=some).delete()
        gone += _gone(list(Annotation.objects.filter(customer_id__in=some).values_list("pk", flat=True)))
    return gone


def _rewritten(row: Annotation, found: object, now: datetime) -> int:
    """Write a reading as a new row: whoever reads by number meets it again."""
    meaning = Meaning.objects.filter(pk=row.pk).first()
    _gone([row.pk])
    row.found = packed(found)  # type: ignore[arg-type]  # an Annotation of text, not ours
    _tell(row, now)
    row.pk, row.corrected = None, Correction.objects.filter(row_hash=row.row_hash).exists()
    row.save(force_insert=True)
    Mention.objects.bulk_create(_mentions(row))
    if meaning is not None:
        Meaning.objects.create(annotation=row, encoder=meaning.encoder, vector=meaning.vector)
    return int(row.pk)


def _row(one: Annotated, right: Sequence[Said], now: datetime) -> Annotation:
    sent = one.interaction
    row = Annotation(
        row_hash=one.row_hash,
        customer_id=sent.customer_key,
        source=sent.source,
        interaction_id=sent.interaction_id,
        revision=sent.revision,
        occurred_at=sent.occurred_at,
        kind=sent.kind,
        department=sent.department,
        channel=sent.channel,
        team_id=sent.team_id,
        location_id=sent.location_id,
        score=sent.score,
        scale=sent.scale,
        text=one.text,
        found=packed(put_right(one.found, right)),
        corrected=bool(right),
    )
    _tell(row, now)
    return row


def _tell(row: Annotation, now: datetime) -> None:
    """Say beside a reading what is asked for often."""
    found = unpacked(bytes(row.found))
    row.language = found.language.code
    row.tone, row.tone_value = found.tone.feeling.value, found.tone.value
    row.themes_by, row.tone_by = found.models.themes[:200], found.models.tone[:200]
    row.read_at = now


def _mentions(row: Annotation) -> list[Mention]:
    return [
        Mention(
            annotation_id=row.pk,
            part=one.part,
            name=one.name[:60],
            tone=one.tone,
            tone_value=one.tone_value,
            confidence=one.confidence,
            about=one.about[:100],
        )
        for one in names_in(unpacked(bytes(row.found)))
    ]


def _right(row_hashes: Sequence[bytes]) -> Mapping[bytes, Sequence[Said]]:
    found: dict[bytes, list[Said]] = {}
    for start in range(0, len(row_hashes), AT_ONCE):
        rows = Correction.objects.filter(row_hash__in=row_hashes[start : start + AT_ONCE]).order_by("pk")
        for row_hash, part, said in rows.values_list("row_hash", "part", "said"):
            found.setdefault(bytes(row_hash), []).append(Said(part, said))
    return found


def _higher(read: Mapping[bytes, Annotated]) -> set[bytes]:
    """Return of which interactions a higher revision was read already."""
    names, found = list(read), set()
    for start in range(0, len(names), AT_ONCE):
        rows = Annotation.objects.filter(row_hash__in=names[start : start + AT_ONCE])
        for row_hash, revision in rows.values_list("row_hash", "revision"):
            if revision > read[bytes(row_hash)].interaction.revision:
                found.add(bytes(row_hash))
    return found


def _drop(row_hashes: Sequence[bytes]) -> None:
    for start in range(0, len(row_hashes), AT_ONCE):
        part = list(row_hashes[start : start + AT_ONCE])
        _gone(list(Annotation.objects.filter(row_hash__in=part).values_list("pk", flat=True)))


def _gone(numbers: Sequence[int]) -> int:
    for start in range(0, len(numbers), AT_ONCE):
        part = numbers[start : start + AT_ONCE]
        for table in (Mention, Meaning):
            table.objects.filter(annotation_id__in=part).delete()
        Annotation.objects.filter(pk__in=part).delete()
    return len(numbers)


def _alive(keys: set[int]) -> set[int]:
    """Return those customers who were not erased meanwhile."""
    some, found = sorted(keys), set()
    for start in range(0, len(some), AT_ONCE):
        part = Customer.objects.filter(key__in=some[start : start + AT_ONCE], wrapped_key__isnull=False)
        found |= set(part.values_list("key", flat=True))
    return found
