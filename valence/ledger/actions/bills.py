"""Keeping which bills contradict what customers were told."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from valence.ledger.actions import columns
from valence.ledger.findings import Finding
from valence.ledger.models import BillFinding

AT_ONCE = 1_000


@transaction.atomic
def put(*, found: Sequence[tuple[Finding, float, str]]) -> None:
    """Let findings take the place of all there are; each with its strength and the department that billed."""
    alive = columns.alive(keys=sorted({one.key for one, _, _ in found}))
    BillFinding.objects.all().delete()
    BillFinding.objects.bulk_create(
        [
            BillFinding(
                customer_id=one.key,
                source=one.source,
                interaction_id=one.interaction_id,
                occurred_at=one.occurred_at,
                about=one.about,
                billed=one.billed,
                told=one.told,
                strength=strength,
                told_source=one.told_source,
                told_interaction_id=one.told_interaction_id,
                told_at=one.told_at,
                department=department,
            )
            for one, strength, department in found
            if one.key in alive
        ],
        batch_size=AT_ONCE,
        ignore_conflicts=True,
    )
