"""The made-up customers as people whom surveys ask: what each answers, and which teams had a hand in it.

Everybody says what `truth/voices` says of them. Some teams are paid by scores and help them along, so that there is
something for the evidence to find: one begs, one fills in what nobody answered, one talks scores up at month's end.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pa_csv

from valence.demo import voices as told
from valence.demo.tricks import kinds, record
from valence.insights import scores
from valence.insights.integrity.moments import ASKED, Moments
from valence.terms import Floats

TRICKS = ("begging", "filling_in", "bonus")
SHARE = 0.35
FEWEST = 12
DAYS = told.DAYS
DEVICE_BYTES = 8


@dataclass(frozen=True)
class Said:
    """What somebody answered: a point of the scale, words or "", when (days), in how many seconds, on which device."""

    score: int
    text: str
    at: float
    seconds: float
    device: str


class Crowd:
    """Everybody who could be asked. `voices`: the file of what they would say; the same seed says the same."""

    def __init__(self, *, voices: Path, seed: int) -> None:
        table = pa_csv.read_csv(voices).to_pydict()
        names = ("answers", "csat", "ces", "seconds", "text")
        rows = zip(table["interaction_id"], *(table[name] for name in names), strict=True)
        self._voices: Mapping[str, tuple[Any, ...]] = {row[0]: row[1:] for row in rows}
        self._seed = seed

    def heard(self, *, ref: str, team: str, at: float, scale: str) -> Said | None:
        """Return what somebody answers who is asked at some time (days) on a scale, None where they keep silent."""
        voice = self._voices.get(ref.partition(":")[2])
        if voice is None or not voice[0]:
            return None
        number = int.from_bytes(_hash(f"{self._seed} {ref}"))
        later = float(np.exp(-2.5 + 1.8 * np.random.default_rng(number % 2**32).normal()))
        score = int(voice[1 if scale == "csat" else 2])
        device = _hash(ref).hex()
        return Said(score=score, text=voice[4] or "", at=at + later, seconds=float(voice[3]), device=device)

    def came_in(
        self, *, asked: Sequence[tuple[str, str, float]], said: Mapping[str, Said], scale: str
    ) -> dict[str, Said]:
        """Return what came in after the teams with the most answers did their tricks, a team each.

        asked: (encounter as `source:id`, team, when in days) of everybody who was asked.
        """
        several = Counter(team for ref, team, _ in asked if team and ref in said)
        teams = [team for team, number in several.most_common(len(TRICKS)) if number >= FEWEST]
        rng = np.random.default_rng([self._seed, 7])
        made = _record(asked, said, scale)
        for team, trick in zip(teams, TRICKS, strict=False):
            made = kinds.PLANNED[trick](made, made.moments.teams.index(team), SHARE, rng)
        return _read(made, said)


def _record(asked: Sequence[tuple[str, str, float]], said: Mapping[str, Said], scale: str) -> record.Record:
    n = len(asked)
    several = [said.get(ref) for ref, _, _ in asked]
    teams, team = np.unique([team for _, team, _ in asked], return_inverse=True)
    score = np.array([np.nan if one is None else one.score for one in several], float)
    known = np.array([one is not None for one in several])
    moments = Moments(
        scale=scores.SCALES[scale],
        teams=tuple(str(name) for name in teams),
        fact_names=(),
        team=team.astype(np.int32),
        refs=np.array([ref for ref, _, _ in asked], dtype=object),
        answers=np.where(known, "yes", "").astype(object),
        occurred=np.array([at for _, _, at in asked]),
        facts=np.zeros((n, 0)),
        mix=np.zeros((n, 0)),
        state=np.full(n, ASKED, np.int32),
        why=np.full(n, "", dtype=object),
        score=score,
        answered=_column(several, "at"),
        seconds=_column(several, "seconds"),
        device=np.where(known, np.arange(n), -1),
        shared=np.zeros(n, bool),
        text=np.array([one.text if one else "" for one in several], dtype=object),
        straight=np.full(n, np.nan),
        later=np.full(n, np.nan),
    )
    return record.Record(moments, score, np.zeros(n), score, np.zeros(n, np.int64), np.zeros(n, bool))


def _column(several: Sequence[Said | None], name: str) -> Floats:
    return np.array([np.nan if one is None else getattr(one, name) for one in several], float)


def _read(made: record.Record, said: Mapping[str, Said]) -> dict[str, Said]:
    moments = made.moments
    found = dict(said)
    for row in np.flatnonzero(made.touched & moments.has_answer).tolist():
        before = said.get(moments.refs[row])
        device = before.device if before else _hash(f"counter {moments.device[row]}").hex()
        found[moments.refs[row]] = Said(
            score=int(moments.score[row]),
            text=str(moments.text[row]),
            at=float(moments.answered[row]),
            seconds=float(np.round(moments.seconds[row], 1)),
            device=device,
        )
    return found


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=DEVICE_BYTES).digest()
