"""Several windows on one thing: what somebody changed since a form was opened is never written over unseen."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping

import msgspec
from django.utils.html import format_html
from django.utils.safestring import SafeString

FIELD = "opened_with"
WORDS = (
    "This was changed after you opened it, here in another window or by somebody else. Nothing of yours is kept yet; "
    "what you wrote is still below. Look in a second window how it stands now; saving again keeps yours."
)


class ChangedSince(Exception):  # noqa: N818 - a state of the thing, not a bug
    """What a form would write over is not what it was opened with. Nothing was written."""

    def __init__(self) -> None:
        super().__init__(WORDS)


def mark(*stored: object) -> str:
    """Return a mark of what a form was filled from: values, and what holds them. It is the same in every process."""
    return hashlib.blake2b(repr(_plain(stored)).encode(), digest_size=9).hexdigest()


def hold(form: Mapping[str, str], *stored: object) -> None:
    """Go on only where what is stored is still what the form was opened with. Raises ChangedSince.

    A form without a mark was written by a program that says all it means.
    """
    if form.get(FIELD, "") not in ("", mark(*stored)):
        raise ChangedSince


def field(value: str) -> SafeString:
    """Return the hidden field that carries a mark."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, value)


def _plain(value: object) -> object:
    """Return what is in a value, in an order of its own: that of a set is another one in every process."""
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.structs.asdict(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, one.name)) for one in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return [(name, _plain(value[name])) for name in sorted(value, key=repr)]
    if isinstance(value, (set, frozenset)):
        return sorted(repr(each) for each in value)
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else repr(value)
