"""Bring an unpacked backup up to date, in a process of its own: `python -m valence.flows.run.settle`.

Prints one JSON object: who was erased again, and what the doctor found.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime


def main() -> None:
    """Migrate, erase again who was erased since, look everything over."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections

    from valence.customers import actions
    from valence.flows.protect import erase
    from valence.flows.run import doctor, opening

    now = datetime.now(UTC)
    opening.open_home(home=settings.HOME)
    opening.note_version(home=settings.HOME)
    again = erase.heed(who="valence restore", now=now)
    actions.enter_tombstones()
    findings = doctor.examine(home=settings.HOME, now=now, mend=True)
    actions.wipe_traces()
    connections.close_all()
    told = [{"check": each.check, "health": each.health, "words": each.words} for each in findings]
    sys.stdout.write(json.dumps({"erased_again": again, "findings": told}))


if __name__ == "__main__":
    main()
