"""Do a peer's part of the reading and say how long it took: run by the peers' own Python, which has no Valence.

PYTHON bench/_reading_peers.py vader|bertopic TEXTS.json [VECTORS.npy] prints {"seconds", "memory_mb", "found"}.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def vader(texts: list[str], vectors: str) -> Callable[[], int]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda: len([analyzer.polarity_scores(text) for text in texts])


def bertopic(texts: list[str], vectors: str) -> Callable[[], int]:
    import numpy as np
    from bertopic import BERTopic

    known = np.load(vectors)
    model = BERTopic(embedding_model=None, min_topic_size=5, calculate_probabilities=False, verbose=False)
    return lambda: len(set(model.fit_transform(texts, embeddings=known)[0]) - {-1})


def main() -> None:
    name, texts, *rest = sys.argv[1:]
    work = {"vader": vader, "bertopic": bertopic}[name](json.loads(Path(texts).read_text()), rest[0] if rest else "")
    begin = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory_mb": memory, "found": found}))


if __name__ == "__main__":
    main()
