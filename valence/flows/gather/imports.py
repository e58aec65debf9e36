"""Files in: look, store piece by piece, go on where it broke off; what was refused can be mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from valence.flows.gather import beside, derived, flush, ingest, mappings, stale
from valence.intake import batch as intake_batch
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.sources import actions, files, gathering, mapping, queries, registry, translating
from valence.sources.files import WrongFile
from valence.terms import Progress, RawRecords, Refused

Report = Callable[[Progress], None]
KNOWN = mappings.KNOWN
SHOWN = 20


@dataclass(frozen=True)
class Column:
    """A column of a file: what it is called, which of ours it is ("" for none), whether that was guessed, a sample.

    `is_part`: it says only part of ours, such as a first name, or decides what a row is.
    """

    theirs: str
    ours: str
    guessed: bool
    sample: str
    is_part: bool = False


@dataclass(frozen=True)
class Looked:
    """What a file is and how it would be read. Nothing was changed."""

    record_kind: str
    columns: tuple[Column, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    records: int
    first: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Imported:
    """What became of a file. `reasons` counts refusals, `notices` what the sender should know."""

    number: int
    record_kind: str
    created: int
    duplicate: int
    revised: int
    refused: int
    reasons: Mapping[str, int]
    notices: Mapping[str, int]
    columns: tuple[Column, ...]
    resumed_at: int


@dataclass(frozen=True)
class _File:
    """A file after a look at it. `path` is where it lies unpacked; `shown` are columns of ours nobody has named."""

    kind: str
    path: Path
    examined: files.Examined
    chosen: mapping.Chosen
    reading: files.Reading
    shown: frozenset[str]


def look(*, kind: str, path: Path, record_kind: str | None = None, mapped: Mapping[str, Any] | None = None) -> Looked:
    """Return what a file is and which of its columns would be which of ours. Raises WrongFile."""
    with _opened(kind, path, record_kind, mapped, lost_activity="") as file:
        first = tuple(dict(zip(file.examined.columns, map(str, row), strict=False)) for row in file.examined.first)
        return Looked(
            record_kind=file.chosen.record_kind,
            columns=_columns(file),
            unknown=file.chosen.unknown,
            missing=() if kind == "xes" else file.chosen.missing,
            records=file.examined.records,
            first=first,
        )


def run(
    *,
    kind: str,
    path: Path,
    by: str,
    now: datetime,
    record_kind: str | None = None,
    mapped: Mapping[str, Any] | None = None,
    lost_activity: str = "",
    filename: str = "",
    source: str = "import",
    guess: bool = False,
    made_up: bool = False,
    progress: Report = lambda step: None,
) -> Imported:
    """Bring a file in and return what became of its records. Raises WrongFile where nothing was changed.

    made_up: it belongs to the demonstration, and goes with it.
    guess: also read a file that is laid out otherwise than the data contract says, as `mappings.see` proposes.

    1. Look at all of it: encoding, header, columns. 2. Try the first piece without storing: a file of which nothing
    can be taken is wrong. 3. Store piece by piece, each with how far the import is. 4. Move what came to the log.
    """
    with _opened(kind, path, record_kind, mapped, lost_activity, guess) as file:
        _check(file, lost_activity)
        _try_first_piece(file, now)
        if file.chosen.mapped.derive:
            derived.keep(source=_source(file, source), said=file.chosen.mapped.derive)
        begun = actions.begin(
            kind=kind,
            record_kind=file.chosen.record_kind,
            path=path,
            filename=filename or path.name,
            file_hash=files.fingerprint(path=path),
            mapping=msgspec.to_builtins(file.reading.__dict__),
            total=file.examined.records,
            by=by,
            now=now,
            made_up=made_up,
        )
        actions.note_columns(
            number=begun.number, columns=[(one.theirs, one.ours, one.is_part) for one in _columns(file)]
        )
        try:
            notices = _store(file, begun, source, now, progress)
        except BaseException as problem:
            words = str(problem) if isinstance(problem, WrongFile) else f"broken off ({type(problem).__name__})"
            actions.finish(number=begun.number, now=now, words=words, failed=True)
            raise
    actions.finish(number=begun.number, now=now, words=_left_out(notices))
    if path.resolve().is_relative_to(settings.HOME.folder / "uploads"):
        path.unlink(missing_ok=True)  # an upload holds names in the open: it goes as soon as it is in
    return _imported(file, begun, notices)


def first_piece(*, kind: str, path: Path, mapped: Mapping[str, Any] | None) -> files.Piece:
    """Return the first records of a file as they would be brought in. Raises WrongFile."""
    with _opened(kind, path, None, mapped, "") as file:
        _check(file, "")
        pieces = _pieces(file, start=0)
        for piece in pieces:
            if len(piece.records):
                return piece
    raise WrongFile("The file holds no record.")


def write_refused(*, number: int, out: Path) -> None:
    """Write what an import refused, with reasons, to a CSV file that can be mended and brought in again."""
    with out.open("w", encoding="utf-8", newline="") as file:
        out.chmod(0o600)
        file.writelines(queries.refused_csv(number=number))


@contextmanager
def _opened(
    kind: str,
    path: Path,
    record_kind: str | None,
    mapped: Mapping[str, Any] | None,
    lost_activity: str,
    guess: bool = False,
) -> Iterator[_File]:
    """Give a file after a look at it; what was packed lies unpacked as long as it is needed. Raises WrongFile."""
    registry.kind_of(name=kind)
    if kind == "xes":
        mappings.check_there(path=path)
        examined = registry.kind_of(name=kind).examine(path=path)
        chosen = mapping.Chosen(record_kind="interactions", columns={}, guessed=frozenset(), unknown=(), missing=())
        yield _File(kind, path, examined, chosen, files.Reading(lost_activity=lost_activity), frozenset())
        return
    said, shown = mapping.checked(mapped), frozenset[str]()
    plain = None if guess or mapped is not None else _of_contract(kind, path, record_kind or "")
    if mapped is None:
        said = mapping.Mapped() if plain else _proposed(kind, path, record_kind or "")
        shown = frozenset(said.columns)
    with mappings.opened(path=path, part=said.file.part if said.file else "") as inside:
        kind = registry.kind_by_name(filename=inside.name) or kind
        examined = plain or registry.kind_of(name=kind).examine(path=inside.path, layout=said.file)
        chosen = mapping.choose(columns=examined.columns, known=KNOWN, mapped=said, kind=record_kind or "")
        yield _File(kind, inside.path, examined, chosen, chosen.reading(), shown | chosen.guessed)


def _of_contract(kind: str, path: Path, record_kind: str) -> files.Examined | None:
    """Return what a file is that keeps to the data contract, None where it does not.

    Raises WrongFile where it cannot be read as one: in another encoding it might be read wrongly.
    """
    with mappings.opened(path=path) as inside:
        kind = registry.kind_by_name(filename=inside.name) or kind
        examined = registry.kind_of(name=kind).examine(path=inside.path)
    return examined if mappings.keeps_to_contract(examined=examined, record_kind=record_kind) else None


def _proposed(kind: str, path: Path, record_kind: str) -> mapping.Mapped:
    """Return the mapping of a file of which nothing is said: a kept one, or a proposal that leaves nothing open."""
    seen = mappings.see(kind=kind, path=path, record_kind=record_kind)
    open_still = [one for one in seen.proposal.questions if not one.place.startswith("columns.")]
    if open_still and not seen.saved:
        asked = " ".join(one.words for one in open_still)
        raise WrongFile(f"{asked} Say it in a mapping: `valence mapping {path.name} --save NAME` writes one.")
    return seen.mapped


def _check(file: _File, lost_activity: str) -> None:
    if file.kind != "xes":
        mapping.check(chosen=file.chosen, columns=file.examined.columns, known=KNOWN)
        derived.check(said=file.chosen.mapped.derive)
    elif lost_activity and lost_activity not in file.examined.columns:
        raise WrongFile(f"No event is named {lost_activity!r}. There are: {', '.join(file.examined.columns)[:400]}.")


def _pieces(file: _File, *, start: int) -> Iterator[files.Piece]:
    kind = registry.kind_of(name=file.kind)
    if not file.reading.one_each:
        return kind.pieces(path=file.path, reading=file.reading, start=start)
    return gathering.one_each(pieces=kind.pieces(path=file.path, reading=file.reading, start=0), start=start)


def _source(file: _File, default: str) -> str:
    """Return the source for which a mapping's rules hold: its constant, or every one where rows name it."""
    if "source" in file.chosen.columns:
        return "*"
    return file.chosen.mapped.constants.get("source", default)


def _columns(file: _File) -> tuple[Column, ...]:
    if file.kind == "xes":
        return ()
    ours = {theirs: our for our, theirs in file.chosen.columns.items()}
    parts = _parts(file.chosen.mapped)
    row = dict(zip(file.examined.columns, file.examined.first[0], strict=False))
    return tuple(
        Column(
            theirs=theirs,
            ours=ours.get(theirs) or parts.get(theirs, ""),
            guessed=ours.get(theirs, "") in file.shown,
            is_part=theirs not in ours and theirs in parts,
            sample=str(row.get(theirs, "") or "")[:100],
        )
        for theirs in file.examined.columns
    )


def _parts(mapped: mapping.Mapped) -> dict[str, str]:
    """Return the columns of theirs that say a part of ours, or decide what a row is."""
    parts = {theirs: ours for ours, several in mapped.joined.items() for theirs in several}
    decides = mapped.used() - set(mapped.columns.values()) - parts.keys()
    return {**dict.fromkeys(decides, "says what is what"), **parts}


def _try_first_piece(file: _File, now: datetime) -> None:
    """Raise WrongFile where nothing of the first piece can be taken; nothing is stored."""
    given = intake_batch.Given(now=now, keys_of=lambda ids: dict.fromkeys(ids, 1))
    pieces = _pieces(file, start=0)
    for piece in pieces:
        admit = interaction_intake.admit if piece.record_kind == "interactions" else customer_intake.admit
        admitted = admit(records=piece.records, given=given)
        twice = _contradicting(piece.records) - admitted.refused.keys()
        if len(admitted.refused) + len(twice) < len(piece.records):
            return
        if len(piece.records):
            raise WrongFile(_why_nothing(admitted.refused, len(twice), len(piece.records)))
    raise WrongFile("The file holds no record.")


def _why_nothing(refused: Mapping[int, Refused], twice: int, records: int) -> str:
    counted = Counter(f"{why.reason.value} ({why.detail})" for why in refused.values())
    if twice:
        counted["conflict (the same id with different contents)"] = twice
    said = "; ".join(f"{count} x {words}" for words, count in counted.most_common(5))
    return f"None of the first {records:,} records can be taken: {said}."


def _contradicting(records: RawRecords) -> set[int]:
    """Return the places of records that share an id and differ: which of them is right cannot be known."""
    names = [name for name in ("source", "interaction_id", "revision") if name in records.columns]
    if "interaction_id" not in names:
        names = [name for name in ("customer_id", "recorded_at") if name in records.columns]
    columns = [records.columns[name] for name in names]
    places: dict[tuple[str, ...], list[int]] = {}
    for place in range(len(records)):
        places.setdefault(tuple(str(column[place]) for column in columns), []).append(place)
    shared = [found for found in places.values() if len(found) > 1]
    return {place for found in shared if not _alike(records, found) for place in found}


def _alike(records: RawRecords, places: list[int]) -> bool:
    first, *others = (ingest.fields_at(records=records, position=place) for place in places)
    return all(other == first for other in others)


def _store(file: _File, begun: actions.Begun, source: str, now: datetime, progress: Report) -> dict[str, int]:
    notices: Counter[str] = Counter()
    desk = ingest.Desk(source=source)
    with beside.moving(rows=file.examined.records - begun.resume_at) as moved:
        for piece in _pieces(file, start=begun.resume_at):
            brought = _take(piece, desk, begun.number, now)
            notices.update(brought.notices)
            notices.update(piece.notices)
            progress(Progress(done=piece.resume_at, total=max(file.examined.records, piece.resume_at), words="Reading"))
            moved(now)
    flush.run(now=now, everything=True, progress=progress)
    return dict(notices)


def _take(piece: files.Piece, desk: ingest.Desk, number: int, now: datetime) -> ingest.Brought:
    """Store one piece together with how far the import is: after a crash neither is there without the other.

    Interactions are made ready before: others may write meanwhile.
    """
    records, tells = piece.records, piece.record_kind == "interactions"
    ready = ingest.ready_interactions(records=records, desk=desk, now=now) if tells else None
    with ingest.together():
        if tells:
            brought = ingest.take_interactions(
                records=records, desk=desk, now=now, folded=stale.mark, batch=number, ready=ready
            )
        else:
            brought = ingest.take_customers(records=records, desk=desk, now=now, batch=number)
        actions.advance(number=number, resume_at=piece.resume_at, tally=brought.tally)
        actions.note_counts(number=number, counts=Counter(brought.notices) + Counter(piece.notices))
    return brought


def _left_out(notices: Mapping[str, int]) -> str:
    totals = notices.get(translating.TOTALS, 0)
    rows = "row at the end sums" if totals == 1 else "rows at the end sum"
    return f"{totals} {rows} up what stands above, and {'was' if totals == 1 else 'were'} left out." if totals else ""


def _imported(file: _File, begun: actions.Begun, notices: Mapping[str, int]) -> Imported:
    row = queries.one(number=begun.number)
    if row is None:
        raise LookupError("the import is gone")
    return Imported(
        number=begun.number,
        record_kind=row.record_kind,
        created=row.created,
        duplicate=row.duplicate,
        revised=row.revised,
        refused=row.refused,
        reasons=queries.reasons(number=begun.number),
        notices=notices,
        columns=_columns(file),
        resumed_at=begun.resume_at,
    )
