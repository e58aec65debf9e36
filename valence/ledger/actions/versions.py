"""Writes about trained models: keep one, use one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from valence.ledger.models import BondModel


class UnknownModel(LookupError):  # noqa: N818  named as people say it
    """There is no model of this version."""


@transaction.atomic
def keep_model(
    *,
    version: str,
    trained_at: datetime,
    known_until: datetime,
    pack: str,
    parameters: bytes,
    habits: bytes,
    figures: Mapping[str, Any],
    use: bool,
) -> None:
    """Store a trained model with its figures on held-out time, and use it from now on where `use` says so."""
    BondModel.objects.update_or_create(
        version=version,
        defaults={
            "trained_at": trained_at,
            "known_until": known_until,
            "pack": pack,
            "parameters": parameters,
            "habits": habits,
            "figures": dict(figures),
        },
    )
    if use:
        use_model(version=version)


@transaction.atomic
def use_model(*, version: str) -> None:
    """Use this model from now on and no other; what is stored of earlier scores keeps the name of its own model."""
    BondModel.objects.filter(in_use=True).exclude(version=version).update(in_use=False)
    if not BondModel.objects.filter(version=version).update(in_use=True):
        raise UnknownModel(version)


@transaction.atomic
def forget_all() -> int:
    """Delete every model: what they learned from is gone. Returns how many there were."""
    return BondModel.objects.all().delete()[0]
