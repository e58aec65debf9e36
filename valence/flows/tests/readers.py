"""A reader for tests: the telco's themes, an encoder of words, a tone head of eighteen sentences. Quick, made once."""

from __future__ import annotations

from functools import cache

import numpy as np

from valence.packs import taxonomy
from valence.text import encoders, pipeline
from valence.text.heads import head, material
from valence.text.tests import pretending
from valence.text.tone import reading, telling

SAID = {
    "negative": ["terrible and rude", "awful line", "I hate waiting", "dirty and slow", "never again", "too expensive"],
    "neutral": ["we sat there", "on Monday at two", "the shop by the door", "an app", "it was noon", "two of us"],
    "positive": ["lovely and kind", "great line", "I love it", "clean and quick", "perfect", "fair price"],
}


@cache
def telco() -> pipeline.Reader:
    """Return the reader."""
    encoder = encoders.Remembering(pretending.Pretended())
    texts = [text for said in SAID.values() for text in said]
    truth = np.repeat(np.eye(3, dtype=int), 6, axis=0)
    signs = reading.features(readings=[reading.read(text=text, language="en") for text in texts])
    tone = head.learn(
        stuff=material.of(texts=texts, vectors=[encoder.encode(texts)], signs=signs),
        truth=truth,
        labels=telling.LABELS,
        one=True,
        encoders=(encoder.name,),
    )
    return pipeline.reader(pack=taxonomy.load(name="telco"), readers=(encoder,), tone=tone)
