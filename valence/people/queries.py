"""Reads of the staff, the machines' keys and the audit entries, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from valence.people import rules
from valence.people.models import ApiKey, AuditEntry, Person
from valence.terms import Role


@dataclass(frozen=True)
class Card:
    """A member of staff. `regions` is None for all regions; `theme` is "light", "dark" or "" as the system.

    language: the one in which mails reach them, "" English.
    """

    pk: int
    name: str
    full_name: str
    email: str
    role: Role
    regions: tuple[str, ...] | None
    is_active: bool
    theme: str
    shortcuts: bool
    language: str
    last_login: datetime | None
    acts: frozenset[rules.Act]

    @property
    def shown_name(self) -> str:
        """The full name where there is one."""
        return self.full_name or self.name

    @property
    def initials(self) -> str:
        """Up to two letters that stand for the name."""
        words = self.shown_name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def role_words(self) -> str:
        """The role as people say it."""
        return rules.ROLE_WORDS[self.role]


@dataclass(frozen=True)
class KeyRow:
    """A machine's key; the key itself was shown once and is not kept."""

    pk: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class AuditRow:
    """One thing that was done."""

    at: datetime
    who: str
    what: str
    about: str


def card(person: Person) -> Card:
    """Return a person as a value."""
    role = Role(person.role)
    return Card(
        pk=person.pk,
        name=person.name,
        full_name=person.full_name,
        email=person.email,
        role=role,
        regions=None if person.all_regions else tuple(sorted(person.regions)),
        is_active=person.is_active,
        theme=person.theme,
        shortcuts=person.shortcuts,
        language=person.language,
        last_login=person.last_login,
        acts=rules.allowed(role=role),
    )


def staff() -> list[Card]:
    """Return everybody, those who may sign in first, by name."""
    return [card(person) for person in Person.objects.order_by("-is_active", "name")]


def one(*, pk: int) -> Card | None:
    """Return one member of staff, or None."""
    person = Person.objects.filter(pk=pk).first()
    return None if person is None else card(person)


def keys() -> list[KeyRow]:
    """Return every API key, those in use first, the newest first."""
    return [
        KeyRow(
            pk=row.pk,
            name=row.name,
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
        for row in ApiKey.objects.order_by("revoked_at", "-created_at")
    ]


def audit_total() -> int:
    """Return how many things are on record."""
    return AuditEntry.objects.count()


def audit(*, start: int = 0, limit: int = 50) -> list[AuditRow]:
    """Return things that were done, the latest first."""
    rows = AuditEntry.objects.order_by("-pk")[start : start + limit]
    return [AuditRow(at=row.at, who=row.who, what=row.what, about=row.about) for row in rows]
