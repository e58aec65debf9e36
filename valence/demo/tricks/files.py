"""The made-up teams as files of the data contract, and the truth about each team and each answer beside them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from valence import terms
from valence.demo import vocabulary
from valence.demo.tricks import planting
from valence.demo.tricks.floor import DAYS, FACTS, REGIONS
from valence.demo.tricks.record import Record
from valence.demo.world import REGIONS as REGION_NAMES
from valence.insights.integrity.moments import ASKED, UNDUE

CUSTOMERS = ("customer_id", "joined_at", "left_at", "left_kind", "segment", "region", "language")
INTERACTIONS = (
    "interaction_id", "source", "customer_id", "occurred_at", "kind", "department", "touchpoint", "channel", "reason",
    "facts", "wait_minutes", "score", "scale", "text", "language", "team_id", "caused_by", "attributes",
)  # fmt: skip
SEGMENTS = ("single", "family", "senior", "student")
Row = Sequence[object]
LEAST, MOST = 120, 400


@dataclass(frozen=True)
class Written:
    """What was written: counts of encounters, answers and teams."""

    encounters: int
    answers: int
    teams: int


def write(
    *,
    seed: int,
    tricks: Sequence[tuple[str, float]],
    honest: tuple[int, int],
    end: float,
    out: Path,
    report: Callable[[terms.Progress], None],
) -> Written:
    """Write one made-up operator's teams, with the tricks planted, ending before `end` (days since 1970).

    tricks: for each of the first teams its trick and the share of its answers that it touches. honest: how many
    ordinary and how many excellent teams come after them. The same arguments write the same files. Each encounter is
    another customer's: what teams do is what matters here.
    """
    ordinary, excellent = honest
    made = planting.plant(
        seed=seed, tricks=tricks, ordinary=ordinary, excellent=excellent, least=LEAST, most=MOST, first_day=end - DAYS
    )
    plan = planting.doing(tricks=tricks, ordinary=ordinary, excellent=excellent)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    parts = (
        ("customers.csv", CUSTOMERS, _customers(made)),
        ("interactions.csv", INTERACTIONS, _interactions(made, end)),
        ("truth/teams.csv", ("team_id", "trick", "share", "answers", "score", "true_score"), _teams(made, plan)),
        ("truth/answers.csv", ("interaction_id", "team_id", "touched", "score", "true_score"), _answers(made)),
    )
    for number, (name, columns, rows) in enumerate(parts):
        _write(out / name, columns, rows)
        report(terms.Progress(done=number + 1, total=len(parts), words="files"))
    told = made.moments
    return Written(encounters=len(told), answers=int(told.has_answer.sum()), teams=len(told.teams))


def _write(path: Path, columns: Sequence[str], rows: Iterator[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _customers(made: Record) -> Iterator[Row]:
    told = made.moments
    rng = np.random.default_rng(len(told))
    leaves = (told.later == 1) & (rng.random(len(told)) < 0.4)
    after = rng.uniform(12, 50, len(told))
    segment, region = _mix(made)
    for row in range(len(told)):
        joined = told.occurred[row] - 400 - row % 1500
        left = _time(told.occurred[row] + after[row]) if leaves[row] else ""
        yield (
            f"c{row}", _time(joined), left, "voluntary" if left else "", SEGMENTS[segment[row]],
            REGION_NAMES[region[row]], vocabulary.LANGUAGES[made.language[row]],
        )  # fmt: skip


def _interactions(made: Record, end: float) -> Iterator[Row]:
    told = made.moments
    rng = np.random.default_rng(len(told))
    leaves = (told.later == 1) & (rng.random(len(told)) < 0.4)
    for row in range(len(told)):
        at, whose = told.occurred[row], (f"c{row}", told.teams[told.team[row]])
        yield _encounter(made, row, at, whose)
        if told.answers[row] and told.answered[row] < end:
            yield _answer(made, row, told.answered[row], whose)
        if told.later[row] == 1 and not leaves[row]:
            trouble = _event(
                f"t{row}", "crm", whose[0], at + 10 + row % 40, "contact", "care", "call_centre", "complaint"
            )
            yield _with(trouble, {})


def _encounter(made: Record, row: int, at: float, whose: tuple[str, str]) -> Row:
    told = made.moments
    facts = "|".join(name for name, struck in zip(FACTS[:-1], told.facts[row], strict=False) if struck)
    said = "" if told.state[row] == UNDUE else "asked" if told.state[row] == ASKED else _why(str(told.why[row]))
    event = _event(f"e{row}", "crm", whose[0], at, "visit", "field", "installation", "order")
    more = {"facts": facts, "wait_minutes": round(10 * float(told.facts[row, -1]), 1), "team_id": whose[1],
            "attributes": json.dumps({"asked": said}) if said else ""}  # fmt: skip
    return _with(event, more)


def _answer(made: Record, row: int, at: float, whose: tuple[str, str]) -> Row:
    told = made.moments
    attributes = {
        "seconds": round(float(told.seconds[row]), 1),
        "device": f"{int(told.device[row]):016x}",
        "straight": bool(told.straight[row]),
    }
    event = _event(f"a{row}", "survey", whose[0], at, "feedback", "field", "visit_survey", "")
    more = {
        "channel": "store" if told.shared[row] else "email", "score": int(told.score[row]), "scale": told.scale.name,
        "text": told.text[row], "language": vocabulary.LANGUAGES[made.language[row]], "team_id": whose[1],
        "caused_by": f"crm:e{row}", "attributes": json.dumps(attributes),
    }  # fmt: skip
    return _with(event, more)


def _event(
    number: str, source: str, customer: str, at: float, kind: str, department: str, touchpoint: str, reason: str
) -> dict[str, object]:
    return {"interaction_id": number, "source": source, "customer_id": customer, "occurred_at": _time(at),
            "kind": kind, "department": department, "touchpoint": touchpoint, "reason": reason}  # fmt: skip


def _with(event: dict[str, object], more: dict[str, object]) -> Row:
    both = {**event, **more}
    return [both.get(name, "") for name in INTERACTIONS]


def _teams(made: Record, plan: list[tuple[str, str]]) -> Iterator[Row]:
    told = made.moments
    for number, (team, (trick, share)) in enumerate(zip(told.teams, plan, strict=True)):
        mine = told.team == number
        yield (
            team, trick, share, int((mine & told.has_answer).sum()), round(float(np.nanmean(told.score[mine])), 4),
            round(float(np.nanmean(made.honest[mine])), 4),
        )  # fmt: skip


def _answers(made: Record) -> Iterator[Row]:
    told = made.moments
    for row in np.flatnonzero(told.has_answer | made.touched).tolist():
        scores = [("" if np.isnan(score) else int(score)) for score in (told.score[row], made.honest[row])]
        yield (f"a{row}", told.teams[told.team[row]], int(made.touched[row]), *scores)


def _mix(made: Record) -> tuple[list[int], list[int]]:
    """Return segment and region of each encounter as they stand in the case mix: the last of each has no column."""
    mix = made.moments.mix
    segment = np.where(mix[:, :3].any(axis=1), mix[:, :3].argmax(axis=1), 3)
    region = np.where(mix[:, 3 : 2 + REGIONS].any(axis=1), mix[:, 3 : 2 + REGIONS].argmax(axis=1) + 1, 0)
    return segment.tolist(), region.tolist()


def _why(why: str) -> str:
    return "no_channel" if why == "no_invitation" else why


def _time(day: float) -> str:
    return (terms.EPOCH + timedelta(seconds=round(float(day) * 86_400))).strftime("%Y-%m-%dT%H:%M:%SZ")
