"""From alerts to cases: whose each is, by when, with which playbook; and what happens to cases that nobody touches."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import numpy as np
from django.conf import settings

from valence import interactions, organisation, terms
from valence.alerts import actions as alert_actions
from valence.alerts import queries as alerts
from valence.alerts import rule as rule_words
from valence.alerts import rules as routing
from valence.cases import actions, queries, rules, trial, trials
from valence.customers import queries as customers
from valence.flows.act import trying
from valence.flows.gather import calendars
from valence.flows.run import failures
from valence.flows.weigh import minds
from valence.insights import say
from valence.ledger.queries import levels
from valence.packs import acting
from valence.people import audit

AT_ONCE = 500
BACK_AT = 0.9
EVERYTHING = terms.EVERYTHING
LATE_AT_ONCE = 200
OVERDUE_COUNTS = timedelta(days=90)


@dataclass(frozen=True)
class About:
    """What is known of a customer when a case is opened; None or "" where it is not."""

    region: str = ""
    language: str = ""
    value: float | None = None
    p_leave_60d: float | None = None
    bond: float | None = None
    overdue_days: int = 0


@dataclass(frozen=True)
class Handed:
    """What a person wants a case for: whom it is about, what happened, and the rule that says what it is called."""

    key: int
    source: str
    interaction_id: str
    department: str
    occurred_at: datetime
    rule: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ByHand:
    """How many cases were asked for and are new; the open case of each customer, by key: who has none has to wait."""

    asked: int
    opened: int
    cases: Mapping[int, int]


def install(*, now: datetime, on: bool = False) -> int:
    """Put the rules and playbooks of the organisation's pack beside what there is, rules switched off unless `on`.

    One that cannot be taken keeps no other out: it is left, and said (`wrong_rules`).
    """
    name = minds.pack_name()
    for table in acting.playbooks(name=name):
        try:
            actions.install(tables=[table], by="pack", now=now)
        except ValueError as problem:
            failures.record(home=settings.HOME, name=f"playbook {table.get('name', '')}", problem=problem, now=now)
    _overlay(now)
    taken, _ = rule_words.sorted_out(tables=acting.rules(name=name))
    new = alert_actions.install(rules_=taken, by="pack", now=now)
    for one in taken if on else ():
        alert_actions.switch(name=one.name, on=True, by="pack", now=now)
    return new


def wrong_rules() -> tuple[rule_words.Wrong, ...]:
    """Return the rules of the organisation's pack that cannot be taken, and why."""
    return rule_words.sorted_out(tables=acting.rules(name=minds.pack_name()))[1]


def _overlay(now: datetime) -> None:
    """Put the playbooks of the data folder in force whose files say something else than when they were last read."""
    for path in sorted((settings.HOME.folder / "playbooks").glob("*.toml")):
        try:
            actions.put_from_file(table=tomllib.loads(path.read_text(encoding="utf-8")), name=path.name, now=now)
        except (OSError, ValueError) as problem:
            failures.record(home=settings.HOME, name=f"playbook {path.name}", problem=problem, now=now)


def open_cases(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Give every alert that nobody has an owner, the most urgent first; return how many cases are new.

    1. Where the customer has an open case, the alert joins it. 2. Else the rules of routing say whose it is, and the
    business clock by when. 3. Where everybody who could take it has enough for today, it is held for tomorrow.
    4. Where a trial of the playbook runs, the customer is drawn one; to who is held out nobody goes.
    """
    waiting = alerts.waiting(limit=limit)
    if not waiting:
        return 0
    known = _about(sorted({alert.key for alert in waiting}), now)
    staff, opened = _staff(now), 0
    rules_ = {name: alerts.one(name=name).rule for name in {alert.rule for alert in waiting}}
    for alert in waiting:
        about = known.get(alert.key, About())
        there = queries.open_of(keys=[alert.key])
        rule = rules_[alert.rule]
        routed = _routed(alert, rule, about, staff)
        if routed.held and not there:
            alert_actions.settle(pk=alert.pk, old=alerts.NEW, new=alerts.HELD)
            continue
        opening = _opening(alert, rule, about, routed, now)
        given = None if there else trying.given(playbook=rule.playbook, matter=_matter(opening, rule, about), now=now)
        if given is not None and given.is_held_out:
            alert_actions.settle(pk=alert.pk, old=alerts.NEW, new=alerts.APART)
            continue
        done = actions.open_case(opening=opening if given is None else replace(opening, playbook=given.arm), now=now)
        if done is not None and done[1]:
            opened += 1
            staff = _with_one_more(staff, routed.pk)
            if given is not None:
                trials.note_case(pk=given.trial, key=alert.key, case=done[0])
    return opened


def open_by_hand(*, found: Sequence[Handed], by: str, now: datetime) -> ByHand:
    """Open cases that a person asks for from a list, each called by the rule that it names; no cool-down holds it back.

    They are routed like all others: where nobody has room today, they are held for tomorrow.
    """
    alert_actions.keep_by_hand(rules_=rule_words.sorted_out(tables=acting.by_hand())[0], now=now)
    rules_ = {name: replace(alerts.one(name=name).rule, cool_down_days=0) for name in {one.rule for one in found}}
    before = queries.open_of(keys=[one.key for one in found])
    raised = alert_actions.raise_alerts(
        found=[
            alert_actions.Raise(
                rule=rules_[one.rule],
                key=one.key,
                source=one.source,
                interaction_id=one.interaction_id,
                department=one.department or rules_[one.rule].department,
                occurred_at=one.occurred_at,
                reasons=one.reasons,
            )
            for one in found
        ],
        now=now,
    )
    open_cases(now=now)
    after = queries.open_of(keys=[one.key for one in found])
    audit.record(who=by, what="cases opened by hand", about=say.many(raised, "alert"), now=now)
    return ByHand(asked=len(found), opened=len(set(after.values()) - set(before.values())), cases=after)


def look_after(*, now: datetime) -> None:
    """Do what time asks for: wake what was held, send up the ladder what nobody acted on."""
    free = sum(max(0, one.daily_cases - one.taken) for one in _staff(now))
    if free and alert_actions.wake_held(limit=min(AT_ONCE, free)):
        open_cases(now=now)
    for late in queries.late(now=now, limit=LATE_AT_ONCE):
        _escalate(late, now)


def staff_of(*, now: datetime) -> tuple[routing.Clerk, ...]:
    """Return who may take cases now, with how much each has."""
    return tuple(_staff(now))


def standing(*, key: int) -> tuple[float, float] | None:
    """Return a customer's bond and chance of leaving within 60 days; None where nothing was worked out."""
    found = levels.of(keys=[key])
    return (float(found.bond[0]), float(found.p_leave_60d[0])) if len(found.keys) else None


def most_grant(*, person: int) -> float:
    """Return how much somebody may grant at once."""
    duty = alerts.duties().get(person)
    return duty.most_grant if duty else 0.0


def _escalate(late: queries.CaseRow, now: datetime) -> None:
    """Let somebody above hear of a case: it becomes theirs, so that it is never nobody's."""
    level = late.level + 1
    region = _about([late.key], now).get(late.key, About()).region
    upward = routing.above(level=level - 1, region=region, staff=_staff(now))
    words = "Nobody acted in time"
    if upward is None or upward.pk == late.owner:
        actions.raise_level(pk=late.pk, level=level, words=words, now=now)
        return
    try:
        actions.assign(pk=late.pk, old=late.owner, new=upward.pk, by="", why=f"{words}: goes to {upward.name}", now=now,
                       level=level)  # fmt: skip
    except actions.ChangedMeanwhile:
        return


def _staff(now: datetime) -> list[routing.Clerk]:
    zone = organisation.of(folder=settings.HOME.folder).zone
    today = now.astimezone(zone).date()
    midnight = datetime.combine(today, time(), zone)
    taken, load = queries.loads(since=midnight)
    return list(alerts.clerks(day=today, taken=taken, load=load))


def _with_one_more(staff: Sequence[routing.Clerk], pk: int) -> list[routing.Clerk]:
    return [replace(one, taken=one.taken + 1, load=one.load + 1) if one.pk == pk else one for one in staff]


def _routed(
    alert: alerts.AlertRow, rule: rule_words.Rule, about: About, staff: Sequence[routing.Clerk]
) -> routing.Routed:
    need = routing.Need(
        region=about.region,
        department=alert.department,
        language=about.language,
        skill=rule.skill,
        severity=alert.severity,
    )
    found = routing.route(need=need, staff=staff)
    if found is not None:
        return found
    # Nobody may see this customer by region: an administrator has to take it, or nobody would.
    leads = [one for one in staff if one.role is terms.Role.ADMINISTRATOR]
    if not leads:
        raise LookupError("there is no administrator")
    return routing.Routed(pk=min(leads, key=lambda one: (one.load, one.name)).pk, why="nobody has this region")


def _opening(
    alert: alerts.AlertRow, rule: rule_words.Rule, about: About, routed: routing.Routed, now: datetime
) -> actions.Opening:
    due = routing.due_at(start=now, hours=rule.reply_hours, calendar=calendars.calendar(now=now))
    stakes = rules.Stakes(alert.severity, about.value, about.p_leave_60d, about.overdue_days)
    return actions.Opening(
        alert=alert,
        owner=routed.pk,
        owner_why=routed.why,
        due_at=due,
        priority=rules.priority(stakes=stakes, due_at=due),
        why=_why(alert, about),
        reason=_reason(alert),
        playbook=rule.playbook,
        bond_before=None if about.bond is None else BACK_AT * about.bond,
        value=about.value,
    )


def _matter(opening: actions.Opening, rule: rule_words.Rule, about: About) -> trying.Matter:
    return trying.Matter(
        key=opening.alert.key,
        about=trial.About(opening.alert.severity, rule.about.value, about.overdue_days),
        department=opening.alert.department,
        reason=opening.reason,
        bond_to_reach=opening.bond_before,
    )


def _why(alert: alerts.AlertRow, about: About) -> tuple[str, ...]:
    """Return what makes it urgent, in words."""
    said = [*alert.reasons[:2]]
    if about.value is not None:
        said.append(f"{say.money(about.value)} a month")
    if about.p_leave_60d is not None:
        said.append(f"{say.percent(about.p_leave_60d)} likely to leave")
    if about.overdue_days:
        said.append(f"promise {say.many(about.overdue_days, 'day')} overdue")
    return tuple(said)


def _reason(alert: alerts.AlertRow) -> str:
    if not alert.interaction_id:
        return ""
    found = interactions.point(source=alert.source, interaction_id=alert.interaction_id, customer_key=alert.key)
    return found.reason if found else ""


def _about(keys: Sequence[int], now: datetime) -> Mapping[int, About]:
    people = customers.relationships_of(keys=keys)
    found = levels.of(keys=keys)
    place = {key: at for at, key in enumerate(found.keys.tolist())}
    owed = _overdue_days(keys, now)
    regions, languages = (people.words[name].said() for name in ("region", "language"))
    known: dict[int, About] = {}
    for at, key in enumerate(people.keys.tolist()):
        row = place.get(key)
        best = np.nan if row is None else np.nanmax([found.bond[row], found.bond[row] - found.bond_change_30d[row]])
        known[key] = About(
            region=regions[at],
            language=languages[at],
            value=_known(people.monthly_value[at]),
            p_leave_60d=None if row is None else _known(found.p_leave_60d[row]),
            bond=_known(best),
            overdue_days=owed.get(key, 0),
        )
    return known


def _overdue_days(keys: Sequence[int], now: datetime) -> dict[int, int]:
    """Return for how many days the promise that is overdue longest has been, by customer."""
    found = levels.promises(due_from=now - OVERDUE_COUNTS, due_until=now, keys=keys)
    days: dict[int, int] = {}
    for one in found:
        if one.state == "overdue" and one.due_at is not None:
            days[one.key] = max(days.get(one.key, 0), (now - one.due_at).days)
    return days


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
