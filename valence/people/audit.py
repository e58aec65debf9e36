"""What was done, on record: each entry is sealed together with the one before, so that a forgery can be named."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from valence.people.models import AuditEntry

FIRST = "0" * 64


@dataclass(frozen=True)
class Examined:
    """How the record of acts stands. `broken_at` is the number of the first entry that does not fit, or None."""

    entries: int
    broken_at: int | None


def record(*, who: str, what: str, about: str, now: datetime) -> None:
    """Put one act on record. `about` never holds personal data: keys, numbers and names of staff only."""
    with transaction.atomic():
        last = AuditEntry.objects.select_for_update().order_by("-pk").first()
        previous = FIRST if last is None else last.entry_hash
        AuditEntry.objects.create(
            at=now,
            who=who[:150],
            what=what[:60],
            about=about[:300],
            previous_hash=previous,
            entry_hash=_seal(at=now, who=who[:150], what=what[:60], about=about[:300], previous=previous),
        )


def examine() -> Examined:
    """Walk the record and return the number of the first entry that was changed, taken out or put in."""
    previous, number = FIRST, 0
    for row in AuditEntry.objects.order_by("pk").iterator():
        number += 1
        seal = _seal(at=row.at, who=row.who, what=row.what, about=row.about, previous=previous)
        if row.previous_hash != previous or not hmac.compare_digest(row.entry_hash, seal):
            return Examined(entries=number, broken_at=number)
        previous = row.entry_hash
    return Examined(entries=number, broken_at=None)


def _seal(*, at: datetime, who: str, what: str, about: str, previous: str) -> str:
    """Return the seal of an entry: keyed, so that whoever can write the table cannot make a chain that fits."""
    content = json.dumps([at.isoformat(timespec="microseconds"), who, what, about, previous], ensure_ascii=False)
    return hmac.new(settings.HOME.key_for("audit"), content.encode(), hashlib.sha256).hexdigest()
