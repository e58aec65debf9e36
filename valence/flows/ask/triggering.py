"""Triggers as people write them: a small form, no code; checked, kept, tried out, switched on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from valence.flows.ask import dry_run, moments, sampling, surveying, ways
from valence.people import audit
from valence.surveys import actions_asking, queries, queries_asking
from valence.surveys.asking import Channel, Trigger, Why
from valence.surveys.values import NoSuchSurvey, State
from valence.surveys.values_asking import Decided, Kept

FIELDS = (*moments.OF_INTERACTION, *moments.OF_CUSTOMER)
RESERVED = ("new", "decisions")  # addresses of pages
MOST_WORDS, LONGEST_WORD = 50, 200
BY = (Channel.EMAIL, Channel.SMS, Channel.WIDGET)

SAID = {
    Why.ASKED: "asked",
    Why.ASKED_UNHAPPY: "asked: something went wrong",
    Why.NOT_DRAWN: "not drawn: enough others answer for this group",
    Why.GONE: "no longer a customer",
    Why.NO_CONSENT: "has not agreed to be asked",
    Why.DECLINED: "asked not to be asked",
    Why.NO_CHANNEL: "no address on a channel of this survey",
    Why.ASKED_BEFORE: "asked a short time before",
    Why.ANSWERED_BEFORE: "answered a short time before",
    Why.BUDGET_SPENT: "asked often enough this year",
    Why.ALREADY_ABOUT_THIS: "asked about this already",
    Why.TOO_LATE: "too late to make sense",
}


class WrongTrigger(ValueError):  # noqa: N818 - named as people say it
    """A trigger that cannot be used; the message says which field and why."""


@dataclass(frozen=True)
class Said:
    """A trigger as a form says it. within: points plus or minus that each segment's score shall have, 0 for none."""

    survey: str
    name: str
    when: Mapping[str, frozenset[str]]
    after_hours: float = 2.0
    lasts_days: float = 3.0
    share: float = 1.0
    within: float = 0.0
    channels: tuple[str, ...] = ("email", "sms")
    slug: str = field(default="")


def conditions(said: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return what `field=word,word` says, several of them. Raises WrongTrigger."""
    found: dict[str, frozenset[str]] = {}
    for one in said:
        name, equals, words = one.partition("=")
        if not equals:
            raise WrongTrigger(f"{one!r} is not written like kind=visit,repair")
        found[name.strip()] = frozenset(filter(None, (word.strip() for word in words.split(","))))
    return found


def trigger_of(said: Said) -> Trigger:
    """Return the trigger that a form means. Raises WrongTrigger, NoSuchSurvey."""
    queries.one(slug=said.survey)
    for problem in _problems(said):
        raise WrongTrigger(problem)
    return Trigger(
        survey_id=said.survey,
        slug=said.slug or _free_slug(said.name),
        name=" ".join(said.name.split()),
        when={name: words for name, words in said.when.items() if words},
        after=timedelta(hours=said.after_hours),
        lasts=timedelta(days=said.lasts_days),
        shares={"": said.share},
        channels=tuple(Channel(one) for one in said.channels),
        within=said.within,
    )


def put(*, said: Said, by: str, now: datetime) -> str:
    """Keep a trigger and return its slug; with a precision, the shares are worked out of the last 90 days.

    Raises WrongTrigger, NoSuchSurvey, interactions.StoreUnavailable.
    """
    trigger = sampling.sampled(trigger=_as_before(trigger_of(said), now), now=now)
    actions_asking.put_trigger(trigger=trigger, by=by, now=now)
    audit.record(who=by, what="trigger saved", about=f"{trigger.slug} of {trigger.survey_id}", now=now)
    return trigger.slug


def _as_before(trigger: Trigger, now: datetime) -> Trigger:
    """Return a trigger with what a form does not say of one that is there: by which shares it drew, what it tries."""
    kept = next((one.trigger for one in queries_asking.triggers() if one.trigger.slug == trigger.slug), None)
    if kept is None:
        return trigger
    same = kept.within == trigger.within and bool(trigger.within)
    drawn = sampling.drawing_from(trigger=kept, shares=kept.shares if same else trigger.shares, now=now)
    return replace(trigger, shares=drawn.shares, sampling=drawn.sampling, other=kept.other)


def switch(*, slug: str, active: bool, by: str, now: datetime) -> None:
    """Let a trigger ask from now on, or no more. Raises NoSuchTrigger, NoSuchSurvey where its survey is not asked."""
    kept = queries_asking.trigger(slug=slug)
    if active and queries.one(slug=kept.trigger.survey_id).state is not State.LIVE:
        raise NoSuchSurvey(kept.trigger.survey_id)
    actions_asking.switch(slug=slug, active=active, now=now)
    audit.record(who=by, what="trigger on" if active else "trigger off", about=slug, now=now)


def words_when(trigger: Trigger) -> str:
    """Say which interactions a trigger asks about."""
    said = [f"{name} is {' or '.join(sorted(words))}" for name, words in sorted(trigger.when.items())]
    return ", and ".join(said) or "every interaction"


def told(one: Kept) -> dict[str, Any]:
    """Return a trigger as plain values."""
    trigger = one.trigger
    return {
        "trigger": trigger.slug,
        "survey": trigger.survey_id,
        "when": words_when(trigger),
        "after_hours": trigger.after / timedelta(hours=1),
        "channels": " ".join(trigger.channels),
        "within": trigger.within,
        "drawn": sampling.words(trigger.shares),
        "tries": ways.words_of(trigger.other) if trigger.other else "",
        "active": one.active,
    }


def as_plain(found: dry_run.DryRun) -> dict[str, Any]:
    """Return a dry run as plain values."""
    teams = Counter(one.candidate.fields.get("team_id", "") for one in found.decisions)
    asked_teams = Counter(one.candidate.fields.get("team_id", "") for one in found.asked)
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "moments": len(found.decisions),
        "asked": len(found.asked),
        "reasons": {why.value: number for why, number in found.reasons.items()},
        "messages": dict(found.messages),
        "response": found.response,
        "response_assumed": found.assumed,
        "customer_hours": found.hours,
        "precision": [
            {"segment": one.segment, "asked": one.asked, "answers": one.answers, "within": one.within}
            for one in found.precision
        ],
        "left_out_by_team": {
            name: 1 - asked_teams[name] / number for name, number in teams.items() if name and number >= dry_run.FEW
        },
    }


def words_of(found: dry_run.DryRun) -> str:
    """Say what a dry run found."""
    lines = [
        f"{len(found.decisions):,} moments from {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}; "
        f"{len(found.asked):,} would have been asked."
    ]
    lines += [f"  {number:7,}  {SAID[why]}" for why, number in found.reasons.items()]
    sent = ", ".join(f"{number:,} by {channel}" for channel, number in found.messages.items())
    how = "assumed, too few were asked before" if found.assumed else "as so far"
    lines.append(
        f"Messages: {sent or 'none'}. {found.response:.0%} answer ({how}): {found.hours:.1f} hours of customers."
    )
    for one in found.precision:
        within = "too few to say" if one.within is None else f"within {one.within:.0f} points"
        lines.append(f"  {one.segment or 'everybody'}: {one.asked:,} asked, about {one.answers:.0f} answers, {within}")
    return "\n".join(lines)


def rows_of(found: dry_run.DryRun) -> list[dict[str, Any]]:
    """Return every decision of a dry run as a row; nobody is named."""
    return [
        {
            "ref": one.candidate.ref, "trigger": one.trigger, "why": one.why.value, "detail": one.detail,
            "channel": one.channel or "", "at": one.at.isoformat() if one.at else "",
        }
        for one in found.decisions
    ]  # fmt: skip


def row_of(one: Decided) -> dict[str, Any]:
    """Return a stored decision as a row, in the same columns."""
    return {
        "ref": one.ref, "trigger": one.trigger, "why": one.why, "detail": one.detail, "channel": one.channel,
        "at": one.at.isoformat() if one.at else "",
    }  # fmt: skip


def _problems(said: Said) -> list[str]:
    strange = sorted(set(said.when) - set(FIELDS))
    wrong = {
        "name: is empty": not said.name.strip(),
        f"when: there is no {', '.join(strange)}; there are {', '.join(FIELDS)}": bool(strange),
        f"when: a field has more than {MOST_WORDS} words, or one longer than {LONGEST_WORD} letters": any(
            len(words) > MOST_WORDS or max(map(len, words), default=0) > LONGEST_WORD for words in said.when.values()
        ),
        "after: is between 0 and 8,760 hours": not 0 <= said.after_hours <= 8_760,
        "lasts: is between 0.1 and 90 days": not 0.1 <= said.lasts_days <= 90,
        "share: is between 0 and 1": not 0 <= said.share <= 1,
        "within: is between 1 and 50 points, or 0": said.within != 0 and not 1 <= said.within <= 50,
        f"channels: are some of {', '.join(BY)}": not said.channels or not set(said.channels) <= set(BY),
    }
    return [words for words, is_wrong in wrong.items() if is_wrong]


def _free_slug(name: str) -> str:
    taken = {*RESERVED, *(one.trigger.slug for one in queries_asking.triggers())}
    slug = surveying.slug_of(name)
    return next(own for own in (slug, *(f"{slug}-{number}" for number in range(2, 10_000))) if own not in taken)
