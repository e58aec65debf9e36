"""An operator with staff and customers of Coast, in a home of its own, for tests of what people do about alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from valence import home, interactions, terms
from valence.cases import queries
from valence.customers import actions as customers
from valence.customers.rules import CustomerRecord
from valence.flows.act import alerting, casework
from valence.flows.gather import ingest
from valence.people import actions as people
from valence.terms import Role

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
MACHINE = queries.Seer(pk=0, scope=terms.EVERYTHING)


def company(*, folder: Path, patch: pytest.MonkeyPatch, customer_ids: Sequence[str]) -> dict[str, int]:
    """Make it: an administrator, a manager and a case owner of Coast, customers there, the rules of the pack on."""
    patch.setattr(settings, "HOME", replace(settings.HOME, folder=folder))
    for name in home.FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    patch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
    staff = {
        name: people.create_person(
            name=name, password="correct horse battery", role=role, by="test", now=NOON, regions=regions
        )
        for name, role, regions in (
            ("alice", Role.ADMINISTRATOR, None),
            ("mark", Role.MANAGER, frozenset({"Coast"})),
            ("carl", Role.CASE_OWNER, frozenset({"Coast"})),
        )
    }
    customers.put(records=[_customer(customer_id) for customer_id in customer_ids], now=NOON)
    casework.install(now=NOON, on=True)
    interactions.followers.position(name=alerting.NAME)
    return staff


def arrives(*records: dict[str, Any], now: datetime = NOON) -> None:
    """Take interactions in, as if they were sent."""
    names = list(dict.fromkeys(name for record in records for name in record))
    raw = terms.RawRecords(
        numbers=list(range(1, len(records) + 1)),
        columns={name: [record.get(name) for record in records] for name in names},
    )
    brought = ingest.take_interactions(records=raw, desk=ingest.Desk(), now=now)
    assert not brought.refused, brought.refused


def answer(number: int, customer: str, *, at: datetime = NOON, score: int = 0) -> dict[str, Any]:
    """Return an answer to a survey: how likely somebody is to recommend us."""
    return {
        "interaction_id": f"a{number}",
        "customer_id": customer,
        "occurred_at": at.isoformat(),
        "kind": "feedback",
        "department": "care",
        "reason": "service",
        "score": score,
        "scale": "nps",
    }


def late_visit(number: int, customer: str, *, at: datetime = NOON) -> dict[str, Any]:
    """Return a visit that came late."""
    return {
        "interaction_id": f"v{number}",
        "customer_id": customer,
        "occurred_at": at.isoformat(),
        "kind": "visit",
        "department": "field",
        "reason": "installation",
        "facts": "late|not_fixed",
    }


def every_case() -> tuple[queries.Whole, ...]:
    """Return every case with all that is in it, in order."""
    rows = queries.rows(seer=MACHINE, asked=queries.Asked(), limit=1_000)
    return tuple(queries.whole(seer=MACHINE, pk=row.pk) for row in sorted(rows, key=lambda row: row.pk))


def _customer(customer_id: str) -> CustomerRecord:
    return CustomerRecord(
        customer_id=customer_id,
        joined_at=NOON - timedelta(days=400),
        values={"region": "Coast", "language": "en", "monthly_value": 60.0},
        personal={"name": f"Ines {customer_id}", "email": f"{customer_id.lower()}@example.org"},
    )
