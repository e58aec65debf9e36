"""Undoing an import whole: as if it had never been brought in. It goes on after any interruption where it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from valence import terms
from valence.alerts import place_alarms
from valence.cases import withdrawing
from valence.customers import consent, journal
from valence.customers import undoing as customers
from valence.flows.act import promising
from valence.flows.gather import flush, identities, unpick
from valence.flows.read import reading_again
from valence.flows.run import alone
from valence.flows.weigh import score, train
from valence.interactions import hashes, portions, sql, undoing
from valence.interactions.portions import Ranges, Seqs
from valence.interactions.undoing import Id, Rows
from valence.ledger.actions import scores, states
from valence.ledger.actions import versions as keeping
from valence.ledger.queries import versions
from valence.people import audit
from valence.sources import undoing as sources
from valence.sources.undoing import CannotUndo as CannotUndo
from valence.terms import Progress, Verdict

Report = Callable[[Progress], None]
LOCK = "undo"
CUSTOMERS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Undone:
    """What undoing an import did.

    `interactions` went; `stayed`: others had sent them as well; `let_in`: had been refused because of this import and
    came in; `lost`: had been refused because of it too, but their records are kept no more: bring those files in
    again. `customers` are known differently now, `vanished` no more at all.
    """

    number: int
    interactions: int
    stayed: int
    let_in: int
    lost: int
    customers: int
    vanished: int


@dataclass(frozen=True)
class _Known:
    """What is looked up once: the import's rows, who sent them again, which interactions are not simple."""

    number: int
    owned: Ranges
    seconds: portions.Seconds
    newest: int
    several: NDArray[np.bytes_]
    contradicted: NDArray[np.bytes_]
    newest_refused: int
    lost: NDArray[np.bytes_]


def run(*, number: int, by: str, now: datetime, progress: Report = lambda step: None) -> Undone:
    """Undo an import and return what that did. Raises CannotUndo where nothing was changed.

    1. From now on the import is being undone: where it is still brought in, it breaks off. 2. Everything that waits
    goes to the log. 3. Decide about each of its rows: it goes, or stays because others sent it too; what was refused
    because of it comes in. 4. Take what goes out of the log. 5. Take back what it said about customers; who is
    mentioned by nobody else goes; what was read in their words too. 6. Forget what it refused and counted. 7. What was
    worked out is stale.

    Each step can be done again: after a crash, undo the import again.
    """
    with alone.waiting(home=settings.HOME, name=LOCK):
        for other in sources.unfinished():
            if other != number:
                _undo(other, now, progress)
        sources.begin(number=number, by=by)
        audit.record(who=by, what="import undone", about=f"import {number}", now=now)
        return _undo(number, now, progress)


def broken_off() -> list[int]:
    """Return the imports whose undoing was begun, has not ended, and that nobody is at."""
    unfinished = sources.unfinished()
    return [] if not unfinished or alone.is_held(home=settings.HOME, name=LOCK) else unfinished


def remove_demo(*, by: str, now: datetime, progress: Report = lambda step: None) -> list[Undone]:
    """Undo every import of the demonstration, newest first; what a company brought itself stays.

    What was learned from made-up people is not used for real ones: the model is trained again, or goes with the rest.
    """
    done = [run(number=number, by=by, now=now, progress=progress) for number in sources.made_up()]
    if done:
        try:
            train.train(now=now, progress=progress)
            score.score(now=now, progress=progress)
        except train.NothingToLearn:
            keeping.forget_all()
            scores.clear()
    return done


def words(*, done: Undone) -> str:
    """Say what undoing an import did."""
    said = [f"Import {done.number} is undone: {done.interactions:,} interactions went."]
    if done.stayed:
        said.append(f"{done.stayed:,} stay, because others sent them as well.")
    if done.let_in:
        said.append(f"{done.let_in:,} came in that had been refused because of it.")
    if done.lost:
        said.append(
            f"{done.lost:,} interactions of other imports were refused because of it more than 30 days ago, and their "
            "records are kept no more: bring those files in again."
        )
    said.append(f"{done.customers:,} customers are known by what everybody else said; {done.vanished:,} are gone.")
    return " ".join(said)


def remember_contradictions(*, before: datetime, now: datetime) -> None:
    """Note of which interactions another content was refused, before those records are forgotten."""
    found: dict[int, list[bytes]] = {}
    for one in sources.contradictions(without=-1):
        if one.at < before:
            source, name = unpick.id_of(contradiction=one)
            found.setdefault(one.batch, []).append(hashes.of_row(source=source, interaction_id=name))
    for batch, entries in found.items():
        portions.note_lost(batch=batch, entries=entries, now=now)


def _undo(number: int, now: datetime, progress: Report) -> Undone:
    flush.run(now=now, everything=True, progress=progress)
    several = _decide(number, now, progress)
    for start in range(0, len(several), unpick.AT_ONCE):
        unpick.settle(number=number, ids=several[start : start + unpick.AT_ONCE], now=now)
    undoing.remove(seqs=portions.leaving(batch=number), progress=progress)
    identities.undo_import(number=number, now=now)
    _customers(number, now, progress)
    promising.mark(customers=portions.customers(batch=number).tolist(), now=now)
    reading_again.of_customers(keys=portions.customers(batch=number).tolist(), now=now)
    with sql.writing():
        portions.forget(batch=number)
        journal.strike(batch=number)
        consent.take_back(source=consent.source_of(batch=number))
        sources.finish(number=number, now=now)
        states.mark_stale(since=now)
    return _said(number)


def _said(number: int) -> Undone:
    done = sources.figures(number=number)
    names = ("interactions", "stayed", "let_in", "lost", "customers", "vanished")
    return Undone(number=number, **{name: done.get(name, 0) for name in names})


def _decide(number: int, now: datetime, progress: Report) -> list[Id]:
    """Decide about the rows that stand alone, and return the interactions of which several arrivals speak."""
    known = _look_up(number)
    several: dict[Id, None] = {}
    for bucket in range(terms.BUCKETS):
        with undoing.held():
            rows = undoing.rows_of(bucket=bucket, owned=known.owned, decided=portions.decided(batch=number))
            if len(rows):
                several |= dict.fromkeys(_decide_alone(known, rows, now))
        progress(Progress(done=bucket + 1, total=terms.BUCKETS, words="Deciding what goes"))
    return list(several)


def _look_up(number: int) -> _Known:
    owned, decided = portions.ranges(batch=number), portions.decided(batch=number)
    newest, newest_refused = portions.newest(), sources.newest_refused()
    parts = [undoing.rows_of(bucket=bucket, owned=owned, decided=decided).entries for bucket in range(terms.BUCKETS)]
    return _Known(
        number=number,
        owned=owned,
        seconds=portions.seconds(entries=np.concatenate(parts), without=number),
        newest=newest,
        several=undoing.several(),
        contradicted=_contradicted(number, above=0),
        newest_refused=newest_refused,
        lost=portions.lost(without=number),
    )


def _contradicted(number: int, *, above: int) -> NDArray[np.bytes_]:
    """Return the interactions of which others were refused another content."""
    asides = sources.contradictions(without=number, above=above)
    return np.array(hashes.of_rows(ids=[unpick.id_of(contradiction=one) for one in asides]), portions.HASH)


def _decide_alone(known: _Known, rows: Rows, now: datetime) -> list[Id]:
    """Decide about the rows of a bucket in one transaction, and return the interactions it has to leave aside."""
    with sql.admitting():
        contradicted = _contradicted(known.number, above=known.newest_refused)
        once = undoing.seen_once(entries=_whole(rows.entries))
        alone_there = (rows.revisions == 0) & ~rows.withdraws & ~np.isin(rows.entries, known.several)
        alone_there &= ~np.isin(rows.entries, known.contradicted) & ~np.isin(rows.entries, contradicted)
        alone_there &= np.isin(rows.entries, np.array(sorted(once), portions.HASH))
        since = portions.seconds(entries=rows.entries, without=known.number, above=known.newest)
        owner = known.seconds.of(rows.entries)
        owner = np.where(owner < 0, since.of(rows.entries), owner)
        _carry_out(known, rows, alone_there & (owner < 0), np.where(alone_there, owner, -1), now)
    left = rows.taken(~alone_there)
    return list(zip(left.sources, left.ids, strict=True))


def _carry_out(known: _Known, rows: Rows, goes: NDArray[np.bool_], owner: Seqs, now: datetime) -> None:
    """Forget the rows that go, and give those that stay to who else sent them."""
    gone = rows.taken(goes)
    ids = list(zip(gone.sources, gone.ids, strict=True))
    withdrawing.withdraw(ids=ids, now=now)
    place_alarms.withdraw(ids=ids)
    undoing.forget(entries=_whole(gone.entries))
    customers.drop_texts(rows=list(zip(gone.sources, gone.ids, gone.revisions.tolist(), strict=True)))
    for batch in np.unique(owner[owner >= 0]).tolist():
        theirs = rows.seqs[owner == batch]
        if batch != portions.NOBODY:
            portions.give(batch=batch, seqs=theirs, now=now)
        sources.move(batch=batch, moved={Verdict.CREATED: len(theirs), Verdict.DUPLICATE: -len(theirs)})
    _whose_word(known.number, rows, owner)
    portions.decide(batch=known.number, leaving=gone.seqs, staying=rows.seqs[owner >= 0], customers=gone.keys)
    lost = int(np.isin(gone.entries, known.lost).sum())
    figures = {"interactions": len(gone), "stayed": int((owner >= 0).sum()), "lost": lost}
    sources.note(number=known.number, figures=figures)


def _whose_word(number: int, rows: Rows, owner: Seqs) -> None:
    """Let personal values that came with rows which stay be those of who brings them now."""
    places = np.flatnonzero(owner >= 0).tolist()
    abouts = [(rows.sources[place], rows.ids[place], int(rows.revisions[place])) for place in places]
    journal.now_first(
        rows=list(zip(rows.keys[places].tolist(), abouts, owner[places].tolist(), strict=True)), of=number
    )


def _customers(number: int, now: datetime, progress: Report) -> None:
    """Take back what the import said about customers; of whom nobody else speaks goes."""
    named = customers.keys_of_hashes(id_hashes=sorted(sources.contradicted_by(batch=number)))
    said = customers.speaks_of(batches={number})
    keys = np.union1d(portions.customers(batch=number), np.array([*said, *named], np.int64))
    aside = sources.named_aside(without=number)
    for bucket in range(terms.BUCKETS):
        mine = keys[keys % terms.BUCKETS == bucket]
        for start in range(0, len(mine), CUSTOMERS_AT_ONCE):
            _known_without(number, bucket, mine[start : start + CUSTOMERS_AT_ONCE], aside, now)
        progress(Progress(done=bucket + 1, total=terms.BUCKETS, words="Taking back what it said about customers"))


def _known_without(number: int, bucket: int, keys: Seqs, aside: set[bytes], now: datetime) -> None:
    with undoing.held():
        named = undoing.named(keys=keys, bucket=bucket)
        with sql.admitting():
            wanted = keys.tolist()
            for batch, moved in customers.take_back(keys=wanted, batches={number}, now=now).items():
                sources.move(batch=batch, moved=moved)
            vanished = customers.let_go(keys=wanted, mentioned=named | undoing.named_waiting(), refused=aside)
            there = customers.still_there(keys=wanted)
            scores.forget(customers=sorted({*wanted} - {*there}))
            _work_out_again(there, now)
            sources.note(number=number, figures={"customers": len(wanted) - vanished, "vanished": vanished})


def _work_out_again(keys: Sequence[int], now: datetime) -> None:
    """Have the states of customers worked out again from their journeys, where there is a model."""
    model = versions.version_in_use()
    if model and keys:
        states.drop(customers=keys, model=model, now=now)


def _whole(entries: NDArray[np.bytes_]) -> list[bytes]:
    """Return hashes with the zeros at their end, which arrays of bytes leave out."""
    return [entry.ljust(portions.HASH.itemsize, b"\0") for entry in entries.tolist()]
