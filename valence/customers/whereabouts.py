"""Where customers are served, for what watches over all places: no person looks at it, so it takes no scope."""

from __future__ import annotations

from collections.abc import Sequence

from valence.customers.models import Customer


def places() -> dict[int, str]:
    """Return the place (`location_id`) of every customer who has one, by key."""
    found = Customer.objects.filter(wrapped_key__isnull=False).exclude(location_id="")
    return dict(found.values_list("key", "location_id"))


def places_of(*, keys: Sequence[int]) -> dict[int, str]:
    """Return the place of some customers, of those who have one, by key: at the cost of those alone."""
    found = Customer.objects.filter(wrapped_key__isnull=False, key__in=list(keys)).exclude(location_id="")
    return dict(found.values_list("key", "location_id"))
