"""Of which promises nobody can say what became: their source never notes whether they were kept."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count

from valence.ledger import rules
from valence.ledger.models import OpenPromise


def mark_unsaid() -> None:
    """Mark what is overdue only because no source says what became of such promises, or take the mark off again.

    Call it in the transaction that writes promises.
    """
    counted: dict[tuple[str, str], Counter[str]] = {}
    rows = OpenPromise.objects.order_by().values_list("source", "words", "state").annotate(n=Count("pk"))
    for source, words, state, count in rows:
        counted.setdefault((source, words), Counter())[state] += count
    unsaid = rules.unsaid(promises=counted)
    for (source, words), states in counted.items():
        before, now = ("overdue", "unsaid") if (source, words) in unsaid else ("unsaid", "overdue")
        if states[before]:
            OpenPromise.objects.filter(source=source, words=words, state=before).update(state=now)
