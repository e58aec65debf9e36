"""Taking an import back: its state, what it refused, what it counted, and what that changes for other imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from valence.sources import sealed
from valence.sources.actions import DONE, FAILED, RUNNING, UNDOING, UNDONE
from valence.sources.models import Import, RefusedRecord, SourceDay, SourceDetail
from valence.terms import Refusal, Verdict

COUNTED = {
    Verdict.CREATED: "created",
    Verdict.DUPLICATE: "duplicate",
    Verdict.REVISED: "revised",
    Verdict.REFUSED: "refused",
    Verdict.CONFLICT: "refused",
}
NOBODY = 0


class CannotUndo(ValueError):  # noqa: N818 - named as people say it
    """The import cannot be undone, and nothing was changed. The text says why, to people."""


@dataclass(frozen=True)
class Contradiction:
    """A record that was refused because another content came first: who sent it, when and after which row."""

    number: int
    batch: int
    after: int
    at: datetime
    source: str
    record: int
    fields: Mapping[str, Any]

    @property
    def named(self) -> str:
        """The source that the record names, else that of its file."""
        return str(self.fields.get("source") or self.source)


def begin(*, number: int, by: str) -> None:
    """Let an import be undone from now on: if it is being brought in, it breaks off. Raises CannotUndo."""
    row = Import.objects.filter(pk=number).first()
    if row is None:
        raise CannotUndo(f"There is no import {number}.")
    if row.state == UNDONE:
        raise CannotUndo(f"Import {number} was undone already.")
    Import.objects.filter(pk=number, state__in=[RUNNING, DONE, FAILED]).update(state=UNDOING, undone_by=by[:150])


def unfinished() -> list[int]:
    """Return the imports whose undoing was begun and has not ended, oldest first."""
    return list(Import.objects.filter(state=UNDOING).order_by("pk").values_list("pk", flat=True))


def made_up() -> list[int]:
    """Return the imports of the demonstration that are still in, newest first."""
    rows = Import.objects.filter(made_up=True).exclude(state=UNDONE).order_by("-pk")
    return list(rows.values_list("pk", flat=True))


@transaction.atomic
def note(*, number: int, figures: Mapping[str, int]) -> None:
    """Add to what an undo has done so far. Call it in the transaction that does it."""
    row = Import.objects.select_for_update().get(pk=number)
    total = {name: row.undone.get(name, 0) + count for name, count in figures.items()}
    Import.objects.filter(pk=number).update(undone={**row.undone, **total})


def figures(*, number: int) -> dict[str, int]:
    """Return what an undo has done so far."""
    return dict(Import.objects.values_list("undone", flat=True).get(pk=number))


def move(*, batch: int, moved: Mapping[Verdict, int]) -> None:
    """Change how many records of an import came to which end."""
    changes: dict[str, int] = {}
    for verdict, count in moved.items():
        changes[COUNTED[verdict]] = changes.get(COUNTED[verdict], 0) + count
    if batch != NOBODY and any(changes.values()):
        Import.objects.filter(pk=batch).update(**{name: F(name) + count for name, count in changes.items() if count})


def contradictions(*, without: int, above: int = 0) -> list[Contradiction]:
    """Return the interactions still kept that were refused because another content came first, oldest first."""
    rows = RefusedRecord.objects.filter(reason=Refusal.CONFLICT, record_kind="interactions", pk__gt=above)
    found = []
    for row in rows.exclude(batch_id=without).order_by("pk").iterator():
        fields = sealed.unseal(kept=bytes(row.sealed))
        if fields:
            found.append(
                Contradiction(
                    number=row.pk,
                    batch=row.batch_id or NOBODY,
                    after=row.after,
                    at=row.refused_at,
                    source=row.source,
                    record=row.number,
                    fields=fields,
                )
            )
    return found


def newest_refused() -> int:
    """Return the number of the last record that was refused."""
    return RefusedRecord.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def named_aside(*, without: int) -> set[bytes]:
    """Return the keyed hashes of the ids of customers whom contradicting records name."""
    rows = RefusedRecord.objects.filter(reason=Refusal.CONFLICT).exclude(batch_id=without).exclude(id_hash=None)
    return {bytes(id_hash) for id_hash in rows.values_list("id_hash", flat=True) if id_hash is not None}


def contradicted_by(*, batch: int) -> set[bytes]:
    """Return the keyed hashes of the ids of customers whom only an import's own refused records may name."""
    rows = RefusedRecord.objects.filter(batch_id=batch, reason=Refusal.CONFLICT).exclude(id_hash=None)
    return {bytes(id_hash) for id_hash in rows.values_list("id_hash", flat=True) if id_hash is not None}


def let_in(*, came_in: Sequence[Contradiction]) -> None:
    """Delete refused records that came in after all, and count them as such on the day they came."""
    for one in came_in:
        count_refused(source=one.named, at=one.at, batch=one.batch, change=-1)
    RefusedRecord.objects.filter(pk__in=[one.number for one in came_in]).delete()


def count_refused(*, source: str, at: datetime, batch: int, change: int) -> None:
    """Change how many records of a source's day were refused."""
    days = SourceDay.objects.filter(source=source, day=at.date(), batch=batch)
    days.update(refused=F("refused") + change)


@transaction.atomic
def finish(*, number: int, now: datetime) -> None:
    """Forget what an import refused and counted; its row stays, to say that it was undone."""
    RefusedRecord.objects.filter(batch_id=number).delete()
    SourceDay.objects.filter(batch=number).delete()
    SourceDetail.objects.filter(batch=number).delete()
    Import.objects.filter(pk=number, state=UNDOING).update(state=UNDONE, undone_at=now)
