"""From request to page: who asks, for which regions and days, and how the answer is framed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeAlias
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render as render_template
from django.urls import resolve, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from valence import organisation
from valence.cases import queries as cases
from valence.customers import identities
from valence.customers import queries as customers
from valence.insights import say
from valence.ledger.queries import losses, versions, weeks
from valence.people import access, queries, rules, sessions
from valence.terms import Scope
from valence.web import menu, nonsense, once, parts

P = ParamSpec("P")
_made: dict[Callable[..., HttpResponseBase], Callable[[HttpRequest, queries.Card, Scope, datetime], None]] = {}
Page: TypeAlias = "Callable[Concatenate[HttpRequest, Asked, P], HttpResponseBase]"

RANGES = ((7, "Last 7 days"), (30, "Last 30 days"), (90, "Last 90 days"), (365, "Last year"), (730, "Last 2 years"))
USUAL_DAYS = 90
CARRIED = ("region", "days")
SANDBOX = "sandbox"  # an organisation with this word in its name is labelled on every page


@dataclass(frozen=True)
class Period:
    """The days that a page looks at: from `since` to `until` (exclusive)."""

    days: int
    since: datetime
    until: datetime

    @property
    def words(self) -> str:
        """The range as the top bar says it."""
        return dict(RANGES)[self.days]

    @property
    def first_day(self) -> date:
        """The first day that counts."""
        return self.since.date()

    @property
    def end_day(self) -> date:
        """The day after the last one that counts."""
        return self.until.date() + timedelta(days=1)

    @property
    def before(self) -> Period:
        """The same number of days just before."""
        length = timedelta(days=self.days)
        return Period(days=self.days, since=self.since - length, until=self.since)


@dataclass(frozen=True)
class Asked:
    """One question to a page: who asks, whose customers are meant, which days, when.

    `scope` is what the person may see, narrowed to the regions chosen in the address; `own` is not narrowed.
    `worked_out_at`: as of when the stored figures are, None before the first score.
    """

    request: HttpRequest
    section: str
    person: queries.Card
    own: Scope
    scope: Scope
    regions: tuple[str, ...]
    period: Period
    now: datetime
    worked_out_at: datetime | None

    @property
    def query(self) -> QueryDict:
        """What stands in the address after the question mark."""
        return self.request.GET

    @property
    def page_name(self) -> str:
        """The name of the page's address, as `urls.py` has it."""
        match = self.request.resolver_match
        return (match.url_name or "") if match else ""

    def may(self, act: rules.Act) -> bool:
        """Say whether the person may do something."""
        return act in self.person.acts

    @property
    def scope_words(self) -> str:
        """Whose customers are counted, where that is not everybody's."""
        if self.regions:
            return f"Only {say.listed(self.regions)}: the regions you chose."
        if self.query.getlist("region") and self.scope.regions is not None and not self.scope.regions:
            return "None of the regions chosen is yours, so nobody is counted."
        if self.own.regions is not None:
            return f"Only {say.listed(sorted(self.own.regions)) or 'no region'}: your regions."
        return ""

    def to(self, view_name: str, *, query: Mapping[str, object] | None = None, **names: object) -> str:
        """Return the address of a page, with the chosen regions and days and more of a query."""
        given = QueryDict(mutable=True)
        for name in CARRIED:
            if values := self.query.getlist(name):
                given.setlist(name, values)
        for name, value in (query or {}).items():
            given.setlist(name, [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)])
        return _address(reverse(view_name, kwargs=names), given)

    def here(self, **changes: object) -> str:
        """Return this page's address with parts of the query changed; None takes one out. A list begins anew."""
        given = self.query.copy()
        for name in ("start", "shown", *(name for name, value in changes.items() if value is None)):
            given.pop(name, None)
        for name, value in changes.items():
            if value is not None:
                given.setlist(name, [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)])
        return _address(self.request.path, given)


@dataclass(frozen=True)
class Frame:
    """What stands around a page's own content."""

    layout: str
    title: str
    asked: Asked | None
    section: str = ""
    nav: tuple[menu.NavItem, ...] = ()
    beside: tuple[menu.NavItem, ...] = ()
    crumbs: Sequence[parts.Crumb] = ()
    announce: str = ""
    company: str = ""
    is_sandbox: bool = False
    region_names: tuple[str, ...] = ()
    worked_out_at: datetime | None = None
    needs: int = 0
    ranges: tuple[tuple[int, str], ...] = RANGES

    @property
    def person(self) -> queries.Card | None:
        """Who is signed in."""
        return self.asked.person if self.asked else None

    @property
    def tabs(self) -> tuple[menu.NavItem, ...]:
        """What a phone shows at its bottom, in order, of what one may see."""
        there = {item.section: item for item in self.nav}
        return tuple(there[section] for section in menu.TABS if section in there)


def page(
    *, section: str, act: rules.Act = rules.Act.LOOK, methods: Sequence[str] = ("GET", "HEAD"), days: int = USUAL_DAYS
) -> Callable[[Page[P]], Callable[..., HttpResponseBase]]:
    """Make a page of a function: it is called with what was asked, only for those who may see it.

    days: what it looks at where nobody chose.
    """

    def decorate(function: Page[P]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(function)
        def view(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            signed_in = sessions.signed_in(request)
            if signed_in is None:
                return _to_sign_in(request)
            person, own = signed_in
            nonsense.take_out(request=request, names=kwargs)
            asked = understand(request, section=section, person=person, own=own, now=timezone.now(), days=days)
            if not asked.may(act):
                return not_allowed(asked)
            only_reads = request.method in {"GET", "HEAD"}
            try:
                with identities.held() if only_reads else nullcontext():
                    return once.once(request, lambda: function(request, asked, *args, **kwargs))
            except (access.NotYoursError, customers.UnknownCustomer, losses.NoSuchLossError):
                raise Http404 from None

        def by(request: HttpRequest, person: queries.Card, own: Scope, now: datetime) -> None:
            asked = understand(request, section=section, person=person, own=own, now=now, days=days)
            if asked.may(act):
                with identities.held():
                    function(request, asked)  # type: ignore[call-arg]  # only pages whose address names nothing

        made: Callable[..., HttpResponseBase] = require_http_methods(list(methods))(view)
        _made[made] = by
        return made

    return decorate


def make(*, name: str, person: queries.Card, own: Scope, now: datetime) -> None:
    """Make a page as somebody would see it, and show it to nobody: what it sums up is then there when they come."""
    request = HttpRequest()
    request.method, request.path = "GET", reverse(name)
    request.resolver_match = resolve(request.path)
    _made[request.resolver_match.func](request, person, own, now)


def understand(
    request: HttpRequest, *, section: str, person: queries.Card, own: Scope, now: datetime, days: int = USUAL_DAYS
) -> Asked:
    """Return what is asked. Regions that are not the person's own are left out, never answered."""
    wanted = tuple(sorted(filter(None, set(request.GET.getlist("region")))))
    regions = wanted if own.regions is None else tuple(region for region in wanted if region in own.regions)
    scope = own.narrowed(frozenset(wanted)) if wanted else own
    worked_out_at = _worked_out_at()
    return Asked(
        request=request,
        section=section,
        person=person,
        own=own,
        scope=scope,
        regions=regions,
        period=_period(request.GET.get("days", str(days)), until=worked_out_at or now),
        now=now,
        worked_out_at=worked_out_at,
    )


def render(
    asked: Asked,
    template: str,
    *,
    page: object,
    title: str,
    crumbs: Sequence[parts.Crumb] = (),
    announce: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page in its frame; for htmx only what goes into `#content`."""
    request = asked.request
    beside = _beside(asked)
    htmx = bool(getattr(request, "htmx", False)) and request.headers.get("HX-Target") == "content"
    frame = Frame(
        layout="valence/swap.html" if htmx else "valence/layout.html",
        title=title,
        asked=asked,
        section=asked.section,
        nav=_nav(asked),
        beside=beside,
        crumbs=() if beside else crumbs,
        announce=announce,
        company=(company := organisation.of(folder=settings.HOME.folder).name),
        is_sandbox=SANDBOX in company.lower(),
        region_names=() if htmx else weeks.regions(scope=asked.own),
        worked_out_at=asked.worked_out_at,
        needs=_needs(asked),
    )
    context: dict[str, Any] = {"frame": frame, "page": page}
    response = render_template(request, template, context, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _needs(asked: Asked) -> int:
    """Return how many cases need the person: the only count in the navigation."""
    if not asked.may(rules.Act.CASES):
        return 0
    return cases.needs(seer=cases.Seer(pk=asked.person.pk, scope=asked.own), now=asked.now)


def _nav(asked: Asked) -> tuple[menu.NavItem, ...]:
    """Return the sections of which somebody may see a page; the link opens the first that they may."""
    found = []
    for item in menu.NAV:
        may = (one for one in menu.BESIDE.get(item.section, (item,)) if asked.may(one.act))
        if first := item if asked.may(item.act) else next(may, None):
            found.append(replace(item, opens=first.section))
    return tuple(found)


def _beside(asked: Asked) -> tuple[menu.NavItem, ...]:
    """Return the pages that stand beside this one; none on a page that lies deeper, which has crumbs."""
    seen = tuple(item for item in menu.BESIDE.get(asked.section, ()) if asked.may(item.act))
    return seen if len(seen) > 1 and any(item.section == asked.page_name for item in seen) else ()


def not_allowed(asked: Asked) -> HttpResponse:
    """Render the page that says that somebody's role does not go so far."""
    state = parts.State(
        icon="no",
        title="This is not part of your role",
        words=f"You are signed in as {asked.person.role_words.lower()}. Ask your administrator if you need it.",
        href=reverse("today"),
        action="Go to Today",
    )
    return render(asked, "valence/state.html", page=state, title="Not part of your role", status=403)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    where = f"{reverse('signin')}?next={quote(request.get_full_path())}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    return HttpResponseRedirect(where)


def _period(text: str, *, until: datetime) -> Period:
    days = int(text) if text in {str(number) for number, _ in RANGES} else USUAL_DAYS
    return Period(days=days, since=until - timedelta(days=days), until=until)


def _worked_out_at() -> datetime | None:
    scored = versions.scored()
    return scored.as_of if scored else None


def _address(path: str, query: QueryDict) -> str:
    return f"{path}?{query.urlencode()}" if query else path
