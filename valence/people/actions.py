"""Writes of the staff: make, change, sign in, change a password. Each is on record."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import hashers, password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from valence.people import audit, rules
from valence.people.models import Person, SignInFailure
from valence.terms import Role


class TooManyTriesError(Exception):
    """A name was tried with wrong passwords too often. `until` says from when it may be tried again."""

    def __init__(self, *, until: datetime) -> None:
        super().__init__(f"wait until {until.isoformat()}")
        self.until = until


class WrongPasswordError(Exception):
    """The name and password do not belong together, or the account is closed. Which of these is not said."""


class RefusedError(ValueError):
    """A change to an account that cannot be made. The text says why, to the person who asked for it."""


def create_person(
    *,
    name: str,
    password: str,
    role: Role,
    by: str,
    now: datetime,
    full_name: str = "",
    email: str = "",
    regions: frozenset[str] | None = None,
) -> int:
    """Make an account and return its number. Raises RefusedError for a taken name or a weak password."""
    wanted = name.strip()
    if not wanted:
        raise RefusedError("Give the account a name.")
    check_password(password=password, name=wanted)
    person = Person(name=wanted, full_name=full_name.strip(), email=email.strip(), role=role.value)
    _limit(person, regions)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
            audit.record(who=by, what="account made", about=f"{wanted}: {_said(person)}", now=now)
    except IntegrityError:
        raise RefusedError(f"There is already an account named {wanted}.") from None
    return int(person.pk)


@transaction.atomic
def put_administrator(*, name: str, password: str, by: str, now: datetime) -> int:
    """Make an administrator, or open that account again with a new password, and return its number."""
    known = Person.objects.filter(name=name).first()
    if known is None:
        return create_person(name=name, password=password, role=Role.ADMINISTRATOR, by=by, now=now)
    known.role, known.is_active, known.all_regions = Role.ADMINISTRATOR, True, True
    known.save()
    set_password(pk=known.pk, password=password, by=by, now=now)
    return int(known.pk)


@transaction.atomic
def change_person(
    *,
    pk: int,
    role: Role,
    regions: frozenset[str] | None,
    full_name: str,
    email: str,
    active: bool,
    by: str,
    now: datetime,
) -> None:
    """Change what somebody may see and do. Whoever was signed in under it sees the change at the next page."""
    person = Person.objects.select_for_update().get(pk=pk)
    others = Person.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=pk).count()
    if rules.is_last_administrator(role=role, active=active, other_administrators=others):
        raise RefusedError("Somebody has to stay administrator: name another one first.")
    person.role, person.full_name, person.email, person.is_active = role.value, full_name.strip(), email.strip(), active
    _limit(person, regions)
    person.save()
    state = "" if active else ", closed"
    audit.record(who=by, what="account changed", about=f"{person.name}: {_said(person)}{state}", now=now)


@transaction.atomic
def set_password(*, pk: int, password: str, by: str, now: datetime) -> None:
    """Give somebody a new password; all their other sessions end."""
    person = Person.objects.select_for_update().get(pk=pk)
    check_password(password=password, name=person.name)
    person.set_password(password)
    person.save(update_fields=["password"])
    SignInFailure.objects.filter(name=person.name).delete()
    audit.record(who=by, what="password changed", about=person.name, now=now)


def change_own_password(*, pk: int, old: str, new: str, now: datetime) -> Person:
    """Change one's own password after the old one was given, and return the person for the new session."""
    person = Person.objects.get(pk=pk)
    if not person.check_password(old):
        raise WrongPasswordError
    set_password(pk=pk, password=new, by=person.name, now=now)
    person.refresh_from_db()
    return person


def set_theme(*, pk: int, theme: str) -> None:
    """Keep how somebody wants the pages: "light", "dark", or "" as their system."""
    Person.objects.filter(pk=pk).update(theme=theme if theme in {"light", "dark"} else "")


def set_language(*, pk: int, language: str) -> None:
    """Keep the language in which mails reach somebody: a tag such as "de", or "" for English."""
    Person.objects.filter(pk=pk).update(language=language[:10])


def set_shortcuts(*, pk: int, on: bool) -> None:
    """Keep whether single keys are shortcuts for somebody."""
    Person.objects.filter(pk=pk).update(shortcuts=on)


def sign_in(*, name: str, password: str, now: datetime) -> Person:
    """Return the person whose name and password these are.

    1. A name that was tried too often waits, whoever asks; the wait is told.
    2. The password is always hashed once, also for a name that does not exist, so that time tells nothing.
    3. A wrong try is counted under the name as it was typed; a right one forgets the count.
    """
    typed = name.strip()[:150]
    _wait_for_turn(name=typed, now=now)
    person = Person.objects.filter(name=typed).first()
    if person is None:
        hashers.make_password(password)
    if person is None or not person.check_password(password) or not person.is_active:
        _count_failure(name=typed, now=now)
        raise WrongPasswordError
    SignInFailure.objects.filter(name=typed).delete()
    audit.record(who=person.name, what="signed in", about="", now=now)
    return person


def check_password(*, password: str, name: str) -> None:
    """Refuse a password that is too short, common, or the account's own name."""
    try:
        password_validation.validate_password(password)
    except ValidationError as problem:
        raise RefusedError(" ".join(problem.messages)) from None
    if name.lower() in password.lower():
        raise RefusedError("The password must not hold the account's name.")


def _wait_for_turn(*, name: str, now: datetime) -> None:
    row = SignInFailure.objects.filter(name=name).first()
    if row is None or rules.is_forgotten(last_failed_at=row.last_failed_at, now=now):
        return
    until = rules.next_try_at(failures=row.failures, last_failed_at=row.last_failed_at)
    if now < until:
        raise TooManyTriesError(until=until)


@transaction.atomic
def _count_failure(*, name: str, now: datetime) -> None:
    row, _ = SignInFailure.objects.select_for_update().get_or_create(
        name=name, defaults={"failures": 0, "last_failed_at": now}
    )
    forgotten = rules.is_forgotten(last_failed_at=row.last_failed_at, now=now)
    row.failures = 1 if forgotten else row.failures + 1
    row.last_failed_at = now
    row.save()


def _limit(person: Person, regions: frozenset[str] | None) -> None:
    person.all_regions = regions is None
    person.regions = sorted(regions or ())


def _said(person: Person) -> str:
    where = "all regions" if person.all_regions else ", ".join(person.regions) or "no region"
    return f"{rules.ROLE_WORDS[Role(person.role)]}, {where}"
