"""Where nobody listens: kinds of interactions after which no survey is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import ibis
from django.conf import settings

from valence import interactions
from valence.flows.ask import asking as flow
from valence.surveys import becoming
from valence.surveys.asking import Trigger

USUAL = timedelta(days=90)
NOT_ASKED_ABOUT = (becoming.KIND, "promise", "campaign")
"""Kinds that are no encounter of their own: what was said, what was promised, what the company sent to many."""


def silent(*, triggers: Sequence[Trigger], now: datetime) -> tuple[str, ...]:
    """Return the kinds of interactions of the last 90 days that none of the triggers asks about, the most first.

    A trigger without a kind asks about all. The same question is answered once a day, until a hundredth more
    interactions have come in. Raises interactions.StoreUnavailable.
    """
    if any("kind" not in one.when for one in triggers):
        return ()
    heard = frozenset[str]().union(*(one.when["kind"] for one in triggers))
    own = flow.pack_words().kinds
    happened = _kinds(settings.HOME.folder, now.date(), interactions.log.stage())
    return tuple(kind for kind in happened if not {kind, own.get(kind, kind)} & heard)


@lru_cache(maxsize=4)
def _kinds(home: Path, day: dt.date, state: int) -> tuple[str, ...]:
    since = datetime.combine(day, dt.time(), dt.UTC) - USUAL

    def counted(table: ibis.Table) -> ibis.Table:
        rows = table.filter(table.kind.notin(NOT_ASKED_ABOUT))
        return rows.group_by("kind").aggregate(number=rows.count())

    found = [row for row in interactions.ask(question=counted, since=since) if row["kind"]]
    return tuple(row["kind"] for row in sorted(found, key=lambda row: (-row["number"], row["kind"])))
