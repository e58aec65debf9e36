"""What Valence thinks with: the industry pack with the analyst's changes, and the model of the bond in use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from valence import organisation, packs
from valence.bond import model as bond_model
from valence.journeys import habits
from valence.ledger.queries import versions

HARM = 0.05


class NoModel(LookupError):  # noqa: N818  named as people say it
    """No model was trained yet, or only by a version of Valence whose models this one cannot read."""


@dataclass(frozen=True)
class Mind:
    """A model with its card, and what usually follows what. `warning`: what is not as it should be, "" for nothing."""

    card: versions.ModelCard
    model: bond_model.Model
    habits: habits.Habits | None
    warning: str = ""


def pack_name() -> str:
    """Return the name of the organisation's industry pack."""
    return organisation.of(folder=settings.HOME.folder).pack


def pack() -> packs.Pack:
    """Return the pack with the overlay of this home. Raises packs.PackError."""
    overlay: Path = settings.HOME.packs / f"{pack_name()}.toml"
    changed = overlay.stat().st_mtime_ns if overlay.exists() else 0
    return _pack(overlay, changed)


def in_use() -> Mind:
    """Return the model in use. Raises NoModel."""
    version = versions.version_in_use()
    if not version:
        raise NoModel("no model was trained yet")
    return _used(version)


def is_readable() -> bool:
    """Say whether there is a model in use, and this version of Valence reads it."""
    try:
        in_use()
    except NoModel:
        return False
    return True


def known_by(*, moment: datetime) -> Mind:
    """Return the newest model that learned nothing from after a moment, else the one in use with a warning."""
    card = versions.known_by(moment=moment)
    if card is not None:
        return _mind(card)
    mind = in_use()
    warning = (
        f"No model was trained on what was known by {moment:%Y-%m-%d}. Model {mind.card.version} was used, which knows "
        f"until {mind.card.known_until:%Y-%m-%d}: these figures are better than they could have been then. "
        f"For an honest look back, first run: valence train --until {moment.isoformat()}"
    )
    return replace(mind, warning=warning)


def harmful(*, model: bond_model.Model) -> frozenset[str]:
    """Return the facts beyond the pack's that this model found to do harm."""
    weights = model.own
    found = (
        mark.when.get("facts", ())
        for mark, weight in zip(model.marks, weights, strict=True)
        if mark.is_cause and mark.sign is packs.Sign.FREE and weight > HARM
    )
    return frozenset(fact for facts in found for fact in facts)


@lru_cache(maxsize=2)
def _used(version: str) -> Mind:
    """The card is kept with the model: a model never changes once it is trained."""
    return _mind(replace(versions.card(version=version), in_use=True))


def _mind(card: versions.ModelCard) -> Mind:
    return Mind(card=card, model=_model(card.version), habits=_habits(card.version))


@lru_cache(maxsize=4)
def _habits(version: str) -> habits.Habits | None:
    written = versions.habits(version=version)
    return habits.Habits.from_bytes(written) if written else None


@lru_cache(maxsize=4)
def _model(version: str) -> bond_model.Model:
    try:
        return bond_model.Model.from_bytes(versions.parameters(version=version))
    except bond_model.ModelError as problem:
        raise NoModel(f"model {version} cannot be read: {problem}") from problem


@lru_cache(maxsize=2)
def _pack(overlay: Path, changed: int) -> packs.Pack:
    return packs.load(name=overlay.stem, overlay=overlay if changed else None)
