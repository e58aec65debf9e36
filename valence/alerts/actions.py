"""Writes of rules, alerts and duties: one verb, one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from valence.alerts import queries, rules
from valence.alerts.models import Alert, Duty, Rule, RuleVersion
from valence.alerts.rule import Rule as Compiled
from valence.alerts.rule import table_of
from valence.people import audit

LONGEST_COOL_DOWN = timedelta(days=365)
MOST_SNOOZE = timedelta(days=90)


@dataclass(frozen=True)
class Raise:
    """What is to be raised: a rule, whom it is about, what happened, and why in words."""

    rule: Compiled
    key: int
    source: str
    interaction_id: str
    department: str
    occurred_at: datetime
    reasons: tuple[str, ...]


@transaction.atomic
def put_rule(*, rule: Compiled, by: str, now: datetime) -> int:
    """Keep a rule, as a new version where it says something else than before; return the version in force."""
    said = table_of(rule=rule)
    row, is_new = Rule.objects.select_for_update().get_or_create(name=rule.name)
    if not is_new and RuleVersion.objects.get(rule=row, number=row.version).said == said:
        return row.version
    row.version = 1 if is_new else row.version + 1
    row.checked_at, row.checked = None, None
    RuleVersion.objects.create(rule=row, number=row.version, said=said, by=by, made_at=now)
    row.save()
    audit.record(who=by, what="rule written", about=f"{rule.name}, version {row.version}", now=now)
    return row.version


def install(*, rules_: Sequence[Compiled], by: str, now: datetime) -> int:
    """Put the rules that come with a pack beside those there are, switched off; return how many were new."""
    return len(_install(rules_, by, now))


@transaction.atomic
def keep_by_hand(*, rules_: Sequence[Compiled], now: datetime) -> None:
    """Keep the rules that name cases which a person opens from a list; nobody switches them."""
    for rule in _install(rules_, "pack", now):
        Rule.objects.filter(name=rule.name).update(state=queries.BY_HAND)


@transaction.atomic
def switch(*, name: str, on: bool, by: str, now: datetime) -> None:
    """Switch a rule on or off. Raises queries.NoSuchRule."""
    state, other = (queries.ON, queries.OFF) if on else (queries.OFF, queries.ON)
    if Rule.objects.filter(name=name, state=other).update(state=state, snoozed_until=None):
        audit.record(who=by, what=f"rule switched {state}", about=name, now=now)
    elif not Rule.objects.filter(name=name).exists():
        raise queries.NoSuchRule(name)


def snooze(*, name: str, until: datetime | None, by: str, now: datetime) -> None:
    """Let a rule be quiet until a moment, at most 90 days; None: no longer."""
    until = None if until is None else min(until, now + MOST_SNOOZE)
    Rule.objects.filter(name=name).update(snoozed_until=until)
    audit.record(who=by, what="rule snoozed" if until else "rule woken", about=name, now=now)


def note_check(*, name: str, version: int, found: Mapping[str, Any], now: datetime) -> None:
    """Keep what a dry run of a version found."""
    Rule.objects.filter(name=name, version=version).update(checked_at=now, checked=dict(found))


def raise_alerts(*, found: Sequence[Raise], now: datetime) -> int:
    """Store alerts, each thing once and none within the rule's cool-down; return how many are new.

    Call it in the transaction that moves the follower, so that both are stored or neither.
    """
    if not found:
        return 0
    last = queries.last_raised(keys=sorted({one.key for one in found}), since=now - LONGEST_COOL_DOWN)
    ids = dict(Rule.objects.values_list("name", "pk"))
    due: dict[tuple[str, str], Alert] = {}
    for one in found:
        at = last.get((one.rule.name, one.key))
        if at is not None and now - at < timedelta(days=one.rule.cool_down_days):
            continue
        row = _alert(one, ids[one.rule.name], now)
        due.setdefault((one.rule.name, row.once), row)
    before = Alert.objects.count()
    Alert.objects.bulk_create(due.values(), ignore_conflicts=True)
    return Alert.objects.count() - before


def _install(rules_: Sequence[Compiled], by: str, now: datetime) -> list[Compiled]:
    there = set(Rule.objects.values_list("name", flat=True))
    new = [rule for rule in rules_ if rule.name not in there]
    for rule in new:
        put_rule(rule=rule, by=by, now=now)
    return new


def _alert(one: Raise, rule: int, now: datetime) -> Alert:
    once = rules.slot(
        customer=one.key,
        source=one.source,
        interaction_id=one.interaction_id,
        at=now,
        cool_down_days=one.rule.cool_down_days,
    )
    return Alert(
        rule_id=rule,
        version=one.rule.version,
        customer_id=one.key,
        once=once,
        title=one.rule.title,
        severity=one.rule.severity,
        department=one.rule.department or one.department,
        source=one.source,
        interaction_id=one.interaction_id,
        occurred_at=one.occurred_at,
        raised_at=now,
        reasons=list(one.reasons),
    )


def settle(*, pk: int, old: str, new: str) -> bool:
    """Move an alert from one state to another; return whether it was still in the old one."""
    return bool(Alert.objects.filter(pk=pk, state=old).update(state=new))


def wake_held(*, limit: int) -> int:
    """Let alerts that were held be looked at again, the most urgent first; return how many."""
    pks = Alert.objects.filter(state=queries.HELD).order_by("-severity", "raised_at").values_list("pk", flat=True)
    return Alert.objects.filter(pk__in=list(pks[:limit]), state=queries.HELD).update(state=queries.NEW)


def note_acted(*, pks: Sequence[int], now: datetime) -> None:
    """Note that somebody acted on alerts; the first time counts."""
    Alert.objects.filter(pk__in=list(pks), acted_at=None).update(acted_at=now)


def put_duty(
    *,
    person: int,
    departments: Sequence[str],
    languages: Sequence[str],
    skills: Sequence[str],
    daily_cases: int,
    most_grant: float,
    away_from: date | None,
    away_until: date | None,
    stands_in: int | None,
    by: str,
    now: datetime,
) -> None:
    """Say what a member of staff takes care of."""
    Duty.objects.update_or_create(
        person_id=person,
        defaults={
            "departments": sorted(set(departments)),
            "languages": sorted(set(languages)),
            "skills": sorted(set(skills)),
            "daily_cases": daily_cases,
            "most_grant": most_grant,
            "away_from": away_from,
            "away_until": away_until,
            "stands_in_id": None if stands_in == person else stands_in,
        },
    )
    audit.record(who=by, what="duty changed", about=f"account {person}", now=now)
