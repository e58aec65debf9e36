"""Long pieces of work done in the background: asked for by pages and the ticker, done one at a time, stopped safely."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django_tasks import task

from valence import interactions, packs, terms
from valence.flows.act import billing, expecting, fitting, following_up, planning, rehearsing, standards
from valence.flows.ask import sampling
from valence.flows.find import drafts
from valence.flows.gather import feeds, flush, identities, imports, readiness, undo
from valence.flows.read import reading_again, speaking, teaching
from valence.flows.run import failures
from valence.flows.weigh import minds, score, train
from valence.insights import say
from valence.ledger.actions import jobs as ledger
from valence.ledger.actions import versions as keeping
from valence.ledger.queries import jobs as asked
from valence.sources import files
from valence.sources.feeds.contract import WrongFeed
from valence.text import voice

Report = Callable[[terms.Progress], None]
Work = Callable[[Mapping[str, Any], str, datetime, Report], str]
SECONDS_BETWEEN_REPORTS = 0.5


class Stopped(feeds.BrokenOff):
    """Somebody asked the work to stop; everything that was safe stays."""


class Ending(feeds.BrokenOff):
    """The process is ending; the work waits for the next one."""


def enqueue(*, name: str, by: str, arguments: Mapping[str, Any], now: datetime) -> int:
    """Ask for a piece of work and return its number. `name` is one of WORK; the same work never waits twice."""
    if name not in WORK:
        raise ValueError(f"there is no work named {name}")
    waiting = None if name == "import" else asked.waiting(name=name, arguments=arguments)
    if waiting is not None:
        return waiting
    with transaction.atomic():
        number = ledger.ask(name=name, by=by, arguments=arguments, now=now)
        perform.using(queue_name=lane_of(name=name)).enqueue(number)
    return number


def is_waiting(*, name: str, arguments: Mapping[str, Any] | None = None) -> bool:
    """Say whether a piece of work waits or is being done."""
    return any(job.name == name for job in asked.running()) and (
        arguments is None or asked.waiting(name=name, arguments=arguments) is not None
    )


def lane_of(*, name: str) -> str:
    """Return the lane in which a piece of work waits: what thinks for minutes is in no way of what brings data in."""
    return "thinking" if name in THINKING else "default"


def is_any(*, lane: str) -> bool:
    """Say whether anything of a lane waits to be begun, or was begun and has not ended."""
    return any(lane_of(name=job.name) == lane for job in asked.running())


def take_up_again(*, now: datetime, lane: str) -> None:
    """Queue again what an earlier process left behind in a lane. Only who holds that worker's lock may call this."""
    names = [name for name in WORK if lane_of(name=name) == lane]
    for number in ledger.take_up(now=now, names=names):
        perform.using(queue_name=lane).enqueue(number)


@task()
def perform(number: int) -> str:
    """Do one piece of work.

    1. Begin it, unless somebody stopped it or another process has it. 2. Do it, telling how far it is.
    3. Note how it ended: done, stopped by somebody, failed with a reference, or put back because the process ends.
    """
    begun = ledger.begin(number=number, now=_now())
    if begun is None:
        return "not waiting"
    name, arguments = begun
    by = next((job.by for job in asked.latest(limit=50) if job.pk == number), "")
    try:
        words = WORK[name](arguments, by, _now(), _reporter(number))
    except Stopped:
        ledger.end(number=number, state=ledger.STOPPED, words="Stopped.", now=_now())
        return ledger.STOPPED
    except Ending:
        ledger.put_back(number=number)
        raise
    except Exception as problem:
        reference = failures.record(home=settings.HOME, name=f"job {name}", problem=problem, now=_now())
        ledger.end(number=number, state=ledger.FAILED, words=_why(problem), now=_now(), reference=reference)
        return ledger.FAILED
    ledger.end(number=number, state=ledger.DONE, words=words, now=_now())
    return ledger.DONE


class _Process:
    """Whether the process that does the work is about to end; set by its signal handler."""

    is_ending = False


def end_soon() -> None:
    """Let the work break off at its next safe point, to be taken up by the next process."""
    _Process.is_ending = True


def _reporter(number: int) -> Report:
    last = ("", 0.0)

    def report(progress: terms.Progress) -> None:
        nonlocal last
        if _Process.is_ending:
            raise Ending
        words, at = last
        if progress.words == words and time.monotonic() - at < SECONDS_BETWEEN_REPORTS:
            return
        last = (progress.words, time.monotonic())
        if ledger.report(number=number, done=progress.done, total=progress.total, words=progress.words):
            raise Stopped

    return report


def _train(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    card = train.train(now=now, progress=report)
    score.score(now=now, progress=report)
    return f"Model {card.version} is in use."


def _use_model(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    keeping.use_model(version=arguments["version"])
    score.score(now=now, progress=report)
    return f"Model {arguments['version']} is in use."


def _score(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    found = score.score(now=now, progress=report)
    return f"{found.customers:,} customers, {found.likely_to_leave:,} likely to leave."


def _import(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    brought = imports.run(**{**arguments, "path": Path(arguments["path"])}, by=by, now=now, progress=report)
    enqueue(name="readiness", by=by, arguments={}, now=now)
    return f"{brought.created:,} created, {brought.duplicate:,} duplicate, {brought.refused:,} refused."


def _identity_file(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    path = Path(arguments["path"])
    brought = identities.bring(path=path, by=by, now=now, filename=arguments["filename"], progress=report)
    path.unlink(missing_ok=True)  # an upload holds ids in the open: it goes as soon as it is in
    return f"{brought.created:,} links, {brought.waiting:,} of them wait for a person; {brought.refused:,} refused."


def _standards(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    counted, bills, bad = standards.measure(now=now), billing.check(now=now), following_up.measure(now=now)
    runs = planning.measure(now=now)
    expecting.measure(now=now)
    fitting.measure(now=now)
    said = f"{counted:,} interactions counted; {bills:,} bills contradict what was told; {bad:,} bad encounters"
    return f"{said}; {runs:,} runs of plans."


def _plans(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    return f"{planning.measure(now=now):,} runs of plans."


def _feed(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    """Run a feed. What failed stands in the feed's own record and is tried again by itself: the job is done."""
    try:
        return feeds.run(name=arguments["name"], by=by, now=now, progress=report).words
    except (WrongFeed, feeds.Busy, interactions.StoreUnavailable) as problem:
        return f"{arguments['name']}: {problem}" if isinstance(problem, WrongFeed) else feeds.why(problem)


def _readiness(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    return readiness.look(now=now, progress=report).short


def _undo(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    done = undo.run(number=arguments["number"], by=by, now=now, progress=report)
    with suppress(minds.NoModel):
        score.score(now=now, progress=report)
    readiness.look(now=now, progress=report)
    return undo.words(done=done)


def _flush(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    moved = flush.run(now=now, everything=True, progress=report)
    return f"{moved.rows:,} interactions moved to the log."


def _try_pack(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    effect = drafts.try_out(now=now, progress=report)
    return f"Pack {effect.changes.version} was tried; nothing was stored."


def _identities(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    found = identities.look(now=now, progress=report)
    joined = f", {found.confirmed:,} joined" if found.confirmed else ""
    return f"{found.compared:,} pairs compared, {found.suggested:,} new suggestions{joined}."


def _rehearse(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    found = rehearsing.check(name=arguments["name"], now=now, report=report)
    return f"{found.firings:,} times in {found.days} days, {found.customers:,} customers."


def _read_texts(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    return reading_again.run(now=now, progress=report)


def _teach(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    made = teaching.teach(task=arguments["task"], now=now, progress=report)
    return f"Version {made.kept.version} of {made.kept.subject} was learned; it is not switched on."


LANES = ("default", "thinking")
THINKING = frozenset(
    {
        "train",
        "use_model",
        "score",
        "readiness",
        "try_pack",
        "rehearse",
        "read_texts",
        "teach",
        "standards",
        "plans",
        "hear",
        "sample",
    }
)
"""What only reads what was brought in, and writes what it made of that: it has a worker of its own."""


def _hear(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    done = speaking.hear_all(now=now)
    if done.failed and not done.stored:
        raise voice.CannotHear(done.why)
    return f"Heard {done.stored}; silent {done.silent}; not heard {done.failed}; deleted as too old {done.old}."


def _sample(arguments: Mapping[str, Any], by: str, now: datetime, report: Report) -> str:
    return f"Worked out for {say.many(sampling.look(now=now), 'trigger')} how many are drawn."


WORK: Mapping[str, Work] = {
    "sample": _sample,
    "hear": _hear,
    "standards": _standards,
    "plans": _plans,
    "rehearse": _rehearse,
    "read_texts": _read_texts,
    "teach": _teach,
    "train": _train,
    "use_model": _use_model,
    "score": _score,
    "import": _import,
    "feed": _feed,
    "flush": _flush,
    "undo": _undo,
    "readiness": _readiness,
    "try_pack": _try_pack,
    "identities": _identities,
    "identity_file": _identity_file,
}


def _why(problem: Exception) -> str:
    """Say to people why work failed; only what is meant for them, never a path or a query."""
    told = (train.NothingToLearn, files.WrongFile, packs.PackError, undo.CannotUndo, teaching.TooFew, voice.CannotHear)
    return str(problem) if isinstance(problem, told) else "Something unexpected failed."


def _now() -> datetime:
    return datetime.now(UTC)
