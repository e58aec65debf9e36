"""Passwords of feeds: `${NAME}` from the environment, or sealed with the master key; never in the open."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from valence.customers import vault
from valence.sources.feeds.contract import WrongFeed

SEALED = "sealed:"
SECRET = frozenset({"password", "secret_key"})
_PURPOSE = "feeds"
_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_IN_ADDRESS = re.compile(r"^([\w+.-]+://[^/@:]*):([^@]+)@")


def seal(*, feed: str, plain: str) -> str:
    """Return a secret encrypted, as it may stand in the file of this feed and of no other."""
    sealed = vault.seal(key=settings.HOME.key_for(_PURPOSE), plain=plain.encode(), bound_to=feed.encode())
    return SEALED + base64.urlsafe_b64encode(sealed).decode()


def opened(*, feed: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a feed's file says with its secrets opened. Raises WrongFeed, also for one in the open."""
    refuse_plain(feed=feed, said=said)
    return {name: _opened(feed, name, value) for name, value in said.items()}


def refuse_plain(*, feed: str, said: Mapping[str, Any]) -> None:
    """Raise WrongFeed where a secret stands in the open."""
    for name, value in said.items():
        if isinstance(value, str) and plain_part(name=name, value=value):
            raise WrongFeed(
                f"{name} holds a password in the open. Write ${{NAME}}, the name of an environment variable, or let"
                f" `valence feed seal {feed}` encrypt it."
            )


def plain_part(*, name: str, value: str) -> str:
    """Return the secret that stands in the open in a value, "" where none does."""
    if name in SECRET:
        return "" if not value or value.startswith(SEALED) or _NAMED.fullmatch(value) else value
    found = _IN_ADDRESS.match(value) if name == "url" else None
    return "" if found is None or _NAMED.fullmatch(found[2]) else found[2]


def without_password(*, url: str) -> tuple[str, str]:
    """Return an address without its password, and the password ("" for none or for one from the environment)."""
    found = _IN_ADDRESS.match(url)
    if found is None or _NAMED.fullmatch(found[2]):
        return url, ""
    return f"{found[1]}@{url[found.end() :]}", found[2]


def _opened(feed: str, name: str, value: Any) -> Any:
    if not isinstance(value, str) or name not in {*SECRET, "url", "access_key"}:
        return value
    if value.startswith(SEALED):
        return _unsealed(feed, value)
    return _NAMED.sub(lambda found: _from_environment(found[1]), value)


def _unsealed(feed: str, value: str) -> str:
    try:
        sealed = base64.urlsafe_b64decode(value.removeprefix(SEALED))
        key = settings.HOME.key_for(_PURPOSE)
        return vault.unseal(key=key, sealed=sealed, bound_to=feed.encode()).decode()
    except (binascii.Error, vault.Unreadable, UnicodeDecodeError):
        raise WrongFeed("The sealed password cannot be opened here: it was sealed for another feed or key.") from None


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise WrongFeed(f"The environment variable {name} is not set where the work is done.")
    return os.environ[name]
