"""How near the product comes to the truth of a simulated operator, beside what anybody could say without it.

Every figure stands beside its ceiling (what the true law says, from recorded facts where the product has only those)
and beside naive baselines: the commonest department, the last touch, the worst score.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from valence.demo import memory, scoring

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]
Table = Mapping[str, NDArray[Any]]

OURS = 0.5
_TRUTHS = ("landmarks", "losses", "effects")


class NoTruthError(Exception):
    """The folder holds no truth of a simulated operator; the message names what is missing."""


@dataclass(frozen=True)
class Truth:
    """What a simulator wrote: the law, the truth's tables (texts as objects, times in days) and the last touches."""

    law: Mapping[str, Any]
    landmarks: Table
    losses: Table
    effects: Table
    touches: Touches


@dataclass(frozen=True)
class Touches:
    """Of each loss, in the order of Truth.losses: the last interaction that a department answered for, the one before
    the worst answer, and their departments ("" none). answers: (customer_id, at, share of the scale) by everybody, by
    time."""

    last: Texts
    last_department: Texts
    worst: Texts
    worst_department: Texts
    answers: Sequence[tuple[str, float, float]]


@dataclass(frozen=True)
class Found:
    """What the product said, as tables of columns named as in the exports.

    risks: `customer_id`, `landmark` (days), `p_leave_30d`, `p_low_30d`, `p_high_30d`, over all landmarks. blame: the
    export, with `effect_low` and `effect_high` where there are any. losses: the export.
    """

    risks: Table
    blame: Table
    losses: Table


def read(*, folder: Path) -> Truth:
    """Read the truth from the folder that `valence simulate` wrote. Raises NoTruthError where it is not all there."""
    try:
        law = json.loads((folder / "truth" / "law.json").read_text())
        tables = {name: _columns(memory.table(folder=folder / "truth", name=name)) for name in _TRUTHS}
        interactions = memory.table(folder=folder, name="interactions")
    except (FileNotFoundError, json.JSONDecodeError, pa.ArrowInvalid) as problem:
        raise NoTruthError(f"{folder} holds no truth of a simulated operator: {problem}") from problem
    return Truth(law=law, touches=_touches(losses=tables["losses"], interactions=interactions), **tables)


def landmark_days(*, truth: Truth) -> list[float]:
    """Return the landmarks (days since 1970) at which the truth about risk is known."""
    return [float(day) for day in np.unique(truth.landmarks["landmark"])]


def figures(*, truth: Truth, found: Found) -> dict[str, Any]:
    """Return every figure, ready for JSON."""
    losses = _joined(left=truth.losses, right=found.losses, on=("customer_id",))
    effects = _joined(left=found.blame, right=truth.effects, on=("customer_id", "interaction_id"))
    return {
        "law": truth.law["law"],
        "seed": truth.law["seed"],
        "losses": len(truth.losses["customer_id"]),
        "ranking": _ranking(truth=truth, found=found),
        "named_first": _named_first(touches=truth.touches, losses=losses, chosen=losses["attributable"] >= 0),
        "named_first_where_ours": _named_first(
            touches=truth.touches, losses=losses, chosen=losses["attributable"] > OURS
        ),
        "ours": _ours(losses=losses),
        "stayed": _stayed(effects=effects),
        "coverage": _coverage(truth=truth, found=found, effects=effects),
    }


def _columns(table: pa.Table) -> Table:
    """Return a table's columns as arrays; times become days, unknown texts ""."""
    found: dict[str, NDArray[Any]] = {}
    for name in table.column_names:
        column = table[name]
        if name in ("landmark", "left_at"):
            found[name] = memory.days(column)
        elif pa.types.is_string(column.type) or pa.types.is_null(column.type):
            found[name] = pc.fill_null(pc.cast(column, pa.string()), "").to_numpy()
        else:
            found[name] = column.to_numpy()
    return found


def _joined(*, left: Table, right: Table, on: Sequence[str]) -> Table:
    """Return the left rows with the right's columns, `their_` before each name; `met` says where there was one."""
    place = {key: row for row, key in enumerate(zip(*(right[name] for name in on), strict=True))}
    rows = np.array([place.get(key, -1) for key in zip(*(left[name] for name in on), strict=True)], dtype=np.int64)
    met = rows >= 0
    joined: dict[str, NDArray[Any]] = {**left, "met": met}
    for name, column in right.items():
        if name not in on:
            empty: Any = "" if column.dtype == object else np.zeros((), dtype=column.dtype)
            filled = column[rows] if len(column) else np.full(len(rows), empty, dtype=column.dtype)
            joined[f"their_{name}"] = np.where(met, filled, empty)
    return joined


def _ranking(*, truth: Truth, found: Found) -> dict[str, Any]:
    """Return the area under the curve at 30 days over the landmarks, beside the true hazard's, and the skill."""
    joined = _joined(left=truth.landmarks, right=found.risks, on=("customer_id", "landmark"))
    usable = joined["met"] & np.isfinite(joined["left_30d"])
    came = joined["left_30d"] == 1
    guesses = {
        "valence": joined["their_p_leave_30d"],
        "oracle": joined["hazard"],
        "last_score": _last_scores(truth=truth),
    }
    months = []
    for day in landmark_days(truth=truth):
        here = usable & (joined["landmark"] == day)
        if came[here].any():
            months.append({name: scoring.area(guess=guess[here], came=came[here]) for name, guess in guesses.items()}
                          | {"at": day, "there": int(here.sum()), "left": int(came[here].sum())})  # fmt: skip
    areas = {name: scoring.mean(values=[month[name] for month in months]) for name in guesses}
    return {
        "auc": asdict(areas["valence"]), "oracle_auc": asdict(areas["oracle"]),
        "last_score_auc": asdict(areas["last_score"]), "skill": asdict(_skill(areas=areas)),
        "scored": float(joined["met"].mean()), "months": months,
    }  # fmt: skip


def _skill(*, areas: Mapping[str, scoring.Figure]) -> scoring.Figure:
    """Return (AUC - .5) / (oracle AUC - .5), its range the AUC's."""
    ours, possible = areas["valence"], areas["oracle"].value - 0.5
    value, low, high = ((value - 0.5) / possible for value in (ours.value, ours.low, ours.high))
    return scoring.Figure(value=value, low=low, high=high, count=ours.count)


def _last_scores(*, truth: Truth) -> Floats:
    """Return for each row of the landmarks how bad the last answer before was; those who never answered: as usual."""
    bad = np.full(len(truth.landmarks["customer_id"]), 0.2)
    rows: dict[str, list[int]] = {}
    for row, customer in enumerate(truth.landmarks["customer_id"]):
        rows.setdefault(customer, []).append(row)
    for customer, at, score in truth.touches.answers:
        for row in rows.get(customer, ()):
            if truth.landmarks["landmark"][row] > at:
                bad[row] = 1 - score
    return bad


def _named_first(*, touches: Touches, losses: Table, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    """Return how often department, interaction and roots named first are the true ones, over the chosen losses."""
    answers: dict[str, dict[str, Texts]] = {
        "department": _answers("top_department", losses) | {"last_touch": touches.last_department,
                                                           "worst_score": touches.worst_department},
        "interaction": _answers("top_interaction_id", losses) | {"last_touch": touches.last,
                                                                 "worst_score": touches.worst},
        "root_department": _answers("root_department", losses) | {"last_touch": touches.last_department,
                                                                  "worst_score": touches.worst_department},
        "root_interaction": _answers("root_interaction_id", losses),
        "root_department_of_top": _answers("root_department", losses, true="top_root_department"),
    }  # fmt: skip
    return {
        what: _beside(true=given.pop("true")[chosen], given={name: said[chosen] for name, said in given.items()})
        for what, given in answers.items()
    }


def _answers(name: str, losses: Table, true: str = "") -> dict[str, Texts]:
    true = true or name
    return {"true": losses[true], "valence": losses[f"their_{name}"], "ceiling": losses[f"named_{true}"]}


def _beside(*, true: Texts, given: Mapping[str, Texts]) -> dict[str, Any]:
    """Return the share right of each answer where the truth has one, and of always naming the commonest."""
    asked = true != ""
    words, counts = np.unique(true[asked].astype(str), return_counts=True)
    commonest = str(words[np.argmax(counts)]) if len(words) else ""
    hits = {name: answer[asked] == true[asked] for name, answer in given.items()}
    hits["commonest"] = np.asarray(true[asked] == commonest)
    return {name: asdict(scoring.share(hits=np.asarray(hit, dtype=bool))) for name, hit in hits.items()}


def _ours(*, losses: Table) -> dict[str, Any]:
    """Return how well the attributable fraction tells losses that were mostly ours, and those whose drawn cause was."""
    guess, named = losses["their_attributable"].astype(float), losses["named_attributable"]
    mostly, drawn = losses["attributable"] > OURS, losses["cause"] == "interactions"
    verdict, counts = np.unique(losses["their_verdict"].astype(str), return_counts=True)
    said = {
        str(word): float(mostly[losses["their_verdict"] == word].mean()) for word in verdict if word
    }  # fmt: skip
    return {
        "auc": scoring.area(guess=guess, came=mostly), "ceiling": scoring.area(guess=named, came=mostly),
        "drawn_auc": scoring.area(guess=guess, came=drawn), "drawn_ceiling": scoring.area(guess=named, came=drawn),
        "deciles": scoring.deciles(guess=guess, truth=losses["attributable"]),
        "verdicts": dict(zip(map(str, verdict), counts.tolist(), strict=True)), "truly_ours_by_verdict": said,
    }  # fmt: skip


def _stayed(*, effects: Table) -> dict[str, Any]:
    """Return how p_would_have_stayed compares with the true one, in tenths of what was said."""
    groups = scoring.deciles(
        guess=effects["p_would_have_stayed"].astype(float), truth=effects["their_p_would_have_stayed"]
    )
    return {"deciles": groups, "worst": scoring.worst(groups=groups), "count": len(effects["met"])}


def _coverage(*, truth: Truth, found: Found, effects: Table) -> dict[str, Any]:
    """Return how often the 95 % ranges hold the truth."""
    risks = _joined(left=truth.landmarks, right=found.risks, on=("customer_id", "landmark"))
    met = risks["met"]
    low, high = risks["their_p_low_30d"][met], risks["their_p_high_30d"][met]
    covered = {"p_leave_30d": _held(truth=risks["p_30d"][met], low=low, high=high)}
    covered["p_leave_30d_groups"] = _held_by_groups(
        guess=risks["their_p_leave_30d"][met], truth=risks["p_30d"][met], low=low, high=high
    )
    covered["p_would_have_stayed"] = _held(
        truth=effects["their_p_would_have_stayed"], low=effects["p_low"], high=effects["p_high"]
    )
    if "effect_low" in effects:
        covered["effect"] = _held(truth=effects["their_effect"], low=effects["effect_low"], high=effects["effect_high"])
    return covered


def _held(*, truth: Floats, low: Floats, high: Floats) -> dict[str, Any]:
    slack = 1e-6
    held = (np.asarray(truth) >= np.asarray(low) - slack) & (np.asarray(truth) <= np.asarray(high) + slack)
    return asdict(scoring.share(hits=held))


def _held_by_groups(*, guess: Floats, truth: Floats, low: Floats, high: Floats) -> dict[str, Any]:
    """Return the same for the means of fifty groups of like guesses: what one sees when counting who left."""
    groups = [group for group in np.array_split(np.argsort(guess, kind="stable"), 50) if len(group)]
    return _held(
        truth=np.array([truth[group].mean() for group in groups]),
        low=np.array([low[group].mean() for group in groups]),
        high=np.array([high[group].mean() for group in groups]),
    )


def _touches(*, losses: Table, interactions: pa.Table) -> Touches:
    """Find the last touch and the touch before the worst answer of every loss."""
    lost = {customer: row for row, customer in enumerate(losses["customer_id"])}
    kept = interactions.filter(pc.is_in(interactions["customer_id"], pa.array(list(lost), pa.string())))
    at = memory.days(kept["occurred_at"])
    kept, at = kept.take(pa.array(np.argsort(at, kind="stable"))), np.sort(at)
    columns = [kept[name].to_pylist() for name in ("customer_id", "interaction_id", "department", "score", "scale")]
    last: list[tuple[str, str]] = [("", "")] * len(lost)
    worst, lowest = list(last), [np.inf] * len(lost)
    for customer, interaction, department, score, scale in zip(*columns, strict=True):
        row = lost[customer]
        if department:
            last[row] = (interaction, department)
        elif score is not None and _as_share(score, scale) < lowest[row]:
            lowest[row], worst[row] = _as_share(score, scale), last[row]
    last_ones, worst_ones = np.array(last, dtype=object), np.array(worst, dtype=object)
    return Touches(
        last=last_ones[:, 0],
        last_department=last_ones[:, 1],
        worst=worst_ones[:, 0],
        worst_department=worst_ones[:, 1],
        answers=_answered(interactions=interactions),
    )


def _answered(*, interactions: pa.Table) -> list[tuple[str, float, float]]:
    given = interactions.filter(pc.is_valid(interactions["score"]))
    columns = [given[name].to_pylist() for name in ("customer_id", "score", "scale")]
    answers = [
        (customer, float(at), _as_share(score, scale))
        for at, customer, score, scale in zip(memory.days(given["occurred_at"]), *columns, strict=True)
    ]
    return sorted(answers, key=lambda answer: answer[1])


def _as_share(score: float, scale: str) -> float:
    """Return a score as a share of its scale, so that scales compare."""
    low, high = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}.get(scale or "", (0, 10))
    return float((score - low) / (high - low))
