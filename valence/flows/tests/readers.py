"""A reader for tests: the telco's themes, an encoder of words, a tone head of eighteen sentences. Quick, made once."""

from __future__ import annotations

from functools import cache

from valence.text import pipeline
from valence.text.tests import pretending

SAID = {
    "negative": ["terrible and rude", "awful line", "I hate waiting", "dirty and slow", "never again", "too expensive"],
    "neutral": ["we sat there", "on Monday at two", "the shop by the door", "an app", "it was noon", "two of us"],
    "positive": ["lovely and kind", "great line", "I love it", "clean and quick", "perfect", "fair price"],
}


@cache
def telco() -> pipeline.Reader:
    """Return the reader."""
    return pretending.reader(pack="telco", said=SAID)
