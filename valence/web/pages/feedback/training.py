"""Training: what people put right, heads that learned from it with their held-out figures, switched on by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from valence.flows.read import heads, teaching
from valence.flows.run import jobs
from valence.insights import say, text_words
from valence.ledger import annotated
from valence.ledger.queries import jobs as asked_for
from valence.ledger.queries import readings
from valence.people import rules
from valence.web import jobs_shown, parts, view
from valence.web.pages.feedback import comment_rows
from valence.web.pages.feedback.changes_shown import Shown, shown

TASKS = {annotated.THEMES: "Themes", annotated.TONE: "Tone"}
LATEST = 12


@dataclass(frozen=True)
class Version:
    """A head as a row: held-out figures, what it learned from, what it would change."""

    number: int
    in_use: bool
    learned_at: datetime | None
    learned_from: str
    figure: str
    likely: str
    off_by: str
    labels: tuple[tuple[str, int, str], ...]
    changes: Shown | None
    look_href: str


@dataclass(frozen=True)
class Task:
    """What is taught: themes or tone."""

    name: str
    label: str
    corrections: int
    needed: int
    told_by: str
    versions: tuple[Version, ...]
    can_go_back: bool


@dataclass(frozen=True)
class Right:
    """One correction."""

    text: str
    language: str
    was: str
    said: str
    by: str
    at: datetime


@dataclass(frozen=True)
class TrainingPage:
    """What the page shows."""

    lead: str
    tasks: tuple[Task, ...]
    latest: tuple[Right, ...]
    running: tuple[jobs_shown.JobShown, ...]
    failed: asked_for.JobRow | None
    waits: int


@view.page(section="answers", act=rules.Act.CHANGE_MODEL, methods=("GET", "HEAD", "POST"))
def training_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what was learned; a POST teaches, switches a head on, or goes back."""
    if request.method == "POST":
        messages.success(request, _done(request, asked))
        return HttpResponseRedirect(asked.to("training"))
    crumbs = (parts.Crumb("Themes", asked.to("themes")), parts.Crumb("Training"))
    return view.render(asked, "valence/training.html", page=_page(asked), title="Training", crumbs=crumbs)


def _done(request: HttpRequest, asked: view.Asked) -> str:
    task, act, by = request.POST.get("task", ""), request.POST.get("act", ""), asked.person.name
    if task not in TASKS:
        return "Nothing was changed."
    if act == "teach":
        jobs.enqueue(name="teach", by=by, arguments={"task": task}, now=asked.now)
        return "It is learning. Nothing in use changes until you switch it on."
    number = request.POST.get("version", "")
    try:
        if act == "use" and number.isdecimal() and len(number) < 9:
            teaching.switch_on(task=task, version=int(number), by=by, now=asked.now)
        elif act == "back":
            teaching.roll_back(task=task, by=by, now=asked.now)
        else:
            return "Nothing was changed."
    except heads.NoSuchHead as none:
        return str(none)
    jobs.enqueue(name="read_texts", by=by, arguments={}, now=asked.now)
    return "Switched. What customers wrote is being read again with it."


def _page(asked: view.Asked) -> TrainingPage:
    counted = readings.corrections()
    failed = asked_for.latest(name="teach", limit=1)
    return TrainingPage(
        lead=_lead(counted),
        tasks=tuple(_task(asked, name, label, counted.get(name, 0)) for name, label in TASKS.items()),
        latest=_latest(),
        running=jobs_shown.running(names=("teach", "read_texts")),
        failed=failed[0] if failed and failed[0].state == "failed" else None,
        waits=readings.waits(),
    )


def _lead(counted: Mapping[str, int]) -> str:
    total = sum(counted.values())
    if not total:
        return "Nothing was put right yet. On Comments, one key corrects a label; what is learned from it appears here."
    return (
        f"**{say.many(total, 'correction')}** by people. A head learns from them together with the sentences of the "
        "pack; its figures are of texts it had not seen, and nothing changes until it is switched on."
    )


def _task(asked: view.Asked, name: str, label: str, corrections: int) -> Task:
    versions = teaching.versions(task=name)
    used = next((one.kept.version for one in versions if one.kept.in_use), None)
    came = "the head that comes with Valence" if name == annotated.TONE else "the words and examples of the pack"
    return Task(
        name=name,
        label=label,
        corrections=corrections,
        needed=max(0, teaching.FEWEST - corrections),
        told_by=f"version {used}" if used else came,
        versions=tuple(_version(asked, name, one) for one in versions),
        can_go_back=used is not None,
    )


def _version(asked: view.Asked, task: str, one: teaching.Version) -> Version:
    this = f"{task}-{one.kept.version}"
    looks = asked.query.get("look") == this
    changes = teaching.would_change(task=task, version=one.kept.version) if looks else one.changes
    card = one.kept.card
    held: Mapping[str, Any] = card.get("held_out", {})
    figure = held.get("macro_f1") or {}
    labels = comment_rows.labels()
    said = {**labels, **text_words.TONES}
    return Version(
        number=one.kept.version,
        in_use=one.kept.in_use,
        learned_at=datetime.fromisoformat(card["learned_at"]) if card.get("learned_at") else None,
        learned_from=str(card.get("learned_from", "")),
        figure=_figure(figure.get("value")),
        likely=f"{_figure(figure.get('low'))} to {_figure(figure.get('high'))}" if figure else "",
        off_by=_figure(held.get("calibration_error"), places=3),
        labels=tuple(
            (said.get(name, name), row["n"], _figure(row["f1"])) for name, row in held.get("labels", {}).items()
        ),
        changes=shown(changes, labels=labels) if changes else None,
        look_href="" if looks or one.kept.in_use else asked.to("training", query={"look": this}),
    )


def _figure(value: float | None, *, places: int = 2) -> str:
    return "" if value is None else say.decimal(value, places=places)


def _latest() -> tuple[Right, ...]:
    found = [one for part in annotated.PARTS for one in readings.labelled(part=part)]
    newest = sorted(found, key=lambda one: one.at, reverse=True)[:LATEST]
    return tuple(Right(one.text[:200], one.language, _said(one.was), _said(one.said), one.by, one.at) for one in newest)


def _said(labels: str) -> str:
    """Return labels as people say them: `bill:negative` is "Bill (negative)"."""
    named = {**comment_rows.labels(), **text_words.INTENTS, **text_words.TONES}
    each = [label.partition(":") for label in labels.split("|") if label]
    said = [f"{named.get(name, name)}{f' ({text_words.tone(tone).lower()})' if tone else ''}" for name, _, tone in each]
    return ", ".join(said) or "nothing"
