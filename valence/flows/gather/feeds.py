"""Feeds: what is new at a source is read into a file, brought in as an import, and only then the feed goes on.

Whenever the process ends, the next run finishes what lies on the disk first, or reads it again: nothing is lost, and
what comes twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from valence import interactions
from valence.flows.gather import imports
from valence.flows.run import alone
from valence.sources import files, mapping, mapping_file
from valence.sources import registry as file_kinds
from valence.sources.feeds import actions, contract, queries, registry, schedule, secrets, setup
from valence.sources.feeds.contract import WrongFeed
from valence.terms import Progress

Report = Callable[[Progress], None]
NO_ROOM = "Nothing can be stored just now (the disk is full, or the store is not there). It goes on by itself."


class BrokenOff(Exception):  # noqa: N818 - an end, not an error
    """Whoever asked for the work, or the end of its process, broke it off at a safe point."""


class Busy(Exception):  # noqa: N818 - it is said to people as "busy"
    """This feed is running already."""


@dataclass(frozen=True)
class Ran:
    """What a run of a feed brought. `waiting` are files that may still grow, `aside` what was set aside, with why."""

    name: str
    pieces: int = 0
    created: int = 0
    duplicate: int = 0
    revised: int = 0
    refused: int = 0
    same: int = 0
    waiting: tuple[contract.Waiting, ...] = ()
    aside: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """The run in a sentence."""
        parts = [f"{self.created:,} new, {self.revised:,} corrected, {self.refused:,} refused"]
        if not self.created + self.duplicate + self.revised + self.refused:
            parts = ["nothing new"]
        parts += [f"{self.same} sent before"] if self.same else []
        parts += [f"{len(self.aside)} set aside ({self.aside[0][0]}: {self.aside[0][1]})"] if self.aside else []
        parts += [f"{one.name} waits: {one.why}" for one in self.waiting]
        words = f"{'; '.join(parts)}."
        return words[0].upper() + words[1:]


@dataclass
class _Run:
    """A run at work."""

    setup: setup.Setup
    number: int
    by: str
    now: datetime
    progress: Report
    ran: Ran
    pieces: int = 0
    mapped: Mapping[str, Any] | None = None


def run(*, name: str, by: str, now: datetime, progress: Report = lambda step: None) -> Ran:
    """Bring in what is new at a feed's source. Raises WrongFeed, Busy.

    1. Take the feed's lease: it goes with its process. 2. Finish the piece that an earlier run left behind, and delete
    what else it left. 3. Piece by piece: read into a file, note it, import it, note that the feed is behind it, delete
    the file. A file that cannot be brought in is set aside with the reason; rows that cannot stop the run, so that none
    is passed by. 4. Note how it ended and when the feed is due again.
    """
    with alone.trying(home=settings.HOME, name=f"feed-{name}") as is_mine:
        if not is_mine:
            raise Busy(f"The feed {name} is running.")
        found = setup.load(name=name)
        due = schedule.next_at(schedule=found.schedule, begun_at=now, now=now)
        number = actions.begin_run(name=name, by=by, next_at=due, now=now)
        work = _Run(setup=found, number=number, by=by, now=now, progress=progress, ran=Ran(name=name))
        try:
            work.mapped = _mapped(found)
            _finish_pending(work)
            _sweep(name)
            _bring_new(work)
        except BaseException as problem:
            _end(work, queries.STOPPED if isinstance(problem, BrokenOff) else queries.FAILED, why(problem))
            raise
        _end(work, queries.DONE, work.ran.words)
        return work.ran


def clean_up(*, now: datetime) -> list[str]:
    """Delete what runs left on the disk and return the feeds that have a piece to finish first.

    What a feed reads is personal data in the open: after a crash nothing of it lies there longer than needed.
    """
    rows = queries.rows()
    for folder in [path for path in setup.folder().iterdir() if path.is_dir()]:
        with alone.trying(home=settings.HOME, name=f"feed-{folder.name}") as is_free:
            if is_free:
                _sweep(folder.name, keep=_pending_path(rows.get(folder.name)))
    return [name for name, row in rows.items() if row.pending]


def due(*, now: datetime) -> list[str]:
    """Return the feeds whose time has come, and remember those that are new."""
    rows = queries.rows()
    found = [one for one in setup.found() if isinstance(one, setup.Setup)]
    for one in found:
        if one.name not in rows:
            actions.know(name=one.name, now=now)
    waiting = [rows.get(one.name) for one in found]
    names = [one.name for one, row in zip(found, waiting, strict=True) if row is None or _is_due(row, now)]
    return [name for name in names if not is_running(name=name)]


def remove(*, name: str) -> bool:
    """Forget a feed and delete what it had read; what it brought in stays. Returns whether there was one.

    Raises Busy while it runs, and WrongFeed for a name that no feed can have.
    """
    with alone.trying(home=settings.HOME, name=f"feed-{name}") as is_free:
        if not is_free:
            raise Busy(f"The feed {name} is running.")
        there = setup.remove(name=name)
        actions.forget(name=name)
    return there


def is_running(*, name: str) -> bool:
    """Say whether a run of a feed is at work."""
    return alone.is_held(home=settings.HOME, name=f"feed-{name}")


def _is_due(row: queries.FeedRow, now: datetime) -> bool:
    return not row.paused and (row.next_at is None or row.next_at <= now)


def _bring_new(work: _Run) -> None:
    kind = registry.kind_of(name=work.setup.kind)
    reading = contract.Reading(
        said=secrets.opened(feed=work.setup.name, said=work.setup.said),
        known=queries.known(name=work.setup.name),
        into=setup.desk(name=work.setup.name),
        zone=work.setup.schedule.zone,
        now=work.now,
        key=settings.HOME.key_for("feed rows"),
        wanted=_wanted(work.mapped),
    )
    for one in kind.read(reading=reading, kind_of=lambda name: file_kinds.kind_by_name(filename=name)):
        if isinstance(one, contract.Waiting):
            work.ran = replace(work.ran, waiting=(*work.ran.waiting, one))
        elif isinstance(one, contract.Passed):
            _pass_by(work, one.met, why=one.why, is_same=one.is_same)
        else:
            _bring(work, _pended(work, one))


def _wanted(mapped: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the names of columns that mean something to an import: ours, and every word of the mapping."""
    ours = {name for names in imports.KNOWN.values() for name in names}
    words: set[str] = set()
    left: list[Any] = [mapped or {}]
    while left:
        said = left.pop()
        if isinstance(said, Mapping):
            left += [*said.keys(), *said.values()]
        elif isinstance(said, (list, tuple)):
            left += said
        else:
            words.add(str(said))
    return frozenset(ours | words)


def _pended(work: _Run, piece: contract.Piece) -> contract.Piece:
    """Give a piece a name that no other has, and note that it waits: from now on it is finished, whatever happens."""
    work.pieces += 1
    path = piece.path.with_name(f"{work.number}-{work.pieces}{''.join(piece.path.suffixes)}")
    piece.path.rename(path)
    named = replace(piece, path=path)
    actions.pend(name=work.setup.name, pending=_noted(named))
    return named


def _bring(work: _Run, piece: contract.Piece) -> None:
    """Import a piece, note that it is safe, and delete its file."""
    name = work.setup.name
    try:
        brought = _imported(work, piece)
    except files.WrongFile as wrong:
        piece.path.unlink(missing_ok=True)
        if piece.met is None:
            actions.drop_pending(name=name)
            raise WrongFeed(f"What was read cannot be brought in: {wrong}") from None
        _pass_by(work, piece.met, why=str(wrong), is_same=False)
        return
    actions.settle(
        name=name, run=work.number, after=piece.after, seen=piece.seen, met=piece.met, brought=brought, now=work.now
    )
    piece.path.unlink(missing_ok=True)
    _tell_source(work, piece.met, is_aside=False, why="")
    ran = work.ran
    work.ran = replace(
        ran,
        pieces=ran.pieces + 1,
        created=ran.created + brought.created,
        duplicate=ran.duplicate + brought.duplicate,
        revised=ran.revised + brought.revised,
        refused=ran.refused + brought.refused,
    )


def _imported(work: _Run, piece: contract.Piece) -> actions.Brought:
    done = queries.import_done(path=str(piece.path))
    if done is not None:  # its process ended between the last row and the note
        return actions.Brought(import_number=done)
    found = imports.run(
        kind=piece.kind,
        path=piece.path,
        by=f"feed {work.setup.name}",
        now=work.now,
        record_kind=work.setup.records or None,
        mapped=work.mapped,
        lost_activity=work.setup.lost_activity,
        filename=f"{work.setup.name}: {piece.name}",
        source=work.setup.source,
        guess=work.setup.kind != "sql" and work.mapped is None,
        progress=work.progress,
    )
    return actions.Brought(
        created=found.created,
        duplicate=found.duplicate,
        revised=found.revised,
        refused=found.refused,
        import_number=found.number,
    )


def _mapped(found: setup.Setup) -> Mapping[str, Any] | None:
    """Return the mapping that a feed names or holds. Raises WrongFeed."""
    if not found.mapping or not isinstance(found.mapping, str):
        return found.mapping or None
    if not setup.NAME.fullmatch(found.mapping):
        raise WrongFeed("mapping: is the name of a kept mapping, without its ending.")
    try:
        path = mapping_file.named(folder=settings.HOME.folder, said=found.mapping)
        said: dict[str, Any] = msgspec.to_builtins(mapping.load(path=path))
    except files.WrongFile as wrong:
        raise WrongFeed(str(wrong)) from None
    return said


def _pass_by(work: _Run, met: contract.FileMet, *, why: str, is_same: bool) -> None:
    actions.pass_by(name=work.setup.name, met=met, why=why, is_same=is_same, now=work.now)
    if is_same:
        work.ran = replace(work.ran, same=work.ran.same + 1)
    else:
        work.ran = replace(work.ran, aside=(*work.ran.aside, (met.name, why)))
    _tell_source(work, met, is_aside=not is_same, why=why)


def _tell_source(work: _Run, met: contract.FileMet | None, *, is_aside: bool, why: str) -> None:
    if met is not None:
        kind = registry.kind_of(name=work.setup.kind)
        kind.done(said=work.setup.said, name=met.name, is_aside=is_aside, why=why)


def _finish_pending(work: _Run) -> None:
    """Bring in what an earlier run had read; where its file is gone, it is read again."""
    row = queries.one(name=work.setup.name)
    if row is None or row.pending is None:
        return
    piece = _piece(row.pending)
    if piece.path.exists():
        _bring(work, piece)
    elif (number := queries.import_done(path=str(piece.path))) is not None:
        brought = actions.Brought(import_number=number)
        actions.settle(
            name=row.name, run=work.number, after=piece.after, seen=piece.seen, met=piece.met, brought=brought,
            now=work.now,
        )  # fmt: skip
    else:
        actions.drop_pending(name=row.name)


def _sweep(name: str, *, keep: Path | None = None) -> None:
    """Delete what lies in a feed's folder and is not waited for."""
    for path in setup.desk(name=name).iterdir():
        if path != keep:
            path.unlink(missing_ok=True)


def _pending_path(row: queries.FeedRow | None) -> Path | None:
    return _piece(row.pending).path if row is not None and row.pending else None


def _noted(piece: contract.Piece) -> dict[str, Any]:
    return {
        "file": piece.path.name,
        "kind": piece.kind,
        "name": piece.name,
        "after": piece.after,
        "seen": piece.seen.hex() if piece.seen is not None else None,
        "met": vars(piece.met) if piece.met else None,
        "folder": piece.path.parent.name,
    }


def _piece(noted: Mapping[str, Any]) -> contract.Piece:
    return contract.Piece(
        path=setup.folder() / noted["folder"] / noted["file"],
        kind=noted["kind"],
        name=noted["name"],
        after=noted["after"],
        seen=bytes.fromhex(noted["seen"]) if noted["seen"] is not None else None,
        met=contract.FileMet(**noted["met"]) if noted["met"] else None,
    )


def _end(work: _Run, state: str, words: str) -> None:
    row = queries.one(name=work.setup.name)
    failures = (row.failures if row else 0) + 1 if state == queries.FAILED else 0
    due = schedule.next_at(schedule=work.setup.schedule, begun_at=work.now, now=work.now, failures=failures)
    actions.end_run(
        name=work.setup.name, run=work.number, state=state, words=words, next_at=due, now=work.now
    )  # fmt: skip


def why(problem: BaseException) -> str:
    """Say why a run failed; only what is meant for people."""
    if isinstance(problem, (WrongFeed, files.WrongFile, Busy)):
        return str(problem)
    if isinstance(problem, interactions.StoreUnavailable):
        return NO_ROOM
    return "Stopped; what is in stays in." if isinstance(problem, BrokenOff) else "Something unexpected failed."
