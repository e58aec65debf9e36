"""Plans: what should have come after what, against what did: late, missing, in the wrong order, twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from valence.alerts import kept_plans, plan
from valence.customers import queries as customers
from valence.flows.act import planning
from valence.flows.run import jobs
from valence.insights import intervals, say, two_shares
from valence.people import rules
from valence.web import listing, parts, view, words

FEWEST = 5
HOWS = {"late": "late", "missing": "missing", "early": "in the wrong order", "twice": "done twice"}
TABS = {"department": "Department", "place": "Place", "region": "Region"}
SHOWN = {"1": "Otherwise than planned", "0": "As planned", "settled": "Over", "open": "Not over", "any": "All"}
SLIPPED = {"1": True, "0": False}
WHY_NONE = "The packs bring some; managers and analysts write others."


@dataclass(frozen=True)
class StepRow:
    """One step of a plan: by when, how many slipped and how; hrefs open them."""

    title: str
    by_when: str
    slips: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class PartRow:
    """How the runs that began in one department, place or region went."""

    name: str
    settled: int
    href: str
    slipped: int
    slipped_href: str
    share: str
    range: str


@dataclass(frozen=True)
class RunRow:
    """One run: whose it is, when it began, what slipped."""

    run: kept_plans.Run
    name: str
    customer_id: str
    slips: str
    began: str
    href: str


@dataclass(frozen=True)
class PlansPage:
    """One plan, put to the days that are looked at; `wrong`: plans (name, why) that cannot be taken.

    total: of the runs that are listed; None while they are being counted.
    """

    plan: plan.Plan | None
    tabs: tuple[parts.Choice, ...]
    lead: str
    after: str
    tiles: tuple[parts.Tile, ...]
    steps: tuple[StepRow, ...]
    by: str
    by_tabs: tuple[parts.Choice, ...]
    shares: tuple[PartRow, ...]
    rows: tuple[RunRow, ...]
    total: int | None
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    more: parts.More
    wrong: tuple[tuple[str, str], ...]
    may_change: bool
    counting: bool
    scope_words: str
    empty: parts.State | None


@view.page(section="handoffs", days=365)
def plans_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show a plan: how often each step went otherwise, where, and what came after."""
    found, wrong = planning.in_force()
    chosen = next((one for one in found if one.name == asked.query.get("plan")), found[0] if found else None)
    page = _page(asked, chosen, found, wrong)
    return view.render(asked, "valence/plans.html", page=page, title="Plans", announce=_announced(page))


def _announced(page: PlansPage) -> str:
    return say.many(len(page.rows) if page.total is None else page.total, "run")


def _page(
    asked: view.Asked,
    chosen: plan.Plan | None,
    found: tuple[plan.Plan, ...],
    wrong: tuple[tuple[str, str], ...],
) -> PlansPage:
    wanted = _wanted(asked, chosen)
    by = asked.query.get("by", "department")
    by = by if by in TABS else "department"
    all_of_it = kept_plans.Asked(plan=wanted.plan, since=asked.period.since)
    divided = kept_plans.parts(scope=asked.scope, asked=all_of_it, by=by)
    every = kept_plans.together(parts=divided)
    limit = listing.shown(asked)
    rows = kept_plans.rows(scope=asked.scope, asked=wanted, limit=limit)
    total = len(rows) if len(rows) < limit else kept_plans.total.soon(scope=asked.scope, asked=wanted)
    return PlansPage(
        plan=chosen,
        tabs=tuple(
            parts.Choice(one.title, asked.to("plans", query={"plan": one.name}), one == chosen) for one in found
        ),
        lead=_lead(every, asked.period.words.lower()),
        after=_after(every),
        tiles=_tiles(asked, every),
        steps=tuple(_step(asked, one, every) for one in (chosen.steps if chosen else ())),
        by=TABS[by],
        by_tabs=tuple(parts.Choice(said, asked.here(by=name), name == by) for name, said in TABS.items()),
        shares=tuple(_share(asked, by, one) for one in divided if one.settled),
        rows=_rows(asked, chosen, rows),
        total=total,
        chips=_chips(asked, wanted, chosen),
        choices=(listing.choices(asked, field="slipped", name="Shown", offered=SHOWN),),
        more=listing.more(asked, rows=len(rows), total=total),
        wrong=wrong,
        may_change=asked.may(rules.Act.RULES),
        counting=jobs.is_waiting(name="plans"),
        scope_words=asked.scope_words,
        empty=None if rows else _empty(every),
    )


def _wanted(asked: view.Asked, chosen: plan.Plan | None) -> kept_plans.Asked:
    slip, shown = asked.query.get("slip", ""), asked.query.get("slipped", "1")
    known = {f"{step.name}:{how}" for step in (chosen.steps if chosen else ()) for how in HOWS}
    return kept_plans.Asked(
        plan=chosen.name if chosen else "",
        since=asked.period.since,
        slip=slip if slip in known else "",
        slipped=SLIPPED.get(shown),
        is_open=shown == "open",
        is_settled=shown == "settled",
        department=asked.query.get("department", ""),
        place=asked.query.get("place", ""),
        left_after=True if asked.query.get("left") == "1" else None,
    )


def _lead(every: kept_plans.Totals, span: str) -> str:
    if not every.settled:
        return "What should come after what, against what did. Nothing of this plan was counted in these days."
    low_high = intervals.of_share(every.slipped, of=every.settled)
    share = say.percent(every.slipped / every.settled, of=every.settled)
    return (
        f"**{share}** of {say.many(every.settled, 'run')} of this plan went otherwise in the {span} "
        f"(likely {say.percents(low_high.low, low_high.high)}{say.THIN}%)."
    )


def _after(every: kept_plans.Totals) -> str:
    """Say what came after, with its range; a comparison of those alike only in the plan is no proof."""
    slipped, fine = (two_shares.Share(*counted) for counted in (every.left_slipped, every.left_fine))
    if min(slipped.of, fine.of) < FEWEST:
        return (
            "What it does to customers cannot be said yet: for too few the 60 days afterwards are over on both sides."
        )
    more = two_shares.difference(first=fine, second=slipped)
    clear = "" if more.low > 0 or more.high < 0 else ", which may be none at all"
    return (
        f"Of {say.count(slipped.of)} where it slipped **{say.percent(slipped.value, of=slipped.of)}** left by choice "
        f"within 60 days, of {say.count(fine.of)} as planned {say.percent(fine.value, of=fine.of)}: a difference of "
        f"{say.signed(100 * (slipped.value - fine.value))} points (likely {say.signed(100 * more.low)} to "
        f"{say.signed(100 * more.high)}){clear}."
    )


def _tiles(asked: view.Asked, every: kept_plans.Totals) -> tuple[parts.Tile, ...]:
    none = {"slip": None, "department": None, "place": None, "left": None}
    left = every.left_slipped[0]
    return (
        parts.Tile("Otherwise than planned", say.count(every.slipped), f"of {say.count(every.settled)} that are over",
                   href=asked.here(slipped="1", **none), count=every.slipped),
        parts.Tile("As planned", say.count(every.fine), "each step in its time and order",
                   href=asked.here(slipped="0", **none), count=every.fine),
        parts.Tile("Left afterwards", say.count(left), f"of {say.count(every.left_slipped[1])} slipped, within 60 days",
                   href=asked.here(slipped="1", **{**none, "left": "1"}), count=left),
        parts.Tile("Not over", say.count(every.open), "a step is not due yet, or the customer left before it was",
                   href=asked.here(slipped="open", **none), count=every.open),
    )  # fmt: skip


def _step(asked: view.Asked, step: plan.Step, every: kept_plans.Totals) -> StepRow:
    slips = ((how, every.slips.get(f"{step.name}:{how}", 0)) for how in HOWS)
    return StepRow(
        title=step.title,
        by_when=f"within {say.many(step.within_days, 'day')}" + (", once" if step.once else ""),
        slips=tuple(
            (
                HOWS[how],
                number,
                asked.here(slip=f"{step.name}:{how}", slipped=None, department=None, place=None, left=None),
            )
            for how, number in slips
        ),
    )


def _share(asked: view.Asked, by: str, one: kept_plans.Totals) -> PartRow:
    enough = one.settled >= FEWEST
    span = intervals.of_share(one.slipped, of=one.settled)
    pack = words.pack()

    def opens(slipped: str) -> str:
        none = {"slip": None, "left": None, "department": None, "place": None}
        named = one.name or ("" if by == "region" else kept_plans.NOT_KNOWN)
        return asked.here(**{**none, by: named}, slipped=slipped) if named else ""

    return PartRow(
        name=(pack.say_department(one.name) if by == "department" and one.name else one.name) or "Not known",
        settled=one.settled,
        href=opens("settled"),
        slipped=one.slipped,
        slipped_href=opens("1"),
        share=say.percent(one.slipped / one.settled, of=one.settled) if enough else say.UNKNOWN,
        range=f"{say.percents(span.low, span.high)}{say.THIN}%" if enough else f"shown from {FEWEST}",
    )


def _rows(asked: view.Asked, chosen: plan.Plan | None, rows: tuple[kept_plans.Run, ...]) -> tuple[RunRow, ...]:
    names = customers.names(scope=asked.scope, keys=[one.key for one in rows])
    titles = {step.name: step.title for step in (chosen.steps if chosen else ())}
    return tuple(_row(asked, one, names.get(one.key), titles) for one in rows)


def _row(asked: view.Asked, one: kept_plans.Run, name: customers.Name | None, titles: Mapping[str, str]) -> RunRow:
    department = words.pack().say_department(one.department) if one.department else ""
    query = {"source": one.source, "id": one.interaction_id}
    slips = " · ".join(f"{titles.get(step, step)}: {HOWS.get(how, how)}" for step, how in one.slips)
    return RunRow(
        run=one,
        name=name.said if name else "No name",
        customer_id=name.customer_id if name else "",
        slips=slips or ("Nothing slipped so far" if one.is_open else "As planned"),
        began=" · ".join(part for part in (department, one.place) if part),
        href=asked.to("interaction", key=one.key, query=query),
    )


def _chips(asked: view.Asked, wanted: kept_plans.Asked, chosen: plan.Plan | None) -> tuple[parts.Chip, ...]:
    step, _, how = wanted.slip.partition(":")
    title = next((one.title for one in (chosen.steps if chosen else ()) if one.name == step), step)
    department = _said(wanted.department, words.pack().say_department)
    shown = asked.query.get("slipped", "1")
    chip = parts.Chip("Shown", SHOWN.get(shown, "").lower(), asked.here(slipped="any"))
    return (
        *((chip,) if shown in SHOWN and shown != "any" else ()),
        *listing.chip(asked, field="slip", name="Step", value=f"{title}: {HOWS[how]}" if how else ""),
        *listing.chip(asked, field="department", name="Began at", value=department),
        *listing.chip(asked, field="place", name="Place", value=_said(wanted.place, str)),
        *listing.chip(asked, field="left", name="Customer", value="left afterwards" if wanted.left_after else ""),
    )


def _said(word: str, says: Callable[[str], str]) -> str:
    return "not known" if word == kept_plans.NOT_KNOWN else says(word) if word else ""


def _empty(every: kept_plans.Totals) -> parts.State:
    if every.settled or every.open:
        return parts.State("check", "None of these", "No run of this plan fits what was chosen.")
    return parts.State("path", "Nothing counted yet", f"Plans are counted after each score. {WHY_NONE}")
