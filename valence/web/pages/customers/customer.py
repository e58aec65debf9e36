"""One customer: who they are, the bond with each interaction as a point, what moves it, promises, the journey."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language_info

from valence import terms
from valence.customers import consent
from valence.customers import queries as customers
from valence.flows.find import customer as flow
from valence.insights import bond_words, promises, say
from valence.insights.encounters import Encounter, Sign
from valence.ledger import findings
from valence.ledger.queries import bills, standing
from valence.people import audit, rules
from valence.web import parts, view
from valence.web.charts import bond as bond_chart
from valence.web.charts.card import Cell, Chart, Column, Table
from valence.web.pages.customers import lines, objection, timeline

SHOWN = 12
WAYS = {"email": "By e-mail", "sms": "by text message"}


@dataclass(frozen=True)
class MoveRow:
    """One thing that moves the chance of leaving: `effect` is on a log scale, harm to the left (below 0)."""

    words: str
    under: str
    href: str
    effect: float
    factor: str
    harm: bool


@dataclass(frozen=True)
class CustomerPage:
    """What the page shows."""

    known: flow.Known
    name: str
    lost: bool
    standing: standing.Standing | None
    act_late: bool
    facts: tuple[str, ...]
    says: str
    chart: Chart | None
    table: Table | None
    journey: timeline.Timeline
    chance_says: str
    chance_scale: float
    moves: tuple[MoveRow, ...]
    moves_scale: float
    promised: str
    bills: tuple[findings.Finding, ...]
    departments: int
    model_href: str
    lines: lines.Lines
    reach: Reach
    may_write: str
    may_object: bool


@dataclass(frozen=True)
class Reach:
    """How to reach a customer. `has`: what is on record; phone and e-mail are empty until somebody asks for them."""

    has: str
    may_show: bool
    is_shown: bool
    phone: str
    email: str


@view.page(section="customers", methods=("GET", "HEAD", "POST"))
def customer(request: HttpRequest, asked: view.Asked, key: int) -> HttpResponse:
    """Show one customer whom one may see; to who asks for it by a button, phone and e-mail: that is put on record."""
    if request.method == "POST" and not asked.may(rules.Act.REACH):
        return view.not_allowed(asked)
    try:
        known = flow.read(scope=asked.own, key=key, now=asked.now)
    except customers.UnknownCustomer:
        raise Http404 from None
    name = known.profile.name.said
    page = CustomerPage(
        known=known,
        name=name,
        lost=known.profile.left_at is not None,
        standing=(now := standing.of(scope=asked.own, key=key)),
        act_late=bool(now and now.act_by and say.days_between(now.act_by, asked.now) > 0),
        facts=_facts(known, now=asked.now),
        says=_says(known),
        chart=_chart(known, asked=asked),
        table=_table(known, asked=asked),
        journey=timeline.of(asked, known=known, shown=SHOWN),
        chance_says=_chance_says(known),
        chance_scale=max([0.1, *(chance.high * 1.25 for chance in known.chances)]),
        moves=_moves(known, asked=asked),
        moves_scale=max([0.1, *(abs(math.log(move.times)) for move in known.moves)]),
        promised=promises.counted(known.promises),
        bills=bills.of_customer(scope=asked.scope, key=known.profile.key),
        departments=len({one.department for one in known.encounters if one.department}),
        model_href=asked.to("model"),
        lines=lines.of(asked, key=known.profile.key),
        reach=_reach(asked, known.profile),
        may_write=_may_write(known.profile.key),
        may_object=asked.may(rules.Act.CORRECT),
    )
    crumbs = (parts.Crumb("Customers", asked.to("customers")), parts.Crumb(known.profile.name.customer_id))
    return view.render(asked, "valence/customer.html", page=page, title=name, crumbs=crumbs)


def _reach(asked: view.Asked, profile: customers.Profile) -> Reach:
    known = {"Phone": profile.name.phone, "E-mail": profile.name.email}
    has = say.listed([words if at == 0 else words.lower() for at, words in enumerate(w for w in known if known[w])])
    shown = asked.request.method == "POST" and bool(has)
    if shown:
        audit.record(
            who=asked.person.name, what="looked at contact details", about=f"customer {profile.key}", now=asked.now
        )
    return Reach(
        has=has,
        may_show=asked.may(rules.Act.REACH),
        is_shown=shown,
        phone=known["Phone"] if shown else "",
        email=known["E-mail"] if shown else "",
    )


def _may_write(key: int) -> str:
    """Say on which channels a customer may be asked how it was, on which basis, and which one they prefer."""
    held = consent.of(customer_keys=[key]).get(key)
    if held is None:
        return ""
    told = {channel: held.may(purpose=consent.Purpose.FEEDBACK, channel=channel) for channel in WAYS}
    said = [f"{WAYS[channel]} {'yes' if one.allowed else '**no**'} ({one.why})" for channel, one in told.items()]
    prefers = f"; prefers {held.prefers}" if held.prefers else ""
    return f"{'; '.join(said)}{prefers}."


def _facts(known: flow.Known, *, now: datetime) -> tuple[str, ...]:
    profile = known.profile
    until = profile.left_at or known.at
    place = " · ".join(part for part in (profile.segment, profile.region) if part)
    last = known.encounters[-1].at if known.encounters else None
    told = (
        _since(known, until),
        profile.plan,
        f"**{say.money(profile.monthly_value)}** a month" if profile.monthly_value is not None else "",
        place,
        f"Writes in **{_language(profile.language)}**" if profile.language not in {"", "en"} else "",
        f"Came from {profile.switched_from}" if profile.switched_from else "",
        f"Last interaction {say.ago(last, now=now)}" if last else "No interaction on record",
    )
    return tuple(fact for fact in told if fact)


def _since(known: flow.Known, until: datetime) -> str:
    if known.profile.joined_at is None:
        return f"Met {say.date(known.joined, now=known.at)}, no contract yet"
    return bond_words.tenure(joined=known.joined, until=until)


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code


def _says(known: flow.Known) -> str:
    if known.objected:
        return objection.words(known.objected, now=known.at)
    if not known.curve:
        return (
            "There is no model yet that this version of Valence reads; after an upgrade one is learned by itself. "
            "The journey below is complete, what it did to the bond is not known."
        )
    last = known.curve[-1]
    earlier = _level_at(known.curve, at=last.at - bond_words.RECENT_DAYS)
    end = terms.moment(last.at)
    return bond_words.finding(
        level=last.bond, low=last.bond_low, high=last.bond_high, earlier=earlier, encounters=known.encounters, at=end
    )


def _level_at(curve: Sequence[flow.Sample], *, at: float) -> float | None:
    place = bisect.bisect_right([sample.at for sample in curve], at) - 1
    return curve[place].bond if place >= 0 else None


def picture(known: flow.Known, *, asked: view.Asked) -> bond_chart.Picture:
    """Return what the chart of the bond shows."""
    said = [one for one in known.encounters if one.after is not None]
    bond = tuple(bond_chart.Sample(one.at, one.bond, one.bond_low, one.bond_high) for one in known.curve)
    chance = tuple(
        bond_chart.Sample(one.at, 100 * one.chance, 100 * one.chance_low, 100 * one.chance_high) for one in known.curve
    )
    return bond_chart.Picture(
        label=_label(known),
        joined=terms.days(known.joined),
        now=known.curve[-1].at,
        bond=bond,
        chance=chance,
        points=tuple(_point(one, known=known, asked=asked) for one in said),
        clean_chance=None if known.clean_chance is None else 100 * known.clean_chance,
        end_words="Last 90 days before leaving" if known.profile.left_at else "",
    )


def _point(one: Encounter, *, known: flow.Known, asked: view.Asked) -> bond_chart.Point:
    change = timeline.change_words(one)
    return bond_chart.Point(
        at=min(terms.days(one.at), known.curve[-1].at),
        level=one.after or 0.0,
        change=one.change,
        sign=one.sign.value if one.sign in {Sign.HARM, Sign.PRAISE} else Sign.SIGNAL.value,
        short=one.short if one.sign in {Sign.HARM, Sign.PRAISE} or one.score is not None else "",
        words=f"{one.title}\n{one.said_department}, {say.full_date(one.at)} · {change}",
        href=timeline.href_of(one, key=known.profile.key, asked=asked),
    )


def _label(known: flow.Known) -> str:
    last = known.curve[-1]
    whose = f"Bond of {known.profile.name.said} since {say.full_date(known.joined)}."
    plain = _says(known).replace("**", "")
    chance = f"Below: chance of leaving within 60 days, {round(100 * last.chance)} percent at the end."
    return f"{whose} {plain} {chance} The table lists every interaction."


def _chart(known: flow.Known, *, asked: view.Asked) -> Chart | None:
    return bond_chart.chart(picture(known, asked=asked)) if known.curve else None


def _table(known: flow.Known, *, asked: view.Asked) -> Table | None:
    if not known.curve:
        return None
    columns = (
        Column("What"),
        Column("Department"),
        Column("When", True),
        Column("Change", True),
        Column("Bond after", True),
    )
    rows = tuple(
        (
            Cell(one.title, href=timeline.href_of(one, key=known.profile.key, asked=asked)),
            Cell(one.said_department),
            Cell(say.date(one.at, now=known.at)),
            Cell("signal" if one.sign is Sign.SIGNAL else say.signed(one.change), quiet=one.sign is Sign.SIGNAL),
            Cell(say.UNKNOWN if one.after is None else f"{one.after:.0f}"),
        )
        for one in reversed(known.encounters)
    )
    return Table(name="The bond after each interaction", columns=columns, rows=rows)


def _chance_says(known: flow.Known) -> str:
    within = {chance.days: chance.value for chance in known.chances}
    return bond_words.chance(value=within[60], days=60, sooner=within.get(30)) if 60 in within else ""


def _moves(known: flow.Known, *, asked: view.Asked) -> tuple[MoveRow, ...]:
    causes = [move for move in known.moves if not move.is_signal][:6]
    return tuple(_move(move, known=known, asked=asked) for move in causes)


def _move(move: flow.Move, *, known: flow.Known, asked: view.Asked) -> MoveRow:
    one = known.encounters[move.row] if move.row >= 0 else None
    under = f"{one.said_department}, {say.date(one.at, now=known.at)}" if one else "together, beyond their sum"
    return MoveRow(
        words=say.sentence(say.told(move.words)) or (one.noun if one else ""),
        under=under,
        href=timeline.href_of(one, key=known.profile.key, asked=asked) if one else "",
        effect=-float(math.log(move.times)),
        factor=say.times(move.times),
        harm=move.times > 1,
    )
