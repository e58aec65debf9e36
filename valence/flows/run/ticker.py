"""What happens by itself: flush, score again, forget what is old."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import close_old_connections

from valence.alerts import telling as receivers
from valence.flows.act import casework, recovering, reminding, standards, telling_back, trying, watching
from valence.flows.ask import answering, asking, sampling
from valence.flows.gather import feeds, flush, identities, undo
from valence.flows.read import reading_again, speaking
from valence.flows.run import alone, failures, health, jobs
from valence.flows.weigh import minds, population, state
from valence.ledger.actions import jobs as ledger_jobs
from valence.ledger.queries import versions
from valence.sources import actions as sources
from valence.sources.feeds import actions as feed_runs

log = logging.getLogger("valence.ticker")

BEAT = 2.0
Tick = Callable[[datetime], object]


def _flush(now: datetime) -> None:
    flush.run(now=now)


def _lay_by_time(now: datetime) -> None:
    flush.lay_by_time()


def _refresh(now: datetime) -> None:
    state.refresh(now=now)


def _keep_warm(now: datetime) -> None:
    """Work out what every customer's page needs before somebody waits for it: after a start, after each score."""
    scored = versions.scored()
    if scored is None:
        return
    with contextlib.suppress(minds.NoModel):
        minds.in_use()
        population.pressure_when_scored(scored=scored)


def _score(now: datetime) -> None:
    """Ask for a new score where there is a model, and anything happened or a day passed since the last one."""
    scored = versions.scored()
    if not minds.is_readable():
        return
    if scored is None or scored.stale_since is not None or now - scored.scored_at > timedelta(days=1):
        jobs.enqueue(name="score", by="ticker", arguments={}, now=now)


def _learn(now: datetime) -> None:
    """Ask for a new model where the one in use is an earlier version's: after an upgrade nobody has to think of it."""
    if versions.version_in_use() and not minds.is_readable():
        jobs.enqueue(name="train", by="ticker", arguments={}, now=now)


def _feeds(now: datetime) -> None:
    """Ask for a run of every feed whose time has come."""
    for name in feeds.due(now=now):
        jobs.enqueue(name="feed", by="ticker", arguments={"name": name}, now=now)


def _clean_feeds(now: datetime) -> None:
    """Delete what runs left behind that ended with their process, and have a piece that lies there brought in."""
    for name in feeds.clean_up(now=now):
        jobs.enqueue(name="feed", by="ticker", arguments={"name": name}, now=now)


def _answers(now: datetime) -> None:
    """Take in what was answered and then left for a day."""
    answering.send_left(now=now)


def _ask(now: datetime) -> None:
    """Decide who is asked about what came due."""
    asking.ask_due(now=now)


def _sample(now: datetime) -> None:
    """Have it worked out anew how many are drawn, where a trigger names a precision."""
    if sampling.is_due(now=now) and not jobs.is_waiting(name="sample"):
        jobs.enqueue(name="sample", by="ticker", arguments={}, now=now)


def _identities(now: datetime) -> None:
    """Put right who is stored under another key; look for ids that name one person where customers came or changed."""
    identities.heal(now=now)
    if identities.is_due(now=now):
        jobs.enqueue(name="identities", by="ticker", arguments={}, now=now)


def _cases(now: datetime) -> None:
    """Wake what was held, send up the ladder what nobody acted on, look whether what was closed was put right."""
    casework.look_after(now=now)
    recovering.look(now=now)
    trying.look(now=now)
    telling_back.tell(now=now)
    reminding.send_due(now=now)


def _rules(now: datetime) -> None:
    """Put the rules and playbooks of the pack beside those there are; rules stay off until they are switched on."""
    casework.install(now=now)


def _standards(now: datetime) -> None:
    """Put the standards of the pack beside those there are; have standards and bills looked at after each score."""
    standards.install(now=now)
    if versions.scored() is not None and standards.is_due(now=now) and not jobs.is_waiting(name="standards"):
        jobs.enqueue(name="standards", by="ticker", arguments={}, now=now)


def _watch(now: datetime) -> None:
    """Look at how customers stand and at promises that come due."""
    watching.look(now=now)


def _recordings(now: datetime) -> None:
    """Ask that recordings are heard where some wait."""
    if speaking.is_due(now=now):
        jobs.enqueue(name="hear", by="ticker", arguments={}, now=now)


def _undo(now: datetime) -> None:
    """Ask for what is left to undo of an import, where that was broken off."""
    for number in undo.broken_off()[:1]:
        jobs.enqueue(name="undo", by="ticker", arguments={"number": number}, now=now)


def _texts_of_before(now: datetime) -> None:
    """Ask once for a reading of what lay in store before texts were read as they arrive."""
    if not reading_again.was_filled():
        jobs.enqueue(name="read_texts", by="ticker", arguments={}, now=now)


def _forget(now: datetime) -> None:
    undo.remember_contradictions(before=now - sources.KEPT, now=now)
    sources.forget_refused(now=now)
    sources.join_days(now=now)
    feed_runs.forget_old_runs(now=now)
    receivers.forget(now=now)
    failures.forget(home=settings.HOME, now=now)
    ledger_jobs.forget_old(now=now)


EVERY: Mapping[Tick, timedelta] = {
    _refresh: timedelta(seconds=2),
    _keep_warm: timedelta(seconds=10),
    _feeds: timedelta(seconds=15),
    _clean_feeds: timedelta(minutes=5),
    _flush: timedelta(seconds=60),
    _lay_by_time: timedelta(seconds=60),
    _score: timedelta(hours=1),
    _learn: timedelta(hours=6),
    _answers: timedelta(minutes=10),
    _ask: timedelta(seconds=30),
    _sample: timedelta(hours=1),
    _identities: timedelta(minutes=2),
    _rules: timedelta(days=1),
    _standards: timedelta(minutes=5),
    _cases: timedelta(seconds=60),
    _watch: timedelta(seconds=30),
    _forget: timedelta(hours=1),
    _undo: timedelta(seconds=60),
    _recordings: timedelta(seconds=60),
    _texts_of_before: timedelta(minutes=10),
}


def run(*, stop: threading.Event) -> None:
    """Do what is due, again and again, until `stop` is set. One ticker at a time in a data folder; others wait.

    A tick that fails is written down, and tried again when it is due the next time.
    """
    while not stop.is_set():
        with alone.trying(home=settings.HOME, name="ticker") as is_alone:
            if is_alone:
                _tick(stop)
        stop.wait(BEAT)


def _tick(stop: threading.Event) -> None:
    due = dict.fromkeys(EVERY, datetime.min.replace(tzinfo=UTC))
    while not stop.is_set():
        now = datetime.now(UTC)
        (settings.HOME.folder / health.HEARTBEAT).touch()
        for tick in [tick for tick, moment in due.items() if moment <= now]:
            _tried(tick, now)
            due[tick] = now + EVERY[tick]
        close_old_connections()
        stop.wait(BEAT)


def _tried(tick: Tick, now: datetime) -> None:
    try:
        tick(now)
    except Exception as problem:
        name = f"ticker {tick.__name__.strip('_')}"
        reference = failures.record(home=settings.HOME, name=name, problem=problem, now=now)
        log.warning("%s failed, reference %s", name, reference)
