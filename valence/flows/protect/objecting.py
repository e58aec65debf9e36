"""Objecting to being scored, recorded by somebody: figures go at once; taken back, they are made again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from valence.customers import identities, objections
from valence.flows.gather import objected
from valence.flows.weigh import state
from valence.people import audit


@transaction.atomic
def keep(*, key: int, objects: bool, by: str, now: datetime) -> None:
    """Keep that a customer objects to being scored, or does so no more, and act on it at once. It is put on record."""
    objections.keep(customer_key=key, objects=objects, by=by, now=now)
    what = "objection to scoring recorded" if objects else "objection to scoring taken back"
    audit.record(who=by, what=what, about=f"customer {key}", now=now)
    if objects:
        objected.heed(customers=[key])
    else:
        state.work_out(keys=identities.keys_of(key=key), now=now)
