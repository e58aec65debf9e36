"""A reply drafted from a playbook and the facts of a case; a person reads it before it leaves. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from valence.cases.playbook import Letter, Playbook

GAP = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Draft:
    """A reply to look over. `facts`: those that stand in it; `missing`: those that would have said more."""

    subject: str
    text: str
    language: str
    facts: tuple[str, ...]
    missing: tuple[str, ...]


def draft(*, playbook: Playbook, language: str, facts: Mapping[str, str], number: int, told: bool = False) -> Draft:
    """Return a reply, or (told) the words that say how it ended.

    number: the case's; it chooses among openings and closings, so that not everybody reads the same. What needs a
    fact that is not there is left out. Without words in the playbook, the draft is empty.
    """
    found = playbook.letter(language=language)
    if found is None:
        return Draft(subject="", text="", language=language or "en", facts=(), missing=())
    said, letter = found
    openings = _fullest(_those_that_can_be_said(letter.openings, facts))
    closings = _fullest(_those_that_can_be_said(letter.closings, facts))
    body = letter.told if told else letter.sentences
    sentences = _those_that_can_be_said(body, facts)
    parts = [_one_of(openings, number), " ".join(sentences), _one_of(closings, number // 3)]
    text = "\n\n".join(part for part in parts if part)
    subject = _one_of(_fullest(_those_that_can_be_said(letter.subjects, facts)), number)
    return Draft(
        subject=_filled(subject, facts),
        text=_filled(text, facts),
        language=said,
        facts=tuple(name for name in _gaps((subject, text)) if facts.get(name)),
        missing=tuple(name for name in _gaps((*body, *_all(letter))) if not facts.get(name)),
    )


def _all(letter: Letter) -> tuple[str, ...]:
    return (*letter.openings, *letter.closings)


def _those_that_can_be_said(sentences: Sequence[str], facts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(one for one in sentences if all(facts.get(name) for name in GAP.findall(one)))


def _fullest(sentences: Sequence[str]) -> tuple[str, ...]:
    """Return the sentences that say most: who is known by name is greeted by it."""
    most = max((len(GAP.findall(one)) for one in sentences), default=0)
    return tuple(one for one in sentences if len(GAP.findall(one)) == most)


def _gaps(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts for name in GAP.findall(text)))


def _one_of(sentences: Sequence[str], number: int) -> str:
    return sentences[number % len(sentences)] if sentences else ""


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return GAP.sub(lambda gap: facts.get(gap.group(1), ""), text)
