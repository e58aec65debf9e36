"""Sums are there before somebody comes: pages that add up everybody are made now and then, and shown to nobody.

What takes long to count is kept for some minutes (`valence.sums`). Nobody should be the one who waits for it: not the
first after a start, nor the first in the morning.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from datetime import datetime

from django.conf import settings
from django.db import connections
from django.utils import timezone

from valence import organisation, sums
from valence.flows.weigh import minds, population
from valence.insights import say
from valence.ledger.queries import versions
from valence.people import queries as people
from valence.terms import Scope
from valence.web import view

PAGES = (
    "today", "customers", "losses", "handoffs", "promises", "answers", "scores", "integrity", "spots",
    "scoring_limits", "plans", "bad_encounters",
)  # fmt: skip
MOST_SCOPES = 12
TIMES_WHILE_KEPT = 3

log = logging.getLogger(__name__)


def run(*, stop: threading.Event) -> None:
    """Make the pages at once, and again while what is kept is not too old; until `stop` is set.

    Where nothing takes long nothing is kept, and they are made once. A page that fails is left out: whoever opens it
    sees what is wrong.
    """
    if not settings.SUM_MINUTES:
        return
    sums.keep_files()
    while not stop.is_set():
        try:
            warm(stop=stop, now=timezone.now())
        except Exception as problem:
            log.warning("pages could not be made beforehand: %s", problem)
        finally:
            connections.close_all()
        stop.wait(60.0 * settings.SUM_MINUTES / TIMES_WHILE_KEPT)


def warm(*, stop: threading.Event, now: datetime, pages: tuple[str, ...] = PAGES) -> None:
    """Make the pages once for each set of regions and role that anybody has; those who see all come first."""
    _read_for_a_customer()
    known = organisation.of(folder=settings.HOME.folder)
    say.adopt(currency=known.currency, zone=known.zone)
    with timezone.override(known.zone):
        for own, person in list(_readers().items())[:MOST_SCOPES]:
            for name in pages:
                if stop.is_set():
                    return
                sums.begin()
                _made(name, person, own, now)
            if not sums.are_kept():
                return


def _made(name: str, person: people.Card, own: Scope, now: datetime) -> None:
    try:
        view.make(name=name, person=person, own=own, now=now)
    except Exception as problem:
        log.warning("%s could not be made beforehand: %s", name, problem)


def _read_for_a_customer() -> None:
    """Work out what every customer's page needs of all customers: once after each score."""
    scored = versions.scored()
    if scored is not None:
        with contextlib.suppress(minds.NoModel):
            minds.in_use()
            population.pressure_when_scored(scored=scored)


def _readers() -> dict[Scope, people.Card]:
    """Return somebody for each scope that staff have."""
    found: dict[Scope, people.Card] = {}
    for one in sorted(people.staff(), key=lambda one: (one.regions is not None, one.pk)):
        if one.is_active:
            regions = None if one.regions is None else frozenset(one.regions)
            found.setdefault(Scope(role=one.role, regions=regions), one)
    return found
