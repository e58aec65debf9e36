"""Model: does it rank, do its chances hold, what counts as a cause, how strong, what it cannot know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from valence import packs
from valence.bond import checking
from valence.flows.run import jobs as work
from valence.flows.run import started
from valence.flows.weigh import minds
from valence.insights import say
from valence.ledger.queries import jobs, versions
from valence.people import rules
from valence.sources import queries as sources
from valence.web import jobs_shown, parts, view
from valence.web.charts import card, model
from valence.web.pages.model import strengths

HORIZONS = (30, 60, 90)
MAIN = "30d"
CANNOT_KNOW = (
    "What nobody recorded: an offer at the door, a move not yet told, what a neighbour said.",
    "Whether a person would have decided the same for another reason: a chance is not a proof.",
    "Far ahead: beyond 30 days anybody's foresight is weak, and so is this one's.",
    "What a call or a gesture would change. It says who is likely to leave, not who can be won.",
)


@dataclass(frozen=True)
class Figures:
    """A chart with its sentence and the table behind it."""

    says: str
    chart: card.Chart
    table: card.Table


@dataclass(frozen=True)
class VersionRow:
    """One trained model in the list of versions."""

    card: versions.ModelCard
    auc: str
    losses: str
    pack: str


@dataclass(frozen=True)
class ModelPage:
    """Everything the Model page shows; charts are None where there is nothing to draw.

    held: for each horizon, whether its chances held on a day it had not seen; warned: where they did not.
    undone_since: imports that the model in use learned from and that have been undone since.
    """

    card: versions.ModelCard | None
    tiles: tuple[parts.Tile, ...]
    lead: str
    held: tuple[str, ...]
    warned: str
    reliability: Figures | None
    strengths: strengths.Strengths | None
    signals: str
    not_met: tuple[tuple[str, str], ...]
    versions: tuple[VersionRow, ...]
    cannot_know: tuple[str, ...]
    pack: str
    overlay_problem: str
    is_unreadable: bool
    undone_since: tuple[int, ...]
    running: tuple[jobs_shown.JobShown, ...]
    failed: jobs.JobRow | None
    may_change: bool
    empty: parts.State | None


@view.page(section="model", act=rules.Act.SEE_MODEL)
def model_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show how good the model in use is, and what it is made of."""
    return view.render(asked, "valence/model.html", page=_page(asked), title="Model")


@view.page(section="model", act=rules.Act.CHANGE_MODEL, methods=("POST",))
def retrain(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Ask for a new model from everything known; it runs as a job."""
    work.enqueue(name="train", by=asked.person.name, arguments={}, now=asked.now)
    messages.success(request, "Training has begun. You can leave this page.")
    return HttpResponseRedirect(reverse("model"))


@view.page(section="model", act=rules.Act.CHANGE_MODEL, methods=("POST",))
def use(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Ask for another version to be used; everybody is scored again with it."""
    version = request.POST.get("version", "")
    if version not in {one.version for one in versions.cards()}:
        messages.error(request, "There is no such version. Nothing was changed.")
    else:
        work.enqueue(name="use_model", by=asked.person.name, arguments={"version": version}, now=asked.now)
        messages.success(request, f"Version {version} is being put to use.")
    return HttpResponseRedirect(reverse("model"))


def _page(asked: view.Asked) -> ModelPage:
    now = versions.in_use()
    figures: Mapping[str, Any] = now.figures if now else {}
    coefficients = strengths.read(figures=figures)
    pack, problem = _pack()
    latest = jobs.latest(name="train", limit=1)
    return ModelPage(
        card=now,
        tiles=_tiles(figures),
        lead=_lead(figures),
        held=tuple(checking.words(figures=figures, days=days) for days in HORIZONS),
        warned=_warned(figures),
        reliability=_reliability(figures),
        strengths=strengths.drawn(coefficients=coefficients),
        signals=strengths.signals(coefficients=coefficients),
        not_met=strengths.not_met(coefficients=coefficients),
        versions=tuple(_version(one) for one in versions.cards()),
        cannot_know=CANNOT_KNOW,
        pack=f"{pack.name} {pack.version}",
        overlay_problem=problem,
        is_unreadable=now is not None and not _is_read(),
        undone_since=sources.undone_after(trained_at=now.trained_at) if now else (),
        running=jobs_shown.running(names=jobs_shown.LEARNING),
        failed=latest[0] if latest and latest[0].state == "failed" else None,
        may_change=asked.may(rules.Act.CHANGE_MODEL),
        empty=None if now else _empty(asked),
    )


def _tiles(figures: Mapping[str, Any]) -> tuple[parts.Tile, ...]:
    tiles = [_ranking_tile(figures.get(f"{days}d") or {}, days=days) for days in HORIZONS]
    losses = figures.get("losses")
    if losses is None:
        return ()
    return (*tiles, parts.Tile(title="Losses it learned from", figure=say.count(losses), under=_witnesses(figures)))


def _witnesses(figures: Mapping[str, Any]) -> str:
    if figures.get("prior_only"):
        return "too few to learn from: the pack's own weights"
    if figures.get("answers"):
        return f"left by choice · beside {say.count(figures['answers'])} answers to surveys"
    if figures.get("answers_gain"):
        return "left by choice · answers to surveys tell of something else"
    return "left by choice"


def _ranking_tile(held: Mapping[str, Any], *, days: int) -> parts.Tile:
    title = f"Ranking, {days} days ahead"
    if held.get("auc") is None:
        return parts.Tile(title=title, figure=say.UNKNOWN, under="too few losses on held-out time to say")
    likely = f"{say.decimal(held['low'], places=2)}–{say.decimal(held['high'], places=2)}"
    under = f"likely {likely} · {say.count(held.get('events', 0))} losses it had not seen"
    return parts.Tile(title=title, figure=say.decimal(held["auc"], places=2), under=under)


def _lead(figures: Mapping[str, Any]) -> str:
    held = figures.get(MAIN) or {}
    if figures.get("prior_only"):
        return "Too few customers have left to learn from. Until then the pack's own weights are used."
    if held.get("auc") is None:
        return "Too little time has passed to test it on months that it had not seen."
    told = "Of one customer who left within 30 days and one who stayed, it ranks the right one higher in "
    told += f"**{held['auc'] * 100:.0f} of 100** such pairs; chance alone gives 50, and nobody's foresight gives 100."
    return told


def _warned(figures: Mapping[str, Any]) -> str:
    """Say which chances were off, and that those of the first horizon are untested where they are; "" for neither."""
    found = {days: checking.state(figures=figures, days=days) for days in HORIZONS}
    doubted = [days for days, state in found.items() if state is checking.State.OFF]
    if found[HORIZONS[0]] in (checking.State.UNCHECKED, checking.State.UNSURE):
        doubted = [HORIZONS[0], *doubted]
    return " ".join(checking.words(figures=figures, days=days) for days in doubted) if figures else ""


def _reliability(figures: Mapping[str, Any]) -> Figures | None:
    rows = [model.Tenth(**{name: row[name] for name in ("said", "happened", "low", "high", "customers")})
            for row in (figures.get(MAIN) or {}).get("reliability", ())]  # fmt: skip
    if not rows:
        return None
    inside = sum(row.low <= row.said <= row.high for row in rows)
    says = f"In **{inside} of {len(rows)}** groups of customers, the chance that was said lies in the likely range "
    says += "of what then happened. On the dashed line both are equal."
    return Figures(says=says, chart=model.reliability(rows, label=_plain(says)), table=_reliability_table(rows))


def _reliability_table(rows: Sequence[model.Tenth]) -> card.Table:
    names = ("Group", "Said", "Happened", "Likely range", "Customers")
    return card.Table(
        name="Said and happened, as a table",
        columns=tuple(card.Column(name, numeric=at > 0) for at, name in enumerate(names)),
        rows=tuple(
            (
                card.Cell(f"Tenth {at}"),
                card.Cell(say.percent(row.said, of=1000)),
                card.Cell(say.percent(row.happened, of=1000)),
                card.Cell(f"{row.low * 100:.1f}–{row.high * 100:.1f}", quiet=True),
                card.Cell(say.count(row.customers)),
            )
            for at, row in enumerate(rows, start=1)
        ),
    )


def _version(one: versions.ModelCard) -> VersionRow:
    held = one.figures.get(MAIN) or {}
    known = held.get("auc") is not None
    auc = f"{held['auc']:.2f} ({held['low']:.2f}–{held['high']:.2f})" if known else say.UNKNOWN
    return VersionRow(card=one, auc=auc, losses=say.count(one.figures.get("losses", 0)), pack=one.pack)


def _is_read() -> bool:
    """Say whether the model in use can be read: after an upgrade it may have been made by an earlier Valence."""
    try:
        minds.in_use()
    except minds.NoModel:
        return False
    return True


def _pack() -> tuple[packs.Pack, str]:
    """Return the pack in force, and what is wrong with the analyst's changes where they cannot be read."""
    try:
        return packs.load(overlay=settings.HOME.packs / "telco.toml"), ""
    except packs.PackError as problem:
        return packs.load(), str(problem)


def _plain(says: str) -> str:
    return says.replace(parts.MARKED, "")


def _may_begin(asked: view.Asked) -> bool:
    """Say whether the person may train and there is something to learn from."""
    needed = {started.Step.CUSTOMERS, started.Step.INTERACTIONS}
    return asked.may(rules.Act.CHANGE_MODEL) and needed <= started.look().done


def _empty(asked: view.Asked) -> parts.State:
    if _may_begin(asked):
        words = "Customers and their interactions are in. Train the first model: it learns from those who left, then"
        return parts.State("sliders", "No model yet", f"{words} everybody's chance of leaving is worked out.")
    words = "The first model is trained once customers and their interactions were imported."
    if asked.may(rules.Act.SEE_DATA):
        return parts.State("sliders", "No model yet", words, asked.to("data"), "Go to Data")
    return parts.State("sliders", "No model yet", words)
