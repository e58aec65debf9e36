"""What is sealed for one customer outside their record: it opens as long as they are known, and never after."""

from __future__ import annotations

from valence.customers import sealing, vault
from valence.customers.models import Customer
from valence.customers.queries import UnknownCustomer


def seal(*, customer_key: int, plain: bytes, bound_to: bytes) -> bytes:
    """Return a text sealed with a customer's key. Raises UnknownCustomer for somebody erased, or never met."""
    return sealing.seal_for(row=_known(customer_key), plain=plain, about=bound_to)


def unseal(*, customer_key: int, sealed: bytes, bound_to: bytes) -> bytes:
    """Return what was sealed. Raises UnknownCustomer, vault.Unreadable."""
    row = _known(customer_key)
    key = sealing.keys_of({row.key: row})[row.key]
    return vault.unseal(key=key.plain, sealed=sealed, bound_to=bound_to)


def _known(customer_key: int) -> Customer:
    row = Customer.objects.filter(key=customer_key).exclude(wrapped_key=None).first()
    if row is None:
        raise UnknownCustomer("no such customer")
    return row
