"""Answers that are not sent yet, as they lie in the database: encrypted, bound to their invitation."""

from __future__ import annotations

import msgspec
from django.conf import settings

from valence.customers import vault
from valence.surveys.answer import Answer, Answers

_PURPOSE = "answers"


def seal(*, number: str, answers: Answers) -> bytes:
    """Return answers encrypted."""
    plain = msgspec.json.encode(dict(answers), order="sorted")
    return vault.seal(key=settings.HOME.key_for(_PURPOSE), plain=plain, bound_to=number.encode())


def unseal(*, number: str, sealed: bytes | memoryview) -> dict[str, Answer]:
    """Return answers as they were given. Raises vault.Unreadable."""
    plain = vault.unseal(key=settings.HOME.key_for(_PURPOSE), sealed=bytes(sealed), bound_to=number.encode())
    said: dict[str, int | str | list[str] | dict[str, str]] = msgspec.json.decode(plain)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
