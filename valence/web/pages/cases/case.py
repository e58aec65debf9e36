"""One case: what to know, what works, the reply, whether it helped, and everything that happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence import terms
from valence.alerts import queries as alerts
from valence.cases import actions, drafting, initiatives, queries, rules
from valence.customers import queries as customers
from valence.flows.act import casework, recovering, replies
from valence.flows.find import customer as customer_flow
from valence.insights import before_contact, intervals, say
from valence.people import rules as people_rules
from valence.web import parts, view, words
from valence.web.pages.cases import cases, promise_form

FEWEST = 5
SNOOZES = {"3h": timedelta(hours=3), "1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}
SNOOZE_WORDS = {"3h": "3 hours", "1d": "a day", "3d": "3 days", "7d": "a week"}
MESSAGE_WORDS = {
    "queued": "waits to leave",
    "sending": "is leaving",
    "sent": "left",
    "failed": "could not leave",
    "bounced": "did not arrive",
    "withheld": "was held back",
    "unsure": "may have left",
}
LINES = 40
MOST_APPROVERS = 4


@dataclass(frozen=True)
class ReplyForm:
    """The reply as it stands in the form. `drafted`: what it was made of, in words."""

    ways: tuple[replies.Way, ...]
    channel: str
    subject: str
    text: str
    language: str
    drafted: str
    told: bool
    can_leave: bool
    promises: tuple[tuple[str, str], ...] = ()
    seen: bool = False


@dataclass(frozen=True)
class Granting:
    """How much one may grant oneself, how much the playbook allows, who may approve more, and whether one may now."""

    own: float
    most: float
    may_approve: bool
    approvers: str


@dataclass(frozen=True)
class CasePage:
    """Everything the page of a case shows. `works`: how often the playbook put it right, in words."""

    case: queries.Whole
    name: str
    customer_href: str
    department: str
    region: str
    language: str
    state: str
    left: str
    is_late: bool
    may_work: bool
    is_mine: bool
    brief: before_contact.Brief | None
    bond: str
    done: int
    works: str
    alerts: tuple[alerts.AlertRow, ...]
    staff: tuple[tuple[int, str], ...]
    snoozes: Mapping[str, str]
    endings: Mapping[str, str]
    granting: Granting
    part_of: tuple[tuple[int, str], ...]
    may_join: tuple[tuple[int, str], ...]
    reply: ReplyForm
    sent: tuple[tuple[str, str], ...]
    evidence: tuple[tuple[str, str], ...]
    until: datetime | None
    problem: str = ""


@view.page(section="cases", act=people_rules.Act.CASES)
def case(request: HttpRequest, asked: view.Asked, pk: int) -> HttpResponse:
    """Show one case."""
    return _shown(asked, _found(asked, pk))


@view.page(section="cases", act=people_rules.Act.CASES, methods=("POST",))
def act(request: HttpRequest, asked: view.Asked, pk: int) -> HttpResponse:
    """Do one thing in a case and show it again; what cannot be done is said, and nothing typed is lost."""
    found = _found(asked, pk)
    doing = ACTS.get(request.POST.get("act", ""))
    if doing is None:
        raise Http404
    try:
        said = doing(asked, found, request.POST)
    except (actions.NotAllowed, replies.CannotReply, promise_form.WrongForm) as problem:
        return _shown(asked, found, problem=str(problem), form=request.POST)
    except actions.ChangedMeanwhile:
        return _shown(asked, _found(asked, pk), problem="Somebody else changed this case first. Nothing was written.")
    if said:
        messages.info(request, said)
    return HttpResponseRedirect(asked.to("case", pk=pk) if _still_seen(asked, pk) else asked.to("cases"))


def _found(asked: view.Asked, pk: int) -> queries.Whole:
    try:
        return queries.whole(seer=cases.seer(asked), pk=pk)
    except queries.NoSuchCase:
        raise Http404 from None


def _still_seen(asked: view.Asked, pk: int) -> bool:
    with suppress(queries.NoSuchCase):
        queries.whole(seer=cases.seer(asked), pk=pk)
        return True
    return False


def _shown(
    asked: view.Asked, found: queries.Whole, *, problem: str = "", form: QueryDict | None = None
) -> HttpResponse:
    page = _page(asked, found, problem, form)
    crumbs = (parts.Crumb("Cases", asked.to("cases")), parts.Crumb(found.row.number))
    status = 422 if problem else 200
    return view.render(asked, "valence/case.html", page=page, title=found.row.title, crumbs=crumbs, status=status)


def _page(asked: view.Asked, found: queries.Whole, problem: str, form: QueryDict | None) -> CasePage:
    row = found.row
    profile = customers.profile(scope=_reach(asked, found), key=row.key)
    left, is_late = cases.left_words(row, now=asked.now)
    verified = recovering.evidence(case=found, now=asked.now) if row.closed_at else None
    return CasePage(
        case=found,
        name=profile.name.said,
        customer_href=asked.to("customer", key=row.key),
        department=words.pack().say_department(row.department) if row.department else "",
        region=profile.region,
        language=profile.language,
        state=cases.state_words(row),
        left=left,
        is_late=is_late,
        may_work=row.state is not rules.State.CLOSED,
        is_mine=row.owner == asked.person.pk,
        brief=_brief(asked, found),
        bond=_bond(found),
        done=sum(1 for task in found.tasks if task.done_at),
        works=_works(asked, row.playbook),
        alerts=alerts.some(pks=found.alerts),
        staff=tuple(
            (one.pk, one.name) for one in casework.staff_of(now=asked.now) if one.may_see(region=profile.region)
        ),
        snoozes=SNOOZE_WORDS,
        endings=rules.CLOSING,
        granting=_granting(asked, found),
        part_of=(part_of := tuple((one.pk, one.title) for one in initiatives.of_case(case=row.pk))),
        may_join=tuple(
            (one.pk, one.title) for one in initiatives.every(state="open") if (one.pk, one.title) not in part_of
        ),
        reply=_reply_form(asked, found, profile, form),
        sent=tuple((MESSAGE_WORDS.get(one.state, one.state), one.kind) for one in replies.sent(case=found)),
        evidence=tuple((line.sign.value, line.words) for line in verified.evidence) if verified else (),
        until=verified.until if verified else None,
        problem=problem,
    )


def _reach(asked: view.Asked, found: queries.Whole) -> terms.Scope:
    """Return the scope in which the customer is read: whoever owns a case may see its customer."""
    return casework.EVERYTHING if found.row.owner == asked.person.pk else asked.own


def _brief(asked: view.Asked, found: queries.Whole) -> before_contact.Brief | None:
    with suppress(customers.UnknownCustomer):
        return customer_flow.read(scope=_reach(asked, found), key=found.row.key, now=asked.now).brief
    return None


def _bond(found: queries.Whole) -> str:
    standing = casework.standing(key=found.row.key)
    if standing is None:
        return "Not known yet: no model has looked at this customer."
    bond, p_leave = standing
    before = f" Before this it was near **{found.bond_before / casework.BACK_AT:.0f}**." if found.bond_before else ""
    return f"**{bond:.0f}** of 100 now, **{say.percent(p_leave)}** likely to leave within 60 days.{before}"


def _granting(asked: view.Asked, found: queries.Whole) -> Granting:
    """Return what may be granted here; those may approve whose own limit reaches what is asked, or what is allowed."""
    most = max((gesture.most for gesture in found.playbook.gestures), default=0.0) if found.playbook else 0.0
    own = casework.most_grant(person=asked.person.pk)
    needed = most if found.asked_grant is None else found.granted + found.asked_grant
    limits = {pk: duty.most_grant for pk, duty in alerts.duties().items()}
    names = [one.name for one in casework.staff_of(now=asked.now) if limits.get(one.pk, 0.0) >= needed > 0]
    return Granting(
        own=own,
        most=most,
        may_approve=found.asked_grant is not None and own >= needed,
        approvers=say.listed(sorted(names)[:MOST_APPROVERS]),
    )


def _works(asked: view.Asked, playbook: str) -> str:
    """Say how often cases with this playbook were put right, from five on."""
    known = queries.recovered(seer=queries.Seer(pk=asked.person.pk, scope=casework.EVERYTHING), playbook=playbook)
    yes, no = known.get("recovered", 0), known.get("not_recovered", 0)
    if yes + no < FEWEST:
        return "How well this works is shown from five cases on whose end is known."
    likely = intervals.of_share(yes, of=yes + no)
    return (
        f"**{say.percent(yes / (yes + no))}** of {yes + no} such cases recovered "
        f"(likely {say.percents(likely.low, likely.high)})."
    )


def _reply_form(
    asked: view.Asked, found: queries.Whole, profile: customers.Profile, form: QueryDict | None
) -> ReplyForm:
    ways = replies.ways(key=found.row.key, name=profile.name)
    can = [way.channel for way in ways if not way.why_not]
    if form is not None and form.get("act") == "reply":
        given = drafting.Draft(form.get("subject", ""), form.get("text", ""), profile.language or "en", (), ())
    else:
        given = replies.draft(case=found, profile=profile, owner=asked.person.shown_name, now=asked.now)
    told = found.row.state is rules.State.CLOSED
    made = f"Drafted from the playbook and {say.many(len(given.facts), 'fact')}" if given.facts else ""
    return ReplyForm(
        ways=ways,
        channel=(form.get("channel", "") if form else "") or (can[0] if can else ""),
        subject=given.subject,
        text=found.draft or given.text,
        language=given.language,
        drafted="Your draft" if found.draft else made,
        told=told,
        can_leave=bool(can),
        promises=promise_form.typed(form=form, now=asked.now),
        seen=form is not None and form.get("act") == "reply",
    )


def _step(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    place = form.get("place", "")
    if place.isdecimal():
        actions.tick(pk=found.row.pk, place=int(place), done=form.get("done") == "1", by=_by(asked), now=asked.now)
    return ""


def _note(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    actions.note(pk=found.row.pk, key=found.row.key, by=_by(asked), text=form.get("text", ""), now=asked.now)
    return "Note kept"


def _join(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    wanted = form.get("initiative", "")
    voice = initiatives.voice_of_case(case=found.row.pk)
    if not wanted.isdecimal() or voice is None:
        raise promise_form.WrongForm("Choose an initiative.")
    try:
        about = initiatives.one(pk=int(wanted))
    except initiatives.NoSuchInitiative:
        raise promise_form.WrongForm("Choose an initiative.") from None
    initiatives.add_voices(pk=about.pk, voices=[voice])
    return f"Part of “{about.title}”: when that is done, the customer is told"


def _hand_over(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    staff = {str(one.pk): one for one in casework.staff_of(now=asked.now)}
    to = staff.get(form.get("to", ""))
    if to is None:
        raise promise_form.WrongForm("Choose who takes it over.")
    why = f"Handed over to {to.name}"
    actions.assign(pk=found.row.pk, old=found.row.owner, new=to.pk, by=_by(asked), why=why, now=asked.now)
    return why


def _snooze(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    wanted = form.get("for", "")
    span = SNOOZES.get(wanted)
    until = asked.now + span if span else None
    actions.snooze(pk=found.row.pk, until=until, by=_by(asked), now=asked.now)
    return f"Rests for {SNOOZE_WORDS[wanted]}" if span else "Woken"


def _state(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    wanted = form.get("state", "")
    if wanted not in set(rules.State):
        raise promise_form.WrongForm("Choose what becomes of it.")
    new, why = rules.State(wanted), form.get("why", "")
    actions.change_state(pk=found.row.pk, old=found.row.state, new=new, by=_by(asked), now=asked.now, why=why)
    return "Closed. It is watched whether it helped." if new is rules.State.CLOSED else ""


def _grant(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    amount = _amount(form.get("amount", ""))
    decided = actions.grant(
        pk=found.row.pk,
        amount=amount,
        most_own=casework.most_grant(person=asked.person.pk),
        by=_by(asked),
        words=say.money(amount),
        now=asked.now,
    )
    if not decided.at_once and not decided.asks:
        raise promise_form.WrongForm(decided.why)
    return f"{say.money(amount)} granted" if decided.at_once else decided.why


def _approve(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    yes = form.get("yes") == "1"
    actions.approve(
        pk=found.row.pk,
        yes=yes,
        most_own=casework.most_grant(person=asked.person.pk),
        by=_by(asked),
        words=say.money(found.asked_grant),
        now=asked.now,
    )
    return "Approved" if yes else "Not approved"


def _draft(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    actions.save_draft(pk=found.row.pk, key=found.row.key, text=form.get("text", "")[: replies.LONGEST])
    return "Draft kept"


def _reply(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    if form.get("save") == "1":
        return _draft(asked, found, form)
    told = found.row.state is rules.State.CLOSED
    if (
        form.get("seen") != "1"
        and not any(what.strip() for what in form.getlist("promise"))
        and promise_form.heard(form=form, now=asked.now)
    ):
        raise promise_form.WrongForm(
            "Your words promise something: keep it below as a promise, or take it out there. Then send."
        )
    reply = replies.Reply(
        channel=form.get("channel", ""),
        subject=form.get("subject", ""),
        text=form.get("text", ""),
        promises=promise_form.promises(form=form),
        told=told,
    )
    replies.send(case=found, reply=reply, by=_by(asked), now=asked.now)
    return "The reply leaves now"


def _promise(asked: view.Asked, found: queries.Whole, form: QueryDict) -> str:
    number, kept = form.get("promise", ""), form.get("kept") == "1"
    if not number.isdecimal():
        raise promise_form.WrongForm("Choose a promise.")
    replies.settle(case=found, promise=int(number), kept=kept, by=_by(asked), now=asked.now)
    return "Promise kept" if kept else "Promise broken"


def _amount(text: str) -> float:
    try:
        return round(float(text.replace(",", ".")), 2)
    except ValueError:
        raise promise_form.WrongForm("Write an amount of money.") from None


def _by(asked: view.Asked) -> str:
    return asked.person.name


ACTS: Mapping[str, Callable[[view.Asked, queries.Whole, QueryDict], str]] = {
    "join": _join,
    "step": _step,
    "note": _note,
    "hand_over": _hand_over,
    "snooze": _snooze,
    "state": _state,
    "grant": _grant,
    "approve": _approve,
    "reply": _reply,
    "promise": _promise,
}
