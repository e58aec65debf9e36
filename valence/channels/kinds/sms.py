"""Text messages, handed over to a provider in Twilio's wire form (`SMS_URL`); without one each becomes a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from valence.channels import folder, routes
from valence.channels.routes import Route, Server
from valence.channels.values import Handed, Letter, Problem, Why
from valence.customers import rules_evidence

PORTS = {"http": 80, "https": 443}
EXAMPLE = "https://ACCOUNT:TOKEN@api.twilio.com"
VERSION = "2010-04-01"
SECONDS = 20.0
TOO_MANY = 429
OPTED_OUT = frozenset({21610})
NO_SUCH_NUMBER = frozenset({21211, 21212, 21214, 21217, 21219, 21408, 21421, 21601, 21612, 21614})
NOT_US = frozenset({401, 403, 404})
NOT_REACHED = Handed(Problem(Why.NOT_REACHED, lasting=False, about_all=True))


def where(*, route: Route) -> str:
    """Return where messages go, in words without a token. Raises routes.RouteError."""
    return _server(route.url).host if route.url else str(route.home.folder / "sms")


@contextmanager
def opened(*, route: Route) -> Iterator[Callable[[str, Letter], Handed]]:
    """Give a function that hands a message over under its number. Raises routes.RouteError."""
    if not route.url:
        yield lambda number, letter: _written(route, number, letter)
        return
    server = _server(route.url)
    with httpx.Client(timeout=SECONDS, auth=(server.user, server.password), follow_redirects=False) as client:
        yield lambda number, letter: _sent(client, server, route, number, letter)


def token(*, url: str) -> str:
    """Return the token with which the provider signs what it posts to us, "" where none is set. Raises RouteError."""
    return _server(url).password if url else ""


def _server(url: str) -> Server:
    return routes.read(url=url, setting="SMS_URL", ports=PORTS, example=EXAMPLE)


def _written(route: Route, number: str, letter: Letter) -> Handed:
    to = rules_evidence.phone(text=letter.to, country=route.country)
    content = f"To: {to or letter.to}\nFrom: {route.sender}\n\n{letter.text}\n".encode()
    folder.write(home=route.home, kind="sms", number=number, content=content)
    return Handed()


def _sent(client: httpx.Client, server: Server, route: Route, number: str, letter: Letter) -> Handed:
    to = rules_evidence.phone(text=letter.to, country=route.country)
    if not to.startswith("+"):
        return Handed(Problem(Why.BAD_ADDRESS, lasting=True))
    form = {"To": to, "From": route.sender, "Body": letter.text}
    form |= {"StatusCallback": route.callback} if route.callback else {}
    try:
        answer = client.post(_address(server), data=form, headers={"I-Twilio-Idempotency-Token": number})
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return NOT_REACHED
    except httpx.HTTPError:
        return Handed(Problem(Why.BROKEN_OFF, lasting=True))
    return _read(answer)


def _address(server: Server) -> str:
    return f"{server.scheme}://{server.host}:{server.port}/{VERSION}/Accounts/{server.user}/Messages.json"


def _read(answer: httpx.Response) -> Handed:
    said = _json(answer)
    if answer.is_success:
        return Handed(reference=str(said.get("sid", "")))
    code = said.get("code")
    if code in OPTED_OUT:
        return Handed(Problem(Why.OPTED_OUT, lasting=True))
    if code in NO_SUCH_NUMBER:
        return Handed(Problem(Why.ADDRESS_REFUSED, lasting=True))
    if answer.status_code in NOT_US:
        return Handed(Problem(Why.SENDER_REFUSED, lasting=False, about_all=True))
    if answer.status_code == TOO_MANY or answer.is_server_error:
        return Handed(Problem(Why.TRY_LATER, lasting=False, about_all=True))
    return Handed(Problem(Why.MESSAGE_REFUSED, lasting=True))


def _json(answer: httpx.Response) -> dict[str, object]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
