"""Standards, measured: how often each was met by week, department and place, and what missing it does to the bond."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from valence import interactions, terms
from valence.alerts import kept_standards, standard, tables
from valence.alerts.condition import FALSE, TRUE, Table
from valence.bond import marks
from valence.customers import queries as customers
from valence.flows.act import promising
from valence.flows.gather import derived
from valence.flows.run import failures
from valence.flows.weigh import minds
from valence.insights import standards
from valence.journeys import signs
from valence.ledger.queries import versions
from valence.packs import acting

DAYS = 364
BY_PACK = "from what the bond shows"
FEWEST_AT_A_PLACE = 30
EPOCH = date(1970, 1, 1)
_Cell = tuple[int, int, str, str, str]


@dataclass
class _Sums:
    """What is added up over buckets: counts by (standard, week, region, department, place), marks of missed and met.

    facts: rows with each fact by (kind, fact), and all rows, by place.
    """

    met: Counter[_Cell] = field(default_factory=Counter)
    counted: Counter[_Cell] = field(default_factory=Counter)
    marks: dict[tuple[int, int], terms.Floats] = field(default_factory=dict)
    rows: Counter[tuple[int, int]] = field(default_factory=Counter)
    facts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: _Sums) -> None:
        """Add what was counted of other customers."""
        for name in ("met", "counted", "rows", "facts", "kinds"):
            getattr(self, name).update(getattr(other, name))
        for key, added in other.marks.items():
            self.marks[key] = self.marks.get(key, np.zeros(len(added))) + added


@dataclass(frozen=True)
class _Regions:
    """The region of each customer (c,), by ascending key; codes are places in `names`, whose last is none."""

    keys: terms.Keys
    codes: NDArray[np.int64]
    names: tuple[str, ...]


def install(*, now: datetime) -> int:
    """Put the standards of the organisation's pack beside those there are; a wrong one keeps no other out."""
    new = 0
    for table in acting.standards(name=minds.pack_name()):
        try:
            new += kept_standards.install(tables=[table], now=now)
        except ValueError as problem:
            failures.record(home=settings.HOME, name=f"standard {table.get('name', '')}", problem=problem, now=now)
    return new


def is_due(*, now: datetime) -> bool:
    """Say whether something was scored, or a standard changed, since the standards were measured."""
    kept = kept_standards.every(states=(kept_standards.KEPT, kept_standards.PROPOSED))
    scored = versions.scored()
    since = scored.scored_at if scored else now - timedelta(days=1)
    return any(one.worked_out_at is None or one.worked_out_at < since for one in kept)


def measure(*, now: datetime) -> int:
    """Measure every standard over the last year, what it is worth, and what is advised; return how many rows counted.

    1. One pass over all journeys: how often each was met, and which marks the missed and the met ones bore. 2. With the
    weights of the model in use: what missing does. 3. What to give up, to raise, or to begin.
    """
    kept = kept_standards.every(states=(kept_standards.KEPT, kept_standards.PROPOSED))
    until = terms.days(promising.clock(now=now))
    mind = _mind()
    sums = _passed(kept, until, mind)
    kept_standards.put_counts(rows=list(_week_counts(sums, kept)))
    for number, one in enumerate(kept):
        found = _worth(sums, number, mind)
        weeks = _weeks(sums, number)
        advised = standards.proposals(
            name=one.standard.name, title=one.standard.title, target=one.standard.target, found=found, weeks=weeks
        )
        said = {"worth": asdict(found) if found else None, "advice": [asdict(each) for each in advised]}
        kept_standards.note(pk=one.pk, worked_out=said, now=now)
    if mind is not None:
        _propose(sums, mind, now)
    return sum(sums.counted.values())


def _mind() -> minds.Mind | None:
    try:
        return minds.in_use()
    except minds.NoModel:
        return None


def _passed(kept: Sequence[kept_standards.Kept], until: float, mind: minds.Mind | None) -> _Sums:
    people = customers.relationships()
    said = people.words["region"]
    regions = _Regions(people.keys, said.codes.astype(np.int64), (*said.vocabulary, ""))
    sums, asked = _Sums(), tuple(dict.fromkeys((*tables.COLUMNS, *marks.COLUMNS)))

    def of_bucket(bucket: int, journeys: terms.Journeys, /) -> _Sums:
        near = (journeys.occurred > until - DAYS) & (journeys.occurred <= until)
        return _summed(derived.put(journeys=journeys).taken(near), kept, regions, mind)

    for found in interactions.per_customer(function=of_bucket, columns=derived.columns(asked=asked)):
        sums.add(found)
    return sums


def _summed(
    journeys: terms.Journeys,
    kept: Sequence[kept_standards.Kept],
    regions: _Regions,
    mind: minds.Mind | None,
) -> _Sums:
    sums, pack = _Sums(), minds.pack()
    table = tables.of_interactions(journeys=journeys, pack=pack)
    week = np.floor((journeys.occurred + 3) / 7).astype(np.int64)  # weeks begin on Monday; the epoch was a Thursday
    columns = [week, _region_codes(journeys, regions), _codes(journeys, "department"), _codes(journeys, "location_id")]
    words = ((), tuple(regions.names), _words(journeys, "department"), _words(journeys, "location_id"))
    borne = marks.read(marks=mind.model.marks, journeys=journeys) if mind else None
    for number, one in enumerate(kept):
        verdict = standard.judged(standard=one.standard, table=table)
        for (at, region, department, place), met, counted in _cells(columns, verdict):
            cell = number, at, words[1][region], words[2][department], words[3][place]
            sums.met[cell] += met
            sums.counted[cell] += counted
        for side in (FALSE, TRUE):
            rows = verdict == side
            sums.rows[number, int(side)] += int(rows.sum())
            if borne is not None and mind is not None:
                inside = rows[borne.row]
                added = np.bincount(borne.mark[inside], borne.value[inside], len(mind.model.marks))
                sums.marks[number, int(side)] = sums.marks.get((number, int(side)), np.zeros(len(added))) + added
    _add_facts(sums, table, _codes(journeys, "location_id"), words[3])
    return sums


def _cells(
    columns: Sequence[NDArray[np.int64]], verdict: NDArray[np.int8]
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Give for each combination of codes among rows that count: the codes, how many met, how many there were."""
    rows = np.flatnonzero(verdict >= 0)
    codes, which = _combined([column[rows] for column in columns])
    counted = np.bincount(which, minlength=len(codes)).tolist()
    met = np.bincount(which, verdict[rows] == TRUE, len(codes)).astype(int).tolist()
    yield from zip(codes, met, counted, strict=True)


def _combined(columns: Sequence[NDArray[np.int64]]) -> tuple[list[tuple[int, ...]], NDArray[np.int64]]:
    """Return the different combinations of codes in order, and which of them each row (n,) is.

    They are put into one number: sorting rows of several columns takes ten times as long.
    """
    one = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        one = one * (high - low + 1) + column - low
    _, first, which = np.unique(one, return_index=True, return_inverse=True)
    return list(zip(*(column[first].tolist() for column in columns), strict=True)), which


def _region_codes(journeys: terms.Journeys, regions: _Regions) -> NDArray[np.int64]:
    """Return the region of each row's customer as a place in `regions.names`."""
    place = np.searchsorted(regions.keys, journeys.keys).clip(max=max(0, len(regions.keys) - 1))
    there = regions.keys[place] == journeys.keys if len(regions.keys) else np.zeros(len(journeys.keys), np.bool_)
    codes = np.where(there, regions.codes[place], -1) if len(regions.keys) else np.full(len(journeys.keys), -1)
    return codes[journeys.owners()]


def _codes(journeys: terms.Journeys, name: str) -> NDArray[np.int64]:
    return signs.column(journeys=journeys, name=name).codes.astype(np.int64)


def _words(journeys: terms.Journeys, name: str) -> tuple[str, ...]:
    """Return the words that codes stand for; the last, at -1, is that of what is unknown."""
    return (*signs.column(journeys=journeys, name=name).vocabulary, "")


def _add_facts(sums: _Sums, table: Table, place: NDArray[np.int64], places: Sequence[str]) -> None:
    kinds, told = table.words["kind"], table.words["facts"]
    codes, which = _combined([kinds.codes.astype(np.int64), told.codes.astype(np.int64), place])
    counted = np.bincount(which, minlength=len(codes)).tolist()
    for (kind_code, fact_code, place_code), count in zip(codes, counted, strict=True):
        kind, where = kinds.vocabulary[kind_code] if kind_code >= 0 else "", places[place_code]
        sums.kinds[kind, where] += count
        for fact in set(told.vocabulary[fact_code].split("|")) - {""} if fact_code >= 0 else ():
            sums.facts[kind, fact, where] += count


def _week_counts(sums: _Sums, kept: Sequence[kept_standards.Kept]) -> Iterator[kept_standards.WeekCount]:
    for (number, week, region, department, place), counted in sums.counted.items():
        one, met = kept[number], sums.met[number, week, region, department, place]
        monday = EPOCH + timedelta(days=7 * week - 3)
        yield kept_standards.WeekCount(one.pk, one.standard.version, monday, region, department, place, met, counted)


def _weeks(sums: _Sums, number: int) -> list[standards.Measured]:
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for (mine, week, *where), counted in sums.counted.items():
        if mine == number:
            found[week][0] += sums.met[mine, week, *where]  # type: ignore[index]  # the rest of the same cell
            found[week][1] += counted
    whole = sorted(found)[:-1]  # the week at hand is not over
    return [standards.Measured("", *found[week]) for week in whole]


def _worth(sums: _Sums, number: int, mind: minds.Mind | None) -> standards.Worth | None:
    if mind is None or (number, int(TRUE)) not in sums.marks:
        return None
    own, draws = _causes(mind)
    return standards.worth(
        missed=sums.marks[number, int(FALSE)],
        met=sums.marks[number, int(TRUE)],
        counts=(sums.rows[number, int(FALSE)], sums.rows[number, int(TRUE)]),
        own=own,
        draws=draws,
    )


def _causes(mind: minds.Mind) -> tuple[terms.Floats, terms.Floats]:
    """Return the weights of marks that are causes, (m,), and their draws, (d, m)."""
    size = mind.model.layout.own_size
    return mind.model.cause_weights[:size], mind.model.cause_draws[:, :size]


def _propose(sums: _Sums, mind: minds.Mind, now: datetime) -> None:
    """Put proposals beside the standards: what hurts often and nobody counts. What was refused is not said again."""
    every = kept_standards.every(
        states=(kept_standards.KEPT, kept_standards.PROPOSED, kept_standards.REFUSED, kept_standards.GIVEN_UP)
    )
    covered = {fact for one in every for fact in _facts_of(standard.table_of(standard=one.standard)["met"])}
    for found in standards.new_ones(candidates=_candidates(sums, mind), covered=frozenset(covered)):
        if found.table is not None and found.name not in {one.standard.name for one in every}:
            said = standard.made(table=found.table)
            kept_standards.put(said=said, why=found.words, by=BY_PACK, now=now, state=kept_standards.PROPOSED)


def _candidates(sums: _Sums, mind: minds.Mind) -> Iterator[standards.Candidate]:
    """Give every fact that is a mark of harm, with the kind of interaction where it is met most."""
    pack = minds.pack()
    own, draws = _causes(mind)
    met: dict[tuple[str, str], int] = defaultdict(int)
    for (kind, fact, _), count in sums.facts.items():
        met[fact, kind] += count
    for number, mark in enumerate(mind.model.marks):
        for fact in () if mark.value or own[number] <= 0 else mark.when.get("facts", ()):
            kinds = {kind: count for (one, kind), count in met.items() if one == fact}
            if kinds:
                kind = max(sorted(kinds), key=kinds.__getitem__)
                counted, without = _without(sums, kind, fact)
                yield standards.Candidate(
                    fact=fact,
                    said=pack.say_fact(fact),
                    kind=kind,
                    kind_said=pack.say_kind(kind),
                    with_fact=kinds[kind],
                    counted=counted,
                    times=float(np.exp(own[number])),
                    low=float(np.exp(np.quantile(draws[:, number], 0.025))),
                    places=without,
                )


def _without(sums: _Sums, kind: str, fact: str) -> tuple[int, tuple[float, ...]]:
    """Return how many interactions of a kind there were, and of each larger place the share without a fact."""
    here = {place: count for (one, place), count in sums.kinds.items() if one == kind}
    large = {place: count for place, count in here.items() if place and count >= FEWEST_AT_A_PLACE}
    return sum(here.values()), tuple(1 - sums.facts.get((kind, fact, place), 0) / n for place, n in large.items())


def _facts_of(written: object) -> Iterator[str]:
    """Give the facts that a condition, as it is written, asks for."""
    if isinstance(written, dict):
        if written.get("field") == "facts":
            yield from written.get("has", ())
        for inside in written.values():
            yield from _facts_of(inside)
    elif isinstance(written, list):
        for inside in written:
            yield from _facts_of(inside)
