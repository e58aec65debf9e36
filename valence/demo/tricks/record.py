"""What the product has on record of a played year: who was asked, why not, what came back, how and when. Honest yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.demo import names, vocabulary
from valence.demo.tricks import floor as floors
from valence.demo.tricks import sayings
from valence.demo.tricks.floor import Floor, Played
from valence.insights.integrity.moments import ASKED, UNDUE, WITHHELD, Moments
from valence.terms import Floats

ASIDE = 0.02
MOST_TELL_ANYWAY = 0.001
"""Of 1,000 comments where nobody begs so many at most tell of a score asked for all the same; drawn per operator."""
STRAIGHT = np.array([0.1, 0.6])


@dataclass(frozen=True)
class Record:
    """Moments as recorded, and the truth beside (n,): what each would honestly have answered (NaN nothing), what
    they felt, their language, and which encounters a trick has touched."""

    moments: Moments
    honest: Floats
    feeling: Floats
    would_say: Floats
    language: NDArray[np.int64]
    touched: NDArray[np.bool_]

    def changed(self, *, touched: NDArray[np.bool_], **columns: Any) -> Record:
        """Return the record with other encounters touched and columns of its moments replaced."""
        return replace(self, touched=touched, moments=replace(self.moments, **columns))


def keep(*, floor: Floor, played: Played, rng: np.random.Generator) -> Record:
    """Return an honest record of what was played."""
    n = len(played.team)
    said = ~np.isnan(played.honest)
    language = rng.choice(len(floor.languages), size=n, p=floor.languages)
    text = _texts(floor, played, said, language, rng)
    top = played.honest == floor.scale.most
    moments = Moments(
        scale=floor.scale,
        teams=tuple(f"team-{number + 1:03d}" for number in range(len(floor.answers))),
        fact_names=floors.FACTS,
        team=played.team,
        refs=_numbered("e", n),
        answers=np.where(said, _numbered("a", n), ""),
        occurred=played.at,
        facts=played.known,
        mix=played.mix,
        state=np.where(~played.due, UNDUE, np.where(played.missing, WITHHELD, ASKED)).astype(np.int32),
        why=np.where(played.due & played.missing, rng.choice(["no_channel", "no_consent"], n), "").astype(object),
        score=played.honest,
        answered=np.where(said, _answered(played, rng), np.nan),
        seconds=np.where(said, _seconds(floor, text, top, rng), np.nan),
        device=np.where(said, _devices(floor, n, rng), -1),
        shared=played.counter,
        text=text,
        straight=_straight(said, top, rng),
        later=played.later,
    )
    return Record(moments, played.honest.copy(), played.feeling, played.would_say, language, np.zeros(n, bool))


def _texts(
    floor: Floor, played: Played, said: NDArray[np.bool_], language: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Return comments; a few speak of asking, tens and surveys without any plea."""
    text = np.full(len(said), "", dtype=object)
    rows = np.flatnonzero(said & (rng.random(len(said)) < floor.writes))
    topic = np.full(len(rows), vocabulary.code(column="topic", word="neutral"), dtype=np.int64)
    happened, feeling = played.happened[rows], played.feeling[rows]
    topic[feeling > 0.3] = vocabulary.code(column="topic", word="good")
    topic[happened[:, 2] > 0] = vocabulary.code(column="topic", word="visit")
    topic[happened[:, 3] > 0] = vocabulary.code(column="topic", word="care")
    text[rows] = names.comments(language=language[rows], topic=topic, rng=rng)
    # Nobody's words are another's to the letter as often as a short list would make them: a number of their own.
    text[rows] = [f"{said} {own}" for said, own in zip(text[rows], _own_words(len(rows), rng), strict=True)]
    for row in rows[rng.random(len(rows)) < ASIDE]:
        text[row] = saying(sayings.ASIDE, language[row], rng)
    _some_tell_anyway(text, rows, language, floor)
    return text


def _some_tell_anyway(
    text: NDArray[np.object_], rows: NDArray[np.int64], language: NDArray[np.int64], floor: Floor
) -> None:
    """Let a few customers tell of a score asked for where no team begs: a word of one person, a joke, a mix-up."""
    rng = np.random.default_rng([floor.seed, 43])
    for row in rows[rng.random(len(rows)) < rng.uniform(0, MOST_TELL_ANYWAY)]:
        text[row] = saying(sayings.PLEAS, language[row], rng)


def saying(choices: Mapping[str, tuple[str, ...]], language: int, rng: np.random.Generator) -> str:
    """Return one of the sentences in a language (code), with words of one's own."""
    several = choices[vocabulary.LANGUAGES[language]]
    return f"{several[rng.integers(len(several))]} {_own_words(1, rng)[0]}"


def _own_words(number: int, rng: np.random.Generator) -> list[str]:
    parts = ["ok", "thanks", "again", "really", "visit", "bill", "phone", "danke", "merci", "hola", "sim", "well"]
    several = rng.integers(0, len(parts), (number, 3))
    return [" ".join(parts[one] for one in row) + "." for row in several]


def _answered(played: Played, rng: np.random.Generator) -> Floats:
    """Return when answers come: asked two hours after the encounter and not at night, answered soon or days later."""
    n = len(played.at)
    asked = played.at + 2 / 24
    late = asked % 1 > 20 / 24
    asked = np.where(late, np.floor(asked) + 1 + 9 / 24, asked)
    return np.where(played.counter, played.at + rng.uniform(0.001, 0.01, n), asked + rng.lognormal(-2.5, 1.8, n))


def _seconds(floor: Floor, text: NDArray[np.object_], top: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    letters = np.array([len(one) for one in text], float)
    usual = 9 + 0.25 * letters + 4 * ~top
    took = usual * rng.lognormal(0.3, 0.55, len(text))
    hasty = rng.random(len(text)) < floor.haste
    return np.where(hasty, rng.uniform(1.2, 6, len(text)), np.maximum(took, 2.2))


def _devices(floor: Floor, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a device for everybody; a few share a carrier's address and a common phone."""
    device = np.arange(n) + 1_000
    common = rng.random(n) < floor.collisions
    return np.where(common, rng.integers(0, 6, n), device).astype(np.int64)


def _straight(said: NDArray[np.bool_], top: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    is_straight = rng.random(len(said)) < STRAIGHT[top.astype(int)]
    return np.where(said, is_straight.astype(float), np.nan)


def _numbered(prefix: str, n: int) -> NDArray[np.object_]:
    return np.array([f"{prefix}{number}" for number in range(n)], dtype=object)
