"""What a message says while it waits: encrypted, for a customer with their own key, for staff with the home's."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from django.conf import settings

from valence.customers import envelopes, vault

_PURPOSE = "outgoing"
_TO = "_to"
_DECODER = msgspec.json.Decoder(dict[str, str])


def seal(*, number: str, customer_key: int | None, to: str, content: Mapping[str, str]) -> bytes:
    """Return content encrypted, bound to its message. Raises customers.queries.UnknownCustomer."""
    plain = msgspec.json.encode({**content, **({_TO: to} if to else {})})
    if customer_key is not None:
        return envelopes.seal(customer_key=customer_key, plain=plain, bound_to=number.encode())
    return vault.seal(key=settings.HOME.key_for(_PURPOSE), plain=plain, bound_to=number.encode())


def unseal(*, number: str, customer_key: int | None, sealed: bytes) -> tuple[str, Mapping[str, str]]:
    """Return the address of staff ("" for a customer) and the content.

    Raises customers.queries.UnknownCustomer where the customer was erased, vault.Unreadable.
    """
    if customer_key is not None:
        plain = envelopes.unseal(customer_key=customer_key, sealed=sealed, bound_to=number.encode())
    else:
        plain = vault.unseal(key=settings.HOME.key_for(_PURPOSE), sealed=sealed, bound_to=number.encode())
    content = _DECODER.decode(plain)
    return content.pop(_TO, ""), content
