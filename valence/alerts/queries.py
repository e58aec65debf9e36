"""Reads of rules, alerts and who is there to take them, as values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet

from valence.alerts import rules
from valence.alerts.fields import About
from valence.alerts.models import Alert, Duty, Rule, RuleVersion
from valence.alerts.rule import Rule as Compiled
from valence.alerts.rule import made
from valence.customers import identities
from valence.people.models import Person
from valence.terms import Role, Scope

ON, OFF = "on", "off"
BY_HAND = "by_hand"  # it names cases that a person opened from a list, and never fires
NEW, OPENED, JOINED, HELD, DISMISSED = "new", "opened", "joined", "held", "dismissed"
APART = "apart"  # of a customer who was held out of a trial: nobody goes to them because of it


class NoSuchRule(LookupError):  # noqa: N818  named as people say it
    """There is no rule of this name."""


@dataclass(frozen=True)
class RuleRow:
    """A rule as a list shows it: what it says, its state, and how it went lately."""

    pk: int
    rule: Compiled
    state: str
    snoozed_until: datetime | None
    checked_at: datetime | None
    checked: Mapping[str, Any] | None
    fired: int = 0
    acted: int = 0


@dataclass(frozen=True)
class AlertRow:
    """An alert. `key` is the customer's surrogate key; reasons are words."""

    pk: int
    rule: str
    version: int
    key: int
    title: str
    severity: int
    department: str
    source: str
    interaction_id: str
    occurred_at: datetime
    raised_at: datetime
    reasons: tuple[str, ...]
    state: str


@dataclass(frozen=True)
class VersionRow:
    """What a rule said at one time."""

    number: int
    by: str
    made_at: datetime
    rule: Compiled


@dataclass(frozen=True)
class DutyRow:
    """What a member of staff takes care of; as the usual one where nothing was set."""

    pk: int
    departments: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    daily_cases: int = 20
    most_grant: float = 0.0
    away_from: date | None = None
    away_until: date | None = None
    stands_in: int | None = None

    def is_away(self, *, day: date) -> bool:
        """Say whether they are away on a day; both ends count."""
        if self.away_from is None and self.away_until is None:
            return False
        return (self.away_from or day) <= day <= (self.away_until or day)


def in_force(*, about: About, now: datetime) -> tuple[Compiled, ...]:
    """Return the rules that are on and not snoozed, compiled. Each version is compiled once."""
    rows = Rule.objects.filter(state=ON).exclude(snoozed_until__gt=now).values_list("pk", "version")
    found = [_compiled(pk, version) for pk, version in sorted(rows)]
    return tuple(rule for rule in found if rule.about is about)


def one(*, name: str) -> RuleRow:
    """Return one rule. Raises NoSuchRule."""
    row = Rule.objects.filter(name=name).first()
    if row is None:
        raise NoSuchRule(name)
    return _row(row, {}, {})


def every(*, now: datetime, days: int = 30) -> tuple[RuleRow, ...]:
    """Return every rule, those that are on first, with how often each fired lately and how often somebody acted."""
    since = now - timedelta(days=days)
    counted = Alert.objects.filter(raised_at__gte=since).values_list("rule")
    fired = dict(counted.annotate(n=Count("pk")))
    acted = dict(counted.filter(acted_at__isnull=False).annotate(n=Count("pk")))
    rows = [_row(row, fired, acted) for row in Rule.objects.exclude(state=BY_HAND).order_by("name")]
    return tuple(sorted(rows, key=lambda row: (row.state != ON, row.rule.about.value, row.rule.title)))


def versions(*, name: str) -> tuple[VersionRow, ...]:
    """Return what a rule said, the latest first."""
    rows = RuleVersion.objects.filter(rule__name=name).order_by("-number")
    return tuple(VersionRow(row.number, row.by, row.made_at, _compiled(row.rule_id, row.number)) for row in rows)


def waiting(*, limit: int) -> tuple[AlertRow, ...]:
    """Return alerts that nobody has yet, the most urgent first. For the one who opens cases: seen by nobody."""
    found = Alert.objects.filter(state=NEW).order_by("-severity", "raised_at", "pk")
    return tuple(_alert(row) for row in found.select_related("rule")[:limit])


def rows(
    *, scope: Scope, state: str = "", after: int = 0, limit: int = 50, in_order: bool = False
) -> tuple[AlertRow, ...]:
    """Return alerts about customers one may see, the latest first, or in order of their numbers; above `after`."""
    found = _seen(scope).filter(pk__gt=after)
    found = found.filter(state=state) if state else found
    return tuple(_alert(row) for row in found.select_related("rule").order_by("pk" if in_order else "-pk")[:limit])


def of_customer(*, scope: Scope, key: int, limit: int = 20) -> tuple[AlertRow, ...]:
    """Return the latest alerts about one customer."""
    found = _seen(scope).filter(customer_id__in=identities.keys_of(key=key)).order_by("-pk")
    return tuple(_alert(row) for row in found.select_related("rule")[:limit])


def some(*, pks: Collection[int]) -> tuple[AlertRow, ...]:
    """Return alerts by their numbers, as a case names them; whoever sees the case sees them."""
    found = Alert.objects.filter(pk__in=list(pks)).select_related("rule").order_by("pk")
    return tuple(_alert(row) for row in found)


def last_raised(*, keys: Sequence[int], since: datetime) -> dict[tuple[str, int], datetime]:
    """Return when each rule last fired for each of some customers, as (rule, key)."""
    found = Alert.objects.filter(customer_id__in=list(keys), raised_at__gte=since).order_by("raised_at")
    return {(rule, key): at for rule, key, at in found.values_list("rule__name", "customer_id", "raised_at")}


def held(*, scope: Scope) -> int:
    """Return how many alerts wait because whoever could take them has enough for today."""
    return _seen(scope).filter(state=HELD).count()


def duties() -> dict[int, DutyRow]:
    """Return what members of staff take care of, by their number."""
    return {
        row.person_id: DutyRow(
            pk=row.person_id,
            departments=tuple(row.departments),
            languages=tuple(row.languages),
            skills=tuple(row.skills),
            daily_cases=row.daily_cases,
            most_grant=row.most_grant,
            away_from=row.away_from,
            away_until=row.away_until,
            stands_in=row.stands_in_id,
        )
        for row in Duty.objects.all()
    }


def clerks(*, day: date, taken: Mapping[int, int], load: Mapping[int, int]) -> tuple[rules.Clerk, ...]:
    """Return who may take cases on a day; taken, load: how many new ones and how many open ones each has."""
    known = duties()
    people = Person.objects.filter(is_active=True, role__in=[role.value for role in rules.TAKES]).order_by("name")
    return tuple(_clerk(person, known.get(person.pk, DutyRow(person.pk)), day, taken, load) for person in people)


def _clerk(person: Person, duty: DutyRow, day: date, taken: Mapping[int, int], load: Mapping[int, int]) -> rules.Clerk:
    return rules.Clerk(
        pk=person.pk,
        name=person.name,
        role=Role(person.role),
        regions=None if person.all_regions else frozenset(person.regions),
        departments=frozenset(duty.departments),
        languages=frozenset(duty.languages),
        skills=frozenset(duty.skills),
        daily_cases=duty.daily_cases,
        is_away=duty.is_away(day=day),
        stands_in=duty.stands_in,
        taken=taken.get(person.pk, 0),
        load=load.get(person.pk, 0),
    )


def _seen(scope: Scope) -> QuerySet[Alert]:
    there: Q = Q(customer__wrapped_key__isnull=False)
    return Alert.objects.filter(there, identities.seen(scope=scope, path="customer"))


def _row(row: Rule, fired: Mapping[int, int], acted: Mapping[int, int]) -> RuleRow:
    return RuleRow(
        pk=row.pk,
        rule=_compiled(row.pk, row.version),
        state=row.state,
        snoozed_until=row.snoozed_until,
        checked_at=row.checked_at,
        checked=row.checked,
        fired=fired.get(row.pk, 0),
        acted=acted.get(row.pk, 0),
    )


def _alert(row: Alert) -> AlertRow:
    return AlertRow(
        pk=row.pk,
        rule=row.rule.name,
        version=row.version,
        key=row.customer_id,
        title=row.title,
        severity=row.severity,
        department=row.department,
        source=row.source,
        interaction_id=row.interaction_id,
        occurred_at=row.occurred_at,
        raised_at=row.raised_at,
        reasons=tuple(row.reasons),
        state=row.state,
    )


@lru_cache(maxsize=1_000)
def _compiled(pk: int, version: int) -> Compiled:
    said = RuleVersion.objects.values_list("said", "rule__name").get(rule_id=pk, number=version)[0]
    return made(table=said, version=version)
