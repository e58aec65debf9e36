"""A theme that is not there yet, filled in from comments that mean the same: what New and growing proposes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from valence.ledger.queries import readings
from valence.packs import taxonomy
from valence.web import view

MOST_WORDS, MOST_QUOTES = 12, 12
LONGEST_QUOTE = 300
OTHER = "en"


@dataclass(frozen=True)
class Proposed:
    """What the form of a new theme begins with. keywords, hints, examples: words by language, as a theme has them."""

    name: str
    label: str
    hints: Mapping[str, tuple[str, ...]]
    examples: Mapping[str, tuple[str, ...]]
    keywords: Mapping[str, tuple[str, ...]]


def of(asked: view.Asked) -> Proposed | None:
    """Return what an address proposes, from comments that this person may see; None where it proposes nothing.

    Words said there more than elsewhere are hints: a person decides which of them speak surely. Quotes are examples.
    """
    words = tuple(filter(None, (word.strip()[:60] for word in asked.query.get("words", "").split(","))))[:MOST_WORDS]
    numbers = [int(one) for one in asked.query.get("quotes", "").split(",") if one.isascii() and one.isdigit()]
    numbers = [one for one in numbers if one < 2**63][:MOST_QUOTES]
    if not words and not numbers:
        return None
    quotes: dict[str, list[str]] = defaultdict(list)
    for _, one in sorted(readings.of_numbers(scope=asked.scope, numbers=numbers).items()):
        code = one.language if one.language in taxonomy.LANGUAGES else OTHER
        quotes[code].append(" ".join(one.text.split())[:LONGEST_QUOTE])
    spoken = Counter({code: len(said) for code, said in quotes.items()}).most_common(1)
    return Proposed(
        name=_name(words),
        label=", ".join(words[:3]).capitalize(),
        hints={spoken[0][0] if spoken else OTHER: words},
        examples={code: tuple(dict.fromkeys(said)) for code, said in quotes.items()},
        keywords={},
    )


def _name(words: tuple[str, ...]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", "_".join(words[:2]).lower()).strip("_")[:60]
    return plain if plain[:1].isalpha() else ""
