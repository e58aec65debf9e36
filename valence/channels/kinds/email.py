"""E-mail, handed over to a mail server by SMTP (`EMAIL_URL`); without one each mail becomes a file."""

from __future__ import annotations

import base64
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.mime.image import MIMEImage
from email.utils import formataddr
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from valence.channels import folder, routes
from valence.channels.routes import Route, Server
from valence.channels.values import Handed, Letter, Problem, Why

PORTS = {"smtp": 25, "smtps": 465}
EXAMPLE = "smtp://name:password@mail.example.org:587?starttls"
SECONDS = 20
LASTING = 500
NO_SUCH_ADDRESS = frozenset({501, 510, 511, 513, 525, 550, 551, 553, 556})
"""Answers to a recipient (RFC 5321, 4.2.3; RFC 7504) that speak of the address, not of this mail."""

NOT_REACHED = Handed(Problem(Why.NOT_REACHED, lasting=False, about_all=True))


class _Smtp(smtplib.SMTP):
    """An SMTP client that knows whether a mail may have left when the line breaks."""

    may_have_left = False

    def data(self, msg: Any) -> Any:
        """Hand over what a mail says."""
        self.may_have_left = True
        answer = super().data(msg)
        self.may_have_left = False
        return answer


class _SmtpOverTls(_Smtp, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class _WithLogo(EmailMultiAlternatives):
    mixed_subtype = "related"


class _Backend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return the client to use."""
        return _SmtpOverTls if self.use_ssl else _Smtp


def where(*, route: Route) -> str:
    """Return where mails go, in words without a password. Raises routes.RouteError."""
    if not route.url:
        return str(route.home.folder / "mail")
    server = _server(route.url)
    return f"{server.host}:{server.port}"


@contextmanager
def opened(*, route: Route) -> Iterator[Callable[[str, Letter], Handed]]:
    """Give a function that hands a mail over under its number. Raises routes.RouteError."""
    if not route.url:
        yield lambda number, letter: _written(route, number, letter)
        return
    backend = _backend(_server(route.url))
    try:
        yield lambda number, letter: _sent(backend, route, number, letter)
    finally:
        with suppress(Exception):
            backend.close()


def mail(*, route: Route, number: str, letter: Letter) -> EmailMultiAlternatives:
    """Return a mail as it leaves. Its Message-ID follows from its number, so that it is the same in every try."""
    domain = route.sender.rpartition("@")[2]
    made = (_WithLogo if letter.logo else EmailMultiAlternatives)(
        subject=" ".join(letter.subject.split()),
        body=letter.text,
        from_email=formataddr((" ".join(route.name.split()), route.sender)),
        to=[letter.to],
        headers={
            "Message-ID": f"<{number}@{domain}>",
            "Auto-Submitted": "auto-generated",
            **({"Content-Language": letter.language} if letter.language else {}),
            **letter.headers,
        },
    )
    if letter.html:
        made.attach_alternative(letter.html, "text/html")
    if letter.logo:
        made.attach(_logo(letter.logo))
    return made


def _logo(address: str) -> MIMEImage:
    kind, _, data = address.removeprefix("data:image/").partition(";base64,")
    image = MIMEImage(base64.b64decode(data), _subtype=kind)
    image.add_header("Content-ID", "<logo>")
    image.add_header("Content-Disposition", "inline")
    return image


def _server(url: str) -> Server:
    return routes.read(url=url, setting="EMAIL_URL", ports=PORTS, example=EXAMPLE)


def _backend(server: Server) -> _Backend:
    return _Backend(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls="starttls" in server.options,
        use_ssl=server.scheme == "smtps",
        timeout=SECONDS,
        fail_silently=False,
    )


def _written(route: Route, number: str, letter: Letter) -> Handed:
    made: Any = mail(route=route, number=number, letter=letter).message()
    content = made.as_bytes(linesep="\r\n")
    folder.write(home=route.home, kind="email", number=number, content=content)
    return Handed()


def _sent(backend: _Backend, route: Route, number: str, letter: Letter) -> Handed:
    try:
        backend.open()
    except (OSError, smtplib.SMTPException):
        backend.connection = None
        return NOT_REACHED
    connection: Any = backend.connection
    try:
        backend.send_messages([mail(route=route, number=number, letter=letter)])
    except smtplib.SMTPResponseException as problem:
        return Handed(_answered(problem))
    except smtplib.SMTPRecipientsRefused as problem:
        return Handed(_recipient(next(iter(problem.recipients.values()))[0]))
    except (OSError, smtplib.SMTPException):
        backend.connection = None
        if connection.may_have_left:
            return Handed(Problem(Why.BROKEN_OFF, lasting=True))
        return NOT_REACHED
    return Handed()


def _recipient(code: int) -> Problem:
    if code < LASTING:
        return Problem(Why.TRY_LATER, lasting=False)
    return Problem(Why.ADDRESS_REFUSED if code in NO_SUCH_ADDRESS else Why.MESSAGE_REFUSED, lasting=True)


def _answered(problem: smtplib.SMTPResponseException) -> Problem:
    """Return what an answer to the sender, or to what the mail says, means."""
    if problem.smtp_code < LASTING:
        return Problem(Why.TRY_LATER, lasting=False, about_all=problem.smtp_code == 421)
    if isinstance(problem, smtplib.SMTPSenderRefused):
        return Problem(Why.SENDER_REFUSED, lasting=False, about_all=True)
    return Problem(Why.MESSAGE_REFUSED, lasting=True)
