"""Places: where several similar cases came close together, and what is done today for the next customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence.alerts import place_alarms, saying
from valence.customers import queries as customers
from valence.flows.weigh import minds
from valence.insights import say
from valence.ledger.queries import promises
from valence.packs import acting
from valence.people import rules
from valence.web import listing, parts, view, words

LATELY = timedelta(days=365)
NEXT = timedelta(days=7)
STATES = {
    "new": "New", "taken": "Taken care of", "put_right": "Put right", "dismissed": "Not a pattern", "over": "Over",
}  # fmt: skip
SETTLES = {
    "take": (("new",), "taken", "It is yours now."),
    "put_right": (("taken", "new"), "put_right", "Noted as put right."),
    "dismiss": (("new", "taken"), "dismissed", "Noted: not a pattern."),
}


@dataclass(frozen=True)
class Row:
    """An alarm in words. `chance`: how rarely calm days show as much."""

    alarm: place_alarms.AlarmRow
    since: datetime
    what: str
    where: str
    state: str
    against: str
    chance: str


@dataclass(frozen=True)
class SpotsPage:
    """The alarms that were asked for, and how many there were lately."""

    rows: tuple[Row, ...]
    tiles: tuple[parts.Tile, ...]
    lead: str
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    scope_words: str
    empty: parts.State | None


@dataclass(frozen=True)
class CaseShown:
    """A case of an alarm: whose it is, where and when."""

    case: place_alarms.Case
    name: str
    href: str


@dataclass(frozen=True)
class Step:
    """Something to do today, and whether it is done."""

    place: int
    words: str
    detail: str
    done: bool


@dataclass(frozen=True)
class SpotPage:
    """One alarm: its cases, what to do today, who is next. `next_due`: promises due there within a week."""

    row: Row
    cases: tuple[CaseShown, ...]
    steps: tuple[Step, ...]
    next_due: int
    next_href: str
    open: bool
    more: parts.More


@view.page(section="cases", act=rules.Act.CASES)
def spots(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the alarms about places."""
    state = asked.query.get("state", "")
    state = state if state in {*STATES, "open"} else ""
    found = place_alarms.rows(scope=asked.scope, state=state)
    counts = place_alarms.counted(scope=asked.scope, since=asked.now - LATELY)
    why = "Where several similar cases come close together in space and time, they appear here as one, with the cases."
    page = SpotsPage(
        rows=tuple(_row(one) for one in found),
        tiles=_tiles(asked, counts),
        lead=_lead(counts),
        chips=listing.chip(asked, field="state", name="State", value=_state(state).lower() if state else ""),
        choices=(listing.choices(asked, field="state", name="State", offered={"open": "Open", **STATES}),),
        scope_words=asked.scope_words,
        empty=None if found else parts.State("check", "No alarm about a place", why),
    )
    return view.render(asked, "valence/spots.html", page=page, title="Places", announce=say.many(len(found), "alarm"))


@view.page(section="cases", act=rules.Act.CASES, methods=("GET", "HEAD", "POST"))
def spot(request: HttpRequest, asked: view.Asked, pk: int) -> HttpResponse:
    """Show one alarm; take it, tick a step off, say how it ended."""
    try:
        alarm = place_alarms.one(scope=asked.scope, pk=pk)
    except place_alarms.NoSuchAlarm:
        raise Http404 from None
    if request.method == "POST":
        _act(request, asked, alarm, request.POST)
        return HttpResponseRedirect(asked.to("spot", pk=pk))
    shown = listing.shown(asked, most=place_alarms.MOST_CASES)
    cases = place_alarms.cases(scope=asked.scope, pk=pk, limit=shown)
    names = customers.names(scope=asked.scope, keys=[case.key for case in cases])
    due = promises.Asked(state="open", due_from=asked.now, due_until=asked.now + NEXT, with_us=True)
    scope = asked.scope.narrowed(frozenset({alarm.region})) if alarm.region else asked.scope
    query = {"state": "open", "soon": "1", **({"region": alarm.region} if alarm.region else {})}
    page = SpotPage(
        row=_row(alarm),
        cases=tuple(
            CaseShown(
                case,
                names[case.key].said if case.key in names else "No name",
                asked.to("interaction", key=case.key, query={"source": case.source, "id": case.interaction_id}),
            )
            for case in cases
        ),
        steps=_steps(alarm),
        next_due=promises.totals(scope=scope, asked=due).everyone,
        next_href=asked.to("promises", query=query),
        open=alarm.state in place_alarms.OPEN,
        more=listing.more(asked, rows=len(cases), total=alarm.cases, most=place_alarms.MOST_CASES),
    )
    crumbs = (parts.Crumb("Places", asked.to("spots")), parts.Crumb(page.row.what))
    return view.render(asked, "valence/spot.html", page=page, title=page.row.what, crumbs=crumbs)


def _act(request: HttpRequest, asked: view.Asked, alarm: place_alarms.AlarmRow, form: QueryDict) -> None:
    what, step = form.get("act", ""), form.get("step", "")
    if what == "tick" and step.isdecimal() and int(step) < len(_playbook()):
        place_alarms.tick(pk=alarm.pk, step=int(step), done=form.get("done") == "1")
        return
    if what not in SETTLES:
        raise Http404
    old, new, said = SETTLES[what]
    person = asked.person
    moved = alarm.state in old and place_alarms.settle(
        pk=alarm.pk, old=alarm.state, new=new, by=person.name, person=person.pk, now=asked.now
    )
    messages.info(request, said if moved else "Somebody else changed it first: this is how it stands now.")


def _row(alarm: place_alarms.AlarmRow) -> Row:
    return Row(
        alarm=alarm,
        since=datetime.combine(alarm.since, time(12), UTC),
        what=saying.place_what(about=alarm.about, word=alarm.word, pack=words.pack()),
        where=saying.place_where(zone=alarm.zone, region=alarm.region),
        state=_state(alarm.state),
        against=f"{say.count(alarm.observed)} against {alarm.expected:.1f} expected",
        chance=_rarely(alarm.chance),
    )


def _state(state: str) -> str:
    return STATES.get(state, "Open")


def _rarely(chance: float) -> str:
    """Say how rarely calm days show as much; a chance is for one day and one kind of case."""
    days = 1 / max(chance, 1e-12)
    if days > 36_500:
        return "less than once in a hundred years"
    return f"once in {say.many(round(days), 'day')}" if days < 730 else f"once in {round(days / 365.25)} years"


def _tiles(asked: view.Asked, counts: dict[str, int]) -> tuple[parts.Tile, ...]:
    open_ = counts.get("new", 0) + counts.get("taken", 0)
    told = (
        ("Open", open_, "new, or taken care of by somebody", "open"),
        ("Put right", counts.get("put_right", 0), "in the last year", "put_right"),
        ("Not a pattern", counts.get("dismissed", 0), "dismissed in the last year", "dismissed"),
    )
    return tuple(
        parts.Tile(title, say.count(number), under, href=asked.to("spots", query={"state": state}), count=number)
        for title, number, under, state in told
    )


def _lead(counts: dict[str, int]) -> str:
    new = counts.get("new", 0)
    if new:
        return f"**{say.many(new, 'place')}** where more went wrong than calm days show, and nobody has taken care yet."
    return "Every day, what went wrong is counted by place and set against what was to be expected. All is calm."


def _playbook() -> tuple[dict[str, str], ...]:
    """Return what to do today, as the pack says it."""
    return tuple(acting.today(name=minds.pack_name()))


def _steps(alarm: place_alarms.AlarmRow) -> tuple[Step, ...]:
    return tuple(
        Step(place, step["words"], step.get("detail", ""), place in alarm.steps)
        for place, step in enumerate(_playbook())
    )
