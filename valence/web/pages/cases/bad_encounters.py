"""Bad encounters: each of them has a customer who waits; which were followed up, and which no rule says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from valence.alerts import queries as alerts
from valence.cases import bad_encounters
from valence.customers import queries as customers
from valence.flows.act import following_up
from valence.insights import intervals, say
from valence.people import rules
from valence.web import listing, parts, view, words

FEWEST = 5
MOST_AT_ONCE = 200
WHYS = {
    "weakened": "Weakened the bond",
    "lowest_score": "Very low score",
    "bad_comment": "Very bad comment",
    "broken_promise": "Broken promise",
}
FOLLOWED = {"0": "Nothing followed", "1": "Followed up", "any": "All"}
COVERED = {"0": "No rule says it", "1": "A rule says it"}
TABS = {"department": "Department", "region": "Region", "kind": "Kind", "why": "What was bad"}
FOLLOWS = {"case": "A case", "alert": "An alert that was acted on", "reached": "We got in touch"}
TOLD = {"0": False, "1": True}


@dataclass(frozen=True)
class Row:
    """A bad encounter in words. `rule`: the title of the one that says it, or would have."""

    row: bad_encounters.Row
    name: str
    customer_id: str
    what: str
    whys: str
    times: str
    followed: str
    rule: str
    rule_name: str
    href: str
    can_open: bool


@dataclass(frozen=True)
class Part:
    """How one department, region, kind or reason stands; hrefs open its rows."""

    name: str
    totals: bad_encounters.Totals
    share: str
    range: str
    href: str
    followed_href: str
    uncovered_href: str

    @property
    def uncovered(self) -> int:
        """How many no rule says."""
        return self.totals.everyone - self.totals.covered


@dataclass(frozen=True)
class BadEncountersPage:
    """Bad encounters of the days: how many were followed up, by part, and the rows that were asked for."""

    lead: str
    tiles: tuple[parts.Tile, ...]
    shares: tuple[Part, ...]
    by: str
    tabs: tuple[parts.Choice, ...]
    rows: tuple[Row, ...]
    total: int
    days: int
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    more: parts.More
    may_open: bool
    scope_words: str
    empty: parts.State | None


@view.page(section="cases", act=rules.Act.CASES, methods=("GET", "HEAD", "POST"))
def bad_encounters_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show bad encounters and what followed; open cases for those that are marked."""
    if request.method == "POST":
        if not asked.may(rules.Act.RULES):
            return view.not_allowed(asked)
        _open(request, asked)
        return HttpResponseRedirect(asked.here())
    page = _page(asked)
    said = say.many(page.total, "bad encounter")
    return view.render(asked, "valence/bad_encounters.html", page=page, title="Bad encounters", announce=said)


def _open(request: HttpRequest, asked: view.Asked) -> None:
    marked = [int(pk) for pk in request.POST.getlist("pk")[:MOST_AT_ONCE] if pk.isdecimal() and len(pk) < 19]
    rows = bad_encounters.some(scope=asked.scope, pks=marked)
    done = following_up.open_cases(rows=rows, by=asked.person.name, now=asked.now)
    if not done.asked:
        messages.info(request, "Nothing was marked that still waits.")
        return
    held = done.asked - len(done.cases)
    said = f"{say.many(done.opened, 'case')} opened."
    if held > 0:
        said += f" {say.count(held)} wait until somebody has room: everybody has enough for today."
    messages.info(request, said)


def _page(asked: view.Asked) -> BadEncountersPage:
    wanted = _wanted(asked)
    every = bad_encounters.totals(scope=asked.scope, asked=replace(wanted, followed=None, covered=None))
    total = bad_encounters.totals(scope=asked.scope, asked=wanted).everyone
    found = bad_encounters.rows(scope=asked.scope, asked=wanted, limit=listing.shown(asked))
    by = asked.query.get("by", "department")
    by = by if by in TABS else "department"
    return BadEncountersPage(
        lead=_lead(every, _days(asked)),
        tiles=_tiles(asked, every),
        shares=_parts(asked, wanted, by),
        by=TABS[by],
        tabs=tuple(parts.Choice(said, asked.here(by=name), name == by) for name, said in TABS.items()),
        rows=_rows(asked, found),
        total=total,
        days=_days(asked),
        chips=_chips(asked, wanted),
        choices=_choices(asked),
        more=listing.more(asked, rows=len(found), total=total),
        may_open=asked.may(rules.Act.RULES),
        scope_words=asked.scope_words,
        empty=None if found else _empty(every),
    )


def _days(asked: view.Asked) -> int:
    """Return the days that are looked at: as many as chosen, at most those that are kept."""
    return min(asked.period.days, following_up.DAYS)


def _wanted(asked: view.Asked) -> bad_encounters.Asked:
    why = asked.query.get("why", "")
    return bad_encounters.Asked(
        since=asked.period.until - timedelta(days=_days(asked)),
        why=why if why in WHYS else "",
        kind=asked.query.get("kind", ""),
        department=asked.query.get("department", ""),
        followed=TOLD.get(asked.query.get("followed", "0")),
        covered=TOLD.get(asked.query.get("covered", "")),
    )


def _lead(every: bad_encounters.Totals, days: int) -> str:
    if not every.everyone:
        return f"No bad encounter is known of the last {days} days."
    span = intervals.of_share(every.followed, of=every.everyone)
    share = say.percent(every.followed / every.everyone, of=every.everyone)
    return (
        f"**{share}** of {say.many(every.everyone, 'bad encounter')} of the last {days} days were followed up "
        f"(likely {say.percents(span.low, span.high)}{say.THIN}%). Behind each of the rest a customer waits to hear."
    )


def _tiles(asked: view.Asked, every: bad_encounters.Totals) -> tuple[parts.Tile, ...]:
    waiting, unsaid = every.everyone - every.followed, every.everyone - every.covered
    told = (
        ("Nothing followed", waiting, "no case, no alert acted on, no word from us", "0", None),
        ("Followed up", every.followed, "by a case, an alert, or a word from us", "1", None),
        ("No rule says it", unsaid, "nobody would have been told", "any", "0"),
        ("Bad encounters", every.everyone, "each counted once, whatever made it bad", "any", None),
    )
    return tuple(
        parts.Tile(title, say.count(number), under, href=asked.here(followed=which, covered=said), count=number)
        for title, number, under, which, said in told
    )


def _parts(asked: view.Asked, wanted: bad_encounters.Asked, by: str) -> tuple[Part, ...]:
    found = bad_encounters.parts(scope=asked.scope, asked=replace(wanted, followed=None, covered=None), by=by)
    return tuple(_part(asked, by, one) for one in found)


def _part(asked: view.Asked, by: str, one: bad_encounters.Totals) -> Part:
    enough = one.everyone >= FEWEST
    span = intervals.of_share(one.followed, of=one.everyone)

    def opens(**changes: object) -> str:
        return asked.here(**{by: one.name}, **changes) if one.name else ""

    return Part(
        name=_said(by, one.name),
        totals=one,
        share=say.percent(one.followed / one.everyone, of=one.everyone) if enough else say.UNKNOWN,
        range=f"{say.percents(span.low, span.high)}{say.THIN}%" if enough else f"shown from {FEWEST}",
        href=opens(followed="any", covered=None),
        followed_href=opens(followed="1", covered=None),
        uncovered_href=opens(followed="any", covered="0"),
    )


def _said(by: str, name: str) -> str:
    if by == "department" and name:
        return words.pack().say_department(name)
    if by == "kind" and name:
        return words.pack().say_kind(name)
    return (WHYS[name] if by == "why" else name) or "Not known"


def _rows(asked: view.Asked, found: tuple[bad_encounters.Row, ...]) -> tuple[Row, ...]:
    names = customers.names(scope=asked.scope, keys=[one.encounter.key for one in found])
    titles = {one.rule.name: one.rule.title for one in alerts.every(now=asked.now)}
    return tuple(_row(asked, one, names.get(one.encounter.key), titles) for one in found)


def _row(asked: view.Asked, one: bad_encounters.Row, name: customers.Name | None, titles: Mapping[str, str]) -> Row:
    told, pack = one.encounter, words.pack()
    facts = [pack.label_fact(fact) for fact in told.facts.split("|") if fact]
    score = [f"{told.score:g} on {told.scale}"] if told.score is not None else []
    what = ": ".join(part for part in (pack.say_kind(told.kind), ", ".join([*facts, *score])) if part)
    rule = told.rule or told.offered
    query = {"source": told.source, "id": told.interaction_id}
    return Row(
        row=one,
        name=name.said if name else "No name",
        customer_id=name.customer_id if name else "",
        what=what,
        whys=" · ".join(WHYS[why] for why in told.whys),
        times=f"leaving {say.times(told.times)} as likely" if told.weakened and told.times else "",
        followed=FOLLOWS.get(one.followed, ""),
        rule=titles.get(rule, ""),
        rule_name=rule,
        href=asked.to("interaction", key=told.key, query=query),
        can_open=not one.followed and not one.has_left,
    )


def _chips(asked: view.Asked, wanted: bad_encounters.Asked) -> tuple[parts.Chip, ...]:
    followed = FOLLOWED.get(asked.query.get("followed", "0"), "")
    covered = COVERED.get(asked.query.get("covered", ""), "")
    return (
        *((parts.Chip("Shown", followed.lower(), asked.here(followed="any")),) if wanted.followed is not None else ()),
        *listing.chip(asked, field="covered", name="Rules", value=covered.lower()),
        *listing.chip(asked, field="why", name="What was bad", value=WHYS.get(wanted.why, "").lower()),
        *listing.chip(asked, field="department", name="Department", value=_chosen("department", wanted.department)),
        *listing.chip(asked, field="kind", name="Kind", value=_chosen("kind", wanted.kind)),
    )


def _chosen(by: str, name: str) -> str:
    return _said(by, name) if name else ""


def _choices(asked: view.Asked) -> tuple[parts.Choices, ...]:
    return (
        listing.choices(asked, field="followed", name="Shown", offered=FOLLOWED),
        listing.choices(asked, field="covered", name="Rules", offered=COVERED),
        listing.choices(asked, field="why", name="What was bad", offered=WHYS),
    )


def _empty(every: bad_encounters.Totals) -> parts.State:
    if every.everyone:
        return parts.State("check", "None of these", "No bad encounter fits what was chosen.")
    why = "They appear after the next score: what weakened the bond, scored lowest, or broke a promise."
    return parts.State("check", "No bad encounter", why)
