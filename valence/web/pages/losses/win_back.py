"""Win back: who left, is leaving or is unhappy because of us, whether the cause still stands, what asking brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from valence.cases import queries as cases
from valence.customers import queries as customers
from valence.flows.act import winning_back
from valence.flows.act.winning_back import LEAVING, LOST, UNHAPPY
from valence.insights import say
from valence.insights.winning_back import Attempts, Mended
from valence.people import rules
from valence.web import listing, parts, view, words

GROUPS: Mapping[str, str] = {LOST: "Left because of us", LEAVING: "About to leave", UNHAPPY: "Very unhappy"}
HAPPENED: Mapping[str, str] = {LOST: "Left", LEAVING: "Likely since", UNHAPPY: "Scored"}
FIRST: Mapping[str, str] = {LOST: "the latest", LEAVING: "those with most at stake, the first", UNHAPPY: "the worst"}
BACK: Mapping[str, str] = {LOST: "came back", LEAVING: "stayed", UNHAPPY: "were put right"}
MENDED: Mapping[Mended, str] = {
    Mended.MENDED: "Rarer now",
    Mended.STANDS: "Still stands",
    Mended.WORSE: "More often now",
    Mended.CANNOT_SAY: "Cannot say",
}
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Row:
    """Somebody worth winning back, in words. `state`: why they are not asked now, "" where they may be."""

    one: winning_back.Candidate
    name: str
    customer_id: str
    department: str
    mended: str
    state: str
    case_href: str
    offer: str


@dataclass(frozen=True)
class WinBackPage:
    """Those of one group; what asking brought so far; what helps. `objected`: how many are left out for it."""

    group: str
    happened: str
    tabs: tuple[parts.Choice, ...]
    lead: str
    chance: str
    tiles: tuple[parts.Tile, ...]
    rows: tuple[Row, ...]
    total: int
    objected: int
    playbook_title: str
    playbook_words: str
    playbook_href: str
    may_open: bool
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    more: parts.More
    scope_words: str
    empty: parts.State | None


@view.page(section="losses", act=rules.Act.CASES, methods=("GET", "HEAD", "POST"), days=365)
def win_back(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show who is worth winning back; open cases for those that are marked."""
    group = asked.query.get("group", LOST)
    group = group if group in GROUPS else LOST
    found = winning_back.find(scope=asked.scope, group=group, since=asked.period.since, now=asked.now)
    if request.method == "POST":
        if not asked.may(rules.Act.RULES):
            return view.not_allowed(asked)
        _open(request, asked, found)
        return HttpResponseRedirect(asked.here())
    page = _page(asked, group, found)
    said = say.many(page.total, "customer")
    return view.render(asked, "valence/win_back.html", page=page, title="Win back", announce=said)


def _open(request: HttpRequest, asked: view.Asked, found: winning_back.Found) -> None:
    marked = {int(key) for key in request.POST.getlist("key")[:MOST_AT_ONCE] if key.isdecimal() and len(key) < 20}
    done = winning_back.open_cases(found=found, keys=marked, by=asked.person.name, now=asked.now)
    held = done.asked - len(done.cases)
    said = f"{say.many(done.opened, 'case')} opened." if done.asked else "Nobody was marked who may be asked now."
    messages.info(request, f"{said} {say.count(held)} wait until somebody has room." if held > 0 else said)


def _page(asked: view.Asked, group: str, found: winning_back.Found) -> WinBackPage:
    which = asked.query.get("cause", "")
    wanted = tuple(one for one in found.candidates if which not in set(Mended) or one.mended == which)
    if asked.query.get("now") == "1":
        wanted = tuple(one for one in wanted if one.can_ask(now=asked.now))
    shown = wanted[: listing.shown(asked)]
    tried = winning_back.attempts(seer=_seer(asked), group=group)
    book = cases.playbook_in_force(name=winning_back.PLAYBOOKS[group])
    return WinBackPage(
        group=group,
        happened=HAPPENED[group],
        tabs=tuple(
            parts.Choice(said, asked.to("win_back", query={"group": name}), name == group)
            for name, said in GROUPS.items()
        ),
        lead=_lead(found, group),
        chance=_chance(tried, group),
        tiles=_tiles(asked, found, tried, group),
        rows=_rows(asked, shown),
        total=len(wanted),
        objected=found.objected,
        playbook_title=book[1].title if book else "",
        playbook_words=book[1].text if book else "",
        playbook_href=asked.to("playbook", name=book[1].name) if book and asked.may(rules.Act.RULES) else "",
        may_open=asked.may(rules.Act.RULES),
        chips=(
            *listing.chip(asked, field="cause", name="Cause", value=_cause(which).lower()),
            *listing.chip(asked, field="now", name="Shown", value="may be asked now" if "now" in asked.query else ""),
        ),
        choices=(
            listing.choices(asked, field="cause", name="Cause", offered={one.value: MENDED[one] for one in Mended}),
            listing.choices(asked, field="now", name="Shown", offered={"1": "May be asked now"}),
        ),
        more=listing.more(asked, rows=len(shown), total=len(wanted)),
        scope_words=asked.scope_words,
        empty=None
        if shown
        else parts.State("check", "Nobody", "Nobody of these was lost, or is unhappy, because of us."),
    )


def _seer(asked: view.Asked) -> cases.Seer:
    return cases.Seer(pk=asked.person.pk, scope=asked.scope)


def _cause(which: str) -> str:
    return MENDED[Mended(which)] if which in set(Mended) else ""


def _lead(found: winning_back.Found, group: str) -> str:
    worth = sum(one.value or 0.0 for one in found.candidates)
    money = f", {say.money(worth)} a month" if worth else ""
    said = {
        LOST: "left because of us, with a cause that is named",
        LEAVING: "are about to leave, with a cause that is ours",
        UNHAPPY: "scored very low, and nobody asked why",
    }
    among = f"Among {FIRST[group]} {say.count(winning_back.MOST)}: " if found.is_part else ""
    return f"{among}**{say.many(len(found.candidates), 'customer')}** {said[group]}{money}."


def _chance(tried: Attempts, group: str) -> str:
    """Say what those who were asked before show; too few show nothing."""
    if not tried.known:
        return "What asking brings cannot be said yet: no case of this kind has an end that is known."
    told = (
        f"Of {say.count(tried.known)} who were asked and whose end is known, **{say.count(tried.back)}** {BACK[group]}"
    )
    cost = f", {say.money(tried.cost_each)} given for each" if tried.cost_each is not None else ""
    if not tried.is_enough:
        return f"{told}{cost}: too few people to speak of a chance."
    share = say.percent(tried.back / tried.known, of=tried.known)
    return f"{told}: {share} (likely {say.percents(tried.range.low, tried.range.high)}{say.THIN}%){cost}."


def _tiles(asked: view.Asked, found: winning_back.Found, tried: Attempts, group: str) -> tuple[parts.Tile, ...]:
    now = sum(one.can_ask(now=asked.now) for one in found.candidates)
    rarer = sum(one.mended is Mended.MENDED for one in found.candidates)
    book = {"playbook": winning_back.PLAYBOOKS[group]}
    back = asked.to("cases", query={"list": "recovered", **book})
    watched = asked.to("cases", query={"list": "watched", **book})
    return (
        parts.Tile("May be asked now", say.count(now), "nobody is at it, and not asked within a year",
                   href=asked.here(now="1", cause=None), count=now),
        parts.Tile("Cause is rarer now", say.count(rarer), "beyond chance, against the 8 weeks before",
                   href=asked.here(cause=Mended.MENDED.value, now=None), count=rarer),
        parts.Tile(say.sentence(BACK[group]), say.count(tried.back), f"of {say.count(tried.known)} whose end is known",
                   href=back, count=tried.back),
        parts.Tile("Being watched", say.count(tried.watched), "asked, and the end is not known yet",
                   href=watched, count=tried.watched),
    )  # fmt: skip


def _rows(asked: view.Asked, shown: tuple[winning_back.Candidate, ...]) -> tuple[Row, ...]:
    names = customers.names(scope=asked.scope, keys=[one.key for one in shown])
    return tuple(_row(asked, one, names.get(one.key)) for one in shown)


def _row(asked: view.Asked, one: winning_back.Candidate, name: customers.Name | None) -> Row:
    state = "" if one.can_ask(now=asked.now) else "In a case" if one.case else "Asked within a year"
    return Row(
        one=one,
        name=name.said if name else "No name",
        customer_id=name.customer_id if name else "",
        department=words.pack().say_department(one.department) if one.department else "",
        mended=MENDED[one.mended],
        state=state,
        case_href=asked.to("case", pk=one.case) if one.case else "",
        offer="offers agreed to" if one.may_offer else "no offers by mail",
    )
