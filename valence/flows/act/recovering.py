"""Whether closed cases were put right: the evidence is gathered from journeys, promises, answers and the bond."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from valence import interactions, terms
from valence.alerts import fields
from valence.alerts import queries as alerts
from valence.cases import actions, queries, recovery
from valence.customers import queries as customers
from valence.flows.act import replies
from valence.flows.gather import derived
from valence.flows.weigh import minds
from valence.journeys import promises as journey_promises
from valence.journeys import signs
from valence.ledger.queries import levels

AT_ONCE = 50
EVERY = timedelta(hours=6)
SYSTEM = queries.Seer(pk=0, scope=terms.EVERYTHING)
USUAL_QUIET_DAYS = 30


def look(*, now: datetime) -> int:
    """Look at closed cases again whose turn it is; return in how many the verdict changed."""
    return sum(verify(pk=pk, now=now) for pk in queries.to_verify(before=now - EVERY, limit=AT_ONCE))


def verify(*, pk: int, now: datetime) -> bool:
    """Gather the evidence of one case and keep the verdict; return whether it changed."""
    case = queries.whole(seer=SYSTEM, pk=pk)
    found = evidence(case=case, now=now)
    _settle_promises(case, now)
    return actions.note_verified(pk=pk, found=found, now=now)


def evidence(*, case: queries.Whole, now: datetime) -> recovery.Verified:
    """Return what is known of the recovery of a case, as of now."""
    quiet = case.playbook.quiet_days if case.playbook else USUAL_QUIET_DAYS
    return recovery.verify(since=_since(case, now), quiet_days=quiet, now=now)


def _since(case: queries.Whole, now: datetime) -> recovery.Since:
    replied = min((line.at for line in case.lines if line.what == "replied"), default=None)
    start = replied or case.row.closed_at
    journeys = _journey(case.row.key)
    contacts, failures, score = _after(case, journeys, start, now) if start else (0, 0, None)
    standing = levels.of(keys=[case.row.key])
    profile = customers.profile(scope=terms.EVERYTHING, key=case.row.key)
    return recovery.Since(
        replied_at=replied,
        closed_at=case.row.closed_at,
        contacts_again=contacts,
        failures_again=failures,
        promises=tuple(
            recovery.Promised(one.words, one.due_at, one.kept_at, one.broken_at)
            for one in _with_journey(case, journeys, now)
        ),
        score=score,
        bond_to_reach=case.bond_before,
        bond_now=float(standing.bond[0]) if len(standing.keys) else None,
        left=profile.left_at is not None and profile.left_at >= case.row.opened_at,
        is_back=profile.left_at is None if _was_gone(case) else None,
    )


def _was_gone(case: queries.Whole) -> bool:
    """Say whether a case is about somebody who had left: then coming back is what counts."""
    raised = {alert.rule for alert in alerts.some(pks=case.alerts)}
    return any(fields.LEFT in alerts.one(name=name).rule.asks for name in raised)


def _journey(key: int) -> terms.Journeys:
    return derived.completed(journeys=interactions.journeys_of(keys=[key]))


def _after(
    case: queries.Whole, journeys: terms.Journeys, start: datetime, now: datetime
) -> tuple[int, int, tuple[str, float] | None]:
    """Return contacts about the same matter and the same kind of failure after a moment, and the latest score."""
    read = signs.read(journeys=journeys, pack=minds.pack())
    ours = signs.where(words=journeys.words["source"], holds=lambda word: word == replies.SOURCE)
    later = (journeys.occurred > terms.days(start)) & (journeys.occurred <= terms.days(now)) & ~ours
    same = signs.where(words=journeys.words["reason"], holds=lambda word: word == case.reason)
    department = signs.where(words=journeys.words["department"], holds=lambda word: word == case.row.department)
    again = later & read.contact & (same if case.reason else department)
    failed = later & ~read.contact & read.fault & department
    return int(again.sum()), int(failed.sum()), _score(journeys, later)


def _score(journeys: terms.Journeys, later: signs.Flags) -> tuple[str, float] | None:
    scores = journeys.numbers["score"]
    rows = np.flatnonzero(later & np.isfinite(scores))
    if not len(rows):
        return None
    scale = journeys.words["scale"]
    code = int(scale.codes[rows[-1]])
    return scale.vocabulary[code] if code >= 0 else "", float(scores[rows[-1]])


def _with_journey(case: queries.Whole, journeys: terms.Journeys, now: datetime) -> tuple[queries.PromiseRow, ...]:
    """Return the promises of a case; what the journey tells of one counts where nobody settled it by hand."""
    told = _settled(journeys, now)
    return tuple(_told(one, told.get(one.interaction_id)) for one in case.promises)


def _told(one: queries.PromiseRow, told: tuple[str, datetime] | None) -> queries.PromiseRow:
    if told is None or one.kept_at or one.broken_at:
        return one
    kept, broken = (told[1], None) if told[0] == "kept" else (None, told[1])
    return queries.PromiseRow(one.pk, one.words, one.interaction_id, one.due_at, kept, broken)


def _settled(journeys: terms.Journeys, now: datetime) -> dict[str, tuple[str, datetime]]:
    found = journey_promises.settle(journeys=journeys, now=terms.days(now), pack=minds.pack())
    ids = journeys.texts["interaction_id"]
    return {
        str(ids[row]): (journey_promises.STATES[state], terms.moment(float(at)))
        for row, state, at in zip(found.row, found.state, found.settled, strict=True)
        if journey_promises.STATES[state] in ("kept", "broken") and np.isfinite(at)
    }


def _settle_promises(case: queries.Whole, now: datetime) -> None:
    for before, after in zip(case.promises, _with_journey(case, _journey(case.row.key), now), strict=True):
        if (before.kept_at, before.broken_at) != (after.kept_at, after.broken_at):
            actions.settle_promise(pk=case.row.pk, promise=before.pk, kept=after.kept_at is not None, by="", now=now)
