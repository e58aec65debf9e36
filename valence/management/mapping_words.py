"""What `valence mapping` and `valence import --look` say: columns with examples, open questions, what would happen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from valence import organisation
from valence.flows.gather import mappings, preview
from valence.flows.gather.mappings import Seen
from valence.flows.gather.preview import Trial
from valence.sources import mapping_file, noted
from valence.sources.files import WrongFile


def answer(*, seen: Seen, trial: Trial | None, saved: str) -> dict[str, object]:
    """Return what a look found, as JSON says it."""
    return {
        "kind": seen.mapped.kind,
        "file_kind": seen.kind,
        "records": seen.records,
        "layout": msgspec.structs.asdict(seen.layout),
        "columns": [_column(seen, name) for name in seen.columns],
        "questions": [vars(one) for one in seen.proposal.questions],
        "said": [*seen.layout_words, *seen.proposal.said],
        "kept_mapping": seen.saved,
        "trial": _trial(trial) if trial else None,
        "mapping": msgspec.to_builtins(seen.mapped),
        "saved": saved,
    }


def words(*, seen: Seen, trial: Trial | None, problem: str, saved: str, filename: str) -> RenderableType:
    """Return what a look found, for people."""
    parts: list[RenderableType] = [Text(f"About {seen.records:,} {seen.mapped.kind}. {' '.join(seen.layout_words)}")]
    if seen.saved:
        parts.append(Text(f"Read as the kept mapping {seen.saved!r} says; --new proposes another."))
    parts += [_table(seen), *(Text(one) for one in seen.proposal.said if not seen.saved)]
    parts += [
        Text(f"To decide: {one.words} ({one.place}: {' or '.join(one.answers[:6]) or 'a day'})") for one in _asked(seen)
    ]
    if problem:
        parts.append(Text(f"Not yet: {problem}"))
    if trial:
        parts += [Text(""), Text(_would(trial)), *_journey(trial)]
    name = saved or "NAME"
    how = f"Kept as {saved}." if saved else "Keep it with --save NAME, then edit the file if something is wrong."
    bring = f"valence import {seen.kind} {filename} --mapping {name}"
    decide = (
        f"Decide first, in that file or with --set; then bring it in: {bring}" if problem else f"Bring it in: {bring}"
    )
    parts.append(Text(f"{how} {decide}"))
    return Group(*parts)


def _asked(seen: Seen) -> tuple[Any, ...]:
    return () if seen.saved else seen.proposal.questions


def _column(seen: Seen, theirs: str) -> dict[str, object]:
    ours = [name for name, said in seen.mapped.columns.items() if said == theirs]
    guess = seen.proposal.guesses.get(ours[0]) if ours else None
    profile = next(one for one in seen.profiles if one.name == theirs)
    return {
        "theirs": theirs,
        "ours": ours[0] if ours else "",
        "confidence": guess.confidence if guess and guess.theirs == theirs else None,
        "why": guess.why if guess and guess.theirs == theirs else "",
        "format": seen.mapped.formats.get(ours[0], "") if ours else "",
        "examples": list(profile.examples),
        "filled": profile.filled,
        "distinct": profile.distinct,
    }


def _table(seen: Seen) -> Table:
    table = Table("In the file", "Examples", "Is our", "Sure", "Why", "Written as")
    other = {theirs: f"part of {ours}" for ours, parts in seen.mapped.joined.items() for theirs in parts}
    other |= dict.fromkeys(seen.mapped.sets, "says what is what") | {
        fact.column: f"fact {name}" for name, fact in seen.mapped.facts.items()
    }
    for name in seen.columns:
        one = _column(seen, name)
        sure = f"{one['confidence']:.0%}" if one["confidence"] else ""
        examples = " · ".join(value[:24] for value in one["examples"])  # type: ignore[attr-defined]
        ours = str(one["ours"]) or other.get(name, "attribute")
        table.add_row(*(Text(str(cell)) for cell in (name, examples, ours, sure, one["why"], one["format"])))
    return table


def _trial(trial: Trial) -> dict[str, object]:
    return {
        "rows": trial.rows,
        "records": trial.records,
        "admitted": trial.admitted,
        "refused": [vars(one) for one in trial.reasons],
        "notices": dict(trial.notices),
        "words": trial.words,
        "journey": [{**vars(one), "at": one.at.isoformat()} for one in trial.journey],
    }


def _would(trial: Trial) -> str:
    lines = [f"Of the first {trial.rows:,} rows {trial.admitted:,} of {trial.records:,} records would be admitted."]
    lines += [
        f"Refused: {one.count:,} x {one.reason} ({one.detail}), rows {_listed(one.rows)}." for one in trial.reasons
    ]
    lines += noted.said(counts=trial.notices)
    for name, counted in trial.words.items():
        if counted:
            lines.append(f"{name}: {', '.join(f'{word} {count:,}' for word, count in counted.items())}.")
    return "\n".join(lines)


def _listed(rows: tuple[int, ...]) -> str:
    return ", ".join(map(str, rows))


def _local(at: datetime) -> str:
    zone = organisation.of(folder=settings.HOME.folder).zone
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _journey(trial: Trial) -> list[RenderableType]:
    if not trial.journey:
        return []
    table = Table("When", "Kind", "Department", "Reason", "Facts", "Amount", title="One customer, as the file tells it")
    for one in trial.journey:
        amount = "" if one.amount is None else f"{one.amount:,.2f}"
        table.add_row(_local(one.at), one.kind, one.department, one.reason, ", ".join(one.facts), amount)
    return [table]


def looked(
    *, seen: Seen, path: Path, now: datetime, filename: str, saved: str
) -> tuple[Mapping[str, object], RenderableType]:
    """Return what a look found, as JSON and for people, after a try of the first rows."""
    trial, problem = None, ""
    try:
        mapped = msgspec.to_builtins(seen.mapped)
        trial = preview.run(kind=seen.kind, path=path, mapped=mapped, now=now)
    except WrongFile as wrong:
        problem = str(wrong)
    said = words(seen=seen, trial=trial, problem=problem, saved=saved, filename=filename)
    return {**answer(seen=seen, trial=trial, saved=saved), "problem": problem}, said


def save(*, seen: Seen, name: str) -> str:
    """Keep a mapping under a name. Raises WrongFile."""
    return str(mapping_file.save(folder=settings.HOME.folder, name=name, text=mappings.text_of(seen=seen)))
