"""You said, we did: what is changed because customers said so, whether it helped, and that each of them hears of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence.cases import changed, initiatives, queries
from valence.customers import queries as customers
from valence.flows.act import casework, telling_back
from valence.insights import intervals, say
from valence.ledger.queries import weeks
from valence.people import rules as people_rules
from valence.web import fresh, parts, view, words
from valence.web.pages.cases import cases

GATHER_DAYS = {"30": "the last 30 days", "90": "the last 90 days", "365": "the last year"}
VOICES, FEWEST = 25, 5
LATELY = timedelta(days=365)
STATES = {"open": "Being changed", "done": "Done", "dropped": "Dropped"}
LANGUAGES = {"en": "English", "de": "German", "es": "Spanish", "fr": "French", "ar": "Arabic", "it": "Italian"}


@dataclass(frozen=True)
class Row:
    """An initiative in the list. `now`: what is counted, against before and what is wanted, in words."""

    about: changed.Initiative
    owner: str
    state: str
    now: str
    counts: initiatives.Counts


@dataclass(frozen=True)
class InitiativesPage:
    """Every initiative, and what share of those who said something was told what became of it."""

    rows: tuple[Row, ...]
    lead: str
    may_change: bool
    empty: parts.State | None


@dataclass(frozen=True)
class VoiceShown:
    """Somebody who said it: name and address of their page, when, and whether they were told."""

    name: str
    href: str
    voice: initiatives.VoiceRow
    state: str


@dataclass(frozen=True)
class InitiativePage:
    """One initiative as a form, what is counted, who said it, and what they are told."""

    about: changed.Initiative
    stored: changed.Initiative | None
    row: Row | None
    tiles: tuple[parts.Tile, ...]
    says: str
    voices: tuple[VoiceShown, ...]
    total: int
    example: changed.Thanks | None
    staff: tuple[tuple[int, str], ...]
    departments: tuple[tuple[str, str], ...]
    themes: tuple[tuple[str, str], ...]
    measures: tuple[tuple[str, str], ...]
    measure: str
    languages: tuple[tuple[str, str, str], ...]
    spans: Mapping[str, str]
    target: str
    why_not: str
    may_change: bool
    problem: str = ""


@view.page(section="cases", act=people_rules.Act.CASES)
def initiatives_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show every initiative."""
    found = initiatives.every()
    counts = initiatives.counts(pks=[one.pk for one in found])
    page = InitiativesPage(
        rows=tuple(_row(asked, one, counts.get(one.pk, initiatives.Counts())) for one in found),
        lead=_lead(asked.now),
        may_change=asked.may(people_rules.Act.RULES),
        empty=None if found else parts.State("flag", "No initiative yet", EMPTY),
    )
    return view.render(asked, "valence/initiatives.html", page=page, title="Initiatives")


EMPTY = (
    "Where several customers say the same, change it once for all of them: name what they said, who changes it and "
    "what should become of it. When it is done, each of them is told, in their own words."
)


@view.page(section="cases", act=people_rules.Act.RULES, methods=("GET", "HEAD", "POST"))
def new_initiative(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Begin an initiative."""
    about, problem = changed.Initiative(title="", owner=asked.person.pk), ""
    if request.method == "POST":
        about, problem = _typed(asked, about, request.POST)
        if not problem:
            pk = initiatives.make(wanted=_with_baseline(asked, about), by=asked.person.name, now=asked.now)
            return HttpResponseRedirect(asked.to("initiative", pk=pk))
    return _shown(asked, about, problem)


@view.page(section="cases", act=people_rules.Act.CASES, methods=("GET", "HEAD", "POST"))
def initiative(request: HttpRequest, asked: view.Asked, pk: int) -> HttpResponse:
    """Show one initiative; change it, gather who said it, say that it is done, tell them, publish it."""
    about = _found(pk)
    if request.method != "POST":
        return _shown(asked, about, "")
    if not asked.may(people_rules.Act.RULES):
        return view.not_allowed(asked)
    if request.POST.get("act") == "change":
        typed, problem = _typed(asked, about, request.POST)
        try:
            fresh.hold(request.POST, about)
        except fresh.ChangedSince as wrong:
            problem = str(wrong)
        if problem:
            return _shown(asked, typed, problem)
        initiatives.change(wanted=_with_baseline(asked, typed), by=asked.person.name, now=asked.now)
        messages.info(request, "Kept")
        return HttpResponseRedirect(asked.to("initiative", pk=pk))
    doing = ACTS.get(request.POST.get("act", ""))
    if doing is None:
        raise Http404
    try:
        messages.info(request, doing(asked, about, request.POST))
    except changed.WrongInitiative as wrong:
        return _shown(asked, about, str(wrong))
    return HttpResponseRedirect(asked.to("initiative", pk=pk))


def _found(pk: int) -> changed.Initiative:
    try:
        return initiatives.one(pk=pk)
    except initiatives.NoSuchInitiative:
        raise Http404 from None


def _shown(asked: view.Asked, about: changed.Initiative, problem: str) -> HttpResponse:
    page = _page(asked, about, problem)
    title = about.title if about.pk else "New initiative"
    crumbs = (parts.Crumb("Initiatives", asked.to("initiatives")), parts.Crumb(title))
    status = 422 if problem else 200
    return view.render(asked, "valence/initiative.html", page=page, title=title, crumbs=crumbs, status=status)


def _page(asked: view.Asked, about: changed.Initiative, problem: str) -> InitiativePage:
    counts = initiatives.counts(pks=[about.pk]).get(about.pk, initiatives.Counts()) if about.pk else None
    voices = initiatives.voices(pk=about.pk, scope=asked.own, limit=VOICES) if about.pk else ()
    return InitiativePage(
        about=about,
        stored=_found(about.pk) if about.pk else None,
        row=None if counts is None else _row(asked, about, counts),
        tiles=() if counts is None else _tiles(asked, about, counts),
        says=_says(asked, about),
        voices=_named(asked, voices),
        total=counts.voices if counts else 0,
        example=_example(asked, about, voices),
        staff=tuple((one.pk, one.name) for one in casework.staff_of(now=asked.now)),
        departments=_departments(),
        themes=telling_back.themes(),
        measures=_measures(asked),
        measure=_measure_word(about.measure),
        languages=tuple((code, name, about.change.get(code, "")) for code, name in LANGUAGES.items()),
        spans=GATHER_DAYS,
        target="" if about.target is None else f"{about.target * 100:g}",
        why_not=changed.may_tell(wanted=about),
        may_change=asked.may(people_rules.Act.RULES),
        problem=problem,
    )


def _row(asked: view.Asked, about: changed.Initiative, counts: initiatives.Counts) -> Row:
    owners = {one.pk: one.name for one in casework.staff_of(now=asked.now)}
    return Row(
        about=about,
        owner=owners.get(about.owner, ""),
        state=STATES[about.state],
        now=_figure(asked, about),
        counts=counts,
    )


def _lead(now: datetime) -> str:
    told = initiatives.told_share(since=LATELY, now=now)
    if told.voices < FEWEST:
        return "When something is changed, everybody who said it is told once, in their own words and language."
    likely = intervals.of_share(told.told, of=told.voices)
    said = (
        f"**{say.percent(told.told / told.voices)}** of {say.count(told.voices)} customers who said what was changed "
    )
    said += f"within a year were told so (likely {say.percents(likely.low, likely.high)})."
    return said + (f" {say.count(told.cannot)} cannot be reached." if told.cannot else "")


def _tiles(asked: view.Asked, about: changed.Initiative, counts: initiatives.Counts) -> tuple[parts.Tile, ...]:
    told = say.percent(counts.told / counts.voices) if counts.voices >= FEWEST else say.UNKNOWN
    return (
        parts.Tile("Said it", say.count(counts.voices), "customers, each counted once"),
        parts.Tile("Told", told, f"{say.count(counts.told)} told · {say.count(counts.waiting)} wait · "
                   f"{say.count(counts.cannot)} cannot be reached"),
    )  # fmt: skip


def _figure(asked: view.Asked, about: changed.Initiative) -> str:
    found = telling_back.measured(measure=about.measure, scope=asked.scope, until=asked.period.until.date())
    if found is None or not found[1]:
        return ""
    part, whole = found
    before = f", {say.percent(about.baseline)} before" if about.baseline is not None else ""
    wanted = f", {say.percent(about.target)} wanted" if about.target is not None else ""
    return f"{say.percent(part / whole)} of {say.count(whole)}{before}{wanted}"


def _says(asked: view.Asked, about: changed.Initiative) -> str:
    found = telling_back.measured(measure=about.measure, scope=asked.scope, until=asked.period.until.date())
    if not about.measure.kind:
        return "Nothing is counted: choose below what should become rarer."
    if found is None or not found[1]:
        return "Nothing of this kind was recorded in the last eight weeks."
    part, whole = found
    likely = intervals.of_share(part, of=whole)
    before = f" It was **{say.percent(about.baseline)}** when this began" if about.baseline is not None else ""
    wanted = f", **{say.percent(about.target)}** is wanted." if about.target is not None else "." if before else ""
    return (
        f"**{say.percent(part / whole)}** of {say.count(whole)} in the last eight weeks "
        f"(likely {say.percents(likely.low, likely.high)}).{before}{wanted}"
    )


def _named(asked: view.Asked, voices: tuple[initiatives.VoiceRow, ...]) -> tuple[VoiceShown, ...]:
    names = customers.names(scope=asked.own, keys=[voice.key for voice in voices])
    said = {"waiting": "not told yet", "told": "told", "cannot": "cannot be told"}
    return tuple(
        VoiceShown(names[one.key].said, asked.to("customer", key=one.key), one, said[one.state])
        for one in voices
        if one.key in names
    )


def _example(
    asked: view.Asked, about: changed.Initiative, voices: tuple[initiatives.VoiceRow, ...]
) -> changed.Thanks | None:
    if not voices or not any(text.strip() for text in about.change.values()):
        return None
    try:
        return telling_back.shown(about=about, voice=voices[0], now=asked.now)
    except customers.UnknownCustomer:
        return None


def _departments() -> tuple[tuple[str, str], ...]:
    return tuple((name, spoken.label) for name, spoken in words.pack().departments.items())


def _measures(asked: view.Asked) -> tuple[tuple[str, str], ...]:
    """Return what can be counted, as (value, words): facts that went wrong and were recorded in the last weeks."""
    pack, day = words.pack(), asked.period.until.date()
    monday = day - timedelta(days=day.weekday())
    found = weeks.series(scope=asked.scope, until=monday, weeks=telling_back.MEASURED_WEEKS)
    harmful = [one for one in found if one.fact in pack.harmful_facts and sum(one.interactions) >= FEWEST]
    return tuple(
        (
            json.dumps([one.kind, one.department, one.fact]),
            f"{pack.say_kind(one.kind)}, {pack.say_department(one.department)}: {pack.say_fact(one.fact)}",
        )
        for one in sorted(harmful, key=lambda one: -sum(one.interactions))[:60]
    )


def _measure_word(measure: changed.Measure) -> str:
    return json.dumps([measure.kind, measure.department, measure.fact]) if measure.kind else ""


def _typed(asked: view.Asked, about: changed.Initiative, form: QueryDict) -> tuple[changed.Initiative, str]:
    """Return an initiative as it was typed, and what is wrong with it."""
    typed = replace(
        about,
        title=form.get("title", "").strip(),
        words=form.get("words", "").strip(),
        department=form.get("department", "")[:100],
        theme=form.get("theme", "")[:100],
        change={code: form.get(f"change_{code}", "").strip() for code in LANGUAGES if form.get(f"change_{code}")},
    )
    try:
        typed = replace(typed, owner=_owner(asked, form), measure=_measure(form), target=_target(form), due_date=None)
        return changed.check(wanted=typed), ""
    except changed.WrongInitiative as wrong:
        return typed, str(wrong)


def _owner(asked: view.Asked, form: QueryDict) -> int:
    staff = {str(one.pk): one.pk for one in casework.staff_of(now=asked.now)}
    if form.get("owner", "") not in staff:
        raise changed.WrongInitiative("Choose who changes it.")
    return staff[form.get("owner", "")]


def _measure(form: QueryDict) -> changed.Measure:
    written = form.get("measure", "")
    if not written:
        return changed.Measure()
    try:
        kind, department, fact = (str(one) for one in json.loads(written[:500]))
    except (ValueError, TypeError):
        raise changed.WrongInitiative("Choose what is counted.") from None
    return changed.Measure(kind, department, fact)


def _target(form: QueryDict) -> float | None:
    written = form.get("target", "").strip().rstrip("%").replace(",", ".")
    try:
        return float(written) / 100 if written else None
    except ValueError:
        raise changed.WrongInitiative("The target is a share from 0 to 100 %.") from None


def _with_baseline(asked: view.Asked, about: changed.Initiative) -> changed.Initiative:
    """Return an initiative with the figure of its measure as it is now, where it began only now to count that."""
    before = initiatives.one(pk=about.pk).measure if about.pk else None
    if before == about.measure and about.baseline is not None:
        return about
    found = telling_back.measured(measure=about.measure, scope=casework.EVERYTHING, until=asked.period.until.date())
    return replace(about, baseline=found[0] / found[1] if found and found[1] else None)


def _gather(asked: view.Asked, about: changed.Initiative, form: QueryDict) -> str:
    days = form.get("days", "90") if form.get("days", "90") in GATHER_DAYS else "90"
    since = asked.now - timedelta(days=int(days))
    seer = queries.Seer(pk=asked.person.pk, scope=cases.seer(asked).scope)
    new = telling_back.gather(pk=about.pk, seer=seer, since=since, cases_too=form.get("cases") == "1")
    return f"{say.many(new, 'customer')} more said it"


def _settle(asked: view.Asked, about: changed.Initiative, form: QueryDict) -> str:
    state = form.get("state", "")
    if state not in set(changed.State):
        raise changed.WrongInitiative("Choose where it stands.")
    initiatives.settle(pk=about.pk, state=changed.State(state), by=asked.person.name, now=asked.now)
    return STATES[state]


def _tell(asked: view.Asked, about: changed.Initiative, form: QueryDict) -> str:
    initiatives.begin_telling(pk=about.pk, by=asked.person.name, now=asked.now)
    return "Everybody who said it is told now, one after the other"


def _publish(asked: view.Asked, about: changed.Initiative, form: QueryDict) -> str:
    on = form.get("on") == "1"
    initiatives.publish(pk=about.pk, on=on, by=asked.person.name, now=asked.now)
    return "It stands on the public page" if on else "It is off the public page"


ACTS: Mapping[str, Callable[[view.Asked, changed.Initiative, QueryDict], str]] = {
    "gather": _gather,
    "settle": _settle,
    "tell": _tell,
    "publish": _publish,
}
