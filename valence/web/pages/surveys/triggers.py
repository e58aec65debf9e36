"""Whom and when: triggers, what they decided and why, who is left out by team, and a dry run before any of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from valence.customers import queries as customers
from valence.flows.ask import dry_run, listening, sampling, triggering
from valence.insights import intervals, say
from valence.people import audit, rules
from valence.surveys import actions_asking, asking, queries, queries_asking
from valence.surveys.asking import Policy, Trigger, Why
from valence.surveys.drawing import Way
from valence.surveys.values import NoSuchSurvey
from valence.surveys.values_asking import Decided, Kept, NoSuchTrigger, TeamCount
from valence.web import fresh, listing, parts, view, words
from valence.web.pages.surveys import policy_form, trial
from valence.web.pages.surveys.trigger_rows import (
    DecisionRow,
    DecisionsPage,
    Reason,
    TeamRow,
    Tried,
    TriggerPage,
    TriggerRow,
    TriggersPage,
    TryRow,
)

POSTS = ("GET", "HEAD", "POST")
NEW = "new"
FEWEST = 5
ASKED = (Why.ASKED, Why.ASKED_UNHAPPY)
FORM = ("kind", "department", "reason", "facts", "channel", "segment")
LABELS = {
    "kind": "Kind", "department": "Department", "reason": "Reason", "facts": "Facts (one is enough)",
    "channel": "Channel", "segment": "Segment of the customer",
}  # fmt: skip
WAYS: Mapping[str, str] = {Way.USUAL: "as usual", Way.OTHER: "the other way"}
DAY = timedelta(days=1)


@view.page(section="surveys", act=rules.Act.SEE_SURVEYS, methods=POSTS)
def triggers(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show triggers, what was decided, the rules for all; keep those rules where they are posted."""
    if request.method == "POST":
        if not asked.may(rules.Act.CHANGE_SURVEYS):
            return view.not_allowed(asked)
        if request.POST.get(fresh.FIELD, "") not in ("", fresh.mark(policy_form.shown(policy=queries_asking.policy()))):
            messages.error(request, "Somebody changed these rules after you opened them: this is how they stand now.")
        elif (policy := policy_form.read(form=request.POST)) is None:
            messages.error(request, "These rules cannot be kept: every number has to be there.")
        else:
            actions_asking.put_policy(policy=policy)
            audit.record(who=asked.person.name, what="asking rules changed", about=_said_policy(policy), now=asked.now)
            messages.success(request, "Kept. It holds for every survey from now on.")
        return HttpResponseRedirect(reverse("triggers"))
    return view.render(asked, "valence/triggers.html", page=_overview(asked), title="Whom and when")


@view.page(section="surveys", act=rules.Act.SEE_SURVEYS)
def decisions(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show who was asked and who was not, with the reason, the latest first."""
    page = _decisions(asked)
    crumbs = (parts.Crumb("Whom and when", asked.to("triggers")), parts.Crumb("Decisions"))
    return view.render(asked, "valence/decisions.html", page=page, title="Decisions", crumbs=crumbs)


@view.page(section="surveys", act=rules.Act.SEE_SURVEYS, methods=POSTS)
def trigger(request: HttpRequest, asked: view.Asked, slug: str) -> HttpResponse:
    """Show a trigger's form; try it out, keep it, switch it on or off."""
    kept = None if slug == NEW else _kept(slug)
    if request.method != "POST":
        tried = _tried(asked, kept.trigger) if kept and asked.query.get("try") else None
        return _form(asked, _page(asked, kept, tried=tried))
    if not asked.may(rules.Act.CHANGE_SURVEYS):
        return view.not_allowed(asked)
    by = asked.person.name
    try:
        if request.POST.get("do") in ("on", "off") and kept:
            triggering.switch(slug=slug, active=request.POST["do"] == "on", by=by, now=asked.now)
            messages.success(
                request, "It asks from now on." if request.POST["do"] == "on" else "It asks nobody any more."
            )
            return HttpResponseRedirect(reverse("trigger", kwargs={"slug": slug}))
        said = _said(request.POST, slug="" if slug == NEW else slug)
        fresh.hold(request.POST, kept.trigger if kept else None)
        made = triggering.put(said=said, by=by, now=asked.now)
    except (triggering.WrongTrigger, fresh.ChangedSince, NoSuchSurvey) as wrong:
        words_of = "Launch the survey first." if isinstance(wrong, NoSuchSurvey) else str(wrong)
        return _form(asked, _typed(_page(asked, kept), request.POST, words_of), status=422)
    return HttpResponseRedirect(f"{reverse('trigger', kwargs={'slug': made})}?try=1")


def _overview(asked: view.Asked) -> TriggersPage:
    since, until = asked.now - timedelta(days=asked.period.days), asked.now + DAY
    counted = queries_asking.counts(since=since, until=until)
    teams = queries_asking.by_team(since=since, until=until)
    whole = sum(counted.values())
    sent = sum(counted.get(why.value, 0) for why in ASKED)
    told = (
        f"**{say.count(sent)}** asked of {say.many(whole, 'moment')} that came due in the {asked.period.words.lower()}."
    )
    nothing = "Nobody was asked by itself yet: a trigger says after which interactions a survey is asked."
    return TriggersPage(
        lead=told if whole else nothing,
        rows=tuple(_row(one, since, until) for one in queries_asking.triggers()),
        reasons=_reasons({Why(why): number for why, number in counted.items()}, asked),
        teams=_teams(teams),
        teams_says=_teams_say(_teams(teams)),
        by_hand=_by_hand(*queries_asking.by_hand(since=since, until=until)),
        silent=_silent(asked),
        policy=policy_form.shown(policy=queries_asking.policy()),
        waiting=queries_asking.waiting(),
        may_change=asked.may(rules.Act.CHANGE_SURVEYS),
        can_make=bool(queries.all_surveys()),
    )


def _silent(asked: view.Asked) -> str:
    """Say after which kinds of interactions nobody is asked."""
    kinds = listening.silent(triggers=queries_asking.active(), now=asked.now)
    return f"Nobody is asked after: {say.listed([words.pack().say_kind(one) for one in kinds])}." if kinds else ""


def _by_hand(asked: int, answered: int) -> str:
    """Say how many were asked outside the rules: who is rated must not choose who is asked."""
    if not asked:
        return ""
    return (
        f"**{say.count(asked)}** more were asked by hand or by another system, outside these rules; "
        f"{say.count(answered)} answered. Such answers count for no team and no department."
    )


def _row(one: Kept, since: datetime, until: datetime) -> TriggerRow:
    counted = queries_asking.counts(trigger=one.trigger.slug, since=since, until=until)
    return TriggerRow(
        slug=one.trigger.slug,
        name=one.trigger.name,
        survey=one.trigger.survey_id,
        when=triggering.words_when(one.trigger),
        active=one.active,
        asked=sum(counted.get(why.value, 0) for why in ASKED),
        of=sum(counted.values()),
    )


def _reasons(counted: Mapping[Why, int], asked: view.Asked | None = None) -> tuple[Reason, ...]:
    whole = sum(counted.values())
    return tuple(
        Reason(
            words=say.sentence(triggering.SAID[why]).rstrip("."),
            number=number,
            share=number / whole,
            asks=why in ASKED,
            href=asked.to("decisions", query={"why": why.value}) if asked and asked.own.regions is None else "",
        )
        for why, number in sorted(counted.items(), key=lambda item: (item[0] not in ASKED, -item[1]))
    )


def _teams(counted: Sequence[TeamCount]) -> tuple[TeamRow, ...]:
    """Return how many of each team's moments were left out for reasons that lie in customers, not in the draw."""
    whole: Counter[str] = Counter()
    out: Counter[str] = Counter()
    for one in counted:
        if one.team_id and one.why != Why.NOT_DRAWN.value:
            whole[one.team_id] += one.number
            out[one.team_id] += one.number if Why(one.why) not in ASKED else 0
    everybody = sum(out.values()) / max(sum(whole.values()), 1)
    found = []
    for name, number in whole.most_common(20):
        within = intervals.of_share(out[name], of=number) if number >= FEWEST else None
        found.append(
            TeamRow(
                name=name,
                number=number,
                left_out=say.percent(out[name] / number) if within else say.UNKNOWN,
                range=f"{say.percents(within.low, within.high)} %" if within else "fewer than five",
                differs=within is not None and not within.low <= everybody <= within.high,
            )
        )
    return tuple(found)


def _teams_say(rows: Sequence[TeamRow]) -> str:
    off = [one.name for one in rows if one.differs]
    if not rows:
        return "No moment says which team handled it."
    if not off:
        return "No team's customers are left out more or less often than chance allows."
    return f"Left out more or less often than chance allows: {say.listed(off[:5])}."


def _decisions(asked: view.Asked) -> DecisionsPage:
    since, until = asked.now - timedelta(days=asked.period.days), asked.now + DAY
    why, slug = asked.query.get("why", ""), asked.query.get("trigger", "")
    every = queries_asking.decisions(trigger=slug, since=since, until=until)
    way = asked.query.get("way", "")
    meant = [one for one in reversed(every) if why in ("", one.why) and way in ("", one.way)]
    called = customers.names(scope=asked.scope, keys=[one.customer_key for one in meant])
    meant = [one for one in meant if one.customer_key in called]
    shown = meant[: listing.shown(asked)]
    offered = {each.value: words_of for each, words_of in triggering.SAID.items()}
    return DecisionsPage(
        total=len(meant),
        rows=tuple(_decision(one, called[one.customer_key].said, asked) for one in shown),
        chips=(
            *listing.chip(asked, field="why", name="Decision", value=offered.get(why, "")),
            *listing.chip(asked, field="trigger", name="Trigger", value=slug),
            *listing.chip(asked, field="way", name="Asked", value=WAYS.get(way, "")),
        ),
        choices=(listing.choices(asked, field="why", name="Decision", offered=offered),),
        more=listing.more(asked, rows=len(shown), total=len(meant)),
        lead=f"**{say.many(len(meant), 'decision')}** in the {asked.period.words.lower()}, the latest first.",
    )


def _decision(one: Decided, name: str, asked: view.Asked) -> DecisionRow:
    source, _, number = one.ref.partition(":")
    why = Why(one.why)
    return DecisionRow(
        at=one.due_at,
        name=name,
        href=asked.to("interaction", key=one.customer_key, query={"source": source, "id": number}),
        what=words.pack().say_kind(one.kind) if one.kind else "",
        words=one.detail or triggering.SAID[why],
        asks=why in ASKED,
        channel=one.channel,
    )


def _kept(slug: str) -> Kept:
    try:
        return queries_asking.trigger(slug=slug)
    except NoSuchTrigger:
        raise Http404 from None


def _form(asked: view.Asked, page: TriggerPage, *, status: int = 200) -> HttpResponse:
    crumbs = (parts.Crumb("Whom and when", asked.to("triggers")), parts.Crumb(page.title))
    return view.render(asked, "valence/trigger.html", page=page, title=page.title, crumbs=crumbs, status=status)


def _page(asked: view.Asked, kept: Kept | None, *, tried: Tried | None = None) -> TriggerPage:
    one = kept.trigger if kept else Trigger(survey_id=asked.query.get("survey", ""), name="", when={})
    hints = _hints()
    return TriggerPage(
        slug=one.slug or NEW,
        title=one.name or "New trigger",
        active=bool(kept and kept.active),
        surveys=tuple((each.slug, each.survey.name) for each in queries.all_surveys()),
        survey=one.survey_id,
        name=one.name,
        fields=tuple((name, LABELS[name], ", ".join(sorted(one.when.get(name, ()))), hints[name]) for name in FORM),
        after=f"{one.after / timedelta(hours=1):g}",
        lasts=f"{one.lasts / DAY:g}",
        share=f"{100 * one.shares.get('', 1.0):g}",
        within=f"{one.within:g}" if one.within else "",
        channels=tuple((each.value, CHANNELS[each], each in one.channels) for each in triggering.BY),
        first=tuple((each.value, CHANNELS[each], each == one.channels[0]) for each in triggering.BY),
        drawn=_drawn(one),
        trial=trial.shown(asked, one) if kept else None,
        may_change=asked.may(rules.Act.CHANGE_SURVEYS),
        tried=tried,
        stored=kept.trigger if kept else None,
    )


def _drawn(one: Trigger) -> str:
    """Say by which shares a trigger draws now, where they follow a precision."""
    if not one.within or one.sampling.since is None:
        return ""
    return f"Drawn now: {sampling.words(one.shares)}. Worked out anew every week, last on {one.sampling.since:%d %b}."


CHANNELS = {asking.Channel.EMAIL: "E-mail", asking.Channel.SMS: "Text message", asking.Channel.WIDGET: "Widget"}


def _hints() -> dict[str, str]:
    """Return words that a field may hold, as the industry pack has them."""
    pack = words.pack()
    offered = {"kind": pack.kinds, "department": pack.departments, "facts": pack.facts, "channel": pack.channels}
    return {name: ", ".join(list(offered.get(name, {}))[:6]) for name in FORM}


def _typed(page: TriggerPage, said: QueryDict, problem: str) -> TriggerPage:
    fields = tuple((name, label, said.get(name, value), hint) for name, label, value, hint in page.fields)
    kept = {
        name: said.get(name, getattr(page, name)) for name in ("survey", "name", "after", "lasts", "share", "within")
    }
    by = said.getlist("channels")
    channels = tuple((value, words, value in by) for value, words, _ in page.channels)
    first = tuple((value, words, value == said.get("first")) for value, words, _ in page.first)
    typed = {**kept, "fields": fields, "channels": channels, "first": first, "problem": problem}
    return replace(page, **typed)


def _said(form: QueryDict, *, slug: str) -> triggering.Said:
    def number(name: str, otherwise: float) -> float:
        said = form.get(name, "").strip().replace(",", ".")
        try:
            return float(said) if said else otherwise
        except ValueError:
            raise triggering.WrongTrigger(f"{name}: is not a number") from None

    when = {name: [word.strip() for word in form.get(name, "").split(",") if word.strip()] for name in FORM}
    return triggering.Said(
        survey=form.get("survey", ""),
        name=form.get("name", ""),
        when={name: frozenset(each) for name, each in when.items() if each},
        after_hours=number("after", 2),
        lasts_days=number("lasts", 3),
        share=number("share", 100) / 100,
        within=number("within", 0),
        channels=tuple(sorted(form.getlist("channels"), key=lambda each: each != form.get("first"))),
        slug=slug,
    )


def _tried(asked: view.Asked, one: Trigger) -> Tried:
    until = asked.now
    found = dry_run.run(triggers=[one], since=until - dry_run.USUAL, until=until)
    regions = asked.scope.regions
    seen = [each for each in found.decisions if regions is None or each.candidate.fields.get("region") in regions]
    sent = [each for each in seen if each.asks]
    by = Counter(each.channel for each in sent if each.channel)
    messages_of = ", ".join(
        f"{say.count(number)} by {CHANNELS[channel].lower()}" for channel, number in by.most_common()
    )
    answers = len(sent) * found.response
    hours = answers * found.seconds / 3_600
    first = found.precision[0]
    assumed = (
        f"assumed: fewer than {dry_run.FEWEST_ENDED} were asked so far" if found.assumed else "as they answered so far"
    )
    return Tried(
        lead=f"**{say.count(len(sent))}** of {say.many(len(seen), 'moment')} of 90 days would have been asked.",
        tiles=(
            parts.Tile("Would have been asked", say.count(len(sent)), f"of {say.many(len(seen), 'moment')}"),
            parts.Tile("Messages", say.count(sum(by.values())), messages_of or "none"),
            parts.Tile("Customers' time", f"{hours:.1f}", f"{found.seconds:.0f} s for each who answers", unit="hours"),
            parts.Tile(
                "Score within",
                "–" if first.within is None else f"± {first.within:.0f}",
                f"about {answers:.0f} answers",
                unit="points",
            ),
        ),
        reasons=_reasons(Counter(each.why for each in seen)),
        precision=_precision(found) if regions is None else (),
        teams=_teams(
            [
                TeamCount(each.candidate.fields.get("team_id", ""), each.why.value, each.candidate.unhappy, 1)
                for each in seen
            ]
        ),
        assumed=f"{say.percent(found.response)} of those asked answer ({assumed}).",
    )


def _precision(found: dry_run.DryRun) -> tuple[TryRow, ...]:
    return tuple(
        TryRow(one.segment or "Everybody", one.asked, f"{one.answers:.0f}", _within(one)) for one in found.precision
    )


def _within(one: dry_run.Precision) -> str:
    return "too few to say" if one.within is None else f"± {one.within:.0f} points"


def _said_policy(one: Policy) -> str:
    return f"{one.most} in {one.window.days} days, rest {one.rest_after_asking.days} days"
