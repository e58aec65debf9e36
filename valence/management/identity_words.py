"""What `valence import identities` and `valence identities` say."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from valence.flows.gather import identities, imports
from valence.management import command
from valence.sources.files import WrongFile


def brought(*, path: Path, refused: Path, by: str, now: datetime, report: command.Report) -> command.Outcome:
    """Bring a file of identities in; what is refused is written beside it. Raises command.WrongUse."""
    try:
        found = identities.bring(path=path, by=by, now=now, progress=report)
    except WrongFile as wrong:
        raise command.WrongUse(f"{wrong} Nothing was changed.") from None
    if found.refused:
        imports.write_refused(number=found.number, out=refused)
    refused_file = str(refused) if found.refused else ""
    return command.Outcome(
        answer={**asdict(found), "refused_file": refused_file},
        words=_words(found, refused_file),
        refused=found.refused > 0,
    )


def _words(found: identities.Imported, refused_file: str) -> str:
    lines = [f"identities: {found.created:,} new links, {found.duplicate:,} known already, {found.refused:,} refused."]
    if found.waiting:
        lines.append(f"{found.waiting:,} wait for a person: see the page Identities.")
    if found.customers:
        lines.append(f"{found.customers:,} ids are read together with another one, or apart from it, from now on.")
    if refused_file:
        lines.append(f"Mend what was refused in {refused_file} and import that file.")
    return "\n".join(lines)
