"""The watch over places: counts what went wrong by day and place, and raises one alarm where too much comes together.

A pass reads every journey once, so that what was revised, erased or undone is never counted. It runs beside everything
else, and rests fifty times as long as it took.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import transaction
from numpy.typing import NDArray

from valence import interactions, organisation, packs, terms
from valence.alerts import place_alarms
from valence.alerts import rules as routing
from valence.customers import queries as customers
from valence.customers import whereabouts
from valence.flows.act import casework, place_news, promising
from valence.flows.gather import derived
from valence.flows.run import alone, repeating
from valence.flows.weigh import minds
from valence.insights.places import expected, once, scan, watching
from valence.journeys import signs
from valence.ledger.queries import themes

NAME = "places"
EVERY = 300.0
RESTS = 50.0
BEAT = 5.0
# What is usual is learned from so many days.
DAYS = 400
MOST_PLACES, MOST_STREAMS, FEWEST_CASES = 400, 60, 12
A_MONTH = 1.0
URGENT = 3
COLUMNS = ("source", "kind", "department", "reason", "facts", "promise", "location_id", "interaction_id")
YEAR = 365.25


@dataclass(frozen=True)
class Stream:
    """What is counted: a fact, the reason of a contact, a kind of interaction, or a theme that is spoken badly of."""

    about: str
    word: str


@dataclass(frozen=True)
class Cases:
    """Cases (n,), at most one for each customer, day and stream. stream: index into `streams`; at: days.

    place: the place of the interaction, else the customer's, else their region, "" where nothing is known.
    read_from: when the first text was written of which themes are known, in days.
    """

    streams: tuple[Stream, ...]
    stream: terms.Codes
    key: terms.Keys
    at: terms.Days
    place: NDArray[np.object_]
    region: NDArray[np.object_]
    department: NDArray[np.object_]
    source: NDArray[np.object_]
    interaction: NDArray[np.object_]
    read_from: float = np.inf


@dataclass(frozen=True)
class People:
    """Where customers are, by key; and how many customers each place and its region have."""

    places: Mapping[int, tuple[str, str]]
    exposure: Mapping[str, int]


@dataclass(frozen=True)
class Map:
    """The places that are looked at, and how they lie together."""

    places: tuple[str, ...]
    regions: tuple[str, ...]
    exposure: terms.Floats
    zones: tuple[scan.Zone, ...]


def run(*, stop: threading.Event) -> None:
    """Look again and again until `stop` is set. One at a time in a data folder."""
    while not stop.wait(BEAT):
        with alone.trying(home=settings.HOME, name=NAME) as is_alone:
            if is_alone:
                repeating.again_and_again(step=_look, stop=stop, name=NAME)


def _look() -> float:
    began = datetime.now(UTC)
    look(now=began)
    return max(EVERY, RESTS * (datetime.now(UTC) - began).total_seconds())


def look(*, now: datetime) -> int:
    """Look at all places once, and return how many alarms are new.

    1. Where nothing arrives any more, today is the last day of which anything is known. 2. Count cases by stream, day
    and place. 3. Scan each stream: the chances allow one false alarm a month over all of them. 4. Keep what is new as
    somebody's from the start, told to them and to receivers, and what goes on in its alarm.
    """
    at = promising.clock(now=now)
    place_alarms.end_quiet(now=now)
    return sum(_kept(owned(found, now), now) for found in found_at(at=at))


def _kept(found: place_alarms.Found, now: datetime) -> bool:
    """Keep what was found; what is new is told in the same transaction."""
    with transaction.atomic():
        number, is_new = place_alarms.put(found=found, now=now)
        if is_new:
            place_news.tell(found=found, number=number, now=now)
    return is_new


def found_at(*, at: datetime) -> list[place_alarms.Found]:
    """Return what stands out as of a moment."""
    cases = collected(until=at)
    return [] if cases is None else scanned(cases=cases, people=_people(), at=at, zone=_zone())


def scanned(*, cases: Cases, people: People, at: datetime, zone: ZoneInfo) -> list[place_alarms.Found]:
    """Return what stands out in some cases, the strongest of each stream."""
    offset = (at.astimezone(zone).utcoffset() or timedelta()) / timedelta(days=1)
    today = int(np.floor(terms.days(at) + offset))
    where = _map_of(cases, people)
    place = {name: number for number, name in enumerate(where.places)}
    code = np.array([place.get(name, -1) for name in cases.place], np.int64)
    day = np.floor(cases.at + offset).astype(np.int64) - (today - DAYS + 1)
    counted = once.new_cases(key=cases.key, day=day, stream=cases.stream.astype(np.int64))
    there = counted & (code >= 0) & (day >= 0) & (day < DAYS)
    so_far = _so_far(cases.at + offset, today, terms.days(at) + offset)
    # Before the first day of which anything is known nothing was counted; of themes, any text tells.
    begun = max(int(min(np.floor(cases.read_from + offset), today)) - (today - DAYS + 1), 0)
    streams = _worth_it(cases, there, day)
    watch = watching.Watch(a_month=A_MONTH, streams=max(1, len(streams)))
    calendar = expected.Calendar(year=YEAR, week=7, offset=today - DAYS + 1)
    found = []
    for stream in streams:
        mine = there & (cases.stream == stream)
        first = begun if cases.streams[stream].about == "theme" else int(day[mine].min())
        counts = np.zeros((DAYS, len(where.places)))
        np.add.at(counts, (day[mine], code[mine]), 1.0)
        cluster = watching.look(
            counts=counts[first:],
            exposure=where.exposure,
            zones=where.zones,
            calendar=replace(calendar, offset=calendar.offset + first),
            watch=watch,
            so_far=so_far,
            seed=today,
        )
        if cluster is not None:
            inside = mine & (day > DAYS - 1 - cluster.span)
            found.append(_found(cases, inside, code, where, cluster, cases.streams[stream], today))
    return found


def collected(*, until: datetime) -> Cases | None:
    """Return every case of the last days up to a moment; None where there are none."""
    people, day = _people(), terms.days(until)

    def of_bucket(bucket: int, journeys: terms.Journeys, /) -> Cases:
        near = (journeys.occurred > day - DAYS - 1) & (journeys.occurred <= day)
        return cases_of(journeys=derived.put(journeys=journeys).taken(near), people=people)

    parts = list(interactions.per_customer(function=of_bucket, columns=derived.columns(asked=COLUMNS)))
    return joined([*parts, complained(people=people, until=until)]) if parts else None


def complained(*, people: People, until: datetime) -> Cases:
    """Return what customers wrote badly of themes in the last days: a theme that is new or growing is a stream too."""
    said = themes.complaints(since=until - timedelta(days=DAYS + 1), until=until)
    whose = np.stack([said.customer, np.floor(said.at).astype(np.int64), said.theme.codes])
    _, rows = np.unique(whose, axis=1, return_index=True)
    homes = [people.places.get(key, ("", "")) for key in said.customer[rows].tolist()]
    place = [said.location_id[row] or home[0] or home[1] for row, home in zip(rows.tolist(), homes, strict=True)]
    return Cases(
        streams=tuple(Stream("theme", name) for name in said.theme.vocabulary),
        stream=said.theme.codes[rows],
        key=said.customer[rows],
        at=said.at[rows],
        place=np.array(place, object),
        region=np.array([home[1] for home in homes], object),
        department=np.array(said.department, object)[rows],
        source=np.array(said.source, object)[rows],
        interaction=np.array(said.interaction_id, object)[rows],
        read_from=said.read_from,
    )


def cases_of(*, journeys: terms.Journeys, people: People) -> Cases:
    """Return the cases of some journeys: what went wrong, what customers got in touch about, what broke."""
    rows, said = _rows(journeys)
    streams = tuple(dict.fromkeys(said))
    code = {stream: number for number, stream in enumerate(streams)}
    stream = np.array([code[one] for one in said], np.int32)
    owner = journeys.keys[journeys.owners()][rows]
    at = journeys.occurred[rows]
    _, first = np.unique(np.stack([owner, np.floor(at).astype(np.int64), stream]), axis=1, return_index=True)
    rows, stream, owner, at = rows[first], stream[first], owner[first], at[first]
    homes = [people.places.get(key, ("", "")) for key in owner.tolist()]
    named = _said(journeys, "location_id", rows)
    region = np.array([home[1] for home in homes], object)
    place = [name or home[0] or home[1] for name, home in zip(named, homes, strict=True)]
    return Cases(
        streams=streams,
        stream=stream,
        key=owner,
        at=at,
        place=np.array(place, object),
        region=region,
        department=_said(journeys, "department", rows),
        source=_said(journeys, "source", rows),
        interaction=journeys.texts["interaction_id"][rows] if len(rows) else np.empty(0, object),
    )


def joined(parts: Sequence[Cases]) -> Cases:
    """Return the cases of several parts as one."""
    streams = tuple(dict.fromkeys(stream for part in parts for stream in part.streams))
    code = {stream: number for number, stream in enumerate(streams)}
    moved = [np.array([code[one] for one in part.streams], np.int32)[part.stream] for part in parts if len(part.key)]
    names = ("key", "at", "place", "region", "department", "source", "interaction")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Cases(
        streams=streams,
        stream=np.concatenate(moved) if moved else np.empty(0, np.int32),
        read_from=min(part.read_from for part in parts),
        **columns,
    )


def owned(found: place_alarms.Found, now: datetime) -> place_alarms.Found:
    """Return what was found as somebody's: of the region and department, as an urgent case would be."""
    staff = casework.staff_of(now=now)
    need = routing.Need(region=found.region, department=found.department, language="", skill="", severity=URGENT)
    routed = routing.route(need=need, staff=staff)
    leads = sorted((one for one in staff if one.role is terms.Role.ADMINISTRATOR), key=lambda one: one.load)
    owner = routed.pk if routed else leads[0].pk if leads else None
    return replace(found, owner=owner)


def _rows(journeys: terms.Journeys) -> tuple[terms.Keys, list[Stream]]:
    """Return rows that are cases, each with what it is a case of; a row can be of several."""
    pack = minds.pack()
    rows: list[NDArray[np.int64]] = []
    said: list[Stream] = []

    def add(which: NDArray[np.bool_], about: str, word: str) -> None:
        found = np.flatnonzero(which)
        rows.append(found)
        said.extend([Stream(about, word)] * len(found))

    facts = signs.column(journeys=journeys, name="facts")
    known = {pack.known_as("facts", fact) for told in facts.vocabulary for fact in told.split("|")}
    for fact in sorted(known & pack.harmful_facts):
        add(signs.where(words=facts, holds=_has(fact=fact, pack=pack)), "fact", fact)
    kind = signs.column(journeys=journeys, name="kind")
    add(signs.where(words=kind, holds=lambda word: pack.known_as("kinds", word) == "outage"), "kind", "outage")
    read = signs.read(journeys=journeys, pack=pack)
    add(read.broke, "fact", "promise_broken")
    reason = signs.column(journeys=journeys, name="reason")
    # In the order of the words: engines number them as they meet them.
    for word, number in sorted(zip(reason.vocabulary, range(len(reason.vocabulary)), strict=True)):
        add(read.contact & (reason.codes == number), "reason", word)
    return np.concatenate(rows), said


def _has(*, fact: str, pack: packs.Pack) -> Callable[[str], bool]:
    return lambda told: any(pack.known_as("facts", one) == fact for one in told.split("|"))


def _said(journeys: terms.Journeys, name: str, rows: terms.Keys) -> NDArray[np.object_]:
    words = signs.column(journeys=journeys, name=name)
    said: NDArray[np.object_] = np.array([*words.vocabulary, ""], object)[words.codes[rows]]
    return said


def _people() -> People:
    """Return where customers are: their place, else their region, and how many are there now."""
    known = customers.relationships()
    regions = known.words["region"].said()
    places = whereabouts.places()
    homes = {key: (places.get(key, ""), region) for key, region in zip(known.keys.tolist(), regions, strict=True)}
    here = np.isnan(known.left).tolist()
    counts = Counter((home[0] or home[1]) for home, stays in zip(homes.values(), here, strict=True) if stays)
    return People(places=homes, exposure=counts)


def _map_of(cases: Cases, people: People) -> Map:
    """Return the places with the most cases, each in the region where most of its cases are."""
    counts = Counter(name for name in cases.place.tolist() if name)
    names = tuple(name for name, _ in counts.most_common(MOST_PLACES))
    most: dict[str, Counter[str]] = {}
    for name, region in zip(cases.place.tolist(), cases.region.tolist(), strict=True):
        most.setdefault(name, Counter())[region] += 1
    regions = tuple(most[name].most_common(1)[0][0] for name in names)
    exposure = np.array([float(people.exposure.get(name, 0)) for name in names])
    return Map(names, regions, exposure, scan.zones(places=names, regions=regions))


def _worth_it(cases: Cases, there: NDArray[np.bool_], day: NDArray[np.int64]) -> list[int]:
    """Return the streams that have cases now and enough of them ever to know what is usual, the commonest first."""
    size = len(cases.streams)
    ever = np.bincount(cases.stream[there], minlength=size)
    now = np.bincount(cases.stream[there & (day >= DAYS - max(scan.SPANS))], minlength=size)
    order = np.argsort(-ever, kind="stable")
    chosen = [int(one) for one in order if ever[one] >= FEWEST_CASES and now[one] >= scan.FEWEST_CASES]
    return chosen[:MOST_STREAMS]


def _so_far(at: terms.Days, today: int, now: float) -> float:
    """Return the share of a day's cases that is usually there by this time of the day."""
    before = at[at < today]
    return float(np.mean(before - np.floor(before) <= now - today)) if len(before) else 1.0


def _found(
    cases: Cases,
    inside: NDArray[np.bool_],
    code: NDArray[np.int64],
    where: Map,
    cluster: scan.Cluster,
    stream: Stream,
    today: int,
) -> place_alarms.Found:
    zone = where.zones[cluster.zone]
    rows = np.flatnonzero(inside & np.isin(code, zone.places))
    regions = {where.regions[place] for place in zone.places}
    departments = Counter(cases.department[rows].tolist())
    return place_alarms.Found(
        about=stream.about,
        word=stream.word,
        zone=zone.name,
        places=tuple(where.places[place] for place in zone.places),
        region=regions.pop() if len(regions) == 1 else "",
        department=departments.most_common(1)[0][0] if departments else "",
        since=date(1970, 1, 1) + timedelta(days=today - cluster.span + 1),
        observed=cluster.observed,
        expected=cluster.expected,
        chance=cluster.chance,
        cases=tuple(
            place_alarms.Case(
                key=int(cases.key[row]),
                source=str(cases.source[row]),
                interaction_id=str(cases.interaction[row]),
                place=str(cases.place[row]),
                occurred_at=terms.moment(float(cases.at[row])),
            )
            for row in rows.tolist()
        ),
    )


def _zone() -> ZoneInfo:
    return organisation.of(folder=settings.HOME.folder).zone
