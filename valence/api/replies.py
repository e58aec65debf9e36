"""What the API answers: a status, JSON, and for errors a code that does not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import msgspec


class Error(Enum):
    """Every error of the API: status and the words that go with its code."""

    BAD_JSON = (400, "The body is not JSON.")
    NO_KEY = (401, "Send an API key: `Authorization: Bearer KEY`.")
    BAD_KEY = (401, "This API key is not known, or it was closed.")
    NOT_ALLOWED = (403, "This API key may not do that.")
    NOT_FOUND = (404, "There is nothing here.")
    BAD_METHOD = (405, "This address does not know this method.")
    NOT_ASKED = (409, "This customer is not asked; the detail says why.")
    TOO_LARGE = (413, "The body is larger than 5 MB.")
    TOO_MANY = (413, "A batch holds at most 500 items.")
    BAD_TYPE = (415, "Send application/json or application/x-ndjson, in UTF-8 and not compressed.")
    EMPTY = (422, "There is no item in the body.")
    NOT_AN_OBJECT = (422, "An item is a JSON object.")
    INVALID = (422, "A value in the address or the body cannot be taken.")
    TOO_FAST = (429, "This API key sends too fast.")
    FAILED = (500, "Something unexpected failed.")
    BUSY = (503, "Too much waits to be stored. Try again.")
    CANNOT_STORE = (503, "Nothing can be stored at the moment. Nothing of this was taken. Try again.")

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.value[0])

    @property
    def code(self) -> str:
        """The code that does not change."""
        return self.name.lower()

    @property
    def words(self) -> str:
        """What it means, for people."""
        return str(self.value[1])


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 - becomes an answer, not a failure
    """The request cannot be taken; `reply` says why."""

    def __init__(self, error: Error, *, retry_after: int = 0, detail: str = "") -> None:
        super().__init__(error.code)
        self.reply = error_reply(error, retry_after=retry_after, detail=detail)


def json_reply(status: int, answer: Any) -> Reply:
    """Return an answer as JSON."""
    return Reply(status=status, body=msgspec.json.encode(answer))


def error_reply(error: Error, *, retry_after: int = 0, detail: str = "") -> Reply:
    """Return an error as JSON: `{"error": CODE, "message": WORDS}`, and `detail` where there is one."""
    answer = {"error": error.code, "message": error.words} | ({"detail": detail} if detail else {})
    headers = {"retry-after": str(retry_after)} if retry_after else {}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Reply(status=error.status, body=msgspec.json.encode(answer), headers=headers)
