"""Where a receiver may be: looked up once, refused inside the house, and connected to just where it was looked up.

A name that is looked up again at connecting may lead elsewhere the second time: so the request goes to the address that
was examined, with the name only in TLS and the Host header. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx

from valence.alerts.channels.event import Request, WrongReceiver

LONGEST_URL = 2_000
SECONDS = 15.0
CONNECT_SECONDS = 5.0
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CannotReach(Exception):  # noqa: N818  named as people say it
    """The receiver could not be told. `lasting`: it will not help to try again."""

    def __init__(self, why: str, *, lasting: bool = False) -> None:
        super().__init__(why)
        self.lasting = lasting


@dataclass(frozen=True)
class Place:
    """Where a request goes: the address that was examined, and the name it was asked for."""

    url: str
    host: str
    authority: str


def parse(*, url: str, allowed: Collection[str] = ()) -> SplitResult:
    """Return the parts of an address that could be a receiver. Raises WrongReceiver.

    https only, but for hosts that are allowed by name; no user, no fragment, a name or a plain address.
    """
    if len(url) > LONGEST_URL or any(letter.isspace() or ord(letter) < 33 for letter in url):
        raise WrongReceiver("This is no address: it has spaces in it, or is too long.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongReceiver("This is no address.") from None
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and host in allowed):
        raise WrongReceiver("Write an address that begins with https://.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        raise WrongReceiver("Write an address with a host name, without a user or a #.")
    return parts


def examined(*, url: str, allowed: Collection[str] = ()) -> Place:
    """Look an address up and return where to connect. Raises WrongReceiver, CannotReach.

    Every address that the name has must lie outside: private, loopback, link-local, shared, reserved and multicast
    ones are refused, also written as IPv6, unless the host is allowed by name.
    """
    parts = parse(url=url, allowed=allowed)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = _looked_up(host, port)
    if host not in allowed and not all(is_outside(address=one) for one in found):
        raise WrongReceiver("This address leads inside: only receivers on the internet may be told.")
    first = found[0]
    literal = f"[{first}]" if first.version == 6 else str(first)
    authority = parts.netloc.rpartition("@")[2]
    target = urlunsplit((parts.scheme, f"{literal}:{port}", parts.path or "/", parts.query, ""))
    return Place(url=target, host=host, authority=authority)


def is_outside(*, address: Address) -> bool:
    """Say whether an address lies on the internet, whatever it is wrapped in."""
    inner = _unwrapped(address)
    if inner is not None:
        return is_outside(address=inner)
    inside = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    site = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not inside and not site


def _unwrapped(address: Address) -> Address | None:
    """Return the IPv4 address inside an IPv6 one: mapped, 6to4, Teredo, NAT64."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in ipaddress.IPv6Network("64:ff9b::/96") or address in ipaddress.IPv6Network("::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _looked_up(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotReach("its name is not known") from None
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def post(*, request: Request, allowed: Collection[str] = ()) -> int:
    """Send a request and return the status of the answer. Raises WrongReceiver, CannotReach.

    The whole takes at most 15 seconds, however slowly it is answered; the body of the answer is never read.
    """
    place = examined(url=request.url, allowed=allowed)
    try:
        with ThreadPoolExecutor(max_workers=1) as apart:  # whoever calls may have a loop of its own
            return apart.submit(asyncio.run, asyncio.wait_for(_posted(place, request), SECONDS)).result()
    except (TimeoutError, httpx.TimeoutException):
        raise CannotReach("it did not answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
        raise CannotReach(f"it could not be reached ({type(problem).__name__})") from None


async def _posted(place: Place, request: Request) -> int:
    headers = {**request.headers, "host": place.authority, "user-agent": "Valence"}
    timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False) as client:
        built = client.build_request(
            "POST", place.url, content=request.body, headers=headers, extensions={"sni_hostname": place.host}
        )
        answer = await client.send(built, stream=True)
        await answer.aclose()
        return answer.status_code
