"""Undoing where several arrivals speak of one interaction: they come again, in their order, without the import's own.

Revisions, contradictions that were refused, and repeats depend on what came before them. So their rows are taken out
and admitted again by the same code that admitted them first: what comes of it is what would have come of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from valence.customers import journal
from valence.customers import queries as customers
from valence.customers import undoing as customers_undoing
from valence.flows.gather import ingest
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.interactions import inbox, portions, sql, undoing
from valence.interactions.undoing import Id, Stored
from valence.sources import actions as source_actions
from valence.sources import undoing as source_undoing
from valence.sources.undoing import Contradiction
from valence.terms import EVERYTHING, Interaction, RawRecords, Refusal, Verdict

AT_ONCE = 20_000
About = tuple[str, str, int]
"""Source, id and revision of an interaction."""
IN = (Verdict.CREATED, Verdict.REVISED)


@dataclass(frozen=True)
class Arrival:
    """Something that speaks of an interaction, by somebody else than the import that is undone.

    `order` is where it stood among all arrivals, `was` what became of it then. `leads`: it is the first that speaks of
    this revision.
    """

    id: Id
    order: tuple[int, int, int]
    batch: int
    at: datetime
    was: Verdict
    interaction: Interaction | None = None
    aside: Contradiction | None = None
    leads: bool = False

    @property
    def about(self) -> About:
        """Of which revision of which interaction it speaks."""
        if self.interaction is not None:
            return (*self.id, self.interaction.revision)
        said = str(self.aside.fields.get("revision") or 0) if self.aside else "0"
        return (*self.id, int(said) if said.isdecimal() else 0)


@dataclass
class Settled:
    """What came of it: by how much verdicts of other imports change, and what came in that had been refused.

    `brought` says which revisions of interactions come now from whoever sent them again.
    """

    brought: set[About] = field(default_factory=set)
    moved: dict[int, Counter[Verdict]] = field(default_factory=dict)
    came_in: int = 0

    def move(self, *, batch: int, was: Verdict, now: Verdict) -> None:
        """Note what became of an arrival now."""
        counted = self.moved.setdefault(batch, Counter())
        counted[was] -= 1
        counted[now] += 1


def settle(*, number: int, ids: Sequence[Id], now: datetime) -> Settled:
    """Take an import's rows of some interactions out and let the other arrivals come again, in one transaction.

    1. Find every row of them, in the log and in the inbox. 2. Put them in order with what was refused or repeated.
    3. Forget them all. 4. Let them come again. What lay in the log leaves it later, and is hidden by nothing until
    then: it is done at once after.
    """
    wanted, settled = frozenset(ids), Settled()
    with undoing.held():
        logged = undoing.stored_of(ids=wanted, leaving=portions.leaving(batch=number))
        with sql.admitting():
            rows = [*logged, *undoing.waiting_of(ids=wanted)]
            arrivals = _arrivals(number, wanted, rows, now)
            undoing.wipe(rows=rows)
            customers_undoing.drop_texts(rows=_unrepeated(rows, arrivals))
            for arrived in _rounds(arrivals):
                _come_again(number, arrived, settled, now)
            for batch, moved in settled.moved.items():
                source_undoing.move(batch=batch, moved=moved)
            portions.decide(
                batch=number,
                leaving=np.array([row.seq for row in logged], np.int64),
                staying=np.array([], np.int64),
                customers=np.array([row.key for row in rows], np.int64),
            )
            source_undoing.note(number=number, figures={"let_in": settled.came_in})
    return settled


def _arrivals(number: int, ids: Collection[Id], rows: Sequence[Stored], now: datetime) -> list[Arrival]:
    """Return everything that others said of some interactions, in the order in which it came."""
    seqs = np.array([row.seq for row in rows], np.int64)
    own = portions.ranges(batch=number).owners(seqs) == number
    own &= ~np.isin(seqs, portions.staying(batch=number))
    owners = portions.ranges(without=number).owners(seqs)
    firsts: set[Id] = set()
    found: list[Arrival] = []
    for place in np.argsort(seqs).tolist():
        row = rows[place]
        if row.interaction is None:
            continue
        was = Verdict.REVISED if row.id in firsts else Verdict.CREATED
        firsts.add(row.id)
        if not own[place]:
            order = (row.seq, 0, 0)
            found.append(Arrival(row.id, order, int(owners[place]), now, was, interaction=row.interaction))
    found += _repeated(number, [rows[place] for place in np.flatnonzero(own).tolist()])
    found += _aside(number, ids)
    return _led(sorted(found, key=lambda arrival: arrival.order))


def _led(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Return arrivals with it said of each whether it is the first that speaks of its revision."""
    led: dict[About, tuple[int, int, int]] = {}
    for one in arrivals:
        led.setdefault(one.about, one.order)
    return [replace(one, leads=led[one.about] == one.order) for one in arrivals]


def _unrepeated(rows: Sequence[Stored], arrivals: Sequence[Arrival]) -> list[About]:
    """Return those rows that do not come again, or after what contradicts them: what was written with them goes."""
    stay = {one.about for one in arrivals if one.leads and one.interaction is not None}
    return [(*row.id, row.revision) for row in rows if (*row.id, row.revision) not in stay]


def _repeated(number: int, rows: Sequence[Stored]) -> Iterator[Arrival]:
    """Yield where others sent the import's own rows again."""
    held = {portions.entry(row.interaction): row.interaction for row in rows if row.interaction is not None}
    entries = np.array(sorted(held), portions.HASH)
    for again in portions.repeats(without=number):
        for place in np.flatnonzero(np.isin(again.entries, entries)).tolist():
            interaction = held[_whole(again.entries[place])]
            order = (int(again.after[place]), 1, again.place)
            one = (interaction.source, interaction.interaction_id)
            yield Arrival(one, order, again.batch, again.at, Verdict.DUPLICATE, interaction=interaction)


def _aside(number: int, ids: Collection[Id]) -> Iterator[Arrival]:
    """Yield what was refused because another content came first."""
    for one in source_undoing.contradictions(without=number):
        said = id_of(contradiction=one)
        if said in ids:
            yield Arrival(said, (one.after, 2, one.number), one.batch, one.at, Verdict.CONFLICT, aside=one)


def id_of(*, contradiction: Contradiction) -> Id:
    """Return of which interaction a refused record speaks."""
    return contradiction.named, str(contradiction.fields.get("interaction_id", "")).strip()


def _rounds(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Yield arrivals in rounds: in each at most one of an interaction, in order."""
    left: dict[Id, list[Arrival]] = {}
    for arrival in arrivals:
        left.setdefault(arrival.id, []).append(arrival)
    for turn in range(max(map(len, left.values()), default=0)):
        yield [mine[turn] for mine in left.values() if turn < len(mine)]


def _come_again(number: int, arrived: Sequence[Arrival], settled: Settled, now: datetime) -> None:
    known = [one for one in arrived if one.interaction is not None]
    for batch in sorted({one.batch for one in known}):
        _interactions(number, [one for one in known if one.batch == batch], batch, settled, now)
    aside: dict[tuple[int, str, datetime], list[Contradiction]] = {}
    for one in arrived:
        if one.aside is not None:
            aside.setdefault((one.batch, one.aside.source, one.at), []).append(one.aside)
    for together in aside.values():
        _records(number, together, settled, now)


def _interactions(number: int, arrived: Sequence[Arrival], batch: int, settled: Settled, now: datetime) -> None:
    """Let what was stored, or sent again, come again; what contradicts now what came first is put aside."""
    after = portions.last()
    verdicts = inbox.admit(interactions=[one.interaction for one in arrived if one.interaction], now=now)
    portions.note(batch=batch, after=after, repeated=(), now=now)
    for arrival, verdict in zip(arrived, verdicts, strict=True):
        if verdict is not arrival.was:
            settled.move(batch=batch, was=arrival.was, now=verdict)
        if arrival.interaction is not None:
            _whose_word(number, arrival.interaction, arrival, verdict, settled)


def _whose_word(number: int, one: Interaction, arrival: Arrival, verdict: Verdict, settled: Settled) -> None:
    """Where somebody else came first, nothing personal came with it; what contradicts that is put aside."""
    about = (one.source, one.interaction_id, one.revision)
    if verdict in IN:
        settled.brought.add(about)
    elif verdict is Verdict.CONFLICT or about not in settled.brought:
        journal.unsay_repeat(key=one.customer_key, about=about, of=number, by=arrival.batch)
    if verdict is Verdict.CONFLICT:
        _put_aside(one, arrival)
        if arrival.leads:
            customers_undoing.drop_texts(rows=[about])


def _records(number: int, asides: Sequence[Contradiction], settled: Settled, now: datetime) -> None:
    """Let records that one import was refused come again; those that still contradict stay aside."""
    batch, came_in = asides[0].batch, list[Contradiction]()
    given = ingest.Desk(source=asides[0].source).given(now=asides[0].at)
    admitted = interaction_intake.admit(records=_side_by_side([one.fields for one in asides]), given=given)
    after = portions.last()
    verdicts = inbox.admit(interactions=admitted.interactions, now=now)
    portions.note(batch=batch, after=after, repeated=(), now=now)
    ingest.keep_personal(admitted=admitted, stored=verdicts, now=asides[0].at, batch=batch, without=number)
    for position, verdict in zip(admitted.positions, verdicts, strict=True):
        if verdict is not Verdict.CONFLICT:
            settled.move(batch=batch, was=Verdict.CONFLICT, now=verdict)
            settled.came_in += verdict in IN
            came_in.append(asides[position])
    source_undoing.let_in(came_in=came_in)


def _side_by_side(fields: Sequence[Mapping[str, Any]]) -> RawRecords:
    return objects.side_by_side(
        objects=list(map(dict, fields)), known=interaction_intake.KNOWN, numbers=range(1, len(fields) + 1)
    )


def _put_aside(interaction: Interaction, arrival: Arrival) -> None:
    """Keep what contradicts now what came first, in the words of the contract, as it was stored."""
    said = msgspec.structs.asdict(interaction)
    said = {name: value for name, value in said.items() if value not in (None, "", 0) and name != "customer_key"}
    said["customer_id"] = customers.names(scope=EVERYTHING, keys=[interaction.customer_key])[
        interaction.customer_key
    ].customer_id
    entry = source_actions.RefusedEntry(
        source=interaction.source,
        record_kind="interactions",
        number=0,
        reason=Refusal.CONFLICT.value,
        detail=ingest.CONTRADICTS,
        fields=said,
        after=arrival.order[0],
    )
    source_actions.keep_refused(entries=[entry], batch=arrival.batch or None, now=arrival.at)
    source_undoing.count_refused(source=interaction.source, at=arrival.at, batch=arrival.batch, change=1)


def _whole(entry: bytes) -> bytes:
    """Return a hash with the zeros at its end, which arrays of bytes leave out."""
    return bytes(entry).ljust(portions.HASH.itemsize, b"\0")
