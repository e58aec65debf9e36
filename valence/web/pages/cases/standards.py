"""Standards: what should happen and how often it does, what missing it does to customers, what was changed and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence.alerts import kept_standards, saying, standard
from valence.alerts.condition import WrongCondition
from valence.insights import intervals, say
from valence.insights.standards import Measured
from valence.people import rules
from valence.web import fresh, listing, parts, view, words

WEEKS_SHOWN = 13
FEWEST = 5
STATES = {"kept": "Kept", "proposed": "Proposed", "given_up": "Given up", "refused": "Refused"}
STANDING = {"met": "Met", "missed": "Missed", "unsure": "Too close to say"}
ADVICE = {"give_up": "Could be given up", "raise": "Could ask for more"}
LONGEST_JSON = 20_000
TABS = {"department": "department", "place": "place", "week": "week"}


@dataclass(frozen=True)
class Row:
    """A standard in the list: what it counts in words, how it stands, what missing it does."""

    name: str
    title: str
    counts: str
    target: str
    measured: Measured
    share: str
    range: str
    standing: str
    standing_words: str
    worth: str
    worth_range: str
    advice: str
    state: str


@dataclass(frozen=True)
class StandardsPage:
    """The standards of a state, and how many there are of each."""

    rows: tuple[Row, ...]
    proposed: tuple[tuple[Row, str], ...]
    lead: str
    scope_words: str
    may_change: bool
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    empty: parts.State | None


@dataclass(frozen=True)
class Part:
    """How a standard stands in one department, place or week."""

    name: str
    measured: Measured
    share: str
    range: str
    standing: str
    standing_words: str


@dataclass(frozen=True)
class Change:
    """One line of the history: what it said then, why it was changed, by whom."""

    row: kept_standards.VersionRow
    target: str
    counts: str


@dataclass(frozen=True)
class StandardPage:
    """One standard: how it stands by part, what missing it does, its history, and how to change it."""

    row: Row
    words: str
    stands: tuple[Part, ...]
    by: str
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    advice: tuple[Mapping[str, str], ...]
    changes: tuple[Change, ...]
    written: str
    may_change: bool
    measured_at: datetime | None
    scope_words: str
    problem: str = ""


@view.page(section="cases", act=rules.Act.CASES)
def standards_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the standards."""
    state = asked.query.get("state", "kept")
    state = state if state in STATES else "kept"
    rows = tuple(_row(asked, one) for one in kept_standards.every(states=(state,)))
    proposed = kept_standards.every(states=("proposed",)) if state == "kept" else ()
    why = "Those of the pack appear within the hour; they are counted as soon as there is data."
    page = StandardsPage(
        rows=rows,
        proposed=tuple((_row(asked, one), kept_standards.versions(name=one.standard.name)[0].why) for one in proposed),
        lead=_lead(rows) if state == "kept" else f"Standards that are {STATES[state].lower()}.",
        scope_words=asked.scope_words,
        may_change=asked.may(rules.Act.RULES),
        chips=(),
        choices=(listing.choices(asked, field="state", name="State", offered=STATES),),
        empty=None if rows else parts.State("check", "No such standards", why),
    )
    return view.render(
        asked, "valence/standards.html", page=page, title="Standards", announce=say.many(len(rows), "standard")
    )


@view.page(section="cases", act=rules.Act.CASES, methods=("GET", "HEAD", "POST"))
def standard_page(request: HttpRequest, asked: view.Asked, name: str) -> HttpResponse:
    """Show one standard; change it, give it up, take it on, or refuse it."""
    try:
        found = kept_standards.one(name=name)
    except kept_standards.NoSuchStandard:
        raise Http404 from None
    written, problem = json.dumps(standard.table_of(standard=found.standard), indent=2, ensure_ascii=False), ""
    if request.method == "POST":
        if not asked.may(rules.Act.RULES):
            return view.not_allowed(asked)
        try:
            fresh.hold(request.POST, len(kept_standards.versions(name=name)))
            ACTS[request.POST.get("act", "")](asked, found, request.POST)
            messages.success(request, "Kept, with its reason in the history.")
            return HttpResponseRedirect(asked.to("standard", name=name))
        except KeyError:
            raise Http404 from None
        except (standard.WrongStandard, WrongCondition, fresh.ChangedSince) as wrong:
            written, problem = request.POST.get("written", written), str(wrong)
    page = _page(asked, found, written, problem)
    crumbs = (parts.Crumb("Standards", asked.to("standards")), parts.Crumb(page.row.title))
    status = 422 if problem else 200
    return view.render(asked, "valence/standard.html", page=page, title=page.row.title, crumbs=crumbs, status=status)


def _change(asked: view.Asked, found: kept_standards.Kept, form: QueryDict) -> None:
    try:
        said = json.loads(form.get("written", "")[:LONGEST_JSON])
    except ValueError as problem:
        raise standard.WrongStandard(f"This is no JSON: {str(problem)[:100]}") from None
    if not isinstance(said, dict):
        raise standard.WrongStandard("A standard is a table in braces.")
    made = standard.made(table={**said, "name": found.standard.name})
    kept_standards.put(said=made, why=_why(form), by=asked.person.name, now=asked.now)


def _move(new: str) -> Callable[[view.Asked, kept_standards.Kept, QueryDict], None]:
    def move(asked: view.Asked, found: kept_standards.Kept, form: QueryDict) -> None:
        kept_standards.change_state(
            name=found.standard.name, new=new, why=_why(form), by=asked.person.name, now=asked.now
        )

    return move


ACTS: Mapping[str, Callable[[view.Asked, kept_standards.Kept, QueryDict], None]] = {
    "change": _change,
    "keep": _move(kept_standards.KEPT),
    "give_up": _move(kept_standards.GIVEN_UP),
    "refuse": _move(kept_standards.REFUSED),
}


def _why(form: QueryDict) -> str:
    why = form.get("why", "").strip()
    if not why:
        raise standard.WrongStandard("Say why: it stands in the history.")
    return why[:250]


def _page(asked: view.Asked, found: kept_standards.Kept, written: str, problem: str) -> StandardPage:
    by = asked.query.get("by", "department")
    by = by if by in TABS else "department"
    counts = kept_standards.counts(scope=asked.scope, pk=found.pk, by=by, **_span(asked))
    return StandardPage(
        row=_row(asked, found),
        words=found.standard.words,
        stands=tuple(_part(one, found.standard.target) for one in counts[-26:] if one.counted >= FEWEST),
        by=by,
        chips=(),
        choices=(listing.choices(asked, field="by", name="By", offered=TABS),),
        advice=tuple(
            {"title": ADVICE.get(each["advice"], "Proposed"), "words": each["words"]}
            for each in found.worked_out.get("advice", ())
        ),
        changes=tuple(_changed(one) for one in kept_standards.versions(name=found.standard.name)),
        written=written,
        may_change=asked.may(rules.Act.RULES),
        measured_at=found.worked_out_at,
        scope_words=asked.scope_words,
        problem=problem,
    )


def _span(asked: view.Asked) -> dict[str, date]:
    """Return the whole weeks of the last quarter of a year, or as many days as the address asks for."""
    until = asked.period.until.date()
    return {"since": until - timedelta(days=max(asked.period.days, 7 * WEEKS_SHOWN)), "until": until}


def _row(asked: view.Asked, found: kept_standards.Kept) -> Row:
    said = found.standard
    [total] = kept_standards.counts(scope=asked.scope, pk=found.pk, by="", **_span(asked))
    measured = Measured("", total.met, total.counted)
    standing = measured.against(target=said.target) if measured.counted >= FEWEST else ""
    worth = found.worked_out.get("worth")
    advice = [ADVICE.get(each["advice"], "") for each in found.worked_out.get("advice", ())]
    return Row(
        name=said.name,
        title=said.title,
        counts=saying.condition(said=said.of, pack=words.pack()),
        target=say.percent(said.target),
        measured=measured,
        share=say.percent(measured.share) if standing else say.UNKNOWN,
        range=_range(measured.range) if standing else f"{say.many(measured.counted, 'interaction')} so far",
        standing=standing,
        standing_words=STANDING.get(standing, "Cannot say yet"),
        worth=say.times(worth["times"]) if worth else say.UNKNOWN,
        worth_range=f"{say.times(worth['low'])} to {say.times(worth['high'])}" if worth else "too few, or no model yet",
        advice=advice[0] if advice else "",
        state=found.state,
    )


def _part(one: kept_standards.Count, target: float) -> Part:
    measured = Measured(one.name, one.met, one.counted)
    pack = words.pack()
    name = one.name if one.week is None else say.full_date(datetime.combine(one.week, time(12), UTC))
    said = pack.say_department(name) if one.week is None and name in pack.departments else name
    standing = measured.against(target=target)
    return Part(
        name=said or "Not known",
        measured=measured,
        share=say.percent(measured.share),
        range=_range(measured.range),
        standing=standing,
        standing_words=STANDING[standing],
    )


def _changed(one: kept_standards.VersionRow) -> Change:
    pack = words.pack()
    return Change(
        row=one,
        target=say.percent(one.standard.target),
        counts=saying.condition(said=one.standard.met, pack=pack),
    )


def _range(found: intervals.Range) -> str:
    return say.percents(found.low, found.high)


def _lead(rows: tuple[Row, ...]) -> str:
    missed = sum(row.standing == "missed" for row in rows)
    told = sum(bool(row.standing) for row in rows)
    if not told:
        return "What should happen, how often it does, and what it does to customers where it does not."
    met = sum(row.standing == "met" for row in rows)
    stand = "is" if met == 1 else "are"
    return f"**{missed} of {told}** standards are missed, {met} {stand} met; of the rest the range holds the target."
