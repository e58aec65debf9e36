"""What a sender should know of a file that came in, in words: columns that say nothing to us, what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from valence.sources import translating

NOTICES = {
    "time_without_offset": "{} times had no offset and were taken as UTC.",
    "occurred_in_future": "{} interactions lie in the future.",
    "personal_attributes": "In {} records attributes looked personal; they go to the person's encrypted record.",
    translating.TOTALS: "{} rows at the end sum up what stands above them and were left out.",
    "times_in_gap": "{} local times lie in an hour that the clock skipped in spring; taken as an hour later.",
    "times_in_fold": "{} local times lie in the hour that came twice in autumn; taken as the first of the two.",
    translating.EMPTIED: "Values taken as nothing said, because the mapping calls them empty: {}.",
}
NO_MEANING = "Values of “{1}” whose word the mapping gives no meaning, and which stay an attribute: {0}."


@dataclass(frozen=True)
class Column:
    """A column of a file and what became of it. `ours` is "" for an attribute; `is_part`: of one of ours."""

    theirs: str
    ours: str
    is_part: bool


def columns(*, noted: Mapping[str, object]) -> tuple[Column, ...]:
    """Return what became of each column, as an import kept it; nothing for imports that did not keep it yet."""
    kept = noted.get("columns")
    return tuple(Column(*one) for one in kept) if isinstance(kept, Sequence) else ()


def said(*, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return in words what was left out or taken otherwise than it stood there."""
    return tuple(words for name, count in counts.items() if (words := _said(name, f"{count:,}")))


def _said(name: str, count: str) -> str:
    if name.startswith(translating.NO_MEANING):
        return NO_MEANING.format(count, name.removeprefix(translating.NO_MEANING))
    return NOTICES[name].format(count) if name in NOTICES else ""
