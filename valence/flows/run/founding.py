"""Setting an installation up: whose it is, and who looks after it first. Again, it changes only what it is told to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from valence import home as homes
from valence import organisation, packs
from valence.customers import actions as customers
from valence.flows.run import machine
from valence.home import Home
from valence.organisation import Organisation
from valence.people import actions, audit, queries
from valence.terms import Role

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 4, 5


class CannotFound(ValueError):  # noqa: N818  named as people say it
    """Something that was told cannot be used; nothing was changed. The text says what."""


@dataclass(frozen=True)
class Told:
    """What is told: values of the organisation to change, and the first administrator. An empty password: make one."""

    organisation: Mapping[str, object]
    user: str = "admin"
    password: str = ""


@dataclass(frozen=True)
class Founded:
    """How things are now. `user` and `password` are empty where an account was there or the password was told."""

    organisation: Organisation
    changed: tuple[str, ...]
    user: str
    password: str
    key: str
    findings: tuple[machine.Finding, ...]


def is_staffed() -> bool:
    """Say whether there is an account already."""
    return bool(queries.staff())


def run(*, home: Home, told: Told, by: str, port: int, now: datetime) -> Founded:
    """Set up what is not set up yet, and change what is told. Raises CannotFound before anything was changed."""
    kept = organisation.stored(folder=home.folder)
    wanted = _wanted(kept, told.organisation)
    user, password = "", ""
    if not is_staffed():
        user, password = told.user, told.password or _password()
        _check(told, password)
        _make_administrator(user, password, by=by, now=now)
    changed = tuple(one.name for one in fields(kept) if getattr(kept, one.name) != getattr(wanted, one.name))
    if changed or not organisation.is_stored(folder=home.folder):
        organisation.write(folder=home.folder, organisation=wanted)
    if changed:
        audit.record(who=by, what="organisation changed", about=", ".join(changed), now=now)
    customers.enter_tombstones()
    return Founded(
        organisation=organisation.of(folder=home.folder),
        changed=changed,
        user=user,
        password="" if told.password else password,
        key=str(homes.key_file(folder=home.folder) or "the environment variable VALENCE_KEY"),
        findings=(*machine.examine(home=home, now=now), machine.port(host="127.0.0.1", number=port)),
    )


def change(*, home: Home, told: Mapping[str, object], by: str, now: datetime) -> Organisation:
    """Change the organisation, as the page Settings does. Raises CannotFound."""
    kept = organisation.stored(folder=home.folder)
    wanted = _wanted(kept, told)
    changed = [one.name for one in fields(kept) if getattr(kept, one.name) != getattr(wanted, one.name)]
    organisation.write(folder=home.folder, organisation=wanted)
    if changed:
        audit.record(who=by, what="organisation changed", about=", ".join(changed), now=now)
    return wanted


def _wanted(kept: Organisation, told: Mapping[str, object]) -> Organisation:
    try:
        wanted = organisation.checked(replace(kept, **told))  # type: ignore[arg-type]
    except organisation.NotUsable as problem:
        raise CannotFound(str(problem)) from None
    if wanted.pack not in packs.names():
        raise CannotFound(f"There is no pack named {wanted.pack}; there are: {', '.join(packs.names())}.")
    return wanted


def _check(told: Told, password: str) -> None:
    if not told.user.strip():
        raise CannotFound("Give the administrator a name.")
    try:
        actions.check_password(password=password, name=told.user.strip())
    except actions.RefusedError as refused:
        raise CannotFound(str(refused)) from None


def _make_administrator(user: str, password: str, *, by: str, now: datetime) -> None:
    try:
        actions.create_person(name=user, password=password, role=Role.ADMINISTRATOR, by=by, now=now)
    except actions.RefusedError as refused:
        raise CannotFound(str(refused)) from None


def _password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
