"""Who is signed in on a request: the one place where a web session meets an account."""

from __future__ import annotations

from datetime import datetime

from django.contrib import auth
from django.http import HttpRequest

from valence.people import access, actions, audit, queries
from valence.people.models import Person
from valence.terms import Scope

BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(request: HttpRequest, *, name: str, password: str, now: datetime) -> queries.Card:
    """Sign somebody in on this browser; raises what `actions.sign_in` raises."""
    person = actions.sign_in(name=name, password=password, now=now)
    auth.login(request, person, backend=BACKEND)
    return queries.card(person)


def end(request: HttpRequest, *, now: datetime) -> None:
    """Sign out on this browser; nothing of the session stays."""
    if isinstance(request.user, Person):
        audit.record(who=request.user.name, what="signed out", about="", now=now)
    auth.logout(request)


def signed_in(request: HttpRequest) -> tuple[queries.Card, Scope] | None:
    """Return who is signed in and whose customers they may see, or None. Read anew at every request."""
    person = request.user
    if not isinstance(person, Person):
        return None
    return queries.card(person), access.scope_of(person)


def change_password(request: HttpRequest, *, old: str, new: str, now: datetime) -> None:
    """Change one's own password and stay signed in here; all other sessions end."""
    if not isinstance(request.user, Person):
        raise actions.WrongPasswordError
    person = actions.change_own_password(pk=request.user.pk, old=old, new=new, now=now)
    auth.update_session_auth_hash(request, person)
