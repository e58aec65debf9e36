"""Do comments foretell leaving beyond everything else? The bond is learned with and without what was read in them.

`VALENCE_HOME=... python -m bench.comment_marks` prints a JSON line: how well each ranks on held-out time. Nothing is
stored. Marks from comments are signals: they may foretell and are never blamed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

MARKS = {
    "spoke_badly": "wrote badly of us",
    "spoke_well": "wrote well of us",
    "spoke_of_leaving": "wrote of leaving",
    "named_competitor": "named a competitor",
    "spoke_of_broken_promise": "wrote of a broken promise",
}


def main() -> None:
    """Train twice on what lies in the home, and print both rankings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
    import django

    django.setup()
    from valence.flows.weigh import population, train

    facts = _facts()
    until = population.latest_known(now=datetime.now(UTC))
    before = train.tried(until=until, pack=_pack(()))[0].figures
    real = train.explained.put

    def put(**given: Any) -> Any:
        return _with_facts(real(**given), facts)

    columns = (*train.COLUMNS, "source", "interaction_id")
    with mock.patch.object(train.explained, "put", put), mock.patch.object(train, "COLUMNS", columns):
        after = train.tried(until=until, pack=_pack(tuple(MARKS)))[0].figures
    said = {"comments": len(facts), "without": _ranking(before), "with": _ranking(after)}
    sys.stdout.write(json.dumps(said) + "\n")


def _facts() -> Mapping[tuple[str, str], tuple[str, ...]]:
    from valence.ledger.queries import readings

    found: dict[tuple[str, str], tuple[str, ...]] = {}
    last = 0
    while rows := readings.after(number=last, limit=5_000):
        last = rows[-1].number
        found |= {(one.source, one.interaction_id): _of(one) for one in rows}
    return found


def _of(one: Any) -> tuple[str, ...]:
    wishes = {intent.wish.value for intent in one.found.intents}
    told = (
        ("spoke_badly", one.tone == "negative"),
        ("spoke_well", one.tone == "positive"),
        ("spoke_of_leaving", "leaving" in wishes),
        ("named_competitor", "competitor" in wishes),
        ("spoke_of_broken_promise", any(promise.said_broken for promise in one.found.promises)),
    )
    return tuple(name for name, holds in told if holds)


def _with_facts(journeys: Any, facts: Mapping[tuple[str, str], tuple[str, ...]]) -> Any:
    from valence.terms import Words

    names = zip(journeys.words["source"].said(), journeys.texts["interaction_id"], strict=True)
    said = journeys.words["facts"].said()
    both = ["|".join(filter(None, (old, *facts.get((a, str(b)), ())))) for old, (a, b) in zip(said, names, strict=True)]
    vocabulary = tuple(sorted({word for word in both if word}))
    place = {word: code for code, word in enumerate(vocabulary)}
    codes = np.array([place.get(word, -1) for word in both], np.int32)
    return replace(journeys, words={**journeys.words, "facts": Words(codes=codes, vocabulary=vocabulary)})


def _pack(names: tuple[str, ...]) -> Any:
    from valence import packs
    from valence.flows.weigh import minds

    if not names:
        return minds.pack()
    lines = ["[facts]", *(f'{name} = {{ label = "{MARKS[name]}", phrase = "{MARKS[name]}" }}' for name in names)]
    for name in names:
        lines += [
            "[[marks]]",
            f'name = "{name}"',
            f'when = {{ facts = ["{name}"] }}',
            'role = "signal"',
            'sign = "free"',
        ]
    with tempfile.TemporaryDirectory() as folder:
        overlay = Path(folder) / "overlay.toml"
        overlay.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return packs.load(name=minds.pack_name(), overlay=overlay)


def _ranking(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        horizon: {name: figures[horizon][name] for name in ("auc", "low", "high", "events")}
        for horizon in ("30d", "60d", "90d")
        if isinstance(figures.get(horizon), Mapping)
    }


if __name__ == "__main__":
    main()
