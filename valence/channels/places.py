"""Places where people answer without being written to: posters with a code, and web pages that show the widget."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from valence.channels import codes, signing
from valence.channels import models as tables

MOST_ORIGINS = 50


class PlaceError(ValueError):
    """A place that cannot be made. The text says why, to whoever wants it."""


@dataclass(frozen=True)
class Poster:
    """A code on paper for whoever comes by: which survey it asks, and what is known of the place."""

    code: str
    survey: str
    name: str
    about: Mapping[str, str]
    made_at: datetime
    is_closed: bool


@dataclass(frozen=True)
class Site:
    """A place on web pages: which survey the widget asks there, and the origins that may show it."""

    key: str
    survey: str
    name: str
    origins: tuple[str, ...]
    made_at: datetime
    is_closed: bool


def put_up(*, survey: str, name: str, about: Mapping[str, str], by: str, now: datetime) -> Poster:
    """Make a poster's code. about: location_id, department, kind of the interaction. Raises PlaceError."""
    row = tables.Poster.objects.create(
        code=codes.new(), survey=survey, name=_named(name), made_at=now, by=by,
        **{field: about.get(field, "").strip()[:60] for field in ("location_id", "department", "kind")},
    )  # fmt: skip
    return _poster(row)


def add_site(*, survey: str, name: str, origins: str, by: str, now: datetime) -> Site:
    """Make a place for the widget. origins: one a line, such as https://www.example.org. Raises PlaceError."""
    allowed = read_origins(origins)
    key = secrets.token_urlsafe(12)
    row = tables.Site.objects.create(
        key=key, survey=survey, name=_named(name), origins=list(allowed), made_at=now, by=by
    )
    return _site(row)


def take_down(*, code: str, now: datetime) -> bool:
    """Close a poster; who began can still answer. False where there is none that is open."""
    return bool(tables.Poster.objects.filter(code=code, closed_at=None).update(closed_at=now))


def close_site(*, key: str, now: datetime) -> bool:
    """Show the widget nowhere any more under this key. False where there is none that is open."""
    return bool(tables.Site.objects.filter(key=key, closed_at=None).update(closed_at=now))


def poster(*, code: str) -> Poster | None:
    """Return a poster by its code, however it is typed; None where there is none."""
    plain = codes.read(code)
    row = tables.Poster.objects.filter(code=plain).first() if plain else None
    return _poster(row) if row else None


def site(*, key: str) -> Site | None:
    """Return a place of the widget that is open, None where there is none."""
    row = tables.Site.objects.filter(key=key[:26], closed_at=None).first()
    return _site(row) if row else None


def posters() -> tuple[Poster, ...]:
    """Return all posters, those that hang first, the latest first."""
    return tuple(map(_poster, tables.Poster.objects.order_by(F("closed_at").asc(nulls_first=True), "-made_at")))


def sites() -> tuple[Site, ...]:
    """Return all places of the widget, those that are open first, the latest first."""
    return tuple(map(_site, tables.Site.objects.order_by(F("closed_at").asc(nulls_first=True), "-made_at")))


@transaction.atomic
def count(*, place: str, what: str, day: date) -> None:
    """Count that something was shown, begun, sent or declined at a place. It names nobody."""
    row, made = tables.Shown.objects.get_or_create(place=place, day=day, what=what, defaults={"count": 1})
    if not made:
        tables.Shown.objects.filter(pk=row.pk).update(count=F("count") + 1)


def counted(*, since: date) -> Mapping[str, Mapping[str, int]]:
    """Return how often each thing happened at each place since a day."""
    found: dict[str, dict[str, int]] = {}
    rows = tables.Shown.objects.filter(day__gte=since).values_list("place", "what").annotate(Sum("count"))
    for place, what, times in rows:
        found.setdefault(place, {})[what] = times
    return found


def secret(one: Site) -> str:
    """Return the secret with which a company's server proves who is signed in."""
    return signing.site_secret(home=settings.HOME, site=one.key)


def read_origins(text: str) -> tuple[str, ...]:
    """Return the origins that are named, as a browser sends them. Raises PlaceError."""
    named = tuple(dict.fromkeys(word.strip().lower().rstrip("/") for word in re.split(r"[\s,]+", text) if word.strip()))
    for one in named:
        parts = urlsplit(one)
        if parts.scheme not in ("http", "https") or not parts.hostname or f"{parts.scheme}://{parts.netloc}" != one:
            raise PlaceError(f"{one} is not an origin: write it like https://www.example.org.")
    if not named or len(named) > MOST_ORIGINS:
        raise PlaceError(f"Name the origins that may show the widget, at most {MOST_ORIGINS}.")
    return named


def _named(name: str) -> str:
    plain = " ".join(name.split())[:100]
    if not plain:
        raise PlaceError("Give it a name by which you know the place again.")
    return plain


def _poster(row: tables.Poster) -> Poster:
    about = {"location_id": row.location_id, "department": row.department, "kind": row.kind}
    return Poster(
        code=row.code,
        survey=row.survey,
        name=row.name,
        about={name: value for name, value in about.items() if value},
        made_at=row.made_at,
        is_closed=row.closed_at is not None,
    )


def _site(row: tables.Site) -> Site:
    return Site(
        key=row.key,
        survey=row.survey,
        name=row.name,
        origins=tuple(row.origins),
        made_at=row.made_at,
        is_closed=row.closed_at is not None,
    )
