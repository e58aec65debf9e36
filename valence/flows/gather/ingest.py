"""Records in: checked, identified, stored in one transaction, counted. Files and the API both come through here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from msgspec import UNSET

from valence.customers import actions as customer_actions
from valence.customers import journal, lookup
from valence.customers import queries as customer_queries
from valence.customers.rules import Erased
from valence.flows.ask import asking
from valence.flows.gather import objected
from valence.intake import batch as intake_batch
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.interactions import inbox, portions, sql
from valence.sources import actions as source_actions
from valence.sources import details
from valence.sources import queries as source_queries
from valence.terms import Interaction, RawRecords, Refusal, Refused, Verdict

Folded = Callable[[Sequence[Interaction]], None]
Keys = Mapping[str, int | Erased]
Find = Callable[[Sequence[str]], Keys]
MOST_KEYS = 500_000
CUSTOMERS = "customers"
NEW = (Verdict.CREATED, Verdict.REVISED)
CONTRADICTS = "another content was stored under this id first; a higher revision would replace it"
ERASED = "customer_id: this customer was erased"


@dataclass(frozen=True)
class Brought:
    """What became of records, in order. `refused` is by position, conflicts included."""

    verdicts: Sequence[Verdict]
    refused: Mapping[int, Refused]
    notices: Mapping[str, int]

    @property
    def tally(self) -> source_actions.Tally:
        """How many were created, duplicate, revised and refused."""
        counted = Counter(self.verdicts)
        return source_actions.Tally(
            created=counted[Verdict.CREATED],
            duplicate=counted[Verdict.DUPLICATE],
            revised=counted[Verdict.REVISED],
            refused=counted[Verdict.REFUSED] + counted[Verdict.CONFLICT],
        )


class NeverMet(LookupError):  # noqa: N818  named as people say it
    """A customer was never met: they get a key in the transaction that stores what tells of them."""


@dataclass
class Desk:
    """What one reader of records remembers between batches: the keys of customers, the names of sources.

    Forget it after a batch that failed: the keys that it gave out were undone with it.
    """

    source: str = "import"
    keys: dict[str, int] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()
    erased: int = -1

    def given(self, *, now: datetime, may_write: bool = True) -> intake_batch.Given:
        """Return what intake may look up as of now. Where nothing may be written, `keys_of` may raise NeverMet."""
        erased = customer_queries.counter(name="erased")
        if erased != self.erased:
            self.keys, self.erased = {}, erased
            self.sources = source_queries.sources()
        if len(self.keys) > MOST_KEYS:
            self.keys = {}
        find = partial(_identified, now=now) if may_write else _known
        return intake_batch.Given(
            now=now, keys_of=partial(self._keys_of, find), source=self.source, sources=self.sources
        )

    def _keys_of(self, find: Find, ids: Collection[str]) -> Mapping[str, int]:
        new = [customer_id for customer_id in ids if customer_id not in self.keys]
        if new:
            self.keys.update((customer_id, key) for customer_id, key in find(new).items() if isinstance(key, int))
        return self.keys


def _identified(ids: Sequence[str], *, now: datetime) -> Keys:
    return dict(zip(ids, customer_actions.identify(customer_ids=ids, now=now), strict=True))


def _known(ids: Sequence[str]) -> Keys:
    keys = lookup.keys_of(customer_ids=ids)
    if len(keys) < len(ids):
        raise NeverMet
    return keys


@dataclass(frozen=True)
class Ready:
    """Records that were checked and packed before the transaction that stores them. Good until somebody is erased."""

    admitted: interaction_intake.Admitted
    arrived: Sequence[inbox.Arrived]
    erased: int


def together() -> AbstractContextManager[object]:
    """Return a context in which everything is stored, or nothing."""
    return sql.admitting()


def ready_interactions(*, records: RawRecords, desk: Desk, now: datetime) -> Ready | None:
    """Check, redact, identify and pack records without a transaction; None where a customer was never met.

    Who they are about is asked first, as it is written: where somebody is new, nothing else was done in vain.
    """
    given = desk.given(now=now, may_write=False)
    try:
        given.keys_of({said for said in records.columns.get("customer_id", ()) if isinstance(said, str) and said})
        return _ready(records, desk, given)
    except NeverMet:
        return None


def _ready(records: RawRecords, desk: Desk, given: intake_batch.Given) -> Ready:
    admitted = interaction_intake.admit(records=records, given=given)
    return Ready(admitted=admitted, arrived=inbox.pack(interactions=admitted.interactions), erased=desk.erased)


def take_interactions(
    *,
    records: RawRecords,
    desk: Desk,
    now: datetime,
    folded: Folded | None = None,
    batch: int | None = None,
    ready: Ready | None = None,
) -> Brought:
    """Store what records say about interactions and return what became of each, in order.

    1. Check, redact, identify and pack, where that was not done before. 2. Store, fold into the customers' states,
    and note what a survey may ask about. 3. Keep with the person what is personal. 4. Keep what was refused.
    5. Count. All in one transaction: when this returns, it survives a power cut. Raises interactions.StoreUnavailable
    where nothing could be stored.
    """
    with sql.admitting():
        after = portions.last() if batch else 0
        given = desk.given(now=now)
        if ready is None or ready.erased != desk.erased:
            ready = _ready(records, desk, given)
        admitted = ready.admitted
        noting = asking.noting(folded=folded, now=now)
        stored = inbox.admit_packed(arrived=ready.arrived, now=now, folded=noting)
        verdicts = [Verdict.REFUSED] * len(records)
        refused = dict(admitted.refused)
        for position, verdict in zip(admitted.positions, stored, strict=True):
            verdicts[position] = verdict
            if verdict is Verdict.CONFLICT:
                number = records.numbers[position]
                refused[position] = Refused(number=number, reason=Refusal.CONFLICT, detail=CONTRADICTS)
        keep_personal(admitted=admitted, stored=stored, now=now, batch=batch or portions.NOBODY)
        came_after = _came_after(stored)
        after_of = dict(zip(admitted.positions, came_after, strict=True)) if came_after else {}
        _keep_refused(records, refused, "interactions", desk.source, batch, now, after_of)
        received = _received(records, admitted, refused, desk.source)
        source_actions.count_received(received=received, now=now, batch=batch or portions.NOBODY)
        came = _came(records, admitted, stored, refused, desk.source, now)
        source_actions.note_details(came=came, now=now, batch=batch or portions.NOBODY)
        repeated = _repeated(admitted.interactions, stored, came_after)
        if batch or repeated:
            portions.note(batch=batch or portions.NOBODY, after=after, repeated=repeated, now=now)
    return Brought(verdicts=verdicts, refused=refused, notices=admitted.notices)


def take_customers(*, records: RawRecords, desk: Desk, now: datetime, batch: int | None = None) -> Brought:
    """Store what records say about customers and return what became of each, in order. One transaction.

    Raises interactions.StoreUnavailable where nothing could be stored.
    """
    with sql.writing():
        admitted = customer_intake.admit(records=records, given=desk.given(now=now))
        stored = customer_actions.put(records=admitted.customers, now=now, batch=batch or portions.NOBODY)
        objected.heard(records=admitted.customers)
        verdicts = [Verdict.REFUSED] * len(records)
        refused = dict(admitted.refused)
        for position, verdict in zip(admitted.positions, stored, strict=True):
            if isinstance(verdict, Verdict):
                verdicts[position] = verdict
            else:
                number = records.numbers[position]
                refused[position] = Refused(number=number, reason=Refusal.ERASED, detail=ERASED)
        _keep_refused(records, refused, CUSTOMERS, CUSTOMERS, batch, now)
        counted = source_actions.Received(records=len(records), refused=len(refused), last_occurred_at=None)
        source_actions.count_received(received={CUSTOMERS: counted}, now=now, batch=batch or portions.NOBODY)
        reasons = Counter(why.reason.value for why in refused.values())
        sums = details.looked_at(fresh=(), reasons=reasons, now=now)
        came = {CUSTOMERS: source_actions.Came(verdicts=Counter(verdicts), sums=sums)}
        source_actions.note_details(came=came, now=now, batch=batch or portions.NOBODY)
    return Brought(verdicts=verdicts, refused=refused, notices=admitted.notices)


def _came_after(stored: Sequence[Verdict]) -> list[int]:
    """Return the `seq` of the last row that was stored before each record came; nothing where all are new."""
    if Verdict.DUPLICATE not in stored and Verdict.CONFLICT not in stored:
        return []
    new = [verdict in NEW for verdict in stored]
    seqs = portions.placed(count=sum(new))
    after, before = [], (seqs[0] - 1 if seqs else portions.last())
    come = iter(seqs)
    for is_new in new:
        after.append(before)
        before = next(come) if is_new else before
    return after


def _repeated(
    interactions: Sequence[Interaction], stored: Sequence[Verdict], came_after: Sequence[int]
) -> list[portions.Repeated]:
    """Return what was there already: it stays there when the import that brought it first is undone."""
    if not came_after:
        return []
    came = zip(interactions, stored, came_after, strict=True)
    return [portions.Repeated(one, after) for one, verdict, after in came if verdict is Verdict.DUPLICATE]


def keep_personal(
    *,
    admitted: interaction_intake.Admitted,
    stored: Sequence[Verdict],
    now: datetime,
    batch: int,
    without: int | None = None,
) -> None:
    """Keep what looks personal, and texts as they were written, of the interactions that were stored.

    `without`: an import that is being undone.
    """
    if not admitted.personal and not admitted.written:
        return
    taken = list(zip(admitted.positions, admitted.interactions, stored, strict=True))
    new = {position: interaction for position, interaction, verdict in taken if verdict in NEW}
    again = {position: interaction for position, interaction, verdict in taken if verdict is Verdict.DUPLICATE}
    said = admitted.personal.items()
    customer_actions.add_personal(
        entries=[_about(new[place], values) for place, values in said if place in new], now=now, batch=batch
    )
    repeated = [_about(again[place], values) for place, values in said if place in again]
    if repeated:
        journal.repeat_personal(sayings=repeated, batch=batch, now=now, without=without)
    customer_actions.keep_texts(
        texts=[
            customer_actions.WrittenText(
                source=new[place].source,
                interaction_id=new[place].interaction_id,
                revision=new[place].revision,
                customer_key=new[place].customer_key,
                text=text,
            )
            for place, text in admitted.written.items()
            if place in new
        ]
    )


def _about(one: Interaction, values: Mapping[str, str]) -> journal.Saying:
    return journal.Saying(key=one.customer_key, personal=values, about=(one.source, one.interaction_id, one.revision))


def _keep_refused(
    records: RawRecords,
    refused: Mapping[int, Refused],
    record_kind: str,
    source: str,
    batch: int | None,
    now: datetime,
    after_of: Mapping[int, int] = MappingProxyType({}),
) -> None:
    """Keep refused records as they were sent; of somebody who was erased nothing but the fact."""
    named = records.columns.get("source") if record_kind != CUSTOMERS else None
    entries = [
        source_actions.RefusedEntry(
            source=_source_name(named[position] if named else None, source),
            record_kind=record_kind,
            number=why.number,
            reason=why.reason.value,
            detail=why.detail,
            fields=None if why.reason is Refusal.ERASED else fields_at(records=records, position=position),
            after=after_of.get(position, 0),
        )
        for position, why in sorted(refused.items())
    ]
    source_actions.keep_refused(entries=entries, batch=batch, now=now)


def fields_at(*, records: RawRecords, position: int) -> dict[str, Any]:
    """Return one record as it was sent, by name of the fields that were not empty."""
    said = ((name, column[position]) for name, column in records.columns.items())
    return {name: value for name, value in said if value is not None and value is not UNSET and value != ""}


def _received(
    records: RawRecords, admitted: interaction_intake.Admitted, refused: Mapping[int, Refused], default: str
) -> dict[str, source_actions.Received]:
    """Count by source. Refused records count for the source they name, where that is a name at all."""
    moments: dict[str, list[datetime]] = {}
    for interaction in admitted.interactions:
        moments.setdefault(interaction.source, []).append(interaction.occurred_at)
    given = Counter({source: len(times) for source, times in moments.items()})
    latest = {source: max(times) for source, times in moments.items()}
    named = records.columns.get("source")
    lost = Counter(_source_name(named[place] if named else None, default) for place in refused)
    outside = Counter(_source_name(named[place] if named else None, default) for place in admitted.refused)
    return {
        source: source_actions.Received(
            records=given[source] + outside[source], refused=lost[source], last_occurred_at=latest.get(source)
        )
        for source in given | lost
    }


def _came(
    records: RawRecords,
    admitted: interaction_intake.Admitted,
    stored: Sequence[Verdict],
    refused: Mapping[int, Refused],
    default: str,
    now: datetime,
) -> dict[str, source_actions.Came]:
    """Say by source what became of records, and how some of the new ones look."""
    names = [interaction.source for interaction in admitted.interactions]
    verdicts = Counter(zip(names, stored, strict=True))
    named = records.columns.get("source")
    lost = [(_source_name(named[at] if named else None, default), why.reason.value) for at, why in refused.items()]
    fresh = admitted.interactions
    if any(verdict not in NEW for _, verdict in verdicts):
        fresh = [one for one, verdict in zip(fresh, stored, strict=True) if verdict in NEW]
    sources = {name for name, _ in verdicts} | {name for name, _ in lost}
    return {
        source: source_actions.Came(
            verdicts={verdict: count for (name, verdict), count in verdicts.items() if name == source},
            sums=details.looked_at(
                fresh=fresh if len(sources) == 1 else [one for one in fresh if one.source == source],
                reasons=Counter(reason for name, reason in lost if name == source),
                now=now,
            ),
        )
        for source in sources
    }


def _source_name(said: Any, default: str) -> str:
    return said if isinstance(said, str) and said.isprintable() and 0 < len(said) <= 100 else default
