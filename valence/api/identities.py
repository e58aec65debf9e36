"""POST /api/v1/identities: which ids name the same customer, as a machine says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from valence.api import bodies, intake
from valence.api.doors import DOOR
from valence.api.replies import Error, Refusal, Reply, error_reply
from valence.flows.gather import identities
from valence.intake import identities as identity_intake
from valence.intake import objects
from valence.interactions import StoreUnavailable

SHAPE = objects.Shape(known=identity_intake.COLUMNS)


def answer(*, headers: Mapping[str, str], body: bytes, now: datetime) -> Reply:
    """Answer one request: a verdict for each item, in order, after everything is stored."""
    try:
        key = DOOR.look_up(authorization=headers.get("authorization", ""))
        DOOR.pass_through(key=key, scope="write")
        bodies.check_length(content_length=headers.get("content-length", ""))
        media = bodies.media_type(
            content_type=headers.get("content-type", ""), encoding=headers.get("content-encoding", "")
        )
        found = bodies.read(body=body, media=media, shape=SHAPE)
        records = objects.side_by_side(objects=found.items, known=SHAPE.known, numbers=range(1, len(found.items) + 1))
        taken = identities.take(records=records, by=f"key {key.name}", now=now)
        identities.settle(affected=taken.affected, now=now)
    except Refusal as refusal:
        return refusal.reply
    except StoreUnavailable:
        return error_reply(Error.CANNOT_STORE, retry_after=5)
    stored = [(verdict, taken.refused.get(place)) for place, verdict in enumerate(taken.verdicts)]
    return intake.told(stored=stored, alone=found.alone)
