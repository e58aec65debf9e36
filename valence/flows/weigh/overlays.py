"""An analyst's changes to the pack: checked, tried on what is known, and only then switched on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from django.conf import settings

from valence import packs, terms
from valence.bond import marks
from valence.bond import model as bond_model
from valence.customers import queries as customers
from valence.flows.weigh import minds, population, scored, train
from valence.journeys import habits
from valence.ledger.queries import versions
from valence.people import audit

HORIZON = "30d"


@dataclass(frozen=True)
class Changes:
    """What an overlay changes in the pack in use, by name."""

    version: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    newly_known: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a pack leads to: ranking on held-out time (AUC at 30 days, likely range), verdicts, likely leavers."""

    auc: float | None
    low: float | None
    high: float | None
    ours: int
    not_ours: int
    cannot_say: int
    likely_to_leave: int


@dataclass(frozen=True)
class Effect:
    """The pack in use beside the draft, both trained on the same that is known."""

    changes: Changes
    before: Outcome
    after: Outcome


def place() -> Path:
    """Return where the overlay that is switched on lies."""
    folder: Path = settings.HOME.packs
    return folder / f"{minds.pack_name()}.toml"


def checked(*, draft: Path) -> Changes:
    """Return what a draft would change. Raises packs.PackError, which names file, line and field."""
    if not draft.is_file():
        raise packs.PackError(f"there is no file {draft.name}")
    return _changes(minds.pack(), packs.load(name=minds.pack_name(), overlay=draft))


def tried(*, draft: Path, now: datetime, progress: population.Report = population.silent) -> Effect:
    """Train with the pack in use and with the draft, and return both outcomes. Nothing is stored.

    Raises packs.PackError for a draft that is wrong, train.NothingToLearn before anybody is known.
    """
    changes = checked(draft=draft)
    until = population.latest_known(now=now)
    before = _outcome(minds.pack(), until, progress)
    after = _outcome(packs.load(name=minds.pack_name(), overlay=draft), until, progress)
    return Effect(changes=changes, before=before, after=after)


def switch_on(*, draft: Path, by: str, now: datetime) -> Changes:
    """Put a draft in the place of the overlay, whole or not at all. The next training uses it."""
    changes = checked(draft=draft)
    waiting = place().with_suffix(".new")
    waiting.write_bytes(draft.read_bytes())
    os.replace(waiting, place())
    audit.record(who=by, what="pack changed", about=f"{minds.pack_name()} {changes.version}", now=now)
    return changes


def switch_off(*, by: str, now: datetime) -> bool:
    """Go back to the pack as it is shipped; return whether there was an overlay. The overlay is kept beside."""
    if not place().exists():
        return False
    os.replace(place(), place().with_suffix(".off"))
    audit.record(who=by, what="pack changed", about=f"{minds.pack_name()} as shipped", now=now)
    return True


def _changes(old: packs.Pack, new: packs.Pack) -> Changes:
    was, becomes = _parts(old), _parts(new)
    known = [
        f"{column} {word}"
        for column, words in (("kind", new.kinds), ("department", new.departments), ("fact", new.facts))
        for word in words
        if not old.knows(f"{column}s", word)
    ]
    return Changes(
        version=new.version,
        added=tuple(sorted(becomes.keys() - was.keys())),
        removed=tuple(sorted(was.keys() - becomes.keys())),
        changed=tuple(sorted(name for name in was.keys() & becomes.keys() if was[name] != becomes[name])),
        newly_known=tuple(known),
    )


def _parts(pack: packs.Pack) -> Mapping[str, object]:
    marked = {f"mark {mark.name}": mark for mark in pack.marks}
    paired = {f"pair {' x '.join(pair.families)}": pair for pair in pack.pairs}
    return {**marked, **paired, **{f"link {link.name}": link for link in pack.links}}


def _outcome(pack: packs.Pack, until: datetime, progress: population.Report) -> Outcome:
    model, usual = train.tried(until=until, pack=pack, progress=progress)
    verdicts, likely = _worked_out(pack, model, usual, until, progress)
    ranking = model.figures.get(HORIZON) or {}
    return Outcome(
        auc=ranking.get("auc"),
        low=ranking.get("low"),
        high=ranking.get("high"),
        ours=int(verdicts[0]),
        not_ours=int(verdicts[1]),
        cannot_say=int(verdicts[2]),
        likely_to_leave=likely,
    )


def _worked_out(
    pack: packs.Pack, model: bond_model.Model, usual: habits.Habits, until: datetime, progress: population.Report
) -> tuple[tuple[int, ...], int]:
    day = terms.days(until)
    card = versions.ModelCard(model.version, until, until, model.pack, model.figures, in_use=False)
    asked = scored.Asked(
        mind=minds.Mind(card=card, model=model, habits=usual),
        pack=pack,
        pressure=population.pressure(until=day),
        as_of=day,
        likely_since={},
    )

    def work(journeys: terms.Journeys, relationships: terms.Relationships) -> tuple[tuple[int, int, int], int]:
        found = scored.bucket(asked=asked, journeys=journeys, relationships=relationships)
        return found.verdicts, found.likely

    parts = list(
        population.each(
            work=work,
            relationships=customers.relationships(as_of=until),
            columns=tuple(dict.fromkeys((*scored.COLUMNS, *marks.COLUMNS))),
            as_of=day,
            progress=progress,
            words=f"Working out with pack {pack.version}",
        )
    )
    verdicts = np.sum([found for found, _ in parts], axis=0)
    return tuple(verdicts.tolist()), sum(likely for _, likely in parts)
