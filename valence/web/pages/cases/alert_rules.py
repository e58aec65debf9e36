"""Rules: what raises an alert, in words; put to the last 90 days before it is switched on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence.alerts import actions, fields, queries, rehearsal, rule, saying, suggesting
from valence.alerts.condition import WrongCondition
from valence.cases import bad_encounters
from valence.cases import queries as cases
from valence.customers import queries as customers
from valence.flows.act import casework, rehearsing
from valence.flows.run import jobs
from valence.insights import say
from valence.people import rules as people_rules
from valence.web import fresh, parts, view, words

SNOOZE = timedelta(days=7)
FEWEST_FIRED = 10
LONGEST_JSON = 20_000
EXAMPLE: Mapping[str, Any] = {
    "name": "long_wait",
    "title": "Waited long and was not helped",
    "about": "interaction",
    "words": "",
    "severity": 2,
    "reply_hours": 9,
    "cool_down_days": 14,
    "fresh_days": 3,
    "department": "care",
    "playbook": "repeat_contact",
    "skill": "",
    "when": {"all": [{"field": "wait_minutes", "above": 20}, {"field": "facts", "has": ["unresolved"]}]},
}


TESTS: Mapping[str, str] = {
    "is": "is", "in": "is one of", "has": "has one of", "matches": "matches the pattern", "above": "above",
    "at_least": "at least", "below": "below", "at_most": "at most", "known": "is known",
}  # fmt: skip


class WrongJson(ValueError):  # noqa: N818  it is said to people as such
    """What was typed is not JSON. The text says where."""


@dataclass(frozen=True)
class Row:
    """A rule in the list: what it looks for in words, and how it went in 30 days. `ignored`: nobody acts on it."""

    row: queries.RuleRow
    when: str
    about: str
    state: str
    is_on: bool
    checked: str
    ignored: bool


@dataclass(frozen=True)
class RulesPage:
    """Every rule, those that are on first.

    fired, acted: alerts of 30 days, and those on which somebody acted. ignored: those whose alerts nobody acts on;
    wrong: those of the pack that cannot be taken.
    """

    rows: tuple[Row, ...]
    on: int
    fired: int
    acted: int
    ignored: tuple[str, ...]
    wrong: tuple[rule.Wrong, ...]
    empty: parts.State | None


@dataclass(frozen=True)
class RulePage:
    """One rule: what it says, what it would have done, and how to change it. `reads`: what is written, in words."""

    row: Row | None
    version: int
    written: str
    reads: str
    tests: tuple[tuple[str, str], ...]
    dry: rehearsal.Rehearsal | None
    says: str
    tiles: tuple[parts.Tile, ...]
    names: tuple[tuple[int, str], ...]
    running: bool
    versions: tuple[queries.VersionRow, ...]
    groups: tuple[tuple[str, tuple[fields.Field, ...]], ...]
    playbooks: tuple[tuple[str, str], ...]
    checked_at: datetime | None
    problem: str = ""


@view.page(section="cases", act=people_rules.Act.RULES)
def alert_rules(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show every rule."""
    rows = tuple(_row(asked, one) for one in queries.every(now=asked.now))
    page = RulesPage(
        rows=rows,
        on=sum(one.is_on for one in rows),
        fired=sum(one.row.fired for one in rows),
        acted=sum(one.row.acted for one in rows),
        ignored=tuple(one.row.rule.title for one in rows if one.ignored),
        wrong=casework.wrong_rules(),
        empty=None if rows else parts.State("flag", "No rules yet", "Those of the pack appear within a minute."),
    )
    return view.render(asked, "valence/alert_rules.html", page=page, title="Rules")


@view.page(section="cases", act=people_rules.Act.RULES, methods=("GET", "HEAD", "POST"))
def new_rule(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Write a new rule."""
    written, problem = json.dumps(_begun(asked), indent=2, ensure_ascii=False), ""
    if request.method == "POST":
        written = request.POST.get("written", "")
        try:
            if request.POST.get("act") != "add":
                return HttpResponseRedirect(asked.to("alert_rule", name=_keep(asked, written, new=True)))
            written = _with_test(request.POST)
        except (WrongJson, rule.WrongRule, WrongCondition) as wrong:
            problem = str(wrong)
    page = _form(None, written, problem, asked)
    crumbs = (parts.Crumb("Rules", asked.to("alert_rules")), parts.Crumb("New rule"))
    status = 422 if problem else 200
    return view.render(asked, "valence/alert_rule.html", page=page, title="New rule", crumbs=crumbs, status=status)


@view.page(section="cases", act=people_rules.Act.RULES, methods=("GET", "HEAD", "POST"))
def alert_rule(request: HttpRequest, asked: view.Asked, name: str) -> HttpResponse:
    """Show one rule; change it, put it to the past, switch it, let it rest."""
    found = _found(name)
    written, problem = json.dumps(rule.table_of(rule=found.rule), indent=2, ensure_ascii=False), ""
    if request.method == "POST":
        try:
            fresh.hold(request.POST, found.rule.version)
            if request.POST.get("act") != "add":
                ACTS[request.POST.get("act", "")](asked, found, request.POST)
                return HttpResponseRedirect(asked.to("alert_rule", name=name))
            written = _with_test(request.POST)
        except KeyError:
            raise Http404 from None
        except (WrongJson, rule.WrongRule, WrongCondition, fresh.ChangedSince) as wrong:
            written, problem = request.POST.get("written", written), str(wrong)
    page = _form(found, written, problem, asked)
    crumbs = (parts.Crumb("Rules", asked.to("alert_rules")), parts.Crumb(found.rule.title))
    status = 422 if problem else 200
    return view.render(
        asked, "valence/alert_rule.html", page=page, title=found.rule.title, crumbs=crumbs, status=status
    )


def _begun(asked: view.Asked) -> Mapping[str, Any]:
    """Return what a new rule begins with: one that would have said a bad encounter, where the address names one."""
    number = asked.query.get("encounter", "")
    wanted = [int(number)] if number.isdecimal() and len(number) < 19 else []
    found = bad_encounters.some(scope=asked.scope, pks=wanted)
    if not found:
        return EXAMPLE
    told, pack = found[0].encounter, words.pack()
    facts = (pack.known_as("facts", fact) for fact in told.facts.split("|") if fact)
    return suggesting.table(
        why=told.whys[-1],
        kind=told.kind,
        department=told.department,
        facts=tuple(fact for fact in facts if fact in pack.harmful_facts),
        scale=told.scale,
        score=told.score,
    )


def _found(name: str) -> queries.RuleRow:
    try:
        return queries.one(name=name)
    except queries.NoSuchRule:
        raise Http404 from None


def _row(asked: view.Asked, one: queries.RuleRow) -> Row:
    snoozed = one.snoozed_until is not None and one.snoozed_until > asked.now
    is_on = one.state == queries.ON
    checked = "" if one.checked is None else _brief(rehearsing.read_back(one.checked))
    return Row(
        row=one,
        when=saying.condition(said=one.rule.condition, pack=words.pack()),
        about=one.rule.about.said,
        state="Rests" if is_on and snoozed else "On" if is_on else "Off",
        is_on=is_on and not snoozed,
        checked=checked,
        ignored=is_on and one.fired >= FEWEST_FIRED and one.acted * 10 <= one.fired,
    )


def _brief(found: rehearsal.Rehearsal) -> str:
    return f"{say.count(found.firings)} in {found.days} days" if found.days > 1 else f"{say.count(found.firings)} now"


def _form(found: queries.RuleRow | None, written: str, problem: str, asked: view.Asked) -> RulePage:
    dry = rehearsing.read_back(found.checked) if found and found.checked else None
    named = customers.names(scope=asked.scope, keys=list(dry.examples)) if dry else {}
    return RulePage(
        row=_row(asked, found) if found else None,
        version=found.rule.version if found else 0,
        written=written,
        reads=_reads(written),
        tests=tuple(TESTS.items()),
        dry=dry,
        says=_says(dry) if dry else "",
        tiles=_tiles(dry) if dry else (),
        names=tuple((key, name.said) for key, name in named.items()),
        running=found is not None and jobs.is_waiting(name="rehearse", arguments={"name": found.rule.name}),
        versions=queries.versions(name=found.rule.name) if found else (),
        groups=tuple((group.value, _of(group)) for group in fields.Group),
        playbooks=tuple((one.name, one.title) for one in cases.playbooks_in_force()),
        checked_at=found.checked_at if found else None,
        problem=problem,
    )


def _of(group: fields.Group) -> tuple[fields.Field, ...]:
    return tuple(one for one in fields.FIELDS.values() if one.group is group)


def _says(dry: rehearsal.Rehearsal) -> str:
    """Say in a sentence whether those who were flagged left more often than others."""
    after = dry.afterwards
    if after is None or after.expected != after.expected:
        return "Nobody to compare with."
    said = f"**{after.left} of {say.count(after.customers)}** flagged customers left afterwards (likely "
    said += f"{say.decimal(after.low)}–{say.decimal(after.high)}); at the rate of customers alike who were not "
    said += f"flagged it would have been {say.decimal(after.expected)}."
    if dry.unknown:
        said += (
            f" The past does not tell: {say.listed(list(dry.unknown))}; where a test asks for it, it held for nobody."
        )
    return said


def _tiles(dry: rehearsal.Rehearsal) -> tuple[parts.Tile, ...]:
    span = f"in {dry.days} days" if dry.days > 1 else "now"
    return (
        parts.Tile("Would have fired", say.count(dry.firings), f"{span}, of {say.count(dry.looked_at)} looked at"),
        parts.Tile("Customers", say.count(dry.customers), "each counted once"),
        parts.Tile("Cases a day", say.decimal(dry.a_day), f"at most {dry.busiest} on one day"),
        parts.Tile("A person and day", say.decimal(dry.a_person_a_day), f"with {dry.people} to take them"),
    )


def _table(written: str) -> dict[str, Any]:
    if len(written) > LONGEST_JSON:
        raise WrongJson(f"A rule has at most {LONGEST_JSON:,} letters.")
    try:
        table = json.loads(written)
    except (json.JSONDecodeError, RecursionError) as wrong:
        where = f"line {wrong.lineno}: {wrong.msg}" if isinstance(wrong, json.JSONDecodeError) else "too deep"
        raise WrongJson(f"This is not JSON: {where}.") from None
    if not isinstance(table, dict):
        raise WrongJson("A rule is a JSON object.")
    return table


def _reads(written: str) -> str:
    """Return the condition that is written in words; "" where it cannot be read yet."""
    try:
        return saying.condition(said=rule.made(table=_table(written)).condition, pack=words.pack())
    except (WrongJson, rule.WrongRule, WrongCondition):
        return ""


def _with_test(form: QueryDict) -> str:
    """Return the rule as it is written with one more test that has to hold too; nothing is kept."""
    table = _table(form.get("written", ""))
    name, test = form.get("field", ""), form.get("test", "")
    if name not in fields.FIELDS or test not in TESTS:
        raise WrongCondition("Choose a field and a test.")
    leaf = {"field": name, test: _typed(fields.FIELDS[name].shape, test, form.get("value", "").strip())}
    before = table.get("when")
    all_ = before["all"] if isinstance(before, dict) and isinstance(before.get("all"), list) else [before]
    table["when"] = {"all": [*(one for one in all_ if one), leaf]}
    rule.made(table=table)
    return json.dumps(table, indent=2, ensure_ascii=False)


def _typed(shape: fields.Shape, test: str, said: str) -> float | bool | str | list[str]:
    if test == "known" or shape is fields.Shape.FLAG:
        return said.lower() not in ("no", "false", "0")
    if shape is fields.Shape.NUMBER:
        try:
            return float(said)
        except ValueError:
            raise WrongCondition("Write a number as the value.") from None
    return [word.strip() for word in said.split(",") if word.strip()] if test in ("in", "has") else said


def _keep(asked: view.Asked, written: str, *, new: bool = False) -> str:
    made = rule.made(table=_table(written))
    if new and any(one.rule.name == made.name for one in queries.every(now=asked.now)):
        raise rule.WrongRule(f"There is a rule named {made.name} already.")
    actions.put_rule(rule=made, by=asked.person.name, now=asked.now)
    messages.info(asked.request, "Rule kept. Look at a dry run before you switch it on.")
    return made.name


def _change(asked: view.Asked, found: queries.RuleRow, form: QueryDict) -> None:
    name = _name_in(form.get("written", ""))
    if name and name != found.rule.name:
        raise rule.WrongRule("The name of a rule does not change; write a new one instead.")
    _keep(asked, form.get("written", ""))


def _name_in(written: str) -> str:
    try:
        table = json.loads(written[:LONGEST_JSON])
    except (json.JSONDecodeError, RecursionError):
        return ""
    return str(table.get("name", "")) if isinstance(table, dict) else ""


def _rehearse(asked: view.Asked, found: queries.RuleRow, form: QueryDict) -> None:
    jobs.enqueue(name="rehearse", by=asked.person.name, arguments={"name": found.rule.name}, now=asked.now)
    messages.info(asked.request, "It is put to the last 90 days")


def _switch(asked: view.Asked, found: queries.RuleRow, form: QueryDict) -> None:
    on = form.get("on") == "1"
    if on and found.checked is None:
        raise rule.WrongRule("Look at a dry run of this version first; then switch it on.")
    actions.switch(name=found.rule.name, on=on, by=asked.person.name, now=asked.now)
    messages.info(asked.request, "Switched on" if on else "Switched off")


def _snooze(asked: view.Asked, found: queries.RuleRow, form: QueryDict) -> None:
    until = asked.now + SNOOZE if form.get("rest") == "1" else None
    actions.snooze(name=found.rule.name, until=until, by=asked.person.name, now=asked.now)
    messages.info(asked.request, "Rests for a week" if until else "Woken")


ACTS: Mapping[str, Callable[[view.Asked, queries.RuleRow, QueryDict], None]] = {
    "change": _change,
    "rehearse": _rehearse,
    "switch": _switch,
    "snooze": _snooze,
}
