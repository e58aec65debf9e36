"""The only way from a person to what they may see and do."""

from __future__ import annotations

from valence.people import rules
from valence.people.models import Person
from valence.terms import Role, Scope


class NotYoursError(LookupError):
    """There is no such row, or the person may not see it. Both look alike from outside."""


class NotAllowedError(PermissionError):
    """The person's role does not allow this act."""


def scope_of(person: Person) -> Scope:
    """Return whose customers a person may see."""
    regions = None if person.all_regions else frozenset(person.regions)
    return Scope(role=Role(person.role), regions=regions)


def may(person: Person, act: rules.Act) -> bool:
    """Say whether a person may do something."""
    return person.is_active and act in rules.allowed(role=Role(person.role))
