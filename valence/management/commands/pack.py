"""valence pack: look at the pack, check an analyst's changes, see their effect, switch them on or off."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich import table as tables

from valence import packs
from valence.flows.weigh import minds, overlays, train
from valence.management import command

ACTS = ("show", "check", "try", "use", "drop")


class Command(command.Command):
    """Look after the pack and the overlay that changes it."""

    help = "show: the pack in use; check, try, use FILE: an overlay's changes, its effect, switch it on; drop: off."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=ACTS)
        parser.add_argument("file", type=Path, nargs="?", help="the overlay (TOML) to check, try or use")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        what, draft = options["what"], options["file"]
        if (draft is None) == (what in {"check", "try", "use"}):
            raise command.WrongUse(f"valence pack {what} {'takes no' if draft else 'needs a'} file.")
        try:
            return self._done(what, draft, now)
        except packs.PackError as problem:
            raise command.WrongUse(f"{problem}. Nothing was changed.") from None
        except train.NothingToLearn as problem:
            raise command.WrongUse(f"Nothing to try it on: {problem}.") from None

    def _done(self, what: str, draft: Path, now: datetime) -> command.Outcome:
        if what == "show":
            return _shown(minds.pack())
        if what == "check":
            return _told(overlays.checked(draft=draft), "Nothing is wrong with it, and nothing was changed.")
        if what == "use":
            changes = overlays.switch_on(draft=draft, by=getpass.getuser(), now=now)
            return _told(changes, "It is switched on; `valence train`, then `valence score`, apply it.")
        if what == "try":
            with self.bar() as progress:
                return _compared(overlays.tried(draft=draft, now=now, progress=progress))
        was_on = overlays.switch_off(by=getpass.getuser(), now=now)
        return command.Outcome(
            answer={"dropped": was_on},
            words="The pack is as shipped again." if was_on else "No overlay was switched on.",
        )


def _shown(pack: packs.Pack) -> command.Outcome:
    shown = tables.Table("Mark", "What it means", "Role", "Way", "Expert's weight", title=f"{pack.name} {pack.version}")
    for mark in pack.marks:
        shown.add_row(mark.name, mark.words, mark.role, mark.sign, f"{mark.weight:+.2f}")
    answer = {"pack": pack.name, "version": pack.version, "marks": [asdict(mark) for mark in pack.marks]}
    return command.Outcome(answer=answer, words=shown)


def _told(changes: overlays.Changes, end: str) -> command.Outcome:
    lines = [f"Version {changes.version}."]
    for name in ("added", "removed", "changed", "newly_known"):
        listed = getattr(changes, name)
        if listed:
            lines.append(f"{name.replace('_', ' ').capitalize()}: {', '.join(listed)}.")
    return command.Outcome(answer=asdict(changes), words="\n".join([*lines, end]))


def _compared(effect: overlays.Effect) -> command.Outcome:
    shown = tables.Table("", "Now", "With the changes", title=f"Effect of {effect.changes.version}; nothing was stored")
    before, after = effect.before, effect.after
    shown.add_row("Ranking, 30 days ahead (AUC)", _ranking(before), _ranking(after))
    for name in ("ours", "not_ours", "cannot_say", "likely_to_leave"):
        words = name.replace("_", " ").capitalize()
        shown.add_row(words, f"{getattr(before, name):,}", f"{getattr(after, name):,}")
    return command.Outcome(answer=asdict(effect), words=shown)


def _ranking(outcome: overlays.Outcome) -> str:
    if outcome.auc is None or outcome.low is None or outcome.high is None:
        return "too few losses to say"
    return f"{outcome.auc:.3f} (likely {outcome.low:.3f} to {outcome.high:.3f})"
