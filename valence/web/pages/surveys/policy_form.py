"""The form of the rules that hold for all surveys together."""

from __future__ import annotations

from datetime import time, timedelta

from django.http import QueryDict

from valence.surveys.asking import Policy
from valence.web.pages.surveys.trigger_rows import PolicyForm


def shown(*, policy: Policy) -> PolicyForm:
    """Return the form of the rules in force."""
    return PolicyForm(
        most=policy.most,
        window=policy.window.days,
        rest_after_asking=policy.rest_after_asking.days,
        rest_after_answering=policy.rest_after_answering.days,
        rest_after_declining=policy.rest_after_declining.days,
        quiet_from=f"{policy.quiet_from:%H:%M}",
        quiet_until=f"{policy.quiet_until:%H:%M}",
    )


def read(*, form: QueryDict) -> Policy | None:
    """Return the rules that a form means, None where a part of it cannot be read."""
    names = ("most", "window", "rest_after_asking", "rest_after_answering", "rest_after_declining")
    said = {name: form.get(name, "") for name in names}
    if not all(one.isdecimal() and len(one) < 5 for one in said.values()):
        return None
    try:
        quiet = [time.fromisoformat(form.get(name, "")) for name in ("quiet_from", "quiet_until")]
    except ValueError:
        return None
    days = {name: timedelta(days=int(said[name])) for name in names[1:]}
    return Policy(most=int(said["most"]), quiet_from=quiet[0], quiet_until=quiet[1], **days)
