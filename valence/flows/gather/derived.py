"""Which rules derive facts, by source: kept in `derived.toml` in the data folder, put on whatever is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from valence import terms
from valence.flows.weigh import minds
from valence.journeys import derived, explained, signs
from valence.sources import mapping_file
from valence.sources.files import WrongFile

FILE = "derived.toml"
HEAD = """# Facts and amounts worked out from a customer's other interactions, by source (`*`: every other source).
# The rules and how they are said: docs/journeys.md. After a change: valence train, or valence score.
"""


def check(*, said: Mapping[str, str]) -> None:
    """Raise WrongFile where words are no rules."""
    try:
        derived.rules_of(said=said)
    except derived.WrongRule as wrong:
        raise WrongFile(str(wrong)) from None


def keep(*, source: str, said: Mapping[str, str]) -> None:
    """Put the rules of one source in force, in place of those it had."""
    check(said=said)
    path = settings.HOME.folder / FILE
    kept = {**_said(path), source: dict(said)}
    path.write_text(mapping_file.tables(head=HEAD, tables=kept), encoding="utf-8")


def said() -> Mapping[str, Mapping[str, str]]:
    """Return the rules in force, in words, by source."""
    return _said(settings.HOME.folder / FILE)


def columns(*, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the columns to read where some are asked for: what rules in force read is needed too."""
    return tuple(dict.fromkeys((*asked, *derived.COLUMNS))) if _rules() else tuple(asked)


def put(*, journeys: terms.Journeys) -> terms.Journeys:
    """Return journeys with what the rules in force derive."""
    return derived.put(journeys=journeys, rules=_rules())


def completed(*, journeys: terms.Journeys) -> terms.Journeys:
    """Return journeys as the bond reads them: with what rules derive, and which contacts our own faults explain."""
    found = put(journeys=journeys)
    if not set(explained.COLUMNS) <= set(found.words):
        return found
    return explained.put(journeys=found, pack=minds.pack())


def touches(*, arrived: Iterable[terms.Interaction]) -> set[int]:
    """Return the customers for whose new interactions a rule derives something: sums cannot be folded there."""
    rules = _rules()
    if not rules:
        return set()
    return {one.customer_key for one in arrived if one.source in rules or derived.ANY in rules}


def calls(*, arrived: Sequence[terms.Interaction]) -> set[int]:
    """Return the customers who got in touch: whether a fault explains that, only the whole journey tells."""
    pack = minds.pack()
    contacts = {kind for kind in {one.kind for one in arrived} if signs.is_contact(kind=kind, pack=pack)}
    return {one.customer_key for one in arrived if one.kind in contacts}


def _rules() -> Mapping[str, derived.Rules]:
    path = settings.HOME.folder / FILE
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return _read(path, changed)


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> Mapping[str, derived.Rules]:
    return {source: derived.rules_of(said=words) for source, words in _said(path).items()}


def _said(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    said: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return said
