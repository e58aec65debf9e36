"""One loss: the verdict, the story department by department, shares, what would have kept the customer, limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse

from valence import packs, terms
from valence.flows.find import customer as flow
from valence.flows.find import loss as lost_flow
from valence.flows.weigh import minds
from valence.insights import responsibility, say, story
from valence.insights.encounters import Encounter, Sign
from valence.ledger.queries import losses
from valence.terms import LossVerdict
from valence.web import parts, view
from valence.web.charts import lanes, rows
from valence.web.charts.card import Cell, Chart, Column, Table
from valence.web.pages.customers import timeline
from valence.web.pages.losses import loss_filters

SIGNALS = "Signals"


@dataclass(frozen=True)
class LossPage:
    """What the page shows."""

    lost: lost_flow.Lost
    name: str
    facts: tuple[str, ...]
    verdict: story.Verdict
    harm: bool
    story_says: str
    handoff: str
    handoff_count: int
    handoff_href: str
    period_words: str
    lanes: Chart | None
    lanes_table: Table
    journey: timeline.Timeline
    earlier: int
    drawn: int
    departments: int
    share_says: str
    share_chart: Chart | None
    share_table: Table
    more_than_verdict: bool
    stayed_chart: Chart | None
    stayed_table: Table
    quotes: tuple[Encounter, ...]
    limits: tuple[str, ...]
    customer_href: str


@view.page(section="losses")
def loss(request: HttpRequest, asked: view.Asked, key: int) -> HttpResponse:
    """Show one loss that one may see."""
    try:
        lost = lost_flow.read(scope=asked.own, key=key, days=loss_filters.of_period(asked), now=asked.now)
    except losses.NoSuchLossError:
        raise Http404 from None
    page = _page(lost, asked=asked, pack=minds.pack())
    crumbs = (parts.Crumb("Losses", asked.to("losses")), parts.Crumb(lost.known.profile.name.customer_id))
    return view.render(asked, "valence/loss.html", page=page, title=f"{page.name}, lost", crumbs=crumbs)


def _page(lost: lost_flow.Lost, *, asked: view.Asked, pack: packs.Pack) -> LossPage:
    known, name = lost.known, lost.known.profile.name.said
    division = responsibility.divide(loss=lost.loss, shares=lost.shares)
    stretch = story.stretch(encounters=known.encounters, shares=lost.shares)
    without = responsibility.without(loss=lost.loss, shares=lost.shares, say_department=_said(pack))
    told = story.verdict(loss=lost.loss, division=division, encounters=known.encounters, shares=lost.shares, name=name)
    ours = lost.loss.verdict is LossVerdict.OURS
    pair = (lost.loss.began_department, lost.loss.hurt_department)
    read = {"handoff": loss_filters.handoff_words((pair,)), "verdict": "ours"}
    return LossPage(
        lost=lost,
        name=name,
        facts=_facts(lost),
        verdict=told,
        harm=ours,
        story_says=_story_says(lost),
        handoff=_handoff(pair, pack=pack) if ours else "",
        handoff_count=lost.same_handoff,
        handoff_href=asked.to("losses", query=read),
        period_words=asked.period.words.lower(),
        lanes=_lanes(lost, stretch=stretch, asked=asked),
        lanes_table=_lanes_table(known, asked=asked),
        journey=timeline.of_stretch(asked, known=known, encounters=stretch.encounters),
        earlier=stretch.earlier,
        drawn=len(stretch.encounters),
        departments=len({one.department for one in known.encounters if one.department}),
        share_says=_share_says(division, pack=pack),
        share_chart=_share_chart(division, pack=pack),
        share_table=_share_table(division, pack=pack),
        more_than_verdict=without[0].part.value > lost.loss.attributable + 0.02,
        stayed_chart=_stayed_chart(without, lost=lost, name=name),
        stayed_table=_stayed_table(without, asked=asked, key=lost.loss.key),
        quotes=tuple(one for one in reversed(known.encounters) if one.quote)[:3],
        limits=_limits(lost, pack=pack, name=name),
        customer_href=asked.to("customer", key=lost.loss.key),
    )


def _said(pack: packs.Pack) -> Callable[[str], str]:
    return lambda word: pack.say_department(word) if word else "No department"


def _handoff(pair: tuple[str, str], *, pack: packs.Pack) -> str:
    began, hurt = (_said(pack)(word) for word in pair)
    return f"within {began}" if began == hurt else f"{began} to {hurt}"


def _facts(lost: lost_flow.Lost) -> tuple[str, ...]:
    loss, known = lost.loss, lost.known
    place = " · ".join(part for part in (loss.segment, loss.region) if part)
    told = (
        f"Customer for **{say.lasting((loss.left_at - known.joined).days)}**",
        loss.plan,
        f"**{say.money(loss.monthly_value)}** a month" if loss.monthly_value is not None else "",
        place,
        f"Recorded reason: **“{loss.left_reason}”**" if loss.left_reason else "No reason recorded",
    )
    return tuple(fact for fact in told if fact)


def _story_says(lost: lost_flow.Lost) -> str:
    if lost.loss.verdict is LossVerdict.OURS:
        return "The orange arrow is the hand-off that did most"
    return "What was recorded, in the order in which it happened. Larger triangles weakened or strengthened more."


def _lanes(lost: lost_flow.Lost, *, stretch: story.Stretch, asked: view.Asked) -> Chart | None:
    kept = stretch.encounters
    if not kept:
        return None
    root = _root_rows(lost, kept=kept)
    places = {one.row: place for place, one in enumerate(kept)}
    events = tuple(_event(one, lost=lost, root=one.row == root[0], asked=asked) for one in kept)
    arrows = tuple(
        lanes.Arrow(places[one.cause.row], places[one.row], one.cause.inferred, root=_on_path(one, root))
        for one in kept
        if one.cause and one.cause.row in places
    )
    arrows = _with_path(arrows, root=root, places=places)
    names = tuple(dict.fromkeys(event.lane for event in events if event.lane != SIGNALS))
    signals = (SIGNALS,) if any(event.lane == SIGNALS for event in events) else ()
    first, end = events[0].at, terms.days(lost.loss.left_at)
    picture = lanes.Picture(
        label=_lanes_label(lost, names=names),
        lanes=(*names, *signals),
        events=events,
        arrows=arrows,
        start=first - max(2.0, 0.04 * (end - first)),
        end=end,
        end_words=f"Left {say.date(lost.loss.left_at, now=asked.now)}",
    )
    return lanes.chart(picture)


def _root_rows(lost: lost_flow.Lost, *, kept: Sequence[Encounter]) -> tuple[int, int]:
    """Return the rows of the root and of what hurt most because of it; -1 where they are not drawn or the same."""
    if lost.loss.verdict is not LossVerdict.OURS:
        return -1, -1
    rows_of = {(one.source, one.interaction_id): one.row for one in kept}
    loss = lost.loss
    root = rows_of.get((loss.root_source, loss.root_interaction_id), -1)
    rooted = [
        share
        for share in lost.shares
        if (share.root_source, share.root_interaction_id) == (loss.root_source, loss.root_interaction_id)
        and (share.source, share.interaction_id) != (loss.root_source, loss.root_interaction_id)
    ]
    worst = max(rooted, key=lambda share: share.effect, default=None)
    hurt = rows_of.get((worst.source, worst.interaction_id), -1) if worst and worst.effect > 0 else -1
    return root, hurt


def _on_path(one: Encounter, root: tuple[int, int]) -> bool:
    return one.cause is not None and (one.cause.row, one.row) == root


def _with_path(
    arrows: tuple[lanes.Arrow, ...], *, root: tuple[int, int], places: dict[int, int]
) -> tuple[lanes.Arrow, ...]:
    """Return the arrows with one from the root to what hurt most, where no single link says so."""
    if -1 in root or any(arrow.root for arrow in arrows):
        return arrows
    return (*arrows, lanes.Arrow(places[root[0]], places[root[1]], inferred=True, root=True))


def _event(one: Encounter, *, lost: lost_flow.Lost, root: bool, asked: view.Asked) -> lanes.Event:
    moved = one.sign in {Sign.HARM, Sign.PRAISE}
    change = timeline.change_words(one)
    share = next((s for s in lost.shares if (s.source, s.interaction_id) == (one.source, one.interaction_id)), None)
    in_lane = moved or root or one.sign is Sign.NONE
    return lanes.Event(
        at=terms.days(one.at),
        lane=one.said_department if in_lane else SIGNALS,
        sign=one.sign.value if moved else (Sign.HARM.value if root else Sign.SIGNAL.value),
        effect=share.effect if share else 0.0,
        short=one.short if moved or root or one.score is not None else "",
        words=f"{one.title}\n{one.said_department}, {say.full_date(one.at)} · {change}",
        href=timeline.href_of(one, key=lost.loss.key, asked=asked),
        root=root,
    )


def _lanes_label(lost: lost_flow.Lost, *, names: Sequence[str]) -> str:
    name = lost.known.profile.name.said
    chain = story.headline(loss=lost.loss)
    return f"{name}'s interactions in lanes by department: {say.listed(names)}. {chain}. The table lists all of them."


def _lanes_table(known: flow.Known, *, asked: view.Asked) -> Table:
    columns = (
        Column("What"),
        Column("Department"),
        Column("When", True),
        Column("Change of bond", True),
        Column("What led to it"),
    )
    made = tuple(
        (
            Cell(one.title, href=timeline.href_of(one, key=known.profile.key, asked=asked)),
            Cell(one.said_department),
            Cell(say.date(one.at, now=asked.now)),
            Cell("signal" if one.sign is Sign.SIGNAL else say.signed(one.change), quiet=one.sign is Sign.SIGNAL),
            Cell(f"{one.cause.words}{' (inferred)' if one.cause.inferred else ''}" if one.cause else "", quiet=True),
        )
        for one in known.encounters
    )
    return Table(name="The story as a table", columns=columns, rows=made)


def _share_says(division: responsibility.Division, *, pack: packs.Pack) -> str:
    if not division.departments:
        return "No department's interactions raised the risk by enough to say."
    began = max(division.departments, key=lambda one: one.began.value if one.began else 0)
    hurt = max(division.departments, key=lambda one: one.hurt.value if one.hurt else 0)
    ours = say.percent(division.ours.value)
    first, last = _said(pack)(began.department), _said(pack)(hurt.department)
    where = f"**began** and **hurt** mostly in {first}"
    if began != hurt:
        where = f"**began** mostly in {first} and **hurt** mostly in {last}"
    return f"It {where}. Ours add up to the {ours} of the verdict."


def _whole(division: responsibility.Division) -> list[tuple[str, int | None, int | None]]:
    """Return whole percents by department that add up to the verdict on both sides."""
    total = division.ours.value
    began = [one for one in division.departments if one.began]
    hurt = [one for one in division.departments if one.hurt]
    begun = responsibility.whole_percents([one.began.value for one in began if one.began], total=total)
    hurting = responsibility.whole_percents([one.hurt.value for one in hurt if one.hurt], total=total)
    by_began = dict(zip((one.department for one in began), begun, strict=True))
    by_hurt = dict(zip((one.department for one in hurt), hurting, strict=True))
    return [(one.department, by_began.get(one.department), by_hurt.get(one.department)) for one in division.departments]


def _share_chart(division: responsibility.Division, *, pack: packs.Pack) -> Chart | None:
    if not division.departments:
        return None
    whole = {name: (began, hurt) for name, began, hurt in _whole(division)}
    made = [
        rows.Shared(
            name=_said(pack)(one.department),
            began=_estimate(one.began, whole[one.department][0]),
            hurt=_estimate(one.hurt, whole[one.department][1]),
        )
        for one in division.departments
    ]
    rest = 100 - round(100 * division.ours.value)
    not_ours = _estimate(division.not_ours, rest)
    made.append(rows.Shared(name="Not ours", began=not_ours, hurt=not_ours, ours=False))
    told = ", ".join(f"{row.name} {row.began.value:.0f} percent" for row in made if row.began)
    return rows.responsibility(made, label=f"Share of responsibility, by where it began: {told}.")


def _estimate(part: responsibility.Part | None, shown: int | None) -> rows.Estimate | None:
    """Return a share in percent; the figure is the whole percent that adds up, the range as it is."""
    return rows.Estimate(float(shown), 100 * part.low, 100 * part.high) if part and shown is not None else None


def _share_table(division: responsibility.Division, *, pack: packs.Pack) -> Table:
    columns = (
        Column("Department"), Column("Began here", True), Column("Likely range", True), Column("Hurt here", True),
        Column("Likely range", True),
    )  # fmt: skip
    whole = {name: (began, hurt) for name, began, hurt in _whole(division)}
    made = [
        (
            Cell(_said(pack)(one.department)),
            *_pair(one.began, whole[one.department][0]),
            *_pair(one.hurt, whole[one.department][1]),
        )
        for one in division.departments
    ]
    rest = _pair(division.not_ours, 100 - round(100 * division.ours.value))
    made.append((Cell("Not ours"), *rest, *rest))
    foot = (Cell("All"), Cell(f"100{say.THIN}%"), Cell(""), Cell(f"100{say.THIN}%"), Cell(""))
    return Table(name="Share of responsibility, as a table", columns=columns, rows=tuple(made), foot=foot)


def _pair(part: responsibility.Part | None, shown: int | None) -> tuple[Cell, Cell]:
    if part is None or shown is None:
        return Cell(say.UNKNOWN, quiet=True), Cell("", quiet=True)
    return Cell(f"{shown}{say.THIN}%"), Cell(say.percents(part.low, part.high), quiet=True)


def _short(row: responsibility.Without, *, lost: lost_flow.Lost) -> str:
    """Return a name that fits beside its bar."""
    if row.everything or not row.interaction_id:
        return row.words if row.everything else f"{row.words.partition(', ')[0]} and what followed"
    one = next((one for one in lost.known.encounters if one.interaction_id == row.interaction_id), None)
    return f"{one.short if one else row.words}, {row.under.rpartition(', ')[2]}"


def _stayed_chart(without: Sequence[responsibility.Without], *, lost: lost_flow.Lost, name: str) -> Chart | None:
    if len(without) < 2:
        return None
    made = [
        rows.Row(
            name=_short(row, lost=lost),
            estimate=rows.Estimate(100 * row.part.value, 100 * row.part.low, 100 * row.part.high),
            strong=place < (2 if without[1].source == "" else 1),
        )
        for place, row in enumerate(without)
    ]
    told = ", ".join(f"{row.name} {row.estimate.value:.0f} percent" for row in made)
    return rows.stayed(made, label=f"Chance that {name} would have stayed without each: {told}.")


def _stayed_table(without: Sequence[responsibility.Without], *, asked: view.Asked, key: int) -> Table:
    columns = (
        Column("Without"),
        Column("Where and when"),
        Column("Would have stayed", True),
        Column("Likely range", True),
    )
    made = tuple(
        (
            Cell(
                row.words,
                href=asked.to("interaction", key=key, query={"source": row.source, "id": row.interaction_id})
                if row.interaction_id
                else "",
            ),
            Cell(row.under, quiet=True),
            Cell(say.percent(row.part.value)),
            Cell(say.percents(row.part.low, row.part.high), quiet=True),
        )
        for row in without
    )
    return Table(name="Would they have stayed, as a table", columns=columns, rows=made)


def _limits(lost: lost_flow.Lost, *, pack: packs.Pack, name: str) -> tuple[str, ...]:
    return story.cannot_say(
        loss=lost.loss,
        encounters=lost.known.encounters,
        inferred=lost.known.inferred_links,
        links=lost.known.links,
        dangling=lost.known.dangling,
        knows=pack.knows,
        name=name,
    )
