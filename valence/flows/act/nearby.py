"""What happened around an interaction: at its place, with its team. Read once, then kept up as rows arrive.

What was undone or erased meanwhile, and what another process read from the inbox, is seen when the log is read again:
after an hour, later where reading takes long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings

from valence import interactions, terms
from valence.alerts import around, fields, tables
from valence.alerts.condition import Table
from valence.customers import queries as customers
from valence.customers import whereabouts
from valence.flows.gather import derived
from valence.flows.weigh import minds
from valence.interactions import followers
from valence.journeys import signs

KEPT_DAYS = 2 * around.LONGEST_DAYS
EVERY, RESTS = timedelta(hours=1), 200


@dataclass(frozen=True)
class _Read:
    """The window as it was read, of which home, and when it is read again."""

    window: around.Window
    home: Path
    again_at: datetime


class _Kept:
    """The window of this process, None while no rule asks for it."""

    read: _Read | None = None


def take(*, arrived: followers.Arrived, asked: Set[str], now: datetime) -> None:
    """Note what arrived, where rules that are on ask for what happens around it; else forget what was noted."""
    if fields.AROUND.isdisjoint(asked):
        _Kept.read = None
    elif arrived.interactions:
        journeys = derived.put(journeys=arrived.journeys)
        journeys = journeys.taken(journeys.occurred > terms.days(now) - KEPT_DAYS)
        _window(now).add(_happened(journeys, _homes(keys=journeys.keys.tolist())))


def told(*, table: Table, journeys: terms.Journeys, asked: Set[str], now: datetime) -> Table:
    """Return the table of journeys with what happened around each row, as far as rules ask.

    Of rows that lie further back than a week, that is not known here.
    """
    if fields.AROUND.isdisjoint(asked):
        return table
    places = _places(journeys, _homes(keys=journeys.keys.tolist()))
    late = journeys.occurred < terms.days(now) - (KEPT_DAYS - around.LONGEST_DAYS)
    places = terms.Words(codes=np.where(late, -1, places.codes), vocabulary=places.vocabulary)
    return around.told(table=table, journeys=journeys, places=places, counter=_window(now), asked=asked)


def told_of_past(
    *, table: Table, journeys: terms.Journeys, asked: Set[str], past: around.Events | None, homes: Mapping[int, str]
) -> Table:
    """Return the table of journeys with what happened around each row, counted from what the past holds."""
    if past is None:
        return table
    return around.told(table=table, journeys=journeys, places=_places(journeys, homes), counter=past, asked=asked)


def past(*, since: float, until: float) -> around.Events:
    """Return what happened everywhere from a moment (days) to another, and in the week before: one pass of the log."""
    homes = every_home()

    def of_bucket(bucket: int, journeys: terms.Journeys, /) -> around.Events:
        near = (journeys.occurred > since - around.LONGEST_DAYS) & (journeys.occurred <= until)
        return _happened(derived.put(journeys=journeys).taken(near), homes)

    columns = derived.columns(asked=tables.COLUMNS)
    return around.joined(parts=list(interactions.per_customer(function=of_bucket, columns=columns)))


def every_home() -> dict[int, str]:
    """Return where every customer is served: their place, else their region."""
    people, places = customers.relationships(), whereabouts.places()
    regions = people.words["region"].said()
    return {key: places.get(key, "") or region for key, region in zip(people.keys.tolist(), regions, strict=True)}


def _homes(*, keys: Sequence[int]) -> dict[int, str]:
    people, places = customers.relationships_of(keys=keys), whereabouts.places_of(keys=keys)
    regions = people.words["region"].said()
    return {key: places.get(key, "") or region for key, region in zip(people.keys.tolist(), regions, strict=True)}


def _window(now: datetime) -> around.Window:
    read = _Kept.read
    if read is None or read.home != settings.HOME.folder or now >= read.again_at:
        began, window = datetime.now(now.tzinfo), around.Window()
        until = terms.days(now)
        window.add(past(since=until - KEPT_DAYS + around.LONGEST_DAYS, until=until))
        took = datetime.now(now.tzinfo) - began
        read = _Kept.read = _Read(window, settings.HOME.folder, now + max(EVERY, RESTS * took))
    return read.window


def _happened(journeys: terms.Journeys, homes: Mapping[int, str]) -> around.Events:
    found = signs.read(journeys=journeys, pack=minds.pack())
    return around.happened(journeys=journeys, places=_places(journeys, homes), found=found)


def _places(journeys: terms.Journeys, homes: Mapping[int, str]) -> terms.Words:
    """Return where each row was: the place of the interaction, else the customer's, else their region."""
    named = signs.column(journeys=journeys, name="location_id")
    at_home = [homes.get(key, "") for key in journeys.keys.tolist()]
    vocabulary = (*named.vocabulary, *sorted(set(at_home) - set(named.vocabulary) - {""}))
    code = {name: number for number, name in enumerate(vocabulary)}
    home = np.array([code.get(name, -1) for name in at_home], np.int32)[journeys.owners()]
    return terms.Words(codes=np.where(named.codes >= 0, named.codes, home).astype(np.int32), vocabulary=vocabulary)
