"""Where messages go, as the environment says it: a server with who we are there, or nothing (then: a folder). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from valence.home import Home


class RouteError(ValueError):
    """A setting that names no server. The text says which, and how it is written; never what stands in it."""


@dataclass(frozen=True)
class Server:
    """A server: how it is spoken to (`scheme`), where it is, who we are there. `options`: what stands after the ?."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    options: frozenset[str]


@dataclass(frozen=True)
class Route:
    """What a kind is told: its server's address as set ("": none), who sends, where files go otherwise.

    sender: an e-mail address or a phone number. name: what the organisation is called. country: see VALENCE_COUNTRY.
    """

    url: str
    sender: str
    name: str
    home: Home
    country: str = ""
    callback: str = ""


def read(*, url: str, setting: str, ports: dict[str, int], example: str) -> Server:
    """Return the server that an address names. Raises RouteError."""
    wrong = RouteError(f"{setting} names no server: write it like {example}.")
    try:
        parts = urlsplit(url)
        port = parts.port or ports[parts.scheme]
    except (ValueError, KeyError):
        raise wrong from None
    if not parts.hostname:
        raise wrong
    return Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=frozenset(parse_qs(parts.query, keep_blank_values=True)),
    )
