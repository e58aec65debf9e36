"""The tone of a text: learned from labels, or as it is told without any (negative, neutral, positive)."""

from __future__ import annotations

import numpy as np

from valence import terms
from valence.text.annotation import Feeling
from valence.text.evaluation import asking, learning, single
from valence.text.tone import telling

FEELINGS = (Feeling.NEGATIVE, Feeling.NEUTRAL, Feeling.POSITIVE)
_SAID = {
    "negative": 0, "neg": 0, "-1": 0, "neutral": 1, "neu": 1, "positive": 2, "pos": 2,
}  # fmt: skip
_NUMBERED = {"0": 0, "1": 1, "2": 2}


def figures(*, asked: asking.Asked, progress: asking.Report) -> dict[str, object]:
    """Return figures of the tone. Without --train and --folds: of the tone head that Valence comes with.

    Raises asking.WrongLabels where labels are not negative, neutral, positive (or 0, 1, 2) and nothing is learned.
    """
    if asked.train is not None or asked.folds:
        return single.figures(asked=asked, progress=progress)
    known = _NUMBERED if set(asked.rows.labels) <= set(_NUMBERED) else _SAID
    wrong = sorted(set(asked.rows.labels) - set(known))
    if wrong:
        raise asking.WrongLabels(
            f"The label {wrong[0]!r} is no tone; without learning it must be negative, neutral or positive "
            "(or 0, 1, 2). To learn these labels name --train FILE or --folds K"
        )
    truth = np.array([[known[label] == at for at in range(3)] for label in asked.rows.labels], dtype=int)
    readers = learning.encoders_of(path=asked.path)
    stuff = learning.stuff_of(rows=asked.rows, readers=readers, progress=progress)
    progress(terms.Progress(done=0, total=1, words="Reading tone"))
    head = telling.shipped(readers=readers)
    chances = head.chances(stuff=stuff)
    order = [head.labels.index(feeling) for feeling in FEELINGS]
    found = learning.Guess(chances=chances[:, order], told=head.told(chances=chances)[:, order])
    return {**single.said(asked=asked, truth=truth, found=found, labels=FEELINGS),
            "models": [telling.name_of(head)]}  # fmt: skip
