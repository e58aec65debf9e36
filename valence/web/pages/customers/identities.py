"""Identities: which ids may name one customer, what speaks for it, and the decision; everything can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from valence.customers import identities as read
from valence.customers import link_queries, links
from valence.customers.rules_links import Relation, State
from valence.flows.gather import identities
from valence.flows.run import jobs
from valence.insights import say
from valence.ledger.queries import jobs as asked_for
from valence.people import audit, rules
from valence.sources import files
from valence.web import parts, uploads, view

ENDINGS = (".csv", ".txt", ".parquet")
STEP = 50
MOST_SHOWN = 1_000
STATES = {
    State.SUGGESTED: "Suggested",
    State.CONFIRMED: "Confirmed",
    State.REFUSED: "Not the same",
    State.UNDONE: "Undone",
}
RELATIONS = {
    Relation.SAME: "One person",
    Relation.ACCOUNT: "One account",
    Relation.HOUSEHOLD: "One household",
}
ACTS: Mapping[str, tuple[State, Relation | None]] = {
    "same": (State.CONFIRMED, Relation.SAME),
    "account": (State.CONFIRMED, Relation.ACCOUNT),
    "household": (State.CONFIRMED, Relation.HOUSEHOLD),
    "refuse": (State.REFUSED, None),
    "undo": (State.UNDONE, None),
}
DONE = {
    "same": "They are read as one customer now",
    "account": "They are lines of one account now; each stays or leaves by itself",
    "household": "They are one household now; each stays or leaves by itself",
    "refuse": "Noted: not the same. Nothing will join them",
    "undo": "Undone. Everything reads as before",
}
EVIDENCE = {
    "email": "e-mail", "phone": "phone", "name": "name", "birth": "birth date", "address": "address",
    "recorded": "own list",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One link and the two whom it ties. `kinds`: what they share, in words, never the values."""

    link: link_queries.LinkRow
    one: link_queries.Who
    other: link_queries.Who
    kinds: tuple[str, ...]
    relation: str
    state: str

    @property
    def sure(self) -> str:
        """How sure it is; evidence is never quite."""
        guessed = self.link.confidence < 1
        return f"over 99{say.THIN}%" if guessed and self.link.confidence > 0.99 else say.percent(self.link.confidence)

    @property
    def names(self) -> str:
        """Both, as a button says whom it is about."""
        return f"{self.one.said} and {self.other.said}"


@dataclass(frozen=True)
class IdentitiesPage:
    """Links in one state, how many there are in each, and how many customers several ids name."""

    state: State
    rows: tuple[Row, ...]
    tabs: tuple[parts.Choice, ...]
    total: int
    customers: int
    ids: int
    more: parts.More
    scope_words: str
    empty: parts.State | None
    running: bool


@dataclass(frozen=True)
class UploadPage:
    """The form that takes a file of identities."""

    problem: str
    relations: tuple[str, ...]


@dataclass(frozen=True)
class LinkPage:
    """One link: both side by side, and every step that was taken."""

    row: Row
    facts: tuple[tuple[str, str, str], ...]
    steps: tuple[tuple[link_queries.Step, str], ...]


@view.page(section="data", act=rules.Act.IMPORT, methods=("GET", "HEAD", "POST"))
def identities_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show links between ids; decide on one, or look for more."""
    if request.method == "POST":
        return _acted(request, asked)
    page = _page(asked)
    said = say.many(page.total, "link")
    return view.render(asked, "valence/identities.html", page=page, title="Identities", announce=said)


@view.page(section="data", act=rules.Act.IMPORT, methods=("GET", "HEAD", "POST"))
def identities_import(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Take a file that says which ids name one customer, look whether it is one, and have it brought in."""
    problem = ""
    if request.method == "POST":
        try:
            _begin(request, asked)
            return HttpResponseRedirect(asked.to("data"))
        except files.WrongFile as wrong:
            problem = str(wrong)
    crumbs = (parts.Crumb("Identities", asked.to("identities")), parts.Crumb("Import"))
    page = UploadPage(problem=problem, relations=tuple(Relation))
    status = 400 if problem else 200
    title = "Import identities"
    return view.render(asked, "valence/identities_import.html", page=page, title=title, crumbs=crumbs, status=status)


def _begin(request: HttpRequest, asked: view.Asked) -> None:
    file = uploads.chosen(request=request)
    filename = uploads.name_of(file=file)
    if not filename.lower().endswith(ENDINGS):
        raise files.WrongFile(f"Identities come as {' or '.join(ENDINGS)}.")
    path = uploads.keep(file=file)
    try:
        records = identities.check(path=path)
    except files.WrongFile as wrong:
        path.unlink()
        raise files.WrongFile(str(wrong).replace(path.name, filename)) from None
    jobs.enqueue(
        name="identity_file",
        by=asked.person.name,
        arguments={"path": str(path), "filename": filename},
        now=asked.now,
    )
    audit.record(who=asked.person.name, what="import", about=filename, now=asked.now)
    messages.info(request, f"{filename} is being brought in: about {say.many(records, 'record')}")


@view.page(section="data", act=rules.Act.IMPORT)
def link(request: HttpRequest, asked: view.Asked, number: int) -> HttpResponse:
    """Show one link: who the two are, what speaks for it, and its history."""
    try:
        found = link_queries.one(scope=asked.own, number=number)
        steps = link_queries.steps(scope=asked.own, number=number)
    except links.UnknownLink:
        raise Http404 from None
    rows = _rows((found,), asked)
    if not rows:
        raise Http404
    page = LinkPage(row=rows[0], facts=_facts(rows[0]), steps=tuple((step, _step_words(step)) for step in steps))
    crumbs = (parts.Crumb("Identities", asked.to("identities")), parts.Crumb(f"Link {number}"))
    return view.render(asked, "valence/identity.html", page=page, title=rows[0].names, crumbs=crumbs)


def _acted(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    act, back = request.POST.get("act", ""), request.POST.get("back", "")
    if act == "look":
        jobs.enqueue(name="identities", by=asked.person.name, arguments={}, now=asked.now)
        messages.info(request, "Looking who may be the same")
    elif act in ACTS:
        messages.info(request, _decided(request, asked, act))
    is_here = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_here else reverse("identities"))


def _decided(request: HttpRequest, asked: view.Asked, act: str) -> str:
    number = request.POST.get("number", "")
    become, relation = ACTS[act]
    try:
        identities.decide(
            number=int(number) if number.isdecimal() else 0,
            become=become,
            relation=relation,
            by=asked.person.name,
            why=request.POST.get("why", "")[:300],
            scope=asked.own,
            now=asked.now,
        )
    except links.UnknownLink:
        raise Http404 from None
    except links.NotPossible as why:
        return str(why)
    return DONE[act]


def _page(asked: view.Asked) -> IdentitiesPage:
    state = next((one for one in State if one == asked.query.get("state")), State.SUGGESTED)
    totals = link_queries.totals(scope=asked.own)
    total = getattr(totals, state.value)
    shown = _shown(asked)
    rows = _rows(link_queries.rows(scope=asked.own, state=state, limit=shown), asked)
    merged = read.merged()
    grows = shown < min(total, MOST_SHOWN)
    return IdentitiesPage(
        state=state,
        rows=rows,
        tabs=tuple(
            parts.Choice(f"{words} {say.count(getattr(totals, one.value))}", _href(asked, one), one is state)
            for one, words in STATES.items()
        ),
        total=total,
        customers=len(set(merged.canonical.tolist())),
        ids=len(merged),
        more=parts.More(shown=len(rows), total=total, href=asked.here(shown=shown + STEP) if grows else ""),
        scope_words=asked.scope_words,
        empty=None if rows else _empty(state),
        running=any(job.name == "identities" for job in asked_for.running()),
    )


def _href(asked: view.Asked, state: State) -> str:
    return asked.to("identities", query={} if state is State.SUGGESTED else {"state": state.value})


def _shown(asked: view.Asked) -> int:
    said = asked.query.get("shown", "")
    return min(int(said), MOST_SHOWN) if said.isdecimal() and len(said) < 6 else STEP


def _rows(found: tuple[link_queries.LinkRow, ...], asked: view.Asked) -> tuple[Row, ...]:
    keys = {key for one in found for key in (one.a, one.b)}
    people = link_queries.who(scope=asked.own, keys=sorted(keys))
    there = [one for one in found if one.a in people and one.b in people]
    return tuple(_row(one, *_in_order(people[one.a], people[one.b])) for one in there)


def _in_order(one: link_queries.Who, other: link_queries.Who) -> tuple[link_queries.Who, link_queries.Who]:
    """Put the one first under whom both would be read."""
    later = one.joined_at is None or (other.joined_at is not None and other.joined_at < one.joined_at)
    return (other, one) if later else (one, other)


def _row(found: link_queries.LinkRow, one: link_queries.Who, other: link_queries.Who) -> Row:
    return Row(
        link=found,
        one=one,
        other=other,
        kinds=tuple(EVIDENCE.get(kind, kind) for kind in found.evidence),
        relation=RELATIONS[found.relation],
        state=STATES[found.state],
    )


def _facts(row: Row) -> tuple[tuple[str, str, str], ...]:
    both = (row.one, row.other)
    told = {
        "Name": [one.name for one in both],
        "Id": [one.customer_id for one in both],
        "System": [one.system for one in both],
        "E-mail": [one.email for one in both],
        "Phone": [one.phone for one in both],
        "Joined": [say.full_date(one.joined_at) if one.joined_at else "not known yet" for one in both],
        "Left": [say.full_date(one.left_at) if one.left_at else "" for one in both],
        "Plan": [one.plan for one in both],
        "Pays a month": [say.money(one.monthly_value) if one.monthly_value is not None else "" for one in both],
        "Region": [one.region for one in both],
    }
    return tuple((name, said[0] or say.UNKNOWN, said[1] or say.UNKNOWN) for name, said in told.items() if any(said))


def _step_words(step: link_queries.Step) -> str:
    relation = RELATIONS[step.relation].lower()
    return {
        State.SUGGESTED: f"Suggested: {relation}",
        State.CONFIRMED: f"Confirmed: {relation}",
        State.REFUSED: f"Said to be not {relation}",
        State.UNDONE: "Undone",
    }[step.state]


def _empty(state: State) -> parts.State:
    if state is State.SUGGESTED:
        why = (
            "Ids that share an e-mail, a phone, or a name with a birth date or an address are suggested here."
            " Import a list brings in what your systems know of each other's numbers."
        )
        return parts.State("check", "Nothing to decide", why)
    return parts.State(
        "link", f"No link is “{STATES[state].lower()}”", "Decisions appear here, each with who and when."
    )
