"""Pack: the analyst's changes to it, checked, tried on what is known, and only then switched on."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from valence import packs
from valence.flows.find import drafts
from valence.flows.run import jobs
from valence.flows.weigh import overlays
from valence.insights import say
from valence.ledger.queries import jobs as asked_for
from valence.people import rules
from valence.web import jobs_shown, view, words

EXAMPLE = """[facts]
wrong_meter = { label = "Wrong meter", phrase = "read the wrong meter" }

[[marks]]
name = "wrong_meter"
when = { facts = ["wrong_meter"] }
sign = "harm"
family = "bill"
weight = 0.4
"""


@dataclass(frozen=True)
class Compared:
    """One figure with the pack in use and with the draft."""

    name: str
    before: str
    after: str
    likely_before: str = ""
    likely_after: str = ""


@dataclass(frozen=True)
class PackPage:
    """The pack in use, the draft, what it would change and what effect that has."""

    version: str
    is_changed: bool
    marks: tuple[tuple[packs.PackMark, str], ...]
    draft: drafts.Draft
    told: tuple[tuple[str, tuple[str, ...]], ...]
    compared: tuple[Compared, ...]
    running: tuple[jobs_shown.JobShown, ...]
    failed: asked_for.JobRow | None
    example: str
    problem: str = ""


@view.page(section="model", act=rules.Act.CHANGE_MODEL, methods=("GET", "HEAD", "POST"))
def pack(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the pack and the draft of changes; keep, try, switch on or drop it."""
    if request.method != "POST":
        return _rendered(asked)
    act = request.POST.get("act", "")
    try:
        message = _done(act, request.POST.get("text", ""), asked)
    except drafts.TooLongError:
        return _rendered(asked, problem=f"A pack has at most {drafts.LONGEST:,} characters. Nothing was changed.")
    except packs.PackError as wrong:
        return _rendered(asked, problem=f"{wrong}. Nothing was changed.")
    messages.success(request, message)
    return HttpResponseRedirect(reverse("pack"))


def _done(act: str, text: str, asked: view.Asked) -> str:
    by = asked.person.name
    if act in {"check", "try"}:
        drafts.write(text=text)
    if act == "try":
        jobs.enqueue(name="try_pack", by=by, arguments={}, now=asked.now)
        return "It is being tried on what is known. Nothing is stored."
    if act == "use":
        changes = drafts.switch_on(by=by, now=asked.now)
        return f"Pack {changes.version} is switched on. Retrain to apply it."
    if act == "drop":
        was_on = overlays.switch_off(by=by, now=asked.now)
        return "The pack is as shipped again. Retrain to apply it." if was_on else "No changes were switched on."
    return "The draft is kept. Nothing in use was changed."


def _rendered(asked: view.Asked, *, problem: str = "") -> HttpResponse:
    draft = drafts.read()
    in_use = words.pack()
    latest = asked_for.latest(name="try_pack", limit=1)
    page = PackPage(
        version=f"{in_use.name} {in_use.version}",
        is_changed=overlays.place().exists(),
        marks=tuple((mark, mark.label or mark.words or in_use.say_fact(mark.name)) for mark in in_use.marks),
        draft=draft,
        told=_told(draft.changes),
        compared=_compared(draft.effect),
        running=jobs_shown.running(names=("try_pack",)),
        failed=latest[0] if latest and latest[0].state == "failed" else None,
        example=EXAMPLE,
        problem=problem or draft.problem,
    )
    status = 422 if problem else 200
    return view.render(asked, "valence/pack.html", page=page, title="Pack", status=status)


def _told(changes: overlays.Changes | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if changes is None:
        return ()
    each = (
        ("Added", changes.added),
        ("Taken out", changes.removed),
        ("Changed", changes.changed),
        ("Newly known", changes.newly_known),
    )
    return tuple((name, found) for name, found in each if found)


def _compared(effect: overlays.Effect | None) -> tuple[Compared, ...]:
    if effect is None:
        return ()
    both = before, after = effect.before, effect.after
    return (
        Compared("Ranking, 30 days ahead", *(_ranking(one) for one in both), *(_likely(one) for one in both)),
        Compared("Losses that were ours", say.count(before.ours), say.count(after.ours)),
        Compared("Losses that were not ours", say.count(before.not_ours), say.count(after.not_ours)),
        Compared("Losses that cannot be said", say.count(before.cannot_say), say.count(after.cannot_say)),
        Compared("Likely to leave now", say.count(before.likely_to_leave), say.count(after.likely_to_leave)),
    )


def _ranking(one: overlays.Outcome) -> str:
    if one.auc is None or one.low is None or one.high is None:
        return "too few losses to say"
    return say.decimal(one.auc, places=3)


def _likely(one: overlays.Outcome) -> str:
    if one.low is None or one.high is None:
        return ""
    return f"{say.decimal(one.low, places=2)}–{say.decimal(one.high, places=2)}"
