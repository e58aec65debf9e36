"""Look the installation over: disk, clock, memory, database, log, and whether all that was admitted is there once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError

from valence import interactions
from valence.customers import erasures
from valence.customers import queries as customers
from valence.flows.gather import calendars
from valence.flows.protect import erase
from valence.flows.run import freshness, machine
from valence.flows.run.machine import Finding as Finding
from valence.flows.run.machine import Health as Health
from valence.home import Home
from valence.interactions import sql
from valence.sources import undoing


def examine(*, home: Home, now: datetime, mend: bool = False) -> tuple[Finding, ...]:
    """Return what every check found; with `mend`, first mend what can be mended without losing anything."""
    return (
        *(_mended(now) if mend else ()),
        *machine.examine(home=home, now=now),
        *_database(),
        *_log(),
        *_erasures(home),
        *_sources(now),
        *_calendar(),
    )


def _erasures(home: Home) -> Iterator[Finding]:
    """Hold the register of erasures against the data: a folder that was copied back by hand is older than it."""
    try:
        revived = customers.revived(entries=erasures.read(path=home.erasures))
    except (DatabaseError, erasures.Damaged) as error:
        yield Finding("erasures", Health.BAD, f"the register of erasures cannot be read: {error}")
        return
    if revived:
        words = f"{revived:,} entries of the register of erasures are not heeded: valence doctor --repair erases again"
        yield Finding("erasures", Health.BAD, words)
    else:
        yield Finding("erasures", Health.GOOD, "nobody who was erased is here")


def _sources(now: datetime) -> Iterator[Finding]:
    """Say which sources are quiet and which feeds fail; this never makes an installation unhealthy."""
    try:
        found = freshness.alarms(now=now)
    except DatabaseError:
        return
    for words in found:
        yield Finding("sources", Health.WARNING, words)
    if not found:
        yield Finding("sources", Health.GOOD, "none is silent for longer than is usual for it; no feed fails")


def _calendar() -> Iterator[Finding]:
    """Say what of the opening hours and the country cannot be followed."""
    found = calendars.faults()
    for words in found:
        yield Finding("calendar", Health.WARNING, words)
    if not found:
        yield Finding("calendar", Health.GOOD, "opening hours and the country's holidays are understood")


def _mended(now: datetime) -> Iterator[Finding]:
    try:
        if again := erase.heed(who="valence doctor", now=now):
            yield Finding("mended", Health.GOOD, f"erased {again:,} again whom the register names")
        for words in interactions.log.repair():
            yield Finding("mended", Health.GOOD, words)
        if swept := interactions.log.sweep():
            yield Finding("mended", Health.GOOD, f"deleted {swept} leftover files")
    except erasures.Damaged as error:
        yield Finding("mended", Health.BAD, f"the register of erasures cannot be read: {error}")
    except interactions.log.LogError as error:
        yield Finding("mended", Health.BAD, f"mending would lose rows: {error}")


def _database() -> Iterator[Finding]:
    try:
        faults = sql.faults()
    except interactions.StoreUnavailable as error:
        faults = [f"the database cannot be read: {error}"]
    for words in faults:
        yield Finding("database", Health.BAD, words)
    if not faults:
        yield Finding("database", Health.GOOD, "sound, and waits for the disk")


def _log() -> Iterator[Finding]:
    try:
        faults = interactions.log.verify()
        for fault in faults:
            hint = " (mend it with: valence doctor --repair)" if fault.mendable else ""
            yield Finding("log", Health.BAD, fault.words + hint)
        if not faults:
            yield from _counts()
    except interactions.StoreUnavailable as error:
        yield Finding("log", Health.BAD, f"the log cannot be read: {error}")


def _counts() -> Iterator[Finding]:
    unfinished = undoing.unfinished()
    if unfinished:
        numbers = ", ".join(map(str, unfinished))
        words = f"import {numbers} is being undone; if nobody is at it: valence undo {unfinished[0]}"
        yield Finding("undo", Health.WARNING, f"{words}. Rows are counted when it is done")
        return
    tally = interactions.log.tally()
    yield Finding("log", Health.GOOD, f"whole: {tally.log_rows:,} rows, {tally.waiting_rows:,} more in the inbox")
    stored = tally.log_rows + tally.waiting_rows
    words = f"{tally.seen_rows:,} rows were admitted, {stored:,} are stored"
    yield Finding("nothing lost", Health.GOOD if tally.whole else Health.BAD, words)
    if tally.leftover_files:
        words = f"{tally.leftover_files} files of the log are no longer needed; they are deleted by themselves"
        yield Finding("leftover files", Health.GOOD, words)
