"""Settings: who may sign in and see what, which machines may call, what was done."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings as configuration
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from valence import organisation
from valence.ledger.queries import weeks
from valence.people import access, actions, queries, rules
from valence.people import audit as record
from valence.terms import EVERYTHING, Role
from valence.web import fresh, listing, parts, view

MOST_SHOWN = 5_000
POSTS = ("GET", "HEAD", "POST")


@dataclass(frozen=True)
class StaffPage:
    """Everybody who has an account."""

    staff: tuple[queries.Card, ...]


@dataclass(frozen=True)
class PersonPage:
    """One account's form; `card` is None for a new one. What was typed is kept when something was wrong."""

    card: queries.Card | None
    name: str
    full_name: str
    email: str
    role: Role
    all_regions: bool
    regions: tuple[tuple[str, bool], ...]
    active: bool
    roles: tuple[tuple[str, str], ...]
    problem: str = ""

    @property
    def mark(self) -> str:
        """What the account is as it is kept."""
        return fresh.mark(*_account(self.card)) if self.card else ""


@dataclass(frozen=True)
class AuditPage:
    """What was done, the latest first, and whether the record is whole."""

    rows: tuple[queries.AuditRow, ...]
    total: int
    more: parts.More
    examined: record.Examined | None


@view.page(section="settings", act=rules.Act.SETTINGS)
def settings(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show who has an account."""
    return view.render(asked, "valence/settings.html", page=StaffPage(tuple(queries.staff())), title="Settings")


@view.page(section="settings", act=rules.Act.SETTINGS, methods=POSTS)
def new_person(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Make an account."""
    if request.method != "POST":
        return _form(asked, _typed(QueryDict(), card=None))
    typed = _typed(request.POST, card=None)
    try:
        actions.create_person(
            name=typed.name,
            password=request.POST.get("password", ""),
            role=typed.role,
            regions=_regions(typed),
            full_name=typed.full_name,
            email=typed.email,
            by=asked.person.name,
            now=asked.now,
        )
    except actions.RefusedError as refused:
        return _form(asked, _typed(request.POST, card=None, problem=str(refused)))
    messages.success(request, f"Account {typed.name} made.")
    return HttpResponseRedirect(reverse("settings"))


@view.page(section="settings", act=rules.Act.SETTINGS, methods=POSTS)
def person(request: HttpRequest, asked: view.Asked, pk: int) -> HttpResponse:
    """Change an account: role, regions, whether it is open, a new password."""
    card = queries.one(pk=pk)
    if card is None:
        raise access.NotYoursError(pk)
    if request.method != "POST":
        return _form(asked, _of(card))
    typed = _typed(request.POST, card=card)
    try:
        fresh.hold(request.POST, *_account(card))
        _change(asked, card, typed, password=request.POST.get("password", ""))
    except (actions.RefusedError, fresh.ChangedSince) as refused:
        return _form(asked, _typed(request.POST, card=card, problem=str(refused)))
    messages.success(request, f"Account {card.name} saved.")
    return HttpResponseRedirect(reverse("settings"))


@view.page(section="settings", act=rules.Act.SETTINGS)
def audit(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what was done; on request, examine whether the record is whole."""
    total = queries.audit_total()
    rows = tuple(queries.audit(limit=listing.shown(asked, most=MOST_SHOWN)))
    page = AuditPage(
        rows=rows,
        total=total,
        more=listing.more(asked, rows=len(rows), total=total, most=MOST_SHOWN),
        examined=record.examine() if asked.query.get("examine") else None,
    )
    return _render(asked, "valence/audit.html", page, "Record of acts")


def _change(asked: view.Asked, card: queries.Card, typed: PersonPage, *, password: str) -> None:
    if password:
        actions.check_password(password=password, name=card.name)
    actions.change_person(
        pk=card.pk,
        role=typed.role,
        regions=_regions(typed),
        full_name=typed.full_name,
        email=typed.email,
        active=typed.active,
        by=asked.person.name,
        now=asked.now,
    )
    if password:
        actions.set_password(pk=card.pk, password=password, by=asked.person.name, now=asked.now)


def _typed(form: QueryDict, *, card: queries.Card | None, problem: str = "") -> PersonPage:
    """Return the form as it was typed."""
    role = form.get("role", "")
    chosen = set(form.getlist("regions"))
    return PersonPage(
        card=card,
        name=card.name if card else form.get("name", "").strip(),
        full_name=form.get("full_name", "").strip(),
        email=form.get("email", "").strip(),
        role=Role(role) if role in set(Role) else Role.VIEWER,
        all_regions=form.get("where", "all") == "all",
        regions=_known(chosen),
        active=card is None or form.get("active") == "on",
        roles=tuple((one.value, words) for one, words in rules.ROLE_WORDS.items()),
        problem=problem,
    )


def _account(card: queries.Card) -> tuple[object, ...]:
    """Return what of an account the form changes."""
    return (card.full_name, card.email, card.role, card.regions and sorted(card.regions), card.is_active)


def _of(card: queries.Card) -> PersonPage:
    """Return the form of an account as it is."""
    return PersonPage(
        card=card,
        name=card.name,
        full_name=card.full_name,
        email=card.email,
        role=card.role,
        all_regions=card.regions is None,
        regions=_known(set(card.regions or ())),
        active=card.is_active,
        roles=tuple((one.value, words) for one, words in rules.ROLE_WORDS.items()),
    )


def _known(chosen: set[str]) -> tuple[tuple[str, bool], ...]:
    """Return every region there is or that was chosen, and whether it was."""
    told = organisation.of(folder=configuration.HOME.folder).regions
    known = set(weeks.regions(scope=EVERYTHING)).union(chosen, told)
    return tuple((region, region in chosen) for region in sorted(known))


def _regions(page: PersonPage) -> frozenset[str] | None:
    return None if page.all_regions else frozenset(region for region, chosen in page.regions if chosen)


def _form(asked: view.Asked, page: PersonPage) -> HttpResponse:
    title = page.card.shown_name if page.card else "New account"
    return _render(asked, "valence/person.html", page, title, status=422 if page.problem else 200)


def _render(asked: view.Asked, template: str, page: object, title: str, *, status: int = 200) -> HttpResponse:
    crumbs = (parts.Crumb("Settings", reverse("settings")), parts.Crumb(title))
    return view.render(asked, template, page=page, title=title, crumbs=crumbs, status=status)
