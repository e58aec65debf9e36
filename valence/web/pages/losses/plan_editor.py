"""A plan written or changed on a page: a title, what begins it, and its steps; what the form cannot say is JSON."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from valence.alerts import plan, saying
from valence.alerts.condition import WrongCondition
from valence.flows.act import own_plans, planning
from valence.flows.run import jobs
from valence.people import rules
from valence.web import fresh, parts, view, words
from valence.web.pages.losses import plan_words

EXAMPLE = {
    "name": "",
    "title": "",
    "words": "",
    "window_days": 30,
    "begins": {"field": "kind", "is": "contact"},
    "step": [{"name": "", "title": "", "within_days": 7, "of": {"all": []}}],
}


@dataclass(frozen=True)
class PlanEditorPage:
    """One plan as a form. reads: what begins it and each step in words, as it is kept; offered: kinds and facts."""

    name: str
    form: plan_words.PlanForm
    stored: object
    reads: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    most: int
    elsewhere: str
    is_own: bool
    of_pack: bool
    problem: str = ""


@view.page(section="handoffs", act=rules.Act.RULES, methods=("GET", "HEAD", "POST"))
def new_plan(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Write a new plan."""
    return _edited(request, asked, None)


@view.page(section="handoffs", act=rules.Act.RULES, methods=("GET", "HEAD", "POST"))
def plan_editor(request: HttpRequest, asked: view.Asked, name: str) -> HttpResponse:
    """Change one plan, or take what a page wrote of it away."""
    found = next((one for one in planning.in_force()[0] if one.name == name), None)
    if found is None:
        raise Http404
    return _edited(request, asked, found)


def _edited(request: HttpRequest, asked: view.Asked, found: plan.Plan | None) -> HttpResponse:
    form, problem = plan_words.form_of(table=plan.table_of(plan=found) if found else EXAMPLE), ""
    if request.method == "POST":
        form = plan_words.typed(form=request.POST)
        try:
            fresh.hold(request.POST, _stored(found))
            return HttpResponseRedirect(asked.to("plans", query={"plan": _done(request, asked, found, form)}))
        except (plan.WrongPlan, WrongCondition, fresh.ChangedSince) as wrong:
            problem = str(wrong)
    page = _page(found, form, problem)
    title = f"Change: {found.title}" if found else "New plan"
    crumbs = (parts.Crumb("Plans", asked.to("plans")), parts.Crumb(title))
    status = 422 if problem else 200
    return view.render(asked, "valence/plan_edit.html", page=page, title=title, crumbs=crumbs, status=status)


def _done(request: HttpRequest, asked: view.Asked, found: plan.Plan | None, form: plan_words.PlanForm) -> str:
    """Do what the form asks, have plans counted anew, and return the name of the plan."""
    if found and request.POST.get("act") == "drop":
        own_plans.drop(name=found.name, by=asked.person.name, now=asked.now)
        said, name = "As the pack has it again." if planning.of_pack(name=found.name) else "Given up.", found.name
    else:
        table = plan_words.read(name=found.name if found else "", form=form, pack=words.pack())
        if found is None and any(one.name == table["name"] for one in planning.in_force()[0]):
            raise plan.WrongPlan("There is a plan of this title already: change that one, or write another title.")
        name, said = own_plans.keep(table=table, by=asked.person.name, now=asked.now).name, "Plan kept."
    jobs.enqueue(name="plans", by=asked.person.name, arguments={}, now=asked.now)
    messages.success(request, f"{said} Its runs are being counted.")
    return name


def _stored(found: plan.Plan | None) -> object:
    return plan.table_of(plan=found) if found else ""


def _page(found: plan.Plan | None, form: plan_words.PlanForm, problem: str) -> PlanEditorPage:
    pack = words.pack()
    steps = [(one.title, saying.condition(said=one.of, pack=pack)) for one in (found.steps if found else ())]
    begins = [("It begins with", saying.condition(said=found.begins, pack=pack))] if found else []
    return PlanEditorPage(
        name=found.name if found else "",
        form=form,
        stored=_stored(found),
        reads=(*begins, *steps),
        kinds=tuple((name, one.label) for name, one in pack.kinds.items()),
        facts=tuple((name, pack.label_fact(name)) for name in pack.facts),
        most=plan.MOST_STEPS,
        elsewhere=own_plans.elsewhere(name=found.name) if found else "",
        is_own=bool(found) and own_plans.is_own(name=found.name) if found else False,
        of_pack=planning.of_pack(name=found.name) if found else False,
        problem=problem,
    )
