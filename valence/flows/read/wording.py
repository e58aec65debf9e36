"""A language model, where one was plugged in: it is asked to word a digest, and only what quotes carry is kept.

Off unless the operator sets an address (any OpenAI-compatible one). It is sent redacted quotes, redacted once more
here, and counts. It never sees who wrote them, and what it writes is shown, never acted on.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from valence.text import digest as digests
from valence.text import encoders, redaction

SECONDS = 60.0
CONNECT_SECONDS = 5.0
MOST_BYTES = 1_000_000
MOST_TOKENS = 900


class CannotWord(Exception):  # noqa: N818  said to people as it is
    """The model said nothing that can be used. Says why; the digest itself stands without it."""


@dataclass(frozen=True)
class Model:
    """Where a language model is asked: the address up to and with `/v1`, its name, and a key or ""."""

    url: str
    name: str
    key: str = ""


def plugged_in() -> Model | None:
    """Return the model that the settings name, None where none is (the default)."""
    if not settings.LLM_URL:
        return None
    return Model(url=settings.LLM_URL.rstrip("/"), name=settings.LLM_MODEL, key=settings.LLM_KEY)


def worded(
    *,
    digest: digests.Digest,
    about: str,
    model: Model,
    encoder: encoders.Encoder | None = None,
    language: str = "English",
) -> digests.Told:
    """Return a digest in a model's words, each sentence tied to quotes; the rest is dropped and counted.

    encoder: sentences must also be near in meaning to their quotes. Raises CannotWord.
    """
    safe = _redacted(digest)
    messages = digests.prompt(digest=safe, about=redaction.clean_line(about), language=language)
    answer = _asked(model=model, messages=messages)
    return digests.tied(answer=answer, digest=digest, encode=encoder.encode if encoder else None)


def _redacted(digest: digests.Digest) -> digests.Digest:
    """Return the digest with quotes redacted again: what is stored was redacted by an older version, perhaps."""
    clean = {one.id: replace(one, text=redaction.clean(one.text)) for one in digest.quoted()}
    groups = tuple(replace(group, quotes=tuple(clean[one.id] for one in group.quotes)) for group in digest.groups)
    return replace(digest, groups=groups, quotes=tuple(clean[one.id] for one in digest.quotes))


def _asked(*, model: Model, messages: Sequence[Mapping[str, str]]) -> str:
    """Return what the model answers. Raises CannotWord."""
    _examined(model.url)
    body = {"model": model.name, "messages": list(messages), "temperature": 0, "max_tokens": MOST_TOKENS}
    headers = {"authorization": f"Bearer {model.key}"} if model.key else {}
    timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", f"{model.url}/chat/completions", json=body, headers=headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise CannotWord(f"The language model answered with status {answer.status_code}.")
            return _content(_read(answer))
    except httpx.TimeoutException:
        raise CannotWord("The language model did not answer in time.") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
        raise CannotWord(f"The language model could not be reached ({type(problem).__name__}).") from None


def _read(answer: httpx.Response) -> bytes:
    """Read an answer, at most so many bytes and seconds of it, however slowly it drips."""
    until = time.monotonic() + SECONDS
    read = bytearray()
    for part in answer.iter_bytes():
        read += part
        if len(read) > MOST_BYTES or time.monotonic() > until:
            raise CannotWord("The language model's answer is too long, or too slow.")
    return bytes(read)


def _content(body: bytes) -> str:
    try:
        said: Any = json.loads(body)
        content = said["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise CannotWord("The language model's answer is not in the form that was asked for.") from None
    if not isinstance(content, str):
        raise CannotWord("The language model answered without words.")
    return content


def _examined(url: str) -> None:
    """Raise CannotWord unless an address is one to send words of customers to: TLS, or a machine inside the house."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise CannotWord("VALENCE_LLM_URL is not an address.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise CannotWord("VALENCE_LLM_URL must look like https://host/v1, without a user.")
    if parts.scheme == "http" and not _is_inside(parts.hostname, port):
        raise CannotWord("VALENCE_LLM_URL must begin with https:// unless the model runs inside the house.")


def _is_inside(host: str, port: int) -> bool:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotWord("The language model could not be reached (its name is not known).") from None
    return all(ipaddress.ip_address(str(one[4][0]).partition("%")[0]).is_private for one in found)
