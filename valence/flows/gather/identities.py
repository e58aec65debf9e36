"""Who is who: links between ids come in, people decide on them, and what follows is worked out for those concerned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction

from valence import terms
from valence.customers import actions as customers
from valence.customers import evidence, identities, link_queries, links, unlinking
from valence.customers.rules_links import Relation, State
from valence.flows.gather import ingest
from valence.flows.run import alone
from valence.flows.weigh import population, score, state
from valence.intake import batch as intake_batch
from valence.intake import identities as intake
from valence.interactions import portions
from valence.ledger.actions import states as ledger
from valence.ledger.queries import versions
from valence.people import audit
from valence.sources import actions as sources
from valence.sources import files, queries, registry, undoing
from valence.terms import Progress, RawRecords, Refusal, Refused, Verdict

AT_ONCE = 200
RECORDED = "recorded"
KIND = "identities"


@dataclass(frozen=True)
class Taken:
    """What became of records about ids, in order. `waiting`: links that were kept as suggestions for a person."""

    verdicts: Sequence[Verdict]
    refused: dict[int, Refused]
    waiting: int
    affected: frozenset[int]


@dataclass(frozen=True)
class Imported:
    """What became of a file of identities."""

    number: int
    created: int
    duplicate: int
    revised: int
    refused: int
    waiting: int
    customers: int


def take(*, records: RawRecords, by: str, now: datetime, batch: int | None = None) -> Taken:
    """Store what records say about ids and return what became of each, in order. One transaction.

    1. Check. 2. Find the keys of the ids; an id never met becomes a stub, and its interactions may come later.
    3. Write the links: a sure one joins, another one waits for a person. 4. Keep what was refused.
    Call `settle` with those affected afterwards. Raises interactions.StoreUnavailable.
    """
    with ingest.together():
        admitted = intake.admit(records=records, given=intake_batch.Given(now=now, keys_of=lambda ids: {}))
        known, refused = _known(admitted, records, now)
        told = links.tell(said=[_said(one) for one in known], by=by, now=now, batch=batch or 0)
        _keep_refused(records, refused, batch, now)
    verdicts = [Verdict.REFUSED] * len(records)
    for one, number in zip(known, told.numbers, strict=True):
        verdicts[one.place] = Verdict.DUPLICATE if number is None else Verdict.CREATED
    unsure = sum(one.named.confidence < intake.SURE for one, number in zip(known, told.numbers, strict=True) if number)
    return Taken(verdicts, refused, unsure + len(told.refused), told.affected)


def bring(
    *, path: Path, by: str, now: datetime, filename: str = "", progress: population.Report = population.silent
) -> Imported:
    """Bring a file of identities in and return what became of it. Raises WrongFile where nothing was changed.

    It goes on where it was broken off. Whose reading changes is worked out again at the end.
    """
    kind, examined, ours = _examined(path)
    reading = files.Reading(record_kind="customers", columns=ours)
    begun = sources.begin(
        kind="parquet" if path.suffix == ".parquet" else "csv",
        record_kind=KIND,
        path=path,
        filename=filename or path.name,
        file_hash=files.fingerprint(path=path),
        mapping={"columns": ours},
        total=examined.records,
        by=by,
        now=now,
    )
    affected, waiting = _pieces(kind, path, reading, begun, by, now, progress)
    sources.finish(number=begun.number, now=now)
    settle(affected=affected, now=now)
    return _imported(begun.number, waiting, affected)


def check(*, path: Path) -> int:
    """Return about how many records a file of identities holds. Raises WrongFile where it is none."""
    _, examined, _ = _examined(path)
    return examined.records


def _examined(path: Path) -> tuple[registry.Kind, files.Examined, dict[str, str]]:
    """Return how a file is read, what it holds, and which column is which of ours."""
    if not path.is_file():
        raise files.WrongFile(f"There is no file {path.name}.")
    kind = registry.kind_of(name="parquet" if path.suffix == ".parquet" else "csv")
    examined = kind.examine(path=path)
    ours = {name: column for column in examined.columns if (name := column.strip().lower()) in intake.COLUMNS}
    if missing := [name for name in intake.REQUIRED if name not in ours]:
        raise files.WrongFile(f"The file has no column {missing[0]}. It has: {', '.join(examined.columns)[:300]}.")
    return kind, examined, ours


def decide(
    *, number: int, become: State, relation: Relation | None, by: str, why: str, scope: terms.Scope, now: datetime
) -> None:
    """Let a person's decision on a link count, put it on record and work out whom it concerns.

    Raises links.UnknownLink where there is none or the scope does not hold both customers, links.NotPossible.
    """
    link_queries.one(scope=scope, number=number)
    with transaction.atomic():
        affected = links.decide(number=number, state=become, relation=relation, by=by, why=why, now=now)
        said = f"link {number}: {become}" + (f" as {relation}" if relation else "")
        audit.record(who=by, what="identities", about=said, now=now)
    settle(affected=affected, now=now)


def look(*, now: datetime, progress: population.Report = population.silent) -> evidence.Looked:
    """Look for ids that name one person, and suggest links; they join by themselves only where a setting says so."""
    found = evidence.look(now=now, above=settings.MERGE_ABOVE, country=settings.COUNTRY, progress=progress)
    settle(affected=found.affected, now=now)
    return found


def is_due(*, now: datetime) -> bool:
    """Say whether customers came or changed since somebody last looked for the same people, a while ago."""
    return evidence.is_due(now=now)


def settle(*, affected: Collection[int], now: datetime) -> None:
    """Work out again what is stored of customers whose reading changed.

    Few of them at once. Of many, what is stored under keys that are no customers of their own any more goes at once,
    and a new score is asked for. Counts of weeks show the change with the next score either way.
    """
    keys = sorted(affected)
    if not keys:
        return
    ledger.mark_stale(since=now)
    read = identities.merged().canonical_of(np.array(keys, np.int64)).tolist()
    ledger.replace_all(written=(), customers=[key for key, one in zip(keys, read, strict=True) if key != one])
    if len(keys) <= AT_ONCE and not alone.is_held(home=settings.HOME, name=score.LOCK):
        state.work_out(keys=keys, now=now)


def heal(*, now: datetime) -> int:
    """Work out again who is stored under a key they are not read by any more; return how many keys.

    That happens where a line came that joined before the others, and where a decision fell while a score was written.
    """
    merged = identities.merged()
    if not len(merged) or alone.is_held(home=settings.HOME, name=score.LOCK):
        return 0
    others = [key for key, one in zip(merged.keys.tolist(), merged.canonical.tolist(), strict=True) if key != one]
    misplaced = versions.stored_among(keys=others)
    settle(affected={other for key in misplaced for other in identities.keys_of(key=key)}, now=now)
    return len(misplaced)


def undo_import(*, number: int, now: datetime) -> int:
    """Take back what an import said of ids and return how many links changed. What a person decided stays.

    The keys that it named are kept with the undo: whom nobody else speaks of goes with its customers.
    """
    with transaction.atomic():
        unsaid = unlinking.unsay(batch=number)
        for batch, moved in unsaid.moved.items():
            undoing.move(batch=batch, moved=moved)
        if unsaid.keys:
            none = np.array([], np.int64)
            keys = np.array(sorted(unsaid.keys), np.int64)
            portions.decide(batch=number, leaving=none, staying=none, customers=keys)
    settle(affected=unsaid.affected, now=now)
    return unsaid.links


def _origin(number: int) -> str:
    return f"import {number}"


def _pieces(
    kind: registry.Kind,
    path: Path,
    reading: files.Reading,
    begun: sources.Begun,
    by: str,
    now: datetime,
    progress: population.Report,
) -> tuple[set[int], int]:
    affected: set[int] = set()
    waiting = 0
    for piece in kind.pieces(path=path, reading=reading, start=begun.resume_at):
        with ingest.together():
            taken = take(records=piece.records, by=_origin(begun.number), now=now, batch=begun.number)
            counted = Counter(taken.verdicts)
            tally = sources.Tally(
                created=counted[Verdict.CREATED],
                duplicate=counted[Verdict.DUPLICATE],
                revised=0,
                refused=counted[Verdict.REFUSED],
            )
            sources.advance(number=begun.number, resume_at=piece.resume_at, tally=tally)
        affected |= taken.affected
        waiting += taken.waiting
        progress(Progress(done=piece.resume_at, total=piece.resume_at, words="Reading"))
    return affected, waiting


@dataclass(frozen=True)
class _Known:
    """Two ids with their keys, and where the record stood."""

    place: int
    a: int
    b: int
    named: intake.Named


def _known(admitted: intake.Admitted, records: RawRecords, now: datetime) -> tuple[list[_Known], dict[int, Refused]]:
    """Return what was admitted with the keys of its ids; what speaks of somebody who was erased is refused."""
    ids = [one for named in admitted.named for one in (named.customer_id, named.other_id)]
    keys = customers.identify(customer_ids=ids, now=now)
    known: list[_Known] = []
    refused = dict(admitted.refused)
    for at, (place, named) in enumerate(zip(admitted.positions, admitted.named, strict=True)):
        a, b = keys[2 * at], keys[2 * at + 1]
        if isinstance(a, int) and isinstance(b, int):
            known.append(_Known(place, a, b, named))
        else:
            refused[place] = Refused(records.numbers[place], Refusal.ERASED, "one of the ids is of someone erased")
    return known, refused


def _said(known: _Known) -> links.Said:
    named = known.named
    return links.Said(
        a=known.a,
        b=known.b,
        relation=named.relation,
        evidence=RECORDED,
        reason=named.reason or " ".join(filter(None, ("The company's own list says so:", named.system))).rstrip(":"),
        confidence=named.confidence,
        decided=named.confidence >= intake.SURE,
        system=named.system,
    )


def _keep_refused(records: RawRecords, refused: dict[int, Refused], batch: int | None, now: datetime) -> None:
    entries = [
        sources.RefusedEntry(
            source=KIND,
            record_kind=KIND,
            number=why.number,
            reason=why.reason.value,
            detail=why.detail,
            fields=None if why.reason is Refusal.ERASED else ingest.fields_at(records=records, position=place),
        )
        for place, why in sorted(refused.items())
    ]
    sources.keep_refused(entries=entries, batch=batch, now=now)


def _imported(number: int, waiting: int, affected: Collection[int]) -> Imported:
    row = queries.one(number=number)
    if row is None:
        raise LookupError("the import is gone")
    counts = (row.created, row.duplicate, row.revised, row.refused)
    return Imported(number, *counts, waiting=waiting, customers=len(affected))
