"""valence ready: what the data holds, what it can answer, and what looks wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from valence.flows.gather import readiness
from valence.insights import say
from valence.insights.readiness import Readiness
from valence.management import command

SIGNS = {"yes": "+", "partly": "~", "no": "-"}


class Command(command.Command):
    """Say what the data is good for."""

    help = "Count everything and say what the data holds, what it can answer and how surely, and what looks wrong."

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        with self.bar() as progress:
            found = readiness.look(now=now, progress=progress)
        return command.Outcome(answer=msgspec.to_builtins(found), words=_words(found))


def _words(found: Readiness) -> str:
    lines = [found.short, "", "It holds"]
    lines += [f"  {one.name}: {say.count(one.number)} ({one.words})" for one in found.held]
    lines += ["", "It answers (+ yes, ~ partly, - no)"]
    lines += [f"  {SIGNS[one.sureness.value]} {one.question} {one.words}" for one in found.answered]
    if found.buys:
        lines += ["", "One more column would open"]
        lines += [f"  {one.column} ({one.of}): {one.words}" for one in found.buys]
    if found.odd:
        lines += ["", "This looks wrong"]
        lines += [f"  {one.name}: {one.words} {one.done}" for one in found.odd]
    return "\n".join(lines)
