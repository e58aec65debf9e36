"""Proofs that travel with addresses and requests: of a provider, of a stop link, of who is signed in. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit, urlunsplit

from valence.home import Home

LETTERS = 22


def of_request(*, token: str, address: str, form: Mapping[str, Iterable[str]]) -> str:
    """Return the signature that Twilio's wire form puts on a request: HMAC-SHA1 over address and sorted fields."""
    said = address + "".join(f"{name}{value}" for name in sorted(form) for value in sorted(set(form[name])))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


def is_signed(*, token: str, address: str, form: Mapping[str, Iterable[str]], signature: str) -> bool:
    """Say whether a request is signed with the token; with and without the port, since proxies put it in or out."""
    written = {name: list(values) for name, values in form.items()}
    good = [of_request(token=token, address=one, form=written) for one in _ways(address)]
    return bool(token) and any(hmac.compare_digest(signature.encode(), one.encode()) for one in good)


def _ways(address: str) -> tuple[str, ...]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 443)
    hosts = dict.fromkeys((parts.netloc, host, f"{host}:{port}"))
    return tuple(urlunsplit(parts._replace(netloc=one)) for one in hosts)


def stop_token(*, home: Home, number: str) -> str:
    """Return what a stop link of a message ends with: it stops such messages, and opens nothing."""
    return f"{number}.{_mac(home, 'stop', number)}"


def stopped_number(*, home: Home, token: str) -> str | None:
    """Return the number of the message that a stop link names, None where the link is not ours."""
    number, _, _ = token.partition(".")
    good = stop_token(home=home, number=number)
    return number if hmac.compare_digest(token.encode(), good.encode()) else None


def site_secret(*, home: Home, site: str) -> str:
    """Return the secret with which a company's server says to the widget who is signed in."""
    return home.secret(f"site {site}")


def proof(*, secret: str, customer_id: str) -> str:
    """Return the proof that a company's server gives for a customer: HMAC-SHA256, hexadecimal."""
    return hmac.new(secret.encode(), customer_id.encode(), hashlib.sha256).hexdigest()


def is_proven(*, secret: str, customer_id: str, given: str) -> bool:
    """Say whether a proof was given by the company's server."""
    return hmac.compare_digest(proof(secret=secret, customer_id=customer_id).encode(), given.encode())


def _mac(home: Home, purpose: str, said: str) -> str:
    digest = hmac.new(home.key_for(purpose), said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:LETTERS]
