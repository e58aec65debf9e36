"""valence evaluate truth DIR: how near the product comes to the truth of a simulated operator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import CommandParser
from rich.console import Group
from rich.table import Table

from valence import terms
from valence.demo import truth
from valence.flows.weigh import lookback, train
from valence.management import command

SUBJECT = "truth"
HELP = "a folder that valence simulate wrote"
EVERY = 3
_NUMBERS = ("effect", "p_would_have_stayed", "p_low", "p_high", "attributable")


def add_options(*, parser: CommandParser) -> None:
    """Add the arguments of this subject."""
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--every", type=int, default=EVERY, metavar="N", help="learn anew at every Nth month (default: 3)"
    )


def act(*, options: Mapping[str, Any], now: datetime, evaluation: command.Command) -> command.Outcome:
    """Compare what this home says with the truth beside the files that were imported into it."""
    if options["every"] < 1:
        raise command.WrongUse("--every must be at least 1")
    evaluation.open_home()
    try:
        told = truth.read(folder=options["folder"])
    except truth.NoTruthError as problem:
        raise command.WrongUse(str(problem)) from None
    losses = lookback.columns(name="losses", now=now)
    if not len(losses["customer_id"]):
        raise command.WrongUse("Nobody who left is known here. First: import the folder, valence train, valence score")
    found = _found(told=told, losses=losses, every=options["every"], now=now, evaluation=evaluation)
    figures = truth.figures(truth=told, found=found)
    return command.Outcome(answer=figures, words=_words(figures))


def _found(
    *, told: truth.Truth, losses: Mapping[str, Any], every: int, now: datetime, evaluation: command.Command
) -> truth.Found:
    moments = [terms.moment(day) for day in truth.landmark_days(truth=told)]
    try:
        with evaluation.bar() as progress:
            parts = list(lookback.chances(moments=moments, every=every, progress=progress))
    except train.NothingToLearn as problem:
        raise command.WrongUse(f"Nothing to learn from: {problem}.") from None
    return truth.Found(risks=_risks(parts), blame=_blame(now=now), losses=_numbered(losses))


def _risks(parts: list[lookback.Chances]) -> dict[str, Any]:
    return {
        "customer_id": np.concatenate([part.customer_ids for part in parts]),
        "landmark": np.concatenate([np.full(len(part.customer_ids), terms.days(part.at)) for part in parts]),
        "p_leave_30d": np.concatenate([part.p_leave[:, 0] for part in parts]),
        "p_low_30d": np.concatenate([part.p_low[:, 0] for part in parts]),
        "p_high_30d": np.concatenate([part.p_high[:, 0] for part in parts]),
    }


def _blame(*, now: datetime) -> dict[str, Any]:
    blame = _numbered(lookback.columns(name="blame", now=now))
    ranges = lookback.effect_ranges()
    held = [ranges[pair] for pair in zip(blame["customer_id"], blame["interaction_id"], strict=True)]
    limits = np.array(held, dtype=float).reshape(-1, 2)
    return {**blame, "effect_low": limits[:, 0], "effect_high": limits[:, 1]}


def _numbered(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: column.astype(float) if name in _NUMBERS else column for name, column in columns.items()}


def _words(figures: Mapping[str, Any]) -> Group:
    """Return the figures as tables for people."""
    ranking, ours = figures["ranking"], figures["ours"]
    head = (
        f"{figures['law']} law, seed {figures['seed']}: {figures['losses']:,} left by choice, "
        f"{len(ranking['months'])} months looked back at.\n"
        f"Ranking at 30 days: AUC {_said(ranking['auc'])}, true hazard {_said(ranking['oracle_auc'])}, "
        f"last score {_said(ranking['last_score_auc'])}; skill {_said(ranking['skill'])}."
    )
    tail = (
        f"Ours or not: AUC {ours['auc']:.3f} (true law from recorded facts {ours['ceiling']:.3f}).\n"
        f"Would have stayed: worst tenth off by {figures['stayed']['worst']:.3f}.\n"
        + "Truth inside the 95 % range: "
        + ", ".join(f"{name} {figure['value']:.3f}" for name, figure in figures["coverage"].items())
        + "."
    )
    return Group(head, _named(figures["named_first"]), tail)


def _named(named: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    answers = ("valence", "ceiling", "commonest", "last_touch", "worst_score")
    table = Table("named first, share right", "Valence", "true law", *(name.replace("_", " ") for name in answers[2:]))
    for what, given in named.items():
        table.add_row(what.replace("_", " "), *(_said(given[name]) if name in given else "" for name in answers))
    return table


def _said(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
