"""Getting started: the way from an empty folder to a risk list, ticking itself off; and whose installation it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings as configuration
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from valence import organisation, packs
from valence.flows.run import backup, founding, started
from valence.flows.run.started import Step, Way
from valence.insights import say
from valence.organisation import Organisation
from valence.people import rules
from valence.web import view

FEW_LOSSES = 60
POSTS = ("GET", "HEAD", "POST")


@dataclass(frozen=True)
class StepRow:
    """One step: whether it is done, a sentence, and where it is done. `href` is empty where the role ends before it."""

    number: int
    title: str
    says: str
    is_done: bool
    is_next: bool
    href: str
    action: str


@dataclass(frozen=True)
class StartedPage:
    """The way: its steps, how many are done, and whether it still shows on Today."""

    steps: tuple[StepRow, ...]
    done: int
    is_hidden: bool
    may_hide: bool

    @property
    def is_done(self) -> bool:
        """Say whether nothing is left."""
        return self.done == len(self.steps)

    @property
    def next(self) -> StepRow | None:
        """The first step that is not done."""
        return next((step for step in self.steps if step.is_next), None)


@dataclass(frozen=True)
class OrganisationPage:
    """The form of the organisation, and when it was last backed up. `fixed` is said by the environment."""

    one: Organisation
    regions: str
    fixed: frozenset[str]
    currencies: tuple[str, ...]
    zones: tuple[str, ...]
    packs: tuple[str, ...]
    backup: backup.Note | None
    backup_size: str
    folder: str
    problem: str = ""


@view.page(section="settings", act=rules.Act.LOOK, methods=POSTS)
def getting_started(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the way; put it away on Today, or show it there again."""
    if request.method == "POST":
        if not asked.may(rules.Act.IMPORT):
            return view.not_allowed(asked)
        started.put_away(hidden=request.POST.get("show") != "yes")
        return HttpResponseRedirect(reverse("started" if request.POST.get("show") == "yes" else "today"))
    return view.render(asked, "valence/started.html", page=page_of(asked), title="Getting started")


@view.page(section="settings", act=rules.Act.SETTINGS, methods=POSTS)
def organisation_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show and change whose installation it is."""
    if request.method != "POST":
        return _form(asked, organisation.of(folder=configuration.HOME.folder))
    told = _told(request.POST)
    try:
        founding.change(home=configuration.HOME, told=told, by=asked.person.name, now=asked.now)
    except founding.CannotFound as problem:
        kept = organisation.stored(folder=configuration.HOME.folder)
        return _form(asked, replace(kept, **told), problem=str(problem))  # type: ignore[arg-type]
    messages.success(request, "Organisation saved.")
    return HttpResponseRedirect(reverse("organisation"))


def for_today(asked: view.Asked) -> StartedPage | None:
    """Return the way for Today: for those who bring data in, until it is done or put away."""
    if not asked.may(rules.Act.IMPORT) or started.is_hidden():
        return None
    page = page_of(asked)
    return None if page.is_done else page


def page_of(asked: view.Asked) -> StartedPage:
    """Return the way as it is now, for this role."""
    way = started.look()
    rows: list[StepRow] = []
    for step in Step:
        title, says, view_name, action, act = _words(step, way)
        is_done = step in way.done
        is_next = not is_done and all(row.is_done for row in rows)
        href = asked.to(view_name) if asked.may(act) else ""
        rows.append(StepRow(len(rows) + 1, title, says, is_done, is_next, href, action))
    return StartedPage(
        steps=tuple(rows), done=len(way.done), is_hidden=started.is_hidden(), may_hide=asked.may(rules.Act.IMPORT)
    )


def _words(step: Step, way: Way) -> tuple[str, str, str, str, rules.Act]:
    """Return title, sentence, page, action and who may do it, of one step."""
    act = rules.Act
    return {
        Step.COMPANY: (
            "Say whose installation this is",
            "Name, currency and time zone: every amount and every time is said in them.",
            "organisation", "Organisation", act.SETTINGS,
        ),
        Step.CUSTOMERS: ("Bring in your customers", _customers(way), "import", "Import", act.IMPORT),
        Step.INTERACTIONS: ("Bring in what happened to them", _interactions(way), "import", "Import", act.IMPORT),
        Step.LOSSES: ("Let it know who left", _losses(way), "import", "Import", act.IMPORT),
        Step.MODEL: (
            "Train the model",
            f"Model {way.model} is in use." if way.model else "It learns from those who left what made them leave.",
            "model", "Model", act.SEE_MODEL,
        ),
        Step.RISKS: (
            "Read the first risk list",
            "Who is likely to leave, why, and by when to act; worked out right after the training.",
            "customers", "Customers", act.LOOK,
        ),
        Step.WORDS: ("Say what your words mean", _unknown(way), "words", "Words to map", act.SEE_DATA),
        Step.COLLEAGUES: (
            "Invite colleagues",
            f"{say.many(way.colleagues, 'more account')}." if way.colleagues > 0
            else "Each with a role and regions: nobody sees what is not theirs.",
            "person_new", "New account", act.SETTINGS,
        ),
        Step.FLOWING: (
            "Keep data coming in",
            "A watched folder, a database query, a bucket, or your systems over the API: then nobody has to upload.",
            "data", "Data", act.SEE_DATA,
        ),
        Step.BACKUP: ("Make a backup", _backup(way), "organisation", "Backup", act.SETTINGS),
    }[step]  # fmt: skip


def _customers(way: Way) -> str:
    if way.customers:
        return f"{say.many(way.customers, 'customer')} known."
    return "A file with a row for each customer: an id, since when, and until when for those who left."


def _interactions(way: Way) -> str:
    if way.interactions:
        return f"{say.many(way.interactions, 'interaction')} stored."
    return "Calls, visits, bills, outages, messages, orders: a row for each, with the customer's id and when it was."


def _losses(way: Way) -> str:
    if not way.losses:
        return "Without anybody who left by choice nothing can be learned: a column with the day they left."
    said = f"{say.many(way.losses, 'customer')} left by choice."
    few = " Below 60 the weights of experts are used more than your own data." if way.losses < FEW_LOSSES else ""
    return said + few


def _unknown(way: Way) -> str:
    if Step.RISKS in way.done and not way.words:
        return "Every word of your systems is known."
    if way.words:
        return f"{say.many(way.words, 'word')} of your systems that the pack does not know: they count, but say less."
    return "After the first scoring this shows what your systems call things and the pack does not know."


def _backup(way: Way) -> str:
    if way.backup:
        return f"The last one was made on {say.clock(way.backup.made_at)}."
    return "On the server: valence backup FILE. It may run at any time, and is read again before it counts."


def _told(form: QueryDict) -> dict[str, object]:
    told: dict[str, object] = {
        name: form.get(name, "") for name in ("name", "currency", "time_zone", "pack", "address") if name in form
    }
    if "regions" in form:
        told["regions"] = tuple(line.strip() for line in form.get("regions", "").splitlines() if line.strip())
    return {name: value for name, value in told.items() if name not in organisation.fixed()}


def _form(asked: view.Asked, one: Organisation, *, problem: str = "") -> HttpResponse:
    note = backup.last()
    page = OrganisationPage(
        one=one,
        regions="\n".join(one.regions),
        fixed=organisation.fixed(),
        currencies=tuple(sorted(organisation.CURRENCIES)),
        zones=organisation.time_zones(),
        packs=packs.names(),
        backup=note,
        backup_size=f"{note.size / 1e6:,.1f} MB" if note else "",
        folder=str(configuration.HOME.folder),
        problem=problem,
    )
    status = 422 if problem else 200
    return view.render(asked, "valence/organisation.html", page=page, title="Organisation", status=status)
