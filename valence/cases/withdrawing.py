"""When interactions are taken back: what was raised of them goes, and a case that rests on them says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from valence.alerts import queries as alerts
from valence.alerts.models import Alert
from valence.cases import bad_encounters
from valence.cases.models import CaseAlert, Happening

AT_ONCE = 500
WORDS = "What raised this was taken back: the import it came with was undone"


@transaction.atomic
def withdraw(*, ids: Sequence[tuple[str, str]], now: datetime) -> int:
    """Take alerts back whose interactions (source, id) are gone; return how many.

    Those of which no case came are deleted. The others are dismissed, and each case says so on its timeline: a person
    decides what becomes of it.
    """
    bad_encounters.withdraw(ids=ids)
    gone = set(ids)
    names = sorted({name for _, name in gone})
    found: list[int] = []
    for start in range(0, len(names), AT_ONCE):
        part = Alert.objects.filter(interaction_id__in=names[start : start + AT_ONCE])
        rows = part.values_list("pk", "source", "interaction_id")
        found += [pk for pk, source, name in rows if (source, name) in gone]
    for start in range(0, len(found), AT_ONCE):
        _take_back(found[start : start + AT_ONCE], now)
    return len(found)


def _take_back(pks: Sequence[int], now: datetime) -> None:
    cases = dict(CaseAlert.objects.filter(alert_id__in=pks).values_list("alert_id", "case_id"))
    Alert.objects.filter(pk__in=[pk for pk in pks if pk not in cases]).delete()
    Alert.objects.filter(pk__in=list(cases)).update(state=alerts.DISMISSED)
    Happening.objects.bulk_create(
        [Happening(case_id=case, at=now, what="withdrawn", words=WORDS) for case in sorted(set(cases.values()))]
    )
