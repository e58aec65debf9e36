"""Asking by itself: what matches a trigger waits for its time; then it is decided who is asked, and why not.

Everything that is decided is stored with its reason, in one transaction with the invitation and the message, so that
a process that dies in between has decided nothing, and nobody is ever asked twice about one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings

from valence import organisation, packs, terms
from valence.channels import actions as channels
from valence.channels import queries as channel_queries
from valence.channels.values import Kind, Purpose, ToSend
from valence.customers import consent, contacts, identities
from valence.customers.contacts import Contact
from valence.flows.ask import moments
from valence.flows.weigh import minds
from valence.interactions import sql
from valence.surveys import actions as surveys
from valence.surveys import actions_asking, asking, queries_asking
from valence.surveys.asking import Candidate, Channel, Decision, Past, Trigger
from valence.surveys.values import Invited, Invitee
from valence.surveys.values_asking import Due, Settled

AT_ONCE = 500
MOST_A_TICK = 20_000
OPEN_FOR = timedelta(days=30)
BY_MESSAGE = {Channel.EMAIL: Kind.EMAIL, Channel.SMS: Kind.SMS}
NOT_FOR_LOGIC = ("trigger", "ref", "agent_id", "trial", "way")
NO_WORDS = moments.Words({}, {}, frozenset())
Folded = Callable[[Sequence[terms.Interaction]], None]


@dataclass(frozen=True)
class _Asked:
    """Somebody who is to be asked: the candidate, what was decided, how they can be reached."""

    due: Due
    decision: Decision
    contact: Contact
    invitee: Invitee


def noting(*, folded: Folded | None, now: datetime) -> Folded | None:
    """Return what is done with interactions in the transaction that admits them: `folded`, and candidates of triggers.

    Where no trigger is active that is `folded` alone.
    """
    triggers = queries_asking.active()
    if not triggers:
        return folded
    words, key = pack_words(), sampling_key()

    def both(arrived: Sequence[terms.Interaction]) -> None:
        if folded is not None:
            folded(arrived)
        found = moments.arrived(arrived, triggers=triggers, words=words, key=key, now=now)
        if found:
            actions_asking.add_candidates(moments=found)

    return both


def ask_due(*, now: datetime) -> int:
    """Decide about every candidate whose time has come, some hundreds in a transaction; return how many."""
    done = 0
    while done < MOST_A_TICK:
        with sql.writing():
            decided = _decide(now)
        done += decided
        if decided < AT_ONCE:
            break
    return done


def pack_words() -> moments.Words:
    """Return what the industry pack says of words; nothing where it cannot be read: what arrives is never refused."""
    try:
        return moments.Words.of(minds.pack())
    except packs.PackError:
        return NO_WORDS


def sampling_key() -> bytes:
    """Return the key by which it is decided who is drawn: nobody who does not hold it can tell beforehand."""
    return settings.HOME.key_for("asking")


def candidate_of(found: Candidate, contact: Contact, *, blocked: frozenset[str] = frozenset()) -> Candidate:
    """Return a candidate with what is known of the customer. `blocked`: kinds of addresses that bounced."""
    reachable = tuple(Channel(one) for one in contact.reachable() if one not in blocked)
    ways = [*BY_MESSAGE, *(one for one in ("app", "post") if contact.held.prefers == one)]
    consents = any(contact.agrees(purpose=consent.Purpose.FEEDBACK, channel=one) for one in ways)
    known = {"segment": contact.segment, "plan": contact.plan, "region": contact.region, "language": contact.language}
    return replace(
        moments.with_customer(found, **known),
        customer_key=contact.key,
        segment=contact.segment,
        zone=contact.zone or organisation.of(folder=settings.HOME.folder).time_zone,
        consent=consents,
        left_at=contact.left_at,
        reachable=reachable,
        prefers=contact.held.prefers in reachable,
    )


def past_of(*, keys: Sequence[int], but: Sequence[str] = ()) -> Mapping[int, Past]:
    """Return what customers were asked before, under whichever of their keys, by the key they are read by."""
    merged = identities.merged()
    written = merged.written_as(np.unique(np.array(keys, np.int64)))
    found = queries_asking.past(customer_keys=written.tolist(), but=but)
    together: dict[int, Past] = {}
    for key, read in zip(written.tolist(), merged.canonical_of(written).tolist(), strict=True):
        if key in found:
            together[read] = _joined(together.get(read), found[key])
    return together


def _decide(now: datetime) -> int:
    """Decide about the candidates that came due first; return how many there were."""
    due = queries_asking.due(now=now, most=AT_ONCE)
    if not due:
        return 0
    triggers = {kept.trigger.slug: kept.trigger for kept in queries_asking.triggers() if kept.active}
    known = contacts.of(keys=[one.customer_key for one in due])
    candidates = _candidates(due, triggers, known)
    past = past_of(keys=[one.customer_key for one in candidates.values()])
    settled: list[Settled] = []
    asked: list[_Asked] = []
    for one, decision in _planned(due, candidates, triggers, past, now):
        if decision.asks:
            asked.append(_to_ask(one, decision, known[one.customer_key]))
        else:
            settled.append(_settled(one, decision))
    settled += [
        replace(_settled(each.due, each.decision), invitation=invited.number) for each, invited in _invite(asked, now)
    ]
    actions_asking.settle(settled=settled, now=now)
    actions_asking.drop_candidates(numbers=[one.number for one in due])
    return len(due)


def _candidates(
    due: Sequence[Due], triggers: Mapping[str, Trigger], known: Mapping[int, Contact]
) -> dict[int, Candidate]:
    """Return what there is to plan, by the number of what is due; who was erased is no candidate any more."""
    words = pack_words()
    blocked = channel_queries.unreachable(customer_keys=[one.customer_key for one in due])
    return {
        one.number: candidate_of(
            Candidate(
                customer_key=one.customer_key,
                ref=one.ref,
                occurred_at=one.occurred_at,
                fields=moments.of_about(one.about, words=words),
                unhappy=one.unhappy,
                known_at=one.due_at,
                way=one.about.get("way", "")
                if one.about.get("trial") == moments.trial_of(triggers[one.trigger])
                else "",
            ),
            known[one.customer_key],
            blocked=blocked.get(one.customer_key, frozenset()),
        )
        for one in due
        if one.customer_key in known and one.trigger in triggers
    }


def _planned(
    due: Sequence[Due],
    candidates: Mapping[int, Candidate],
    triggers: Mapping[str, Trigger],
    past: Mapping[int, Past],
    now: datetime,
) -> list[tuple[Due, Decision]]:
    """Return the decisions about what is due, each trigger on its own candidates, in the order they came due."""
    planned: list[tuple[Due, Decision]] = []
    policy, key = queries_asking.policy(), sampling_key()
    known = dict(past)
    for one in due:
        candidate = candidates.get(one.number)
        if candidate is None:
            continue
        trigger = (triggers[one.trigger],)
        for decision in asking.plan(
            candidates=[candidate], triggers=trigger, policy=policy, past=known, key=key, now=now
        ):
            planned.append((one, decision))
            if decision.asks:
                known[candidate.customer_key] = asking.asked_too(known.get(candidate.customer_key), decision)
    return planned


def _to_ask(due: Due, decision: Decision, contact: Contact) -> _Asked:
    at = decision.at or due.due_at
    invitee = Invitee(
        customer_key=due.customer_key,
        channel=decision.channel.value if decision.channel else "",
        language=contact.language,
        about=due.about,
        known=known_of(contact, about=due.about),
        ends_at=at + OPEN_FOR,
        asked_at=at,
    )
    return _Asked(due=due, decision=decision, contact=contact, invitee=invitee)


def known_of(contact: Contact, *, about: Mapping[str, str]) -> dict[str, str]:
    """Return what the record says, for a survey's logic: of the customer, and of what happened."""
    said = {"segment": contact.segment, "plan": contact.plan, "region": contact.region}
    happened = {name: value for name, value in about.items() if name not in NOT_FOR_LOGIC}
    said |= {f"interaction.{name}": value for name, value in happened.items()}
    return {name: value for name, value in said.items() if value}


def _invite(asked: Sequence[_Asked], now: datetime) -> list[tuple[_Asked, Invited]]:
    """Make the invitations and queue their messages."""
    made: list[tuple[_Asked, Invited]] = []
    for slug in sorted({one.decision.survey_id for one in asked}):
        own = [one for one in asked if one.decision.survey_id == slug]
        invited = surveys.invite(slug=slug, people=[one.invitee for one in own], now=now)
        made += list(zip(own, invited, strict=True))
    channels.queue(messages=[_message(one, invited) for one, invited in made if _by_message(one)], now=now)
    return made


def _by_message(one: _Asked) -> bool:
    return one.decision.channel in BY_MESSAGE


def _message(one: _Asked, invited: Invited) -> ToSend:
    assert one.decision.channel is not None
    return ToSend(
        kind=BY_MESSAGE[one.decision.channel],
        purpose=Purpose.INVITATION,
        reference=invited.number,
        content={"token": invited.token},
        customer_key=one.due.customer_key,
        not_before=one.decision.write_at,
        until=one.invitee.ends_at,
    )


def _settled(due: Due, decision: Decision) -> Settled:
    return Settled(
        number=due.number,
        why=decision.why.value,
        detail=decision.detail,
        channel=decision.channel.value if decision.channel else "",
        at=decision.at,
        segment=decision.candidate.segment,
    )


def _joined(first: Past | None, second: Past) -> Past:
    if first is None:
        return second
    return Past(
        asked=tuple(sorted(first.asked + second.asked)),
        answered=first.answered + second.answered,
        declined=first.declined + second.declined,
        heard=first.heard + second.heard,
    )
