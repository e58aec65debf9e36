"""Whom to ask, when, and why not: one list of rules for the dry run, for the launch, and for every day after. Pure.

Nothing here is left to chance or to a person: who is drawn is decided by a keyed hash of the interaction, so that the
same period gives the same decisions again, and nobody who is rated can choose who is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from valence.surveys import drawing, hours
from valence.surveys.drawing import Sampling, Way

PROMPT = timedelta(minutes=15)
"""What is decided within this time after it came due counts as decided when it came due."""

NO_TIME = timedelta(0)
NEVER_SAMPLED = Sampling()


class Channel(StrEnum):
    """How an invitation reaches a person."""

    LINK = "link"
    EMAIL = "email"
    SMS = "sms"
    WIDGET = "widget"
    API = "api"


class Why(StrEnum):
    """Why somebody is asked or not. A closed list: reasons are counted, by team too, and translated on screen."""

    ASKED = "asked"
    ASKED_UNHAPPY = "asked_unhappy"
    NOT_DRAWN = "not_drawn"
    GONE = "gone"
    NO_CONSENT = "no_consent"
    DECLINED = "declined"
    NO_CHANNEL = "no_channel"
    ASKED_BEFORE = "asked_before"
    ANSWERED_BEFORE = "answered_before"
    BUDGET_SPENT = "budget_spent"
    ALREADY_ABOUT_THIS = "already_about_this"
    TOO_LATE = "too_late"


@dataclass(frozen=True)
class OtherWay:
    """Another way of asking that half of the happy moments get from `since` on, to see which brings more answers.

    after, channels: as of a trigger. needed: how many must be asked in each way before anything is concluded.
    """

    after: timedelta
    channels: tuple[Channel, ...]
    since: datetime
    needed: int


@dataclass(frozen=True)
class Trigger:
    """Which interactions a survey asks about: every field named must hold one of its words.

    after: how long after the interaction it asks. lasts: how long asking still makes sense.
    shares: by segment, the share of happy moments that is drawn ("" is every other segment); 1 asks all.
    channels: in the order of preference where the customer prefers none. within: the precision in points that the
    shares were worked out for, 0 where they were not; sampling: which shares held when. slug: under which it is kept.
    other: another way of asking that is tried beside.
    """

    survey_id: str
    name: str
    when: Mapping[str, frozenset[str]]
    after: timedelta = timedelta(hours=2)
    lasts: timedelta = timedelta(days=3)
    shares: Mapping[str, float] = field(default_factory=dict)
    channels: tuple[Channel, ...] = (Channel.EMAIL, Channel.SMS)
    within: float = 0.0
    slug: str = ""
    sampling: Sampling = NEVER_SAMPLED
    other: OtherWay | None = None


@dataclass(frozen=True)
class Policy:
    """What holds for all surveys and departments together.

    most: invitations a customer gets in `window` at most. Days of quiet after being asked, answering, declining.
    quiet: between these hours of the customer's day nobody is written to.
    """

    most: int = 3
    window: timedelta = timedelta(days=365)
    rest_after_asking: timedelta = timedelta(days=30)
    rest_after_answering: timedelta = timedelta(days=90)
    rest_after_declining: timedelta = timedelta(days=365)
    quiet_from: time = time(20)
    quiet_until: time = time(9)


@dataclass(frozen=True)
class Candidate:
    """An interaction that somebody could be asked about, with what is known of the customer at that moment.

    unhappy: something went wrong in it. reachable: the channels that consent and an address allow, the preferred first.
    consent: whether being asked is allowed on any channel. left_at: when they left, where they did. known_at: when the
    interaction was recorded, where that was later than it happened. prefers: they said which channel they prefer.
    way: in which of two ways it is asked, where that was drawn when it arrived.
    """

    customer_key: int
    ref: str
    occurred_at: datetime
    fields: Mapping[str, str]
    segment: str = ""
    zone: str = "UTC"
    unhappy: bool = False
    consent: bool = True
    left_at: datetime | None = None
    reachable: tuple[Channel, ...] = ()
    known_at: datetime | None = None
    prefers: bool = False
    way: str = ""


@dataclass(frozen=True)
class Past:
    """What a customer was asked, over all surveys: (when, by which survey, about what), and when they did what.

    What lies after the moment that is decided about decides nothing, so that a period can be planned once more.
    heard: when they answered, and on which channel.
    """

    asked: tuple[tuple[datetime, str, str], ...] = ()
    answered: tuple[datetime, ...] = ()
    declined: tuple[datetime, ...] = ()
    heard: tuple[tuple[datetime, str], ...] = ()


NEVER = Past()


@dataclass(frozen=True)
class Decision:
    """Whether somebody is asked about an interaction: `why`, said in words by `detail`; if asked, how and when.

    at: when they are asked, by which every rest and budget counts. write_at: when they are written to: then, or within
    a day at the hour at which they usually answer.
    """

    candidate: Candidate
    survey_id: str
    why: Why
    detail: str = ""
    channel: Channel | None = None
    at: datetime | None = None
    trigger: str = ""
    write_at: datetime | None = None

    @property
    def asks(self) -> bool:
        """Whether somebody is asked."""
        return self.at is not None


@dataclass(frozen=True)
class _Case:
    """What one rule looks at. `decided_at`: when it is decided; `at`: when somebody would be written to."""

    candidate: Candidate
    trigger: Trigger
    policy: Policy
    past: Past
    decided_at: datetime
    at: datetime
    key: bytes


Rule = Callable[[_Case], tuple[Why, str] | None]


def matches(trigger: Trigger, candidate: Candidate) -> bool:
    """Return whether a trigger asks about such interactions. `facts` match where one of them is named."""
    return all(not words.isdisjoint(candidate.fields.get(name, "").split("|")) for name, words in trigger.when.items())


def plan(
    *,
    candidates: Iterable[Candidate],
    triggers: Iterable[Trigger],
    policy: Policy,
    past: Mapping[int, Past],
    key: bytes,
    now: datetime | None = None,
) -> Iterator[Decision]:
    """Yield one decision for every candidate and trigger that match, in the order in which asking comes due.

    A decision counts for those after it: who is asked today is at rest tomorrow. `now`: what came due long before is
    too late. None (a dry run on the past): everything is decided as if asked when it came due.
    """
    known = dict(past)
    several = tuple(triggers)
    due = [
        (due_at(candidate, trigger=own), own.slug or own.survey_id, candidate.ref, candidate, own)
        for candidate in candidates
        for trigger in several
        if matches(trigger, candidate)
        for own in (as_tried(trigger, candidate=candidate, key=key),)
    ]
    for came_due, _, _, candidate, trigger in sorted(due, key=lambda one: one[:3]):
        before = known.get(candidate.customer_key, NEVER)
        decided_at = now if now and now - came_due > PROMPT else came_due
        at = awake(decided_at, zone=candidate.zone, policy=policy)
        decision = decide(_Case(candidate, trigger, policy, before, decided_at, at, key))
        if decision.asks:
            known[candidate.customer_key] = asked_too(before, decision)
        yield decision


def due_at(candidate: Candidate, *, trigger: Trigger) -> datetime:
    """Return when a trigger asks about an interaction: after its wait, and not before it was recorded."""
    waited = candidate.occurred_at + trigger.after
    return max(waited, candidate.known_at) if candidate.known_at else waited


def as_tried(trigger: Trigger, *, candidate: Candidate, key: bytes) -> Trigger:
    """Return a trigger as it asks about one moment: in the other way, where one is tried and the moment drew it."""
    if trigger.other is None or way_of(trigger, candidate=candidate, key=key) is not Way.OTHER:
        return trigger
    return replace(trigger, after=trigger.other.after, channels=trigger.other.channels)


def way_of(trigger: Trigger, *, candidate: Candidate, key: bytes) -> Way | None:
    """Return in which of two ways a moment is asked, None where none are tried on it.

    Where something went wrong nothing is tried: it is asked about as ever.
    """
    if trigger.other is None or candidate.unhappy or candidate.occurred_at < trigger.other.since:
        return None
    if candidate.way:
        return Way(candidate.way)
    luck = drawing.number(trigger.slug or trigger.survey_id, "way", candidate.ref, key=key)
    return Way.OTHER if luck < 0.5 else Way.USUAL


def decide(case: _Case) -> Decision:
    """Return what the first rule that speaks says; with none of them, ask."""
    survey_id, slug = case.trigger.survey_id, case.trigger.slug
    for rule in RULES:
        said = rule(case)
        if said:
            return Decision(case.candidate, survey_id, *said, trigger=slug)
    why = Why.ASKED_UNHAPPY if case.candidate.unhappy else Why.ASKED
    channel, write_at = _channel(case), _best_moment(case)
    return Decision(case.candidate, survey_id, why, channel=channel, at=case.at, trigger=slug, write_at=write_at)


def awake(at: datetime, *, zone: str, policy: Policy) -> datetime:
    """Return the first moment from `at` on that is outside the quiet hours of a time zone."""
    place = hours.place(zone)
    local = at.astimezone(place)
    quiet = local.time() >= policy.quiet_from or local.time() < policy.quiet_until
    if not quiet:
        return at
    day = local.date() + timedelta(days=local.time() >= policy.quiet_from)
    return datetime.combine(day, policy.quiet_until, place).astimezone(UTC)


def drawn(candidate: Candidate, *, trigger: Trigger, key: bytes, at: datetime) -> bool:
    """Return whether a happy moment is drawn: by a keyed hash of the interaction, the same every time it is asked."""
    share = drawing.share(segment=candidate.segment, now=trigger.shares, sampling=trigger.sampling, at=at)
    return drawing.number(trigger.survey_id, candidate.ref, key=key) < share


def _gone(case: _Case) -> tuple[Why, str] | None:
    left_at = case.candidate.left_at
    return (Why.GONE, "no longer a customer") if left_at and left_at <= case.decided_at else None


def _no_consent(case: _Case) -> tuple[Why, str] | None:
    return None if case.candidate.consent else (Why.NO_CONSENT, "has not agreed to be asked")


def _no_channel(case: _Case) -> tuple[Why, str] | None:
    return None if _channel(case) else (Why.NO_CHANNEL, "no address on a channel of this survey")


def _too_late(case: _Case) -> tuple[Why, str] | None:
    late = case.at - case.candidate.occurred_at - case.trigger.after
    return (Why.TOO_LATE, f"{late.days} days after it would have made sense") if late > case.trigger.lasts else None


def _declined(case: _Case) -> tuple[Why, str] | None:
    since = _since(case, _last(case.past.declined, case.decided_at), case.policy.rest_after_declining)
    return None if since is None else (Why.DECLINED, f"asked not to be asked {since} days ago")


def _answered_before(case: _Case) -> tuple[Why, str] | None:
    since = _since(case, _last(case.past.answered, case.decided_at), case.policy.rest_after_answering)
    return None if since is None else (Why.ANSWERED_BEFORE, f"answered {since} days ago")


def _asked_before(case: _Case) -> tuple[Why, str] | None:
    for asked_at, survey_id, ref in reversed(case.past.asked):
        if ref and ref == case.candidate.ref and asked_at <= case.at:
            return Why.ALREADY_ABOUT_THIS, f"asked about this by {survey_id}"
        since = _since(case, asked_at, case.policy.rest_after_asking)
        if since is not None:
            return Why.ASKED_BEFORE, f"asked by {survey_id} {since} days ago"
    return None


def _budget_spent(case: _Case) -> tuple[Why, str] | None:
    recent = sum(NO_TIME <= case.at - asked_at < case.policy.window for asked_at, _, _ in case.past.asked)
    if recent < case.policy.most:
        return None
    return Why.BUDGET_SPENT, f"asked {recent} times in {case.policy.window.days} days"


def _not_drawn(case: _Case) -> tuple[Why, str] | None:
    if case.candidate.unhappy or drawn(case.candidate, trigger=case.trigger, key=case.key, at=case.decided_at):
        return None
    return Why.NOT_DRAWN, "enough others answer for this group"


RULES: tuple[Rule, ...] = (
    _gone, _no_consent, _no_channel, _too_late, _declined, _answered_before, _asked_before, _budget_spent, _not_drawn,
)  # fmt: skip


def _channel(case: _Case) -> Channel | None:
    """Return the channel to ask by: the one they prefer, else the one they answered by last, else the trigger's."""
    possible = [one for one in case.candidate.reachable if one in case.trigger.channels]
    if not case.candidate.prefers:
        possible.sort(key=case.trigger.channels.index)
    if not possible or case.candidate.prefers or not case.past.heard:
        return possible[0] if possible else None
    heard = [(at, name) for at, name in case.past.heard if at <= case.decided_at and name in possible]
    return Channel(max(heard)[1]) if heard else possible[0]


def _best_moment(case: _Case) -> datetime:
    """Return when to write: at the hour at which they usually answer, while it makes sense and they are awake.

    Where something went wrong nobody is made to wait.
    """
    heard = [at for at, _ in case.past.heard if at <= case.decided_at]
    zone = case.candidate.zone
    hour = None if case.candidate.unhappy else hours.usual(heard=heard, zone=zone)
    if hour is None:
        return case.at
    best = hours.following(case.at, hour=hour, zone=zone)
    late = best - case.candidate.occurred_at - case.trigger.after > case.trigger.lasts
    return case.at if late or awake(best, zone=zone, policy=case.policy) != best else best


def _since(case: _Case, moment: datetime | None, rest: timedelta) -> int | None:
    """Return for how many days something is past, None where it never was or its rest is over."""
    if moment is None or not NO_TIME <= case.at - moment < rest:
        return None
    return (case.at - moment).days


def _last(moments: tuple[datetime, ...], before: datetime) -> datetime | None:
    return max((one for one in moments if one <= before), default=None)


def asked_too(past: Past | None, decision: Decision) -> Past:
    """Return what a customer was asked, once they are asked this too."""
    at = decision.at or decision.candidate.occurred_at
    past = past or NEVER
    asked = tuple(sorted((*past.asked, (at, decision.survey_id, decision.candidate.ref))))
    return replace(past, asked=asked)
