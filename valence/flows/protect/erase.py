"""Erasing a customer: their key first, so that nothing can be read any more, then every row, then the traces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from valence.channels import actions as channel_actions
from valence.customers import actions, erasures, identities, queries
from valence.customers.actions import Certificate
from valence.interactions import log
from valence.ledger.actions import scores
from valence.people import audit
from valence.sources import actions as source_actions
from valence.surveys import actions as survey_actions
from valence.surveys import actions_asking
from valence.terms import Scope

SHORTEST = 3
UPLOADS_KEPT = timedelta(hours=1)


def run(*, customer_id: str, why: str, who: str, scope: Scope, now: datetime) -> Certificate:
    """Erase a customer by every id that names them; return the certificate. Raises customers.queries.UnknownCustomer.

    1. Destroy the person's key and leave a tombstone: from here on a replay is refused. 2. Delete what was refused
    about them, failures that name them, uploads. 3. Delete from inbox and log. 4. Delete their rows. 5. Overwrite
    what the database's journal holds. 6. Put it on record, without a name. After a crash, erase again.
    """
    key = queries.key_to_erase(scope=scope, customer_id=customer_id)
    return _erase(keys=identities.keys_of(key=key), customer_id=customer_id, why=why, who=who, now=now)


def heed(*, who: str, now: datetime) -> int:
    """Do again what the register of erasures says and this data folder does not know: it is older. Returns how many.

    Raises customers.erasures.Damaged.
    """
    entries = erasures.read(path=settings.HOME.erasures)
    if not queries.revived(entries=entries):
        return 0
    keys = actions.heed(entries=entries)
    for key in keys:
        _erase(keys=(key,), customer_id="", why="entered in the register of erasures", who=who, now=now)
    if keys:  # what was restored with them is as old as they are, whatever its files' times say
        _forget_files(settings.HOME.folder, [], now + UPLOADS_KEPT)
    source_actions.forget_hashed(id_hashes=[entry.id_hash for entry in entries])
    return len(keys)


def _erase(*, keys: Sequence[int], customer_id: str, why: str, who: str, now: datetime) -> Certificate:
    records = queries.records_of(keys=keys)
    ids = dict.fromkeys(filter(None, (customer_id, *(record.get("customer_id", "") for record in records))))
    said = [*ids, *(word for record in records for word in record.values())]
    certificate = actions.destroy_keys(keys=keys, now=now)
    removed = {"refused": sum(source_actions.forget_person(customer_id=one) for one in ids)}
    removed["files"] = _forget_files(settings.HOME.folder, said, now)
    gone = [log.erase(customer_key=key) for key in keys]
    removed |= {"inbox": sum(one.inbox_rows for one in gone), "log": sum(one.log_rows for one in gone)}
    scores.forget(customers=keys)
    removed["messages"] = channel_actions.forget(customer_keys=keys)
    removed["invitations"] = survey_actions.forget(customer_keys=keys)
    removed["candidates"] = actions_asking.forget(customer_keys=keys)
    removed |= actions.forget(keys=keys)
    actions.wipe_traces()
    reason = without(words=said, text=why)
    audit.record(who=who, what="customer erased", about=f"{certificate.number[:16]}: {reason}", now=now)
    return replace(certificate, removed={name: count for name, count in removed.items() if count})


def without(*, words: list[str], text: str) -> str:
    """Return a text in which the words of a person are blanked out."""
    parts = {part for word in words for part in (word, *word.split())}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= SHORTEST:
            text = re.sub(re.escape(part), "[erased]", text, flags=re.IGNORECASE)
    return text


def _forget_files(folder: Path, words: list[str], now: datetime) -> int:
    """Delete traces of failures that name the person, and uploads that nobody works on; return how many went."""
    named = [word.encode() for word in words if len(word) >= SHORTEST]
    found = [path for path in folder.glob("logs/*.log") if any(word in path.read_bytes() for word in named)]
    quiet = (now - UPLOADS_KEPT).timestamp()
    found += [path for path in folder.glob("uploads/*") if path.is_file() and path.stat().st_mtime < quiet]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)
